use std::collections::BTreeSet;

use super::{Check, Findings, Levels, Rule, at_origin, at_uri};
use crate::deployment::Deployment;
use crate::limits;
use crate::units::site;

pub(super) static RULE: Rule = Rule {
    id: "too-many-domains",
    summary: "The redirect URIs and JavaScript origins of all environments have more domains than Google takes.",
    levels: Levels::ERROR,
    why: "Google takes 10 domains in a project, and refuses more with \"Domain Limit Exceeded\". It counts the label above the public suffix: all hosts of `example.com` are one, but each host below `run.app` is one of its own.",
    sources: &["https://support.google.com/cloud/answer/7650096"],
    examples: examples!("too-many-domains"),
    check: Check::Environments(check),
};

fn check(deployments: &[Deployment], findings: &mut Findings<'_>) {
    let mut domains = BTreeSet::new();
    let mut first_over = None;
    for deployment in deployments {
        let uris = deployment.oauth.redirect_uris.iter();
        let uris = uris.map(|entry| (entry.uri.host(), at_uri(deployment, entry)));
        let origins = deployment.oauth.javascript_origins.iter().enumerate();
        let origins = origins.map(|(i, origin)| (origin.host(), at_origin(deployment, i)));
        for (host, place) in uris.chain(origins) {
            if domains.insert(counted(host)) && domains.len() == limits::OAUTH_DOMAINS_MAX + 1 {
                first_over = Some(place);
            }
        }
    }
    let Some((source, at)) = first_over else { return };
    let list = domains.iter().map(|domain| format!("`{domain}`")).collect::<Vec<_>>().join(", ");
    let message = format!("all environments together have {} domains to register: {list}", domains.len());
    findings.push(
        findings
            .finding(message)
            .at(source, at, "one more than Google takes")
            .help("use hosts of your own domain in the place of run.app ones, or split the environments over projects"),
    );
}

/// What Google counts a host as: `www.google.com` and `google.co.uk` are both `google`.
fn counted(host: &str) -> &str {
    match host {
        "127.0.0.1" | "[::1]" => "localhost",
        host => site(host).split('.').next().unwrap_or_default(),
    }
}
