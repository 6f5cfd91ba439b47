use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-disagrees",
    summary: "A redirect URI is another in one generated file than in the next.",
    levels: Levels::ERROR,
    why: "Google compares the URI that is sent with those that are registered, to the letter, and refuses any other with `redirect_uri_mismatch`.",
    sources: &["https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation"],
    examples: examples!("redirect-uri-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::RedirectUri, Subject::SentUri]);
}
