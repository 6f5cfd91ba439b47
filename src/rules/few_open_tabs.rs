use super::{Check, Findings, Levels, Rule, value};
use crate::config::environment::StateManager;
use crate::deployment::Deployment;
use crate::limits;
use crate::meaning::capacity;

pub(super) static RULE: Rule = Rule {
    id: "few-open-tabs",
    summary: "At most one instance runs, at the default concurrency or less, which limits the open tabs.",
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
    let tabs = capacity::tabs_of_instance(service);
    // Less than one CPU takes one request at a time, which other rules say.
    let whole = service.cpu.get() >= 1.0;
    if whole && service.max_instances == 1 && (2..=limits::CONCURRENCY_DEFAULT).contains(&service.concurrency) {
        let more =
            format!("write a higher `concurrency` (at most {}), with CPU and memory for it", limits::CONCURRENCY_MAX);
        // Several instances need state that they share.
        let help = match deployment.state_manager {
            StateManager::Redis => format!("{more}, or allow more instances"),
            StateManager::Memory | StateManager::Disk => more,
        };
        findings.push(
            findings
                .finding(format!("fewer than {tabs} tabs can be open at once"))
                .at(deployment.source, value(&["cloud_run", "max_instances"]), "")
                .at(deployment.source, value(&["cloud_run", "concurrency"]), "each tab holds one of these")
                .help(help),
        );
    }
}
