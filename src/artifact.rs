//! A generated file, before it is anywhere.

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The folder under the output folder, with forward slashes; empty for the output folder itself.
    pub folder: String,
    /// The file's name.
    pub name: String,
    /// What it holds.
    pub contents: String,
    /// Whether it is a program.
    pub executable: bool,
}

impl Artifact {
    /// The path under the output folder, with forward slashes.
    pub fn path(&self) -> String {
        join(&self.folder, &self.name)
    }

    /// The file's mode.
    pub fn mode(&self) -> &'static str {
        if self.executable { "0755" } else { "0644" }
    }
}

/// A path under the output folder.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
