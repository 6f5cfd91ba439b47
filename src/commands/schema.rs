//! `portalgen schema`.

use std::fs;
use std::path::Path;

use super::{Exit, Outcome};
use crate::cli::Schema;
use crate::disk::{self, Obstacle};
use crate::{layout, oauth, report, schema, verify, workspace};

pub(super) fn run(arguments: &Schema, current: &Path) -> Outcome {
    let beside_portal = || workspace::find_root(current).unwrap_or(current).join(layout::SCHEMAS);
    let folder = arguments.out.as_ref().map_or_else(beside_portal, |out| current.join(out));
    let mut output = String::new();
    let mut exit = Exit::Clean;
    let findings = ("findings.schema.json", schema::text(&report::json::schema()));
    let verification = ("verification.schema.json", schema::text(&verify::schema()));
    let list = ("oauth-list.schema.json", schema::text(&oauth::list_schema()));
    let check = ("oauth-check.schema.json", schema::text(&oauth::check_schema()));
    for (name, text) in schema::files().into_iter().chain([findings, verification, list, check]) {
        let path = folder.join(name);
        let shown = workspace::shown(current, &path);
        let before = match disk::read(&path) {
            Ok(before) => before,
            Err(obstacle) => return Outcome::cannot_run(in_the_way(&shown, obstacle)),
        };
        let same = before.as_ref().is_some_and(|before| before.contents == text.as_bytes());
        let word = match (before.is_some(), same) {
            (_, true) if arguments.check => "up to date",
            (_, true) => "unchanged",
            (true, false) if arguments.check => "stale",
            (false, false) if arguments.check => "missing",
            (true, false) => "changed",
            (false, false) => "created",
        };
        output.push_str(&format!("{word:<10}  {shown}\n"));
        if same {
            continue;
        }
        if arguments.check {
            exit = Exit::Findings;
        } else if let Err(error) = write(&folder, &path, &text) {
            return Outcome::cannot_run(format!(
                "cannot write `{shown}`: {error}\nhelp: choose another folder with --out"
            ));
        }
    }
    if exit == Exit::Findings {
        output.push_str("\nto write them, run: portalgen schema\n");
    }
    Outcome { output, messages: String::new(), exit }
}

fn in_the_way(shown: &str, obstacle: Obstacle) -> String {
    let what = match obstacle {
        Obstacle::Link => "is a symbolic link".to_owned(),
        Obstacle::NotAFile => "is no file".to_owned(),
        Obstacle::Io(error) => format!("cannot be read: {error}"),
    };
    format!("`{shown}` {what}\nhelp: move it away, or choose another folder with --out")
}

fn write(folder: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    disk::stage(folder, text, false)?.persist(path).map_err(|error| error.error)?;
    Ok(())
}
