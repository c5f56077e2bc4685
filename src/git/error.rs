//! What can go wrong between this program and a repository, with the data that a message needs.
//!
//! Hands on: [`GitError`], whose `Display` says what could not be done, why, and what to do. The trap: names, git's own
//! messages and libgit2's carry bytes that a repository chose, so everything foreign goes through [`printable`].

use std::fmt;
use std::path::{Path, PathBuf};

use super::ObjectId;

/// Why the repository could not be asked. Every one of them means exit status 2: nothing was judged, or not all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitError {
    /// No repository here, or one that neither libgit2 nor git can open.
    NotARepository {
        /// What libgit2 or git said.
        reason: String,
    },
    /// The repository belongs to somebody else and git's `safe.directory` does not name it.
    NotOwned {
        /// What git said, its remedy included.
        reason: String,
    },
    /// A bare repository has no index, so nothing can be staged there.
    Bare,
    /// `GIT_INDEX_FILE` names a file that is not there although HEAD has files.
    IndexMissing {
        /// The file, resolved against the work tree's top.
        path: PathBuf,
    },
    /// The index could not be understood by our reader, by libgit2, nor by git.
    IndexUnreadable {
        /// What was wrong with it.
        reason: String,
    },
    /// An object that the repository refers to is not there.
    ObjectMissing {
        /// Which one.
        id: ObjectId,
    },
    /// An object is there and cannot be read, or is not of the kind that was expected.
    ObjectUnreadable {
        /// Which one.
        id: ObjectId,
        /// Why, without a path.
        reason: String,
    },
    /// Directories are nested deeper than git itself follows.
    TooDeep,
    /// No commit goes by that name.
    UnknownRevision {
        /// As it was given.
        revision: String,
    },
    /// HEAD, or another reference, is broken (an unborn branch is not).
    BrokenReference {
        /// `HEAD`, `MERGE_HEAD`, …
        name: String,
        /// Why.
        reason: String,
    },
    /// Two commits have no common ancestor.
    NoMergeBase,
    /// The repository needs git itself, and no `git` is on PATH.
    GitNotFound {
        /// Why libgit2 alone does not do.
        because: String,
    },
    /// The repository needs a newer git than the one on PATH.
    GitTooOld {
        /// The version found.
        found: String,
        /// The oldest one that does.
        needed: &'static str,
        /// What an older one would do.
        because: &'static str,
    },
    /// A git command failed.
    GitFailed {
        /// The sub-command, e.g. `diff-index`.
        command: &'static str,
        /// The first line that it wrote to standard error.
        reason: String,
    },
    /// Something else that the system or libgit2 refused.
    Failed {
        /// What could not be done, e.g. `read the configuration`.
        what: &'static str,
        /// Why.
        reason: String,
    },
}

impl GitError {
    /// Wraps an error of libgit2 that concerns no object or reference in particular.
    pub(super) fn library(what: &'static str, error: &git2::Error) -> Self {
        Self::Failed { what, reason: printable(error.message().as_bytes()) }
    }

    /// Wraps an error of the system, which names the file itself.
    pub(super) fn io(what: &'static str, path: &Path, error: &std::io::Error) -> Self {
        let path = printable(path.as_os_str().as_encoded_bytes());
        Self::Failed { what, reason: format!("{path}: {error}") }
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARepository { reason } => write!(
                f,
                "cannot open a git repository here: {reason}; run unleak inside a work tree"
            ),
            Self::NotOwned { reason } => {
                write!(f, "cannot open the repository: git does not trust its owner: {reason}")
            }
            Self::Bare => f.write_str(
                "cannot judge a staged change: this is a bare repository, which has no index; run unleak in a work tree",
            ),
            Self::IndexMissing { path } => write!(
                f,
                "cannot judge the staged change: the index that GIT_INDEX_FILE names, {}, is not there; \
                 run the hook from git, or unset GIT_INDEX_FILE",
                printable(path.as_os_str().as_encoded_bytes())
            ),
            Self::IndexUnreadable { reason } => write!(
                f,
                "cannot read git's index: {reason}; look at `git status`, and when it fails too remove the index file \
                 and run `git reset`"
            ),
            Self::ObjectMissing { id } => write!(
                f,
                "cannot read object {id}: it is missing from the repository; run `git fsck`, or fetch it with \
                 `git cat-file -p {id}`"
            ),
            Self::ObjectUnreadable { id, reason } => {
                write!(f, "cannot read object {id}: {reason}; run `git fsck` to see what is broken")
            }
            Self::TooDeep => f.write_str(
                "cannot compare directories: they are nested too deep; look at `git ls-tree -r -d HEAD`",
            ),
            Self::UnknownRevision { revision } => write!(
                f,
                "cannot find the commit `{}`: no revision goes by that name here; fetch it first, or look at `git log`",
                printable(revision.as_bytes())
            ),
            Self::BrokenReference { name, reason } => {
                write!(f, "cannot follow {}: {reason}; look at `git status`", printable(name.as_bytes()))
            }
            Self::NoMergeBase => f.write_str(
                "cannot find where the two commits part: they have no common ancestor here; a shallow clone may need \
                 `git fetch --unshallow`",
            ),
            Self::GitNotFound { because } => write!(
                f,
                "cannot open the repository without git itself ({because}): no `git` is on PATH; install git, or put it on PATH"
            ),
            Self::GitTooOld { found, needed, because } => write!(
                f,
                "cannot read the repository through git {found}: {because}; update git to {needed} or newer"
            ),
            Self::GitFailed { command, reason } => write!(
                f,
                "cannot read the repository: `git {command}` failed: {reason}; run it by hand to see more"
            ),
            Self::Failed { what, reason } => {
                write!(f, "cannot {what}: {reason}; look at `git status` and `git fsck`")
            }
        }
    }
}

impl std::error::Error for GitError {}

/// The first line of foreign text as one printable line: at most 300 characters, controls (C1 and bidirectional
/// overrides too) escaped, invalid UTF-8 written `\xNN`.
pub(super) fn printable(text: &[u8]) -> String {
    let line = text.split(|&b| b == b'\n').find(|l| !l.is_empty()).unwrap_or_default();
    let mut out = String::new();
    for chunk in line.utf8_chunks() {
        for c in chunk.valid().chars() {
            let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}');
            if c.is_control() || hidden {
                out.extend(c.escape_default());
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
        if out.len() > 300 {
            let cut = (0..=300).rev().find(|&i| out.is_char_boundary(i)).unwrap_or(0);
            out.truncate(cut);
            out.push('…');
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_becomes_one_printable_line() {
        assert_eq!(printable(b"fatal: \x1b[31mred\xff\nsecond"), "fatal: \\u{1b}[31mred\\xff");
        assert_eq!(printable("\u{202e}x\u{9b}".as_bytes()), "\\u{202e}x\\u{9b}");
        assert_eq!(printable(b"\n\nafter blanks"), "after blanks");
        assert!(printable(&[b'a'; 5000]).chars().count() <= 301);
    }
}
