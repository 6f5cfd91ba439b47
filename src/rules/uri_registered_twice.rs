use super::{Check, Findings, Levels, Rule, at_uri, element};
use crate::deployment::{Deployment, RedirectUriEntry, UriOrigin};
use crate::finding::{At, SourceId};

pub(super) static RULE: Rule = Rule {
    id: "uri-registered-twice",
    summary: "A redirect URI or a JavaScript origin is listed twice, or two redirect URIs differ only in case or in a `/` at the end.",
    levels: Levels::WARNING,
    why: "Google compares to the letter, with case and with a `/` at the end: of two URIs that look the same, the one that is sent must be registered, and the other is a slip.",
    sources: &["https://developers.google.com/identity/openid-connect/openid-connect"],
    examples: examples!("uri-registered-twice"),
    check: Check::Environment(check),
};

/// Whether two URIs are easily taken for one.
pub(super) fn alike(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let oauth = &deployment.oauth;
    // What is sent may be listed too, to say who answers it.
    for again in oauth.repeated.iter().filter(|entry| matches!(entry.origin, UriOrigin::Listed(_))) {
        let first = oauth.redirect_uris.iter().find(|entry| entry.uri == again.uri);
        let first = first.expect("what is repeated is listed");
        let label = if first.origin == UriOrigin::Host { "it follows from this host" } else { "here" };
        let places = [at_uri(deployment, again), at_uri(deployment, first)];
        push_repeated(findings, "redirect URI", "redirect_uris", places, label);
    }
    for (i, origin) in oauth.javascript_origins.iter().enumerate() {
        if let Some(first) = oauth.javascript_origins[..i].iter().position(|other| other == origin) {
            let place = |index| element(deployment.source, &["oauth", "javascript_origins"], index, &[]);
            push_repeated(findings, "JavaScript origin", "javascript_origins", [place(i), place(first)], "here");
        }
    }
    for (i, one) in oauth.redirect_uris.iter().enumerate() {
        for other in oauth.redirect_uris[..i].iter().filter(|other| alike(one.uri.as_str(), other.uri.as_str())) {
            // The list is easier to change than what is sent, and that than a host.
            let (one, other) = if one.origin > other.origin { (one, other) } else { (other, one) };
            push_alike(findings, deployment, one, other);
        }
    }
}

/// The same value twice: the later place, then the first.
fn push_repeated(findings: &mut Findings<'_>, what: &str, list: &str, places: [(SourceId, At); 2], label: &str) {
    let [(source, at), (first_source, first_at)] = places;
    findings.push(
        findings
            .finding(format!("this {what} is in the list already"))
            .at(source, at, "")
            .at(first_source, first_at, label)
            .help(format!("remove this entry of `{list}`")),
    );
}

/// Two values that look the same: the one to change first.
fn push_alike(findings: &mut Findings<'_>, deployment: &Deployment, one: &RedirectUriEntry, other: &RedirectUriEntry) {
    let [(source, at), (other_source, other_at)] = [at_uri(deployment, one), at_uri(deployment, other)];
    findings.push(
        findings
            .finding(format!("`{}` and `{}` are two URIs", one.uri, other.uri))
            .at(source, at, "")
            .at(other_source, other_at, "nearly the same")
            .help(match (one.origin, other.origin) {
                (UriOrigin::Listed(_), UriOrigin::Sent) => {
                    "remove this entry of `redirect_uris`: the other one is sent".to_owned()
                }
                (UriOrigin::Listed(_), UriOrigin::Host) => {
                    "remove this entry of `redirect_uris`: the other one follows from the host".to_owned()
                }
                (UriOrigin::Sent, _) => format!("write `redirect_uri = \"{}\"`", other.uri),
                _ => "remove the entry of `redirect_uris` that no client sends".to_owned(),
            }),
    );
}
