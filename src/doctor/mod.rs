//! Whether the gate stands here: what is installed, which hook git would run and through whom, and what that hook leaves out.
//!
//! Hands on [`examine`], a [`Report`] of plain facts, and [`canary`], which proves them. The trap: reading a script tells
//! what it says, not what it does, so whatever is only read is worded as such, and the canary has the last word.

pub mod canary;
mod hooks;
mod manager;
mod programs;
mod variables;

use std::path::Path;

use crate::git::Repository;
use crate::report::escape;
use canary::{Proof, Verdict};

pub use hooks::Hook;
pub use manager::Manager;

/// How much a fact matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// Worth knowing; the gate stands.
    Note,
    /// The gate does not stand, or nobody can be sure that it does.
    Problem,
}

impl Level {
    /// As machines read it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Problem => "problem",
        }
    }
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// `program`, `repository`, `hooks`, `configuration` or `environment`.
    pub topic: &'static str,
    /// How much it matters.
    pub level: Level,
    /// In a sentence, safe to print.
    pub text: String,
}

/// All that was found out.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// In the order in which a person reads them.
    pub facts: Vec<Fact>,
    /// The hooks in which unleak could judge.
    pub hooks: Vec<Hook>,
    /// What came of the canary, when one was sent.
    pub proof: Option<Proof>,
}

impl Report {
    fn add(&mut self, topic: &'static str, level: Level, text: impl Into<String>) {
        self.facts.push(Fact { topic, level, text: text.into() });
    }

    /// 0 when the gate stands, 2 when it does not or that cannot be told. A canary that unleak blocked outweighs what was
    /// only read of the hooks.
    #[must_use]
    pub fn status(&self) -> u8 {
        let proven = self.proof.as_ref().map(|p| p.verdict == Verdict::BlockedByUnleak);
        let untouched = self.proof.as_ref().is_none_or(|p| p.changed.is_empty());
        let read = |fact: &&Fact| proven != Some(true) || fact.topic != "hooks";
        let problems = self.facts.iter().filter(read).any(|fact| fact.level == Level::Problem);
        if problems || proven == Some(false) || !untouched { 2 } else { 0 }
    }
}

/// One configuration file: what it is called, and what is wrong with it.
pub struct Configured {
    /// `.unleak.toml as staged`.
    pub name: String,
    /// `None` when it parses.
    pub error: Option<String>,
}

/// Looks at the machine and, where there is one, at the repository; `Err` says why it cannot be opened.
#[must_use]
pub fn examine(repository: Result<&Repository, String>, configured: &[Configured], nowhere: bool) -> Report {
    let mut report = Report::default();
    programs::examine(&mut report);
    match repository {
        Ok(repository) => {
            readers(repository, &mut report);
            hooks::examine(repository, &mut report);
        }
        Err(reason) if nowhere => {
            report.add(
                "repository",
                Level::Note,
                format!("not in a repository ({reason}): only the machine is looked at"),
            );
            hooks::examine_global(&mut report);
        }
        Err(reason) => report.add("repository", Level::Problem, reason),
    }
    for file in configured {
        match &file.error {
            None => report.add("configuration", Level::Good, format!("{} is valid", file.name)),
            Some(error) => {
                report.add("configuration", Level::Problem, format!("{} is wrong: {error}", file.name));
            }
        }
    }
    if configured.is_empty() {
        report.add("configuration", Level::Good, "none: the defaults hold");
    }
    variables::examine(&mut report);
    report
}

fn readers(repository: &Repository, report: &mut Report) {
    let place = match repository.top() {
        Some(top) => shown(top),
        None => format!("{} (bare)", shown(repository.git_dir())),
    };
    let linked = if repository.git_dir() == repository.common_dir() { "" } else { ", a linked work tree" };
    report.add("repository", Level::Good, format!("{place}{linked}"));
    let readers = repository.readers();
    let told = |reason: &str| escape(reason.as_bytes());
    if let Some(reason) = &readers.library {
        report.add(
            "repository",
            Level::Note,
            format!("libgit2 cannot open it ({}): git reads it instead, which takes longer", told(reason)),
        );
    }
    match (&readers.library_index, &readers.own_index) {
        (_, Some(own)) => report.add(
            "repository",
            Level::Note,
            format!(
                "unleak does not read this index itself ({}): git does instead, which takes longer",
                told(own)
            ),
        ),
        (Some(library), None) => report.add(
            "repository",
            Level::Good,
            format!("libgit2 cannot open the index ({}): unleak's own reader does", told(library)),
        ),
        (None, None) => {}
    }
}

/// A path, safe to print.
fn shown(path: &Path) -> String {
    escape(path.as_os_str().as_encoded_bytes())
}
