use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "websocket-cut-early",
    summary: "The request timeout is shorter than Cloud Run allows, so every WebSocket is cut sooner than need be.",
    levels: Levels::WARNING,
    why: "A WebSocket is one request to Cloud Run and ends with the request timeout, whether it is in use or not. Each open tab then connects again by itself, and may meet another instance: the portal works, with more interruptions than it need have.",
    sources: &["https://docs.cloud.google.com/run/docs/triggering/websockets"],
    examples: examples!("websocket-cut-early"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if deployment.image.websocket && service.timeout_seconds < limits::REQUEST_TIMEOUT_MAX {
        let message = format!("every WebSocket is cut after {} seconds", service.timeout_seconds);
        findings.push(
            findings
                .at_value(deployment, &["cloud_run", "timeout"], message)
                .help("remove it: with WebSockets the default is `1h`, the most that there is"),
        );
    }
}
