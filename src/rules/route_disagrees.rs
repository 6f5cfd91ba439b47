use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "route-disagrees",
    summary: "A path leads elsewhere than it should, or is another in one generated file than in the next.",
    levels: Levels::ERROR,
    why: "nginx answers a path that it does not know with the client's page: an event, an upload or a callback then never reaches the backend or the API. A probe of such a path tells nothing of the backend.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/healthchecks"],
    examples: examples!("route-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(
        artifacts,
        &[Subject::Location, Subject::Rewrite, Subject::Map, Subject::Upstream, Subject::ProbePath],
    );
}
