//! Names that an author may not give to a variable.

use super::{Check, Findings, Levels, Rule, key};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "reserved-variable",
    summary: "A variable has a name that Cloud Run sets itself, or that the image depends on.",
    levels: Levels::ERROR,
    why: "Cloud Run refuses a service that sets `PORT`, `K_SERVICE`, `K_REVISION` or `K_CONFIGURATION`. What the image's own ENV fixes was built in: another value would set the client, nginx and the backend at odds.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/services/environment-variables"],
    examples: examples!("reserved-variable"),
    check: Check::Environment(check),
};

/// What the image sets for itself (ENV of the Dockerfile); another value would set nginx, the client and the backend at
/// odds, or send files where nothing can be written.
pub const IMAGE_VARIABLES: &[&str] = &[
    "PATH",
    "PYTHONUNBUFFERED",
    "REFLEX_API_URL",
    "REFLEX_CHECK_LATEST_VERSION",
    "REFLEX_ENV_MODE",
    "REFLEX_STATES_WORKDIR",
    "REFLEX_TELEMETRY_ENABLED",
    "REFLEX_TRANSPORT",
    "REFLEX_UPLOADED_FILES_DIR",
    "REFLEX_WEB_WORKDIR",
    "__REFLEX_SKIP_COMPILE",
];

/// Reflex 0.8 cuts the value at every colon, so that `https://a` becomes two origins, `https` and `//a`: no page
/// could open a WebSocket, and polling would not be checked at all (run). nginx compares Origin and Host instead.
const ORIGINS: &str = "REFLEX_CORS_ALLOWED_ORIGINS";

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let variables = deployment.variables.keys().map(|name| ("variables", name));
    let secrets = deployment.secrets.keys().map(|name| ("secrets", name));
    for (table, name) in variables.chain(secrets) {
        let (message, help) = match name.as_str() {
            "PORT" => (
                "Cloud Run sets `PORT` itself and refuses a service that does".to_owned(),
                "remove it: its value is `[container] port` of portal.toml",
            ),
            reserved if limits::RESERVED_VARIABLES.contains(&reserved) => (
                format!("Cloud Run sets `{name}` itself and refuses a service that does"),
                "remove it: every instance has it already",
            ),
            image if IMAGE_VARIABLES.contains(&image) => (
                format!("`{name}` is fixed when the image is built"),
                "remove it: what can be chosen follows from `strategy` and portal.toml",
            ),
            ORIGINS => (
                format!("`{ORIGINS}` cannot hold an address: Reflex cuts it at each colon"),
                "remove it: nginx already refuses a socket that another site's page opens",
            ),
            _ => continue,
        };
        findings.push(findings.finding(message).at(deployment.source, key(&[table, name.as_str()]), "").help(help));
    }
}
