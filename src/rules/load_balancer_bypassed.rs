use super::{Check, Findings, Levels, Rule, value};
use crate::config::environment::Ingress;
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-bypassed",
    summary: "Requests to the run.app address bypass the load balancer, and a client can forge its address there.",
    levels: Levels::UNTIL_PRODUCTION,
    why: "Whoever calls the run.app address passes none of the load balancer's rules, and nginx, which trusts one entry of X-Forwarded-For more behind a load balancer, takes a forged client address for the real one.",
    sources: &["https://docs.cloud.google.com/run/docs/securing/ingress"],
    examples: examples!("load-balancer-bypassed"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if deployment.load_balancer.is_some() && service.ingress == Ingress::All && service.default_url {
        findings.push(
            findings
                .finding("requests to the run.app address bypass the load balancer")
                .at(deployment.source, value(&["cloud_run", "ingress"]), "")
                .at(deployment.source, value(&["load_balancer", "mode"]), "the load balancer")
                .help("write `ingress = \"internal-and-cloud-load-balancing\"` in `[cloud_run]`"),
        );
    }
}
