use super::{Check, Findings, Levels, Rule, key};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "google-prefix-variable",
    summary: "A variable's name begins with `X_GOOGLE_`, which may be reserved.",
    levels: Levels::WARNING,
    why: "A public validator of Cloud Run's manifests takes names that begin with `X_GOOGLE_` for reserved. Google's pages do not name them, so it is no error.",
    sources: &[
        "https://github.com/justinswe/rules_cloudrun/blob/7bec80745ddd4f447b5afa00d28b3cc83bec0b01/docs/validation.md",
    ],
    examples: examples!("google-prefix-variable"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    // Without a service, the variables are for a developer's own machine.
    if deployment.service.is_none() {
        return;
    }
    for (table, name) in deployment.variable_names() {
        if name.as_str().starts_with(limits::GOOGLE_VARIABLE_PREFIX) {
            findings.push(
                findings
                    .finding(format!("`{name}` begins with `X_GOOGLE_`, which Google may have reserved"))
                    .at(deployment.source, key(&[table, name.as_str()]), "")
                    .help("choose another name"),
            );
        }
    }
}
