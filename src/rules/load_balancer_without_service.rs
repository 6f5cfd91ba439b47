use super::{Check, Rule, at_value};
use crate::config::environment::LoadBalancerMode;
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-without-service",
    summary: "A load balancer is to be made, but there is no Cloud Run service for it to lead to.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    if deployment.load_balancer_mode == LoadBalancerMode::Create && deployment.service.is_none() {
        let message = "there is no Cloud Run service for a load balancer to lead to".to_owned();
        findings.push(
            at_value(RULE.id, Level::Error, deployment, &["load_balancer", "mode"], message)
                .help("add `[cloud_run]`, or write `mode = \"none\"`"),
        );
    }
}
