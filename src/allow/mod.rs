//! Drops what the team has said is fine, and remembers which entry did it.
//!
//! Hands on: [`Config`] (one file, checked), [`Settings`] (single values by their order), [`Allowances`] (does anything allow
//! this finding, and what), [`inline_allows`] and, for `unleak allow`, [`edit`]. The trap: allowing must never become wider
//! than the person meant, so what is empty, misspelt, expired or matches everything is an error or allows nothing.

mod allowances;
mod bounds;
mod check;
mod config;
mod date;
pub mod edit;
mod error;
mod glob;
mod inline;
pub mod keys;
mod pattern;
pub mod schema;
mod settings;

pub use allowances::{Allowances, AllowedBy, Question};
pub use bounds::Bounds;
pub use check::RuleIds;
pub use config::{
    Allowlist, Config, CustomRule, Entry, Exceeded, FILE_NAME, Mode, Origin, Stopword, Strictness,
};
pub use date::Date;
pub(crate) use error::printable;
pub use error::{ConfigError, ConfigProblem};
pub use glob::check as check_glob;
pub use inline::{Inline, inline_allows};
pub use pattern::{Pattern, PatternKind};
pub use settings::{Overrides, Settings};

#[cfg(test)]
mod tests;
