use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "billed-while-idle",
    summary: "Instances of an environment that few people use are billed while nobody does.",
    levels: Levels::BEFORE_UAT,
    why: "An instance that is kept warm is billed around the clock, at the idle rate, or at the full one where CPU is always allocated. With CPU always allocated any instance is billed for as long as it lives, not only while it answers.",
    sources: &[
        "https://docs.cloud.google.com/run/docs/configuring/min-instances",
        "https://docs.cloud.google.com/run/docs/configuring/billing-settings",
    ],
    examples: examples!("billed-while-idle"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let rate = if service.cpu_throttling { "at the idle rate" } else { "at the full rate" };
    let warm = match service.min_instances {
        0 => None,
        1 => Some(format!("an instance is billed around the clock, {rate}")),
        many => Some(format!("{many} instances are billed around the clock, {rate}")),
    };
    let throttling = value(&["cloud_run", "cpu_throttling"]);
    match (warm, service.cpu_throttling) {
        (Some(message), throttled) => {
            let finding = findings.at_value(deployment, &["cloud_run", "min_instances"], message);
            let finding = match throttled {
                true => finding.help("write `min_instances = 0`"),
                false => finding
                    .at(deployment.source, throttling, "allocates CPU always")
                    .help("write `min_instances = 0`, and remove `cpu_throttling = false`"),
            };
            findings.push(finding);
        }
        (None, false) => findings.push(
            findings
                .finding("an instance is billed for as long as it lives, not only while it answers")
                .at(deployment.source, throttling, "")
                .help("remove `cpu_throttling = false`, unless work goes on after an answer"),
        ),
        (None, true) => {}
    }
}
