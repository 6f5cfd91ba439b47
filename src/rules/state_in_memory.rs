use super::{Check, Findings, Levels, Rule, value};
use crate::config::environment::StateManager;
use crate::deployment::{Deployment, REDIS_URL_VARIABLE};

pub(super) static RULE: Rule = Rule {
    id: "state-in-memory",
    summary: "State is kept in each instance while there may be several: it is lost when a tab changes instance.",
    levels: Levels::UNTIL_PRODUCTION,
    why: "An instance's memory is its own. A tab that reloads, reconnects or is sent elsewhere finds nothing of its state there; session affinity is best effort and ends with the instance.",
    sources: &["https://docs.cloud.google.com/run/docs/triggering/websockets"],
    examples: examples!("state-in-memory"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if service.max_instances > 1 && deployment.state_manager != StateManager::Redis {
        let message = format!("state is kept in each of up to {} instances", service.max_instances);
        let finding = findings.finding(message).at(deployment.source, value(&["cloud_run", "max_instances"]), "");
        // Long polling breaks altogether without it, which another rule says.
        let finding = match deployment.image.websocket && !service.session_affinity {
            true => finding.at(
                deployment.source,
                value(&["cloud_run", "session_affinity"]),
                "and a tab that reloads reaches any of them",
            ),
            false => finding,
        };
        findings.push(
            finding.help(format!(
                "write `max_instances = 1`, or `state_manager = \"redis\"` with `{REDIS_URL_VARIABLE}` among the secrets; session affinity is best effort"
            )),
        );
    }
}
