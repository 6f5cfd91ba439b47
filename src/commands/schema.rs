//! `portalgen schema`.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::{Exit, Outcome};
use crate::cli::Schema;
use crate::schema::Kind;
use crate::workspace;

pub(super) fn run(arguments: &Schema, current: &Path) -> Outcome {
    let beside_portal = || workspace::find_root(current).unwrap_or(current).join("schemas");
    let folder = arguments.out.as_ref().map_or_else(beside_portal, |out| current.join(out));
    let mut output = String::new();
    let mut exit = Exit::Clean;
    for kind in Kind::ALL {
        let path = folder.join(kind.file_name());
        let shown = workspace::shown(current, &path);
        let text = kind.schema_text();
        let before = fs::read_to_string(&path).ok();
        let word = match (&before, arguments.check) {
            (Some(before), true) if *before == text => "up to date",
            (Some(before), false) if *before == text => "unchanged ",
            (_, true) => {
                exit = Exit::Findings;
                if before.is_some() { "stale     " } else { "missing   " }
            }
            (_, false) => {
                if let Err(error) = write(&folder, &path, &text) {
                    return Outcome::cannot_run(format!("cannot write `{shown}`: {error}"));
                }
                if before.is_some() { "changed   " } else { "created   " }
            }
        };
        output.push_str(&format!("{word}  {shown}\n"));
    }
    if exit == Exit::Findings {
        output.push_str("\nto write them, run: portalgen schema\n");
    }
    Outcome { output, messages: String::new(), exit }
}

fn write(folder: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    file.persist(path)?;
    Ok(())
}
