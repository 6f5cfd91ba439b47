//! Parses the arguments, runs the command, prints what it says and ends as it says.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use portalgen::cli::Cli;
use portalgen::commands::{self, Exit, Outcome};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match std::env::current_dir() {
        Ok(current) => commands::run(&cli, &current),
        Err(error) => Outcome {
            output: String::new(),
            messages: format!("error: cannot tell which folder this is: {error}\n"),
            exit: Exit::CannotRun,
        },
    };
    // A reader that has gone (`| head`) is no failure of ours.
    let _ = anstream::stderr().write_all(outcome.messages.as_bytes());
    let _ = anstream::stdout().write_all(outcome.output.as_bytes());
    ExitCode::from(match outcome.exit {
        Exit::Clean => 0,
        Exit::Findings => 1,
        Exit::CannotRun => 2,
        Exit::Waiting => 3,
    })
}
