use super::{Check, Rule, value};
use crate::config::environment::{Stage, StateManager};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "state-in-memory",
    summary: "State is kept in each instance while there may be several: it is lost when a tab changes instance.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    let level = match deployment.stage {
        Stage::Development => return,
        Stage::Demo | Stage::Uat => Level::Warning,
        Stage::Production => Level::Error,
    };
    if service.max_instances > 1 && deployment.state_manager != StateManager::Redis {
        let message = format!("state is kept in each of up to {} instances", service.max_instances);
        findings.push(
            Finding::new(RULE.id, level, message)
                .at(deployment.source, value(&["cloud_run", "max_instances"]), "")
                .help("write `state_manager = \"redis\"`, or `max_instances = 1`; session affinity is best effort"),
        );
    }
}
