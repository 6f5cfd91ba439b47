use super::{Check, Findings, Levels, Rule, at_origin, at_uri};
use crate::deployment::{Deployment, UriOrigin};

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
        let follows = first.origin == UriOrigin::Host;
        let (source, at) = at_uri(deployment, again);
        let (first_source, first_at) = at_uri(deployment, first);
        findings.push(
            findings
                .finding("this redirect URI is in the list already")
                .at(source, at, "")
                .at(first_source, first_at, if follows { "it follows from this host" } else { "here" })
                .help("remove this entry of `redirect_uris`"),
        );
    }
    for (i, one) in oauth.redirect_uris.iter().enumerate() {
        for other in oauth.redirect_uris[..i].iter().filter(|other| alike(one.uri.as_str(), other.uri.as_str())) {
            // The list is easier to change than what is sent, and that than a host.
            let (one, other) = if one.origin > other.origin { (one, other) } else { (other, one) };
            let (source, at) = at_uri(deployment, one);
            let (other_source, other_at) = at_uri(deployment, other);
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
    }
    for (i, origin) in oauth.javascript_origins.iter().enumerate() {
        if let Some(first) = oauth.javascript_origins[..i].iter().position(|other| other == origin) {
            let (source, at) = at_origin(deployment, i);
            let (first_source, first_at) = at_origin(deployment, first);
            findings.push(
                findings
                    .finding("this JavaScript origin is in the list already")
                    .at(source, at, "")
                    .at(first_source, first_at, "here")
                    .help("remove this entry of `javascript_origins`"),
            );
        }
    }
}
