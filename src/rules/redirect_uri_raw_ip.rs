use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-raw-ip",
    summary: "A redirect URI leads to an IP address.",
    levels: Levels::ERROR,
    why: "Google registers host names only; of addresses it takes those of localhost.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://support.google.com/cloud/answer/15549257",
    ],
    examples: examples!("redirect-uri-raw-ip"),
    check: Check::Value,
};
