use super::{Check, Findings, Levels, Rule, span};
use crate::schema_line::TomlFile;

pub(super) static RULE: Rule = Rule {
    id: "schema-line-late",
    summary: "The `#:schema` line comes after a key, where editors pass over it.",
    levels: Levels::WARNING,
    why: "Language servers read the line before the first key or table only. Further down it is a comment like any other, and they say nothing of it.",
    sources: &["https://taplo.tamasfe.dev/configuration/directives.html"],
    examples: examples!("schema-line-late"),
    check: Check::File(check),
};

fn check(file: &TomlFile, findings: &mut Findings<'_>) {
    let Some(line) = &file.line else { return };
    if let Some(after) = &line.after {
        findings.push(
            findings
                .finding("editors read this line only where it comes before every key")
                .at(file.source, span(&line.span), "")
                .at(file.source, span(after), "comes before it")
                .help("make it the first line of the file"),
        );
    }
}
