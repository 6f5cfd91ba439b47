use std::collections::BTreeSet;

use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "variable-not-expanded",
    summary: "A variable's value names another one as `$(NAME)`, which stays as it stands.",
    levels: Levels::WARNING,
    why: "Kubernetes puts the value of another variable in the place of `$(NAME)`. Cloud Run does not, and the portal gets the text itself.",
    sources: &["https://docs.cloud.google.com/run/docs/reference/yaml/v1"],
    examples: examples!("variable-not-expanded"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let own = deployment.variable_names().map(|(_, name)| name.as_str());
    let derived = deployment.derived_variables.keys().copied();
    let known: BTreeSet<_> = own.chain(derived).chain(limits::RESERVED_VARIABLES.iter().copied()).collect();
    for (variable, value) in &deployment.variables {
        let references = value.as_str().split("$(").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        for name in references.filter(|name| known.contains(name)).collect::<BTreeSet<_>>() {
            let message = format!("`$({name})` stays as it stands: Cloud Run puts no variable into another");
            findings.push(findings.at_value(deployment, &["variables", variable.as_str()], message).help(
                match deployment.secrets.keys().any(|secret| secret.as_str() == name) {
                    true => format!("put the whole text into Secret Manager, with the value of `{name}` in it"),
                    false => format!("write the value of `{name}` itself, or let the app put the two together"),
                },
            ));
        }
    }
}
