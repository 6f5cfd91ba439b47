//! What each verb does: calls the stages in order, and says what to print and how to end.

use std::path::Path;

use crate::artifact::Artifact;
use crate::cli::{Cli, Command, Format, Selection};
use crate::escape::Language;
use crate::finding::Level;
use crate::plan::{self, Folder, Out, Plan, Scope, Unusable};
use crate::source::Source;
use crate::workspace::{self, CannotRun, Planned, Workspace};
use crate::{layout, render, report, reread, rules, secrets};

mod check;
mod compare;
mod explain;
mod lint;
mod oauth;
mod plan_settings;
mod render_files;
mod schema;
mod verify;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is well.
    Clean,
    /// 1: an error in the configuration, or drift.
    Findings,
    /// 2: could not run.
    CannotRun,
    /// 3: nothing is wrong, but something outside has to happen first.
    Waiting,
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
        Command::Oauth(arguments) => oauth::run(arguments, current),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Schema(arguments) => schema::run(arguments, current),
        Command::Compare(arguments) => compare::run(arguments, current),
        Command::Plan(arguments) => plan_settings::run(arguments, current),
        Command::Verify(arguments) => verify::run(arguments, current),
    }
}

/// Refuses what is no one environment: a folder, and portal.toml.
fn check_is_one(path: &Path, current: &Path, verb: &str) -> Result<(), String> {
    let shown = path.display();
    if workspace::meant(path, current).is_dir() {
        return Err(format!("`{shown}` is a folder\nhelp: name one environment, such as: portalgen {verb} demo"));
    }
    if path.file_name().is_some_and(|name| name == layout::PORTAL_FILE) {
        return Err(format!(
            "`{shown}` is the portal, which is the same in every environment\nhelp: name one environment, such as: portalgen {verb} demo"
        ));
    }
    Ok(())
}

/// How far a command looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// At the configuration and at what it renders.
    Rendered,
    /// At what lies in the output folder, too.
    OnDisk,
}

/// The files of a selection, read, rendered and judged.
struct Loaded {
    workspace: Workspace,
    /// What is rendered; nothing where a file is malformed.
    folders: Vec<Folder>,
    out: Out,
    /// What `--out` says, for the commands that messages name.
    out_option: Option<String>,
    deny_warnings: bool,
    /// How the output folder compares, where that was looked at.
    on_disk: Option<Result<Plan, Unusable>>,
    exit: Exit,
}

fn load(selection: &Selection, current: &Path, look: Look) -> Result<Loaded, CannotRun> {
    load_planned(selection, current, look, &[])
}

/// The same, as if some files said something else.
fn load_planned(selection: &Selection, current: &Path, look: Look, planned: &[Planned]) -> Result<Loaded, CannotRun> {
    let workspace = workspace::load_planned(&selection.inputs, current, planned)?;
    let default = workspace.root.join(layout::OUT);
    let path = selection.out.as_ref().map_or_else(|| default.clone(), |out| current.join(out));
    let out_option = (!workspace::same_place(&path, &default)).then(|| workspace::shown(current, &path));
    let out = Out { shown: workspace::shown(current, &path), path };
    let deny_warnings = selection.deny_warnings;
    let mut loaded =
        Loaded { workspace, folders: Vec::new(), out, out_option, deny_warnings, on_disk: None, exit: Exit::CannotRun };
    if !loaded.workspace.malformed {
        loaded.folders = loaded.render();
        loaded.judge_artifacts(look);
        let refused = |level| level == Level::Error || deny_warnings;
        let fails = loaded.workspace.findings.iter().any(|finding| finding.stands() && refused(finding.level));
        loaded.exit = if fails { Exit::Findings } else { Exit::Clean };
    }
    Ok(loaded)
}

impl Loaded {
    /// What there is to say of the files.
    fn findings(&self) -> report::Findings<'_> {
        let Workspace { findings, sources, .. } = &self.workspace;
        report::Findings { all: findings, sources, deny_warnings: self.deny_warnings }
    }

    /// The same, for people.
    fn messages(&self) -> String {
        self.findings().to_text(Format::Text) + &self.notes()
    }

    /// What could not be judged.
    fn notes(&self) -> String {
        match self.workspace.not_compared.as_slice() {
            [] => String::new(),
            unreadable => {
                let unreadable = unreadable.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
                report::note(&format!("environments were not compared with each other: {unreadable} cannot be read"))
            }
        }
    }

    /// The folders below the output folder whose files may hold a secret that nothing is to print.
    fn secret_folders(&self) -> Vec<&str> {
        let Workspace { deployments, findings, .. } = &self.workspace;
        let secrets = || findings.iter().filter(|finding| finding.id == secrets::RULE_ID);
        let holds_one = |source| secrets().any(|f| f.stands() && f.places.iter().any(|place| place.source == source));
        deployments.iter().filter(|d| holds_one(d.source)).map(|d| d.environment.as_str()).collect()
    }

    /// The values of the TOML files that nothing is to print.
    fn hidden(&self) -> Vec<&str> {
        self.workspace.sources.iter().flat_map(Source::hidden).map(|hidden| hidden.value.as_str()).collect()
    }

    fn render(&self) -> Vec<Folder> {
        let workspace = &self.workspace;
        let mut folders: Vec<Folder> = Vec::new();
        for artifact in render::artifacts(&workspace.deployments, workspace.complete) {
            match folders.last_mut() {
                Some(folder) if folder.path == artifact.folder => folder.artifacts.push(artifact),
                _ => folders.push(self.folder(artifact)),
            }
        }
        folders
    }

    /// Reads back what was rendered and what was edited, and puts what is found behind the findings of the
    /// configuration.
    fn judge_artifacts(&mut self, look: Look) {
        let sources = &self.workspace.sources;
        let rendered = reread::rendered(&self.workspace.deployments, &self.folders);
        let mut judgement = reread::judge_rendered(rules::check_artifacts, &rendered, sources, &self.out);
        let on_disk = (look == Look::OnDisk).then(|| self.plan());
        // Where the rendering itself is wrong, the disk is held against nothing.
        if judgement.findings.is_empty()
            && let Some(Ok(plan)) = &on_disk
        {
            judgement = reread::judge_edited(rules::check_artifacts, &rendered, plan, sources);
        }
        self.on_disk = on_disk;
        let Workspace { findings, sources, .. } = &mut self.workspace;
        let known: Vec<_> = sources.iter().flat_map(Source::hidden).map(|hidden| hidden.value.clone()).collect();
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        for source in &mut judgement.sources {
            source.hide(secrets::hidden_in_text(&source.text, &known));
        }
        sources.extend(judgement.sources);
        secrets::conceal(&mut judgement.findings, sources);
        findings.extend(judgement.findings);
    }

    /// Compares what is rendered with what lies in the output folder.
    fn plan(&self) -> Result<Plan, Unusable> {
        let Workspace { root, folders, complete, .. } = &self.workspace;
        let scope = Scope { root, folders, complete: *complete, command: self.command(None) };
        plan::plan(&self.out, &self.folders, &scope)
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
