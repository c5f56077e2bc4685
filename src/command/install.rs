//! `unleak install`: for this repository, for all of a user's, or for a team.
//!
//! Hands on: the exit status, 0 or 2. The trap: what was done and what was not are both said; a problem in one hook does
//! not hide that another was installed.

use std::io::Write;

use crate::install::{InstallError, Report, executable, global, hook_names, hooks, team};

/// What the flags say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// `--hook NAME`, in their order; empty for the default ones.
    pub(super) hooks: Vec<String>,
    /// `--global`.
    pub(super) global: bool,
    /// `--team KIND`; not together with `--global`.
    pub(super) team: Option<String>,
}

/// Installs, and says on `err` what is so now.
pub(super) fn run(options: &Options, err: &mut dyn Write) -> u8 {
    say(install(options), err)
}

fn install(options: &Options) -> Result<Report, InstallError> {
    let names = hook_names(&options.hooks)?;
    if let Some(kind) = &options.team {
        return team::install(team::Kind::parse(kind)?, &names);
    }
    let program = executable::locate()?;
    if options.global { global::install(&names, &program) } else { hooks::install(&names, &program) }
}

/// Prints a report; 2 when there is a problem in it, or when it cannot be printed.
pub(super) fn say(result: Result<Report, InstallError>, err: &mut dyn Write) -> u8 {
    let report =
        result.unwrap_or_else(|error| Report { problems: vec![error.to_string()], ..Report::default() });
    let status = if report.problems.is_empty() { 0 } else { 2 };
    let kinds = [("", &report.done), ("warning: ", &report.warnings), ("error: ", &report.problems)];
    for (kind, lines) in kinds {
        for line in lines {
            if writeln!(err, "unleak: {kind}{line}").is_err() {
                return 2;
            }
        }
    }
    status
}
