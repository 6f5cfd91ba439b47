//! Findings in SARIF 2.1.0, which code hosts show beside the lines of a change. Without those that are allowed: a host
//! that knows nothing of suppressions would show them as open.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Findings;
use crate::finding::{Finding, Place};
use crate::{explain, rules};

pub(super) fn findings(findings: &Findings<'_>) -> String {
    let ids: BTreeSet<_> = findings.standing().map(|finding| finding.id).collect();
    let results = findings.standing().map(|finding| result(finding, findings, &ids));
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "portalgen",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": ids.iter().map(|id| rule(id)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("a JSON value can be written");
    text.push('\n');
    text
}

fn rule(id: &str) -> Value {
    let mut rule = json!({ "id": id, "shortDescription": { "text": explain::summary(id) } });
    if let Some(record) = rules::rule(id) {
        rule["fullDescription"] = json!({ "text": record.why });
        if let Some(page) = record.sources.first() {
            rule["helpUri"] = (*page).into();
        }
    }
    rule
}

fn result(finding: &Finding, findings: &Findings<'_>, ids: &BTreeSet<&str>) -> Value {
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("\n\n{help}"));
    let location = |place: &Place| physical_location(place, findings);
    let mut result = json!({
        "ruleId": finding.id,
        "ruleIndex": ids.iter().position(|id| *id == finding.id),
        "level": findings.level(finding).word(),
        "message": { "text": format!("{}{help}", finding.message) },
        "locations": finding.places.first().map(|place| json!({ "physicalLocation": location(place) })).into_iter().collect::<Vec<_>>(),
    });
    let related: Vec<_> = (finding.places.iter().skip(1))
        .map(|place| {
            let mut related = json!({ "physicalLocation": location(place) });
            if !place.label.is_empty() {
                related["message"] = json!({ "text": place.label });
            }
            related
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    result
}

fn physical_location(place: &Place, findings: &Findings<'_>) -> Value {
    let source = &findings.sources[place.source.0];
    let span = place.at.span(source);
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({
        "artifactLocation": { "uri": uri(&source.path) },
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
    })
}

/// A path as a relative reference of a URI.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._~-".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(encode).collect()
}
