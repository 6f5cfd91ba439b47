use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-not-public",
    summary: "A redirect URI leads to a host that is not on the public internet.",
    levels: Levels::ERROR,
    why: "Google registers a host only if its top-level domain is in the public suffix list; `.internal`, `.local` and `.lan` are not. The list is the one that portalgen was built with.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://support.google.com/cloud/answer/15549257",
    ],
    examples: examples!("redirect-uri-not-public"),
    check: Check::Value,
};
