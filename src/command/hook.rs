//! `unleak hook NAME …`: what git and the hook frameworks call.
//!
//! The trap: under `pre-commit run` nothing may be staged, and judging an empty staged diff would say "Passed" about
//! nothing. In a commit git sets `GIT_INDEX_FILE`; then the staged diff counts and names do not, since a framework's
//! `exclude:` takes names out and must not take them out of the judgement. pre-commit and prek do not say in which stage they call:
//! what they set and name tells.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail};

use super::configuration::Configuration;
use super::judge::{Terms, judge};
use super::{message, push, staged};
use crate::cli::Options;
use crate::git::{Change, Reach, Repository};
use crate::report::Summary;
use crate::source::changes::{Changes, Named};
use crate::source::commits::Commits;

pub(super) fn run(
    name: &str,
    arguments: &[OsString],
    options: &Options,
    started: Instant,
) -> anyhow::Result<u8> {
    match name {
        "pre-merge-commit" => staged::run(true, options, started),
        "pre-commit" => pre_commit(arguments, options, started),
        "commit-msg" => message::run(arguments, options, started),
        "pre-push" => push::pre_push(arguments, options, started),
        "pre-receive" => push::pre_receive(options, started),
        _ => bail!(
            "cannot run as hook `{}`: known are {}",
            crate::report::escape(name.as_bytes()),
            crate::install::HOOKS.join(", ")
        ),
    }
}

fn pre_commit(arguments: &[OsString], options: &Options, started: Instant) -> anyhow::Result<u8> {
    let set = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty());
    if message::is_named(arguments) {
        return message::run(arguments, options, started);
    }
    if set("GIT_INDEX_FILE").is_some() {
        return staged::run(true, options, started);
    }
    if let Some(judged) = push::through_framework(options, started) {
        return judged;
    }
    match (set("PRE_COMMIT_FROM_REF"), set("PRE_COMMIT_TO_REF")) {
        (Some(from), Some(to)) => between(&from, &to, options, started),
        _ => named(arguments, options, started),
    }
}

/// What the commits from one revision to another add, as `pre-commit run --from-ref … --to-ref …` asks.
fn between(from: &OsString, to: &OsString, options: &Options, started: Instant) -> anyhow::Result<u8> {
    let repository = Repository::open_from_env()?;
    let revision = |name: &OsString| {
        let text = name.to_str().context("cannot judge the range: a revision's name is no UTF-8")?;
        Ok::<_, anyhow::Error>(repository.resolve(text)?)
    };
    let (from, to) = (revision(from)?, revision(to)?);
    let mut source = Commits::new(&repository);
    for commit in repository.commits(&Reach { tips: vec![to], without: vec![from], without_refs: false })? {
        source.add(&commit)?;
    }
    let configuration = Configuration::of_commit(&repository, &to, Some(&from), options)?;
    let summary = Summary {
        source: "range",
        subject: "changes between two revisions",
        empty: "the range changes no file",
        ..Summary::default()
    };
    let losses = Vec::new();
    let terms = Terms { losses, configuration, summary, may_warn: false, watch: None, unstage_from: None };
    judge(&source, terms, options, started)
}

/// The staged diff, and the whole content of each named file that is not part of it.
fn named(arguments: &[OsString], options: &Options, started: Instant) -> anyhow::Result<u8> {
    let repository = Repository::open_from_env()?;
    let staged = repository.staged()?;
    let top = repository.top().context("cannot judge files: the repository is bare")?.to_path_buf();
    let here = std::env::current_dir().context("cannot find the current folder")?;
    let mut paths: Vec<(Vec<u8>, PathBuf)> = Vec::new();
    for argument in arguments {
        let file = here.join(argument);
        paths.push((below_top(&top, &file), file));
    }
    crate::order::sort(&mut paths);
    paths.dedup();
    paths.retain(|(path, _)| {
        staged.changes.binary_search_by(|change| change.path.as_slice().cmp(path)).is_err()
    });
    let names: Vec<&[u8]> = paths.iter().map(|(path, _)| path.as_slice()).collect();
    let entries = repository.index_entries(&names)?;
    let added =
        staged.changes.iter().filter(|change| change.new.is_some()).map(|change| change.path.as_slice());
    let configuration = Configuration::staged(&repository, &staged.changes, options)?
        .with_known_values(Some(&repository), added.chain(names.iter().copied()));
    let mut changes = staged.changes;
    let mut files = Vec::new();
    for ((path, file), entry) in paths.into_iter().zip(entries) {
        match entry {
            Some(blob) => changes.push(Change { path, new: Some(blob), olds: Vec::new() }),
            None => files.push(Named { path, file }),
        }
    }
    let summary = Summary {
        source: "staged",
        subject: if arguments.is_empty() { "staged changes" } else { "staged changes and named files" },
        empty: if arguments.is_empty() {
            "nothing is staged"
        } else {
            "nothing is staged and no named file exists"
        },
        stops: Some("commit"),
        ..Summary::default()
    };
    let losses = staged.unmerged.into_iter().map(staged::unmerged).collect();
    let source = Changes::new(&repository, changes).and_files(files);
    let unstage_from = Some(&repository);
    let terms = Terms { losses, configuration, summary, may_warn: true, watch: None, unstage_from };
    judge(&source, terms, options, started)
}

/// The file's path as the index writes it; a file elsewhere keeps the path it was given.
pub(super) fn below_top(top: &Path, file: &Path) -> Vec<u8> {
    let mut plain = PathBuf::new();
    for part in file.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    // The top has its links resolved, the current folder may not.
    let resolved = || {
        let folder = plain.parent()?.canonicalize().ok()?;
        Some(folder.join(plain.file_name()?))
    };
    let below = plain.strip_prefix(top).ok().map(Path::to_path_buf);
    let below =
        below.or_else(|| resolved()?.strip_prefix(top.canonicalize().ok()?).ok().map(Path::to_path_buf));
    let path = below.unwrap_or(plain);
    if cfg!(windows) {
        path.to_string_lossy().replace('\\', "/").into_bytes()
    } else {
        path.into_os_string().into_encoded_bytes()
    }
}
