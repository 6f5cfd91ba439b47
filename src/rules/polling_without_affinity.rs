use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "polling-without-affinity",
    summary: "Session affinity is off with long polling, whose requests must all reach one instance.",
    levels: Levels::ERROR,
    why: "Long polling is many requests of one session, which only the instance that opened it knows: another one answers 400, and clicks do nothing. State in Redis does not help, nor does `max_instances = 1`: every rollout makes a second instance.",
    sources: &[
        "https://docs.cloud.google.com/run/docs/configuring/session-affinity",
        "https://socket.io/docs/v4/using-multiple-nodes/",
    ],
    examples: examples!("polling-without-affinity"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if !deployment.image.websocket && !service.session_affinity {
        findings.push(
            findings
                .finding("without session affinity, polls of one tab reach several instances")
                .at(deployment.source, value(&["cloud_run", "session_affinity"]), "")
                .at(deployment.source, value(&["strategy"]), "long polling")
                .help("remove `session_affinity = false`"),
        );
    }
}
