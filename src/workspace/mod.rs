//! Which files are meant, and what they say: finds portal.toml and the environments, reads them, and reports every
//! mistake in all of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::Kind;
use crate::config::lint::Allow;
use crate::config::{EnvironmentFile, PortalFile};
use crate::deployment::{Deployment, Portal};
use crate::finding::{At, Finding, Level, Place, SourceId};
use crate::layout::{self, PORTAL_FILE};
use crate::rule::Allowance;
use crate::schema_line::TomlFile;
use crate::source::{KeyPath, Source};
use crate::units::{EnvironmentName, UrlPath};
use crate::{resolve, rules, secrets, shape};

mod app;
mod inputs;
mod paths;
mod toml_file;

use inputs::{Files, collect, environment_name, toml_files};
pub use inputs::{find_root, meant};
use paths::{from_root, normal, real, same_file, text};
pub use paths::{relative, same_place, shown};

/// Why portalgen could not even begin.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is its message")]
pub enum CannotRun {
    #[error(
        "there is no {PORTAL_FILE} in this folder or above it\nhelp: go to the portal's repository, or name an environment's file: portalgen render envs/demo.toml"
    )]
    NoPortal,
    #[error(
        "no {PORTAL_FILE} is named by `portal = \"...\"` in the environment's file, and none lies above it\nhelp: write where it is, from that file: portal = \"../{PORTAL_FILE}\""
    )]
    NoPortalNamed,
    #[error("there is no file or folder `{path}`{}", hint.as_ref().map_or_else(String::new, |hint| format!("\nhelp: {hint}")))]
    NoSuchPath { path: String, hint: Option<String> },
    #[error("the folder `{path}` holds no environment\nhelp: an environment is a file such as `{path}/demo.toml`")]
    NoEnvironments { path: String },
    #[error(
        "`{path}` is the portal, which is the same in every environment\nhelp: name an environment's file, or none for all: portalgen render"
    )]
    PortalGiven { path: String },
    #[error(
        "`{path}` cannot name an environment: {reason}\nhelp: rename the file: an environment is called as its file, in lower-case letters, digits and hyphens, beginning with a letter"
    )]
    BadEnvironmentName { path: String, reason: String },
    #[error("`{first}` and `{second}` would both be the environment `{name}`\nhelp: rename one of them")]
    SameName { first: String, second: String, name: String },
    #[error("cannot read `{path}`: {reason}\nhelp: mend or remove it; portalgen reads every .toml file of a folder")]
    Unreadable { path: String, reason: String },
    #[error(
        "these environments belong to two portals: `{first}` and `{second}`\nhelp: name the files of one portal at a time"
    )]
    TwoPortals { first: String, second: String },
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nerror: "))]
    Several(Vec<CannotRun>),
}

/// A text that is read in the place of what a file says, to see what would follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The file, which is there.
    pub path: PathBuf,
    /// All of its text.
    pub text: String,
}

/// The files of one run.
#[derive(Debug)]
pub struct Workspace {
    /// portal.toml's folder.
    pub root: PathBuf,
    /// Every file that was read.
    pub sources: Vec<Source>,
    /// The environments that were asked for, as far as they could be read, by name.
    pub deployments: Vec<Deployment>,
    /// Everything there is to say about the files, in order.
    pub findings: Vec<Finding>,
    /// Whether a file is malformed, so that a rule could not judge it.
    pub malformed: bool,
    /// The folders that were asked for as a whole.
    pub folders: Vec<PathBuf>,
    /// Whether these are all environments of the portal.
    pub complete: bool,
    /// What was asked for, as the user wrote it.
    pub asked_for: Vec<String>,
    /// portal.toml, as the user sees it.
    pub shown_portal: String,
    /// The folder of all environments, from portal.toml's folder.
    pub environments: String,
    /// Where sign-in begins on the API, if portal.toml says so.
    pub login_path: Option<UrlPath>,
    /// The portal's environments that were not asked for, as far as they could be read, by name.
    pub others: Vec<Deployment>,
    /// Every redirect URI that an environment of the portal registers, of those that were not asked for too.
    pub registered: BTreeSet<String>,
    /// The environments that were not asked for and cannot be read, so that no rule compared any.
    pub not_compared: Vec<String>,
}

/// Reads what `inputs` name; without any, all environments of the portal that `current` lies in.
///
/// # Errors
///
/// If a file or folder is not there or cannot be read, or cannot be an environment. What is wrong inside a file is a
/// finding.
pub fn load(inputs: &[PathBuf], current: &Path) -> Result<Workspace, CannotRun> {
    load_planned(inputs, current, &[])
}

/// The same, as if some files said something else. Nothing is written.
///
/// # Errors
///
/// As [`load`].
pub fn load_planned(inputs: &[PathBuf], current: &Path, planned: &[Planned]) -> Result<Workspace, CannotRun> {
    let default = match inputs {
        [] => Some(find_root(current).ok_or(CannotRun::NoPortal)?.join(layout::ENVIRONMENTS)),
        _ => None,
    };
    let asked_for = inputs.iter().map(|input| input.to_string_lossy().into_owned()).collect();
    let inputs: Vec<PathBuf> = default.map_or_else(|| inputs.iter().map(|i| meant(i, current)).collect(), |d| vec![d]);
    let (files, folders) = collect(&inputs, current)?;
    let mut reader = Reader {
        current,
        planned,
        sources: Vec::new(),
        files: Vec::new(),
        findings: Vec::new(),
        refused: Vec::new(),
        malformed: false,
    };

    let mut written = Vec::new();
    for (name, path) in &files {
        written.push((name.clone(), path.clone(), reader.read(path, Kind::Environment)?));
    }
    let portal_path = reader.portal_path(&written)?;
    let root = portal_path.parent().unwrap_or(current).to_path_buf();
    let portal = reader.read(&portal_path, Kind::Portal)?;
    let portal_source = portal.source;
    let portal_file: Option<PortalFile> = reader.typed(portal);

    let portal = portal_file.map(|file| {
        let app_files = reader.app_files(&root, &file, portal_source);
        let portal = resolve::portal(&file, portal_source, app_files);
        (file, portal)
    });

    let mut deployments = Vec::new();
    for (name, path, document) in written {
        let source = document.source;
        let file: Option<EnvironmentFile> = reader.typed(document);
        if let (Some((portal_file, portal)), Some(file)) = (&portal, file) {
            let shown = from_root(&root, &path);
            deployments.push(resolve::deployment(portal_file, portal, &name, &shown, source, &file));
        }
    }
    let toml_files = reader.toml_files(&root);
    let siblings = portal.as_ref().map(|(file, portal)| reader.siblings(&files, &root, file, portal));
    let siblings = siblings.unwrap_or_default();
    let not_compared = siblings.unreadable.clone();
    let registered = deployments.iter().chain(&siblings.deployments).flat_map(|d| &d.oauth.redirect_uris);
    let registered = registered.map(|entry| entry.uri.to_string()).collect();
    let login_path = portal.as_ref().and_then(|(_, portal)| portal.login_path.clone());
    reader.judge(portal.as_ref().map(|(_, portal)| portal), &toml_files, &deployments, &siblings);

    // A portal may keep its environments elsewhere; then the folder that is named holds them all.
    let usual = root.join(layout::ENVIRONMENTS);
    let complete = folders.iter().any(|folder| !usual.is_dir() || same_file(folder, &usual));
    let shown_portal = shown(current, &portal_path);
    let environments = match folders.first() {
        Some(folder) if !usual.is_dir() => text(&relative(&real(&root), &real(folder))),
        _ => layout::ENVIRONMENTS.to_owned(),
    };
    let Reader { sources, mut findings, malformed, .. } = reader;
    secrets::conceal(&mut findings, &sources);
    sort(&mut findings, &sources);
    Ok(Workspace {
        root,
        sources,
        deployments,
        findings,
        malformed,
        folders,
        complete,
        asked_for,
        shown_portal,
        environments,
        login_path,
        others: siblings.deployments,
        registered,
        not_compared,
    })
}

/// The portal's environments beside those that were asked for.
#[derive(Default)]
struct Siblings {
    deployments: Vec<Deployment>,
    /// Those that cannot be read, or not whole.
    unreadable: Vec<String>,
}

/// One file, read and checked against its schema.
struct Document {
    source: SourceId,
    kind: Kind,
    value: Value,
    /// What the schema refuses.
    refused: Vec<Finding>,
}

struct Reader<'c> {
    current: &'c Path,
    /// What some files are to say.
    planned: &'c [Planned],
    sources: Vec<Source>,
    /// The sources that are whole TOML files, where they lie, and what they have of secrets.
    files: Vec<(SourceId, Kind, PathBuf, Vec<secrets::Found>)>,
    findings: Vec<Finding>,
    /// What is not as the author wrote it, because it was refused and mended.
    refused: Vec<(SourceId, KeyPath)>,
    malformed: bool,
}

impl Reader<'_> {
    fn read(&mut self, path: &Path, kind: Kind) -> Result<Document, CannotRun> {
        // A pipe would keep us waiting.
        let metadata = fs::metadata(path).map_err(|error| unreadable(self.current, path, &error))?;
        if !metadata.is_file() {
            let reason = "it is no ordinary file".to_owned();
            return Err(CannotRun::Unreadable { path: shown(self.current, path), reason });
        }
        let text = fs::read_to_string(path).map_err(|error| unreadable(self.current, path, &error))?;
        // A text of several lines is the same whatever the checkout made of its line ends.
        let text = text.replace("\r\n", "\n");
        let shown = shown(self.current, path);
        let planned = self.planned.iter().find(|planned| same_file(&planned.path, path));
        let (shown, text) =
            planned.map_or((shown.clone(), text), |p| (format!("{shown} (as planned)"), p.text.clone()));
        let id = SourceId(self.sources.len());
        let (mut source, value, errors) = Source::parse(shown, text);
        let secrets = secrets::search(&source, &value, !errors.is_empty());
        source.hide(secrets.hidden);
        let refused = shape::findings(kind, &source, id, &value);
        let mut findings = refused.clone();
        shape::drop_consequences(&mut findings);
        if errors.is_empty() {
            self.files.push((id, kind, path.to_path_buf(), secrets.found));
        } else {
            // What could not be read is not missing, and a line that could not be read is reported once.
            let lines: Vec<_> = errors.iter().map(|error| line_of(&source, error.span.start)).collect();
            findings.retain(|finding| {
                let line = finding.places.first().map(|place| line_of(&source, place.at.span(&source).start));
                finding.id != "missing-key" && line.is_none_or(|line| !lines.contains(&line))
            });
            findings.extend(
                errors
                    .into_iter()
                    .map(|error| Finding::new("syntax", Level::Error, error.message).at(id, At::Span(error.span), "")),
            );
        }
        self.malformed |= !findings.is_empty();
        self.findings.extend(findings);
        self.sources.push(source);
        Ok(Document { source: id, kind, value, refused })
    }

    /// The document in its type; what was refused is mended.
    fn typed<T: DeserializeOwned>(&mut self, document: Document) -> Option<T> {
        let Document { source, kind, mut value, refused } = document;
        shape::mend(kind, &mut value, &refused);
        let paths = refused.iter().filter_map(|finding| Some((source, finding.places.first()?.at.path()?.clone())));
        self.refused.extend(paths);
        match serde_json::from_value(value) {
            Ok(typed) => Some(typed),
            // Whatever the schema refused is said already.
            Err(_) if !refused.is_empty() => None,
            Err(error) => {
                let finding = Finding::new("bad-value", Level::Error, error.to_string());
                self.findings.push(finding.at(source, At::Key(KeyPath::default()), ""));
                self.malformed = true;
                None
            }
        }
    }

    /// The one portal.toml that all environments name.
    fn portal_path(&mut self, written: &[(EnvironmentName, PathBuf, Document)]) -> Result<PathBuf, CannotRun> {
        let mut found: Option<PathBuf> = None;
        for (_, path, document) in written {
            let Some(portal) = document.value.get("portal").and_then(Value::as_str) else { continue };
            let portal_path = normal(&path.parent().unwrap_or(self.current).join(portal));
            if !portal_path.is_file() {
                let message = format!("there is no file `{}`", shown(self.current, &portal_path));
                let finding = Finding::new("portal-not-found", Level::Error, message)
                    .at(document.source, At::Value(KeyPath::new(["portal"])), "")
                    .help("write where portal.toml is, from this file's folder");
                self.findings.push(finding);
                self.malformed = true;
                continue;
            }
            match &found {
                Some(first) if !same_file(first, &portal_path) => {
                    return Err(CannotRun::TwoPortals {
                        first: shown(self.current, first),
                        second: shown(self.current, &portal_path),
                    });
                }
                _ => found = Some(portal_path),
            }
        }
        // The files name none: look where one usually is, so that its mistakes are reported in the same run.
        let above = written.first().and_then(|(_, path, _)| find_root(path.parent()?));
        found.or_else(|| above.map(|root| root.join(PORTAL_FILE))).ok_or(CannotRun::NoPortalNamed)
    }

    /// The portal's other environments, for the rules that compare. Their own mistakes are not this run's.
    fn siblings(&mut self, files: &Files, root: &Path, portal_file: &PortalFile, portal: &Portal) -> Siblings {
        let (findings, malformed) = (std::mem::take(&mut self.findings), self.malformed);
        let mut siblings = Siblings::default();
        let beside = files.values().filter_map(|path| path.parent()).map(Path::to_path_buf);
        let folders: BTreeSet<_> =
            beside.chain([root.join(layout::ENVIRONMENTS)]).map(|folder| real(&folder)).collect();
        for path in folders.iter().flat_map(|folder| toml_files(folder).unwrap_or_default()) {
            let Ok(name) = environment_name(&path, self.current) else { continue };
            if files.contains_key(&name) {
                continue;
            }
            self.malformed = false;
            let Ok(document) = self.read(&path, Kind::Environment) else {
                siblings.unreadable.push(shown(self.current, &path));
                continue;
            };
            let named = document.value["portal"].as_str().unwrap_or_default();
            let its_portal = path.parent().unwrap_or(root).join(named);
            let source = document.source;
            if let Some(file) = self.typed::<EnvironmentFile>(document)
                && same_file(&its_portal, &root.join(PORTAL_FILE))
            {
                let shown = from_root(root, &path);
                siblings.deployments.push(resolve::deployment(portal_file, portal, &name, &shown, source, &file));
            }
            if self.malformed {
                siblings.unreadable.push(shown(self.current, &path));
            }
        }
        (self.findings, self.malformed) = (findings, malformed);
        siblings
    }

    fn judge(&mut self, portal: Option<&Portal>, files: &[TomlFile], deployments: &[Deployment], siblings: &Siblings) {
        let compare = siblings.unreadable.is_empty() && !self.malformed;
        let siblings = &siblings.deployments;
        let foreign: Vec<_> = siblings.iter().map(|sibling| sibling.source).collect();
        // Whoever was asked for comes last: a comparison points first at the later one.
        let all: Vec<_> = siblings.iter().chain(deployments).cloned().collect();
        let mut found = rules::check(portal, files, &all, compare);
        found.retain(|finding| !self.is_refused(finding));
        let of_file = |source: SourceId, also: &[SourceId], allow: &[Allow]| {
            let entries = allow.iter().cloned().enumerate();
            entries.map(|(index, allow)| Allowance { source, also: also.to_vec(), index, allow }).collect::<Vec<_>>()
        };
        let of_portal = portal.into_iter().flat_map(|p| of_file(p.source, &p.files.sources(), &p.allow));
        let of_environments = all.iter().flat_map(|d| of_file(d.source, &[], &d.allow));
        let allowances: Vec<_> = of_portal.chain(of_environments).collect();
        rules::allow(&mut found, &allowances, compare);
        // What is wrong with another environment is not this run's, even where portal.toml has a part in it.
        found.retain(|finding| {
            let ours = |place: &Place| deployments.iter().any(|deployment| deployment.source == place.source);
            let of_portal = finding.places.first().is_some_and(|place| !foreign.contains(&place.source));
            finding.places.iter().any(ours) || of_portal
        });
        self.findings.extend(found);
    }

    /// Whether a finding is about what was mended, and so not about what the author wrote.
    fn is_refused(&self, finding: &Finding) -> bool {
        let places = finding.places.iter().filter_map(|place| Some((place.source, place.at.path()?)));
        let grounds = finding.rests_on.iter().map(|(source, path)| (*source, path));
        places.chain(grounds).any(|(source, path)| self.was_mended(source, path))
    }

    /// Whether a value, or something of it, was refused and mended.
    fn was_mended(&self, source: SourceId, path: &KeyPath) -> bool {
        let related = |refused: &KeyPath| path.is_within(refused) || refused.is_within(path);
        self.refused.iter().any(|(of, refused)| *of == source && related(refused))
    }
}

fn sort(findings: &mut Vec<Finding>, sources: &[Source]) {
    findings.sort_by_key(|finding| {
        let place = finding.places.first().map(|place| (place.source, place.at.span(&sources[place.source.0]).start));
        (place, finding.id, finding.message.clone())
    });
    findings.dedup();
}

fn line_of(source: &Source, offset: usize) -> usize {
    source.text[..offset.min(source.text.len())].matches('\n').count()
}

fn unreadable(current: &Path, path: &Path, error: &std::io::Error) -> CannotRun {
    CannotRun::Unreadable { path: shown(current, path), reason: reason(error) }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::InvalidData => "it is no UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}
