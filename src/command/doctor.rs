//! `unleak doctor [--canary]`: says whether the gate stands here, and proves it.
//!
//! Hands on: the exit status, 0 when it stands, 2 when it does not or nobody can be sure. The trap: a repository that cannot
//! be opened is what the command is asked about, so it is a line of the report, not the end of it.

use std::io::Write as _;
use std::time::Duration;

use anyhow::bail;

use super::configuration;
use crate::cli::{Format, Options};
use crate::doctor::{self, canary};
use crate::git::{GitError, Repository};
use crate::report::{Surface, doctor_human, doctor_json};

/// How long a hook may take, in seconds, when nothing else is said: frameworks build their environments at first use.
const PATIENCE: u64 = 300;

/// Examines, sends the canary when asked, and reports.
pub(super) fn run(send: bool, timeout: Option<&str>, options: &Options) -> anyhow::Result<u8> {
    let patience = match timeout.map(str::parse::<u64>) {
        None => PATIENCE,
        Some(Ok(seconds)) if (1..=86_400).contains(&seconds) => seconds,
        Some(_) => bail!("--timeout takes seconds, from 1 to 86400"),
    };
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
                report.proof = Some(canary::prove(repository, Duration::from_secs(patience))?);
            }
            Err(error) => bail!("cannot send a canary: {error}"),
        }
    }
    let out = &mut std::io::BufWriter::new(std::io::stdout().lock());
    match options.format {
        Format::Human => doctor_human(out, &report, Surface::stdout(options.color), options.quiet)?,
        Format::Json => doctor_json(out, &report)?,
        _ => bail!("`unleak doctor` prints human or json"),
    }
    out.flush()?;
    Ok(report.status())
}
