//! manifest.json: what portalgen wrote in a folder. It tells a file that somebody edited from one that is merely out
//! of date, and whose a file is that is no longer rendered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::artifact::Artifact;

/// The file's name in every output folder.
pub const NAME: &str = "manifest.json";

/// What portalgen wrote in one folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always `portalgen`: another program's manifest.json is not ours to touch.
    generated_by: String,
    /// The file that the folder is rendered from, from portal.toml's folder.
    pub source: String,
    /// Each file, by name.
    pub files: BTreeMap<String, Entry>,
}

/// A file as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// SHA-256 of the contents, in hexadecimal.
    pub sha256: String,
    /// The mode: `0644` or `0755`.
    pub mode: String,
}

/// Whether the text, readable or not, was once a manifest of portalgen's.
pub fn is_ours(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).contains("\"generated_by\": \"portalgen\"")
}

impl Entry {
    /// What the manifest says of such a file.
    pub fn new(contents: &[u8], mode: &str) -> Self {
        let sha256 = Sha256::digest(contents).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { sha256, mode: mode.to_owned() }
    }
}

impl Manifest {
    /// The manifest of a folder that holds `artifacts`.
    pub fn new<'a>(source: &str, artifacts: impl IntoIterator<Item = &'a Artifact>) -> Self {
        let files = artifacts
            .into_iter()
            .map(|artifact| (artifact.name.clone(), Entry::new(artifact.contents.as_bytes(), artifact.mode())));
        Self { generated_by: "portalgen".to_owned(), source: source.to_owned(), files: files.collect() }
    }

    /// Reads a manifest; nothing if it is not one of ours.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let manifest: Self = serde_json::from_slice(text).ok()?;
        // A name leads to a file of the same folder, never elsewhere.
        let names_plain = manifest.files.keys().all(|name| !name.contains(['/', '\\']) && name != "..");
        (manifest.generated_by == "portalgen" && names_plain).then_some(manifest)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plain data can be written");
        text.push('\n');
        text
    }
}
