use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "key-without-effect",
    summary: "A key is written that changes nothing, because of another one.",
    levels: Levels::WARNING,
    why: "A reader takes what is written for what is in force.",
    sources: &[],
    examples: examples!("key-without-effect"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    for unused in &deployment.without_effect {
        let message = format!("`{}` changes nothing: {}", unused.path.join("."), unused.why);
        findings.push(findings.finding(message).at(deployment.source, value(unused.path), "").help("remove it"));
    }
}
