//! Turns an [`Outcome`](crate::finding::Outcome) into what a person or a machine reads; never decides anything.
//!
//! Hands on bytes: findings to stdout, everything else to stderr. The trap: every name, line, title and reason is
//! foreign text (a rule may come from the repository), so all of it is escaped and every secret masked before a write.
//! A closed pipe comes back as the writer's [`std::io::Error`].

use std::time::Duration;

mod doctor;
mod escape;
mod excerpt;
mod explain;
mod github;
mod html;
mod human;
mod json;
mod mask;
mod paint;
pub mod progress;
mod sarif;
mod terminal;
#[cfg(test)]
mod tests;
mod wording;

pub use doctor::{doctor_human, doctor_json};
pub use escape::{escape, for_json};
pub use explain::{Explained, Explanation, Verdict, human as explain_human, json as explain_json};
pub use github::github;
pub use html::html;
pub use human::human;
pub(crate) use json::object as json_object;
pub use json::{json, jsonl};
pub use mask::masked;
pub use sarif::sarif;
pub use terminal::{Color, DEFAULT_WIDTH, Surface};
pub(crate) use wording::{size, wrap};

/// How to print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// What stdout can do.
    pub out: Surface,
    /// What stderr can do.
    pub err: Surface,
    /// Print secrets whole.
    pub show_secrets: bool,
    /// Only findings and what could not be judged.
    pub quiet: bool,
    /// Also what was allowed and by which entry, all places of a secret, confidences.
    pub verbose: bool,
}

/// What the report says about the run as a whole; decided by the command, only worded here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The source's name in JSON: `staged`.
    pub source: &'static str,
    /// What was judged, after a number of files and bytes: `staged changes`; may be empty.
    pub subject: &'static str,
    /// What was counted besides its bytes, in the plural or as one: `files and messages`, `message`; empty for files.
    pub unit: &'static str,
    /// Why there was nothing to judge, when no file was: `nothing is staged`.
    pub empty: &'static str,
    /// The exit status that the command has decided on: 0, 1 or 2.
    pub status: u8,
    /// What a status other than 0 stops: `commit`; `None` when it stops nothing.
    pub stops: Option<&'static str>,
    /// It is waiting for the answer now, as in a hook; else the report says that it would be blocked.
    pub waits: bool,
    /// How a person takes a secret out again.
    pub remedy: Remedy,
    /// How long it took; told to people only.
    pub elapsed: Duration,
    /// One line each: expired entries, a configuration that differs from the work tree's, renamed rules.
    pub notes: Vec<String>,
}

/// How a person takes a secret out of what was judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Remedy {
    /// Take it out of the source: nothing is known of how it got there.
    #[default]
    Remove,
    /// Unstage it.
    Unstage {
        /// There is no commit yet, so that `git restore --staged` has nothing to restore.
        first_commit: bool,
        /// The person stands below the top, so that paths must say that they start there.
        below_top: bool,
    },
    /// Write the commit's message anew.
    Message,
    /// The same, and unstage what is staged.
    MessageAndIndex,
    /// Take it out of commits that are not published yet.
    Rewrite,
    /// The same, told by a server, where nobody can skip the check.
    Refused {
        /// Pushed configuration and comments may allow something there.
        trusts: bool,
    },
}
