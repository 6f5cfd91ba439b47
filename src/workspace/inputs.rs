//! Which files are meant: environments by name, by file, by folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::paths::{same_file, shown};
use super::{CannotRun, unreadable};
use crate::layout::{self, PORTAL_FILE};
use crate::units::{self, EnvironmentName};

pub(super) type Files = BTreeMap<EnvironmentName, PathBuf>;

/// Where an input lies. An environment of the nearest portal may be given by its name alone; a folder of the same name,
/// as each has in out/, is given with a `/` or a `.`.
pub fn meant(input: &Path, current: &Path) -> PathBuf {
    let path = current.join(input);
    let name = input.to_str().and_then(|text| text.parse::<EnvironmentName>().ok()).filter(|_| !path.is_file());
    let by_name = name.and_then(|name| {
        let file = find_root(current)?.join(layout::ENVIRONMENTS).join(format!("{name}.toml"));
        file.is_file().then_some(file)
    });
    by_name.unwrap_or(path)
}

/// The nearest folder, from `current` upwards, that holds a portal.toml.
pub fn find_root(current: &Path) -> Option<&Path> {
    current.ancestors().find(|folder| folder.join(PORTAL_FILE).is_file())
}

/// The environments' files that are meant, and the folders that were named.
pub(super) fn collect(inputs: &[PathBuf], current: &Path) -> Result<(Files, Vec<PathBuf>), CannotRun> {
    let mut problems = Vec::new();
    let mut paths = Vec::new();
    let mut folders = Vec::new();
    for input in inputs {
        if input.is_dir() {
            match toml_files(input) {
                Ok(files) if files.is_empty() => {
                    problems.push(CannotRun::NoEnvironments { path: shown(current, input) });
                }
                Ok(files) => {
                    paths.extend(files);
                    folders.push(input.clone());
                }
                Err(error) => problems.push(unreadable(current, input, &error)),
            }
        } else if input.is_file() && input.file_name().is_some_and(|name| name == PORTAL_FILE) {
            problems.push(CannotRun::PortalGiven { path: shown(current, input) });
        } else if input.is_file() {
            paths.push(input.clone());
        } else {
            problems.push(CannotRun::NoSuchPath { path: shown(current, input), hint: near_path(current, input) });
        }
    }
    let mut files = Files::new();
    for path in paths {
        match environment_name(&path, current) {
            Ok(name) => match files.get(&name) {
                Some(first) if !same_file(first, &path) => problems.push(CannotRun::SameName {
                    first: shown(current, first),
                    second: shown(current, &path),
                    name: name.to_string(),
                }),
                _ => {
                    files.insert(name, path);
                }
            },
            Err(problem) => problems.push(problem),
        }
    }
    match problems.len() {
        0 => Ok((files, folders)),
        1 => Err(problems.remove(0)),
        _ => Err(CannotRun::Several(problems)),
    }
}

pub(super) fn toml_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // A link that leads nowhere counts too: its environment is not gone, and reading it says what is wrong.
        if name.ends_with(".toml") && !name.starts_with('.') && name != PORTAL_FILE && !path.is_dir() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn environment_name(path: &Path, current: &Path) -> Result<EnvironmentName, CannotRun> {
    let bad = |reason: String| CannotRun::BadEnvironmentName { path: shown(current, path), reason };
    let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| bad("its name is no text".to_owned()))?;
    let stem = name.strip_suffix(".toml").ok_or_else(|| bad("it is no .toml file".to_owned()))?;
    if stem == layout::IMAGE {
        return Err(bad(format!("the output folder has another use for `{stem}`")));
    }
    stem.parse().map_err(|invalid: crate::units::Invalid| bad(invalid.message))
}

/// What may have been meant: a file with nearly this name in the same folder, or an environment of nearly this name.
pub(super) fn near_path(current: &Path, path: &Path) -> Option<String> {
    if path.file_name()? == layout::ENVIRONMENTS {
        return Some(format!("make it, with a file for each environment: {}", shown(current, &path.join("demo.toml"))));
    }
    let folder = path.parent()?;
    let names: Vec<String> =
        toml_files(folder).ok()?.iter().filter_map(|file| Some(file.file_name()?.to_str()?.to_owned())).collect();
    let wanted = path.file_name()?.to_str()?;
    let with_ending = format!("{}.toml", wanted.trim_end_matches(".toml"));
    let near = names.iter().find(|name| **name == with_ending).map(String::as_str);
    let near = near.or_else(|| units::closest(wanted, names.iter().map(String::as_str)));
    let near = near.map(|near| shown(current, &folder.join(near)));
    Some(format!("did you mean `{}`?", near.or_else(|| near_environment(wanted, current))?))
}

/// An environment of nearly this name.
fn near_environment(wanted: &str, current: &Path) -> Option<String> {
    let files = toml_files(&find_root(current)?.join(layout::ENVIRONMENTS)).ok()?;
    let stems: Vec<_> = files.iter().filter_map(|file| file.file_stem()?.to_str()).collect();
    units::closest(wanted, stems).map(str::to_owned)
}
