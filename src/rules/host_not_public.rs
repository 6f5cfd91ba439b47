use super::{Check, Findings, Levels, Rule, element};
use crate::deployment::{Callback, Deployment};

pub(super) static RULE: Rule = Rule {
    id: "host-not-public",
    summary: "A host of the portal is to get a certificate or an OAuth callback, but is no public name.",
    levels: Levels::ERROR,
    why: "A managed certificate is issued once public DNS leads to the load balancer, and Google registers no redirect URI on a host whose top-level domain is not in the public suffix list. That list is the one that portalgen was built with.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://cloud.google.com/load-balancing/docs/ssl-certificates/google-managed-certs",
    ],
    examples: examples!("host-not-public"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    // The certificates of a load balancer that exists are its owner's.
    let certificates = deployment.load_balancer.as_ref().is_some_and(|load_balancer| load_balancer.created.is_some());
    let wants = match (certificates, deployment.oauth.callback) {
        (true, _) => "a certificate",
        (false, Callback::Api | Callback::App) => "an OAuth callback",
        (false, Callback::Nobody) => return,
    };
    for (i, host) in deployment.hosts.iter().enumerate() {
        if let Some(refusal) = host.refusal() {
            let (source, at) = element(deployment.source, &["hosts"], i, &[]);
            findings.push(
                findings
                    .finding(format!("{}, and this host needs {wants}", refusal.message))
                    .at(source, at, "")
                    .help("write a host name that the whole internet knows"),
            );
        }
    }
}
