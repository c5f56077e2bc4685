//! Holds a parsed configuration against the table of its keys and finds everything that is wrong, not only the first.
//!
//! Hands on: [`Checker`], whose problems carry byte offsets, and [`Places`], which turns those into lines and columns. The
//! trap: values may be secrets that somebody pasted into the wrong key, so no message repeats one (globs and ids aside).

use std::cell::OnceCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::date::Date;
use super::error::{nearest, quoted};
use super::keys::{Kind, Section};
use super::{glob, pattern};
use crate::detect::rulefile;
use crate::detect::rules::renamed;
use crate::fingerprint::is_fingerprint;

/// The ids of the rules that are built in; asked for only when a configuration names one.
pub type RuleIds<'a> = &'a (dyn Fn() -> Vec<&'static str> + Sync);

/// Where the lines of a text start.
pub(super) struct Places {
    newlines: Vec<usize>,
    bom: usize,
}

impl Places {
    pub(super) fn new(text: &[u8]) -> Self {
        let bom = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self { newlines: memchr::memchr_iter(b'\n', text).collect(), bom }
    }

    /// Line and column of a byte offset, both from 1; a BOM counts nothing.
    pub(super) fn of(&self, offset: usize) -> (usize, usize) {
        let line = self.newlines.partition_point(|newline| *newline < offset);
        let start = if line == 0 { self.bom } else { self.newlines[line - 1] + 1 };
        (line + 1, offset.saturating_sub(start) + 1)
    }
}

/// Collects what is wrong.
pub(super) struct Checker<'a> {
    pub(super) problems: Vec<(usize, String)>,
    built_in: RuleIds<'a>,
    custom: Vec<String>,
    known: OnceCell<Vec<String>>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(top: &DeTable<'_>, built_in: RuleIds<'a>) -> Self {
        let custom = custom_tables(top).filter_map(|(_, table, _)| {
            table.get("id").and_then(|id| id.get_ref().as_str()).map(str::to_owned)
        });
        Self { problems: Vec::new(), built_in, custom: custom.collect(), known: OnceCell::new() }
    }

    pub(super) fn problem(&mut self, at: usize, message: impl Into<String>) {
        self.problems.push((at, message.into()));
    }

    /// Checks a table; `name` is what messages call it, empty for the whole file.
    pub(super) fn table(&mut self, table: &DeTable<'_>, section: &Section, name: &str, span: &Range<usize>) {
        self.unknown_keys(table, section, name);
        for key in section.keys {
            match table.get(key.name) {
                Some(value) => {
                    let inner =
                        if name.is_empty() { key.name.to_owned() } else { format!("{name}.{}", key.name) };
                    self.value(value, &key.kind, &inner);
                }
                None if key.required => {
                    self.problem(span.start, format!("`{name}` needs `{}`: {}", key.name, key.doc));
                }
                None => {}
            }
        }
    }

    fn unknown_keys(&mut self, table: &DeTable<'_>, section: &Section, name: &str) {
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if section.key(word).is_none() {
                let place = if name.is_empty() { String::new() } else { format!(" in `{name}`") };
                let hint = nearest(word, section.keys.iter().map(|key| key.name));
                self.problem(key.span().start, format!("unknown key {}{place}; {hint}", quoted(word)));
            }
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, kind: &Kind, name: &str) {
        let at = value.span().start;
        let inner = value.get_ref();
        match (kind, inner) {
            (Kind::Version, DeValue::String(text)) => {
                if version(text).is_none() {
                    self.problem(at, format!("`{name}` is written like \"0.1\" or \"0.1.0\""));
                }
            }
            (Kind::Choice(words), DeValue::String(text)) => {
                if !words.contains(&text.as_ref()) {
                    let hint = nearest(text, words.iter().copied());
                    self.problem(at, format!("`{name}` is one of {}; {hint}", words.join(", ")));
                }
            }
            (Kind::Reason, DeValue::String(text)) => {
                if text.trim().is_empty() {
                    self.problem(
                        at,
                        format!("`{name}` is empty: say in a few words why this secret is fine"),
                    );
                }
            }
            (Kind::Fingerprint, DeValue::String(text)) => {
                if !is_fingerprint(text) {
                    self.problem(
                        at,
                        format!("`{name}` is `u1-` and 20 hex digits in lower case, as a finding shows it"),
                    );
                }
            }
            (Kind::Date, DeValue::Datetime(datetime)) => {
                let plain = datetime.time.is_none() && datetime.offset.is_none();
                if date(inner).is_none() || !plain {
                    self.problem(at, format!("`{name}` is a day without a time, like 2027-06-30"));
                }
            }
            (Kind::Date, DeValue::String(text)) if Date::parse(text).is_some() => {
                self.problem(at, format!("`{name}` is a date: write it without quotes"));
            }
            (Kind::Glob, DeValue::String(text)) => self.glob(text, at, name),
            (Kind::Globs, DeValue::Array(array)) => {
                self.texts(array, name, |this, text, at| this.glob(text, at, name));
            }
            (Kind::Regexes, DeValue::Array(array)) => self.texts(array, name, |this, text, at| {
                if let Some(message) = pattern::check_regex(text) {
                    this.problem(at, format!("`{name}`: {message}"));
                }
            }),
            (Kind::Stopwords, DeValue::Array(array)) => self.texts(array, name, |this, text, at| {
                if let Some(message) = pattern::check_stopword(text) {
                    this.problem(at, format!("`{name}`: {message}"));
                }
            }),
            (Kind::RuleIds, DeValue::Array(array)) => {
                self.texts(array, name, |this, text, at| this.rule_id(text, at, name));
            }
            (Kind::Table(section), DeValue::Table(table)) => self.table(table, section, name, &value.span()),
            (Kind::Tables(section), DeValue::Array(array)) => {
                self.tables(array, name, |this, table, span| this.table(table, section, name, span));
            }
            (Kind::ByRule(section), DeValue::Table(table)) => {
                for (rule, value) in table {
                    let inner = format!("{name}.{}", rule.get_ref());
                    self.rule_id(rule.get_ref(), rule.span().start, name);
                    self.value(value, &Kind::Table(section), &inner);
                }
            }
            (Kind::Rules(section), DeValue::Array(array)) => {
                self.tables(array, name, |this, table, _| this.unknown_keys(table, section, name));
            }
            (Kind::Texts, DeValue::Array(array)) => self.texts(array, name, |_, _, _| {}),
            (Kind::Whole(low, high), DeValue::Integer(_)) => {
                if !whole(inner).is_some_and(|number| (*low..=*high).contains(&number)) {
                    self.problem(at, format!("`{name}` is a whole number from {low} to {high}"));
                }
            }
            (Kind::Bool, DeValue::Boolean(_)) => {}
            _ => self.problem(at, format!("`{name}` takes {}", wanted(kind))),
        }
    }

    fn texts(&mut self, array: &DeArray<'_>, name: &str, mut each: impl FnMut(&mut Self, &str, usize)) {
        for value in array.iter() {
            let at = value.span().start;
            match value.get_ref().as_str() {
                Some(text) => each(self, text, at),
                None => self.problem(at, format!("`{name}` takes strings, in quotes")),
            }
        }
    }

    fn tables(
        &mut self,
        array: &DeArray<'_>,
        name: &str,
        mut each: impl FnMut(&mut Self, &DeTable<'_>, &Range<usize>),
    ) {
        for value in array.iter() {
            match value.get_ref().as_table() {
                Some(table) => each(self, table, &value.span()),
                None => self
                    .problem(value.span().start, format!("`{name}` takes tables, each under `[[{name}]]`")),
            }
        }
    }

    fn glob(&mut self, text: &str, at: usize, name: &str) {
        if let Some(message) = glob::check(text) {
            self.problem(at, format!("`{name}` {}: {message}", quoted(text)));
        }
    }

    pub(super) fn rule_id(&mut self, id: &str, at: usize, name: &str) {
        let known = self.known.get_or_init(|| {
            (self.built_in)().into_iter().map(str::to_owned).chain(self.custom.iter().cloned()).collect()
        });
        if known.iter().any(|rule| rule == id) || renamed(id).is_some() {
            return;
        }
        let hint = nearest(id, known.iter().map(String::as_str));
        let list = if hint.is_empty() { "`unleak rules` lists them" } else { &hint };
        let message = format!("`{name}` names the rule {}, which does not exist; {list}", quoted(id));
        self.problem(at, message);
    }

    /// A custom rule's id may not be taken.
    pub(super) fn free_id(&mut self, kind: Brought, id: &str, at: usize) {
        let taken = (self.built_in)().contains(&id) || renamed(id).is_some();
        if taken || self.custom.iter().filter(|other| *other == id).count() > 1 {
            let by = if taken { "a built-in rule" } else { "another custom rule" };
            self.problem(
                at,
                format!("`{}`: the id {} is taken by {by}; choose another", kind.name(), quoted(id)),
            );
        }
    }
}

/// The kinds of rules that a configuration may bring, by the key of their tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brought {
    Rule,
    Context,
    File,
}

impl Brought {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Rule, "custom"), (Self::Context, "context"), (Self::File, "file")];

    /// As messages call its tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rule => "rules.custom",
            Self::Context => "rules.context",
            Self::File => "rules.file",
        }
    }

    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Rule => &rulefile::RULE_KEYS,
            Self::Context => &rulefile::CONTEXT_KEYS,
            Self::File => &rulefile::FILE_KEYS,
        }
    }
}

/// The `[[rules.custom]]`, `[[rules.context]]` and `[[rules.file]]` tables and where each stands.
pub(super) fn custom_tables<'t>(
    top: &'t DeTable<'t>,
) -> impl Iterator<Item = (Brought, &'t DeTable<'t>, Range<usize>)> {
    let rules = top.get("rules").and_then(|rules| rules.get_ref().as_table());
    Brought::ALL.into_iter().flat_map(move |(kind, key)| {
        let array = rules.and_then(|rules| rules.get(key)).and_then(|value| value.get_ref().as_array());
        let tables = array.into_iter().flat_map(|array| array.iter());
        tables.filter_map(move |v| Some((kind, v.get_ref().as_table()?, v.span())))
    })
}

/// What `detect::rulefile` has against a rule, without the unknown keys that the table of keys tells better.
pub(super) fn rule_problems(
    kind: Brought,
    table: &DeTable<'_>,
    problems: Vec<rulefile::Problem>,
) -> Vec<(usize, String)> {
    let unknown: Vec<Range<usize>> = table
        .keys()
        .filter(|key| !kind.keys().contains(&key.get_ref().as_ref()))
        .map(Spanned::span)
        .collect();
    problems
        .into_iter()
        .filter(|problem| !unknown.contains(&problem.span))
        .map(|problem| (problem.span.start, format!("`{}`: {}", kind.name(), one_line(&problem.message))))
        .collect()
}

/// A regex's error draws the regex over several lines and ends with what is wrong; the place is told already.
fn one_line(message: &str) -> String {
    match (message.split_once(':'), message.lines().last()) {
        (Some((what, rest)), Some(last)) if rest.contains('\n') => {
            format!("{what}: {}", last.trim_start_matches("error: "))
        }
        _ => message.to_owned(),
    }
}

/// The parts of `0.1` or `0.1.0`; those left out count as 0.
pub(super) fn version(text: &str) -> Option<[u32; 3]> {
    let mut parts = [0; 3];
    for (index, part) in text.split('.').enumerate() {
        let digits = (1..=6).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        *parts.get_mut(index)? = if digits { part.parse().ok()? } else { return None };
    }
    Some(parts)
}

/// A whole number that is not negative and fits.
pub(super) fn whole(value: &DeValue<'_>) -> Option<u32> {
    let integer = value.as_integer()?;
    u32::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// The day of a TOML date.
pub(super) fn date(value: &DeValue<'_>) -> Option<Date> {
    let date = value.as_datetime()?.date?;
    Date::new(date.year, date.month, date.day)
}

fn wanted(kind: &Kind) -> &'static str {
    match kind {
        Kind::Version => "a version in quotes, like \"0.1\"",
        Kind::Bool => "true or false",
        Kind::Choice(_) | Kind::Text | Kind::Reason | Kind::Fingerprint | Kind::Glob => "a string, in quotes",
        Kind::Date => "a date without quotes, like 2027-06-30",
        Kind::Globs | Kind::Regexes | Kind::Stopwords | Kind::RuleIds | Kind::Texts => {
            "an array of strings, like [\"one\", \"two\"]"
        }
        Kind::Whole(..) => "a whole number",
        Kind::Decimal(_) => "a number",
        Kind::Table(_) => "a table, under a `[…]` header",
        Kind::OneOrMore(_) => "a table, or an array of tables",
        Kind::Tables(_) | Kind::Rules(_) => "tables, each under a `[[…]]` header",
        Kind::ByRule(_) => "a table for each rule, like `[rules.allow.github-token]`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_byte_columns() {
        let text = "\u{feff}a = 1\r\né = 2\n".as_bytes();
        let places = Places::new(text);
        assert_eq!(places.of(3), (1, 1));
        assert_eq!(places.of(7), (1, 5));
        assert_eq!(places.of(10), (2, 1));
        assert_eq!(places.of(13), (2, 4));
        assert_eq!(places.of(text.len()), (3, 1));
    }

    #[test]
    fn versions_are_numbers() {
        assert_eq!(version("0.1"), Some([0, 1, 0]));
        assert_eq!(version("1"), Some([1, 0, 0]));
        assert!(version("0.1.10") > version("0.1.9"));
        for wrong in ["", ".", "0.", "v1", "1.2.3.4", "1.-2", "1. 2", "99999999999"] {
            assert_eq!(version(wrong), None, "{wrong}");
        }
    }
}
