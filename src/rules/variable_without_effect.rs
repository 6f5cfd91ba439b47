use super::variable_refused::IMAGE_VARIABLES;
use super::{Check, Findings, Levels, Rule, key};
use crate::config::environment::StateManager;
use crate::deployment::{CORS_ORIGINS_VARIABLE, Deployment, REDIS_URL_VARIABLE};
use crate::resolve::DERIVED_VARIABLES;

pub(super) static RULE: Rule = Rule {
    id: "variable-without-effect",
    summary: "A variable is set that nothing in the container reads, or that start.sh overrides.",
    levels: Levels::WARNING,
    why: "Reflex takes an empty value for none, and passes over names that it does not know. What start.sh says on uvicorn's command line wins over uvicorn's variables.",
    sources: &["https://reflex.dev/docs/api-reference/environment-variables/", "https://www.uvicorn.org/settings/"],
    examples: examples!("variable-without-effect"),
    check: Check::Environment(check),
};

/// What start.sh says on uvicorn's command line, by the variables that say the same.
const OVERRIDDEN: &[(&str, &str)] = &[
    ("FORWARDED_ALLOW_IPS", "--forwarded-allow-ips"),
    ("UVICORN_ACCESS_LOG", "--no-access-log"),
    ("UVICORN_FACTORY", "--factory"),
    ("UVICORN_FORWARDED_ALLOW_IPS", "--forwarded-allow-ips"),
    ("UVICORN_HOST", "--host"),
    ("UVICORN_LOG_LEVEL", "--log-level"),
    ("UVICORN_PORT", "--port"),
    ("UVICORN_PROXY_HEADERS", "--proxy-headers"),
    ("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", "--timeout-graceful-shutdown"),
    ("UVICORN_TIMEOUT_KEEP_ALIVE", "--timeout-keep-alive"),
    ("UVICORN_USE_COLORS", "--no-use-colors"),
    ("UVICORN_WORKERS", "--workers"),
    ("UVICORN_WS", "--ws"),
    ("WEB_CONCURRENCY", "--workers"),
];

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let variables = deployment.variables.iter().map(|(name, value)| ("variables", name, Some(value.as_str().trim())));
    let secrets = deployment.secrets.keys().map(|name| ("secrets", name, None));
    // Without a service, the variables may be for a `reflex run` elsewhere, which reads more of them.
    let in_image = deployment.service.is_some();
    for (table, name, value) in variables.chain(secrets) {
        let overridden = OVERRIDDEN.iter().find(|(variable, _)| *variable == name.as_str());
        let (message, help) = match (name.as_str(), overridden) {
            ("REFLEX_SKIP_COMPILE", _) => (
                format!("Reflex reads `__{name}`, with two underscores, and not `{name}`"),
                "remove it: the image sets `__REFLEX_SKIP_COMPILE` itself",
            ),
            ("REFLEX_CONNECT_ERROR_COMPONENT", _) => (
                "Reflex has no setting `connect_error_component`".to_owned(),
                "remove it: an environment does without WebSockets by `strategy = \"websocket-free\"`",
            ),
            _ if value == Some("") && is_of_reflex(deployment, name.as_str()) => (
                format!("Reflex takes an empty `{name}` for none"),
                "remove it; what is to be off is said in rxconfig.py, such as `db_url=None`",
            ),
            (_, Some((_, "--workers"))) if in_image && value != Some("1") => (
                format!("`{name}` changes nothing: start.sh tells uvicorn `--workers 1`"),
                "remove it: an instance has one process, and `max_instances` says how many instances there may be",
            ),
            (_, Some((_, option))) if in_image && *option != "--workers" => {
                (format!("`{name}` changes nothing: start.sh tells uvicorn `{option}`"), "remove it")
            }
            ("REFLEX_USE_GRANIAN" | "GUNICORN_CMD_ARGS", _) if in_image => {
                (format!("`{name}` changes nothing: start.sh runs uvicorn"), "remove it")
            }
            ("REFLEX_BACKEND_HOST" | "REFLEX_BACKEND_PORT", _) if in_image => (
                format!("`{name}` changes nothing: start.sh tells uvicorn where to listen"),
                "remove it: the port is `[container] backend_port` in portal.toml",
            ),
            ("REFLEX_SHOW_BUILT_WITH_REFLEX", _) if in_image => (
                format!("`{name}` comes too late: the client is built before"),
                "remove it, and write `show_built_with_reflex=False` in rxconfig.py",
            ),
            _ => continue,
        };
        findings.push(findings.finding(message).at(deployment.source, key(&[table, name.as_str()]), "").help(help));
    }
}

/// Whether it is Reflex alone that reads the variable, and no other rule has a word on it.
fn is_of_reflex(deployment: &Deployment, name: &str) -> bool {
    let elsewhere = IMAGE_VARIABLES.contains(&name)
        || DERIVED_VARIABLES.iter().any(|(derived, _)| *derived == name)
        || name == CORS_ORIGINS_VARIABLE
        || (name == REDIS_URL_VARIABLE && deployment.state_manager == StateManager::Redis);
    name.starts_with("REFLEX_") && !elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_sh_says_what_it_is_said_to_say() {
        let script = include_str!("../../templates/start.sh.j2");
        for (variable, option) in OVERRIDDEN {
            assert!(script.contains(&format!("{option} ")), "{option}");
            let of_uvicorn = option.trim_start_matches("--").trim_start_matches("no-").replace('-', "_");
            let known = ["WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS"].contains(variable);
            assert!(known || *variable == format!("UVICORN_{}", of_uvicorn.to_uppercase()), "{variable}");
        }
        assert!(script.contains("--workers 1 "));
    }
}
