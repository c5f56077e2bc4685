//! `unleak history`: what has leaked already, in everything that references reach.
//!
//! The trap: detection depends on rules alone and the verdict on the configuration, which is HEAD's: a file that a branch
//! has, or the work tree, allows nothing here.

use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::configuration::Configuration;
use super::judge::{Terms, judge_by};
use crate::cli::Options;
use crate::engine::{Engine, Limits};
use crate::finding::{Loss, Outcome};
use crate::git::Repository;
use crate::history::{Items, Named, Scanned};
use crate::report::Summary;
use crate::watch::{Progress, Watch};

/// What the command line asks for.
pub(super) struct Request {
    /// `--unreachable`.
    pub(super) unreachable: bool,
    /// `--time-limit`.
    pub(super) time_limit: Option<Duration>,
    /// Neither read nor write what runs leave for the next one: `--no-cache`.
    pub(super) no_cache: bool,
}

/// Judges history, and gives the exit status.
///
/// # Errors
/// When there is no repository, its references cannot be listed, or the configuration is wrong.
pub(super) fn run(request: &Request, options: &Options, started: Instant) -> anyhow::Result<u8> {
    let repository = Repository::open_from_env()?;
    let (configuration, unread) = Configuration::of_head(&repository, options)?;
    let watch = Watch::start(Progress::on_stderr(options.quiet), request.time_limit)?;
    let rules = configuration.rules()?;
    let limits = configuration.limits(Limits::default());
    let named = Named::read(&repository, request.unreachable)?;
    let mut scanned = Scanned::new(&repository, &rules, limits, !request.no_cache, Some(&watch))
        .map_err(|broken| anyhow!("the regex of rule `{}` does not compile", broken.rule))?;
    let mut notes = std::mem::take(&mut scanned.reused.notes);
    if scanned.reused.objects > 0 {
        notes.push(format!(
            "{} blobs and messages were looked at before, and are reused (`--no-cache` looks again)",
            scanned.reused.objects
        ));
    }
    let mut items = Items::new(&mut scanned, &rules, &repository, named, request.unreachable, Some(&watch));
    let summary = Summary {
        source: "history",
        subject: "history",
        empty: "there is no history yet",
        notes: items.notes().iter().cloned().chain(notes).collect(),
        ..Summary::default()
    };
    let losses = items.lost().iter().cloned().chain(unread).collect();
    let terms = Terms::watched(&watch, configuration, summary, losses);
    let run = |engine: &Engine<'_>| -> (Outcome, Vec<String>) {
        watch.phase("judging", 0);
        let mut outcome = engine.run(&items);
        if items.go_on(&outcome) {
            outcome.merge(engine.run(&items));
        }
        outcome = items.finish(outcome);
        outcome.sort();
        let said: &[Loss] = items.lost();
        // The run was ended early once, and is told so once.
        outcome.losses.retain(|loss| !said.contains(loss));
        (outcome, Vec::new())
    };
    judge_by(run, terms, options, started)
}
