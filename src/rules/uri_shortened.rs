use super::{Check, Findings, Levels, Rule};
use crate::deployment::{Deployment, Registered};
use crate::finding::At;
use crate::units::site;

pub(super) static RULE: Rule = Rule {
    id: "uri-shortened",
    summary: "A redirect URI or a JavaScript origin is on the domain of a URL shortener.",
    levels: Levels::WARNING,
    why: "Google registers no shortener's domain unless the app owns it; a redirect URI's path then contains `/google-callback/` or ends with `/google-callback`.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://support.google.com/cloud/answer/15549257",
    ],
    examples: examples!("uri-shortened"),
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
    let owned = |path: &str| path.contains("/google-callback/") || path.ends_with("/google-callback");
    for registered in deployment.oauth.registered().filter(|registered| SHORTENERS.contains(&site(registered.host()))) {
        if matches!(registered, Registered::Uri(entry) if owned(entry.uri.path())) {
            continue;
        }
        let (host, kind) = (registered.host(), registered.kind());
        findings.push(
            findings
                .finding(format!("`{host}` shortens addresses, and Google registers no {kind} there"))
                .at(deployment.source, At::Value(registered.key()), "")
                .help("write the address that it leads to"),
        );
    }
}
