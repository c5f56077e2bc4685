//! Drops what the team has said is fine, and remembers which entry did it.
//!
//! INTERFACE (bodies: the allow helper's):
//!
//! ```ignore
//! pub struct Config { pub mode: Mode, pub strictness: Strictness, pub allowlist: Allowlist, pub disable: Vec<String>,
//!     pub rule_allowlists: BTreeMap<String, Allowlist>, pub custom: Vec<CustomRule>, pub limits_exceeded: Exceeded, .. }
//! impl Config {
//!     /// `name` is what messages call the file. Errors carry line, column, the nearest valid key.
//!     pub fn parse(name: &str, text: &str) -> Result<Config, ConfigError>;
//!     /// Order of single values: flag, UNLEAK_* variable, repository, user, default; allowlists add up.
//!     pub fn layered(user: Option<Config>, repository: Option<Config>) -> Config;
//! }
//! pub struct CustomRule { pub id, pub title, pub severity, pub regex: String, pub keywords: Vec<String>, ... }
//! pub struct Question<'a> { pub rule: &'a str, pub path: &'a [u8], pub secret: &'a [u8], pub line: &'a [u8], pub fingerprint: &'a dyn Fn() -> String }
//! pub struct Allowances; // compiled on first question only (globs, regexes cost start-up)
//! impl Allowances { pub fn new(&Config, today: Date) -> Result<Self, ConfigError>; pub fn allows(&self, &Question) -> Option<String /* which entry, in words */>;
//!     pub fn expired(&self) -> Vec<String>; }
//! /// inline.rs: does a comment on this line (or `allow-next-line` on the one before) allow the rule?
//! pub fn inline_allows(line_before: Option<&[u8]>, line: &[u8], rule: &str) -> Option<Inline>;
//! ```
