use super::{Check, Rule, at_value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "service-name-too-long",
    summary: "The service's name, made of the portal's and the environment's, is longer than Cloud Run allows.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    let length = service.name.len();
    if length > limits::SERVICE_NAME_MAX {
        let message = format!("the service's name `{}` has {length} characters, the limit is 63", service.name);
        findings.push(
            at_value(RULE.id, Level::Error, deployment, &["cloud_run", "service"], message)
                .help("write a shorter `service` in `[cloud_run]`"),
        );
    }
}
