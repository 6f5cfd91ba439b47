use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "sign-in-on-another-host",
    summary: "Browsers start sign-in on one host of the API, and Google sends them back to another.",
    levels: Levels::UNTIL_PRODUCTION,
    why: "The API tells by a cookie which browser began a sign-in. That cookie belongs to the host that set it, so it does not come along to another one, and the API cannot tell the user's own sign-in from a forged one.",
    sources: &["https://www.rfc-editor.org/rfc/rfc6749#section-10.12"],
    examples: examples!("sign-in-on-another-host"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let (Some(sign_in), Some(sent)) = (&deployment.oauth.sign_in, &deployment.oauth.redirect_uri) else { return };
    // A host without any redirect URI is another rule's.
    if sign_in.hosts.contains(sent.host()) || !sign_in.has_redirect_uri {
        return;
    }
    findings.push(
        findings
            .finding(format!("sign-in comes back to `{}`, where no browser started it", sent.host()))
            .at(deployment.source, value(&["oauth", "redirect_uri"]), "")
            .at(deployment.source, value(&["api", sign_in.said_by]), "it starts here")
            .help("send a redirect URI of the host where it starts, or write in `public_url` the host that the callback arrives on"),
    );
}
