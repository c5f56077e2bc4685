//! Judges a value that stands beside its service's name alone and has the form of the service's keys.
//!
//! Hands on confidence and reasons. The trap: digests and ids have the form of many services' keys, so they are shown at
//! most; what mixes letters of both cases and digits is seldom anything but a key.

use super::{SHOWN, entropy, names_a_commit, placeholder, proven, published, score};
use crate::detect::Found;
use crate::detect::rules::Rule;
use crate::text::Text;

/// The confidence in what mixes cases and digits.
const MIXED: f64 = 0.6;
/// The confidence in what might be a digest or an id: told, not stopped.
const LIKE_A_DIGEST: f64 = 0.3;

pub(super) fn judge(
    rule: Rule<'_>,
    text: &Text<'_>,
    file: &score::File<'_>,
    found: &Found,
) -> (f64, Vec<String>) {
    let value = &text.bytes[found.value.clone()];
    let name = &text.bytes[found.name.clone()];
    if let Some(reason) = placeholder::why(value).or_else(|| published::published(value)) {
        return (0.0, vec![reason.to_owned()]);
    }
    if score::names_no_secret(name, value) || score::digest_of_a_file(name, value, file.path) {
        return (0.0, vec!["its name says that it is none".to_owned()]);
    }
    if names_a_commit(text, &found.value) {
        return (0.0, vec!["the id of a commit".to_owned()]);
    }
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    if digits < 2 || letters < 3 || entropy::shannon(value) <= rule.entropy().max(2.8) {
        return (0.0, vec!["it is too regular to be random".to_owned()]);
    }
    let mixed = value.iter().any(u8::is_ascii_lowercase) && value.iter().any(u8::is_ascii_uppercase);
    let confidence = if mixed && score::looks_random(value) { MIXED } else { LIKE_A_DIGEST.max(SHOWN) };
    let reason = "it has the form of this service's keys, and is given to the service's name".to_owned();
    proven(rule, value, confidence, vec![reason])
}
