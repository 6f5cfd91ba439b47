use super::{Check, Findings, Levels, Rule, key, value};
use crate::config::environment::StateManager;
use crate::deployment::{Deployment, REDIS_URL_VARIABLE};
use crate::units::VariableName;

pub(super) static RULE: Rule = Rule {
    id: "redis-url-without-redis",
    summary: "Reflex is told where Redis is, and would use it, against what `state_manager` says.",
    levels: Levels::ERROR,
    why: "Reflex keeps state in Redis as soon as it knows of one, whatever `REFLEX_STATE_MANAGER_MODE` says (read in Reflex 0.8.24.post1).",
    sources: &[],
    examples: examples!("redis-url-without-redis"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    // Reflex takes an empty value for none.
    let empty =
        |name: &VariableName| deployment.variables.get(name).is_some_and(|value| value.as_str().trim().is_empty());
    let mut given = deployment.variable_names().filter(|(_, name)| name.as_str() == REDIS_URL_VARIABLE);
    let given = given.find(|(table, name)| *table == "secrets" || !empty(name));
    if let (Some((table, _)), true) = (given, deployment.state_manager != StateManager::Redis) {
        findings.push(
            findings
                .finding(format!("with `{REDIS_URL_VARIABLE}` Reflex keeps state in Redis, whatever else is said"))
                .at(deployment.source, key(&[table, REDIS_URL_VARIABLE]), "")
                .at(deployment.source, value(&["state_manager"]), "says otherwise")
                .help("write `state_manager = \"redis\"`, or remove the variable"),
        );
    }
}
