use super::{Check, Rule, at_value};
use crate::config::environment::ServedBy;
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-of-unknown-host",
    summary: "A redirect URI is said to be served by the portal, on a host that is not the portal's.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    for entry in &deployment.oauth.redirect_uris {
        let ours = deployment.hosts.iter().any(|host| host.as_str() == entry.uri.host());
        if entry.served_by == ServedBy::Portal && !ours {
            let message = format!("`{}` is none of the portal's hosts", entry.uri.host());
            findings.push(
                at_value(RULE.id, Level::Error, deployment, &["oauth", "redirect_uris"], message)
                    .help("add it to `hosts`, or say who serves it: `api` or `elsewhere`"),
            );
        }
    }
}
