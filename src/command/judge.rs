//! What staged, hook and their kin share: take changes, judge them under the configuration that counts, report.

use std::io::Write as _;
use std::time::Instant;

use crate::allow::{Allowances, Config};
use crate::cli::{Format, Options};
use crate::detect::RuleSet;
use crate::engine::Engine;
use crate::finding::{Loss, Outcome};
use crate::judge::BLOCKS;
use crate::report::{self, Style, Summary};
use crate::source::Source;

/// What is judged, for the report and the exit status.
pub(super) struct Task<'a> {
    /// Where it comes from.
    pub(super) source: &'a dyn Source,
    /// Paths that cannot be judged, known before anything is read.
    pub(super) losses: Vec<Loss>,
    /// What the configuration says.
    pub(super) config: &'a Config,
    /// The configuration without what this change adds to it.
    pub(super) config_before: Option<&'a Config>,
    /// How the report speaks of it.
    pub(super) summary: Summary,
    /// True where `mode = "warn"` lets secrets pass.
    pub(super) may_warn: bool,
}

/// Judges, prints, and gives the exit status.
pub(super) fn judge(task: Task<'_>, options: &Options, started: Instant) -> anyhow::Result<u8> {
    let Task { source, losses, config, config_before, mut summary, may_warn } = task;
    let rules = RuleSet::new(&config.custom, &config.disable)?;
    let allowances = Allowances::new(config, config_before);
    let blocks = BLOCKS[options.strictness.unwrap_or(config.strictness) as usize];
    let engine = Engine { rules: &rules, blocks, allow: &allowances };
    let mut outcome = engine.run(source);
    outcome.losses.extend(losses);
    summary.notes.extend(allowances.notes());
    let exceeded = !outcome.limits.is_empty() && config.limits_block;
    summary.status = match (&outcome, exceeded) {
        (outcome, exceeded) if !outcome.losses.is_empty() || exceeded => 2,
        (outcome, _) if outcome.findings.is_empty() || may_warn && config.warn => 0,
        _ => 1,
    };
    summary.elapsed = started.elapsed();
    print(&outcome, &summary, options)?;
    Ok(summary.status)
}

fn print(outcome: &Outcome, summary: &Summary, options: &Options) -> std::io::Result<()> {
    let style = Style {
        out: report::Surface::stdout(options.color),
        err: report::Surface::stderr(options.color),
        show_secrets: options.show_secrets,
        quiet: options.quiet,
        verbose: options.verbose,
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut err = std::io::BufWriter::new(std::io::stderr().lock());
    match options.format {
        Format::Human => report::human(&mut out, &mut err, outcome, summary, &style)?,
        Format::Json => report::json(&mut out, &mut err, outcome, summary, &style)?,
        Format::Jsonl => report::jsonl(&mut out, &mut err, outcome, summary, &style)?,
    }
    out.flush()?;
    err.flush()
}
