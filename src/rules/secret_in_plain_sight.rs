//! The rule that reports what [`secrets`](crate::secrets) finds where the portal would be given it. What it reports is
//! printed nowhere.

use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::secrets;
use crate::secrets::look::{self, Why};

pub(super) static RULE: Rule = Rule {
    id: secrets::RULE_ID,
    summary: "A value in the file is a secret, to go by its variable's name, its shape or its randomness.",
    levels: Levels::ERROR,
    why: "What is written here is in the repository and its history, in every rendered file, and in the service for whoever may look at it. Secret Manager keeps the value, and the service names it. No output shows a value that this rule finds.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/secrets"],
    examples: examples!("secret-in-plain-sight"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    for (name, value) in &deployment.variables {
        let message = match look::of_variable(name.as_str(), value.as_str()) {
            Some(Why::Name) => format!("the value of `{name}` is a secret, by the variable's name"),
            Some(Why::Shape(what)) => format!("`{name}` holds {what}"),
            Some(Why::Random) => format!("the value of `{name}` is as random as a secret"),
            None => continue,
        };
        let secret = name.as_str().to_lowercase().replace('_', "-");
        let help = format!(
            "write `{name} = {{ secret = \"{secret}\", version = \"1\" }}` in `[secrets]`, and put a new value into Secret Manager: this one is known now"
        );
        findings.push(findings.at_value(deployment, &["variables", name.as_str()], message).help(help));
    }
    for (table, name, secret) in deployment.secret_refs() {
        if let Some(what) = look::shape(secret.secret.as_str()) {
            let path: Vec<_> = table.iter().copied().chain([name.as_str(), "secret"]).collect();
            findings.push(
                findings
                    .at_value(deployment, &path, format!("the `secret` of `{name}` is {what}, not the name of one"))
                    .help("write the secret's name, and put a new value into Secret Manager: this one is known now"),
            );
        }
    }
}
