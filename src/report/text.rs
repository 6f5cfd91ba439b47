//! Findings for people: each with an excerpt and a caret, as compilers print them.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Severity, Renderer, Snippet};

use super::{Findings, visible, wrapping};
use crate::cli::COLUMNS;
use crate::finding::{Finding, Level, Place};
use crate::words::plural;

/// Each with its place, then how many there are; nothing where there are none.
pub(super) fn findings(findings: &Findings<'_>) -> String {
    let mut text = String::new();
    for finding in findings.standing() {
        text.push_str(&self::finding(finding, findings));
        text.push_str("\n\n");
    }
    let count = |level| findings.standing().filter(|finding| finding.level == level).count();
    let denied = if findings.deny_warnings { " (denied)" } else { "" };
    let allowed = findings.all.len() - findings.standing().count();
    let counts = [
        (count(Level::Error), plural(count(Level::Error), "error")),
        (count(Level::Warning), format!("{}{denied}", plural(count(Level::Warning), "warning"))),
        (allowed, format!("{allowed} allowed")),
    ];
    let counts: Vec<_> = counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
    if !counts.is_empty() {
        text.push_str(&format!("{}\n", counts.join(", ")));
    }
    text
}

fn finding(finding: &Finding, findings: &Findings<'_>) -> String {
    let severity = match findings.level(finding) {
        Level::Error => Severity::ERROR,
        Level::Warning => Severity::WARNING,
    };
    // `warning[id]: ` stands before it.
    let message = textwrap::fill(&visible(&finding.message), wrapping(COLUMNS - 11 - finding.id.len()));
    let title = severity.primary_title(message).id(finding.id);
    let mut group = Group::with_title(title);
    // One excerpt a file, the main place's first.
    let mut files: Vec<_> = Vec::new();
    for place in &finding.places {
        if !files.contains(&place.source) {
            files.push(place.source);
        }
    }
    for file in files {
        let source = &findings.sources[file.0];
        // A key that is not there cannot be pointed at, unless it is what the finding is about; in another file, its
        // table tells more than nothing.
        let elsewhere = finding.places.first().is_some_and(|main| main.source != file);
        let there = |place: &Place| {
            place.at.path().is_none_or(|path| source.has(path) || elsewhere && source.has_table_of(path))
        };
        let places = finding.places.iter().enumerate().filter(|(_, place)| place.source == file);
        let places = places.filter(|(i, place)| *i == 0 || there(place));
        let annotations = places.map(|(i, place)| {
            let kind = if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let label = (!place.label.is_empty()).then_some(place.label.as_str());
            kind.span(source.shown_span(place.at.span(source))).label(label)
        });
        let annotations: Vec<_> = annotations.collect();
        if annotations.is_empty() {
            continue;
        }
        let snippet = Snippet::source(source.shown()).path(&source.path).annotations(annotations);
        group = group.element(snippet);
    }
    if let Some(help) = &finding.help {
        // The gutter and the word take some of the line.
        let help = textwrap::fill(&visible(help), wrapping(COLUMNS - 16));
        group = group.element(Severity::HELP.message(help));
    }
    Renderer::styled().decor_style(DecorStyle::Ascii).term_width(COLUMNS).render(&[group])
}
