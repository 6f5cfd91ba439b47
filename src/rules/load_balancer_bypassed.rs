use super::{Check, Rule, value};
use crate::config::environment::{Ingress, Stage};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-bypassed",
    summary: "The run.app address goes round the load balancer, and a client can forge its address there.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    let level = match deployment.stage {
        Stage::Development => return,
        Stage::Demo | Stage::Uat => Level::Warning,
        Stage::Production => Level::Error,
    };
    if deployment.load_balancer.is_some() && service.ingress == Ingress::All {
        findings.push(
            Finding::new(RULE.id, level, "the run.app address goes round the load balancer")
                .at(deployment.source, value(&["cloud_run", "ingress"]), "")
                .at(deployment.source, value(&["load_balancer", "mode"]), "the load balancer")
                .help("write `ingress = \"internal-and-cloud-load-balancing\"` in `[cloud_run]`"),
        );
    }
}
