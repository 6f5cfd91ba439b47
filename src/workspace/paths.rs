//! Paths as the user sees them, and whether two lead to one place.

use std::path::{Component, Path, PathBuf};

pub(super) fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Whether both lead to one place, there or not.
pub fn same_place(one: &Path, other: &Path) -> bool {
    same_file(one, other) || normal(one) == normal(other)
}

/// The path without `.` and, where nothing is lost, without `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// `path` from `base`, with `..` where needed.
pub fn relative(base: &Path, path: &Path) -> PathBuf {
    let (base, path) = (normal(base), normal(path));
    let common = base.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return path;
    }
    let up = base.components().skip(common).map(|_| Component::ParentDir);
    let relative: PathBuf = up.chain(path.components().skip(common)).collect();
    if relative.as_os_str().is_empty() { PathBuf::from(".") } else { relative }
}

/// A path as the user sees it: from the current folder.
pub fn shown(current: &Path, path: &Path) -> String {
    let relative = text(&relative(current, path));
    let whole = text(&normal(path));
    // Elsewhere, the shorter one is easier to read.
    if relative.starts_with("..") && whole.len() < relative.len() { whole } else { relative }
}

pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The folder itself, whatever links lead to it.
pub(super) fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())
}

/// A file from portal.toml's folder, however the user came to it.
pub(super) fn from_root(root: &Path, path: &Path) -> String {
    let folder = path.parent().unwrap_or(root);
    text(&relative(&real(root), &real(folder).join(path.file_name().unwrap_or_default())))
}
