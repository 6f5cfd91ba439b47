use super::{Check, Findings, Levels, Rule, schema_line, span};
use crate::schema_line::TomlFile;

pub(super) static RULE: Rule = Rule {
    id: "schema-line-missing",
    summary: "A file does not say where its schema is, so an editor does not know it.",
    levels: Levels::WARNING,
    why: "By its `#:schema` line an editor completes keys, shows what they mean and underlines mistakes as they are typed, wherever the file was opened.",
    sources: &["https://taplo.tamasfe.dev/configuration/directives.html"],
    examples: examples!("schema-line-missing"),
    check: Check::File(check),
};

fn check(file: &TomlFile, findings: &mut Findings<'_>) {
    if file.line.is_none() {
        findings.push(
            findings
                .finding("nothing tells an editor which schema this file follows")
                .at(file.source, span(&file.first_line), "")
                .help(format!("begin with {}", schema_line(file))),
        );
    }
}
