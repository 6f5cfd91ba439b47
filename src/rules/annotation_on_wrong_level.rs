use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "annotation-on-wrong-level",
    summary: "An annotation of the Revision stands on the Service in service.yaml, or the other way round.",
    levels: Levels::ERROR,
    why: "Cloud Run refuses the file: an annotation is supported on one of the two kinds, not on both.",
    sources: &["https://docs.cloud.google.com/run/docs/reference/yaml/v1"],
    examples: examples!("annotation-on-wrong-level"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    for statement in artifacts.statements(Subject::WrongLevel) {
        let fact = statement.fact;
        let other = if fact.key == "Service" { "Revision" } else { "Service" };
        let clause = format!("`{}` stands on the {}, and belongs on the {other}", fact.value, fact.key);
        findings.push_said(artifacts.say_at(statement.file, &fact.at, &clause));
    }
}
