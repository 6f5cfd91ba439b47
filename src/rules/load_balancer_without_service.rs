use super::{Check, Findings, Levels, Rule};
use crate::config::environment::LoadBalancerMode;
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-without-service",
    summary: "A load balancer is to lead to the portal, but there is no Cloud Run service.",
    levels: Levels::ERROR,
    why: "The backend that is made for the load balancer is the Cloud Run service of the same environment.",
    sources: &["https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts"],
    examples: examples!("load-balancer-without-service"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    if deployment.load_balancer_mode != LoadBalancerMode::None && deployment.service.is_none() {
        let message = "there is no Cloud Run service for a load balancer to lead to".to_owned();
        findings.push(
            findings
                .at_value(deployment, &["load_balancer", "mode"], message)
                .help("add `[cloud_run]`, or remove `[load_balancer]`"),
        );
    }
}
