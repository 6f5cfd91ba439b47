//! What stands between the artifacts and the disk: for each file, whether it is as it should be, and if not, why.
//! One plan serves render, check, diff and dry run; only [`Plan::apply`] writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::artifact::{Artifact, join};
use crate::manifest::{self, Entry, Manifest};

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
    /// The input file that it comes from, from portal.toml's folder.
    pub source: String,
}

/// A folder of the output folder, as it should be.
#[derive(Debug)]
pub struct Folder {
    /// Its path under the output folder; empty for the output folder itself.
    pub path: String,
    /// The input file that it comes from, from portal.toml's folder.
    pub source: String,
    /// Its files, without the manifest.
    pub artifacts: Vec<Artifact>,
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

/// Why the output folder cannot be used. Nothing was changed.
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
    #[error("cannot {what} `{path}`: {reason}\nhelp: nothing was changed")]
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

/// Compares `folders` with what lies in `out`. `gone` decides of a folder that has a manifest but is not among
/// `folders` whether its files are orphans.
///
/// # Errors
///
/// If the output folder, or a file or folder in it, is a link or of the wrong kind, or cannot be read.
pub fn plan(out: &Out, folders: &[Folder], gone: impl Fn(&str, &Manifest) -> bool) -> Result<Plan, Unusable> {
    let mut changes = Vec::new();
    out.check_folder("")?;
    for folder in folders {
        // Every folder on the way, `image` of `image/websocket` too.
        for (end, _) in folder.path.match_indices('/').chain([(folder.path.len(), "")]) {
            out.check_folder(&folder.path[..end])?;
        }
        changes.extend(plan_folder(out, folder)?);
    }
    for path in out.known_folders(folders)? {
        if let Some(manifest) = out.manifest(&path)?.flatten().filter(|manifest| gone(&path, manifest)) {
            let folder = Folder { path, source: manifest.source.clone(), artifacts: Vec::new() };
            changes.extend(plan_folder(out, &folder)?);
        }
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Plan { out: out.clone(), changes })
}

fn plan_folder(out: &Out, folder: &Folder) -> Result<Vec<Change>, Unusable> {
    let on_disk = out.manifest(&folder.path)?;
    let known = on_disk.clone().flatten().map(|manifest| manifest.files).unwrap_or_default();
    let mut changes = Vec::new();
    for artifact in &folder.artifacts {
        changes.push(change(out, folder, artifact, known.get(&artifact.name))?);
    }
    let rendered: BTreeSet<_> = folder.artifacts.iter().map(|artifact| artifact.name.as_str()).collect();
    let mut left_behind = BTreeMap::new();
    for (name, entry) in known.iter().filter(|(name, _)| !rendered.contains(name.as_str())) {
        let Some((before, executable)) = out.read(&join(&folder.path, name))? else { continue };
        let untouched = Entry::new(&before, mode(executable)) == *entry;
        if !untouched {
            left_behind.insert(name.clone(), entry.clone());
        }
        changes.push(Change {
            path: join(&folder.path, name),
            status: if untouched { Status::Orphaned } else { Status::OrphanedAndEdited },
            before: Some(before),
            after: None,
            executable,
            mode_only: false,
            source: folder.source.clone(),
        });
    }
    changes.extend(manifest_change(out, folder, on_disk.is_some(), left_behind)?);
    Ok(changes)
}

/// The folder's manifest is a file as the others, but it is recognised by what it says.
fn manifest_change(
    out: &Out,
    folder: &Folder,
    on_disk: bool,
    left_behind: BTreeMap<String, Entry>,
) -> Result<Option<Change>, Unusable> {
    let path = join(&folder.path, manifest::NAME);
    let before = out.read(&path)?;
    let mut manifest = Manifest::new(&folder.source, &folder.artifacts);
    manifest.files.extend(left_behind);
    if manifest.files.is_empty() {
        // The whole folder is gone, and its manifest with it.
        return Ok(before.map(|(before, executable)| Change {
            path,
            status: Status::Orphaned,
            before: Some(before),
            after: None,
            executable,
            mode_only: false,
            source: folder.source.clone(),
        }));
    }
    let after = manifest.to_text();
    let ours = before.as_ref().and_then(|(text, _)| Manifest::parse(std::str::from_utf8(text).ok()?)).is_some();
    let same = before.as_ref().is_some_and(|(text, _)| *text == after.as_bytes());
    let executable = before.as_ref().is_some_and(|(_, executable)| *executable);
    let status = match (same, on_disk, ours) {
        (true, ..) if executable => Status::EditedByHand,
        (true, ..) => Status::UpToDate,
        (false, false, _) => Status::Missing,
        (false, true, true) => Status::Stale,
        (false, true, false) => Status::NotOurs,
    };
    Ok(Some(Change {
        path,
        status,
        before: before.map(|(text, _)| text),
        after: Some(after),
        executable: false,
        mode_only: same && executable,
        source: folder.source.clone(),
    }))
}

fn change(out: &Out, folder: &Folder, artifact: &Artifact, known: Option<&Entry>) -> Result<Change, Unusable> {
    let disk = out.read(&artifact.path())?;
    let mut mode_only = false;
    let status = match (&disk, known) {
        (None, _) => Status::Missing,
        (Some((before, executable)), known) => {
            let same = before == artifact.contents.as_bytes();
            mode_only = same && *executable != artifact.executable;
            match known {
                _ if same && !mode_only => Status::UpToDate,
                Some(entry) if *entry == Entry::new(before, mode(*executable)) => Status::Stale,
                Some(_) => Status::EditedByHand,
                // The right contents can only be ours.
                None if mode_only => Status::EditedByHand,
                None => Status::NotOurs,
            }
        }
    };
    Ok(Change {
        path: artifact.path(),
        status,
        before: disk.map(|(before, _)| before),
        after: Some(artifact.contents.clone()),
        executable: artifact.executable,
        mode_only,
        source: folder.source.clone(),
    })
}

impl Plan {
    /// Whether the disk is as it should be.
    pub fn is_clean(&self) -> bool {
        self.changes.iter().all(|change| change.status == Status::UpToDate)
    }

    /// Writes what is missing or different and removes orphans. First everything is written beside its place, then
    /// all is renamed, so that a full disk or a forbidden folder leaves everything as it was.
    ///
    /// # Errors
    ///
    /// If something is in the way that is not portalgen's, or a file cannot be written.
    pub fn apply(&self) -> Result<(), Unusable> {
        let with = |status: Status| self.changes.iter().filter(move |change| change.status == status);
        let in_the_way: Vec<_> = with(Status::NotOurs).map(|change| self.out.display(&change.path)).collect();
        if !in_the_way.is_empty() {
            return Err(Unusable::NotOurs { paths: in_the_way });
        }
        let mut made = Vec::new();
        let staged = self.stage(&mut made).inspect_err(|_| {
            // The folders that were made for nothing go again; one that is not empty stays.
            for folder in made.iter().rev() {
                let _ = fs::remove_dir(folder);
            }
        })?;
        for (file, path) in staged {
            let target = self.out.path.join(path);
            file.persist(target).map_err(|error| self.out.halfway("write", path, &error.error))?;
        }
        for Change { path, .. } in with(Status::Orphaned) {
            fs::remove_file(self.out.path.join(path)).map_err(|error| self.out.halfway("remove", path, &error))?;
        }
        for change in with(Status::Orphaned) {
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
            let Some(after) = &change.after else { continue };
            if change.status == Status::UpToDate {
                continue;
            }
            let path = self.out.path.join(&change.path);
            let folder = path.parent().expect("a file in the output folder");
            let mut write = || -> io::Result<NamedTempFile> {
                make_folder(folder, made)?;
                let mut file = tempfile::Builder::new().prefix(".portalgen-").tempfile_in(folder)?;
                file.write_all(after.as_bytes())?;
                set_mode(file.as_file(), change.executable)?;
                Ok(file)
            };
            let file = write().map_err(|error| self.out.cannot("write", &change.path, &error))?;
            staged.push((file, change.path.as_str()));
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

fn set_mode(file: &File, executable: bool) -> io::Result<()> {
    file.set_permissions(fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 }))
}

fn is_executable(metadata: &fs::Metadata) -> bool {
    metadata.permissions().mode() & 0o100 != 0
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
    fn display(&self, below: &str) -> String {
        if below.is_empty() { self.shown.clone() } else { join(&self.shown, below) }
    }

    fn cannot(&self, what: &'static str, below: &str, error: &io::Error) -> Unusable {
        Unusable::Io { what, path: self.display(below), reason: error.to_string() }
    }

    fn halfway(&self, what: &'static str, below: &str, error: &io::Error) -> Unusable {
        Unusable::Halfway { what, path: self.display(below), reason: error.to_string() }
    }

    /// The manifest of a folder: nothing if there is no such file, `Some(None)` if the file is not ours.
    fn manifest(&self, folder: &str) -> Result<Option<Option<Manifest>>, Unusable> {
        let Some((text, _)) = self.read(&join(folder, manifest::NAME))? else { return Ok(None) };
        Ok(Some(std::str::from_utf8(&text).ok().and_then(Manifest::parse)))
    }

    /// A file's contents and whether it is executable; nothing if it is not there.
    fn read(&self, below: &str) -> Result<Option<(Vec<u8>, bool)>, Unusable> {
        let path = self.path.join(below);
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(self.cannot("read", below, &error)),
        };
        if metadata.is_symlink() {
            return Err(Unusable::Link { path: self.display(below) });
        }
        if !metadata.is_file() {
            return Err(Unusable::NotAFile { path: self.display(below) });
        }
        let contents = fs::read(&path).map_err(|error| self.cannot("read", below, &error))?;
        Ok(Some((contents, is_executable(&metadata))))
    }

    /// A folder may be missing, but not a link or a file.
    fn check_folder(&self, below: &str) -> Result<(), Unusable> {
        match fs::symlink_metadata(self.at(below)) {
            Ok(metadata) if metadata.is_symlink() => Err(Unusable::Link { path: self.display(below) }),
            Ok(metadata) if !metadata.is_dir() => Err(Unusable::NotAFolder { path: self.display(below) }),
            Ok(_) => Ok(()),
            Err(error) if is_absent(&error) => Ok(()),
            Err(error) => Err(self.cannot("read", below, &error)),
        }
    }

    /// The folders below that are not among `folders`: those that can hold a manifest.
    fn known_folders(&self, folders: &[Folder]) -> Result<Vec<String>, Unusable> {
        let mut found = Vec::new();
        for parent in ["", "image"] {
            let entries = match fs::read_dir(self.at(parent)) {
                Ok(entries) => entries,
                Err(error) if is_absent(&error) => continue,
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

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
