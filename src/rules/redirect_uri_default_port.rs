use super::{Check, Findings, Levels, Rule, at_uri};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-default-port",
    summary: "A redirect URI has the port that its scheme has anyway.",
    levels: Levels::WARNING,
    why: "Google compares redirect URIs to the letter: with the port and without it, there are two.",
    sources: &["https://developers.google.com/identity/openid-connect/openid-connect"],
    examples: examples!("redirect-uri-default-port"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    for entry in deployment.oauth.redirect_uris.iter().filter(|entry| entry.uri.has_default_port()) {
        let (source, at) = at_uri(deployment, entry);
        let port = if entry.uri.as_str().starts_with("https:") { ":443" } else { ":80" };
        findings.push(
            findings
                .finding(format!("with `{port}` this is another URI than without, though both lead to one place"))
                .at(source, at, "")
                .help(format!("write `{}`, and send that", entry.uri.as_str().replacen(port, "", 1))),
        );
    }
}
