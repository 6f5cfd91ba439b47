//! The rule that reports what [`secrets`](crate::secrets) finds in a TOML file. What it reports is printed nowhere.

use super::{Check, Findings, Levels, Rule};
use crate::finding::At;
use crate::schema_line::TomlFile;
use crate::secrets::look::Why;
use crate::secrets::{self, Found};
use crate::source::Segment;

pub(super) static RULE: Rule = Rule {
    id: secrets::RULE_ID,
    summary: "A value in the file is a secret, to go by its variable's name, its shape or its randomness.",
    levels: Levels::ERROR,
    why: "What is written here is in the repository and its history, in every rendered file, and in the service for whoever may look at it. Secret Manager keeps the value, and the service names it. No output shows a value that this rule finds.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/secrets"],
    examples: examples!("secret-in-plain-sight"),
    check: Check::File(check),
};

fn check(file: &TomlFile, findings: &mut Findings<'_>) {
    for Found { path, why } in &file.secrets {
        let keys: Vec<_> =
            path.segments().iter().map(|s| if let Segment::Key(key) = s { key.as_str() } else { "" }).collect();
        let (message, help) = match (keys.as_slice(), why) {
            (["variables", name], why) => (of_variable(name, why), in_secret_manager(name)),
            ([.., "secrets", name, "secret"], Why::Shape(what)) => (
                format!("the `secret` of `{name}` is {what}, not the name of one"),
                "write the secret's name, and put a new value into Secret Manager: this one is known now".to_owned(),
            ),
            (_, Why::Shape(what)) => (
                format!("`{}` holds {what}", secrets::key(path)),
                "take it out, and have a new one made: this one is known now".to_owned(),
            ),
            // Names and randomness tell of variables only.
            (_, Why::Name | Why::Random) => continue,
        };
        findings.push(findings.finding(message).at(file.source, At::Value(path.clone()), "").help(help));
    }
}

fn of_variable(name: &str, why: &Why) -> String {
    match why {
        Why::Name => format!("the value of `{name}` is a secret, by the variable's name"),
        Why::Shape(what) => format!("`{name}` holds {what}"),
        Why::Random => format!("the value of `{name}` is as random as a secret"),
    }
}

fn in_secret_manager(name: &str) -> String {
    let secret = name.to_lowercase().replace('_', "-");
    format!(
        "write `{name} = {{ secret = \"{secret}\", version = \"1\" }}` in `[secrets]`, and put a new value into Secret Manager: this one is known now"
    )
}
