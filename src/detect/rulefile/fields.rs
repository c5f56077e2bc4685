//! Typed access to one TOML table that notes what is wrong and where.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Pair, Problem, charset, padded};

/// A table that is being read.
pub(super) struct Fields<'a, 'p> {
    table: &'a DeTable<'a>,
    at: Range<usize>,
    pub(super) problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Fields<'a, 'p> {
    pub(super) fn new(table: &'a DeTable<'_>, at: Range<usize>, problems: &'p mut Vec<Problem>) -> Self {
        Self { table, at, problems }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    pub(super) fn span(&self, key: &str) -> Range<usize> {
        self.get(key).map_or_else(|| self.at.clone(), Spanned::span)
    }

    /// Where each element of an array stands.
    pub(super) fn spans(&self, key: &str) -> Vec<Range<usize>> {
        let array = self.get(key).and_then(|value| value.get_ref().as_array());
        array.into_iter().flat_map(|array| array.iter()).map(Spanned::span).collect()
    }

    /// Notes that the table lacks something.
    pub(super) fn missing(&mut self, message: &str) {
        self.problems.push(Problem { span: self.at.clone(), message: message.to_owned() });
    }

    fn wrong(&mut self, key: &str, wanted: &str) {
        let span = self.span(key);
        self.problems.push(Problem { span, message: format!("`{key}` takes {wanted}") });
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.get(key)?.get_ref();
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(key, "a string");
        }
        text
    }

    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
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

    pub(super) fn tables(&mut self, key: &str) -> Vec<(&'a DeTable<'a>, Range<usize>)> {
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

    pub(super) fn choice(&mut self, key: &str, words: &[&str]) -> Option<usize> {
        let text = self.text(key)?;
        let rank = words.iter().position(|word| *word == text);
        if rank.is_none() {
            self.wrong(key, &format!("one of {}", words.join(", ")));
        }
        rank
    }

    pub(super) fn number(&mut self, key: &str, low: u32, high: u32) -> Option<u32> {
        let value = self.get(key)?.get_ref();
        let number = value.as_integer().and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok());
        let number = number.filter(|n| (low..=high).contains(n));
        if number.is_none() {
            self.wrong(key, &format!("a whole number from {low} to {high}"));
        }
        number
    }

    pub(super) fn decimal(&mut self, key: &str, high: f64) -> Option<f64> {
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

    /// A rule's id, which is a contract: configurations name it.
    pub(super) fn id(&mut self, key: &str) -> Option<String> {
        let id = self.text(key)?;
        if !is_id(&id) {
            self.wrong(key, "lower-case letters, digits and `-`, a letter first");
        }
        Some(id)
    }

    pub(super) fn ids(&mut self, key: &str) -> Vec<String> {
        let ids = self.texts(key);
        if !ids.iter().all(|id| is_id(id)) {
            self.wrong(key, "ids: lower-case letters, digits and `-`, a letter first");
        }
        ids
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        let Some(value) = self.get(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(key, "true or false");
            false
        })
    }

    /// The set by which a secret goes on behind a regex.
    pub(super) fn rest(&mut self, without_regex: bool) -> String {
        let Some(rest) = self.text("rest") else { return String::new() };
        if without_regex || charset(padded(&rest).0).is_none() {
            self.wrong("rest", "a character set (base64, base64url=, base62+-_., …), and goes with `regex`");
        }
        rest
    }

    /// One companion, or several as an array of tables.
    pub(super) fn pairs(&mut self, key: &str) -> Vec<Pair> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let tables: Option<Vec<(&DeTable<'_>, Range<usize>)>> = match value.get_ref() {
            DeValue::Table(table) => Some(vec![(table, value.span())]),
            DeValue::Array(array) => {
                array.iter().map(|v| Some((v.get_ref().as_table()?, v.span()))).collect()
            }
            _ => None,
        };
        let Some(tables) = tables else {
            self.wrong(key, "a table with rule or names, role and lines, or an array of such tables");
            return Vec::new();
        };
        tables.into_iter().map(|(table, span)| self.pair(table, span)).collect()
    }

    fn pair(&mut self, table: &'a DeTable<'a>, span: Range<usize>) -> Pair {
        let mut inner = Fields::new(table, span.clone(), self.problems);
        let mut pair = Pair {
            rule: inner.text("rule").unwrap_or_default(),
            names: inner.texts("names"),
            role: inner.text("role").unwrap_or_default(),
            lines: inner.number("lines", 0, 200).map_or(10, |n| u16::try_from(n).unwrap_or(10)),
        };
        pair.names.iter_mut().for_each(|name| name.make_ascii_lowercase());
        inner.finish(&["rule", "names", "role", "lines"]);
        if pair.rule.is_empty() == pair.names.is_empty() || pair.role.is_empty() {
            let message = "`pair` needs a `role`, and either the `rule` or the `names` of the companion";
            self.problems.push(Problem { span, message: message.to_owned() });
        }
        pair
    }

    pub(super) fn finish(self, known: &[&str]) {
        for key in self.table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let message = format!("unknown key `{}` (known: {})", key.get_ref(), known.join(", "));
                self.problems.push(Problem { span: key.span(), message });
            }
        }
    }
}

fn is_id(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && id.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
}
