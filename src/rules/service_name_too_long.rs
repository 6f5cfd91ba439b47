use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "service-name-too-long",
    summary: "The service's name, made of the portal's and the environment's, is longer than Cloud Run allows.",
    levels: Levels::ERROR,
    why: "A name is a DNS label: Cloud Run refuses more than 63 characters.",
    sources: &["https://docs.cloud.google.com/run/docs/reference/yaml/v1"],
    examples: examples!("service-name-too-long"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let (length, most) = (service.name.len(), limits::SERVICE_NAME_MAX);
    if length > most {
        let message = format!("the service's name `{}` has {length} characters, the limit is {most}", service.name);
        findings.push(findings.at_value(deployment, &["cloud_run", "service"], message).help(format!(
            "write a `service` of at most {} characters in `[cloud_run]`: Cloud Run's console takes no more",
            limits::SERVICE_NAME_IN_CONSOLE_MAX
        )));
    }
}
