use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;
use crate::finding::At;
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
    let api = api.filter(|(_, open)| *open).map(|(key, _)| value(&["api", key]));
    let registered = deployment.oauth.registered().filter(|registered| registered.has_placeholder());
    for at in api.chain(registered.map(|registered| At::Value(registered.key()))) {
        let message = format!("`{CODESPACE_NAME}` cannot be filled in for a deployed service");
        findings.push(
            findings
                .finding(message)
                .at(deployment.source, at, "")
                .help("write the host; only an environment without `[cloud_run]` may leave a codespace's open"),
        );
    }
}
