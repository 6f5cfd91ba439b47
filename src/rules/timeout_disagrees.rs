use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "timeout-disagrees",
    summary: "A time is another in one generated file than in the next, or does not fit into the next longer one.",
    levels: Levels::ERROR,
    why: "nginx waits no longer than Cloud Run lets a request last, start.sh gives up before the startup probe does, the backend ends within the 10 seconds that Cloud Run leaves a container, and it keeps idle connections longer than nginx.",
    sources: &[
        "https://docs.cloud.google.com/run/docs/configuring/request-timeout",
        "https://docs.cloud.google.com/run/docs/container-contract",
    ],
    examples: examples!("timeout-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    let subjects =
        [Subject::ProxyTimeout, Subject::RequestTimeout, Subject::Probe, Subject::StartupLimit, Subject::GracefulLimit];
    findings.push_disagreements(artifacts, &subjects);
    // No key decides these two, so they only have to fit.
    for (judged, other) in artifacts.pairs(Subject::KeepAlive) {
        let seconds = |of: &str| {
            let fact = [judged.fact, other.fact].into_iter().find(|fact| fact.key == of)?;
            fact.value.parse::<u64>().ok()
        };
        if seconds("nginx").zip(seconds("uvicorn")).is_none_or(|(nginx, uvicorn)| nginx >= uvicorn) {
            findings.push_said(artifacts.say_pair(judged, other, "nginx has to let an idle connection go first"));
        }
    }
}
