//! Reading and writing single files: links are not followed, and a file is replaced at once or not at all.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

/// A file as it lies on disk.
#[derive(Debug)]
pub struct OnDisk {
    /// What it holds.
    pub contents: Vec<u8>,
    /// Whether its owner may run it.
    pub executable: bool,
}

/// Why a file cannot be read or replaced.
#[derive(Debug)]
pub enum Obstacle {
    /// It is a symbolic link, which leads elsewhere.
    Link,
    /// It is a folder or a device.
    NotAFile,
    /// The system says no.
    Io(io::Error),
}

impl From<io::Error> for Obstacle {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a file; nothing if it is not there.
///
/// # Errors
///
/// If it is no ordinary file, or cannot be read.
pub fn read(path: &Path) -> Result<Option<OnDisk>, Obstacle> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if metadata.is_symlink() {
        return Err(Obstacle::Link);
    }
    if !metadata.is_file() {
        return Err(Obstacle::NotAFile);
    }
    let contents = fs::read(path)?;
    Ok(Some(OnDisk { contents, executable: metadata.permissions().mode() & 0o100 != 0 }))
}

/// Writes a temporary file into the folder, ready to be renamed to its name there. Its mode is 0644, or 0755 for a
/// program, whatever the umask.
///
/// # Errors
///
/// If the folder takes no file.
pub fn stage(folder: &Path, text: &str, executable: bool) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".portalgen-").tempfile_in(folder).map_err(plain)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(Permissions::from_mode(if executable { 0o755 } else { 0o644 }))?;
    Ok(file)
}

/// The system's error without the temporary file's name, which means nothing to anybody.
fn plain(error: io::Error) -> io::Error {
    error.kind().into()
}

/// Whether the error says that there is nothing.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
