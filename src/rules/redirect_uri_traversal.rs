use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-traversal",
    summary: "A redirect URI goes up a folder by `/..` or `\\..`, plain or encoded.",
    levels: Levels::ERROR,
    why: "Google registers no such URI, `%2e%2e`, `%2f..` and `%5c..` included: it leads elsewhere than it seems to.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://support.google.com/cloud/answer/15549257",
    ],
    examples: examples!("redirect-uri-traversal"),
    check: Check::Value,
};
