use super::{Check, Findings, Levels, Rule};
use crate::config::environment::StateManager;
use crate::deployment::{Deployment, REDIS_URL_VARIABLE};

pub(super) static RULE: Rule = Rule {
    id: "redis-without-url",
    summary: "State is to be kept in Redis, but nothing says where Redis is.",
    levels: Levels::ERROR,
    why: "Without an address Reflex does not start with Redis as its state manager.",
    sources: &[],
    examples: examples!("redis-without-url"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    // Reflex takes an empty value for none.
    let variables = deployment.variables.iter().filter(|(_, value)| !value.as_str().trim().is_empty());
    let given =
        deployment.secrets.keys().chain(variables.map(|(name, _)| name)).any(|n| n.as_str() == REDIS_URL_VARIABLE);
    if deployment.state_manager == StateManager::Redis && !given && !deployment.redis_in_code {
        let message = "Reflex is not told where Redis is".to_owned();
        findings.push(
            findings
                .at_value(deployment, &["state_manager"], message)
                .help(format!("add `{REDIS_URL_VARIABLE} = {{ secret = \"...\", version = \"1\" }}` to `[secrets]`")),
        );
    }
}
