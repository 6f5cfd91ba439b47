//! The command line: clap types and their help texts, nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const EXIT_CODES: &str = "\
Exit codes:
  0  clean (warnings included, unless --deny-warnings)
  1  an error in the configuration, or files that are not as rendered
  2  could not run: wrong usage, unreadable or malformed input, unusable output folder";

/// Turns one typed TOML file per environment into every file that runs a Reflex portal on Google Cloud Run.
#[derive(Debug, Parser)]
#[command(name = "portalgen", version, after_help = EXIT_CODES, max_term_width = 80, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the files of the named environments, or of all
    ///
    /// Writes what is missing or different below out/ beside portal.toml, and removes what is no longer rendered.
    /// Nothing is written while the configuration has an error. A file that portalgen did not write is never touched.
    #[command(after_help = EXIT_CODES)]
    Render(Render),
    /// Say whether the files are what render would write; changes nothing
    ///
    /// For CI. Each file is up to date, missing, stale (its source says something else now), edited by hand, or
    /// orphaned (no longer rendered), with what to do about it and a diff of what render would change.
    #[command(after_help = EXIT_CODES)]
    Check(Check),
    /// Write the JSON Schemas that editors check and complete the TOML files with
    #[command(after_help = EXIT_CODES)]
    Schema(Schema),
}

/// Which environments, and where their files are.
#[derive(Debug, Args)]
pub struct Selection {
    /// Environment files, or folders of them. Default: envs/ beside the portal.toml of this folder or the nearest
    /// above it
    #[arg(value_name = "FILE|DIR")]
    pub inputs: Vec<PathBuf>,
    /// Where the files are. Default: out/ beside portal.toml, which is also where the Dockerfile copies from
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Treat warnings as errors
    #[arg(long)]
    pub deny_warnings: bool,
}

/// Arguments of `render`.
#[derive(Debug, Args)]
pub struct Render {
    /// Which environments.
    #[command(flatten)]
    pub selection: Selection,
    /// Say what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Show what changes in each file
    #[arg(long)]
    pub diff: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Which environments.
    #[command(flatten)]
    pub selection: Selection,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Fail if the schemas are not up to date, and write nothing
    #[arg(long)]
    pub check: bool,
    /// Where the schemas are. Default: schemas/ beside portal.toml, or here where there is none
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
