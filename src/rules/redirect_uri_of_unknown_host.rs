use super::{Check, Findings, Levels, Rule, at_uri};
use crate::config::environment::ServedBy;
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-of-unknown-host",
    summary: "A redirect URI is said to be served by the portal, on a host that is not the portal's.",
    levels: Levels::ERROR,
    why: "`served_by = \"portal\"` says that this portal's nginx answers on that host; no host of this environment is that one.",
    sources: &[],
    examples: examples!("redirect-uri-of-unknown-host"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    for entry in &deployment.oauth.redirect_uris {
        let host = entry.uri.host();
        let known = deployment.hosts.iter().any(|ours| ours.as_str() == host);
        let run_app = deployment.service.as_ref().is_some_and(|service| service.is_at(host));
        // A developer's own machine or codespace is nobody else's.
        let own = entry.uri.is_local() || entry.uri.has_placeholder();
        if entry.served_by == ServedBy::Portal && !known && !run_app && !own {
            let (source, at) = at_uri(deployment, entry);
            findings.push(
                findings
                    .finding(format!("`{host}` is none of the portal's hosts"))
                    .at(source, at, "")
                    .help("add it to `hosts`, or say who serves it: `api` or `elsewhere`"),
            );
        }
    }
}
