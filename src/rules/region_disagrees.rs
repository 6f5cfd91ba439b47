use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "region-disagrees",
    summary: "The region is another in one generated file than in the next.",
    levels: Levels::ERROR,
    why: "A serverless endpoint group has to be in the region of its Cloud Run service.",
    sources: &["https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts"],
    examples: examples!("region-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::Region]);
}
