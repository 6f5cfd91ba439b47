use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::{Callback, Deployment};

pub(super) static RULE: Rule = Rule {
    id: "no-redirect-uri",
    summary: "There is an API that owns sign-in, and hosts, but no redirect URI to register.",
    levels: Levels::WARNING,
    why: "A host's redirect URI is registered where somebody answers it: the API, by a path that nginx passes on, or the app. Where nobody does and no other URI is named, Google refuses every sign-in with `redirect_uri_mismatch`.",
    sources: &["https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation"],
    examples: examples!("no-redirect-uri"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let oauth = &deployment.oauth;
    let unanswered = oauth.callback == Callback::Nobody && oauth.redirect_uris.is_empty();
    if deployment.api.is_some() && !deployment.hosts.is_empty() && unanswered {
        findings.push(
            findings
                .at_value(deployment, &["hosts"], "nobody answers the OAuth callback on these hosts, and no other is named")
                .at(deployment.portal_source, value(&["api", "paths"]), "none of these covers its path")
                .rests_on(deployment.source, &["oauth"])
                .help("add the callback's folder to `[api] paths` of portal.toml, such as `{ path = \"/auth/\" }`, or the URI that the API sends to `[oauth] redirect_uri`"),
        );
    }
}
