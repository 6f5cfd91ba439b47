use super::{Check, Findings, Levels, Rule, schema_line, span};
use crate::config::Kind;
use crate::schema_line::TomlFile;

pub(super) static RULE: Rule = Rule {
    id: "schema-line-of-another-file",
    summary: "The `#:schema` line leads to the schema of the other kind of file.",
    levels: Levels::WARNING,
    why: "portal.toml and the environments have different keys: an editor would complete the wrong ones and underline the right ones.",
    sources: &["https://taplo.tamasfe.dev/configuration/directives.html"],
    examples: examples!("schema-line-of-another-file"),
    check: Check::File(check),
};

fn check(file: &TomlFile, findings: &mut Findings<'_>) {
    let Some(line) = file.line.as_ref().filter(|line| line.after.is_none()) else { return };
    let name = line.target.rsplit('/').next();
    let other = Kind::ALL.into_iter().find(|kind| *kind != file.kind && Some(kind.file_name()) == name);
    if line.exists == Some(false) || other.is_none() {
        return;
    }
    let words = |kind| if kind == Kind::Portal { "portal.toml" } else { "an environment" };
    findings.push(
        findings
            .finding(format!("this is the schema of {}", other.map_or("another file", words)))
            .at(file.source, span(&line.target_span), "")
            .help(format!("write {}", schema_line(file))),
    );
}
