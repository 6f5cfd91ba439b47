//! deploy.sh: what is deployed, where, and from which files.

use std::ops::Range;

use super::syntax::shell::{self, assignment};
use super::syntax::{Unreadable, Word};
use super::{Facts, Subject};

/// Assignments that others are to agree with.
const ASSIGNED: &[(&str, Subject)] = &[
    ("alternative_of", Subject::Setting),
    ("dockerfile", Subject::Setting),
    ("environment", Subject::Setting),
    ("environment_file", Subject::Setting),
    ("folder", Subject::Setting),
    ("image", Subject::Setting),
    ("project", Subject::Project),
    ("region", Subject::Region),
    ("repository", Subject::Setting),
    ("service", Subject::Service),
    ("stage", Subject::Setting),
    ("url_map", Subject::Setting),
    ("variant", Subject::Setting),
];

pub(super) fn read<'t>(text: &'t str, facts: &mut Facts<'t>) -> Result<(), Unreadable> {
    let commands = shell::read(text)?;
    let words: Vec<_> = commands.iter().flatten().collect();
    for command in commands.iter().filter(|command| command.first().is_some_and(|word| word.text == "readonly")) {
        for word in &command[1..] {
            let Some((name, value, at)) = assignment(word) else { continue };
            if let Some((name, subject)) = ASSIGNED.iter().find(|(assigned, _)| *assigned == name) {
                facts.add(*subject, *name, value.to_owned(), at, word.span.clone());
            } else if name == "hosts" {
                for host in listed(text, &words, word.span.end) {
                    facts.add(Subject::Host, host.text.clone(), "", host.span.clone(), host.span.clone());
                }
            }
        }
    }
    Ok(())
}

/// The words of the list in brackets that begins here.
fn listed<'w>(text: &str, words: &[&'w Word], start: usize) -> Vec<&'w Word> {
    let length = if text[start..].starts_with('(') { text[start..].find(')') } else { None };
    let within: Range<usize> = start..start + length.unwrap_or_default();
    words.iter().filter(|word| within.contains(&word.span.start)).copied().collect()
}
