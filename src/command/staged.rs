//! `unleak` without arguments: judges the staged diff.

use std::time::Instant;

use super::judge::{Task, judge};
use crate::allow::Config;
use crate::cli::Options;
use crate::finding::Loss;
use crate::git::Repository;
use crate::report::{Remedy, Summary};
use crate::source::staged::Changes;

pub(super) fn run(options: &Options, started: Instant) -> anyhow::Result<u8> {
    let repository = Repository::open_from_env()?;
    let staged = repository.staged()?;
    let summary = Summary {
        source: "staged",
        subject: "staged changes",
        empty: "nothing is staged",
        stops: Some("commit"),
        remedy: Remedy::Unstage { first_commit: false, below_top: false },
        ..Summary::default()
    };
    let losses = staged.unmerged.into_iter().map(unmerged).collect();
    let source = Changes::new(&repository, staged.changes);
    let config = Config::default();
    let task =
        Task { source: &source, losses, config: &config, config_before: None, summary, may_warn: true };
    judge(task, options, started)
}

fn unmerged(path: Vec<u8>) -> Loss {
    Loss { path: Some(path), reason: "it is in conflict: resolve it and stage it".to_owned() }
}
