use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "no-warm-instance",
    summary: "No instance is kept warm: whoever comes after a quiet hour waits until one has started.",
    levels: Levels::FROM_UAT,
    why: "Without a minimum Cloud Run ends idle instances after a while. The next visitor waits for a whole start of nginx, Python and Reflex.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/min-instances"],
    examples: examples!("no-warm-instance"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if service.min_instances == 0 {
        findings.push(
            findings
                .at_value(
                    deployment,
                    &["cloud_run", "min_instances"],
                    "after a pause, the first visitor waits for a start",
                )
                .help("write `min_instances = 1`; it is billed while it waits"),
        );
    }
}
