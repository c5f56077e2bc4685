//! Reads rule files and checks each rule against its own promises.
//!
//! Used twice: by the build, for `rules/*.toml`, and at run time, for `[[rules.custom]]`. Hands on [`RuleSource`]s whose
//! regex is bounded, has its one group and is covered by its keywords. The trap: it may depend on nothing else of this
//! crate, since the build compiles it on its own.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::regexfacts::{RegexFacts, regex_facts};

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

/// Own code that finds what a regex should not: bodies of any length, values beside names. `context` is for
/// `[[context]]` tables alone.
pub const MATCHERS: [&str; 16] = [
    "regex",
    "assignment",
    "header",
    "url",
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
];

const CONTEXT_MATCHER: usize = MATCHERS.len() - 1;

/// A companion that is reported under `related`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The companion's rule id.
    pub rule: String,
    /// What it is to the secret.
    pub role: String,
    /// How many lines away it may stand.
    pub lines: u16,
}

/// What a `[[context]]` entry adds: a value without a prefix, beside its service's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Lower-case words, one of which must stand near.
    pub services: Vec<String>,
    /// A name of [`charset`].
    pub charset: String,
    /// Lengths in bytes, both ends included.
    pub lengths: Vec<(u16, u16)>,
    /// Lower-case words, one of which the assigned name must contain; empty: any.
    pub names: Vec<String>,
}

/// One rule as its author wrote it, checked.
#[derive(Debug, Clone)]
pub struct RuleSource {
    /// Stable id.
    pub id: String,
    /// What it finds, in words.
    pub title: String,
    /// Display name of who issued it; empty when nobody in particular.
    pub provider: String,
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
    /// Its companion.
    pub pair: Option<Pair>,
    /// For `[[context]]` entries.
    pub context: Option<Context>,
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

/// The names of [`charset`], those with the same bytes once.
pub const CHARSETS: [&str; 15] = [
    "hex",
    "HEX",
    "digits",
    "lower",
    "upper",
    "alpha",
    "base62",
    "lower-alnum",
    "upper-alnum",
    "base32",
    "base32-lower",
    "base58",
    "base64",
    "base64url",
    "uuid",
];

/// The bytes of a named character set, as rule files and shapes call them.
#[must_use]
pub fn charset(name: &str) -> Option<&'static [u8]> {
    Some(match name {
        "hex" => b"0123456789abcdef",
        "HEX" => b"0123456789ABCDEF",
        "digits" => b"0123456789",
        "lower" => b"abcdefghijklmnopqrstuvwxyz",
        "upper" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "alpha" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "base62" | "alnum" => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "lower-alnum" | "base36" => b"0123456789abcdefghijklmnopqrstuvwxyz",
        "upper-alnum" => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "base32" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "base32-lower" => b"abcdefghijklmnopqrstuvwxyz234567",
        "base58" => b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        "base64" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "base64url" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "uuid" => b"0123456789abcdefABCDEF-",
        "printable" => {
            b"!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
        }
        _ => return None,
    })
}

/// The line and column (both from 1, the column in bytes) of a byte offset.
#[must_use]
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    (before.iter().filter(|&&b| b == b'\n').count() + 1, before.len() - line_start + 1)
}

/// Parses a whole rule file.
///
/// # Errors
/// Every problem found, each with its place.
pub fn parse_file(text: &str) -> Result<RuleFile, Vec<Problem>> {
    let parsed = DeTable::parse(text).map_err(|error| {
        vec![Problem { span: error.span().unwrap_or(0..0), message: error.message().to_owned() }]
    })?;
    let mut file = RuleFile::default();
    let mut problems = Vec::new();
    let table = parsed.get_ref();
    let mut fields = Fields::new(table, 0..0, &mut problems);
    let provider = fields.text("provider").unwrap_or_default();
    let documentation = fields.text("documentation").unwrap_or_default();
    file.services = fields.texts("services");
    let rules = fields.tables("rule");
    let contexts = fields.tables("context");
    fields.finish(&["provider", "services", "documentation", "rule", "context"]);
    let defaults = Defaults { provider: &provider, source: &documentation };
    for (entry, span) in rules {
        match parse_rule(entry, span, &defaults) {
            Ok(rule) => file.rules.push(rule),
            Err(found) => problems.extend(found),
        }
    }
    for (entry, span) in contexts {
        match parse_context(entry, span, &defaults) {
            Ok(rule) => file.rules.push(rule),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(file) } else { Err(problems) }
}

/// What a rule takes over from its file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Defaults<'a> {
    /// Display name of the provider.
    pub provider: &'a str,
    /// Page that documents the formats.
    pub source: &'a str,
}

const COMMON_KEYS: [&str; 8] =
    ["id", "title", "severity", "grants", "revoke", "source", "examples", "counter_examples"];

/// The keys that a rule may have, for messages and the configuration's schema.
pub const RULE_KEYS: [&str; 17] = [
    "id",
    "title",
    "severity",
    "grants",
    "keywords",
    "regex",
    "matcher",
    "boundary",
    "public",
    "checks",
    "entropy",
    "revoke",
    "source",
    "kind",
    "pair",
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
    let keyword_span = fields.span("keywords");
    rule.keywords = fields.texts("keywords");
    for keyword in &mut rule.keywords {
        keyword.make_ascii_lowercase();
    }
    let regex_span = fields.span("regex");
    rule.regex = fields.text("regex").unwrap_or_default();
    let matcher = fields.choice("matcher", &MATCHERS[..CONTEXT_MATCHER]).unwrap_or(0);
    rule.matcher = u8::try_from(matcher).unwrap_or(0);
    rule.boundary = match fields.choice("boundary", &["word", "none", "token", "base64"]) {
        Some(1) => Boundary::None,
        Some(2) => Boundary::Token,
        Some(3) => Boundary::Base64,
        _ => Boundary::Word,
    };
    let public = fields.number("public", 0, 64);
    rule.checks = fields.texts("checks");
    rule.entropy = fields.decimal("entropy", 8.0).map_or(0, |bits| (bits * 100.0).round() as u16);
    rule.kind = match fields.choice("kind", &["specific", "context", "generic"]) {
        Some(1) => Kind::Context,
        Some(2) => Kind::Generic,
        _ => Kind::Specific,
    };
    rule.pair = fields.pair("pair");
    fields.finish(&RULE_KEYS);

    // What `known` looks for is only there at run time.
    if rule.keywords.is_empty() && MATCHERS[usize::from(rule.matcher)] != "known" {
        problem(&mut problems, &span, "a rule needs `keywords`: without one it would run on every file");
    }
    for keyword in rule.keywords.iter().filter(|k| k.len() < SHORTEST_KEYWORD || k.len() > 64) {
        let message = format!("keyword `{keyword}`: 3 to 64 bytes, since shorter ones hit everywhere");
        problem(&mut problems, &keyword_span, &message);
    }
    if matcher == 0 {
        match regex_facts(&rule.regex, &rule.keywords) {
            Ok(facts) => rule.facts = facts,
            Err(message) => problem(&mut problems, &regex_span, &message),
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

/// Parses one `[[context]]` table.
fn parse_context(
    table: &DeTable<'_>,
    span: Range<usize>,
    defaults: &Defaults<'_>,
) -> Result<RuleSource, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut fields = Fields::new(table, span.clone(), &mut problems);
    let mut rule = common(&mut fields, defaults);
    rule.kind = Kind::Context;
    rule.matcher = CONTEXT_MATCHER as u8;
    let mut services = fields.texts("service");
    let mut names = fields.texts("names");
    for word in services.iter_mut().chain(&mut names) {
        word.make_ascii_lowercase();
    }
    let charset_span = fields.span("charset");
    let charset_name = fields.text("charset").unwrap_or_default();
    let length_span = fields.span("length");
    let length = fields.text("length").unwrap_or_default();
    let mut keys = COMMON_KEYS.to_vec();
    keys.extend(["service", "names", "charset", "length"]);
    fields.finish(&keys);

    if services.is_empty() || services.iter().any(|s| s.len() < 3) {
        problem(&mut problems, &span, "`service`: at least one word of three letters or more");
    }
    if charset(&charset_name).is_none() {
        problem(&mut problems, &charset_span, "unknown charset (hex, base62, lower-alnum, base64url, …)");
    }
    let lengths = parse_lengths(&length);
    if lengths.is_empty() {
        problem(
            &mut problems,
            &length_span,
            "`length` is written \"32\", \"20-40\" or \"32,64\", from 8 to 512",
        );
    }
    rule.context = Some(Context { services, charset: charset_name, lengths, names });
    if problems.is_empty() { Ok(rule) } else { Err(problems) }
}

fn parse_lengths(text: &str) -> Vec<(u16, u16)> {
    let ranges: Option<Vec<(u16, u16)>> = text
        .split(',')
        .map(|part| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
            (8 <= low && low <= high && high <= 512).then_some((low, high))
        })
        .collect();
    ranges.unwrap_or_default()
}

fn common(fields: &mut Fields<'_, '_>, defaults: &Defaults<'_>) -> RuleSource {
    let id = fields.text("id").unwrap_or_default();
    let well_formed = !id.is_empty()
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && id.as_bytes()[0].is_ascii_lowercase();
    if !well_formed {
        let span = fields.span("id");
        problem(fields.problems, &span, "`id` is needed: lower-case letters, digits and `-`");
    }
    RuleSource {
        title: fields.text("title").unwrap_or_else(|| id.clone()),
        id,
        provider: defaults.provider.to_owned(),
        severity: fields.choice("severity", &SEVERITIES).map_or(2, |rank| u8::try_from(rank).unwrap_or(2)),
        grants: fields.text("grants").unwrap_or_default(),
        keywords: Vec::new(),
        regex: String::new(),
        matcher: 0,
        boundary: Boundary::Word,
        public: 0,
        checks: Vec::new(),
        entropy: 0,
        revoke: fields.text("revoke").unwrap_or_default(),
        source: fields.text("source").unwrap_or_else(|| defaults.source.to_owned()),
        kind: Kind::Specific,
        pair: None,
        context: None,
        examples: fields.texts("examples"),
        counter_examples: fields.texts("counter_examples"),
        facts: RegexFacts::default(),
    }
}

fn problem(problems: &mut Vec<Problem>, span: &Range<usize>, message: &str) {
    problems.push(Problem { span: span.clone(), message: message.to_owned() });
}

/// Typed access to one TOML table that notes what is wrong and where.
struct Fields<'a, 'p> {
    table: &'a DeTable<'a>,
    at: Range<usize>,
    problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Fields<'a, 'p> {
    fn new(table: &'a DeTable<'_>, at: Range<usize>, problems: &'p mut Vec<Problem>) -> Self {
        Self { table, at, problems }
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    fn span(&self, key: &str) -> Range<usize> {
        self.get(key).map_or_else(|| self.at.clone(), Spanned::span)
    }

    fn wrong(&mut self, key: &str, wanted: &str) {
        let span = self.span(key);
        self.problems.push(Problem { span, message: format!("`{key}` takes {wanted}") });
    }

    fn text(&mut self, key: &str) -> Option<String> {
        let value = self.get(key)?.get_ref();
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(key, "a string");
        }
        text
    }

    fn texts(&mut self, key: &str) -> Vec<String> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let texts: Option<Vec<String>> = value
            .get_ref()
            .as_array()
            .and_then(|array| array.iter().map(|v| v.get_ref().as_str().map(str::to_owned)).collect());
        texts.unwrap_or_else(|| {
            self.wrong(key, "an array of strings");
            Vec::new()
        })
    }

    fn tables(&mut self, key: &str) -> Vec<(&'a DeTable<'a>, Range<usize>)> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let tables: Option<Vec<_>> = value
            .get_ref()
            .as_array()
            .and_then(|array| array.iter().map(|v| Some((v.get_ref().as_table()?, v.span()))).collect());
        tables.unwrap_or_else(|| {
            self.wrong(key, "tables, each under `[[…]]`");
            Vec::new()
        })
    }

    fn choice(&mut self, key: &str, words: &[&str]) -> Option<usize> {
        let text = self.text(key)?;
        let rank = words.iter().position(|word| *word == text);
        if rank.is_none() {
            self.wrong(key, &format!("one of {}", words.join(", ")));
        }
        rank
    }

    fn number(&mut self, key: &str, low: u32, high: u32) -> Option<u32> {
        let value = self.get(key)?.get_ref();
        let number = value.as_integer().and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok());
        let number = number.filter(|n| (low..=high).contains(n));
        if number.is_none() {
            self.wrong(key, &format!("a whole number from {low} to {high}"));
        }
        number
    }

    fn decimal(&mut self, key: &str, high: f64) -> Option<f64> {
        let value = self.get(key)?.get_ref();
        let number = match value {
            DeValue::Float(float) => float.as_str().parse().ok(),
            DeValue::Integer(integer) => integer.as_str().parse().ok(),
            _ => None,
        };
        let number = number.filter(|n| (0.0..=high).contains(n));
        if number.is_none() {
            self.wrong(key, &format!("a number from 0 to {high}"));
        }
        number
    }

    fn pair(&mut self, key: &str) -> Option<Pair> {
        let value = self.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(key, "a table with rule, role and lines");
            return None;
        };
        let mut inner = Fields::new(table, value.span(), self.problems);
        let pair = Pair {
            rule: inner.text("rule").unwrap_or_default(),
            role: inner.text("role").unwrap_or_default(),
            lines: inner.number("lines", 0, 200).map_or(10, |n| u16::try_from(n).unwrap_or(10)),
        };
        inner.finish(&["rule", "role", "lines"]);
        Some(pair)
    }

    fn finish(self, known: &[&str]) {
        for key in self.table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let message = format!("unknown key `{}` (known: {})", key.get_ref(), known.join(", "));
                self.problems.push(Problem { span: key.span(), message });
            }
        }
    }
}
