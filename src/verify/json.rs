//! A verification for programs. schemas/verification.schema.json describes the text.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::Verification;
use super::lookup::{Places, Shown};
use super::verdict::Verdict;

/// What `portalgen verify --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
struct Report {
    /// The version of this format. A program that knows one reads all of that number; 1 for now.
    version: u32,
    /// The environment's name.
    environment: String,
    /// Where its portal was asked.
    url: String,
    /// How many checks passed.
    passed: usize,
    /// How many failed.
    failed: usize,
    /// How many wait for something outside: a DNS record, a certificate, a container that starts.
    waiting: usize,
    /// How often everything was asked; more than once only with `--wait`. The checks are the last round's.
    rounds: usize,
    /// The checks, in the order in which they were asked.
    checks: Vec<Check>,
    /// What was not asked, and why. It counts nowhere.
    not_asked: Vec<NotAsked>,
}

/// One check.
#[derive(Debug, Serialize, JsonSchema)]
struct Check {
    /// Its id. A check that goes to several places or paths stands here once for each.
    check: &'static str,
    /// Where it was asked: scheme, host and, unless it is the scheme's own, port.
    at: String,
    /// What was asked.
    asked: String,
    /// How it ended.
    verdict: VerdictName,
    /// What came, in a few words.
    came: String,
    /// The id of the likely cause, unless it passed.
    cause: Option<&'static str>,
    /// What that means.
    means: Option<&'static str>,
    /// Where to look, the likeliest place first.
    look: Vec<Look>,
}

/// How a check ended.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum VerdictName {
    /// It is as it should be.
    Passed,
    /// It is not.
    Failed,
    /// It is not yet: something outside has to happen first.
    Waiting,
}

/// A place to look at.
#[derive(Debug, Serialize, JsonSchema)]
struct Look {
    /// The file, from the folder where portalgen ran; nothing where the place is outside.
    path: Option<String>,
    /// The line, where the file has it.
    line: Option<usize>,
    /// The keys that lead there, in a TOML file: `cloud_run.ingress`. It may not be written yet.
    key: Option<String>,
    /// What the place is, where it is no file of the repository.
    about: Option<String>,
}

/// A check that was not asked.
#[derive(Debug, Serialize, JsonSchema)]
struct NotAsked {
    /// Its id.
    check: &'static str,
    /// Where it would have been asked.
    at: String,
    /// Why not.
    why: String,
}

/// The schema of this format.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Report>();
    schema.insert("title".to_owned(), "portalgen verify --format json".into());
    schema.to_value()
}

pub(super) fn report(verification: &Verification, places: &Places<'_>) -> String {
    let round = &verification.round;
    let look = |Shown { path, line, key, about }| Look { path, line, key, about };
    let checks = round.checks.iter().map(|checked| Check {
        check: checked.check,
        at: checked.at.clone(),
        asked: checked.asked.clone(),
        verdict: match checked.judged.verdict {
            Verdict::Passed => VerdictName::Passed,
            Verdict::Failed => VerdictName::Failed,
            Verdict::Waiting => VerdictName::Waiting,
        },
        came: checked.judged.came.clone(),
        cause: checked.judged.cause.map(|cause| cause.id),
        means: checked.judged.cause.map(|cause| cause.means),
        look: checked.judged.cause.iter().flat_map(|c| c.look).filter_map(|l| places.find(*l)).map(look).collect(),
    });
    let not_asked = round.not_asked.iter();
    let report = Report {
        version: 1,
        environment: verification.environment.clone(),
        url: verification.url.clone(),
        passed: verification.count(Verdict::Passed),
        failed: verification.count(Verdict::Failed),
        waiting: verification.count(Verdict::Waiting),
        rounds: verification.rounds,
        checks: checks.collect(),
        not_asked: not_asked
            .map(|not| NotAsked { check: not.check, at: not.at.clone(), why: not.why.clone() })
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&report).expect("plain data can be written");
    text.push('\n');
    text
}
