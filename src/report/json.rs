//! Findings for programs. schemas/findings.schema.json describes the text.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::Findings;
use crate::finding::{self, Level};
use crate::secrets;
use crate::source::{Position, Source};

/// What `portalgen lint --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this format. A program that knows one reads all of that number; 1 for now.
    pub version: u32,
    /// How many findings are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// How many an allowance lets pass. They count neither as errors nor as warnings.
    pub allowed: usize,
    /// The findings, in the order of files and lines.
    pub findings: Vec<Finding>,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's id: `portalgen explain <rule>` tells more.
    pub rule: &'static str,
    /// How bad it is.
    pub level: LevelName,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where there is something to say.
    pub help: Option<String>,
    /// The reason of the allowance that lets it pass, if one does.
    pub allowed: Option<String>,
    /// Where: the first place is the one to change, the others have a part in it.
    pub places: Vec<Place>,
}

/// How bad a finding is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LevelName {
    /// Refused or broken. Nothing is rendered while one stands.
    Error,
    /// Works, but not as well as it could, or not for long.
    Warning,
}

/// A place in a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Place {
    /// The file, from the folder where portalgen ran.
    pub path: String,
    /// The keys that lead there, in a TOML file: `cloud_run.memory`.
    pub key: Option<String>,
    /// The first character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
    /// What there is to say of this place, if anything.
    pub label: Option<String>,
}

/// The schema of this format.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Report>();
    schema.insert("title".to_owned(), "portalgen lint --format json".into());
    schema.to_value()
}

pub(super) fn findings(findings: &Findings<'_>) -> String {
    let count = |level| findings.standing().filter(|finding| findings.level(finding) == level).count();
    let report = Report {
        version: 1,
        errors: count(Level::Error),
        warnings: count(Level::Warning),
        allowed: findings.all.len() - findings.standing().count(),
        findings: findings.all.iter().map(|finding| self::finding(finding, findings)).collect(),
    };
    let mut text = serde_json::to_string_pretty(&report).expect("plain data can be written");
    text.push('\n');
    text
}

fn finding(finding: &finding::Finding, findings: &Findings<'_>) -> Finding {
    Finding {
        rule: finding.id,
        level: match findings.level(finding) {
            Level::Error => LevelName::Error,
            Level::Warning => LevelName::Warning,
        },
        message: finding.message.clone(),
        help: finding.help.clone(),
        allowed: finding.allowed.clone(),
        places: finding.places.iter().map(|place| self::place(place, &findings.sources[place.source.0])).collect(),
    }
}

fn place(place: &finding::Place, source: &Source) -> Place {
    let span = place.at.span(source);
    Place {
        path: source.path.clone(),
        key: place.at.path().map(secrets::key).filter(|key| !key.is_empty()),
        start: source.position(span.start),
        end: source.position(span.end),
        label: (!place.label.is_empty()).then(|| place.label.clone()),
    }
}
