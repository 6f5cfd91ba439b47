use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "min-over-max-instances",
    summary: "More instances are kept warm than may exist.",
    levels: Levels::ERROR,
    why: "Cloud Run refuses a minimum above the maximum.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/min-instances"],
    examples: examples!("min-over-max-instances"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let (min, max) = (service.min_instances, service.max_instances);
    if min > max {
        findings.push(
            findings
                .finding(format!("{min} instances are kept warm, but at most {max} may exist"))
                .at(deployment.source, value(&["cloud_run", "min_instances"]), "")
                .at(deployment.source, value(&["cloud_run", "max_instances"]), "the most")
                .help(format!("write `min_instances = {max}` or less")),
        );
    }
}
