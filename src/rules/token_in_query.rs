use super::{Check, Findings, Levels, Rule};
use crate::config::environment::TokenDelivery;
use crate::deployment::{CookieScope, Deployment};

pub(super) static RULE: Rule = Rule {
    id: "token-in-query",
    summary: "After sign-in the API hands its token to the portal in the query of an address.",
    levels: Levels::UNTIL_PRODUCTION,
    why: "The query of an address stays in the browser's history and in logs: Cloud Run's request log records the whole address, and the container cannot change that; api.env has the command that keeps such requests out of it. RFC 9700 says of access tokens that clients \"MUST NOT pass\" them there; the API's own token is worth as much.",
    sources: &["https://www.rfc-editor.org/rfc/rfc9700.html"],
    examples: examples!("token-in-query"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(sign_in) = &deployment.oauth.sign_in else { return };
    if deployment.oauth.token_delivery == TokenDelivery::Query {
        let message = "the token stays in the browser's history and in every log on the way".to_owned();
        // A cookie of another site would not come along.
        let help = match sign_in.cookie {
            CookieScope::Nowhere => "let the API hand over a code, and write `token_delivery = \"code\"`",
            _ => "let the API set a cookie or hand over a code, and write `token_delivery = \"cookie\"` or `\"code\"`",
        };
        findings.push(findings.at_value(deployment, &["oauth", "token_delivery"], message).help(help));
    }
}
