//! Where a place to look at is: the file and line of a key or of a rendered line.

use super::verdict::{Anchor, Look};
use crate::artifact::Artifact;
use crate::deployment::Deployment;
use crate::source::{KeyPath, Source};

/// The files that a verification points into.
#[derive(Debug)]
pub struct Places<'p> {
    /// The environment.
    pub deployment: &'p Deployment,
    /// What was read.
    pub sources: &'p [Source],
    /// What is rendered.
    pub artifacts: Vec<&'p Artifact>,
    /// The output folder, as the user sees it.
    pub out: &'p str,
}

/// A place as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The file; nothing where the place is outside.
    pub(super) path: Option<String>,
    pub(super) line: Option<usize>,
    /// The key, in a TOML file.
    pub(super) key: Option<String>,
    /// What the place is, where it is outside.
    pub(super) about: Option<String>,
}

impl Places<'_> {
    /// Where a look leads; nothing where the environment has no such file.
    pub(super) fn find(&self, look: Look) -> Option<Shown> {
        match look {
            Look::Environment(keys) => Some(self.key(&self.sources[self.deployment.source.0], keys)),
            Look::Portal(keys) => Some(self.key(&self.sources[self.deployment.portal_source.0], keys)),
            Look::Line(anchor) => self.line(anchor),
            Look::Owner(_) if self.deployment.load_balancer.as_ref().is_none_or(|l| l.attached.is_none()) => None,
            Look::Outside(about) | Look::Owner(about) => {
                Some(Shown { path: None, line: None, key: None, about: Some(about.to_owned()) })
            }
        }
    }

    fn key(&self, source: &Source, keys: &[&str]) -> Shown {
        let path = KeyPath::new(keys.iter().copied());
        let written = source.has(&path) || source.has_table_of(&path);
        let line = written.then(|| source.position(source.key_span(&path).start).line);
        Shown { path: Some(source.path.clone()), line, key: Some(path.to_string()), about: None }
    }

    fn line(&self, anchor: Anchor) -> Option<Shown> {
        let folders = [format!("image/{}", self.deployment.image.variant), self.deployment.environment.to_string()];
        let mut artifacts = self.artifacts.iter();
        let artifact = artifacts.find(|a| a.name == anchor.file() && folders.contains(&a.folder))?;
        let line = artifact.contents.lines().position(|line| line.trim_start().starts_with(anchor.text()))? + 1;
        let path = format!("{}/{}/{}", self.out, artifact.folder, artifact.name);
        Some(Shown { path: Some(path), line: Some(line), key: None, about: None })
    }
}
