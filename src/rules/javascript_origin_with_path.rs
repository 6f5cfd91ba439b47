use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "javascript-origin-with-path",
    summary: "A JavaScript origin has a path, a query or a fragment.",
    levels: Levels::ERROR,
    why: "An origin is scheme, host and port. Google registers none with more, not even with a `/` at its end.",
    sources: &["https://support.google.com/cloud/answer/15549257"],
    examples: examples!("javascript-origin-with-path"),
    check: Check::Value,
};
