use super::{Check, Rule, value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "key-without-effect",
    summary: "A key is written that changes nothing, because of another one.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    for unused in &deployment.without_effect {
        let message = format!("`{}` changes nothing: {}", unused.path.join("."), unused.why);
        findings.push(
            Finding::new(RULE.id, Level::Warning, message)
                .at(deployment.source, value(unused.path), "")
                .help("remove it"),
        );
    }
}
