//! Proves the gate: stages a made secret in a scratch copy of the repository and runs the repository's own hook there.
//!
//! Hands on [`prove`] and its [`Proof`]. The trap: a hook manager does what it likes (stash, reset, add, config), and refs,
//! stashes and configuration of a linked worktree are the user's own. So the scratch is a repository by itself that only
//! borrows the user's objects, and the user's is looked at before and after.

mod outcome;
mod scratch;
mod setup;
mod witness;

use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use crate::fingerprint::fingerprint;
use crate::git::{Repository, find_program};
use crate::shape::{Random, generate};

pub(super) use outcome::Ran;
use scratch::Scratch;
use witness::Witness;

/// One of the three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The hook stopped the commit, and what it printed names the canary's fingerprint.
    BlockedByUnleak,
    /// The hook stopped the commit for a reason of its own.
    BlockedByOther,
    /// The commit would have been made.
    NotBlocked,
}

impl Verdict {
    /// As people and machines read it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::BlockedByUnleak => "blocked by unleak",
            Self::BlockedByOther => "blocked by something else",
            Self::NotBlocked => "not blocked",
        }
    }
}

/// What came of the canary.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The answer.
    pub verdict: Verdict,
    /// The canary's fingerprint.
    pub fingerprint: String,
    /// Why, in a sentence.
    pub reason: String,
    /// The last lines that the hook printed, when the verdict is not the hoped for.
    pub output: Vec<String>,
    /// Paths of the user's repository that are not as they were; empty when the promise was kept.
    pub changed: Vec<String>,
}

/// How many lines of the hook's output are shown.
const SHOWN: usize = 12;

/// Runs the repository's own pre-commit hook on a canary.
///
/// # Errors
/// When the scratch repository cannot be made, or git not be run.
pub fn prove(repository: &Repository, patience: Duration) -> anyhow::Result<Proof> {
    let git = find_program("git").context("cannot send a canary: git is not on PATH")?;
    let top = repository.top().context("cannot send a canary: a bare repository has no commits to stop")?;
    let before = Witness::of(repository)?;
    let (name, content, fingerprint) = canary()?;
    let scratch = Scratch::make(repository, top, &git)?;
    scratch.stage(&name, &content)?;
    let own = scratch.judge()?;
    let ran = scratch.run_hook(patience)?;
    let left = scratch.has_staged(&name)?;
    drop(scratch);
    let changed = before.changes(&Witness::of(repository)?);
    let (verdict, reason) = weigh(&ran, &fingerprint, own, left, patience);
    let lines: Vec<&str> = ran.output.lines().filter(|line| !line.trim().is_empty()).collect();
    let output = match verdict {
        Verdict::BlockedByUnleak => Vec::new(),
        _ => lines[lines.len().saturating_sub(SHOWN)..].iter().map(|l| (*l).to_owned()).collect(),
    };
    Ok(Proof { verdict, fingerprint, reason, output, changed })
}

/// What the running program says to the canary by itself: the exit status.
type Own = Option<i32>;

fn weigh(ran: &Ran, fingerprint: &str, own: Own, left: bool, patience: Duration) -> (Verdict, String) {
    let seen = ran.output.contains(fingerprint);
    let because_of_settings = match own {
        Some(0) => {
            "; unleak's configuration here lets the canary pass (mode, strictness, an allowlist or a disabled rule)"
        }
        _ => "",
    };
    match (ran.status, seen) {
        (None, _) => (
            Verdict::BlockedByOther,
            format!(
                "the hook did not end within {} seconds; `--timeout 10m` gives it more",
                patience.as_secs()
            ),
        ),
        (Some(0), true) => (
            Verdict::NotBlocked,
            if because_of_settings.is_empty() {
                "unleak saw the canary, and the hook lost its exit status: look for `|| true`, or for commands after it".to_owned()
            } else {
                format!("unleak saw the canary and let it pass{because_of_settings}")
            },
        ),
        (Some(0), false) if !left => (
            Verdict::NotBlocked,
            "the hook took the file out of the index, and unleak did not name it".to_owned(),
        ),
        (Some(0), false) if ran.missing => {
            (Verdict::NotBlocked, "git runs no pre-commit hook here".to_owned())
        }
        (Some(0), false) => {
            (Verdict::NotBlocked, format!("the hook passed without a word of unleak's{because_of_settings}"))
        }
        (Some(_), true) => (Verdict::BlockedByUnleak, "the hook named the canary's fingerprint".to_owned()),
        (Some(status), false) => (
            Verdict::BlockedByOther,
            format!("the hook ended with status {status}, and did not name the canary's fingerprint"),
        ),
    }
}

/// A file's name, its content with a token that nobody has seen before, and the token's fingerprint.
fn canary() -> anyhow::Result<(String, Vec<u8>, String)> {
    let nonce = nonce();
    let secret = generate("ghp_{base62:30}{check:github-crc32}", &mut Random::new("canary", nonce))
        .map_err(anyhow::Error::msg)?;
    let content = [b"token = \"", &secret[..], b"\"\n"].concat();
    Ok((format!("unleak-canary-{nonce:016x}.txt"), content, fingerprint(&secret)))
}

/// Another at each call: the standard library seeds its hash maps from the system.
fn nonce() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// A path below another, for messages.
fn below<'a>(path: &'a Path, folder: &Path) -> &'a Path {
    path.strip_prefix(folder).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(status: Option<i32>, output: &str) -> Ran {
        Ran { status, output: output.to_owned(), missing: false }
    }

    #[test]
    fn the_three_answers_are_told_apart() {
        let mark = "u1-0123";
        let verdict = |ran: &Ran, own| weigh(ran, mark, own, true, Duration::from_secs(1)).0;
        assert_eq!(verdict(&ran(Some(1), "… u1-0123 …"), Some(1)), Verdict::BlockedByUnleak);
        assert_eq!(verdict(&ran(Some(1), "eslint: no"), Some(1)), Verdict::BlockedByOther);
        assert_eq!(verdict(&ran(None, "u1-0123"), Some(1)), Verdict::BlockedByOther);
        assert_eq!(verdict(&ran(Some(0), "… u1-0123 …"), Some(1)), Verdict::NotBlocked);
        assert_eq!(verdict(&ran(Some(0), ""), Some(1)), Verdict::NotBlocked);
    }

    #[test]
    fn no_two_canaries_are_alike() {
        let (one, other) = (canary().unwrap(), canary().unwrap());
        assert_ne!(one.2, other.2);
        assert_ne!(one.0, other.0);
    }
}
