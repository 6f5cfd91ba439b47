use super::{Check, Rule, at_uri};
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
        let host = entry.uri.host();
        let known = deployment.hosts.iter().any(|ours| ours.as_str() == host);
        // A developer's own machine or codespace is nobody else's.
        let own = matches!(host, "localhost" | "127.0.0.1") || entry.uri.has_placeholder();
        if entry.served_by == ServedBy::Portal && !known && !own {
            let (source, at) = at_uri(deployment, entry);
            findings.push(
                Finding::new(RULE.id, Level::Error, format!("`{host}` is none of the portal's hosts"))
                    .at(source, at, "")
                    .help("add it to `hosts`, or say who serves it: `api` or `elsewhere`"),
            );
        }
    }
}
