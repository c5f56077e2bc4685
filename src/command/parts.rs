//! Judges a whole of several parts, each under a configuration of its own, and reports once.
//!
//! A push has a part for each configuration among its refs; a commit's message and its index are two parts. The trap: one
//! part that could not be judged makes the whole incomplete.

use std::time::Instant;

use super::configuration::Configuration;
use super::judge::{add_what_it_says, print, under};
use crate::cli::Options;
use crate::finding::{Loss, Outcome};
use crate::report::{Remedy, Summary};
use crate::source::Source;
use crate::watch::Watch;

/// One part.
pub(super) struct Part<'a> {
    /// What is judged.
    pub(super) source: &'a dyn Source,
    /// What counts for it.
    pub(super) configuration: &'a Configuration,
    /// Whether comments in the content count.
    pub(super) inline: bool,
}

/// What holds for all of them.
pub(super) struct Whole<'a> {
    /// What cannot be judged, known before anything is read.
    pub(super) losses: Vec<Loss>,
    /// How the report speaks of it.
    pub(super) summary: Summary,
    /// True where `mode = "warn"` lets secrets pass.
    pub(super) may_warn: bool,
    /// What a long run is watched by; `None` for a commit.
    pub(super) watch: Option<&'a Watch>,
    /// How a person takes out what was found; asked with the number of findings of each part.
    pub(super) remedy: &'a dyn Fn(&[usize]) -> anyhow::Result<Remedy>,
}

/// Judges, prints, and gives the exit status.
///
/// # Errors
/// When the rules cannot be set up or the report not be written.
pub(super) fn judge_parts(
    parts: &[Part<'_>],
    whole: Whole<'_>,
    options: &Options,
    started: Instant,
) -> anyhow::Result<u8> {
    let Whole { losses, mut summary, may_warn, watch, remedy } = whole;
    let mut outcome = Outcome { losses, ..Outcome::default() };
    let (mut found, mut blocked_by_limits) = (Vec::new(), false);
    for Part { source, configuration, inline } in parts {
        let part = under(configuration, *inline, watch, |engine| engine.run(*source))?;
        found.push(part.findings.len());
        blocked_by_limits |= configuration.limits_block() && !part.limits.is_empty();
        outcome.merge(part);
        add_what_it_says(configuration, &mut outcome, &mut summary, options);
    }
    if let Some(watch) = watch {
        watch.end();
    }
    outcome.sort();
    outcome.losses.dedup();
    let warns = may_warn && parts.iter().all(|part| part.configuration.warns());
    summary.status = if !outcome.losses.is_empty() || blocked_by_limits {
        2
    } else {
        u8::from(!(outcome.findings.is_empty() || warns))
    };
    if !outcome.findings.is_empty() {
        summary.remedy = remedy(&found)?;
    }
    summary.elapsed = started.elapsed();
    print(&outcome, &summary, options)?;
    Ok(summary.status)
}
