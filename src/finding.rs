//! The vocabulary that every stage shares: what a finding is, where it stands, and what one run amounts to.
//!
//! Hands on: [`Outcome`], from which the report and the exit status derive. The trap: a secret's bytes live in
//! [`Secret`], whose `Debug` shows nothing, so that no log line or panic message prints one by accident.

use std::fmt;

/// What a secret gives away when it is used by a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Little: identifiers that help an attacker along.
    Low,
    /// Limited access, or access that needs something more.
    Medium,
    /// Access to one service's data.
    High,
    /// Live access to money, production or a whole account.
    Critical,
}

impl Severity {
    /// The word used in rule files, JSON and the human report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The inverse of [`Severity::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High, Self::Critical].into_iter().find(|s| s.as_str() == word)
    }
}

/// The bytes of a secret after decoding, with LF line ends and without leading blanks. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// Where a secret stands in a text: lines from 1, columns in bytes from 1, `end_column` the first byte after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// First line, from 1.
    pub line: usize,
    /// First byte in `line`, from 1.
    pub column: usize,
    /// Last line, from 1.
    pub end_line: usize,
    /// First byte after the secret in `end_line`, from 1.
    pub end_column: usize,
}

/// One line as the human report shows it: a bounded part of it, with the secrets on it located.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcerptLine {
    /// Line number, from 1.
    pub number: usize,
    /// The bytes shown: at most a few hundred around the secret, without the line end.
    pub text: Vec<u8>,
    /// How many bytes of the line stand before `text` (0 when it is shown from its start).
    pub skipped: usize,
    /// True when the line goes on after `text`.
    pub cut: bool,
    /// The spans of `text` that must be masked: every candidate's secret on this line, allowed ones too. Sorted,
    /// without overlaps.
    pub masks: Vec<Mask>,
}

/// A masked span of an [`ExcerptLine`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// Byte range within `ExcerptLine::text`.
    pub span: std::ops::Range<usize>,
    /// How many of its first bytes may be shown (a format's public prefix, at most a quarter of the secret).
    pub public: usize,
    /// True for the secret that this finding is about, which the report underlines.
    pub primary: bool,
}

/// A companion that stands near: the key id beside a secret key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// What it is to the secret, e.g. `key id`.
    pub role: String,
    /// Path bytes.
    pub path: Vec<u8>,
    /// Line from 1.
    pub line: usize,
    /// Column in bytes from 1.
    pub column: usize,
}

/// Where in a file that holds other things; a position then counts in the innermost of them, but for a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Inside {
    /// The archive member's name as it is written there, bytes; members of members joined by `!`.
    pub member: Option<Vec<u8>>,
    /// The layer of a container image.
    pub layer: Option<Layer>,
    /// The cell of a notebook. The position is the notebook file's all the same.
    pub cell: Option<Cell>,
    /// True when the file as a whole is the secret; it has no position then.
    pub whole: bool,
}

/// A layer of a container image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Layer {
    /// Its digest, `sha256:…`; for what stands in the image's configuration the configuration's own.
    pub digest: String,
    /// The instruction that made it, as the image's history has it; foreign text, empty when unknown.
    pub instruction: String,
    /// False when a later layer deletes or replaces the file: it is still in the image.
    pub visible: bool,
}

/// A cell of a notebook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// From 1, in the order of the file.
    pub number: usize,
    /// `input`, `output`, `metadata` or `attachment`.
    pub part: &'static str,
    /// Line in that part, from 1.
    pub line: usize,
}

/// One place where a secret stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// `u1-` and 20 hex digits, of the secret alone (see `fingerprint`).
    pub fingerprint: String,
    /// The rule's stable id.
    pub rule: String,
    /// What it is, in words.
    pub title: String,
    /// What it would give away, in words; empty when the rule does not say.
    pub grants: String,
    /// How bad that is.
    pub severity: Severity,
    /// 0 to 1; 1 only where a checksum or structure proves it.
    pub confidence: f64,
    /// Why it was judged real.
    pub reasons: Vec<String>,
    /// The secret itself.
    pub secret: Secret,
    /// How many first bytes of the secret are its format's public prefix, already capped at a quarter of its length.
    pub public: usize,
    /// Path bytes, relative to the repository's top (as given for `paths`).
    pub path: Vec<u8>,
    /// Where in the content; `None` for a finding on a name.
    pub position: Option<Position>,
    /// The position's `column` and `end_column` in UTF-16 code units, as SARIF and browsers count, where those are others.
    pub wide: Option<(usize, usize)>,
    /// Where inside the file, for what is an archive, an image or a notebook.
    pub inside: Inside,
    /// The lines to show a person; empty for a finding on a name.
    pub excerpt: Vec<ExcerptLine>,
    /// Companions that stand near.
    pub related: Vec<Related>,
    /// The page where it is revoked.
    pub revoke: Option<String>,
    /// Commit id, author and date, for sources that know them.
    pub commit: Option<CommitInfo>,
    /// Whether HEAD still has it, for sources that know.
    pub in_head: Option<bool>,
    /// What became of it, for history.
    pub since: Since,
}

/// What became of a secret after it entered history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Since {
    /// The branches that have it still, by their short names, bytes.
    pub branches: Vec<Vec<u8>>,
    /// The commit that took it away.
    pub removed: Option<CommitInfo>,
}

/// Where a finding entered history: a commit, or the annotated tag whose message it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitInfo {
    /// Hex id.
    pub id: String,
    /// The id is an annotated tag's.
    pub is_tag: bool,
    /// `Name <mail>`.
    pub author: String,
    /// Committer date, ISO 8601 in UTC.
    pub date: String,
}

impl CommitInfo {
    /// From what an annotated tag says; `seconds` since 1970.
    #[must_use]
    pub fn of_tag(id: String, tagger: &[u8], seconds: i64) -> Self {
        Self { is_tag: true, ..Self::new(id, tagger, seconds) }
    }

    /// From what a commit says; `seconds` since 1970.
    #[must_use]
    pub fn new(id: String, author: &[u8], seconds: i64) -> Self {
        let seconds = u64::try_from(seconds).unwrap_or(0);
        let (day, rest) = (crate::allow::Date::from_days(seconds / 86_400), seconds % 86_400);
        let date = format!("{day}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60);
        Self { id, is_tag: false, author: String::from_utf8_lossy(author).into_owned(), date }
    }
}

/// Something that could not be judged, or a limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// Path bytes; `None` when it concerns no single path.
    pub path: Option<Vec<u8>>,
    /// What could not be done and why, and what to do.
    pub reason: String,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files judged.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// All that one run, or a part of one, amounts to. `merge` is associative, so threads and shards add up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// What blocks.
    pub findings: Vec<Finding>,
    /// Likely enough to be told, not to stop a commit.
    pub shown: Vec<Finding>,
    /// What the team said is fine, with the entry that said so.
    pub allowed: Vec<Allowed>,
    /// What could not be judged.
    pub losses: Vec<Loss>,
    /// Limits reached inside containers.
    pub limits: Vec<Loss>,
    /// What was looked at.
    pub coverage: Coverage,
}

/// A finding that an allowlist let pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Allowed {
    /// The finding.
    pub finding: Finding,
    /// Which entry did it, in words.
    pub by: String,
    /// True when the allowance itself is part of the change being judged.
    pub by_this_change: bool,
}

impl Finding {
    /// The order of the report.
    fn before(&self, other: &Self) -> std::cmp::Ordering {
        fn key(f: &Finding) -> impl Ord {
            (&f.path, &f.inside, f.position, &f.rule, f.commit.as_ref().map(|commit| &commit.id))
        }
        key(self).cmp(&key(other))
    }
}

impl Outcome {
    /// Adds another part's outcome to this one.
    pub fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.shown.extend(other.shown);
        self.allowed.extend(other.allowed);
        self.losses.extend(other.losses);
        self.limits.extend(other.limits);
        self.coverage.files += other.coverage.files;
        self.coverage.bytes += other.coverage.bytes;
    }

    /// Puts everything in the order of the contract: path bytes, what is inside it, line, column, rule; then by commit.
    pub fn sort(&mut self) {
        crate::order::sort_by(&mut self.findings, Finding::before);
        crate::order::sort_by(&mut self.shown, Finding::before);
        crate::order::sort_by(&mut self.allowed, |a, b| a.finding.before(&b.finding));
        crate::order::sort(&mut self.losses);
        crate::order::sort(&mut self.limits);
    }
}
