use super::{Check, Findings, Levels, Rule, at_uri, value};
use crate::deployment::{Callback, Deployment};
use crate::finding::{At, SourceId};

pub(super) static RULE: Rule = Rule {
    id: "callback-unrouted",
    summary: "An OAuth callback leads to the portal, where nginx passes that path to nobody: the code would be lost.",
    levels: Levels::ERROR,
    why: "nginx answers every path that it does not know with a page, status 200. Google would send its code there, nobody would exchange it, and no log would say so.",
    sources: &[],
    examples: examples!("callback-unrouted"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let mut report = |(source, at): (SourceId, At)| {
        findings.push(
            findings
                .finding("nobody answers this OAuth callback: the browser gets a page")
                .at(source, at, "")
                .at(deployment.portal_source, value(&["api", "paths"]), "none of these covers its path")
                .rests_on(deployment.source, &["oauth"])
                .help("add the callback's folder to `[api] paths` of portal.toml, such as `{ path = \"/auth/\" }`"),
        );
    };
    for entry in &deployment.oauth.unanswered {
        report(at_uri(deployment, entry));
    }
    // Nothing says that the API takes the callback on a host of its own, so it is the portal's hosts that must.
    let oauth = &deployment.oauth;
    let elsewhere = oauth.redirect_uri.is_some() || !oauth.redirect_uris.is_empty();
    if deployment.api.is_some() && !deployment.hosts.is_empty() && oauth.callback == Callback::Nobody && !elsewhere {
        report((deployment.source, value(&["hosts"])));
    }
}
