use super::{Check, Rule, fit_for_trying, value};
use crate::config::environment::StateManager;
use crate::deployment::Deployment;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    id: "state-in-memory",
    summary: "State is kept in each instance while there may be several: it is lost when a tab changes instance.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    let Some(level) = fit_for_trying(deployment.stage) else { return };
    if service.max_instances > 1 && deployment.state_manager != StateManager::Redis {
        let message = format!("state is kept in each of up to {} instances", service.max_instances);
        findings.push(
            Finding::new(RULE.id, level, message)
                .at(deployment.source, value(&["cloud_run", "max_instances"]), "")
                .help("write `state_manager = \"redis\"`, or `max_instances = 1`; session affinity is best effort"),
        );
    }
}
