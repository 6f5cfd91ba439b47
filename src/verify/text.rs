//! A verification for people.

use super::lookup::{Places, Shown};
use super::run::{Checked, NotAsked};
use super::verdict::Verdict;
use super::{Verification, verdict};
use crate::cli::COLUMNS;
use crate::report::wrapping;

/// What stands below a check is indented by so much.
const INDENT: &str = "         ";

pub(super) fn report(verification: &Verification, places: &Places<'_>) -> String {
    let mut text = String::new();
    let mut at = "";
    for checked in &verification.round.checks {
        if checked.at != at {
            at = &checked.at;
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{at}\n"));
        }
        text.push_str(&check(checked, places));
    }
    text.push_str(&not_asked(&verification.round.not_asked));
    let counts = [(Verdict::Passed, "passed"), (Verdict::Failed, "failed"), (Verdict::Waiting, "waiting")];
    let counts = counts.map(|(verdict, word)| (verification.count(verdict), word));
    let not_asked = (verification.round.not_asked.len(), "not asked");
    let counts = counts.into_iter().chain([not_asked]).filter(|(count, word)| *count > 0 || *word == "passed");
    let counts: Vec<_> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    text.push_str(&format!("\n{}\n", counts.join(", ")));
    text
}

fn check(checked: &Checked, places: &Places<'_>) -> String {
    let Checked { check, asked, judged, .. } = checked;
    let (word, colour) = match judged.verdict {
        Verdict::Passed => ("passed ", "\x1b[32m"),
        Verdict::Failed => ("failed ", "\x1b[1;31m"),
        Verdict::Waiting => ("waiting", "\x1b[33m"),
    };
    let line = verdict::visible(&format!("{check}: {asked}: {}", judged.came));
    let line = textwrap::fill(&line, wrapping(COLUMNS - INDENT.len()).subsequent_indent("  "));
    let mut text = format!("{colour}{word}\x1b[0m  {}\n", line.replace('\n', &format!("\n{INDENT}")));
    if let Some(cause) = judged.cause {
        text.push_str(&paragraph(&format!("{}: {}", cause.id, cause.means), INDENT, &format!("{INDENT}  ")));
        for (i, shown) in cause.look.iter().filter_map(|look| places.find(*look)).enumerate() {
            let begin = format!("{INDENT}{} ", if i == 0 { "look:" } else { "     " });
            text.push_str(&paragraph(&place(&shown), &begin, &format!("{INDENT}      ")));
        }
    }
    text
}

fn paragraph(text: &str, first: &str, others: &str) -> String {
    let options = wrapping(COLUMNS).initial_indent(first).subsequent_indent(others);
    format!("{}\n", textwrap::fill(text, options))
}

fn place(shown: &Shown) -> String {
    let line = shown.line.map(|line| format!(":{line}")).unwrap_or_default();
    let path = shown.path.iter().map(|path| format!("{path}{line}"));
    let key = shown.key.iter().map(|key| format!("`{key}`"));
    path.chain(key).chain(shown.about.clone()).collect::<Vec<_>>().join(" ")
}

/// The checks with one reason in one line.
fn not_asked(list: &[NotAsked]) -> String {
    let mut groups: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for NotAsked { check, at, why } in list {
        match groups.iter_mut().find(|(of, reason, _)| of == at && reason == why) {
            Some((_, _, checks)) => checks.push(check),
            None => groups.push((at, why, vec![check])),
        }
    }
    let line = |(at, why, checks): &(&str, &str, Vec<&str>)| {
        let line = verdict::visible(&format!("{} ({at}): {why}", checks.join(", ")));
        format!("{}\n", textwrap::fill(&line, wrapping(COLUMNS).initial_indent("  ").subsequent_indent("    ")))
    };
    let lines: String = groups.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\nnot asked\n{lines}") }
}
