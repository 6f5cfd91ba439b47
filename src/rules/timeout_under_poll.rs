use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::limits;
use crate::meaning::capacity;

pub(super) static RULE: Rule = Rule {
    id: "timeout-under-poll",
    summary: "The request timeout is shorter than a long poll, so Cloud Run cuts polls that are in order.",
    levels: Levels::ERROR,
    why: "Reflex's server holds a poll until it has something to say, and at the latest pings after 25 seconds (`REFLEX_SOCKET_INTERVAL`). A request timeout below that ends polls of idle tabs, and each is a lost connection to the client.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/request-timeout"],
    examples: examples!("timeout-under-poll"),
    check: Check::Environment(check),
};

/// A poll that ends before its time.
pub(super) struct Cut {
    /// Seconds that Reflex holds it.
    held: u64,
    /// Seconds that it needs from end to end.
    needed: u64,
}

/// Whether polls are cut that are in order.
pub(super) fn cuts_polls(deployment: &Deployment) -> Option<Cut> {
    let service = deployment.service.as_ref()?;
    if deployment.image.websocket {
        return None;
    }
    let held = capacity::poll_held(deployment)?;
    let needed = capacity::poll_needs(held);
    (service.timeout_seconds < needed).then_some(Cut { held, needed })
}

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let (Some(service), Some(Cut { held, needed })) = (&deployment.service, cuts_polls(deployment)) else { return };
    let (timeout, waits) = (service.timeout_seconds, deployment.image.timeouts.proxy_read);
    let message = format!("Cloud Run cuts a poll after {timeout} seconds, but Reflex holds it for up to {held}");
    // A poll that nginx would cut too is not helped by a longer timeout.
    let (key, help) = match needed > waits {
        true => (
            ["variables", capacity::INTERVAL_VARIABLE],
            format!("remove it: the default is {} seconds", limits::PING_INTERVAL),
        ),
        false => (["cloud_run", "timeout"], format!("remove it: the default is `{waits}s`, as long as nginx waits")),
    };
    findings.push(findings.at_value(deployment, &key, message).help(help));
}
