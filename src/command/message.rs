//! `unleak hook commit-msg FILE`: the message, and the index again when it is not what pre-commit has judged.
//!
//! The trap: the file's name is meant from the work tree's top, and a hook may have gone elsewhere before it calls this.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use anyhow::{Context as _, bail};

use super::configuration::Configuration;
use super::parts::{Part, Whole, judge_parts};
use super::staged;
use super::stamp::Stamp;
use crate::cli::Options;
use crate::git::Repository;
use crate::report::{Remedy, Summary};
use crate::source::changes::Changes;
use crate::source::message::Message;

/// Where git keeps the message that it is about to use: in a commit, and in a merge.
const FILES: [&str; 2] = ["COMMIT_EDITMSG", "MERGE_MSG"];

pub(super) fn run(arguments: &[OsString], options: &Options, started: Instant) -> anyhow::Result<u8> {
    let repository = Repository::open_from_env()?;
    let file = match arguments {
        [file, ..] => resolved(&repository, Path::new(file)),
        [] => newest(&repository)?,
    };
    let text = std::fs::read(&file)
        .with_context(|| format!("cannot read the commit message in {}", shown(&file)))?;
    let staged = repository.staged()?;
    let configuration = Configuration::staged(&repository, &staged.changes, options)?;
    // git refuses to commit a conflict, so there is none that could have been judged.
    let judged =
        Stamp::of(&repository, &staged.changes)?.is_judged(&repository) && staged.unmerged.is_empty();
    let message = Message::new(&repository, text, staged.changes.clone());
    let mut parts = vec![Part { source: &message, configuration: &configuration, inline: true }];
    let index = (!judged).then(|| Changes::new(&repository, staged.changes));
    if let Some(index) = &index {
        parts.push(Part { source: index, configuration: &configuration, inline: true });
    }
    let summary = Summary {
        source: "message",
        subject: if judged { "the commit message" } else { "the commit message and the staged changes" },
        unit: if judged { "message" } else { "files and messages" },
        empty: "there is no message",
        stops: Some("commit"),
        waits: true,
        ..Summary::default()
    };
    let losses = staged.unmerged.into_iter().map(staged::unmerged).collect();
    let remedy = |found: &[usize]| match (found[0], found.iter().skip(1).sum::<usize>()) {
        (0, _) => staged::remedy(&repository),
        (_, 0) => Ok(Remedy::Message),
        _ => Ok(Remedy::MessageAndIndex),
    };
    let whole = Whole { losses, summary, may_warn: true, watch: None, remedy: &remedy };
    judge_parts(&parts, whole, options, started)
}

/// True for a file that a commit can never have: one in the git directory. pre-commit and prek name it in the stage
/// commit-msg, of which they say nothing else.
pub(super) fn is_named(arguments: &[OsString]) -> bool {
    let [file] = arguments else { return false };
    let path = Path::new(file);
    // Only then the repository is asked: a usual commit has no such argument.
    let likely = path.file_name().is_some_and(|name| FILES.iter().any(|file| name == *file));
    likely
        && Repository::open_from_env().is_ok_and(|repository| {
            let found = resolved(&repository, path).canonicalize();
            let own = repository.git_dir().canonicalize();
            found.ok().zip(own.ok()).is_some_and(|(file, own)| file.starts_with(own))
        })
}

/// The file as the current folder has it, or else the top.
fn resolved(repository: &Repository, file: &Path) -> PathBuf {
    match repository.top() {
        Some(top) if file.is_relative() && !file.exists() => top.join(file),
        _ => file.to_path_buf(),
    }
}

/// The message that git has just written, where a framework's filter has taken its name away.
fn newest(repository: &Repository) -> anyhow::Result<PathBuf> {
    let written =
        |file: &PathBuf| file.metadata().and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let files = FILES.map(|name| repository.git_dir().join(name));
    match files.into_iter().filter(|file| file.is_file()).max_by_key(written) {
        Some(file) => Ok(file),
        None => bail!("cannot judge the commit message: no file was named, and git has written none"),
    }
}

fn shown(path: &Path) -> String {
    crate::report::escape(path.as_os_str().as_encoded_bytes())
}
