//! `unleak` without arguments: judges the staged diff.

use std::time::Instant;

use super::configuration::Configuration;
use super::judge::{Terms, judge};
use super::stamp::{self, Stamp};
use crate::cli::Options;
use crate::finding::Loss;
use crate::git::Repository;
use crate::report::{Remedy, Summary};
use crate::source::changes::Changes;

/// `waits` is true where a commit waits for the answer.
pub(super) fn run(waits: bool, options: &Options, started: Instant) -> anyhow::Result<u8> {
    let repository = Repository::open_from_env()?;
    let staged = repository.staged()?;
    let paths =
        staged.changes.iter().filter(|change| change.new.is_some()).map(|change| change.path.as_slice());
    let configuration = Configuration::staged(&repository, &staged.changes, options)?
        .with_known_values(Some(&repository), paths);
    let summary = Summary {
        source: "staged",
        subject: "staged changes",
        empty: "nothing is staged",
        stops: Some("commit"),
        waits,
        ..Summary::default()
    };
    let stamp = match stamp::open(&repository).filter(|_| waits) {
        Some(file) => Some((file, Stamp::of(&repository, &staged.changes)?)),
        None => None,
    };
    let losses = staged.unmerged.into_iter().map(unmerged).collect();
    let source = Changes::new(&repository, staged.changes);
    let unstage_from = Some(&repository);
    let terms = Terms { losses, configuration, summary, may_warn: true, watch: None, unstage_from };
    let status = judge(&source, terms, options, started)?;
    if let (0, Some((file, stamp))) = (status, stamp) {
        stamp::note(file, &stamp);
    }
    Ok(status)
}

/// A path in conflict has no staged content; git refuses to commit it too.
pub(super) fn unmerged(path: Vec<u8>) -> Loss {
    Loss { path: Some(path), reason: "it is in conflict: resolve it and stage it".to_owned() }
}

/// How a staged secret is taken out again from where the person stands.
///
/// # Errors
/// When HEAD is broken.
pub(super) fn remedy(repository: &Repository) -> anyhow::Result<Remedy> {
    // A hook runs at the top, whatever folder the person is in; git says which.
    let prefix = std::env::var_os("GIT_PREFIX").is_some_and(|prefix| !prefix.is_empty());
    let here = std::env::current_dir().ok();
    let below = here.zip(repository.top()).is_some_and(|(here, top)| here != top && here.starts_with(top));
    Ok(Remedy::Unstage { first_commit: repository.head()?.is_none(), below_top: prefix || below })
}
