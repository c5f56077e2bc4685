//! The command line: one table of commands and flags, and what is made from it. Nothing here runs a command.
//!
//! Hands on an [`Invocation`] from [`parse`], and the texts that are made from the same table ([`Artifact`]). The trap:
//! arguments are bytes; a path or a hook's argument stays an [`OsString`] from the system to the command.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

mod amount;
mod bash;
mod fish;
mod help;
mod man;
mod parse;
mod powershell;
mod suggest;
pub mod table;
#[cfg(test)]
mod tests;
mod zsh;

pub use crate::allow::Strictness;
pub use crate::report::Color;
pub use parse::{UsageError, parse};

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    /// Run a command.
    Run(Command, Options),
    /// Print this on standard output, status 0: help, the version.
    Print(String),
}

/// A command with its own flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Judge the staged diff.
    Staged,
    /// Judge what a hook is about to let through.
    Hook {
        /// One of those that the table lists.
        name: String,
        /// As git or the hook manager gives them.
        arguments: Vec<OsString>,
    },
    /// Install the hooks.
    Install {
        /// Which; empty for the default ones.
        hooks: Vec<String>,
        /// For all repositories of this user.
        global: bool,
        /// One of the table's words; never together with `global`.
        team: Option<String>,
    },
    /// Remove the hooks.
    Uninstall {
        /// Those for all repositories of this user.
        global: bool,
        /// Also hooks of ours that were edited since.
        force: bool,
    },
    /// Add an entry to the allowlist.
    Allow {
        /// As given: not checked here.
        fingerprint: String,
        /// A glob.
        path: Option<String>,
        /// Why it is fine; not blank.
        reason: String,
        /// As given: not checked here.
        expires: Option<String>,
    },
    /// Explain how a line is judged.
    Explain {
        /// `PATH:LINE`, `PATH` or `-`, taken apart by the command.
        place: OsString,
        /// The work tree's content, though the file is staged.
        work_tree: bool,
    },
    /// Say whether the gate stands here.
    Doctor {
        /// Prove it.
        canary: bool,
        /// How long the hook may take.
        timeout: Option<Duration>,
    },
    /// Mask secrets in what streams by.
    Redact {
        /// Run the command and mask what it prints.
        exec: bool,
        /// A program and its arguments; empty to read standard input.
        command: Vec<OsString>,
        /// Lists of names of variables.
        env_secrets: Vec<String>,
    },
    /// Judge a container image.
    Image {
        /// A file or folder; `-` is standard input.
        path: OsString,
        /// When to end.
        time_limit: Option<Duration>,
    },
    /// Judge files and folders.
    Paths {
        /// As given; `-` is standard input. Empty for the current folder.
        paths: Vec<OsString>,
        /// Globs of what is left out.
        exclude: Vec<String>,
        /// Leave out what git ignores.
        respect_gitignore: bool,
        /// In bytes.
        max_file_size: Option<u64>,
        /// Let be what cannot be read.
        skip_unreadable: bool,
        /// When to end.
        time_limit: Option<Duration>,
    },
    /// Judge everything that was ever committed.
    History {
        /// Also what no reference reaches.
        unreachable: bool,
        /// When to end.
        time_limit: Option<Duration>,
        /// Look at everything anew, and keep nothing for the next run.
        no_cache: bool,
    },
    /// Judge what commits add.
    Range {
        /// `A..B` or one revision each; empty to find it from a CI service's variables.
        ranges: Vec<String>,
        /// Commit ids stand on standard input.
        stdin: bool,
        /// As given: not checked here.
        since: Option<String>,
        /// When to end.
        time_limit: Option<Duration>,
    },
    /// List rules, show one, or try their examples.
    Rules {
        /// `test`, an id, or words to look for.
        words: Vec<String>,
        /// Part of the provider's name.
        provider: Option<String>,
        /// One of the table's words.
        severity: Option<String>,
        /// One of the table's words.
        kind: Option<String>,
        /// Only the configuration's own.
        own: bool,
    },
    /// Print what is made from the table.
    Generate(Artifact),
}

/// Flags of every command. `UNLEAK_*` variables are taken in already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// What to print on stdout.
    pub format: Format,
    /// Where to write it instead; `-` is stdout.
    pub output: Option<PathBuf>,
    /// When to colour.
    pub color: Color,
    /// Only what was found or not judged.
    pub quiet: bool,
    /// What was allowed too, and every place. Never together with `quiet`.
    pub verbose: bool,
    /// Print secrets whole.
    pub show_secrets: bool,
    /// Overrules the configuration.
    pub strictness: Option<Strictness>,
    /// Stands in for the repository's configuration.
    pub config: Option<PathBuf>,
}

/// What to print on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// One finding a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// One page to read and filter in a browser.
    Html,
}

impl Format {
    /// True for the forms that only a report of findings has: what else is listed has none of them.
    #[must_use]
    pub fn is_of_findings(self) -> bool {
        matches!(self, Self::Sarif | Self::Github | Self::Html)
    }
}

/// A text made from a table, kept in the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Artifact {
    /// Completions for bash.
    Bash,
    /// Completions for zsh.
    Zsh,
    /// Completions for fish.
    Fish,
    /// Completions for PowerShell.
    PowerShell,
    /// The man page, in roff.
    Man,
    /// The JSON Schema of the configuration.
    Schema,
}

impl Artifact {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Bash, Self::Zsh, Self::Fish, Self::PowerShell, Self::Man, Self::Schema];

    /// The word that `unleak generate` takes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::PowerShell => "powershell",
            Self::Man => "man",
            Self::Schema => "schema",
        }
    }

    /// Where the repository keeps it.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Bash => "completions/unleak.bash",
            Self::Zsh => "completions/_unleak",
            Self::Fish => "completions/unleak.fish",
            Self::PowerShell => "completions/_unleak.ps1",
            Self::Man => "man/unleak.1",
            Self::Schema => "schema/unleak.schema.json",
        }
    }

    /// The text.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Bash => bash::script(),
            Self::Zsh => zsh::script(),
            Self::Fish => fish::script(),
            Self::PowerShell => powershell::script(),
            Self::Man => man::page(),
            Self::Schema => crate::allow::schema::schema(),
        }
    }
}
