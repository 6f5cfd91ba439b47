use super::{Check, Rule, at_value, fit_for_trying};
use crate::deployment::Deployment;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    id: "image-by-tag",
    summary: "The image is named by a tag, which can point to other bytes tomorrow.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    let Some(level) = fit_for_trying(deployment.stage) else { return };
    if !service.image.has_digest() {
        let message = "the tag may name another image tomorrow than the one that was tested".to_owned();
        findings.push(
            at_value(RULE.id, level, deployment, &["cloud_run", "image"], message)
                .help("write the digest that the push printed: `NAME@sha256:...`"),
        );
    }
}
