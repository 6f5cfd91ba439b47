use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "default-service-account",
    summary: "The portal runs as the project's Compute Engine account, which other services share and which often has broad rights.",
    levels: Levels::FROM_UAT,
    why: "Without an account of its own a service runs as the Compute Engine default account. In many projects that account is an editor of everything, and what the portal needs cannot be told from what others need.",
    sources: &["https://docs.cloud.google.com/run/docs/securing/service-identity"],
    examples: examples!("default-service-account"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let account = service.service_account.as_ref().map(|account| account.as_str());
    if account.is_none_or(|account| account.ends_with("-compute@developer.gserviceaccount.com")) {
        findings.push(
            findings
                .at_value(
                    deployment,
                    &["cloud_run", "service_account"],
                    "the portal runs as the project's Compute Engine account",
                )
                .help(format!("write `service_account = \"NAME@{}.iam.gserviceaccount.com\"`", service.project)),
        );
    }
}
