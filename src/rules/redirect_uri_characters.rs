use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-characters",
    summary: "A redirect URI holds a wildcard, a character that no URI may hold, or a broken percent-encoding.",
    levels: Levels::ERROR,
    why: "Google compares redirect URIs to the letter. It registers none with `*`, with what is not printable ASCII, with a `%` that no two hexadecimal digits follow, or with an encoded NUL.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://support.google.com/cloud/answer/15549257",
        "https://www.rfc-editor.org/rfc/rfc3986",
    ],
    examples: examples!("redirect-uri-characters"),
    check: Check::Value,
};
