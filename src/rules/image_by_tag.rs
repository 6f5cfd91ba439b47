use super::{Check, Rule, at_value};
use crate::config::environment::Stage;
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "image-by-tag",
    summary: "The image is named by a tag, which can point to other bytes tomorrow.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    let level = match deployment.stage {
        Stage::Development => return,
        Stage::Demo | Stage::Uat => Level::Warning,
        Stage::Production => Level::Error,
    };
    if !service.image.has_digest() {
        let message = "the tag may name another image tomorrow than the one that was tested".to_owned();
        findings.push(
            at_value(RULE.id, level, deployment, &["cloud_run", "image"], message)
                .help("write the digest that the push printed: `NAME@sha256:...`"),
        );
    }
}
