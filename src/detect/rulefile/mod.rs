//! Reads rule files and checks each rule against its own promises.
//!
//! Used twice: by the build, for `rules/*.toml`, and at run time, for the rules of a configuration. Hands on
//! [`RuleSource`]s whose regex is bounded, has its one group and is covered by its keywords. The trap: it may depend on
//! nothing else of this crate, since the build compiles it on its own.

mod charset;
mod context;
mod fields;
mod file;

use std::ops::Range;

use toml::de::DeTable;

use super::regexfacts::{RegexFacts, RegexProblem, regex_facts};
use fields::Fields;

pub use charset::{charset, padded};
pub use context::{CONTEXT_KEYS, Context, folded, parse_context};
pub use file::{FILE_KEYS, FileSource, Magic, NamePattern, parse_file_rule};

/// The shortest keyword, in bytes: shorter ones hit everywhere.
pub const SHORTEST_KEYWORD: usize = 3;

/// The words for severity, by rank.
pub const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];

/// How much of its own a rule's format has: the most specific rule wins where two claim the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A value beside a name that says secret.
    Generic,
    /// A value that needs a provider's name beside it.
    Context,
    /// A prefix or structure of its own.
    Specific,
}

/// Which bytes may not touch a secret on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Boundary {
    /// Anything may.
    None,
    /// Letters, digits and `_`.
    Word,
    /// Those and `-`.
    Token,
    /// Those, `+`, `/` and `=`.
    Base64,
}

/// Own code that finds what a regex should not: bodies of any length, values beside names. `context` and `file` are for
/// `[[context]]` and `[[file]]` tables alone.
pub const MATCHERS: [&str; 18] = [
    "regex",
    "assignment",
    "header",
    "url",
    "logged",
    "jwt",
    "openssh",
    "openssh-encrypted",
    "pem",
    "pem-encrypted",
    "pgp",
    "pgp-encrypted",
    "putty",
    "putty-encrypted",
    "service-account",
    "known",
    "context",
    "file",
];

/// How many of [`MATCHERS`] a `[[rule]]` may name.
const RULE_MATCHERS: usize = MATCHERS.len() - 2;

/// A companion that is reported under `related`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pair {
    /// The companion's rule id; empty when it is known by its name alone.
    pub rule: String,
    /// Lower-case words, one of which the name of the companion contains.
    pub names: Vec<String>,
    /// What it is to the secret.
    pub role: String,
    /// How many lines away it may stand.
    pub lines: u16,
}

/// One rule as its author wrote it, checked.
#[derive(Debug, Clone)]
pub struct RuleSource {
    /// Stable id.
    pub id: String,
    /// What it finds, in words.
    pub title: String,
    /// Ids that it had before; configurations may still use them.
    pub former: Vec<String>,
    /// Display name of who issued it; empty when nobody in particular.
    pub provider: String,
    /// Names of the services that its file covers.
    pub services: Vec<String>,
    /// Index into [`SEVERITIES`].
    pub severity: u8,
    /// What it would give away.
    pub grants: String,
    /// Lower-case keywords.
    pub keywords: Vec<String>,
    /// The regex, empty for other matchers.
    pub regex: String,
    /// Index into [`MATCHERS`].
    pub matcher: u8,
    /// Which bytes may not touch the secret.
    pub boundary: Boundary,
    /// Bytes of the secret that are its format's public prefix.
    pub public: u8,
    /// True when it names something and opens nothing by itself.
    pub identifier: bool,
    /// The set by which a secret goes on behind what the regex matches; empty: it does not.
    pub rest: String,
    /// Names of offline proofs.
    pub checks: Vec<String>,
    /// Least entropy of the part after the prefix, in hundredths of a bit a byte.
    pub entropy: u16,
    /// Where it is revoked.
    pub revoke: String,
    /// Where its format is documented.
    pub source: String,
    /// How specific it is.
    pub kind: Kind,
    /// Its companions.
    pub pairs: Vec<Pair>,
    /// For `[[context]]` entries.
    pub context: Option<Context>,
    /// For `[[file]]` entries.
    pub file: Option<FileSource>,
    /// Shapes to generate findings from.
    pub examples: Vec<String>,
    /// Shapes that must not be found.
    pub counter_examples: Vec<String>,
    /// What the regex says about itself.
    pub facts: RegexFacts,
}

/// One rule file.
#[derive(Debug, Clone, Default)]
pub struct RuleFile {
    /// Names of services, as users know them.
    pub services: Vec<String>,
    /// Rules and contexts, in file order.
    pub rules: Vec<RuleSource>,
}

/// Something wrong in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Byte range in the file's text.
    pub span: Range<usize>,
    /// What is wrong and what to do.
    pub message: String,
}

/// The line and column (both from 1, the column in bytes) of a byte offset.
#[must_use]
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    (before.iter().filter(|&&b| b == b'\n').count() + 1, before.len() - line_start + 1)
}

/// Parses a whole rule file; `checks` are the names of the checks that exist.
///
/// # Errors
/// Every problem found, each with its place.
pub fn parse_file(text: &str, checks: &[&str]) -> Result<RuleFile, Vec<Problem>> {
    let parsed = DeTable::parse(text).map_err(|error| {
        vec![Problem { span: error.span().unwrap_or(0..0), message: error.message().to_owned() }]
    })?;
    let mut file = RuleFile::default();
    let mut problems = Vec::new();
    let table = parsed.get_ref();
    let mut fields = Fields::new(table, 0..0, &mut problems);
    let provider = fields.text("provider").unwrap_or_default();
    let documentation = fields.text("documentation").unwrap_or_default();
    let services = fields.texts("services");
    let rules = fields.tables("rule");
    let contexts = fields.tables("context");
    let files = fields.tables("file");
    fields.finish(&["provider", "services", "documentation", "rule", "context", "file"]);
    let defaults = Defaults { provider: &provider, source: &documentation, services: &services, checks };
    let mut add = |parsed: Result<RuleSource, Vec<Problem>>| match parsed {
        Ok(rule) => file.rules.push(rule),
        Err(found) => problems.extend(found),
    };
    rules.into_iter().for_each(|(entry, span)| add(parse_rule(entry, span, &defaults)));
    contexts.into_iter().for_each(|(entry, span)| add(parse_context(entry, span, &defaults)));
    files.into_iter().for_each(|(entry, span)| add(parse_file_rule(entry, span, &defaults)));
    file.services = services;
    if problems.is_empty() { Ok(file) } else { Err(problems) }
}

/// What a rule takes over from its file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Defaults<'a> {
    /// Display name of the provider.
    pub provider: &'a str,
    /// Page that documents the formats.
    pub source: &'a str,
    /// Names of its services.
    pub services: &'a [String],
    /// The names of all checks that exist.
    pub checks: &'a [&'a str],
}

/// The keys that a `[[rule]]` may have, for messages and the configuration's schema.
pub const RULE_KEYS: [&str; 20] = [
    "id",
    "title",
    "severity",
    "grants",
    "keywords",
    "regex",
    "matcher",
    "boundary",
    "public",
    "identifier",
    "rest",
    "checks",
    "entropy",
    "revoke",
    "source",
    "kind",
    "pair",
    "former",
    "examples",
    "counter_examples",
];

/// Parses one `[[rule]]` (or `[[rules.custom]]`) table; `span` is where it stands.
///
/// # Errors
/// Every problem found, each with its place.
pub fn parse_rule(
    table: &DeTable<'_>,
    span: Range<usize>,
    defaults: &Defaults<'_>,
) -> Result<RuleSource, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut fields = Fields::new(table, span.clone(), &mut problems);
    let mut rule = common(&mut fields, defaults);
    let keyword_spans = fields.spans("keywords");
    rule.keywords = fields.texts("keywords");
    for keyword in &mut rule.keywords {
        keyword.make_ascii_lowercase();
    }
    let regex_span = fields.span("regex");
    rule.regex = fields.text("regex").unwrap_or_default();
    let matcher = fields.choice("matcher", &MATCHERS[..RULE_MATCHERS]).unwrap_or(0);
    rule.matcher = u8::try_from(matcher).unwrap_or(0);
    rule.boundary = match fields.choice("boundary", &["word", "none", "token", "base64"]) {
        Some(1) => Boundary::None,
        Some(2) => Boundary::Token,
        Some(3) => Boundary::Base64,
        _ => Boundary::Word,
    };
    let public = fields.number("public", 0, 64);
    rule.rest = fields.rest(rule.regex.is_empty());
    rule.kind = match fields.choice("kind", &["specific", "context", "generic"]) {
        Some(1) => Kind::Context,
        Some(2) => Kind::Generic,
        _ => Kind::Specific,
    };
    fields.finish(&RULE_KEYS);

    // What `known` looks for is only there at run time.
    if rule.keywords.is_empty() && MATCHERS[matcher] != "known" {
        problem(&mut problems, &span, "a rule needs `keywords`: without one it would run on every file");
    }
    for (keyword, span) in rule.keywords.iter().zip(&keyword_spans) {
        if keyword.len() < SHORTEST_KEYWORD || keyword.len() > 64 {
            let message = format!("keyword `{keyword}`: 3 to 64 bytes, since shorter ones hit everywhere");
            problem(&mut problems, span, &message);
        }
    }
    if matcher == 0 {
        match regex_facts(&rule.regex, &rule.keywords) {
            Ok(facts) => rule.facts = facts,
            Err(RegexProblem { keyword, message }) => {
                let span = keyword.and_then(|at| keyword_spans.get(at)).unwrap_or(&regex_span);
                problem(&mut problems, span, &message);
            }
        }
    } else if !rule.regex.is_empty() {
        problem(&mut problems, &regex_span, "a rule has either `regex` or another `matcher`");
    }
    rule.public = public.map_or_else(
        || u8::try_from(rule.facts.secret_prefix.min(64)).unwrap_or(0),
        |given| u8::try_from(given).unwrap_or(0),
    );
    if problems.is_empty() { Ok(rule) } else { Err(problems) }
}

/// What all kinds of tables have.
fn common(fields: &mut Fields<'_, '_>, defaults: &Defaults<'_>) -> RuleSource {
    let id = fields.id("id").unwrap_or_default();
    if fields.get("id").is_none() {
        fields.missing("`id` is needed: lower-case letters, digits and `-`");
    }
    let checks_span = fields.span("checks");
    let checks = fields.texts("checks");
    for check in checks.iter().filter(|check| !defaults.checks.contains(&check.as_str())) {
        let message = format!("no check is called `{check}` (there are: {})", defaults.checks.join(", "));
        problem(fields.problems, &checks_span, &message);
    }
    RuleSource {
        title: fields.text("title").unwrap_or_else(|| id.clone()),
        former: fields.ids("former"),
        id,
        provider: defaults.provider.to_owned(),
        services: defaults.services.to_vec(),
        severity: fields.choice("severity", &SEVERITIES).map_or(2, |rank| u8::try_from(rank).unwrap_or(2)),
        grants: fields.text("grants").unwrap_or_default(),
        keywords: Vec::new(),
        regex: String::new(),
        matcher: 0,
        boundary: Boundary::Word,
        public: 0,
        identifier: fields.flag("identifier"),
        rest: String::new(),
        checks,
        entropy: fields.decimal("entropy", 8.0).map_or(0, |bits| (bits * 100.0).round() as u16),
        revoke: fields.text("revoke").unwrap_or_default(),
        source: fields.text("source").unwrap_or_else(|| defaults.source.to_owned()),
        kind: Kind::Specific,
        pairs: fields.pairs("pair"),
        context: None,
        file: None,
        examples: fields.texts("examples"),
        counter_examples: fields.texts("counter_examples"),
        facts: RegexFacts::default(),
    }
}

fn matcher(name: &str) -> u8 {
    MATCHERS.iter().position(|known| *known == name).and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
}

fn problem(problems: &mut Vec<Problem>, span: &Range<usize>, message: &str) {
    problems.push(Problem { span: span.clone(), message: message.to_owned() });
}
