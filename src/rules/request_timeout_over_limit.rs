use super::{Check, Rule, at_value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "request-timeout-over-limit",
    summary: "The request timeout is longer than the hour that Cloud Run allows.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    if service.timeout_seconds > limits::REQUEST_TIMEOUT_MAX {
        let message = format!("Cloud Run ends a request after an hour, not after {} seconds", service.timeout_seconds);
        findings.push(
            at_value(RULE.id, Level::Error, deployment, &["cloud_run", "timeout"], message)
                .help("write at most `1h`; a WebSocket that is cut then connects again by itself"),
        );
    }
}
