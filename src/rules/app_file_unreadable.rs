use super::{Check, Findings, Levels, Rule, path};
use crate::deployment::Portal;
use crate::finding::At;

pub(super) static RULE: Rule = Rule {
    id: "app-file-unreadable",
    summary: "The lock file or rxconfig.py is there, but cannot be read.",
    levels: Levels::ERROR,
    why: "pip and Python read the same files when the image is built. What they hold could not be judged here.",
    sources: &[],
    examples: examples!("app-file-unreadable"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    for unreadable in &portal.files.unreadable {
        let message = format!("cannot read `{}`: {}", unreadable.path, unreadable.reason);
        // rxconfig.py has no key of its own.
        let help = match unreadable.is_folder && unreadable.key == path(&["app", "lock"]) {
            true => "name the file itself, with the folder in front of it",
            false => "put a readable text in UTF-8 in its place",
        };
        findings.push(findings.finding(message).at(portal.source, At::Value(unreadable.key.clone()), "").help(help));
    }
}
