//! What staged, hook and their kin share: judge a source under the configuration that counts, and report.

use std::io::Write as _;
use std::time::Instant;

use super::configuration::Configuration;
use super::output::Output;
use super::staged::remedy;
use crate::cli::{Format, Options};
use crate::detect::RuleSet;
use crate::engine::{Engine, Limits};
use crate::finding::{Loss, Outcome};
use crate::git::Repository;
use crate::report::{self, Style, Summary, Surface};
use crate::source::Source;
use crate::watch::Watch;

/// Under what something is judged, for the report and the exit status.
pub(super) struct Terms<'a> {
    /// What cannot be judged, known before anything is read.
    pub(super) losses: Vec<Loss>,
    /// What counts.
    pub(super) configuration: Configuration,
    /// How the report speaks of it.
    pub(super) summary: Summary,
    /// True where `mode = "warn"` lets secrets pass.
    pub(super) may_warn: bool,
    /// What a long run is watched by; `None` for a commit.
    pub(super) watch: Option<&'a Watch>,
    /// The repository from whose index a finding must be taken out again; `None` when it is not in one.
    pub(super) unstage_from: Option<&'a Repository>,
}

impl<'a> Terms<'a> {
    /// Of a long run that a person or CI started: every secret counts, and there is nothing to unstage.
    pub(super) fn watched(
        watch: &'a Watch,
        configuration: Configuration,
        summary: Summary,
        losses: Vec<Loss>,
    ) -> Self {
        Self { losses, configuration, summary, may_warn: false, watch: Some(watch), unstage_from: None }
    }
}

/// Judges, prints, and gives the exit status.
///
/// # Errors
/// When the rules cannot be set up or the report not be written.
pub(super) fn judge(
    source: &dyn Source,
    terms: Terms<'_>,
    options: &Options,
    started: Instant,
) -> anyhow::Result<u8> {
    judge_by(|engine| (engine.run(source), Vec::new()), terms, options, started)
}

/// The same for what is judged in another way: `run` gives what came of it, and what is to be said about it.
///
/// # Errors
/// As [`judge`].
pub(super) fn judge_by(
    run: impl FnOnce(&Engine<'_>) -> (Outcome, Vec<String>),
    terms: Terms<'_>,
    options: &Options,
    started: Instant,
) -> anyhow::Result<u8> {
    let Terms { losses, configuration, mut summary, may_warn, watch, unstage_from } = terms;
    let mut outcome = under(&configuration, true, watch, |engine| {
        let (outcome, said) = run(engine);
        if let Some(watch) = watch {
            watch.end();
        }
        summary.notes.extend(said);
        // Only asked when there is advice to give: it reads HEAD once more.
        if let Some(repository) = unstage_from.filter(|_| !outcome.findings.is_empty()) {
            summary.remedy = remedy(repository)?;
            summary.notes.extend(not_ignored(repository, engine.rules, &outcome)?);
        }
        anyhow::Ok(outcome)
    })??;
    outcome.losses.extend(losses);
    add_what_it_says(&configuration, &mut outcome, &mut summary, options);
    crate::order::sort(&mut outcome.losses);
    let incomplete = !outcome.losses.is_empty() || configuration.limits_block() && !outcome.limits.is_empty();
    summary.status = if incomplete {
        2
    } else {
        u8::from(!(outcome.findings.is_empty() || may_warn && configuration.warns()))
    };
    summary.elapsed = started.elapsed();
    print(&outcome, &summary, options)?;
    Ok(summary.status)
}

/// Runs an engine under a configuration; `inline` when comments in the content count.
///
/// # Errors
/// When the rules cannot be set up.
pub(super) fn under<T>(
    configuration: &Configuration,
    inline: bool,
    watch: Option<&Watch>,
    run: impl FnOnce(&Engine<'_>) -> T,
) -> anyhow::Result<T> {
    let rules = configuration.rules()?;
    let allowances = configuration.allowances();
    let before = configuration.allowances_before();
    Ok(run(&Engine {
        rules: &rules,
        blocks: configuration.blocks(),
        allowances: &allowances,
        before: before.as_ref(),
        inline,
        limits: configuration.limits(Limits::default()),
        watch,
    }))
}

/// Adds what a configuration could not read, and its notes, each once.
pub(super) fn add_what_it_says(
    configuration: &Configuration,
    outcome: &mut Outcome,
    summary: &mut Summary,
    options: &Options,
) {
    outcome.losses.extend(configuration.losses.iter().cloned());
    let details = configuration.details.iter().filter(|_| options.verbose);
    let expired = configuration.allowances().expired();
    for note in configuration.notes.iter().chain(details).cloned().chain(expired) {
        if !summary.notes.contains(&note) {
            summary.notes.push(note);
        }
    }
}

/// A note on each file that is made for secrets and that nothing keeps from being staged again.
fn not_ignored(repository: &Repository, rules: &RuleSet, outcome: &Outcome) -> anyhow::Result<Vec<String>> {
    let mut notes = Vec::new();
    let mut paths: Vec<&[u8]> = outcome.findings.iter().map(|finding| finding.path.as_slice()).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths.into_iter().filter(|path| !rules.files(path).is_empty()).take(NOTED) {
        let name = report::escape(path);
        match repository.ignores(path)? {
            Some(false) => notes
                .push(format!("{name} is not in .gitignore: add it there, such files are made for secrets")),
            Some(true) => notes.push(format!("{name} is in .gitignore and was added all the same")),
            None => {}
        }
    }
    Ok(notes)
}

/// How many files that are made for secrets get a note of their own.
const NOTED: usize = 5;

/// Prints the report where the options want it.
///
/// # Errors
/// When it cannot be written; a closed pipe is one of them.
pub(super) fn print(outcome: &Outcome, summary: &Summary, options: &Options) -> anyhow::Result<()> {
    let mut out = Output::open(options.output.as_deref(), options.show_secrets)?;
    let style = Style {
        out: if out.is_stdout() { Surface::stdout(options.color) } else { Surface::file(options.color) },
        err: Surface::stderr(options.color),
        show_secrets: options.show_secrets,
        quiet: options.quiet,
        verbose: options.verbose,
    };
    let mut err = std::io::BufWriter::new(std::io::stderr().lock());
    match options.format {
        Format::Human => report::human(&mut out, &mut err, outcome, summary, &style)?,
        Format::Json => report::json(&mut out, &mut err, outcome, summary, &style)?,
        Format::Jsonl => report::jsonl(&mut out, &mut err, outcome, summary, &style)?,
        Format::Sarif => report::sarif(&mut out, &mut err, outcome, summary, &style)?,
        Format::Github => report::github(&mut out, &mut err, outcome, summary, &style)?,
        Format::Html => report::html(&mut out, &mut err, outcome, summary, &style)?,
    }
    err.flush()?;
    out.finish()
}
