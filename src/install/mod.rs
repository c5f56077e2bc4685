//! Puts the gate where git, or a team's hook manager, will call it, and takes it away again.
//!
//! Hands on: [`hooks`] (one repository), [`global`] (all of a user's), [`team`] (the files that a team commits), each
//! giving a [`Report`] of what was done. The trap: what people already have in these places is never overwritten, and a
//! place that a manager rewrites is not written to at all.

pub mod executable;
mod file;
pub(crate) use file::is_executable;
pub mod global;
pub mod hooks;
mod place;
pub mod script;
mod settings;
pub mod team;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::git::GitError;
use crate::report::escape;

/// The hooks that can be installed. The command line offers those that `unleak hook` serves already.
pub const HOOKS: [&str; 5] = ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push", "pre-receive"];

/// Those that are installed when none is named.
pub const DEFAULT_HOOKS: [&str; 2] = ["pre-commit", "pre-merge-commit"];

/// Checks the names given with `--hook`, each once; the default ones when there are none.
///
/// # Errors
/// When unleak does not judge in such a hook.
pub fn hook_names(asked: &[String]) -> Result<Vec<&'static str>, InstallError> {
    if asked.is_empty() {
        return Ok(DEFAULT_HOOKS.to_vec());
    }
    let mut names = Vec::new();
    for asked in asked {
        let name = HOOKS.into_iter().find(|name| name == asked);
        let name = name.ok_or_else(|| InstallError::UnknownHook { name: asked.clone() })?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// True for the hooks to which git says on standard input what is pushed.
fn takes_input(hook: &str) -> bool {
    matches!(hook, "pre-push" | "pre-receive")
}

/// What an installation or its removal amounts to, each entry one line for a person.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What is so now.
    pub done: Vec<String>,
    /// What may surprise later.
    pub warnings: Vec<String>,
    /// What could not be done; any makes the exit status 2.
    pub problems: Vec<String>,
}

/// Why nothing, or not all, could be installed or removed. All of them are exit status 2.
#[derive(Debug)]
pub enum InstallError {
    /// The repository could not be asked.
    Git(GitError),
    /// A file or folder could not be read or written.
    Io {
        /// The verb: `write`, `read`, …
        what: &'static str,
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// git's configuration could not be read or changed.
    Settings {
        /// What could not be done, beginning with a verb.
        what: &'static str,
        /// What git said.
        reason: String,
    },
    /// No hook in which unleak judges.
    UnknownHook {
        /// As it was given.
        name: String,
    },
    /// No team's arrangement that unleak knows.
    UnknownTeam {
        /// As it was given.
        name: String,
    },
    /// A bare repository makes no commits.
    Bare,
    /// The place belongs to a hook manager or to the work tree.
    Managed {
        /// Whose it is, as a sentence.
        whose: String,
        /// What to do.
        instead: String,
    },
    /// One of our hooks was edited by hand.
    Edited {
        /// The hook.
        path: PathBuf,
    },
    /// A hook stands there, and so does one that was kept earlier: only one can be called.
    BothStand {
        /// The hook.
        path: PathBuf,
        /// The kept one.
        kept: PathBuf,
    },
    /// A folder or something stranger where a hook should go.
    NoFile {
        /// What is in the way.
        path: PathBuf,
    },
    /// A file cannot be extended safely.
    Paste {
        /// Which one.
        path: PathBuf,
        /// Why not.
        why: &'static str,
        /// What a person should put into it.
        block: String,
    },
    /// The running program's own path is not known.
    NoProgram {
        /// Why.
        reason: String,
    },
    /// No folder for the user's own data.
    NoHome,
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(error) => error.fmt(f),
            Self::Io { what, path, error } => write!(f, "cannot {what} {}: {error}", shown(path)),
            Self::Settings { what, reason } => write!(f, "cannot {what}: {}", escape(reason.as_bytes())),
            Self::UnknownHook { name } => write!(
                f,
                "cannot install a hook {}: unleak judges in {}",
                escape(name.as_bytes()),
                HOOKS.join(", ")
            ),
            Self::UnknownTeam { name } => write!(
                f,
                "cannot write files for {}: --team takes {}",
                escape(name.as_bytes()),
                team::Kind::ALL.map(team::Kind::name).join(", ")
            ),
            Self::Bare => write!(
                f,
                "cannot install a hook of commits and pushes: this repository is bare, nobody works in it. What is pushed to it is judged by: unleak install --hook pre-receive"
            ),
            Self::Managed { whose, instead } => write!(f, "cannot install here: {whose}. Instead: {instead}"),
            Self::Edited { path } => write!(
                f,
                "cannot touch {}: it was edited after unleak wrote it. Save what you need of it; `unleak uninstall --force` removes it",
                shown(path)
            ),
            Self::BothStand { path, kept } => write!(
                f,
                "cannot keep {} as {}: an earlier hook is kept there already. Make one of the two, remove the other, and try again",
                shown(path),
                shown(kept.file_name().map_or(kept.as_path(), Path::new))
            ),
            Self::NoFile { path } => {
                write!(f, "cannot install {}: something that is no file stands there", shown(path))
            }
            Self::Paste { path, why, block } => {
                write!(f, "cannot extend {} safely: {why}. Put this into it:\n\n{block}", shown(path))
            }
            Self::NoProgram { reason } => {
                write!(
                    f,
                    "cannot tell where unleak is installed: {}. Call it by its full path",
                    escape(reason.as_bytes())
                )
            }
            Self::NoHome => {
                write!(f, "cannot find the folder for your data: neither XDG_DATA_HOME nor HOME is set")
            }
        }
    }
}

impl std::error::Error for InstallError {}

impl From<GitError> for InstallError {
    fn from(error: GitError) -> Self {
        Self::Git(error)
    }
}

impl InstallError {
    fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { what, path: path.to_path_buf(), error }
    }
}

/// A path as a person may see it: no byte of it moves a cursor.
fn shown(path: &Path) -> String {
    escape(path.as_os_str().as_encoded_bytes())
}

/// Who wrote a hook, when it was unleak.
#[must_use]
pub fn written_by(hook: &[u8]) -> Option<crate::doctor::Manager> {
    use crate::doctor::Manager;
    let global = memchr::memmem::find(hook, b"\nformer=").is_some();
    match script::authorship(hook) {
        script::Authorship::Foreign => None,
        _ if global => Some(Manager::UnleakGlobal),
        script::Authorship::Ours => Some(Manager::Unleak),
        script::Authorship::Edited => Some(Manager::UnleakEdited),
    }
}

/// The program that a hook of ours calls.
#[must_use]
pub fn program_of(hook: &[u8]) -> Option<PathBuf> {
    let line = hook.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"unleak='"))?;
    let quoted = line.strip_suffix(b"'")?;
    let mut path = Vec::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some(at) = memchr::memmem::find(rest, br"'\''") {
        path.extend_from_slice(&rest[..at]);
        path.push(b'\'');
        rest = &rest[at + 4..];
    }
    path.extend_from_slice(rest);
    Some(crate::git::path_of(&path))
}

/// True for a dispatcher of `unleak install --global` in which unleak judges.
#[must_use]
pub fn judges(hook: &[u8]) -> bool {
    script::judges(hook)
}
