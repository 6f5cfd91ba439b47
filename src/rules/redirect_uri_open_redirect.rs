use super::{Check, Findings, Levels, Rule, at_uri};
use crate::deployment::Deployment;
use crate::units::percent_decoded;

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-open-redirect",
    summary: "A redirect URI has an absolute address in its query, as an open redirect has.",
    levels: Levels::WARNING,
    why: "Google registers no URI that redirects to wherever its query says (RFC 6749, 10.15): whoever changes the query gets the code.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://www.rfc-editor.org/rfc/rfc6749#section-10.15",
    ],
    examples: examples!("redirect-uri-open-redirect"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    for entry in &deployment.oauth.redirect_uris {
        let pairs = entry.uri.query().into_iter().flat_map(|query| query.split(['&', ';']));
        let mut values = pairs.map(|pair| percent_decoded(pair.split_once('=').map_or(pair, |(_, value)| value)));
        if let Some(address) = values.find(|value| is_absolute(value)) {
            let (source, at) = at_uri(deployment, entry);
            findings.push(
                findings
                    .finding(format!("`{}` in the query looks like an open redirect", address.escape_debug()))
                    .at(source, at, "")
                    .help("leave it out: what belongs to one sign-in alone goes into `state`"),
            );
        }
    }
}

fn is_absolute(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}
