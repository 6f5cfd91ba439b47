//! cloudbuild.yaml: which image is built, from which Dockerfile, and that it is pushed.

use super::syntax::Unreadable;
use super::syntax::yaml::{self, Node};
use super::{Facts, Subject};

/// Options of `docker build` that others are to agree with.
const OPTIONS: &[(&str, &str)] = &[("--file", "dockerfile"), ("--platform", "--platform"), ("--tag", "--tag")];

pub(super) fn read<'t>(text: &'t str, facts: &mut Facts<'t>) -> Result<(), Unreadable> {
    let root = yaml::read(text)?;
    for step in root.at(&["steps"]).map(Node::items).unwrap_or_default() {
        for pair in step.at(&["args"]).map(Node::items).unwrap_or_default().windows(2) {
            let [option, value] = pair else { continue };
            let (Some(name), Some(said)) = (option.text(), value.text()) else { continue };
            if let Some((_, key)) = OPTIONS.iter().find(|(known, _)| *known == &**name) {
                let statement = option.span.start..value.span.end;
                facts.add(Subject::Setting, *key, said.clone(), value.span.clone(), statement);
            }
        }
        for variable in step.at(&["env"]).map(Node::items).unwrap_or_default() {
            if let Some((name, value)) = variable.text().and_then(|text| text.split_once('=')) {
                let span = variable.span.clone();
                facts.add(Subject::Setting, name.to_owned(), value.to_owned(), span.clone(), span);
            }
        }
    }
    for image in root.at(&["images"]).map(Node::items).unwrap_or_default() {
        if let Some(said) = image.text() {
            facts.add(Subject::Setting, "image", said.clone(), image.span.clone(), image.span.clone());
        }
    }
    Ok(())
}
