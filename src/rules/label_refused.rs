use super::{Check, Rule, at_value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "label-refused",
    summary: "A label's value has characters that Cloud Run refuses.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    for (key, value) in deployment.service.iter().flat_map(|service| &service.labels) {
        let text = value.as_str();
        let legal = |c: char| c.is_lowercase() || c.is_numeric() || matches!(c, '-' | '_');
        if text.chars().count() > 63 || !text.chars().all(legal) {
            let message = format!("Cloud Run refuses the value of label `{key}`");
            findings.push(
                at_value(RULE.id, Level::Warning, deployment, &["cloud_run", "labels", key.as_str()], message)
                    .help("write at most 63 lower-case letters, digits, `-` and `_`"),
            );
        }
    }
}
