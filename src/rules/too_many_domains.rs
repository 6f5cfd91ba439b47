use std::collections::BTreeMap;

use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::finding::At;
use crate::limits;
use crate::units::counted_domain;

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
    let mut domains = BTreeMap::new();
    let mut first_over = None;
    for deployment in deployments {
        for registered in deployment.oauth.registered() {
            let (label, domain) = counted_domain(registered.host());
            let new = domains.insert(label, domain).is_none();
            if new && domains.len() == limits::OAUTH_DOMAINS_MAX + 1 {
                first_over = Some((deployment.source, At::Value(registered.key())));
            }
        }
    }
    let Some((source, at)) = first_over else { return };
    let list = domains.values().map(|domain| format!("`{domain}`")).collect::<Vec<_>>().join(", ");
    let message = format!("all environments together have {} domains to register: {list}", domains.len());
    findings.push(
        findings
            .finding(message)
            .at(source, at, "one more than Google takes")
            .help("use hosts of your own domain in the place of run.app ones, or split the environments over projects"),
    );
}
