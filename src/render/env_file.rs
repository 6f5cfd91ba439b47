//! portal.env and api.env: the variables of the two services in the dialect of `docker run --env-file`.
//!
//! That dialect takes `NAME=value` to the end of the line as it stands: no quotes, no escapes, no line breaks.
//! Secrets stand in comments that say how to reference them; a value never does.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::config::environment::SecretRef;
use crate::deployment::{Deployment, SENT_URI_VARIABLE};
use crate::escape::{self, Language};
use crate::meaning::token_delivery::{self, LogExclusion, Meaning};
use crate::units::VariableName;

/// portal.env.
pub(super) fn portal(deployment: &Deployment) -> String {
    let mut variables: BTreeMap<&str, &str> = BTreeMap::new();
    variables.extend(deployment.derived_variables.iter().map(|(name, value)| (*name, value.as_str())));
    variables.extend(deployment.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    file(deployment, "the portal", None, &variables, &deployment.secrets)
}

/// api.env, where there is an API.
pub(super) fn api(deployment: &Deployment) -> Option<String> {
    let api = deployment.api.as_ref()?;
    let sent = deployment.oauth.redirect_uri.as_ref();
    let variables = sent.map(|uri| (SENT_URI_VARIABLE, uri.as_str())).into_iter().collect();
    let mut text = file(deployment, "the API", Some("SERVICE"), &variables, &api.secrets);
    if let Some(meaning) = token_delivery::meaning(deployment) {
        write_delivery(&mut text, &meaning);
    }
    Some(text)
}

/// What the API has to do to hand its token over, and what comes of it.
fn write_delivery(text: &mut String, meaning: &Meaning) {
    text.push('\n');
    let mut add = |line: &str| match line {
        "" => text.push_str("#\n"),
        line => writeln!(text, "# {}", escape::comment(line)).expect("a string takes every write"),
    };
    let mut wrapped = |whole: &str, indent: &str| {
        let options = textwrap::Options::new(WIDTH).subsequent_indent(indent).break_words(false);
        let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
        textwrap::wrap(whole, options).iter().for_each(|line| add(line));
    };
    wrapped(
        &format!("After sign-in the API hands its token to the portal (token_delivery = \"{}\").", meaning.delivery),
        "",
    );
    wrapped(&meaning.summary, "");
    for point in &meaning.points {
        wrapped(&format!("{}: {}", point.topic, point.text), "  ");
    }
    if let Some(LogExclusion { project, exclusion }) = &meaning.log_exclusion {
        let quoted = |text: &str| Language::Shell.token(text).expect("a filter has no NUL");
        add("");
        add("gcloud logging sinks update _Default \\");
        add(&format!("  --project={} \\", quoted(project)));
        add(&format!("  --add-exclusion={}", quoted(exclusion)));
    }
}

/// The longest line of text.
const WIDTH: usize = 100;

/// `given` is the word for the Cloud Run service that is given the secrets by a command: none where service.yaml has
/// them.
fn file(
    deployment: &Deployment,
    of: &str,
    given: Option<&str>,
    variables: &BTreeMap<&str, &str>,
    secrets: &BTreeMap<VariableName, SecretRef>,
) -> String {
    let mut text = super::comments(&super::environment_header(deployment));
    let mut add = |line: String| writeln!(text, "{line}").expect("a string takes every write");
    add(format!("#\n# The variables of {of}, for: docker run --env-file FILE"));
    for (name, value) in variables {
        if value.contains(['\n', '\r']) {
            let shown = serde_json::to_string(value).expect("a string can be written");
            add(format!("\n# {name} has a line break, which this format cannot carry. As JSON:\n# {name}={shown}"));
        } else if value.contains(crate::units::CODESPACE_NAME) {
            add(format!("\n# not known yet: fill in the name, then remove the comment sign\n# {name}={value}"));
        } else {
            add(format!("{name}={value}"));
        }
    }
    let project = deployment.service.as_ref().map_or_else(String::new, |s| format!(" --project {}", s.project));
    for (name, SecretRef { secret, version }) in secrets {
        add(format!("\n# {name} is in Secret Manager."));
        if let Some(service) = given {
            // Not --set-secrets, which takes away those that it does not name.
            let update = format!("gcloud run services update {service} --update-secrets {name}={secret}:{version}");
            add(format!("# On Cloud Run: {update}{project}"));
        }
        add(format!("# gcloud secrets versions access {version} --secret {secret}{project}\n# {name}="));
    }
    text
}
