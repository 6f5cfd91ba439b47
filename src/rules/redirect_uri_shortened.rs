use super::{Check, Findings, Levels, Rule, at_origin, at_uri};
use crate::deployment::Deployment;
use crate::units::site;

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-shortened",
    summary: "A redirect URI or a JavaScript origin is on the domain of a URL shortener.",
    levels: Levels::WARNING,
    why: "Google registers no shortener's domain unless the app owns it; then the path contains `/google-callback/` or ends with `/google-callback`.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://support.google.com/cloud/answer/15549257",
    ],
    examples: examples!("redirect-uri-shortened"),
    check: Check::Environment(check),
};

/// Google names `goo.gl` as an example; these are as well known.
const SHORTENERS: &[&str] = &[
    "bit.ly",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "ow.ly",
    "rebrand.ly",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
    "v.gd",
];

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let oauth = &deployment.oauth;
    let owned = |path: &str| path.contains("/google-callback/") || path.ends_with("/google-callback");
    let uris = oauth.redirect_uris.iter().filter(|entry| !owned(entry.uri.path()));
    let uris = uris.map(|entry| (entry.uri.host(), at_uri(deployment, entry)));
    let origins = oauth.javascript_origins.iter().enumerate();
    let origins = origins.map(|(i, origin)| (origin.host(), at_origin(deployment, i)));
    for (host, (source, at)) in uris.chain(origins).filter(|(host, _)| SHORTENERS.contains(&site(host))) {
        findings.push(
            findings
                .finding(format!("`{host}` shortens addresses, and Google registers nothing there"))
                .at(source, at, "")
                .help("write the address that it leads to"),
        );
    }
}
