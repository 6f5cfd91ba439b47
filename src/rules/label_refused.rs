use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "label-refused",
    summary: "A label's value has characters that Cloud Run refuses.",
    levels: Levels::WARNING,
    why: "Labels are those of Google Cloud: lower-case letters, digits, `-` and `_`. A version such as `v1.0.0` has dots, and the deployment is refused.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/services/labels"],
    examples: examples!("label-refused"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    for (key, value) in deployment.service.iter().flat_map(|service| &service.labels) {
        let text = value.as_str();
        let legal = |c: char| c.is_lowercase() || c.is_numeric() || matches!(c, '-' | '_');
        if text.chars().count() > 63 || !text.chars().all(legal) {
            let message = format!("Cloud Run refuses the value of label `{key}`");
            findings.push(
                findings
                    .at_value(deployment, &["cloud_run", "labels", key.as_str()], message)
                    .help("write at most 63 lower-case letters, digits, `-` and `_`"),
            );
        }
    }
}
