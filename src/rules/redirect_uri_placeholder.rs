use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-placeholder",
    summary: "A redirect URI holds a placeholder that nobody fills in.",
    levels: Levels::ERROR,
    why: "Google registers one URI for each host, to the letter. Only `<codespace-name>` may stay open, in the host: it is listed as not known yet, and not as a URI.",
    sources: &[
        "https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation",
        "https://docs.github.com/en/codespaces/developing-in-a-codespace/default-environment-variables-for-your-codespace",
    ],
    examples: examples!("redirect-uri-placeholder"),
    check: Check::Value,
};
