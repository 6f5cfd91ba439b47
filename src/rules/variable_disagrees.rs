use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "variable-disagrees",
    summary: "An environment variable is another in one generated file than in the next.",
    levels: Levels::ERROR,
    why: "Cloud Run takes service.yaml as the whole service: a variable that stands only there is gone with the next deployment, and a container that is run with portal.env behaves unlike the deployed one.",
    sources: &["https://docs.cloud.google.com/run/docs/reference/yaml/v1"],
    examples: examples!("variable-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::Variable]);
}
