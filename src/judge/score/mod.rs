//! Judges what has no prefix: a sum of learned weights over what value, name, form and place say.
//!
//! Hands on a [`Score`] with a calibrated probability and its reasons. The trap: sums are integers in 1/1000 nat, and
//! the only floating-point step is the last, a table look-up, so that every machine gives the same answer.

mod features;
mod language;
mod model;
mod name;
mod place;
mod value;

pub use features::{Active, COUNT, describe};

use super::placeholder;
use crate::detect::assignment::{Form, Found};

/// The confidence that blocks, for relaxed, balanced and strict.
pub const BLOCKS: [f64; 3] = model::BLOCKS;
/// The confidence from which a candidate that does not block is shown.
pub const SHOWN: f64 = model::SHOWN;

/// What the judge says of a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The probability that it is a secret, 0 to 1, calibrated on labelled repositories.
    pub confidence: f64,
    /// Why, in words, what weighed most first.
    pub reasons: Vec<&'static str>,
    /// What weighed how much, in 1/1000 nat, for `explain`; empty when the value stands in for a secret.
    pub weights: Vec<(&'static str, i32)>,
}

/// The features of a candidate, or why it cannot be a secret at all.
///
/// # Errors
/// The reason for which the value is a stand-in or a reference.
pub fn features(text: &[u8], path: &[u8], found: &Found) -> Result<Active, &'static str> {
    let secret = text.get(found.value.clone()).unwrap_or_default();
    let name = text.get(found.name.clone()).unwrap_or_default();
    if let Some(reason) = placeholder::why(secret) {
        return Err(reason);
    }
    if let Some(reason) = reference(secret, found.form) {
        return Err(reason);
    }
    let mut active = Active::new();
    let class = value::look(secret, &mut active) as usize;
    active.add(features::Group::Relation, name::relation(name, secret));
    let kind = name::look(name, &mut active);
    let file = place::look(text, path, found, &mut active);
    let form = Form::ALL.iter().position(|f| *f == found.form).unwrap_or(0);
    active.add(features::Group::KindByValue, kind * 9 + class);
    active.add(features::Group::FormByValue, form * 9 + class);
    active.add(features::Group::FileByValue, file * 9 + class);
    Ok(active)
}

/// Judges a candidate in its place.
#[must_use]
pub fn judge(text: &[u8], path: &[u8], found: &Found) -> Score {
    let active = match features(text, path, found) {
        Ok(active) => active,
        Err(reason) => return Score { confidence: 0.0, reasons: vec![reason], weights: Vec::new() },
    };
    let mut sum = model::BIAS;
    let mut weights: Vec<(&'static str, i32)> = Vec::new();
    for &feature in active.as_slice() {
        let weight = model::WEIGHTS[usize::from(feature)];
        sum += weight;
        let (group, _) = describe(feature);
        match weights.iter_mut().find(|(name, _)| *name == group) {
            Some((_, total)) => *total += weight,
            None => weights.push((group, weight)),
        }
    }
    weights.sort_by_key(|(_, weight)| -weight.abs());
    let mut reasons = vec![found.form.as_str()];
    reasons.extend(weights.iter().filter(|(_, weight)| *weight > 300).take(3).map(|(name, _)| *name));
    Score { confidence: probability(sum), reasons, weights }
}

/// What a sum of weights means, from the table of the calibration: linear between its points.
fn probability(sum: i32) -> f64 {
    let table = &model::CALIBRATION;
    let (first, last) = (table[0], table[table.len() - 1]);
    if sum <= first.0 {
        return f64::from(first.1) / 1000.0;
    }
    if sum >= last.0 {
        return f64::from(last.1) / 1000.0;
    }
    let at = table.iter().position(|p| sum < p.0).unwrap_or(table.len() - 1);
    let (low, high) = (table[at - 1], table[at]);
    let part = f64::from(sum - low.0) / f64::from(high.0 - low.0);
    (f64::from(low.1) + part * f64::from(high.1 - low.1)) / 1000.0
}

/// Unquoted code that names something rather than being it: `options.password`, `getToken()`, `String`, `None`.
fn reference(value: &[u8], form: Form) -> Option<&'static str> {
    if value.len() < 3 {
        return Some("too short");
    }
    let unquoted =
        matches!(form, Form::Line | Form::Yaml | Form::Inline | Form::Flag | Form::Blank | Form::Prose);
    if !unquoted {
        return None;
    }
    if value.contains(&b'(') && value.contains(&b')')
        || value.ends_with(b"(")
        || value.ends_with(b"[]")
        || value.windows(2).any(|w| w == b"()" || w == b"::" || w == b"->" || w == b"['" || w == b"[\"")
    {
        return Some("a call or reference");
    }
    let part = |p: &[u8]| {
        !p.is_empty() && !p[0].is_ascii_digit() && p.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_')
    };
    if value.contains(&b'.')
        && value.split(|b| *b == b'.').all(part)
        && matches!(form, Form::Line | Form::Inline | Form::Yaml)
    {
        return Some("a reference");
    }
    if value.starts_with(b"process.env")
        || value.starts_with(b"os.environ")
        || value.starts_with(b"self.")
        || value.starts_with(b"this.")
    {
        return Some("a reference");
    }
    const PLAIN: [&str; 24] = [
        "true",
        "false",
        "none",
        "null",
        "nil",
        "undefined",
        "string",
        "str",
        "bool",
        "boolean",
        "int",
        "integer",
        "object",
        "required",
        "optional",
        "any",
        "bytes",
        "number",
        "yes",
        "no",
        "self",
        "this",
        "new",
        "function",
    ];
    PLAIN.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(value)).then_some("a type or constant")
}

#[cfg(test)]
mod tests;
