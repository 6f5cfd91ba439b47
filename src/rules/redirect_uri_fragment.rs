use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-fragment",
    summary: "A redirect URI has a fragment.",
    levels: Levels::ERROR,
    why: "Google registers no URI with a `#`: a browser keeps to itself what follows it.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://support.google.com/cloud/answer/15549257",
    ],
    examples: examples!("redirect-uri-fragment"),
    check: Check::Value,
};
