use super::{Check, Findings, Levels, Rule, at_origin, at_uri, value};
use crate::deployment::Deployment;
use crate::units::CODESPACE_NAME;

pub(super) static RULE: Rule = Rule {
    id: "placeholder-in-service",
    summary: "An environment with a Cloud Run service has a codespace's placeholder in an address.",
    levels: Levels::ERROR,
    why: "A codespace's address is not known before the codespace is made; the placeholder would be deployed as it stands.",
    sources: &[
        "https://docs.github.com/en/codespaces/developing-in-a-codespace/default-environment-variables-for-your-codespace",
    ],
    examples: examples!("placeholder-in-service"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    if deployment.service.is_none() {
        return;
    }
    let api = deployment.api.iter().flat_map(|api| {
        let public_url = api.public_url.as_ref().is_some_and(|url| url.has_placeholder());
        [("url", api.url.has_placeholder()), ("public_url", public_url)]
    });
    let api = api.filter(|(_, open)| *open).map(|(key, _)| (deployment.source, value(&["api", key])));
    let uris = deployment.oauth.redirect_uris.iter().filter(|entry| entry.uri.has_placeholder());
    let uris = uris.map(|entry| at_uri(deployment, entry));
    let origins = deployment.oauth.javascript_origins.iter().enumerate();
    let origins = origins.filter(|(_, origin)| origin.has_placeholder()).map(|(i, _)| at_origin(deployment, i));
    for (source, at) in api.chain(uris).chain(origins) {
        let message = format!("`{CODESPACE_NAME}` stands for no host of a Cloud Run service");
        findings.push(
            findings
                .finding(message)
                .at(source, at, "")
                .help("write the host; only an environment without `[cloud_run]` may leave a codespace's open"),
        );
    }
}
