//! `portalgen render`.

use std::path::Path;

use super::{Exit, Look, Outcome, load};
use crate::cli::Render;
use crate::{layout, report};

pub(super) fn run(arguments: &Render, current: &Path) -> Outcome {
    let loaded = match load(&arguments.selection, current, Look::Rendered) {
        Ok(loaded) => loaded,
        Err(error) => return Outcome::cannot_run(error),
    };
    let mut messages = loaded.messages();
    if loaded.exit != Exit::Clean {
        messages.push_str("nothing was written\n");
        return Outcome { output: String::new(), messages, exit: loaded.exit };
    }
    let written = loaded.plan().and_then(|plan| {
        if arguments.dry_run {
            plan.check_way()?
        } else {
            plan.apply()?
        }
        Ok(plan)
    });
    match written {
        Ok(plan) => {
            let output = report::rendered(&plan, arguments.dry_run, arguments.diff, &loaded.hidden());
            if loaded.out_option.is_some() {
                messages.push_str(&report::note(&format!(
                    "the Dockerfile copies from {}/, not from {}/: to build an image, render there",
                    layout::OUT,
                    plan.out.shown
                )));
            }
            Outcome { output, messages, exit: Exit::Clean }
        }
        Err(error) => {
            messages.push_str(&report::cannot_run(&error));
            Outcome { output: String::new(), messages, exit: Exit::CannotRun }
        }
    }
}
