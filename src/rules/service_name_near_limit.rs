use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "service-name-near-limit",
    summary: "The service's name is longer than the console takes, and its run.app address may not be foreseeable.",
    levels: Levels::WARNING,
    why: "Cloud Run takes 63 characters, its console 49. The address `<service>-<project number>.<region>.run.app`, which can be told before the first deployment, exists only where its first label has at most 63: with 12 digits of project number, up to 50 for the name.",
    sources: &["https://docs.cloud.google.com/run/docs/triggering/https-request"],
    examples: examples!("service-name-near-limit"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let length = service.name.len();
    let most = limits::SERVICE_NAME_IN_CONSOLE_MAX;
    if (most + 1..=limits::SERVICE_NAME_MAX).contains(&length) {
        let message = format!("the service's name has {length} characters; Cloud Run's console takes {most}");
        findings.push(
            findings
                .at_value(deployment, &["cloud_run", "service"], message)
                .help(format!("write a `service` of at most {most} characters in `[cloud_run]`")),
        );
    }
}
