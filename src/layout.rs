//! Where things lie: the names of the files and folders that portalgen reads and writes.

/// What is the same in every environment.
pub const PORTAL_FILE: &str = "portal.toml";

/// The environments' files, beside [`PORTAL_FILE`].
pub const ENVIRONMENTS: &str = "envs";

/// What is rendered, beside [`PORTAL_FILE`]. The Dockerfile copies from here, wherever `--out` points.
pub const OUT: &str = "out";

/// The images below [`OUT`]; no environment can have this name.
pub const IMAGE: &str = "image";

/// The editors' schemas, beside [`PORTAL_FILE`].
pub const SCHEMAS: &str = "schemas";

/// The folder below [`OUT`] of an image's files.
pub fn image_folder(variant: &str) -> String {
    format!("{IMAGE}/{variant}")
}

/// Whether a folder below [`OUT`] is an image's.
pub fn is_image_folder(folder: &str) -> bool {
    folder.strip_prefix(IMAGE).is_some_and(|rest| rest.starts_with('/'))
}
