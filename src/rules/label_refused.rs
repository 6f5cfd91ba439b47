use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::knative::IMAGE_LABEL;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "label-refused",
    summary: "A label is portalgen's own, its value has characters that Cloud Run refuses, or there are too many labels.",
    levels: Levels::ERROR,
    why: "Labels are those of Google Cloud: lower-case letters, digits, `-` and `_`, and at most 64 labels. A version such as `v1.0.0` has dots, and the deployment is refused. One label, `portalgen-image`, is portalgen's own: it says for which strategy a revision's image was built, and `deploy.sh --promote-from` reads it.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/services/labels"],
    examples: examples!("label-refused"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    for (key, value) in deployment.service.iter().flat_map(|service| &service.labels) {
        if key.as_str() == IMAGE_LABEL {
            let message = format!("the label `{key}` is portalgen's own");
            findings.push(
                findings
                    .at_value(deployment, &["cloud_run", "labels", key.as_str()], message)
                    .help("remove it: each revision has it, with the image's strategy"),
            );
        }
        let text = value.as_str();
        let legal = |c: char| c.is_lowercase() || c.is_numeric() || matches!(c, '-' | '_');
        if text.chars().count() > limits::LABEL_VALUE_MAX || !text.chars().all(legal) {
            let message = format!("Cloud Run refuses the value of label `{key}`");
            findings.push(
                findings
                    .at_value(deployment, &["cloud_run", "labels", key.as_str()], message)
                    .help(format!("write at most {} lower-case letters, digits, `-` and `_`", limits::LABEL_VALUE_MAX)),
            );
        }
    }
    let number = deployment.service.as_ref().map_or(0, |service| service.labels.len() + 1);
    if number > limits::LABELS_MAX {
        let message = format!(
            "with portalgen's own there are {number} labels, and Cloud Run takes at most {}",
            limits::LABELS_MAX
        );
        findings.push(findings.at_value(deployment, &["cloud_run", "labels"], message).help("remove some"));
    }
}
