//! What each verb does: calls the stages in order, and says what to print and how to end.

use std::path::Path;

use crate::cli::{Cli, Command, Selection};
use crate::finding::Level;
use crate::plan::{self, Folder, Out, Plan, Unusable};
use crate::workspace::{self, CannotRun, Workspace};
use crate::{render, report, resolve};

mod check;
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
        Command::Schema(arguments) => schema::run(arguments, current),
    }
}

/// The files of a selection, read and judged.
struct Loaded {
    workspace: Workspace,
    out: Out,
    messages: String,
    exit: Exit,
}

fn load(selection: &Selection, current: &Path) -> Result<Loaded, CannotRun> {
    let workspace = workspace::load(&selection.inputs, current)?;
    let path = selection.out.as_ref().map_or_else(|| workspace.root.join("out"), |out| current.join(out));
    let out = Out { shown: workspace::shown(current, &path), path };
    let refused = |level| level == Level::Error || selection.deny_warnings;
    let exit = match () {
        () if workspace.malformed => Exit::CannotRun,
        () if workspace.findings.iter().any(|finding| refused(finding.level)) => Exit::Findings,
        () => Exit::Clean,
    };
    let messages = report::findings(&workspace.findings, &workspace.sources, selection.deny_warnings);
    Ok(Loaded { workspace, out, messages, exit })
}

impl Loaded {
    /// Compares what would be rendered with what lies in the output folder.
    fn plan(&self) -> Result<Plan, Unusable> {
        let workspace = &self.workspace;
        let mut folders: Vec<Folder> = Vec::new();
        for artifact in render::artifacts(&workspace.deployments, !workspace.folders.is_empty()) {
            match folders.last_mut() {
                Some(folder) if folder.path == artifact.folder => folder.artifacts.push(artifact),
                _ => folders.push(Folder {
                    source: self.source_of(&artifact.folder),
                    path: artifact.folder.clone(),
                    artifacts: vec![artifact],
                }),
            }
        }
        plan::plan(&self.out, &folders, |path, manifest| {
            if path.starts_with("image/") {
                // Only all environments together tell that an image is nobody's.
                return workspace.complete;
            }
            let source = workspace.root.join(&manifest.source);
            let asked_for = workspace.folders.iter().any(|folder| source.parent() == Some(folder));
            asked_for && !source.exists()
        })
    }

    /// The input file that a folder of the output comes from, as manifests and messages name it.
    fn source_of(&self, folder: &str) -> String {
        let deployment = self.workspace.deployments.iter().find(|d| d.environment.as_str() == folder);
        match deployment {
            Some(deployment) => deployment.file.clone(),
            None if folder.is_empty() => workspace::ENVIRONMENTS_FOLDER.to_owned(),
            None => {
                debug_assert!(resolve::IMAGE_DIRECTORY.ends_with("image") && folder.starts_with("image/"));
                workspace::PORTAL_FILE.to_owned()
            }
        }
    }
}
