//! Turns an [`Outcome`](crate::finding::Outcome) into what a person or a machine reads; never decides anything.
//!
//! INTERFACE (bodies: the report helper's):
//!
//! ```ignore
//! pub struct Summary { pub source: String /* "staged" */, pub what: String /* "3 files, 1.8 KB" */, pub elapsed: Duration, pub allowed_by_this_change: usize, pub notes: Vec<String> /* expired entries, configuration differs, .. */, pub mode_warn: bool }
//! pub struct Style { pub color: bool, pub hyperlinks: bool, pub show_secrets: bool, pub quiet: bool, pub verbose: bool, pub width: usize }
//! pub fn human(out: &mut dyn Write /* stdout: findings */, err: &mut dyn Write /* stderr: the rest */, &Outcome, &Summary, &Style) -> io::Result<()>;
//! pub fn json(out, &Outcome, &Summary, &Style) / jsonl(...)
//! /// escape.rs: bytes from names or content made safe for a terminal and a CI log.
//! pub fn escape(bytes: &[u8]) -> String;
//! /// mask.rs
//! pub fn masked(secret: &[u8], public: usize, show: bool) -> String;
//! ```
