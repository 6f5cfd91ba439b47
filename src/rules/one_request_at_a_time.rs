use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "one-request-at-a-time",
    summary: "An instance handles one request at a time, which a single open tab takes.",
    levels: Levels::UNTIL_PRODUCTION,
    why: "An open tab holds a request, a poll or a WebSocket. Where an instance takes one only, nothing else reaches it while the tab is open: no second tab, no upload, and with long polling not even the clicks of the same tab. Less than one CPU allows no more.",
    sources: &[
        "https://docs.cloud.google.com/run/docs/about-concurrency",
        "https://docs.cloud.google.com/run/docs/configuring/services/cpu",
    ],
    examples: examples!("one-request-at-a-time"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if service.concurrency > 1 {
        return;
    }
    let (key, help) = match service.cpu.get() < 1.0 {
        true => ("cpu", "write `cpu = 1`, and remove `concurrency`".to_owned()),
        false => ("concurrency", format!("remove it: the default is {}", limits::CONCURRENCY_DEFAULT)),
    };
    let held = if deployment.image.websocket { "its WebSocket" } else { "its poll" };
    let message = format!("an open tab takes a whole instance: {held} is the one request that it handles");
    findings.push(findings.finding(message).at(deployment.source, value(&["cloud_run", key]), "").help(help));
}
