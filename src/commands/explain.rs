//! `portalgen explain`.

use super::{Exit, Outcome};
use crate::cli::Explain;
use crate::{explain, rules, shape, units};

pub(super) fn run(arguments: &Explain) -> Outcome {
    let output = match &arguments.rule {
        _ if arguments.markdown => explain::markdown(),
        None => explain::list(),
        Some(id) => match explain::text(id) {
            Some(text) => text,
            None => return Outcome::cannot_run(unknown(id)),
        },
    };
    Outcome { output, messages: String::new(), exit: Exit::Clean }
}

fn unknown(id: &str) -> String {
    let ids = rules::RULES.iter().map(|rule| rule.id).chain(shape::FAULTS.iter().map(|fault| fault.id));
    let help = match units::closest(id, ids) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`portalgen explain` lists them all".to_owned(),
    };
    format!("there is no rule `{}`\nhelp: {help}", id.escape_debug())
}
