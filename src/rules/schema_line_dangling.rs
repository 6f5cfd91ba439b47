use super::{Check, Findings, Levels, Rule, schema_line, span};
use crate::schema_line::TomlFile;

pub(super) static RULE: Rule = Rule {
    id: "schema-line-dangling",
    summary: "The `#:schema` line leads to no file.",
    levels: Levels::WARNING,
    why: "The path begins at the folder of the TOML file. Where it leads nowhere, taplo's language server says nothing at all: the file looks sound whatever stands in it.",
    sources: &["https://taplo.tamasfe.dev/configuration/directives.html"],
    examples: examples!("schema-line-dangling"),
    check: Check::File(check),
};

fn check(file: &TomlFile, findings: &mut Findings<'_>) {
    let Some(line) = file.line.as_ref().filter(|line| line.after.is_none()) else { return };
    if line.exists != Some(false) {
        return;
    }
    let help = match line.target == file.expected {
        true => "run `portalgen schema`, which writes it".to_owned(),
        false => format!("write {}", schema_line(file)),
    };
    findings.push(
        findings
            .finding(format!("there is no file `{}`", line.target))
            .at(file.source, span(&line.target_span), "")
            .help(help),
    );
}
