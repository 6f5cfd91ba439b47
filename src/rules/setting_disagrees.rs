use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "setting-disagrees",
    summary: "A setting of the service, the load balancer or the image is not what the configuration makes it.",
    levels: Levels::ERROR,
    why: "Cloud Run takes service.yaml as the whole service, and Terraform its file as the whole load balancer: a setting that stands only there is gone as soon as the file is rendered again.",
    sources: &["https://docs.cloud.google.com/run/docs/reference/yaml/v1"],
    examples: examples!("setting-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::Setting]);
}
