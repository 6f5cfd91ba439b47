use super::{Check, Rule, value};
use crate::deployment::{Callback, Deployment};
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "callback-unrouted",
    summary: "The portal's hosts are to take the OAuth callback, but nginx passes that path to nobody.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let callback = deployment.oauth.callback;
    if deployment.api.is_some() && !deployment.hosts.is_empty() && callback == Callback::Nobody {
        let message = "nobody answers the OAuth callback on these hosts: a page would";
        findings.push(
            Finding::new(RULE.id, Level::Error, message)
                .at(deployment.source, value(&["hosts"]), "")
                .at(deployment.portal_source, value(&["oauth"]), "the callback's path")
                .at(deployment.portal_source, value(&["api", "paths"]), "none of these covers it")
                .help("add the callback's folder to `[api] paths` of portal.toml, such as `{ path = \"/auth/\" }`"),
        );
    }
}
