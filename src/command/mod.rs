//! One file a command; this one dispatches and turns what went wrong into a line and a status.
//!
//! The trap: whatever cannot be done is status 2, a closed pipe among it, so that a hook never passes by accident.

mod allow;
mod configuration;
mod hook;
mod judge;
mod staged;

use std::ffi::OsString;
use std::io::Write as _;

use crate::cli::{Command, Options};

/// Could not judge everything.
const INCOMPLETE: u8 = 2;

/// Runs the command line and gives the exit status: 0 nothing found, 1 secrets found, 2 could not judge everything.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let started = std::time::Instant::now();
    let mut args = args.into_iter().skip(1);
    let mut options = Options::default();
    let mut rest = Vec::new();
    for a in args.by_ref() {
        match a.to_str() {
            Some("--format=json") => options.format = crate::cli::Format::Json,
            _ => rest.push(a),
        }
    }
    let command = if rest.first().is_some_and(|a| a == "hook") {
        Command::Hook { name: rest[1].to_string_lossy().into_owned(), arguments: rest[2..].to_vec() }
    } else {
        Command::Staged
    };
    let result = match &command {
        Command::Staged => staged::run(&options, started),
        Command::Hook { name, arguments } => hook::run(name, arguments, &options, started),
    };
    result.unwrap_or_else(|error| {
        if !is_closed_pipe(&error) {
            // Nothing is left to do when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "unleak: {error:#}");
        }
        INCOMPLETE
    })
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}
