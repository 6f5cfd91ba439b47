use super::{Check, Findings, Levels, Rule};
use crate::reread::Artifacts;

pub(super) static RULE: Rule = Rule {
    id: "unreadable-artifact",
    summary: "A generated file is none of its language any more.",
    levels: Levels::ERROR,
    why: "What reads it refuses it as a whole, and nothing in it can be held against the other files.",
    sources: &[],
    examples: examples!("unreadable-artifact"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    for (file, read) in artifacts.judged() {
        if let Some(unreadable) = read.unreadable() {
            let clause = format!("this cannot be read: {}", unreadable.message);
            findings.push_said(artifacts.say_at(file, &unreadable.at, &clause));
        }
    }
}
