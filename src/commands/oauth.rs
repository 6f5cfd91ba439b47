//! `portalgen oauth`.

use std::fs;
use std::path::Path;

use super::{Exit, Loaded, Look, Outcome, load};
use crate::cli::{Oauth, OauthCheck, OauthFormat, OauthSelection, OauthVerb, Selection};
use crate::deployment::Registered;
use crate::oauth::client_file::{self, Client};
use crate::oauth::codespace::{Codespace, DOMAIN_VARIABLE, NAME_VARIABLE, Wrong};
use crate::oauth::list::list;
use crate::oauth::reconcile::{Checked, reconcile};
use crate::oauth::wanted::{Subject, wanted};
use crate::{report, workspace};

pub(super) fn run(arguments: &Oauth, current: &Path) -> Outcome {
    let (of, verb) = match &arguments.verb {
        OauthVerb::List(arguments) => (&arguments.of, None),
        OauthVerb::Check(arguments) => (&arguments.of, Some(arguments)),
    };
    let selection = Selection { inputs: of.inputs.clone(), out: None, deny_warnings: false };
    let loaded = match load(&selection, current, Look::Rendered) {
        Ok(loaded) => loaded,
        Err(error) => return Outcome::cannot_run(error),
    };
    if loaded.exit != Exit::Clean {
        let nothing = if verb.is_some() { "nothing was compared\n" } else { "nothing is listed\n" };
        return Outcome { output: String::new(), messages: loaded.messages() + nothing, exit: loaded.exit };
    }
    let (codespace, note) = match codespace(of, &loaded) {
        Ok(known) => known,
        Err(error) => return Outcome::cannot_run(error),
    };
    let subject = Subject {
        deployments: &loaded.workspace.deployments,
        others: &loaded.workspace.others,
        sources: &loaded.workspace.sources,
        codespace: &codespace,
    };
    let (output, exit) = match verb {
        None => {
            let listing = list(&subject);
            let output = match of.format {
                OauthFormat::Text => listing.to_text(),
                OauthFormat::Json => listing.to_json(),
            };
            (output, Exit::Clean)
        }
        Some(arguments) => match check(arguments, &loaded, &subject, current) {
            Ok(checked) => checked,
            Err(error) => return Outcome::cannot_run(error),
        },
    };
    Outcome { output, messages: loaded.notes() + &note, exit }
}

fn check(
    arguments: &OauthCheck,
    loaded: &Loaded,
    subject: &Subject<'_>,
    current: &Path,
) -> Result<(String, Exit), String> {
    let path = workspace::shown(current, &current.join(&arguments.client));
    let client = client(&current.join(&arguments.client), &path)?;
    let deployments = subject.deployments;
    let checked = Checked {
        client_name: deployments.first().map_or("", |deployment| deployment.oauth.name.as_str()),
        path: &path,
        client: &client,
        environments: deployments.iter().map(|deployment| deployment.environment.as_str()).collect(),
        all_compared: loaded.workspace.not_compared.is_empty(),
        deny_warnings: arguments.deny_warnings,
        found: reconcile(&wanted(subject), &client, subject.codespace),
    };
    let output = match arguments.of.format {
        OauthFormat::Text => checked.to_text(),
        OauthFormat::Json => checked.to_json(),
    };
    Ok((output, if checked.fails() { Exit::Findings } else { Exit::Clean }))
}

/// The client's file. It holds a secret, so nothing of what it says is in an error.
fn client(path: &Path, shown: &str) -> Result<Client, String> {
    let unreadable = |reason: String| format!("cannot read `{shown}`: {reason}");
    let metadata = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !metadata.is_file() {
        return Err(unreadable("it is no ordinary file".to_owned()));
    }
    let bytes = fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is no UTF-8 text".to_owned()))?;
    client_file::read(&text, shown)
}

/// What is known of the codespace, asked for only where an environment leaves it open, and a note where it is not
/// needed.
fn codespace(of: &OauthSelection, loaded: &Loaded) -> Result<(Codespace, String), String> {
    let open = loaded.workspace.deployments.iter().flat_map(|d| d.oauth.registered()).any(Registered::has_placeholder);
    if !open {
        let note =
            of.codespace.as_ref().map(|_| report::note("--codespace changes nothing: no name is left open here"));
        return Ok((Codespace::default(), note.unwrap_or_default()));
    }
    let name = of.codespace.clone().or_else(|| variable(NAME_VARIABLE));
    let domain = variable(DOMAIN_VARIABLE);
    let codespace = Codespace::new(name.as_deref(), domain.as_deref()).map_err(|wrong| match wrong {
        Wrong::Name => {
            let option = if of.codespace.is_some() { "--codespace" } else { NAME_VARIABLE };
            format!(
                "{option}: `{}` is no codespace's name\nhelp: write it as `gh codespace list` shows it: lower-case letters, digits and hyphens, at most 57",
                name.unwrap_or_default().escape_debug()
            )
        }
        Wrong::Domain => format!(
            "{DOMAIN_VARIABLE}: `{}` is no domain\nhelp: set it to what a codespace has there, such as `app.github.dev`, or unset it",
            domain.unwrap_or_default().escape_debug()
        ),
    })?;
    Ok((codespace, String::new()))
}

/// A variable that every codespace sets. An empty one says nothing.
#[expect(
    clippy::disallowed_methods,
    reason = "a codespace tells its name by nothing else; it is printed, and no artifact depends on it"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
