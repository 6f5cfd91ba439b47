//! What stands between the artifacts and the disk: for each file, whether it is as it should be, and if not, why.
//! One plan serves render, check, diff and dry run; only [`Plan::apply`] writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::artifact::{Artifact, join};
use crate::disk::{self, Obstacle, OnDisk};
use crate::manifest::{self, Entry, Manifest};
use crate::{layout, render};

/// How a file on disk relates to what is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As rendered, to the byte and the mode.
    UpToDate,
    /// Not there.
    Missing,
    /// As portalgen wrote it, but it would write something else now.
    Stale,
    /// Changed since portalgen wrote it.
    EditedByHand,
    /// Written by portalgen, and no longer rendered.
    Orphaned,
    /// No longer rendered, and changed since portalgen wrote it: left where it is.
    OrphanedAndEdited,
    /// There, different, and in no manifest: not portalgen's to touch.
    NotOurs,
}

/// One file of a plan.
#[derive(Debug)]
pub struct Change {
    /// The path under the output folder, with forward slashes.
    pub path: String,
    /// How it relates to the disk.
    pub status: Status,
    /// What lies on disk, if anything.
    pub before: Option<Vec<u8>>,
    /// What is rendered; nothing for an orphan.
    pub after: Option<String>,
    /// Whether the file is or will be a program.
    pub executable: bool,
    /// Whether the contents agree and only the mode differs.
    pub mode_only: bool,
    /// The input that it comes from, as the user sees it.
    pub source: String,
    /// The command that renders it again.
    pub command: String,
}

/// A folder of the output folder, as it should be.
#[derive(Debug)]
pub struct Folder {
    /// Its path under the output folder; empty for the output folder itself.
    pub path: String,
    /// The input that it comes from, from portal.toml's folder, as the manifest names it.
    pub source: String,
    /// The same, as the user sees it.
    pub shown_source: String,
    /// The command that renders it again.
    pub command: String,
    /// Its files, without the manifest.
    pub artifacts: Vec<Artifact>,
}

/// What a run was asked for, and so what it may say of files that it does not render.
#[derive(Debug)]
pub struct Scope<'s> {
    /// portal.toml's folder.
    pub root: &'s Path,
    /// The folders of environments that were asked for as a whole.
    pub folders: &'s [PathBuf],
    /// Whether these are all environments of the portal.
    pub complete: bool,
    /// The command that renders everything asked for again.
    pub command: String,
}

impl Scope<'_> {
    fn exists(&self, manifest: &Manifest) -> bool {
        self.root.join(&manifest.source).exists()
    }

    /// Whether the environment of this manifest is gone, as far as this run can tell.
    fn is_gone(&self, manifest: &Manifest) -> bool {
        let source = self.root.join(&manifest.source);
        let asked_for = |folder: &PathBuf| source.parent().is_some_and(|parent| same_folder(parent, folder));
        // With all environments at hand, one that is in no folder at all is gone as well.
        !self.exists(manifest) && (self.complete || self.folders.iter().any(asked_for))
    }
}

fn same_folder(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// A folder's manifest.json as it lies on disk.
enum OnDiskManifest {
    Missing,
    Ours(Manifest),
    /// Ours, but not to be read: a merge has left it in pieces, say.
    Broken,
    NotOurs,
}

/// The output folder. Everything below it is named by its path from there, with forward slashes.
#[derive(Debug, Clone)]
pub struct Out {
    /// Where it is.
    pub path: PathBuf,
    /// As the user sees it.
    pub shown: String,
}

/// Every file of a run, in the order of their paths.
#[derive(Debug)]
pub struct Plan {
    /// The output folder.
    pub out: Out,
    /// The files.
    pub changes: Vec<Change>,
}

/// Why the output folder cannot be used. Nothing was changed, but where [`Unusable::Halfway`] says so.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is its message")]
pub enum Unusable {
    #[error(
        "`{path}` is a symbolic link\nhelp: portalgen writes into folders and files of its own; remove the link, or choose another folder with --out"
    )]
    Link { path: String },
    #[error("`{path}` is no folder\nhelp: move it away, or choose another folder with --out")]
    NotAFolder { path: String },
    #[error("`{path}` is no file\nhelp: move it away, or choose another folder with --out")]
    NotAFile { path: String },
    #[error(
        "{}\nhelp: portalgen did not write {}, so it touches nothing; move {} away, or choose another folder with --out",
        list(paths),
        them(paths),
        them(paths)
    )]
    NotOurs { paths: Vec<String> },
    #[error(
        "`{path}` belongs to `{theirs}`, not to `{ours}`\nhelp: two environments of one name share no folder; rename one of the files, or choose another folder with --out"
    )]
    OfAnother { path: String, theirs: String, ours: String },
    #[error(
        "cannot {what} `{path}`: {reason}\nhelp: nothing was changed; choose another folder with --out, or mend this"
    )]
    Io { what: &'static str, path: String, reason: String },
    #[error(
        "cannot {what} `{path}`: {reason}\nhelp: some files were written before; run the same command again once this is mended"
    )]
    Halfway { what: &'static str, path: String, reason: String },
}

fn list(paths: &[String]) -> String {
    paths.iter().map(|path| format!("`{path}` is in the way")).collect::<Vec<_>>().join("\nerror: ")
}

fn them(paths: &[String]) -> &'static str {
    if paths.len() == 1 { "it" } else { "them" }
}

/// Compares `folders` with what lies in `out`, and looks there for files that nothing renders any more.
///
/// # Errors
///
/// If the output folder, or a file or folder in it, is a link or of the wrong kind, cannot be read, or is another
/// environment's.
pub fn plan(out: &Out, folders: &[Folder], scope: &Scope<'_>) -> Result<Plan, Unusable> {
    let mut changes = Vec::new();
    out.check_folder("")?;
    for folder in folders {
        // Every folder on the way, `image` of `image/websocket` too.
        for (end, _) in folder.path.match_indices('/').chain([(folder.path.len(), "")]) {
            out.check_folder(&folder.path[..end])?;
        }
        if let OnDiskManifest::Ours(manifest) = out.manifest(&folder.path)?
            && manifest.source != folder.source
            && scope.exists(&manifest)
        {
            // Environments that lie in several folders have no one folder whose list is everybody's.
            if folder.path.is_empty() {
                continue;
            }
            let (theirs, ours) = (manifest.source, folder.source.clone());
            return Err(Unusable::OfAnother { path: out.display(&folder.path), theirs, ours });
        }
        changes.extend(plan_folder(out, folder)?);
    }
    for (path, manifest) in orphaned_folders(out, folders, scope)? {
        let command = scope.command.clone();
        let source = manifest.source;
        let folder = Folder { path, shown_source: source.clone(), source, command, artifacts: Vec::new() };
        changes.extend(plan_folder(out, &folder)?);
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Plan { out: out.clone(), changes })
}

/// The folders below `out` that a run of portalgen wrote and that nothing renders any more.
fn orphaned_folders(out: &Out, folders: &[Folder], scope: &Scope<'_>) -> Result<Vec<(String, Manifest)>, Unusable> {
    let mut orphaned = Vec::new();
    let mut environments_remain = false;
    let mut images = Vec::new();
    for path in out.other_folders(folders)? {
        let OnDiskManifest::Ours(manifest) = out.manifest(&path)? else { continue };
        if layout::is_image_folder(&path) {
            images.push((path, manifest));
        } else if scope.is_gone(&manifest) {
            orphaned.push((path, manifest));
        } else {
            environments_remain = true;
        }
    }
    // Only all environments together tell that an image is nobody's.
    if scope.complete && !environments_remain {
        orphaned.extend(images);
    }
    Ok(orphaned)
}

fn plan_folder(out: &Out, folder: &Folder) -> Result<Vec<Change>, Unusable> {
    let on_disk = out.manifest(&folder.path)?;
    let known = match &on_disk {
        OnDiskManifest::Ours(manifest) => manifest.files.clone(),
        _ => BTreeMap::new(),
    };
    let mut changes = Vec::new();
    for artifact in &folder.artifacts {
        let broken = matches!(on_disk, OnDiskManifest::Broken);
        changes.push(change(out, folder, artifact, known.get(&artifact.name), broken)?);
    }
    let rendered: BTreeSet<_> = folder.artifacts.iter().map(|artifact| artifact.name.as_str()).collect();
    let mut left_behind = BTreeMap::new();
    for (name, entry) in known.iter().filter(|(name, _)| !rendered.contains(name.as_str())) {
        let path = join(&folder.path, name);
        let Some(before) = out.read(&path)? else { continue };
        let untouched = Entry::new(&before.contents, mode(before.executable)) == *entry;
        if !untouched {
            left_behind.insert(name.clone(), entry.clone());
        }
        changes.push(Change {
            status: if untouched { Status::Orphaned } else { Status::OrphanedAndEdited },
            executable: before.executable,
            before: Some(before.contents),
            ..folder.change(path)
        });
    }
    changes.extend(manifest_change(out, folder, &on_disk, left_behind)?);
    Ok(changes)
}

impl Folder {
    /// A file of this folder of which nothing is known yet.
    fn change(&self, path: String) -> Change {
        Change {
            path,
            status: Status::Missing,
            before: None,
            after: None,
            executable: false,
            mode_only: false,
            source: self.shown_source.clone(),
            command: self.command.clone(),
        }
    }
}

/// The folder's manifest is a file as the others, but it is recognised by what it says.
fn manifest_change(
    out: &Out,
    folder: &Folder,
    on_disk: &OnDiskManifest,
    left_behind: BTreeMap<String, Entry>,
) -> Result<Option<Change>, Unusable> {
    let path = join(&folder.path, manifest::NAME);
    let before = out.read(&path)?;
    let mut manifest = Manifest::new(&folder.source, &folder.artifacts);
    manifest.files.extend(left_behind);
    if manifest.files.is_empty() {
        // The whole folder is gone, and its manifest with it.
        return Ok(before.map(|before| Change {
            status: Status::Orphaned,
            before: Some(before.contents),
            ..folder.change(path)
        }));
    }
    let after = manifest.to_text();
    let text = before.as_ref().map(|before| before.contents.as_slice());
    let same = text == Some(after.as_bytes());
    let executable = before.as_ref().is_some_and(|before| before.executable);
    let status = match on_disk {
        _ if same && executable => Status::EditedByHand,
        _ if same => Status::UpToDate,
        OnDiskManifest::Missing => Status::Missing,
        OnDiskManifest::Ours(_) => Status::Stale,
        OnDiskManifest::Broken => Status::EditedByHand,
        OnDiskManifest::NotOurs => Status::NotOurs,
    };
    Ok(Some(Change {
        status,
        before: before.map(|before| before.contents),
        after: Some(after),
        mode_only: same && executable,
        ..folder.change(path)
    }))
}

/// `broken`: the folder's manifest is ours, but says nothing any more.
fn change(
    out: &Out,
    folder: &Folder,
    artifact: &Artifact,
    known: Option<&Entry>,
    broken: bool,
) -> Result<Change, Unusable> {
    let on_disk = out.read(&artifact.path())?;
    let mut mode_only = false;
    let status = match &on_disk {
        None => Status::Missing,
        Some(OnDisk { contents, executable }) => {
            let same = contents == artifact.contents.as_bytes();
            mode_only = same && *executable != artifact.executable;
            match known {
                _ if same && !mode_only => Status::UpToDate,
                Some(entry) if *entry == Entry::new(contents, mode(*executable)) => Status::Stale,
                Some(_) => Status::EditedByHand,
                // The right contents, or our own header, can only be ours.
                None if mode_only || broken || render::has_header(contents) => Status::EditedByHand,
                None => Status::NotOurs,
            }
        }
    };
    Ok(Change {
        status,
        before: on_disk.map(|file| file.contents),
        after: Some(artifact.contents.clone()),
        executable: artifact.executable,
        mode_only,
        ..folder.change(artifact.path())
    })
}

impl Plan {
    /// Whether the disk is as it should be.
    pub fn is_clean(&self) -> bool {
        self.changes.iter().all(|change| change.status == Status::UpToDate)
    }

    /// Refuses to go on where something that is not portalgen's lies in the way.
    ///
    /// # Errors
    ///
    /// With all that is in the way.
    pub fn check_way(&self) -> Result<(), Unusable> {
        let paths: Vec<_> = self.with(Status::NotOurs).map(|change| self.out.display(&change.path)).collect();
        if paths.is_empty() { Ok(()) } else { Err(Unusable::NotOurs { paths }) }
    }

    fn with(&self, status: Status) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.status == status)
    }

    /// Writes what is missing or different and removes orphans. First everything is written beside its place, then
    /// all is renamed, so that a full disk or a forbidden folder leaves everything as it was.
    ///
    /// # Errors
    ///
    /// If something is in the way that is not portalgen's, or a file cannot be written or removed.
    pub fn apply(&self) -> Result<(), Unusable> {
        self.check_way()?;
        let mut made = Vec::new();
        let mut staged = self.stage(&mut made).inspect_err(|_| {
            // The folders that were made for nothing go again; one that is not empty stays.
            for folder in made.iter().rev() {
                let _ = fs::remove_dir(folder);
            }
        })?;
        // The manifests go first: whatever interrupts the rest, each file is known as portalgen's.
        staged.sort_by_key(|(_, path)| !path.ends_with(manifest::NAME));
        for (file, path) in staged {
            let target = self.out.at(path);
            file.persist(target).map_err(|error| self.out.halfway("write", path, &error.error))?;
        }
        for Change { path, .. } in self.with(Status::Orphaned) {
            fs::remove_file(self.out.at(path)).map_err(|error| self.out.halfway("remove", path, &error))?;
        }
        for change in self.with(Status::Orphaned) {
            // The folder goes with its last file; `image` goes with its last folder.
            for folder in Path::new(&change.path).ancestors().skip(1).filter(|folder| folder != &Path::new("")) {
                let _ = fs::remove_dir(self.out.path.join(folder));
            }
        }
        Ok(())
    }

    fn stage(&self, made: &mut Vec<PathBuf>) -> Result<Vec<(NamedTempFile, &str)>, Unusable> {
        let mut staged = Vec::new();
        for change in &self.changes {
            let path = self.out.at(&change.path);
            let folder = path.parent().expect("a file in the output folder");
            match (&change.after, change.status) {
                (Some(after), status) if status != Status::UpToDate => {
                    let file = make_folder(folder, made).and_then(|()| disk::stage(folder, after, change.executable));
                    let file = file.map_err(|error| self.out.cannot("write", &change.path, &error))?;
                    staged.push((file, change.path.as_str()));
                }
                // A folder that takes no file lets none go.
                (None, Status::Orphaned) => {
                    disk::stage(folder, "", false).map_err(|error| self.out.cannot("remove", &change.path, &error))?;
                }
                _ => {}
            }
        }
        Ok(staged)
    }
}

fn make_folder(folder: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let missing: Vec<_> = folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).collect();
    for folder in missing.into_iter().rev() {
        fs::create_dir(folder)?;
        made.push(folder.to_path_buf());
    }
    Ok(())
}

fn mode(executable: bool) -> &'static str {
    if executable { "0755" } else { "0644" }
}

impl Out {
    /// A path below. Joined with nothing, a path would end in a slash and lead through a link.
    fn at(&self, below: &str) -> PathBuf {
        if below.is_empty() { self.path.clone() } else { self.path.join(below) }
    }

    /// A path below, as the user sees it.
    pub fn display(&self, below: &str) -> String {
        if below.is_empty() { self.shown.clone() } else { join(&self.shown, below) }
    }

    fn cannot(&self, what: &'static str, below: &str, error: &io::Error) -> Unusable {
        Unusable::Io { what, path: self.display(below), reason: error.to_string() }
    }

    fn halfway(&self, what: &'static str, below: &str, error: &io::Error) -> Unusable {
        Unusable::Halfway { what, path: self.display(below), reason: error.to_string() }
    }

    fn manifest(&self, folder: &str) -> Result<OnDiskManifest, Unusable> {
        let Some(file) = self.read(&join(folder, manifest::NAME))? else { return Ok(OnDiskManifest::Missing) };
        Ok(match Manifest::parse(&file.contents) {
            Some(manifest) => OnDiskManifest::Ours(manifest),
            None if manifest::is_ours(&file.contents) => OnDiskManifest::Broken,
            None => OnDiskManifest::NotOurs,
        })
    }

    /// A file below; nothing if it is not there.
    fn read(&self, below: &str) -> Result<Option<OnDisk>, Unusable> {
        disk::read(&self.at(below)).map_err(|obstacle| match obstacle {
            Obstacle::Link => Unusable::Link { path: self.display(below) },
            Obstacle::NotAFile => Unusable::NotAFile { path: self.display(below) },
            Obstacle::Io(error) => self.cannot("read", below, &error),
        })
    }

    /// A folder may be missing, but not a link or a file.
    fn check_folder(&self, below: &str) -> Result<(), Unusable> {
        match fs::symlink_metadata(self.at(below)) {
            Ok(metadata) if metadata.is_symlink() => Err(Unusable::Link { path: self.display(below) }),
            Ok(metadata) if !metadata.is_dir() => Err(Unusable::NotAFolder { path: self.display(below) }),
            Ok(_) => Ok(()),
            Err(error) if disk::is_absent(&error) => Ok(()),
            Err(error) => Err(self.cannot("read", below, &error)),
        }
    }

    /// The folders below that can hold a manifest and are not among `folders`.
    fn other_folders(&self, folders: &[Folder]) -> Result<Vec<String>, Unusable> {
        let mut found = Vec::new();
        for parent in ["", layout::IMAGE] {
            let entries = match fs::read_dir(self.at(parent)) {
                Ok(entries) => entries,
                Err(error) if disk::is_absent(&error) => continue,
                Err(error) => return Err(self.cannot("read", parent, &error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| self.cannot("read", parent, &error))?;
                let Some(name) = entry.file_name().to_str().map(|name| join(parent, name)) else { continue };
                // A link leads elsewhere, where nothing is ours.
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder && folders.iter().all(|folder| folder.path != name) {
                    found.push(name);
                }
            }
        }
        found.sort();
        Ok(found)
    }
}
