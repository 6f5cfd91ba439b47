//! Findings as workflow commands: GitHub Actions shows each beside its line.

use super::Findings;
use crate::finding::Finding;

pub(super) fn findings(findings: &Findings<'_>) -> String {
    findings.standing().map(|finding| annotation(finding, findings)).collect()
}

fn annotation(finding: &Finding, findings: &Findings<'_>) -> String {
    let command = findings.level(finding).word();
    let place = finding.places.first().map(|place| {
        let source = &findings.sources[place.source.0];
        let span = place.at.span(source);
        let (start, end) = (source.position(span.start), source.position(span.end));
        // Columns are shown for one line only.
        let columns = match start.line == end.line {
            true => format!(",col={},endColumn={}", start.column, end.column),
            false => String::new(),
        };
        format!("file={},line={},endLine={}{columns},", property(&source.path), start.line, end.line)
    });
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
    let message = data(&format!("{}{help}", finding.message));
    format!("::{command} {}title={}::{message}\n", place.unwrap_or_default(), property(finding.id))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
