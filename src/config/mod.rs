//! What an author may write: one type for portal.toml, one for an environment's file.
//!
//! The doc comments of these types are what an editor shows, so they are written for the person who types. Defaults
//! that depend on another value are `Option` here and settled in [`resolve`](crate::resolve).

pub mod environment;
pub mod lint;
pub mod portal;

pub use environment::EnvironmentFile;
pub use portal::PortalFile;
