use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-googleusercontent",
    summary: "A redirect URI leads to googleusercontent.com.",
    levels: Levels::ERROR,
    why: "That domain is Google's, for what its users upload; Google registers no redirect URI on it.",
    sources: &["https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation"],
    examples: examples!("redirect-uri-googleusercontent"),
    check: Check::Value,
};
