use super::{Check, Findings, Levels, Rule, key, value};
use crate::config::environment::StateManager;
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "redis-url-without-redis",
    summary: "Reflex is told where Redis is, and would use it, against what `state_manager` says.",
    levels: Levels::ERROR,
    why: "Reflex keeps state in Redis as soon as it knows of one, whatever `REFLEX_STATE_MANAGER_MODE` says (read in Reflex 0.8.24.post1).",
    sources: &[],
    examples: examples!("redis-url-without-redis"),
    check: Check::Environment(check),
};

const URL: &str = "REFLEX_REDIS_URL";

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    // Reflex takes an empty value for none.
    let variables = deployment.variables.iter().filter(|(_, value)| !value.as_str().trim().is_empty());
    let variables = variables.map(|(name, _)| ("variables", name));
    let secrets = deployment.secrets.keys().map(|name| ("secrets", name));
    let given = variables.chain(secrets).find(|(_, name)| name.as_str() == URL);
    if let (Some((table, _)), true) = (given, deployment.state_manager != StateManager::Redis) {
        findings.push(
            findings
                .finding(format!("with `{URL}` Reflex keeps state in Redis, whatever else is said"))
                .at(deployment.source, key(&[table, URL]), "")
                .at(deployment.source, value(&["state_manager"]), "says otherwise")
                .help("write `state_manager = \"redis\"`, or remove the variable"),
        );
    }
}
