use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "secret-version-latest",
    summary: "A secret is taken in its latest version, whichever that is when an instance starts.",
    levels: Levels::FROM_UAT,
    why: "A variable's secret is read whenever an instance starts. With `latest`, two instances of one revision may hold two values, a wrong new version breaks what was deployed long ago, and going back to an older revision does not bring the older value back.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/secrets"],
    examples: examples!("secret-version-latest"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    for (table, name, secret) in deployment.secret_refs() {
        if secret.version.as_str() == "latest" {
            let path: Vec<_> = table.iter().copied().chain([name.as_str(), "version"]).collect();
            findings.push(
                findings
                    .finding(format!("instances that start at different times may get different values of `{name}`"))
                    .at(deployment.source, value(&path), "")
                    .help("write the number of the version; a new value then comes with a new revision"),
            );
        }
    }
}
