//! portalgen turns one typed TOML file per environment into every file that runs a Reflex portal on Google Cloud Run,
//! and keeps those files in agreement with each other.
//!
//! The way through: [`workspace`] finds portal.toml and the environments and reads each as a [`source`]; [`shape`]
//! holds its values against the [`schema`] and says every mistake at its place; what an author may write is in
//! [`config`], made of [`units`]. [`resolve`] settles all defaults and derived facts in a [`deployment`], which
//! [`rules`] (each a [`rule`]) judge and the renderers in [`render`] turn into [`artifact`]s. A [`plan`] compares those
//! with the disk, by the [`manifest`] of what was written before, and stands behind every command in [`commands`]. What
//! was rendered, and what somebody edited afterwards, is read back by [`reread`], so that rules can hold the files
//! against each other. [`report`] words what the user reads, and [`secrets`] keeps out of it what nobody is to see. Of
//! the app itself the rules see [`app_files`]: its [`lock`] file, its [`rxconfig`], and what is not there. A portal that
//! runs is asked by [`verify`], and what is registered for it with Google is held against the files by [`oauth`].
//!
//! What all that means is put into words, and into a month's numbers, by [`meaning`]; what another value would change is
//! seen by a [`setting`] that is read in the place of a file's own.

pub mod app_files;
pub mod artifact;
pub mod cli;
pub mod cloud_build;
pub mod commands;
pub mod config;
pub mod deployment;
pub mod disk;
pub mod escape;
pub mod explain;
pub mod finding;
pub mod knative;
pub mod layout;
pub mod limits;
pub mod lock;
pub mod manifest;
pub mod markdown;
pub mod meaning;
pub mod oauth;
pub mod plan;
pub mod render;
pub mod report;
pub mod reread;
pub mod resolve;
pub mod rule;
pub mod rules;
pub mod rxconfig;
pub mod schema;
pub mod schema_line;
pub mod secrets;
pub mod setting;
pub mod shape;
pub mod source;
pub mod template;
pub mod units;
pub mod verify;
pub mod version;
pub mod words;
pub mod workspace;
pub mod yaml;
