//! Variables that a service cannot have.

use super::{Check, Findings, Levels, Rule, key};
use crate::deployment::{CORS_ORIGINS_VARIABLE, Deployment};
use crate::limits;
use crate::units::VariableName;

pub(super) static RULE: Rule = Rule {
    id: "variable-refused",
    summary: "Cloud Run sets a variable itself, the image depends on it, or there are too many.",
    levels: Levels::ERROR,
    why: "Cloud Run refuses a service that sets `PORT`, `K_SERVICE`, `K_REVISION` or `K_CONFIGURATION`. What the image's own ENV fixes was built in: another value would set the client, nginx and the backend at odds. A container takes at most 1000 variables, those of secrets among them.",
    sources: &[
        "https://docs.cloud.google.com/run/docs/configuring/services/environment-variables",
        "https://docs.cloud.google.com/run/quotas",
    ],
    examples: examples!("variable-refused"),
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

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    for (table, name) in deployment.variable_names() {
        let refused = match deployment.service.is_some() {
            true => in_image(name.as_str()),
            false => in_reflex_run(deployment, name),
        };
        if let Some((message, help)) = refused {
            findings.push(findings.finding(message).at(deployment.source, key(&[table, name.as_str()]), "").help(help));
        }
    }
    let (own, derived) = (deployment.variable_names().count(), deployment.derived_variables.len());
    let (number, most) = (own + derived, limits::VARIABLES_MAX);
    if deployment.service.is_some() && number > most {
        let table = if deployment.variables.is_empty() { "secrets" } else { "variables" };
        let message =
            format!("with secrets and derived ones the service has {number} variables; Cloud Run takes {most}");
        let help = format!(
            "keep at most {} in `[variables]` and `[secrets]`: put some into a file of the image",
            most - derived
        );
        findings.push(findings.finding(message).at(deployment.source, key(&[table]), "").help(help));
    }
}

/// What is wrong with a variable of a service, and what to do.
fn in_image(name: &str) -> Option<(String, &'static str)> {
    Some(match name {
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
        CORS_ORIGINS_VARIABLE => (cut(), "remove it: nginx already refuses a socket that another site's page opens"),
        _ => return None,
    })
}

/// The same where there is no service: the variables are for a developer's own `reflex run`, without the image.
fn in_reflex_run(deployment: &Deployment, name: &VariableName) -> Option<(String, &'static str)> {
    let address = deployment.variables.get(name).is_some_and(|value| value.as_str().contains(':'));
    (name.as_str() == CORS_ORIGINS_VARIABLE && address).then(|| (cut(), "remove it: Reflex then takes every origin"))
}

/// Reflex 0.8 cuts the value at every colon, so that `https://a` becomes two origins, `https` and `//a`: no page
/// could open a WebSocket, and polling would not be checked at all (run). nginx compares Origin and Host instead.
fn cut() -> String {
    format!("`{CORS_ORIGINS_VARIABLE}` cannot hold an address: Reflex cuts it at each colon")
}
