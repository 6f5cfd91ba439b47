//! What the user reads: findings, a line for each file, unified diffs. Text only; `main` prints it.

use similar::TextDiff;

use crate::cli::{COLUMNS, Format};
use crate::finding::{Finding, Level};
use crate::manifest;
use crate::plan::{Change, Plan, Status};
use crate::secrets;
use crate::source::Source;
use crate::words::plural;

pub mod comparison;
mod github;
pub mod json;
mod sarif;
mod text;
pub mod transition;

/// Findings in order, and the files that they point into.
#[derive(Debug)]
pub struct Findings<'f> {
    /// All of them, those that the author lets pass too.
    pub all: &'f [Finding],
    /// The files, by [`SourceId`](crate::finding::SourceId).
    pub sources: &'f [Source],
    /// Whether a warning counts as an error.
    pub deny_warnings: bool,
}

impl Findings<'_> {
    /// In a format for people or for programs.
    pub fn to_text(&self, format: Format) -> String {
        match format {
            Format::Text => text::findings(self),
            Format::Json => json::findings(self),
            Format::Sarif => sarif::findings(self),
            Format::Github => github::findings(self),
        }
    }

    fn level(&self, finding: &Finding) -> Level {
        if self.deny_warnings { Level::Error } else { finding.level }
    }

    fn standing(&self) -> impl Iterator<Item = &Finding> {
        self.all.iter().filter(|finding| finding.stands())
    }
}

/// Something to know that is no fault.
pub fn note(text: &str) -> String {
    format!("{}\n", textwrap::fill(&format!("note: {text}"), wrapping(COLUMNS).subsequent_indent("      ")))
}

/// Lines break at blanks only: a name or a command stays whole.
pub(crate) fn wrapping(columns: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(columns).break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation)
}

/// That `lint` has nothing to say.
pub fn no_findings(environments: usize) -> String {
    format!("no findings in portal.toml and {}\n", plural(environments, "environment"))
}

/// Why portalgen could not run: each line of the error's text begins with `error: ` or `help: `.
pub fn cannot_run(error: &dyn std::fmt::Display) -> String {
    let text = format!("error: {error}");
    let line = |line: &str| format!("{}\n", textwrap::fill(line, wrapping(COLUMNS).subsequent_indent("       ")));
    text.lines().map(line).collect()
}

/// A finding in a line, without its place.
fn finding_line(finding: &Finding) -> String {
    format!("{}[{}]: {}", finding.level.word(), finding.id, finding.message)
}

/// Control characters of a file must not reach the terminal.
fn visible(text: &str) -> String {
    visible_but(text, "")
}

/// The same, but for some that the terminal is to have.
fn visible_but(text: &str, kept: &str) -> String {
    let escaped = |c: char| c.is_control() && !kept.contains(c);
    text.chars().flat_map(|c| if escaped(c) { c.escape_debug().collect::<Vec<_>>() } else { vec![c] }).collect()
}

/// What a run of `render` did or would do. The `hidden` values are not shown.
pub fn rendered(plan: &Plan, dry_run: bool, diff: bool, hidden: &[&str]) -> String {
    let word = |change: &Change| match change.status {
        Status::UpToDate => "unchanged",
        Status::Missing => "created",
        Status::Stale | Status::EditedByHand => "changed",
        Status::Orphaned => "removed",
        Status::OrphanedAndEdited => "left",
        // The run ends before anything of this is printed.
        Status::NotOurs => "not ours",
    };
    let shown_out = &plan.out.shown;
    let mut text = String::new();
    for change in &plan.changes {
        text.push_str(&format!("{:<9}  {}\n", word(change), join(shown_out, &change.path)));
        match change.status {
            Status::EditedByHand => text.push_str("           was edited by hand; the edit is overwritten\n"),
            Status::OrphanedAndEdited => {
                text.push_str("           no longer rendered, but edited by hand: remove it yourself\n");
            }
            _ => {}
        }
        if diff {
            text.push_str(&self::diff(change, shown_out, hidden));
        }
    }
    let count = |wanted: &str| plan.changes.iter().filter(|change| word(change) == wanted).count();
    let words = ["created", "changed", "unchanged", "removed", "left"];
    let counts = words.iter().filter(|word| count(word) > 0).map(|word| format!("{} {word}", count(word)));
    let counts = counts.collect::<Vec<_>>().join(", ");
    let note = if dry_run { " (dry run: nothing was written)" } else { "" };
    text.push_str(&format!("\n{} in {shown_out}/: {counts}{note}\n", plural(plan.changes.len(), "file")));
    text
}

/// A verdict for each file, what to do about it, and what `render` would change. The files of the `secret` folders may
/// hold what nobody is to see, so nothing of them is shown; nor are the `hidden` values of others.
pub fn checked(plan: &Plan, secret: &[&str], hidden: &[&str]) -> String {
    let shown_out = &plan.out.shown;
    let mut text = String::new();
    for change in &plan.changes {
        let verdict = match change.status {
            Status::UpToDate => "up to date",
            Status::Missing => "missing",
            Status::Stale => "stale",
            Status::EditedByHand => "edited by hand",
            Status::Orphaned | Status::OrphanedAndEdited => "orphaned",
            Status::NotOurs => "not portalgen's",
        };
        text.push_str(&format!("{verdict:<15}  {}\n", join(shown_out, &change.path)));
        for line in fix(change).iter().flat_map(|line| textwrap::wrap(line, wrapping(COLUMNS - 17))) {
            text.push_str(&format!("{:17}{line}\n", ""));
        }
    }
    for change in &plan.changes {
        let diff = diff(change, shown_out, hidden);
        let folder = change.path.split('/').next().unwrap_or_default();
        if !diff.is_empty() && !secret.contains(&folder) {
            text.push_str(&format!("\n{diff}"));
        }
    }
    for folder in secret {
        let folder = join(shown_out, folder);
        text.push_str(&format!("\n{}", note(&format!("no diff of {folder}/ is shown: it could show the secret"))));
    }
    let wrong = plan.changes.iter().filter(|change| change.status != Status::UpToDate).count();
    let verdict = match wrong {
        0 => "all up to date".to_owned(),
        wrong => format!("{wrong} not as rendered"),
    };
    text.push_str(&format!("\n{} in {shown_out}/: {verdict}\n", plural(plan.changes.len(), "file")));
    text
}

/// What to do about a file.
fn fix(change: &Change) -> Option<String> {
    let Change { source, command, .. } = change;
    Some(match change.status {
        Status::UpToDate => return None,
        Status::Missing => format!("run: {command}"),
        Status::Stale => format!("its source has changed; run: {command}"),
        Status::EditedByHand if change.mode_only && change.executable => format!("not executable; run: {command}"),
        Status::EditedByHand if change.mode_only => format!("executable; run: {command}"),
        Status::EditedByHand => format!("say it in {source}, then run: {command}"),
        Status::Orphaned => format!("no longer rendered; to remove it, run: {command}"),
        Status::OrphanedAndEdited => "no longer rendered, but edited by hand: remove it yourself".to_owned(),
        Status::NotOurs => format!("in no manifest: move it away, then run: {command}"),
    })
}

/// What writing would change in a file; empty where nothing would.
fn diff(change: &Change, shown_out: &str, hidden: &[&str]) -> String {
    // What is removed is on disk to be read; the manifest only repeats in hashes what the other diffs show.
    let shown = matches!(change.status, Status::Missing | Status::Stale | Status::EditedByHand);
    if !shown || change.mode_only || change.path.ends_with(manifest::NAME) {
        return String::new();
    }
    let before = change.before.as_deref().map(String::from_utf8_lossy);
    let path = join(shown_out, &change.path);
    unified((&path, before.as_deref()), (&path, change.after.as_deref()), hidden)
}

/// The lines that differ between two texts, each with the path that it has or would have. One that is not there is
/// nothing, and what is `hidden` is not shown.
fn unified(before: (&str, Option<&str>), after: (&str, Option<&str>), hidden: &[&str]) -> String {
    let name = |(path, text): (&str, Option<&str>), side: &str| match text {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let (old, new) = secrets::change_as_shown(before.1.unwrap_or_default(), after.1.unwrap_or_default(), hidden);
    let diff = TextDiff::from_lines(old.as_str(), new.as_str())
        .unified_diff()
        .header(&name(before, "a"), &name(after, "b"))
        .to_string();
    visible_but(&diff, "\n\t")
}

/// A path below the output folder, as the user sees it.
pub fn join(out: &str, path: &str) -> String {
    format!("{out}/{path}")
}
