//! What each verb does: calls the stages in order, and says what to print and how to end.

use std::path::Path;

use crate::artifact::Artifact;
use crate::cli::{Cli, Command, Format, Selection};
use crate::escape::Language;
use crate::finding::Level;
use crate::plan::{self, Folder, Out, Plan, Scope, Unusable};
use crate::rules::secret_in_plain_sight;
use crate::workspace::{self, CannotRun, Workspace};
use crate::{layout, render, report};

mod check;
mod explain;
mod lint;
mod render_files;
mod schema;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is well.
    Clean,
    /// 1: an error in the configuration, or drift.
    Findings,
    /// 2: could not run.
    CannotRun,
}

/// What a run has to say.
#[derive(Debug)]
pub struct Outcome {
    /// For standard output: the result.
    pub output: String,
    /// For standard error: findings, and why it could not run.
    pub messages: String,
    /// How it ends.
    pub exit: Exit,
}

impl Outcome {
    fn cannot_run(error: impl std::fmt::Display) -> Self {
        Self { output: String::new(), messages: report::cannot_run(&error), exit: Exit::CannotRun }
    }
}

/// Runs a command line as if it stood in the folder `current`.
pub fn run(cli: &Cli, current: &Path) -> Outcome {
    match &cli.command {
        Command::Render(arguments) => render_files::run(arguments, current),
        Command::Check(arguments) => check::run(arguments, current),
        Command::Lint(arguments) => lint::run(arguments, current),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Schema(arguments) => schema::run(arguments, current),
    }
}

/// The files of a selection, read and judged.
struct Loaded {
    workspace: Workspace,
    out: Out,
    /// What `--out` says, for the commands that messages name.
    out_option: Option<String>,
    deny_warnings: bool,
    exit: Exit,
}

fn load(selection: &Selection, current: &Path) -> Result<Loaded, CannotRun> {
    let workspace = workspace::load(&selection.inputs, current)?;
    let default = workspace.root.join(layout::OUT);
    let path = selection.out.as_ref().map_or_else(|| default.clone(), |out| current.join(out));
    let out_option = (!workspace::same_place(&path, &default)).then(|| workspace::shown(current, &path));
    let out = Out { shown: workspace::shown(current, &path), path };
    let refused = |level| level == Level::Error || selection.deny_warnings;
    let exit = match () {
        () if workspace.malformed => Exit::CannotRun,
        () if workspace.findings.iter().any(|finding| finding.stands() && refused(finding.level)) => Exit::Findings,
        () => Exit::Clean,
    };
    Ok(Loaded { workspace, out, out_option, deny_warnings: selection.deny_warnings, exit })
}

impl Loaded {
    /// What there is to say of the files.
    fn findings(&self) -> report::Findings<'_> {
        let Workspace { findings, sources, .. } = &self.workspace;
        report::Findings { all: findings, sources, deny_warnings: self.deny_warnings }
    }

    /// The same, for people.
    fn messages(&self) -> String {
        self.findings().to_text(Format::Text)
    }

    /// The folders below the output folder whose files may hold a secret that nothing is to print.
    fn secret_folders(&self) -> Vec<&str> {
        let Workspace { deployments, findings, .. } = &self.workspace;
        let secrets = || findings.iter().filter(|finding| finding.id == secret_in_plain_sight::RULE.id);
        let holds_one = |source| secrets().any(|f| f.stands() && f.places.iter().any(|place| place.source == source));
        deployments.iter().filter(|d| holds_one(d.source)).map(|d| d.environment.as_str()).collect()
    }

    /// Compares what would be rendered with what lies in the output folder.
    fn plan(&self) -> Result<Plan, Unusable> {
        let workspace = &self.workspace;
        let mut folders: Vec<Folder> = Vec::new();
        for artifact in render::artifacts(&workspace.deployments, workspace.complete) {
            match folders.last_mut() {
                Some(folder) if folder.path == artifact.folder => folder.artifacts.push(artifact),
                _ => folders.push(self.folder(artifact)),
            }
        }
        let (root, folders_asked_for) = (&workspace.root, &workspace.folders);
        let scope =
            Scope { root, folders: folders_asked_for, complete: workspace.complete, command: self.command(None) };
        plan::plan(&self.out, &folders, &scope)
    }

    /// The folder that begins with this artifact.
    fn folder(&self, artifact: Artifact) -> Folder {
        let path = artifact.folder.clone();
        let deployment = self.workspace.deployments.iter().find(|d| d.environment.as_str() == path);
        let (source, shown_source, file) = match deployment {
            Some(deployment) => {
                let shown = &self.workspace.sources[deployment.source.0].path;
                (deployment.file.clone(), shown.clone(), Some(shown.as_str()))
            }
            None if layout::is_image_folder(&path) => {
                (layout::PORTAL_FILE.to_owned(), self.workspace.shown_portal.clone(), None)
            }
            None => (self.workspace.environments.clone(), self.workspace.environments.clone(), None),
        };
        Folder { path, source, shown_source, command: self.command(file), artifacts: vec![artifact] }
    }

    /// The command that renders a file again, or all that were asked for, from where the user stands.
    fn command(&self, file: Option<&str>) -> String {
        let quoted = |text: &str| Language::Shell.token(text).unwrap_or_else(|_| text.to_owned());
        let mut command = "portalgen render".to_owned();
        let all = || self.workspace.asked_for.iter().map(String::as_str).collect();
        for input in file.map_or_else(all, |file| vec![file]) {
            command.push_str(&format!(" {}", quoted(input)));
        }
        if let Some(out) = &self.out_option {
            command.push_str(&format!(" --out {}", quoted(out)));
        }
        command
    }
}
