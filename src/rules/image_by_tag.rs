use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "image-by-tag",
    summary: "The image is named by a tag, which can point to other bytes tomorrow.",
    levels: Levels::UNTIL_PRODUCTION,
    why: "Cloud Run resolves a tag when it makes a revision. Two environments that name one tag may run two images, and what was tested is not what is promoted.",
    sources: &["https://docs.cloud.google.com/run/docs/deploying"],
    examples: examples!("image-by-tag"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if !service.image.has_digest() {
        let message = "the tag may name another image tomorrow than the one that was tested".to_owned();
        findings.push(
            findings
                .at_value(deployment, &["cloud_run", "image"], message)
                .help("write the digest that the push printed: `NAME@sha256:...`"),
        );
    }
}
