use super::{Check, Rule, value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};
use crate::units::CODESPACE_NAME;

pub(super) static RULE: Rule = Rule {
    id: "placeholder-in-service",
    summary: "An environment with a Cloud Run service has a codespace's placeholder in an address.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    if deployment.service.is_none() {
        return;
    }
    let mut report = |at| {
        findings.push(
            Finding::new(
                RULE.id,
                Level::Error,
                format!("`{CODESPACE_NAME}` stands for no host of a Cloud Run service"),
            )
            .at(deployment.source, at, "")
            .help("write the host; only an environment without `[cloud_run]` may leave a codespace's open"),
        );
    };
    if let Some(api) = &deployment.api {
        if api.url.has_placeholder() {
            report(value(&["api", "url"]));
        }
        if api.public_url.as_ref().is_some_and(|url| url.has_placeholder()) {
            report(value(&["api", "public_url"]));
        }
    }
    if deployment.oauth.redirect_uri.as_ref().is_some_and(|uri| uri.has_placeholder()) {
        report(value(&["oauth", "redirect_uri"]));
    }
    if deployment
        .oauth
        .redirect_uris
        .iter()
        .any(|entry| entry.uri.has_placeholder() && deployment.oauth.redirect_uri.as_ref() != Some(&entry.uri))
    {
        report(value(&["oauth", "redirect_uris"]));
    }
}
