use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "few-open-tabs",
    summary: "There is one instance at most, and it takes no more requests at once than by default: so few tabs can be open.",
    levels: Levels::IN_PRODUCTION,
    why: "Each open tab holds a request, a poll or a WebSocket, and each request is one of the instance's `concurrency`. With one instance that is the most tabs that can be open at once, and Google advises raising it for WebSockets.",
    sources: &[
        "https://docs.cloud.google.com/run/docs/about-concurrency",
        "https://docs.cloud.google.com/run/docs/triggering/websockets",
    ],
    examples: examples!("few-open-tabs"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let tabs = service.concurrency;
    if service.max_instances == 1 && (2..=limits::CONCURRENCY_DEFAULT).contains(&tabs) {
        findings.push(
            findings
                .finding(format!("fewer than {tabs} tabs can be open at once"))
                .at(deployment.source, value(&["cloud_run", "max_instances"]), "")
                .at(deployment.source, value(&["cloud_run", "concurrency"]), "each tab holds one of these")
                .help(format!(
                    "write a higher `concurrency` (at most {}), with CPU and memory for it, or allow more instances",
                    limits::CONCURRENCY_MAX
                )),
        );
    }
}
