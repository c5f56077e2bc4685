//! `unleak range`: what commits add, each against its own parents, and their messages.
//!
//! The trap: a clone in CI is often cut off, and what a commit adds whose parents are missing cannot be told; that is a loss
//! with the line that mends it, never an empty range.

use std::io::BufRead as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::ci::{self, Answer, From, Guess};
use super::configuration::Configuration;
use super::judge::{Terms, judge_by, print, under};
use crate::allow::Date;
use crate::cli::Options;
use crate::engine::Engine;
use crate::finding::{Finding, Loss, Outcome};
use crate::git::{Commit, GitError, ObjectId, Reach, Repository};
use crate::report::{Summary, escape};
use crate::source::Source as _;
use crate::source::commits::Commits;
use crate::watch::{Progress, Watch};

/// What the command line asks for.
pub(super) struct Request {
    /// `A..B` or one revision each.
    pub(super) ranges: Vec<String>,
    /// `--stdin`.
    pub(super) stdin: bool,
    /// `--since`.
    pub(super) since: Option<String>,
    /// `--time-limit`.
    pub(super) time_limit: Option<Duration>,
}

/// Commits that are judged under one configuration.
struct Part {
    commits: Vec<Commit>,
    /// Whose configuration counts.
    tip: ObjectId,
}

/// Judges them, and gives the exit status.
///
/// # Errors
/// A revision that is not there, a wrong configuration, and what the report meets.
pub(super) fn run(request: &Request, options: &Options, started: Instant) -> anyhow::Result<u8> {
    let since = request.since.as_deref().map(seconds_of).transpose()?;
    let repository = Repository::open_from_env()?;
    let watch = Watch::start(Progress::on_stderr(options.quiet), request.time_limit)?;
    watch.phase("listing commits", 0);
    let mut summary = Summary {
        source: "range",
        subject: "what the commits add",
        unit: "files and messages",
        empty: "no commit is in the range",
        ..Summary::default()
    };
    let shallow = repository.shallow()?;
    let mut deepen = "`git fetch --unshallow`";
    let mut parts = if request.stdin {
        from_input(&repository)?
    } else if !request.ranges.is_empty() {
        let part = |text: &String| given(&repository, text, !shallow.is_empty());
        request.ranges.iter().map(part).collect::<anyhow::Result<Vec<_>>>()?
    } else if since.is_some() {
        vec![given(&repository, "HEAD", false).and_then(|part| {
            Ok(Part { commits: repository.commits(&reach(part.tip, Vec::new()))?, ..part })
        })?]
    } else {
        let variable = |name: &str| std::env::var(name).ok();
        match ci::find(&variable, &|path| std::fs::read(path).ok()) {
            Answer::Range(guess) => {
                deepen = guess.deepen;
                vec![guessed(&repository, &guess, &mut summary.notes)?]
            }
            Answer::Nothing(why) => {
                summary.notes.push(why);
                Vec::new()
            }
            Answer::NoRange(why) => bail!(
                "cannot tell which commits are meant: {why}; give a range such as `unleak range origin/main..HEAD`, or judge all \
                 files with `unleak paths .`"
            ),
            Answer::NoService => bail!(
                "cannot tell which commits are meant: give a range such as `unleak range origin/main..HEAD` (in GitHub, GitLab, \
                 Bitbucket, Azure, Jenkins and CircleCI it is found without)"
            ),
        }
    };
    if let Some(since) = since {
        let objects = repository.objects()?;
        for part in &mut parts {
            let mut kept = Vec::with_capacity(part.commits.len());
            for commit in part.commits.drain(..) {
                if objects.commit(&commit.id)?.seconds >= since {
                    kept.push(commit);
                }
            }
            part.commits = kept;
        }
    }
    let cut: Vec<ObjectId> =
        parts.iter().flat_map(|part| &part.commits).map(|c| c.id).filter(|id| shallow.contains(id)).collect();
    let losses: Vec<Loss> = cut_off(&cut, deepen).into_iter().collect();
    let Some(first) = parts.first() else {
        summary.elapsed = started.elapsed();
        watch.end();
        print(&Outcome::default(), &summary, options)?;
        return Ok(0);
    };
    let configuration = configuration_of(&repository, first, options)?;
    let more = parts[1..]
        .iter()
        .map(|part| configuration_of(&repository, part, options))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let terms = Terms::watched(&watch, configuration, summary, losses);
    let run = |engine: &Engine<'_>| {
        let mut outcome = judge_part(&repository, &parts[0], &cut, engine, &watch);
        for (part, configuration) in parts[1..].iter().zip(&more) {
            let judged = under(configuration, true, Some(&watch), |engine| {
                judge_part(&repository, part, &cut, engine, &watch)
            });
            match judged {
                Ok(judged) => outcome.merge(judged),
                Err(error) => outcome.losses.push(Loss { path: None, reason: format!("{error:#}") }),
            }
        }
        outcome.sort();
        once(&mut outcome);
        (outcome, Vec::new())
    };
    judge_by(run, terms, options, started)
}

fn reach(tip: ObjectId, without: Vec<ObjectId>) -> Reach {
    Reach { tips: vec![tip], without, without_refs: false }
}

/// The start of a day, UTC, in seconds since 1970.
fn seconds_of(day: &str) -> anyhow::Result<i64> {
    let day = Date::parse(day).context("cannot use --since: it is a day, like 2027-06-30")?;
    let mut days = 0;
    // A day has no number of its own; from 1970 on there are not many.
    while Date::from_days(days) < day {
        days += 1;
    }
    Ok(i64::try_from(days).unwrap_or(i64::MAX / 86_400) * 86_400)
}

/// A range that was typed: `A..B`, `A...B` (what B has since it left A), or one commit alone.
fn given(repository: &Repository, text: &str, shallow: bool) -> anyhow::Result<Part> {
    let resolve = |name: &str| {
        let name = if name.is_empty() { "HEAD" } else { name };
        repository.resolve(name).map_err(|error| match error {
            GitError::UnknownRevision { .. } if shallow => anyhow::anyhow!(
                "cannot find the commit `{}`: it is not in this shallow clone; fetch it, or all with `git fetch --unshallow`",
                escape(name.as_bytes())
            ),
            error => error.into(),
        })
    };
    match text.split_once("..") {
        Some((from, to)) => {
            let (from, to) = (resolve(from)?, resolve(to.strip_prefix('.').unwrap_or(to))?);
            Ok(Part { commits: repository.commits(&reach(to, vec![from]))?, tip: to })
        }
        None => {
            let tip = resolve(text)?;
            Ok(Part { commits: repository.commits_alone(&[tip])?, tip })
        }
    }
}

/// Commit ids from standard input, a line each.
fn from_input(repository: &Repository) -> anyhow::Result<Vec<Part>> {
    let mut ids = Vec::new();
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.context("cannot read standard input")?;
        let word = line.trim_ascii();
        if word.is_empty() {
            continue;
        }
        let name = std::str::from_utf8(word)
            .with_context(|| format!("cannot find the commit `{}`: it is no UTF-8", escape(word)))?;
        ids.push(repository.resolve(name)?);
    }
    let Some(&tip) = ids.first() else { return Ok(Vec::new()) };
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    Ok(vec![Part { commits: repository.commits_alone(&ids)?, tip }])
}

/// What a CI service runs for, and a note that says what was taken.
fn guessed(repository: &Repository, guess: &Guess, notes: &mut Vec<String>) -> anyhow::Result<Part> {
    let Guess { service, what, tip: name, from, deepen } = guess;
    let tip = repository.resolve(name).map_err(|error| match error {
        GitError::UnknownRevision { .. } => anyhow::anyhow!(
            "cannot find the commit `{}` that {service} names: it is not in this clone; fetch it with {deepen}",
            escape(name.as_bytes())
        ),
        error => error.into(),
    })?;
    let (without, said) = match from {
        From::Commits(names, own) => {
            let found = names.iter().find_map(|name| Some((name, repository.resolve(name).ok()?)));
            match found {
                Some((name, id)) => (vec![id], format!("from {} on", shown(name))),
                None => {
                    let (without, said) = other_branches(repository, own.as_deref())?;
                    let missing = names.first().map_or("its beginning".to_owned(), |name| shown(name));
                    (without, format!("{said} ({missing} is not in this clone)"))
                }
            }
        }
        From::OtherBranches(own) => other_branches(repository, own.as_deref())?,
    };
    let commits = repository.commits(&reach(tip, without))?;
    let many = if commits.len() == 1 { "" } else { "s" };
    notes.push(format!("{service}: {what}, {} commit{many} up to {}, {said}", commits.len(), shown(name)));
    Ok(Part { commits, tip })
}

/// A name as a person reads it: ids are cut.
fn shown(name: &str) -> String {
    let id = name.len() >= 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if id {
        name[..12].to_owned()
    } else {
        escape(name.strip_prefix("refs/remotes/").unwrap_or(name).as_bytes())
    }
}

/// What the remote's branches but this one reach. References to pull requests are no branches.
fn other_branches(repository: &Repository, own: Option<&str>) -> anyhow::Result<(Vec<ObjectId>, String)> {
    let mut ids = Vec::new();
    for (name, id) in repository.references(&["refs/remotes/"])? {
        let branch = name.splitn(4, |byte| *byte == b'/').nth(3).unwrap_or_default();
        let request =
            [&b"pull/"[..], b"pr/", b"PR-", b"merge-requests/"].iter().any(|start| branch.starts_with(start))
                || name.starts_with(b"refs/remotes/pull/");
        if branch != b"HEAD" && !request && own.is_none_or(|own| own.as_bytes() != branch) {
            ids.push(id);
        }
    }
    crate::order::sort(&mut ids);
    ids.dedup();
    let said = if ids.is_empty() {
        "all that it reaches: no other branch is in this clone".to_owned()
    } else {
        "those that no other branch has".to_owned()
    };
    Ok((ids, said))
}

fn cut_off(cut: &[ObjectId], deepen: &str) -> Option<Loss> {
    let first = cut.first()?.to_string();
    let which = match cut.len() {
        1 => format!("commit {}", &first[..12]),
        more => format!("{more} commits (one is {})", &first[..12]),
    };
    let reason = format!(
        "the clone is shallow and cuts the range: what {which} added cannot be told without the parents; fetch them with {deepen}"
    );
    Some(Loss { path: None, reason })
}

fn configuration_of(
    repository: &Repository,
    part: &Part,
    options: &Options,
) -> anyhow::Result<Configuration> {
    let before = part.commits.last().and_then(|commit| commit.parents.first());
    Configuration::of_commit(repository, &part.tip, before, options)
}

/// Judges the commits of one part; of those that the clone cuts off only the message.
fn judge_part(
    repository: &Repository,
    part: &Part,
    cut: &[ObjectId],
    engine: &Engine<'_>,
    watch: &Watch,
) -> Outcome {
    let mut source = Commits::new(repository);
    let mut losses = Vec::new();
    watch.phase("reading commits", part.commits.len() as u64);
    for commit in &part.commits {
        if !watch.goes_on() {
            break;
        }
        let added = if cut.contains(&commit.id) { source.add_message(commit) } else { source.add(commit) };
        if let Err(error) = added {
            losses.push(Loss { path: None, reason: format!("commit {}: {error}", commit.id) });
        }
        watch.step(1);
    }
    watch.phase("judging", source.items().len() as u64);
    let mut outcome = engine.run(&source);
    outcome.losses.extend(losses);
    outcome
}

/// The same finding of two ranges is told once; what one of them does not allow is found.
fn once(outcome: &mut Outcome) {
    let place = |finding: &Finding| {
        let commit = finding.commit.as_ref().map(|commit| commit.id.clone());
        (commit, finding.path.clone(), finding.inside.clone(), finding.position, finding.rule.clone())
    };
    let mut seen = std::collections::BTreeSet::new();
    outcome.findings.retain(|finding| seen.insert(place(finding)));
    outcome.shown.retain(|finding| seen.insert(place(finding)));
    outcome.allowed.retain(|allowed| seen.insert(place(&allowed.finding)));
    outcome.losses.dedup();
}
