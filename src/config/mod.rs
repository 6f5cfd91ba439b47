//! What an author may write: one type for portal.toml, one for an environment's file.
//!
//! The doc comments of these types are what an editor shows, so they are written for the person who types. Defaults
//! that depend on another value are `Option` here and settled in [`resolve`](crate::resolve).

pub mod defaults;
pub mod environment;
pub mod lint;
pub mod portal;

pub use environment::EnvironmentFile;
pub use portal::PortalFile;

/// One of the two kinds of input file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// portal.toml.
    Portal,
    /// `envs/<environment>.toml`.
    Environment,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Portal, Self::Environment];

    /// The schema's file name under `schemas/`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Portal => "portal.schema.json",
            Self::Environment => "environment.schema.json",
        }
    }
}
