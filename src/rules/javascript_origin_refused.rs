use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "javascript-origin-refused",
    summary: "A JavaScript origin is one that Google refuses for the same reason as a redirect URI.",
    levels: Levels::ERROR,
    why: "Google takes https origins on public host names only (localhost excepted), without credentials, wildcards or placeholders.",
    sources: &["https://support.google.com/cloud/answer/15549257"],
    examples: examples!("javascript-origin-refused"),
    check: Check::Value,
};
