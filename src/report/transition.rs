//! What a plan says: keys, files, findings, consequences, and what is to be done.

use std::collections::BTreeMap;

use super::{Findings, finding_line, join, note, unified, visible, wrapping};
use crate::artifact::Artifact;
use crate::cli::{COLUMNS, Format};
use crate::finding::{Finding, Level};
use crate::layout;
use crate::meaning::consequences;
use crate::meaning::transition::{ImageChange, Topic};
use crate::plan::Folder;
use crate::secrets;
use crate::words::plural;

/// A key that gets another value, and what it is in either state.
#[derive(Debug)]
pub struct KeyChange {
    /// The file, as the user sees it.
    pub file: String,
    /// The path of the key.
    pub key: String,
    /// What it is now.
    pub before: String,
    /// What it would be.
    pub after: String,
}

/// A file of either state, by its folder and its name; nothing where it is not rendered.
#[derive(Debug)]
pub struct FileChange<'f> {
    /// What is rendered now.
    pub before: Option<&'f Artifact>,
    /// What would be rendered.
    pub after: Option<&'f Artifact>,
}

impl FileChange<'_> {
    /// The file's name.
    pub fn name(&self) -> &str {
        self.before.or(self.after).map_or("", |artifact| &artifact.name)
    }

    /// Whether it is a file of an image.
    pub fn is_of_image(&self) -> bool {
        self.before.or(self.after).is_some_and(|artifact| layout::is_image_folder(&artifact.folder))
    }
}

/// The files that differ, by path. Of two images, the files of one name are compared.
pub fn file_changes<'f>(before: &'f [Folder], after: &'f [Folder]) -> Vec<FileChange<'f>> {
    let mut files: BTreeMap<(&str, &str), FileChange<'f>> = BTreeMap::new();
    fn all(folders: &[Folder]) -> impl Iterator<Item = ((&str, &str), &Artifact)> {
        folders.iter().flat_map(|folder| &folder.artifacts).map(|artifact| {
            let folder = if layout::is_image_folder(&artifact.folder) { layout::IMAGE } else { &artifact.folder };
            ((folder, artifact.name.as_str()), artifact)
        })
    }
    for (key, artifact) in all(before) {
        files.insert(key, FileChange { before: Some(artifact), after: None });
    }
    for (key, artifact) in all(after) {
        files.entry(key).or_insert(FileChange { before: None, after: None }).after = Some(artifact);
    }
    let contents = |artifact: Option<&'f Artifact>| artifact.map(|artifact| &artifact.contents);
    files.into_values().filter(|file| contents(file.before) != contents(file.after)).collect()
}

/// The keys.
pub fn keys(changes: &[KeyChange]) -> String {
    let mut text = heading("Keys");
    let mut file = "";
    for change in changes {
        if change.file != file {
            file = &change.file;
            text.push_str(&format!("  {}\n", visible(file)));
        }
        text.push_str(&indented(&format!("{}: {} -> {}", change.key, change.before, change.after), "    ", "      "));
    }
    text
}

/// The files that differ: first each in a line, then what differs in each. Of the `secret` folders nothing is shown, nor
/// are the `hidden` values.
pub fn files(changes: &[FileChange<'_>], out: &str, image: ImageChange, secret: &[&str], hidden: &[&str]) -> String {
    let mut text = heading("Files");
    if changes.is_empty() {
        text.push_str("  none is rendered otherwise\n");
        return text;
    }
    let path = |artifact: &Artifact| join(out, &artifact.path());
    for change in changes {
        text.push_str(&match (change.before, change.after) {
            (Some(before), Some(after)) if before.folder == after.folder => format!("  changed  {}\n", path(after)),
            (Some(before), Some(after)) => format!("  other    {}\n           {}\n", path(after), path(before)),
            (None, Some(after)) => format!("  created  {}\n", path(after)),
            (Some(before), None) => format!("  removed  {}\n", path(before)),
            (None, None) => String::new(),
        });
    }
    text.push_str(match image {
        ImageChange::None => "",
        ImageChange::Rebuilt => "  The image is built anew.\n",
        ImageChange::Another => "  Another image is built: its files are compared with those of the present one.\n",
    });
    for change in changes {
        // What is removed is on disk to be read.
        let Some(after) = change.after else { continue };
        if secret.contains(&after.folder.as_str()) {
            continue;
        }
        let side = |artifact: Option<&Artifact>| artifact.map(path).unwrap_or_default();
        let contents = |artifact: Option<&Artifact>| artifact.map(|artifact| artifact.contents.clone());
        let (old, new) = (contents(change.before), contents(change.after));
        let before = side(change.before);
        text.push_str(&format!("\n{}", unified((&before, old.as_deref()), (&path(after), new.as_deref()), hidden)));
    }
    for folder in secret.iter().filter(|folder| changes.iter().any(|c| c.after.is_some_and(|a| a.folder == **folder))) {
        let folder = join(out, folder);
        text.push_str(&format!("\n{}", note(&format!("no diff of {folder}/ is shown: it could show the secret"))));
    }
    text
}

/// What would be found that is not found now, what would not any more, and which errors stay.
pub fn findings(appear: &Findings<'_>, go: &[&Finding], stay: &[&Finding]) -> String {
    let mut text = heading("Findings");
    let counts = [(appear.all.len(), "appear"), (go.len(), "go"), (stay.len(), "stay")];
    let counts: Vec<_> = counts.iter().map(|(count, word)| format!("{count} {word}")).collect();
    text.push_str(&format!("  {}\n", counts.join(", ")));
    let listed = |verb: &str, findings: &[&Finding]| -> String {
        let lines =
            findings.iter().map(|finding| indented(&format!("{verb}: {}", finding_line(finding)), "  ", "    "));
        lines.collect()
    };
    text.push_str(&listed("goes", go));
    let errors: Vec<_> = stay.iter().copied().filter(|finding| finding.level == Level::Error).collect();
    text.push_str(&listed("stays", &errors));
    if !appear.all.is_empty() {
        text.push_str(&format!("\n{}", appear.to_text(Format::Text)));
    }
    text
}

/// What differs for those who use, run and pay for the portal.
pub fn consequences(topics: &[Topic]) -> String {
    let mut text = heading("What changes");
    // What must be there is told by what it takes.
    let differ: Vec<_> = topics.iter().filter(|t| !t.is_same() && t.name != consequences::PREREQUISITES).collect();
    if differ.is_empty() {
        let none = "none of the topics that `portalgen compare` tells of; what the files show is all";
        text.push_str(&indented(none, "  ", "  "));
    }
    for topic in differ {
        text.push_str(&format!("  {}\n", topic.name));
        for (word, side) in [("now:  ", &topic.before), ("then: ", &topic.after)] {
            let side = side.as_deref().unwrap_or("There is no Cloud Run service that it would be about.");
            text.push_str(&indented(&format!("{word}{side}"), "    ", "          "));
        }
    }
    text
}

/// What has to be there or be done besides.
pub fn needs(needs: &[String]) -> String {
    let mut text = heading("What it takes");
    for need in needs {
        text.push_str(&indented(&format!("* {need}"), "  ", "    "));
    }
    text
}

/// One step after the other: what to do, and below it a command or lines to write, as they are.
pub fn steps(steps: &[(String, String)]) -> String {
    let mut text = heading("How to do it");
    for (i, (what, lines)) in steps.iter().enumerate() {
        text.push_str(&indented(&format!("{}. {what}", i + 1), "  ", "     "));
        text.extend(lines.lines().map(|line| format!("{}\n", format!("     {line}").trim_end())));
    }
    text
}

/// The lines of a file that change.
pub fn lines_to_write(file: &str, before: &str, after: &str) -> String {
    unified((file, Some(before)), (file, Some(after)), &[])
}

/// The text without what must not be printed.
pub fn concealed(text: &str, hidden: &[&str]) -> String {
    secrets::change_as_shown("", text, hidden).1.as_str().to_owned()
}

/// That there is nothing to plan.
pub fn nothing_changes(settings: usize) -> String {
    match settings {
        1 => "nothing changes: the file says so already\n".to_owned(),
        many => format!("nothing changes: the files say all {many} already\n"),
    }
}

/// How it ends: whether the planned configuration could be rendered.
pub fn verdict(errors: usize) -> String {
    match errors {
        0 => "nothing was written\n".to_owned(),
        errors => format!(
            "nothing was written; as planned, {} would stand, and render would write nothing\n",
            plural(errors, "error")
        ),
    }
}

fn heading(text: &str) -> String {
    format!("\n{text}\n")
}

/// A paragraph in lines that fit a terminal.
fn indented(text: &str, first: &str, rest: &str) -> String {
    let options = wrapping(COLUMNS).initial_indent(first).subsequent_indent(rest);
    format!("{}\n", textwrap::fill(&visible(text), options))
}
