use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "api-host-without-redirect-uri",
    summary: "Browsers reach the API on a host that no redirect URI is on.",
    levels: Levels::UNTIL_PRODUCTION,
    why: "Sign-in starts where browsers reach the API, and should come back there: a URI that the API makes of its own address is refused with `redirect_uri_mismatch`, and on any other host the cookie of the sign-in is missing.",
    sources: &["https://support.google.com/cloud/answer/15549257"],
    examples: examples!("api-host-without-redirect-uri"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(sign_in) = deployment.oauth.sign_in.as_ref().filter(|sign_in| !sign_in.has_redirect_uri) else { return };
    let hosts = sign_in.hosts.iter().map(|host| format!("`{host}`")).collect::<Vec<_>>().join(" or ");
    findings.push(
        findings
            .finding(format!("no redirect URI is on {hosts}, where browsers reach the API"))
            .at(deployment.source, value(&["api", sign_in.said_by]), "")
            .rests_on(deployment.source, &["oauth"])
            .rests_on(deployment.source, &["hosts"])
            .help("register the callback on that host too, and send that URI; or correct `public_url`"),
    );
}
