//! `unleak doctor [--canary]`: says whether the gate stands here, and proves it.
//!
//! Hands on: the exit status, 0 when it stands, 2 when it does not or nobody can be sure. The trap: a repository that cannot
//! be opened is what the command is asked about, so it is a line of the report, not the end of it.

use std::time::Duration;

use anyhow::bail;

use super::configuration;
use super::output::Output;
use crate::cli::{Format, Options};
use crate::doctor::{self, canary};
use crate::git::{GitError, Repository};
use crate::report::{Surface, doctor_human, doctor_json};

/// How long a hook may take when nothing else is said: frameworks build their environments at first use.
const PATIENCE: Duration = Duration::from_secs(300);

/// Examines, sends the canary when asked, and reports.
pub(super) fn run(send: bool, timeout: Option<Duration>, options: &Options) -> anyhow::Result<u8> {
    let (opened, nowhere) = match Repository::open_from_env() {
        Ok(repository) => (Ok(repository), false),
        Err(error) => {
            let nowhere = matches!(error, GitError::NotARepository { .. });
            (Err(error.to_string()), nowhere)
        }
    };
    let configured = configuration::examined(opened.as_ref().ok(), options);
    let mut report = doctor::examine(opened.as_ref().map_err(Clone::clone), &configured, nowhere);
    if send {
        match &opened {
            Ok(repository) => {
                report.proof = Some(canary::prove(repository, timeout.unwrap_or(PATIENCE))?);
            }
            Err(error) => bail!("cannot send a canary: {error}"),
        }
    }
    let mut output = Output::open(options.output.as_deref(), false)?;
    let surface =
        if output.is_stdout() { Surface::stdout(options.color) } else { Surface::file(options.color) };
    let out = &mut output;
    match options.format {
        Format::Human => doctor_human(out, &report, surface, options.quiet)?,
        Format::Json => doctor_json(out, &report)?,
        _ => bail!("`unleak doctor` prints human or json"),
    }
    output.finish()?;
    Ok(report.status())
}
