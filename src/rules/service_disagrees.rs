use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "service-disagrees",
    summary: "The service, its project or a name that follows from it is another in one generated file than in the next.",
    levels: Levels::ERROR,
    why: "Another name deploys another service beside the first. A load balancer reaches the service that its endpoint group names, in the same project, and no other.",
    sources: &["https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts"],
    examples: examples!("service-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::Service, Subject::Project, Subject::ResourceName]);
}
