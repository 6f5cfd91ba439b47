use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "unquoted-value",
    summary: "A value in service.yaml that has to be a string is read as a boolean or a number.",
    levels: Levels::ERROR,
    why: "Annotations, labels, variables and limits are strings to Cloud Run. The Google Cloud CLI refuses any other type before it sends the file, and does not say where it stands.",
    sources: &["https://docs.cloud.google.com/run/docs/reference/yaml/v1"],
    examples: examples!("unquoted-value"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    for statement in artifacts.statements(Subject::Unquoted) {
        let clause = format!("`{statement}` is {} to YAML, and Cloud Run wants a string", statement.fact.key);
        findings.push_said(artifacts.say_at(statement.file, &statement.fact.at, &clause));
    }
}
