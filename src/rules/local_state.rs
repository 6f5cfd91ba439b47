use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "local-state",
    summary: "Terraform's state of the load balancer is a file on whichever machine it is applied from.",
    levels: Levels::FROM_DEMO,
    why: "Terraform knows what it made by its state alone. Whoever applies from another machine has none and would make everything again, under names that are taken; where the file is lost, each resource must be imported by hand.",
    sources: &["https://developer.hashicorp.com/terraform/language/state"],
    examples: examples!("local-state"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    if deployment.has_local_state() {
        findings.push(
            findings
                .at_value(
                    deployment,
                    &["load_balancer", "mode"],
                    "the load balancer's Terraform state would be a file on one machine",
                )
                .help("add `state_bucket = \"...\"` to `[load_balancer]`, a Cloud Storage bucket"),
        );
    }
}
