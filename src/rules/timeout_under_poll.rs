use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "timeout-under-poll",
    summary: "The request timeout is shorter than a long poll, so Cloud Run cuts polls that are in order.",
    levels: Levels::ERROR,
    why: "Reflex's server holds a poll until it has something to say, and at the latest pings after 25 seconds (`REFLEX_SOCKET_INTERVAL`). A request timeout below that ends polls of idle tabs, and each is a lost connection to the client.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/request-timeout"],
    examples: examples!("timeout-under-poll"),
    check: Check::Environment(check),
};

/// What says how long a poll is held.
const INTERVAL: &str = "REFLEX_SOCKET_INTERVAL";

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    // What is in Secret Manager cannot be judged.
    if deployment.image.websocket || deployment.secrets.keys().any(|name| name.as_str() == INTERVAL) {
        return;
    }
    let written = deployment.variables.iter().find(|(name, _)| name.as_str() == INTERVAL);
    let held = written.and_then(|(_, value)| value.as_str().trim().parse().ok()).unwrap_or(limits::PING_INTERVAL);
    let needed = held.saturating_add(limits::POLL_RESERVE);
    if service.timeout_seconds < needed {
        let message = format!(
            "Cloud Run cuts a poll after {} seconds, but Reflex holds it for up to {held}",
            service.timeout_seconds
        );
        findings.push(
            findings
                .at_value(deployment, &["cloud_run", "timeout"], message)
                .help(format!("write `timeout = \"{needed}s\"` or more, or remove it: the default is `300s`")),
        );
    }
}
