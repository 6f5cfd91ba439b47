//! `portalgen lint`.

use std::path::Path;

use super::{Exit, Look, Outcome, load};
use crate::cli::{Format, Lint};
use crate::report;

pub(super) fn run(arguments: &Lint, current: &Path) -> Outcome {
    let loaded = match load(&arguments.selection, current, Look::OnDisk) {
        Ok(loaded) => loaded,
        Err(error) => return Outcome::cannot_run(error),
    };
    let mut output = loaded.findings().to_text(arguments.format);
    if output.is_empty() && arguments.format == Format::Text {
        output.push_str(&report::no_findings(loaded.workspace.deployments.len()));
    }
    let mut messages = match loaded.exit {
        Exit::CannotRun => report::note("malformed values were left out: mend them, then run again for the rest"),
        _ => String::new(),
    };
    messages.push_str(&loaded.notes());
    if let Some(Err(unusable)) = &loaded.on_disk {
        let reason = unusable.to_string();
        let reason = reason.lines().next().unwrap_or_default();
        messages.push_str(&report::note(&format!("what lies in {}/ was not judged: {reason}", loaded.out.shown)));
    }
    Outcome { output, messages, exit: loaded.exit }
}
