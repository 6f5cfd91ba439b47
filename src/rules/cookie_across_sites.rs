use super::{Check, Findings, Levels, Rule, value};
use crate::config::environment::TokenDelivery;
use crate::deployment::Deployment;
use crate::units::{Host, RedirectUri, site};

pub(super) static RULE: Rule = Rule {
    id: "cookie-across-sites",
    summary: "The token is to come in a cookie, but the API answers the callback on another site than the portal's, so the cookie never reaches it.",
    levels: Levels::ERROR,
    why: "A browser keeps a cookie for the host that sets it, or for a domain above that host and below a public suffix. `run.app` is such a suffix: two hosts below it share no cookie, and none with a domain of your own.",
    sources: &["https://publicsuffix.org/"],
    examples: examples!("cookie-across-sites"),
    check: Check::Environment(check),
};

/// The callback and a host of the portal, if no host shares a site with the callback.
fn apart(deployment: &Deployment) -> Option<(&RedirectUri, &Host)> {
    let sent = deployment.oauth.redirect_uri.as_ref()?;
    let shared = deployment.hosts.iter().any(|host| site(host.as_str()) == site(sent.host()));
    deployment.hosts.first().filter(|_| !shared).map(|host| (sent, host))
}

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some((sent, host)) = apart(deployment).filter(|_| deployment.oauth.token_delivery == TokenDelivery::Cookie)
    else {
        return;
    };
    findings.push(
        findings
            .finding(format!("no cookie that `{}` sets ever reaches `{host}`", sent.host()))
            .at(deployment.source, value(&["oauth", "redirect_uri"]), "")
            .at(deployment.source, value(&["hosts"]), "another site")
            .at(deployment.source, value(&["oauth", "token_delivery"]), "")
            .help(format!(
                "let the callback arrive on a host of `{}`, or hand over a code: `token_delivery = \"code\"`",
                site(host.as_str())
            )),
    );
}
