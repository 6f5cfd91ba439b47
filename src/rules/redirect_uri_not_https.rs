use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-not-https",
    summary: "A redirect URI does not begin with `https://`.",
    levels: Levels::ERROR,
    why: "Google registers no plain http, except on localhost, `127.0.0.1` and `[::1]`: the code would cross the network unencrypted.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://support.google.com/cloud/answer/15549257",
    ],
    examples: examples!("redirect-uri-not-https"),
    check: Check::Value,
};
