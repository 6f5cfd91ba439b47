//! What there is to know of each rule, from its record: for `portalgen explain` and docs/rules.md.

use std::fmt::Write;

use crate::cli::COLUMNS;
use crate::config::environment::Stage;
use crate::finding::Level;
use crate::rule::{Check, Levels, Rule};
use crate::rules::{self, RULES};
use crate::shape::FAULTS;

/// Of what is refused when a file is read.
const REFUSED: &str = "An error in every stage; nothing is rendered while it stands, and no allowance lets it pass.";

/// What an id finds, in one sentence; nothing for an unknown one.
pub fn summary(id: &str) -> &'static str {
    let fault = || FAULTS.iter().find(|fault| fault.id == id).map(|fault| fault.summary);
    rules::rule(id).map(|rule| rule.summary).or_else(fault).unwrap_or_default()
}

/// Every id with its summary.
pub fn list() -> String {
    let ids = FAULTS.iter().map(|fault| fault.id).chain(RULES.iter().map(|rule| rule.id));
    let width = ids.map(str::len).max().unwrap_or_default();
    let entry = |id: &str, summary: &str| {
        let lines = textwrap::wrap(summary, COLUMNS - width - 2);
        let lines =
            lines.iter().enumerate().map(|(i, line)| format!("{:width$}  {line}\n", if i == 0 { id } else { "" }));
        lines.collect::<String>()
    };
    let rules: String = RULES.iter().map(|rule| entry(rule.id, rule.summary)).collect();
    let faults: String = FAULTS.iter().map(|fault| entry(fault.id, fault.summary)).collect();
    format!(
        "Rules:\n\n{rules}\nMistakes in a file itself:\n\n{faults}\nTo learn more of one: portalgen explain <RULE>\n"
    )
}

/// Everything about one id.
pub fn text(id: &str) -> Option<String> {
    let fill = |text: &str| textwrap::fill(text, COLUMNS);
    let Some(rule) = rules::rule(id) else {
        let fault = FAULTS.iter().find(|fault| fault.id == id)?;
        return Some(format!("{id}\n\n{}\n\n{}\n", fill(fault.summary), fill(REFUSED)));
    };
    let mut text = format!("{id}\n\n{}\n\n{}\n", fill(rule.summary), fill(rule.why));
    for page in rule.sources {
        add(&mut text, &format!("  {page}\n"));
    }
    add(&mut text, &format!("\n{}\n", fill(&level(rule))));
    for (title, example) in [("It fires on this:", rule.examples.fires), ("Write instead:", rule.examples.silent)] {
        let indented = textwrap::indent(example.trim_end(), "    ");
        add(&mut text, &format!("\n{title}\n\n{indented}\n"));
    }
    if rule.can_be_allowed() {
        let allowance = format!("    [[lint.allow]]\n    rule = \"{id}\"\n    reason = \"...\"");
        add(&mut text, &format!("\nWhere it does not apply:\n\n{allowance}\n"));
    }
    Some(text)
}

/// docs/rules.md.
pub fn markdown() -> String {
    let mut page = "<!-- Generated: portalgen explain --markdown > docs/rules.md -->\n# Rules\n\n".to_owned();
    add(
        &mut page,
        "What portalgen finds in a configuration and in what lies in `out/`. `portalgen explain <rule>` prints the \
         same. An example is a change to the small portal in `tests/fixtures/minimal`; each is run by a test.\n\n\
         A finding that does not apply is allowed in its file, with the reason:\n\n\
         ```toml\n[[lint.allow]]\nrule = \"image-by-tag\"\nreason = \"the demo follows the main branch\"\n```\n\n\
         | rule | level | finds |\n|---|---|---|\n",
    );
    for rule in RULES {
        add(&mut page, &format!("| [`{0}`](#{0}) | {1} | {2} |\n", rule.id, levels(rule.levels), cell(rule.summary)));
    }
    add(
        &mut page,
        "\nA file that is malformed has mistakes of these kinds. They are errors, and nothing lets them pass:\n\n| mistake | is |\n|---|---|\n",
    );
    for fault in FAULTS {
        add(&mut page, &format!("| `{}` | {} |\n", fault.id, cell(fault.summary)));
    }
    RULES.iter().for_each(|rule| section(&mut page, rule));
    page
}

fn section(page: &mut String, rule: &Rule) {
    add(page, &format!("\n## {}\n\n{}\n\n{}\n", rule.id, rule.summary, rule.why));
    for source in rule.sources {
        add(page, &format!("<{source}>\n"));
    }
    add(page, &format!("\n{}\n", level(rule)));
    for (title, example) in [("It fires on this:", rule.examples.fires), ("Write instead:", rule.examples.silent)] {
        let language = language(example);
        add(page, &format!("\n{title}\n\n```{language}\n{}\n```\n", example.trim_end()));
    }
}

/// What there is to say of the level of a rule.
fn level(rule: &Rule) -> String {
    match rule.check {
        Check::Value => REFUSED.to_owned(),
        _ => format!("Level: {}.", levels(rule.levels)),
    }
}

/// What an example is coloured as.
fn language(example: &str) -> &'static str {
    let path = example.lines().find_map(|line| line.strip_prefix("# ").filter(|path| !path.contains(' ')));
    let path = path.unwrap_or_default();
    match path.rsplit('.').next() {
        _ if path.starts_with("out/") || example.lines().any(|line| line.starts_with('+')) => "diff",
        Some("py") => "python",
        Some("lock") => "text",
        _ => "toml",
    }
}

/// The levels of a rule in words.
fn levels(levels: Levels) -> String {
    let of = |level| {
        let stages = Stage::ALL.into_iter().filter(|stage| levels.of(*stage) == Some(level)).map(Stage::as_str);
        stages.collect::<Vec<_>>()
    };
    let words = [Level::Warning, Level::Error].map(|level| (level.word(), of(level)));
    let words = words.iter().filter(|(_, stages)| !stages.is_empty()).map(|(word, in_stages)| match in_stages.len() {
        all if all == Stage::ALL.len() => (*word).to_owned(),
        _ => format!("{word} in {}", in_stages.join(", ")),
    });
    words.collect::<Vec<_>>().join("; ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn add(text: &mut String, more: &str) {
    text.write_str(more).expect("a string takes every write");
}
