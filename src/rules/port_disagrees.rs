use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "port-disagrees",
    summary: "A port is another in one generated file than in the next.",
    levels: Levels::ERROR,
    why: "Cloud Run sends requests to `containerPort` and asks for the probes there; nginx listens there and passes on to the port of uvicorn. Where one differs the revision never becomes ready, or nginx answers 502.",
    sources: &["https://docs.cloud.google.com/run/docs/container-contract"],
    examples: examples!("port-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::ContainerPort, Subject::BackendPort]);
}
