use super::{Check, Findings, Levels, Rule, at_uri, value};
use crate::deployment::Deployment;

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
    for (source, at) in deployment.oauth.unanswered.iter().map(|entry| at_uri(deployment, entry)) {
        findings.push(
            findings
                .finding("nobody answers this OAuth callback: the browser gets a page")
                .at(source, at, "")
                .at(deployment.portal_source, value(&["api", "paths"]), "none of these covers its path")
                .rests_on(deployment.source, &["oauth"])
                .help("add the callback's folder to `[api] paths` of portal.toml, such as `{ path = \"/auth/\" }`"),
        );
    }
}
