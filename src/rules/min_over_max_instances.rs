use super::{Check, Rule, value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "min-over-max-instances",
    summary: "More instances are kept warm than may exist.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    let (min, max) = (service.min_instances, service.max_instances);
    if min > max {
        findings.push(
            Finding::new(RULE.id, Level::Error, format!("{min} instances are kept warm, but at most {max} may exist"))
                .at(deployment.source, value(&["cloud_run", "min_instances"]), "")
                .at(deployment.source, value(&["cloud_run", "max_instances"]), "the most")
                .help(format!("write `min_instances = {max}` or less")),
        );
    }
}
