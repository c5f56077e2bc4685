//! Masks secrets in text that streams by: logs, the output of commands.
//!
//! Hands on the masked bytes of each [`Stream`], as soon as a line is whole; [`Masks`] is shared by the streams of a run, so
//! that one secret has one mask. The trap: what was handed on cannot be taken back, so a key block that has begun and the
//! tail of an unfinished line are held, and nothing else is.

pub mod environment;
mod forms;
mod held;
mod known;
mod parts;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use crate::allow::{Allowances, ConfigError, Question};
use crate::detect::rulefile::Kind;
use crate::detect::{BrokenRule, RuleSet};
use crate::judge;

use known::Known;
pub use stream::Stream;

/// Distinct secrets that have a number of their own; those that come later share a mask without one.
const MOST_NUMBERED: usize = 20_000;

/// The shortest secret that is masked wherever it stands, once it was found somewhere.
const SHORTEST_REMEMBERED: usize = 8;

/// Why a stream cannot be masked any further.
#[derive(Debug)]
pub enum RedactError {
    /// A rule's regex does not compile.
    Rule(BrokenRule),
    /// The configuration cannot be asked.
    Configuration(ConfigError),
}

impl std::fmt::Display for RedactError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rule(broken) => write!(f, "the regex of rule `{}` does not compile", broken.rule),
            Self::Configuration(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RedactError {}

/// A part of the text that a mask stands in for.
#[derive(Debug, Clone)]
struct Span {
    range: Range<usize>,
    mask: Arc<str>,
}

/// What is masked in a run, and by which mask.
pub struct Masks<'a> {
    rules: &'a RuleSet,
    blocks: f64,
    allowances: &'a Allowances,
    known: Known,
    /// For a line of a key block that is told line by line.
    key_line: Arc<str>,
    /// The masks of what the rules found.
    masks: HashMap<Vec<u8>, Arc<str>>,
    /// How many secrets of a rule have a number.
    numbers: HashMap<String, usize>,
    fingerprints: HashMap<Vec<u8>, String>,
    seen: HashSet<Arc<str>>,
    places: usize,
}

impl<'a> Masks<'a> {
    /// Masks what these rules find with at least the confidence `blocks`, unless it is allowed.
    #[must_use]
    pub fn new(rules: &'a RuleSet, blocks: f64, allowances: &'a Allowances) -> Self {
        Self {
            rules,
            blocks,
            allowances,
            known: Known::default(),
            key_line: "[private-key]".into(),
            masks: HashMap::new(),
            numbers: HashMap::new(),
            fingerprints: HashMap::new(),
            seen: HashSet::new(),
            places: 0,
        }
    }

    /// Masks this value of the environment wherever it stands, as it is and as base64, URLs and JSON write it. False when
    /// it is too short for that.
    pub fn add_variable(&mut self, name: &str, value: &[u8]) -> bool {
        let mask: Arc<str> = format!("[env:{name}]").into();
        let forms = forms::of(value);
        let masked = forms.first().is_some_and(|whole| whole.len() >= known::SHORTEST);
        if masked {
            // So that a rule that finds it calls it by this name too.
            self.masks.insert(forms[0].clone(), mask.clone());
        }
        for form in forms {
            self.known.insert(form, &mask);
        }
        masked
    }

    /// What the rules find in the environment itself: the password in a connection string, a token under a plain name.
    ///
    /// # Errors
    /// When it cannot be judged.
    pub fn add_found_in(&mut self, environment: &[u8]) -> Result<(), RedactError> {
        self.found(environment).map(drop)
    }

    /// Distinct secrets that were masked, and in how many places.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.seen.len(), self.places)
    }

    fn count(&mut self, span: &Span) {
        self.places += 1;
        if !self.seen.contains(&span.mask) {
            self.seen.insert(span.mask.clone());
        }
    }

    /// Everything in `text` that must not be handed on, by place, without overlaps.
    fn spans(&mut self, text: &[u8]) -> Result<Vec<Span>, RedactError> {
        let mut spans = self.found(text)?;
        self.known.find(text, &mut spans);
        spans.sort_by_key(|span| (span.range.start, std::cmp::Reverse(span.range.end)));
        let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.range.start < last.range.end => {
                    last.range.end = last.range.end.max(span.range.end);
                }
                _ => merged.push(span),
            }
        }
        Ok(merged)
    }

    fn found(&mut self, bytes: &[u8]) -> Result<Vec<Span>, RedactError> {
        let mut spans = Vec::new();
        for judged in parts::judge(self.rules, self.blocks, bytes).map_err(RedactError::Rule)? {
            let rule = self.rules.rule(judged.rule);
            let raw = &bytes[judged.secret.clone()];
            let is_encoded = judged.encoded.is_some();
            let secret = judged.value.unwrap_or_else(|| judge::normalised(raw));
            if self.is_allowed(rule.id(), &secret, line_at(bytes, judged.secret.start))? {
                continue;
            }
            let plain =
                Some(secret.clone()).filter(|plain| is_encoded && is_worth_remembering(plain, rule.kind()));
            let mask = self.mask(rule.id(), secret);
            if is_worth_remembering(raw, rule.kind()) {
                self.known.insert(raw.to_vec(), &mask);
            }
            if let Some(plain) = plain {
                self.known.insert(plain, &mask);
            }
            spans.push(Span { range: judged.secret, mask });
        }
        Ok(spans)
    }

    fn is_allowed(&mut self, rule: &str, secret: &[u8], line: &[u8]) -> Result<bool, RedactError> {
        let fingerprints = std::cell::RefCell::new(&mut self.fingerprints);
        let fingerprint = || {
            let mut known = fingerprints.borrow_mut();
            if known.len() > MOST_NUMBERED {
                known.clear();
            }
            let own = || crate::fingerprint::fingerprint(secret);
            known.entry(secret.to_vec()).or_insert_with(own).clone()
        };
        let question = Question { rule, path: None, secret, line, fingerprint: &fingerprint };
        Ok(self.allowances.allows(&question).map_err(RedactError::Configuration)?.is_some())
    }

    fn mask(&mut self, rule: &str, secret: Vec<u8>) -> Arc<str> {
        if let Some(mask) = self.masks.get(&secret) {
            return mask.clone();
        }
        if self.masks.len() >= MOST_NUMBERED {
            return format!("[{rule}]").into();
        }
        let number = self.numbers.entry(rule.to_owned()).or_default();
        *number += 1;
        let mask: Arc<str> = format!("[{rule}#{number}]").into();
        self.masks.insert(secret, mask.clone());
        mask
    }
}

fn line_at(bytes: &[u8], at: usize) -> &[u8] {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    &bytes[start..memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end)]
}

/// A value found under a name may be a word that stands elsewhere for something else.
fn is_worth_remembering(raw: &[u8], kind: Kind) -> bool {
    raw.len() >= SHORTEST_REMEMBERED
        && !raw.contains(&b'\n')
        && (kind == Kind::Specific || !raw.iter().all(u8::is_ascii_alphabetic))
}
