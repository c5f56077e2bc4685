//! One file a command; this one dispatches and turns what went wrong into a line and a status.
//!
//! The trap: whatever cannot be done is status 2, a closed pipe among it, so that a hook never passes by accident.

mod allow;
mod ci;
mod configuration;
mod doctor;
mod explain;
mod history;
mod hook;
mod image;
mod install;
mod judge;
mod message;
mod output;
mod parts;
mod paths;
mod push;
mod range;
mod redact;
mod rules;
mod staged;
mod stamp;
mod uninstall;

use std::ffi::OsString;
use std::io::Write as _;
use std::time::Instant;

use crate::cli::{self, Command, Invocation};
use crate::detect::RuleSet;

/// Could not judge everything.
const INCOMPLETE: u8 = 2;

/// Runs the command line and gives the exit status: 0 nothing found, 1 secrets found, 2 could not judge everything.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let started = Instant::now();
    dispatch(args, started).unwrap_or_else(|error| {
        if !is_closed_pipe(&error) {
            // Nothing is left to do when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "unleak: {error:#}");
        }
        INCOMPLETE
    })
}

fn dispatch(args: impl IntoIterator<Item = OsString>, started: Instant) -> anyhow::Result<u8> {
    let args: Vec<OsString> = args.into_iter().skip(1).collect();
    // Who pushes through the file system runs a server's hook with variables of their own: none may change the verdict.
    let on_server = args.windows(2).any(|pair| pair[0] == "hook" && pair[1] == "pre-receive");
    let variable = |name: &str| std::env::var_os(name).filter(|_| !on_server);
    let (command, options) = match cli::parse(args, variable)? {
        Invocation::Run(command, options) => (command, options),
        Invocation::Print(text) => return print(&text),
    };
    let err = &mut std::io::stderr();
    match command {
        Command::Staged => staged::run(false, &options, started),
        Command::Hook { name, arguments } => hook::run(&name, &arguments, &options, started),
        Command::Install { hooks, global, team } => {
            Ok(install::run(&install::Options { hooks, global, team }, err))
        }
        Command::Uninstall { global, force } => Ok(uninstall::run(uninstall::Options { global, force }, err)),
        Command::Allow { fingerprint, path, reason, expires } => {
            let request = allow::Request { fingerprint, path, reason, expires };
            let done = allow::run(&request, &RuleSet::built_in_ids)?;
            if !options.quiet {
                writeln!(err, "unleak: {done}")?;
            }
            Ok(0)
        }
        Command::Explain { place, work_tree } => explain::run(&place, work_tree, &options),
        Command::Doctor { canary, timeout } => doctor::run(canary, timeout, &options),
        Command::History { unreachable, time_limit, no_cache } => {
            history::run(&history::Request { unreachable, time_limit, no_cache }, &options, started)
        }
        Command::Redact { exec, command, env_secrets } => {
            redact::run(&redact::Request { exec, command, env_secrets }, &options)
        }
        Command::Image { path, time_limit } => image::run(path, time_limit, &options, started),
        Command::Paths { paths, exclude, respect_gitignore, max_file_size, skip_unreadable, time_limit } => {
            let request = paths::Request {
                paths,
                exclude,
                respect_gitignore,
                max_file_size,
                skip_unreadable,
                time_limit,
            };
            paths::run(request, &options, started)
        }
        Command::Range { ranges, stdin, since, time_limit } => {
            range::run(&range::Request { ranges, stdin, since, time_limit }, &options, started)
        }
        Command::Rules { words, provider, severity, kind, own } => {
            rules::run(&rules::Request { words, provider, severity, kind, own }, &options)
        }
        Command::Generate(artifact) => print(&artifact.text()),
    }
}

fn print(text: &str) -> anyhow::Result<u8> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(0)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}
