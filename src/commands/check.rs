//! `portalgen check`.

use std::path::Path;

use super::{Exit, Look, Outcome, load};
use crate::cli::Check;
use crate::report;

pub(super) fn run(arguments: &Check, current: &Path) -> Outcome {
    let loaded = match load(&arguments.selection, current, Look::OnDisk) {
        Ok(loaded) => loaded,
        Err(error) => return Outcome::cannot_run(error),
    };
    let mut messages = loaded.messages();
    let Some(plan) = &loaded.on_disk else {
        messages.push_str("nothing was compared\n");
        return Outcome { output: String::new(), messages, exit: Exit::CannotRun };
    };
    match plan {
        Ok(plan) => {
            let output = report::checked(plan, &loaded.secret_folders(), &loaded.hidden());
            let exit = if plan.is_clean() { loaded.exit } else { Exit::Findings };
            Outcome { output, messages, exit }
        }
        Err(error) => {
            messages.push_str(&report::cannot_run(error));
            Outcome { output: String::new(), messages, exit: Exit::CannotRun }
        }
    }
}
