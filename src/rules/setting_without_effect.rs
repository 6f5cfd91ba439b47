use super::{Check, Findings, Levels, Rule, span};
use crate::deployment::Portal;
use crate::rxconfig::Literal;

pub(super) static RULE: Rule = Rule {
    id: "setting-without-effect",
    summary: "A setting of rxconfig.py changes nothing in the image.",
    levels: Levels::WARNING,
    why: "A variable `REFLEX_<NAME>` overrides a setting, and the image sets those in which the client, nginx and the backend must agree. A name that Reflex does not know is taken without a word.",
    sources: &["https://reflex.dev/docs/api-reference/config/"],
    examples: examples!("setting-without-effect"),
    check: Check::Portal(check),
};

/// Addresses of the author's own machine, where a setting is in force.
const LOCAL: &[&str] = &["http://localhost", "http://127.0.0.1", "http://0.0.0.0", "http://[::"];

fn is_local(value: &Literal) -> bool {
    matches!(value, Literal::Text(url) if LOCAL.iter().any(|local| url.starts_with(local)))
}

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let Some(config) = &portal.files.config else { return };
    for setting in &config.settings {
        let name = &setting.name;
        let decided = |by: &str| format!("`{name}` changes nothing in the image: {by}");
        let (message, help) = match (name.as_str(), &setting.value) {
            ("connect_error_component", _) => (
                format!("Reflex has no setting `{name}`"),
                "remove it: an environment does without WebSockets by `strategy = \"websocket-free\"`",
            ),
            ("transport", _) => (decided("each environment's `strategy` decides"), "remove it"),
            ("state_manager_mode", _) => (decided("each environment's `state_manager` decides"), "remove it"),
            ("api_url", Some(value)) if !is_local(value) => (
                decided("the client calls the host that its page came from"),
                "remove it; for `reflex run`, `api_url=\"http://localhost:8000\"` is the default",
            ),
            ("backend_port", Some(Literal::Number(port))) if *port != u64::from(portal.ports.backend) => (
                decided(&format!("uvicorn listens on {}", portal.ports.backend)),
                "remove it, or write the port as `[container] backend_port` in portal.toml",
            ),
            ("telemetry_enabled", Some(Literal::Bool(true))) => {
                (decided("telemetry is off"), "write `telemetry_enabled=False`, or remove it")
            }
            _ => continue,
        };
        findings.push(findings.finding(message).at(config.source, span(&setting.name_span), "").help(help));
    }
}
