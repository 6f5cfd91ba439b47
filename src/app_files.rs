//! The app's own files, as far as portalgen reads them: what the Dockerfile copies, and what that leads to.

use crate::finding::SourceId;
use crate::lock::Lock;
use crate::rxconfig::{Literal, Setting};
use crate::source::KeyPath;

/// What is known of the app's files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AppFiles {
    /// What the image needs and what is not there.
    pub missing: Vec<Missing>,
    /// What is there and cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// rxconfig.py, where it could be read.
    pub config: Option<ConfigFile>,
    /// The lock file, where it could be read.
    pub lock: Option<LockFile>,
}

/// A file or folder that is not there.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// What it is for.
    pub role: Role,
    /// Its path, as it is shown to the user.
    pub path: String,
    /// The value in portal.toml that leads to it.
    pub key: KeyPath,
    /// What to write in that value's place, if something lies there that is called nearly so.
    pub near: Option<String>,
}

/// What the image needs a file for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The folder of the app.
    Source,
    /// rxconfig.py.
    Config,
    /// The app's package.
    Package,
    /// The module that holds the ASGI application.
    Module,
    /// An entry of `include`.
    Include,
    /// The lock file.
    Lock,
}

/// A file that cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Unreadable {
    /// Its path, as it is shown to the user.
    pub path: String,
    /// The value in portal.toml that leads to it.
    pub key: KeyPath,
    /// Why.
    pub reason: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// rxconfig.py.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigFile {
    /// The file among those that were read.
    pub source: SourceId,
    /// Its settings.
    pub settings: Vec<Setting>,
}

/// The lock file.
#[derive(Debug, Clone, PartialEq)]
pub struct LockFile {
    /// The file among those that were read.
    pub source: SourceId,
    /// What it says.
    pub lock: Lock,
}

impl AppFiles {
    /// Whether rxconfig.py tells Reflex where Redis is.
    pub fn has_redis_url(&self) -> bool {
        let none = |setting: &Setting| match &setting.value {
            Some(Literal::None) => true,
            Some(Literal::Text(text)) => text.is_empty(),
            _ => false,
        };
        let settings = self.config.iter().flat_map(|config| &config.settings);
        settings.filter(|setting| setting.name == "redis_url").any(|setting| !none(setting))
    }

    /// The files that findings can point into.
    pub fn sources(&self) -> Vec<SourceId> {
        let config = self.config.as_ref().map(|config| config.source);
        config.into_iter().chain(self.lock.as_ref().map(|lock| lock.source)).collect()
    }

    /// Whether what the image needs for this is not there.
    pub fn lacks(&self, role: Role) -> bool {
        self.missing.iter().any(|missing| missing.role == role)
    }

    /// A setting of rxconfig.py, and the file.
    pub fn setting(&self, name: &str) -> Option<(SourceId, &Setting)> {
        let config = self.config.as_ref()?;
        Some((config.source, config.settings.iter().find(|setting| setting.name == name)?))
    }

    /// A setting of rxconfig.py whose value is a plain string, and the file.
    pub fn text_setting(&self, name: &str) -> Option<(SourceId, &Setting, &str)> {
        let (source, setting) = self.setting(name)?;
        match &setting.value {
            Some(Literal::Text(text)) => Some((source, setting, text)),
            _ => None,
        }
    }
}
