use super::{Check, Rule, fit_for_trying, value};
use crate::config::environment::Ingress;
use crate::deployment::Deployment;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-bypassed",
    summary: "The run.app address goes round the load balancer, and a client can forge its address there.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    let Some(level) = fit_for_trying(deployment.stage) else { return };
    if deployment.load_balancer.is_some() && service.ingress == Ingress::All && service.default_url {
        findings.push(
            Finding::new(RULE.id, level, "the run.app address goes round the load balancer")
                .at(deployment.source, value(&["cloud_run", "ingress"]), "")
                .at(deployment.source, value(&["load_balancer", "mode"]), "the load balancer")
                .help("write `ingress = \"internal-and-cloud-load-balancing\"` in `[cloud_run]`"),
        );
    }
}
