//! What is registered against what is wanted, for programs. schemas/oauth-check.schema.json describes the text.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::Kind;
use super::list_json::{By, CountedDomains};
use super::near::Difference;
use super::reconcile::{Checked, Count, Finding, Level, What};
use super::wanted::Wanted;
use crate::deployment::CONSOLE;

/// What `portalgen oauth check --format json` prints. Of the client's file, its lists, its ID and its project are in it,
/// and nothing else.
#[derive(Debug, Serialize, JsonSchema)]
struct Report<'r> {
    /// The version of this format. A program that knows one reads all of that number; 1 for now.
    version: u32,
    /// The client's name in the console, as portal.toml has it.
    client: &'r str,
    /// Its file, from the folder where portalgen ran.
    file: &'r str,
    /// Its public ID.
    client_id: Option<&'r str>,
    /// The ID of its project.
    project: Option<&'r str>,
    /// Where its lists are edited.
    console: &'static str,
    /// The environments that were looked at, by name.
    environments: &'r [&'r str],
    /// How many findings are errors.
    errors: usize,
    /// How many are warnings.
    warnings: usize,
    /// How many are there to know only.
    notes: usize,
    /// How many redirect URIs there are.
    redirect_uris: Counted,
    /// How many JavaScript origins there are.
    javascript_origins: Counted,
    /// The findings, in the order in which they are to be mended.
    findings: Vec<Found<'r>>,
    /// The domains once all is corrected, with what is extra, as long as nobody removes it.
    domains: CountedDomains,
}

/// How many there are of a kind.
#[derive(Debug, Serialize, JsonSchema)]
struct Counted {
    /// In the client's list.
    registered: usize,
    /// That the environments ask for, as far as they are known.
    wanted: usize,
    /// Of those, how many are registered to the letter.
    matched: usize,
}

impl From<Count> for Counted {
    fn from(count: Count) -> Self {
        Self { registered: count.registered, wanted: count.wanted, matched: count.matched }
    }
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
struct Found<'r> {
    /// What it is.
    what: What,
    /// How bad it is.
    level: Level,
    /// Which list it is about; nothing where it is about both.
    list: Option<List>,
    /// The rule of Google's that what is registered breaks: `portalgen explain <rule>` tells more.
    rule: Option<&'static str>,
    /// The line to add.
    add: Option<&'r str>,
    /// The line to remove. What may be a secret in it is asterisks.
    remove: Option<&'r str>,
    /// The line to leave as it is.
    keep: Option<&'r str>,
    /// What an extra one nearly is, of what is asked for.
    nearly: Option<&'r str>,
    /// In what the one to remove differs from the one to add, or from what it nearly is.
    differences: &'r [Difference],
    /// What is wrong with what is registered, and what to write instead, where it is invalid.
    message: Option<&'r str>,
    /// Who asks for it.
    wanted_by: Vec<By>,
}

/// A list of the client.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum List {
    /// Its redirect URIs.
    RedirectUris,
    /// Its JavaScript origins.
    JavascriptOrigins,
}

/// The schema of this format.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Report<'static>>();
    schema.insert("title".to_owned(), "portalgen oauth check --format json".into());
    schema.to_value()
}

pub(super) fn report(checked: &Checked<'_>) -> String {
    let found = &checked.found;
    let warnings = found.count(Level::Warning);
    let denied = if checked.deny_warnings { warnings } else { 0 };
    let report = Report {
        version: 1,
        client: checked.client_name,
        file: checked.path,
        client_id: checked.client.id.as_deref(),
        project: checked.client.project.as_ref().map(|project| project.as_str()),
        console: CONSOLE,
        environments: &checked.environments,
        errors: found.count(Level::Error) + denied,
        warnings: warnings - denied,
        notes: found.count(Level::Note),
        redirect_uris: found.redirect_uris.into(),
        javascript_origins: found.javascript_origins.into(),
        findings: found.findings.iter().map(|finding| self::finding(checked, finding)).collect(),
        domains: CountedDomains::from(&found.domains),
    };
    let mut text = serde_json::to_string_pretty(&report).expect("plain data can be written");
    text.push('\n');
    text
}

fn finding<'r>(checked: &Checked<'_>, finding: &'r Finding) -> Found<'r> {
    let (wanted, registered) = (finding.wanted.as_ref(), finding.registered.as_deref());
    let to_add = matches!(finding.what, What::NearMiss | What::Missing);
    let to_keep = matches!(finding.what, What::OtherEnvironment | What::Codespace);
    // Beside what is extra stands what it is nearly, which asks for something else.
    let by = wanted.filter(|_| finding.what != What::Extra).map(|wanted| wanted.by.iter().map(By::from).collect());
    Found {
        what: finding.what,
        level: match finding.what.level() {
            Level::Warning if checked.deny_warnings => Level::Error,
            level => level,
        },
        list: finding.kind.map(|kind| match kind {
            Kind::RedirectUri => List::RedirectUris,
            Kind::JavascriptOrigin => List::JavascriptOrigins,
        }),
        rule: match finding.what {
            What::TooManyDomains => Some("too-many-domains"),
            _ => finding.invalid.as_ref().map(|invalid| invalid.id),
        },
        add: wanted.filter(|_| to_add).map(Wanted::shown),
        remove: registered.filter(|_| !to_keep),
        keep: registered.filter(|_| to_keep),
        nearly: wanted.filter(|_| finding.what == What::Extra).map(Wanted::shown),
        differences: finding.near.as_ref().map_or(&[], |near| &near.differences),
        message: finding.invalid.as_ref().map(|invalid| invalid.message.as_str()),
        wanted_by: by.unwrap_or_default(),
    }
}
