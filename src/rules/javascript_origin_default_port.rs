use super::{Check, Levels, Rule};

pub(super) static RULE: Rule = Rule {
    id: "javascript-origin-default-port",
    summary: "A JavaScript origin has the port that its scheme has anyway.",
    levels: Levels::ERROR,
    why: "A browser leaves that port out of the origin that it names, so Google would find another one registered.",
    sources: &[
        "https://support.google.com/cloud/answer/15549257",
        "https://developers.google.com/identity/protocols/oauth2/javascript-implicit-flow",
    ],
    examples: examples!("javascript-origin-default-port"),
    check: Check::Value,
};
