//! What to register, for people: each address alone on its line, and everything else in comments.

use super::list::{Environment, Listing};
use super::run_app::OtherForm;
use super::wanted::{Wanted, WantedBy};
use super::{Kind, codespace};
use crate::cli::COLUMNS;
use crate::deployment::{CONSOLE, OwnAddress, SENT_URI_VARIABLE};
use crate::limits;
use crate::report::wrapping;
use crate::units::{CODESPACE_NAME, Parts};
use crate::words::plural;

pub(super) fn report(listing: &Listing<'_>) -> String {
    let mut text = String::new();
    for kind in Kind::ALL {
        let known = listing.of(kind).filter(|wanted| wanted.exact.is_some()).count();
        // Origins are asked for, or not there at all.
        if kind == Kind::JavascriptOrigin && listing.of(kind).next().is_none() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&head(listing, kind, known));
        for wanted in listing.of(kind) {
            text.push_str(&entry(listing, wanted));
        }
    }
    for note in notes(listing) {
        text.push_str(&format!("\n{}", comment(&note)));
    }
    text
}

fn head(listing: &Listing<'_>, kind: Kind, known: usize) -> String {
    let names: Vec<_> = listing.environments.iter().map(|environment| environment.name).collect();
    let head = format!("{} of the OAuth client {}: {known} to register at", kind.plural(), listing.client);
    let head = comment(&head) + &comment(CONSOLE) + &comment(&format!("for {}.", names.join(", ")));
    match kind {
        Kind::RedirectUri => {
            head + &comment("Google compares to the letter; a change takes five minutes to a few hours.")
        }
        Kind::JavascriptOrigin => head + &comment("They are for code in the browser that calls Google."),
    }
}

/// An address and what there is to say of it.
fn entry(listing: &Listing<'_>, wanted: &Wanted) -> String {
    let mut text = "\n".to_owned();
    let alone = listing.environments.len() == 1;
    for (words, environments) in who(wanted) {
        let line = match (alone, words.is_empty()) {
            (true, true) => continue,
            (true, false) => words,
            (false, true) => environments.join(", "),
            (false, false) => format!("{}: {words}", environments.join(", ")),
        };
        text.push_str(&comment(&line));
    }
    if let Some(note) = other_form(listing, wanted) {
        text.push_str(&comment(&note));
    }
    if let Some(note) = local(listing, wanted) {
        text.push_str(&comment(&note));
    }
    match &wanted.exact {
        Some(exact) => text.push_str(&format!("{exact}\n")),
        None => {
            let name = codespace::NAME_VARIABLE;
            text.push_str(&comment(&format!(
                "not known yet: run this in the codespace, where {name} holds the name, or say it: --codespace NAME"
            )));
            text.push_str(&format!("# {}\n", wanted.written));
        }
    }
    text
}

/// Who answers it, with the environments that say so; what is sent comes first.
fn who(wanted: &Wanted) -> Vec<(String, Vec<&str>)> {
    let words = |by: &WantedBy| {
        let served = by.served.map_or("", |served| served.words);
        match by.sent {
            true => format!("{served}; the one that the API sends ({SENT_URI_VARIABLE})"),
            false => served.to_owned(),
        }
    };
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    let sent_first = wanted.by.iter().filter(|by| by.sent).chain(wanted.by.iter().filter(|by| !by.sent));
    for by in sent_first {
        let words = words(by);
        match groups.iter_mut().find(|(of, _)| *of == words) {
            Some((_, environments)) => environments.push(&by.environment),
            None => groups.push((words, vec![&by.environment])),
        }
    }
    groups
}

/// That a service on Cloud Run has another address, which is another URI.
fn other_form(listing: &Listing<'_>, wanted: &Wanted) -> Option<String> {
    let Some(OtherForm::Known(other)) = &wanted.other_form else { return None };
    if listing.of(wanted.kind).any(|listed| listed.exact.as_ref() == Some(other)) {
        return None;
    }
    Some(format!(
        "the same service in this project and region answers at {other} too, which is another URI to Google and not registered by this one"
    ))
}

/// How a codespace gets along with an address that never changes.
fn local(listing: &Listing<'_>, wanted: &Wanted) -> Option<String> {
    let parts = Parts::of(wanted.shown()).filter(|parts| parts.host == "localhost")?;
    let port = parts.port?;
    let of_codespace = |by: &WantedBy| {
        let same = |other: &WantedBy| other.environment == by.environment;
        listing.wanted.iter().any(|other| other.is_of_codespace() && other.by.iter().any(same))
    };
    wanted.by.iter().any(of_codespace).then(|| {
        let name = listing.codespace.name().map(|name| format!(" --codespace {name}")).unwrap_or_default();
        format!(
            "it never changes: on your own machine, `gh codespace ports forward {port}:{port}{name}` leads to the codespace"
        )
    })
}

/// What is not about one address.
fn notes(listing: &Listing<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let nothing = listing.environments.iter().filter(|environment| {
        let wants = |wanted: &Wanted| wanted.by.iter().any(|by| by.environment == environment.name);
        !listing.wanted.iter().any(wants) && environment.own_address.0 == OwnAddress::Known
    });
    let nothing: Vec<_> = nothing.map(|environment| environment.name).collect();
    if !nothing.is_empty() {
        notes.push(format!("{}: nothing to register", nothing.join(", ")));
    }
    notes.extend(listing.environments.iter().filter_map(own_address));
    notes.extend(without_local(listing));
    let run_app = |wanted: &&Wanted| wanted.other_form == Some(OtherForm::Unknown);
    if listing.of(Kind::RedirectUri).any(|wanted| run_app(&wanted)) {
        notes.push(
            "A Cloud Run service has two run.app addresses, one with a hash and one with the project's number. Google takes them for two: what counts is the one that is sent."
                .to_owned(),
        );
    }
    let most = limits::OAUTH_DOMAINS_MAX;
    let domains = listing.domains.names().collect::<Vec<_>>().join(", ");
    if listing.domains.count() > 0 {
        let all = listing.domains_of_all.as_ref().filter(|all| all.count() > listing.domains.count());
        let all = all.map(|all| format!("; {} with the portal's other environments", all.count())).unwrap_or_default();
        let count = plural(listing.domains.count(), "domain");
        notes.push(format!("{count}, of {most} that Google takes in a project with all its clients: {domains}{all}"));
    }
    notes
}

/// A portal's own callback whose address is not known.
fn own_address(environment: &Environment<'_>) -> Option<String> {
    let (own, place) = &environment.own_address;
    let begin = format!("{}: the portal's own callback is on its run.app address, which", environment.name);
    match own {
        OwnAddress::Known => None,
        OwnAddress::NumberMissing => Some(format!(
            "{begin} is known after the first deployment, or as soon as `project_number` stands in `[cloud_run]` ({}:{}): `gcloud projects describe {} --format=\"value(projectNumber)\"` tells it",
            place.path,
            place.line,
            environment.project.unwrap_or("PROJECT"),
        )),
        OwnAddress::HashOnly => Some(format!(
            "{begin} is known after the first deployment, since the service's name is too long for the one with the number: add the callback to `oauth.redirect_uris` then, with `served_by = \"portal\"`"
        )),
    }
}

/// The alternative that never changes, for a codespace without it.
fn without_local(listing: &Listing<'_>) -> Option<String> {
    let open = listing.of(Kind::RedirectUri).find(|wanted| wanted.is_of_codespace())?;
    let of_same = |wanted: &&Wanted| wanted.by.iter().any(|by| open.by.iter().any(|o| o.environment == by.environment));
    if listing.of(Kind::RedirectUri).filter(of_same).any(|wanted| wanted.host() == "localhost") {
        return None;
    }
    let parts = Parts::of(&open.written)?;
    let (_, label) = parts.host.split('.').next()?.split_once(CODESPACE_NAME)?;
    let port = label.strip_prefix('-').filter(|port| port.parse::<u16>().is_ok())?;
    Some(format!(
        "http://localhost:{port}{} never changes: list it in `oauth.redirect_uris`, and `gh codespace ports forward {port}:{port}` leads from your own machine to the codespace",
        parts.path()
    ))
}

/// A comment, on several lines where it has to be.
fn comment(text: &str) -> String {
    format!("{}\n", textwrap::fill(text, wrapping(COLUMNS).initial_indent("# ").subsequent_indent("# ")))
}
