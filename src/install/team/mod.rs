//! The files that a team commits, so that everybody who clones has the gate.
//!
//! Hands on: [`Kind`] and [`install`]. The trap: these files are people's own. They are extended at their end or at one
//! place that is surely right; where no place is, the person gets the lines to paste, and the file stays as it is.

mod framework;
mod hooks_path;
mod husky;
mod lefthook;
mod shell;
mod yaml;

use std::path::{Path, PathBuf};

use super::file::{self, Found, Mode};
use super::{InstallError, Report, shown};
use crate::git::Repository;

/// What a fuzzer feeds to the editors of people's YAML: nothing of theirs is lost, and twice is as good as once.
pub(crate) fn fuzz(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    lefthook::fuzz(text);
    framework::fuzz(text);
}

/// Panics unless all lines of `before` stand in `after`, in order.
fn keeps_lines(before: &str, after: &str) {
    let mut after = after.lines();
    assert!(before.lines().all(|line| after.any(|other| other == line)), "a line is lost");
}

/// What a team calls its hooks through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `.husky/NAME`.
    Husky,
    /// `lefthook.yml`.
    Lefthook,
    /// `.pre-commit-config.yaml`, for pre-commit and prek.
    PreCommit,
    /// A folder of hooks that `core.hooksPath` names.
    HooksPath,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Husky, Self::Lefthook, Self::PreCommit, Self::HooksPath];

    /// As `--team` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Husky => "husky",
            Self::Lefthook => "lefthook",
            Self::PreCommit => "pre-commit",
            Self::HooksPath => "hooks-path",
        }
    }

    /// The inverse of [`Kind::name`].
    ///
    /// # Errors
    /// When there is no such kind.
    pub fn parse(name: &str) -> Result<Self, InstallError> {
        let kind = Self::ALL.into_iter().find(|kind| kind.name() == name);
        kind.ok_or_else(|| InstallError::UnknownTeam { name: name.to_owned() })
    }
}

/// Writes or extends the files of the current repository's team.
///
/// # Errors
/// When there is no work tree, or a file cannot be extended safely: then with the lines to paste.
pub fn install(kind: Kind, names: &[&'static str]) -> Result<Report, InstallError> {
    let repository = Repository::open_from_env()?;
    let top = repository.top().ok_or(InstallError::Bare)?;
    match kind {
        Kind::Husky => husky::install(&repository, top, names),
        Kind::Lefthook => lefthook::install(top, names),
        Kind::PreCommit => framework::install(top, names),
        Kind::HooksPath => hooks_path::install(&repository, top, names),
    }
}

/// A file of the team's, its text, and whether it is there.
struct TeamFile {
    path: PathBuf,
    text: Option<String>,
}

impl TeamFile {
    fn read(path: PathBuf) -> Result<Self, InstallError> {
        let bytes = match file::look(&path).map_err(InstallError::io("read", &path))? {
            Found::Nothing => None,
            Found::File(bytes) | Found::Link(Some(bytes)) => Some(bytes),
            Found::Link(None) | Found::Other => return Err(InstallError::NoFile { path }),
        };
        let text = match bytes.map(String::from_utf8).transpose() {
            Ok(text) => text,
            Err(_) => {
                let why = "it is no UTF-8 text";
                return Err(InstallError::Paste { path, why, block: String::new() });
            }
        };
        Ok(Self { path, text })
    }

    fn write(&self, text: &str) -> Result<(), InstallError> {
        file::write_whole(&self.path, text.as_bytes(), Mode::AsBefore)
            .map_err(InstallError::io("write", &self.path))
    }

    fn write_executable(&self, text: &str) -> Result<(), InstallError> {
        file::write_whole(&self.path, text.as_bytes(), Mode::Executable)
            .map_err(InstallError::io("write", &self.path))
    }

    fn paste(&self, why: &'static str, block: &str) -> InstallError {
        InstallError::Paste { path: self.path.clone(), why, block: block.to_owned() }
    }
}

/// What a person hears of scripts that were written: who calls unleak now, and what to do next.
fn said(who: &str, top: &Path, written: &[(&str, PathBuf)], then: &str) -> [String; 2] {
    let names: Vec<&str> = written.iter().map(|(name, _)| *name).collect();
    let paths: Vec<&Path> = written.iter().map(|(_, path)| path.as_path()).collect();
    [format!("{who} calls unleak in {}", names.join(" and ")), next(top, &paths, then)]
}

/// What a person does next, with what was written.
fn next(top: &Path, written: &[&Path], then: &str) -> String {
    let names: Vec<String> =
        written.iter().map(|path| shown(path.strip_prefix(top).unwrap_or(path))).collect();
    format!("to give it to the team: git add {} && git commit{then}", names.join(" "))
}
