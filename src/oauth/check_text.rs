//! What is registered against what is wanted, for a person at the client's page in the console.

use std::ops::Range;

use super::reconcile::{Checked, Finding, Level, What};
use super::wanted::{Wanted, WantedBy};
use super::{Kind, codespace, listed};
use crate::cli::COLUMNS;
use crate::deployment::{CONSOLE, SENT_URI_VARIABLE};
use crate::limits;
use crate::report::wrapping;
use crate::words::plural;

/// How wide the word before an address is, with the blanks round it.
const INDENT: usize = 10;

pub(super) fn report(checked: &Checked<'_>) -> String {
    let mut text = head(checked);
    for kind in Kind::ALL {
        let count = checked.found.of(kind);
        let findings = checked.found.findings.iter().filter(|finding| finding.kind == Some(kind));
        let findings: Vec<_> = findings.collect();
        if kind == Kind::JavascriptOrigin && count.registered == 0 && count.wanted == 0 && findings.is_empty() {
            continue;
        }
        let among = match (count.registered, count.wanted) {
            (_, 0) => "none is asked for".to_owned(),
            (0, wanted) => format!("{wanted} asked for"),
            (_, wanted) => format!("among them {} of the {wanted} asked for", count.matched),
        };
        text.push_str(&format!("\n{}: {} registered, {}\n", kind.plural(), count.registered, among));
        for group in findings.chunk_by(|one, next| title(checked, one) == title(checked, next)) {
            text.push_str(&self::group(checked, group));
        }
    }
    text.push_str(&domains(checked));
    text.push_str(&summary(checked));
    text
}

fn head(checked: &Checked<'_>) -> String {
    let names = checked.environments.join(", ");
    let mut text =
        paragraph(&format!("OAuth client {}, as {} has it, for {names}", checked.client_name, checked.path), "", "  ");
    if let Some(id) = &checked.client.id {
        text.push_str(&format!("  client ID  {id}\n"));
    }
    if let Some(project) = &checked.client.project {
        text.push_str(&format!("  project    {project}\n"));
    }
    text.push_str(&format!("  page       {CONSOLE}\n"));
    text
}

/// What there is to say in one line of several findings, and what to do.
fn title(checked: &Checked<'_>, finding: &Finding) -> (Option<&'static str>, String, Option<String>) {
    let rule = finding.invalid.as_ref().map(|invalid| invalid.id);
    let (title, help) = match finding.what {
        What::NearMiss => {
            let differs = finding.near.as_ref().map(|near| listed(&near.words)).unwrap_or_default();
            (format!("near miss: what is registered differs in {differs}"), None)
        }
        What::Missing => ("missing: it is not registered".to_owned(), None),
        What::Invalid => {
            let invalid = finding.invalid.as_ref();
            let message = invalid.map(|invalid| invalid.message.clone()).unwrap_or_default();
            (format!("invalid: {message}"), invalid.map(|invalid| invalid.help.clone()))
        }
        What::RegisteredTwice => ("registered more than once".to_owned(), None),
        What::Extra => {
            let readable = if checked.all_compared { "" } else { " that can be read" };
            let title = format!("extra: no environment{readable} asks for it");
            let near = finding.near.as_ref().zip(finding.wanted.as_ref());
            let help = near.map(|(near, wanted)| {
                let environments = names(&wanted.by);
                format!(
                    "nearly {}, which {environments} asks for: it differs in {}",
                    wanted.shown(),
                    listed(&near.words)
                )
            });
            (title, help)
        }
        What::OtherEnvironment => ("asked for by other environments".to_owned(), None),
        What::Codespace => ("of a codespace: remove it once that codespace is gone".to_owned(), None),
        What::Open => {
            let help = format!(
                "run this in the codespace, where {} holds the name, or say it: --codespace NAME",
                codespace::NAME_VARIABLE
            );
            ("not compared: the codespace's name is not known".to_owned(), Some(help))
        }
        What::TooManyDomains => (String::new(), None),
    };
    (rule, title, help)
}

/// Findings that say the same, each with its lines.
fn group(checked: &Checked<'_>, group: &[&Finding]) -> String {
    let Some(first) = group.first() else { return String::new() };
    let (rule, title, help) = title(checked, first);
    let mut text = headline(checked, first.what.level(), rule, &title);
    for finding in group {
        text.push_str(&lines(finding));
    }
    if let Some(help) = help {
        text.push_str(&labelled("help", &help));
    }
    text
}

fn headline(checked: &Checked<'_>, level: Level, rule: Option<&str>, title: &str) -> String {
    let (word, colour) = match level {
        Level::Warning if checked.deny_warnings => ("error", "\x1b[1;31m"),
        Level::Error => ("error", "\x1b[1;31m"),
        Level::Warning => ("warning", "\x1b[1;33m"),
        Level::Note => ("note", "\x1b[1;32m"),
    };
    let rule = rule.map(|rule| format!("[{rule}]")).unwrap_or_default();
    let begin = format!("{word}{rule}");
    let line = paragraph(&format!("{begin}: {title}"), "", "  ");
    format!("\n{colour}{begin}\x1b[0m{}", &line[begin.len()..])
}

/// The line to add, the one to remove or to keep, and who asks for it.
fn lines(finding: &Finding) -> String {
    let mut text = String::new();
    let (wanted, registered) = (finding.wanted.as_ref(), finding.registered.as_deref());
    let no_marks = (Vec::new(), Vec::new());
    let (in_wanted, in_registered) =
        finding.near.as_ref().map_or(no_marks, |near| (near.in_wanted.clone(), near.in_registered.clone()));
    match finding.what {
        What::NearMiss | What::Missing => {
            text.extend(wanted.map(|wanted| address("add", wanted.shown(), &in_wanted)));
            text.extend(registered.map(|registered| address("remove", registered, &in_registered)));
        }
        What::RegisteredTwice => text.extend(registered.map(|registered| address("once", registered, &[]))),
        What::Invalid | What::Extra => {
            text.extend(registered.map(|registered| address("remove", registered, &in_registered)));
        }
        What::OtherEnvironment | What::Codespace => {
            text.extend(registered.map(|registered| address("keep", registered, &[])));
        }
        What::Open => text.extend(wanted.map(|wanted| address("later", wanted.shown(), &[]))),
        What::TooManyDomains => {}
    }
    match (finding.what, wanted) {
        (What::Extra | What::RegisteredTwice, _) | (_, None) => {}
        (What::OtherEnvironment | What::Codespace, Some(wanted)) => {
            text.push_str(&labelled("for", &names(&wanted.by)));
        }
        (_, Some(wanted)) => text.push_str(&who(wanted)),
    }
    text
}

/// An address behind what to do with it, and a caret under each character that differs.
fn address(word: &str, address: &str, marks: &[Range<usize>]) -> String {
    let line = format!("  {word:<7} {address}\n");
    let Some(end) = marks.iter().map(|mark| mark.end).max() else { return line };
    let caret = |at| if marks.iter().any(|mark| mark.contains(&at)) { '^' } else { ' ' };
    format!("{line}{:INDENT$}{}\n", "", (0..end).map(caret).collect::<String>())
}

/// Who asks for it, and where.
fn who(wanted: &Wanted) -> String {
    let asked: Vec<_> = wanted.by.iter().filter(|by| by.asked).collect();
    let width = asked.iter().map(|by| by.environment.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (i, by) in asked.iter().enumerate() {
        let word = if i == 0 { "for" } else { "" };
        let place = format!("{}:{} `{}`", by.place.path, by.place.line, by.place.key);
        text.push_str(&labelled(word, &format!("{:<width$}  {place}", by.environment)));
    }
    let senders: Vec<_> = asked.iter().filter(|by| by.sent).map(|by| by.environment.as_str()).collect();
    if !senders.is_empty() {
        text.push_str(&labelled("sent", &format!("by the API of {} ({SENT_URI_VARIABLE})", senders.join(", "))));
    }
    text
}

fn names(by: &[WantedBy]) -> String {
    by.iter().map(|by| by.environment.as_str()).collect::<Vec<_>>().join(", ")
}

fn domains(checked: &Checked<'_>) -> String {
    let found = &checked.found;
    let (count, most) = (found.domains.count(), limits::OAUTH_DOMAINS_MAX);
    let names = found.domains.names().collect::<Vec<_>>().join(", ");
    if count > most {
        let title = format!("{count} domains with what is missing and what is extra; Google takes {most} in a project");
        let help = "remove first what nobody asks for, and add afterwards what is missing";
        return headline(checked, Level::Warning, Some("too-many-domains"), &title)
            + &labelled("they", &names)
            + &labelled("help", help);
    }
    match count {
        0 => String::new(),
        _ => {
            let line = format!(
                "{} with what is missing and what is extra, of {most} that Google takes in a project with all its clients: {names}",
                plural(count, "domain")
            );
            format!("\n{}", paragraph(&line, "", "  "))
        }
    }
}

fn summary(checked: &Checked<'_>) -> String {
    let denied = if checked.deny_warnings { " (denied)" } else { "" };
    let counts = [(Level::Error, "error", ""), (Level::Warning, "warning", denied), (Level::Note, "note", "")];
    let counts = counts.map(|(level, word, more)| (checked.found.count(level), word, more));
    let counts: Vec<_> = counts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, word, more)| plural(count, word) + more)
        .collect();
    let to_do = checked.found.count(Level::Error) + checked.found.count(Level::Warning) > 0;
    let mut text = "\n".to_owned();
    if to_do {
        text.push_str(&paragraph(
            "Google compares to the letter, and a change takes five minutes to a few hours.",
            "",
            "",
        ));
    } else {
        text.push_str("nothing to correct\n");
    }
    if !counts.is_empty() {
        text.push_str(&format!("{}\n", counts.join(", ")));
    }
    text
}

/// Text behind a word.
fn labelled(word: &str, text: &str) -> String {
    paragraph(text, &format!("  {word:<7} "), &" ".repeat(INDENT))
}

fn paragraph(text: &str, first: &str, others: &str) -> String {
    let options = wrapping(COLUMNS).initial_indent(first).subsequent_indent(others);
    format!("{}\n", textwrap::fill(text, options))
}
