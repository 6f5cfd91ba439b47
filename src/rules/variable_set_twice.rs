use super::{Check, Findings, Levels, Rule, key, value};
use crate::deployment::{Deployment, SENT_URI_VARIABLE};
use crate::resolve::DERIVED_VARIABLES;

pub(super) static RULE: Rule = Rule {
    id: "variable-set-twice",
    summary: "A variable is written where another key already gives its value.",
    levels: Levels::ERROR,
    why: "Cloud Run takes the last of two values in silence, and nobody can say which that is.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/services/environment-variables"],
    examples: examples!("variable-set-twice"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let api = deployment.api.iter().flat_map(|api| api.secrets.keys());
    if let Some(name) =
        api.filter(|name| name.as_str() == SENT_URI_VARIABLE).find(|_| deployment.oauth.redirect_uri.is_some())
    {
        findings.push(
            findings
                .finding(format!("the API's `{name}` is set twice"))
                .at(deployment.source, key(&["api", "secrets", SENT_URI_VARIABLE]), "")
                .at(deployment.source, value(&["oauth", "redirect_uri"]), "this is its value")
                .help("remove the secret: a redirect URI is none"),
        );
    }
    for (table, name) in deployment.variable_names() {
        if let Some((_, origin)) = DERIVED_VARIABLES.iter().find(|(derived, _)| *derived == name.as_str()) {
            findings.push(
                findings
                    .finding(format!("`{name}` is set twice: it follows from {origin}"))
                    .at(deployment.source, key(&[table, name.as_str()]), "")
                    .help(format!("remove it, and say it by {origin}")),
            );
        }
        if table == "secrets" && deployment.variables.contains_key(name) {
            findings.push(
                findings
                    .finding(format!("`{name}` is both a variable and a secret"))
                    .at(deployment.source, key(&["secrets", name.as_str()]), "")
                    .at(deployment.source, key(&["variables", name.as_str()]), "and here")
                    .help("remove one of the two"),
            );
        }
    }
}
