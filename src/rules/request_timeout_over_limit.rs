use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "request-timeout-over-limit",
    summary: "The request timeout is longer than the hour that Cloud Run allows.",
    levels: Levels::ERROR,
    why: "Cloud Run refuses a request timeout above 3600 seconds, and so no WebSocket lives longer than an hour.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/request-timeout"],
    examples: examples!("request-timeout-over-limit"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if service.timeout_seconds > limits::REQUEST_TIMEOUT_MAX {
        let message = format!("Cloud Run ends a request after an hour, not after {} seconds", service.timeout_seconds);
        findings.push(findings.at_value(deployment, &["cloud_run", "timeout"], message).help(
            match deployment.image.websocket {
                true => {
                    "remove it: the default is `1h`; a WebSocket that is cut then connects again by itself".to_owned()
                }
                false => {
                    format!(
                        "remove it: the default is `{}s`, as long as nginx waits",
                        deployment.image.timeouts.proxy_read
                    )
                }
            },
        ));
    }
}
