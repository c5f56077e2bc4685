//! The flags, and nothing that runs.
pub use crate::report::Color;
use std::ffi::OsString;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Human,
    Json,
    Jsonl,
}

pub use crate::allow::Strictness;
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub format: Format,
    pub color: Color,
    pub quiet: bool,
    pub verbose: bool,
    pub show_secrets: bool,
    pub strictness: Option<Strictness>,
    pub config: Option<std::path::PathBuf>,
}

#[derive(Debug, Clone)]
pub enum Command {
    Staged,
    Hook { name: String, arguments: Vec<OsString> },
}
