use super::timeout_under_poll::cuts_polls;
use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "timeout-under-proxy",
    summary: "The request timeout is shorter than nginx waits for the backend, so Cloud Run gives up first.",
    levels: Levels::WARNING,
    why: "Where the request timeout ends first, Cloud Run answers 504 itself and closes the connection. nginx, which waits longer, never comes to log that the backend was too slow.",
    sources: &[
        "https://docs.cloud.google.com/run/docs/configuring/request-timeout",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
    ],
    examples: examples!("timeout-under-proxy"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let (timeout, waits) = (service.timeout_seconds, deployment.image.timeouts.proxy_read);
    // A poll that is cut, and a WebSocket, are other rules'.
    if deployment.image.websocket || timeout >= waits || cuts_polls(deployment).is_some() {
        return;
    }
    findings.push(
        findings
            .at_value(
                deployment,
                &["cloud_run", "timeout"],
                format!("Cloud Run gives up after {timeout} seconds, and nginx waits {waits}"),
            )
            .at(deployment.source, value(&["strategy"]), "so long without WebSockets")
            .help(format!("remove it: the default is `{waits}s`, as long as nginx waits")),
    );
}
