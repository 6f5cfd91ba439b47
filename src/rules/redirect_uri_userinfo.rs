use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-userinfo",
    summary: "A redirect URI holds a user name or a password.",
    levels: Levels::ERROR,
    why: "Google registers no URI with anything before an `@`, and the password would stand in this file, in the rendered ones and in every log.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://support.google.com/cloud/answer/15549257",
    ],
    examples: examples!("redirect-uri-userinfo"),
    check: Check::Value,
};
