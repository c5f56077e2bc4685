//! `unleak` judges what a commit adds and blocks it when it holds a secret.
//!
//! One way through the program: source → prefilter → detect → judge → resolve → allow → report. See ARCHITECTURE.md.

pub mod allow;
pub mod cli;
pub mod command;
pub mod detect;
pub mod doctor;
pub mod engine;
pub mod finding;
pub mod fingerprint;
#[doc(hidden)]
pub mod fuzzing;
pub mod git;
pub mod history;
pub mod install;
pub mod judge;
mod order;
pub mod redact;
pub mod report;
pub mod shape;
pub mod source;

pub mod text;
pub mod trial;
pub mod watch;

pub use command::run;
