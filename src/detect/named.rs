//! A key beside nothing but its service's name: `circleci = "…"`, `ADAFRUIT_PROD=…`, `"sendgrid": "…"`, `Mailjet("…")`.
//!
//! Hands on one [`Found`] of [`Form::Named`] a name. The trap: services' names stand everywhere, so the few bytes behind one
//! are looked at before anything else is, and the value must be all that its context asks for, or look like a key.

use std::ops::Range;

use super::assignment::{Form, Found, is_part_of_a_key};
use super::writing::SAID;

/// How far before the name its identifier may begin, in bytes.
pub(super) const BEFORE: usize = 24;
/// How far behind the name the value may end, in bytes.
pub(super) const AFTER: usize = LONGEST_REST + LONGEST_GAP + LONGEST_VALUE + 1;
/// What may follow the name within its identifier: `_production`, `.live`.
const LONGEST_REST: usize = 24;
/// What may stand between the identifier and its value.
const LONGEST_GAP: usize = 16;
/// The longest key without a prefix that a service issues.
const LONGEST_VALUE: usize = 512;
/// The shortest.
const SHORTEST_VALUE: usize = 12;

/// Words within an identifier which say that its value is no key.
const OTHERS: [&[u8]; 44] = [
    b"id",
    b"ids",
    b"uuid",
    b"guid",
    b"url",
    b"uri",
    b"host",
    b"domain",
    b"endpoint",
    b"port",
    b"region",
    b"path",
    b"file",
    b"dir",
    b"user",
    b"username",
    b"name",
    b"email",
    b"org",
    b"project",
    b"account",
    b"team",
    b"channel",
    b"version",
    b"ver",
    b"sha",
    b"sha1",
    b"sha256",
    b"md5",
    b"hash",
    b"digest",
    b"checksum",
    b"integrity",
    b"commit",
    b"rev",
    b"revision",
    b"ref",
    b"tag",
    b"image",
    b"build",
    b"etag",
    b"public",
    b"pub",
    b"badge",
];

/// Whether a value may follow: false for nearly all names in running text. What lies behind the text's end might be one.
pub(super) fn is_given_something(text: &[u8], name: &Range<usize>) -> bool {
    begins_a_word(text, name) && gap(text, identifier_end(text, name.end)).is_some()
}

/// The identifier that holds the name, and the value that it is given.
pub(super) fn find(text: &[u8], name: &Range<usize>) -> Option<Found> {
    if !begins_a_word(text, name) {
        return None;
    }
    let end = identifier_end(text, name.end);
    let from = name.start.saturating_sub(BEFORE);
    let before = text[from..name.start].iter().rev().take_while(|b| is_inner(**b)).count();
    let identifier = name.start - before..end;
    if says_other(&text[identifier.start..name.start]) || says_other(&text[name.end..end]) {
        return None;
    }
    let start = gap(text, end)?;
    let length = text[start..].iter().take(LONGEST_VALUE + 1).take_while(|b| is_part_of_a_key(**b)).count();
    let value = start..start + length;
    let called = matches!(text.get(value.end), Some(b'(' | b'['));
    (SHORTEST_VALUE..=LONGEST_VALUE).contains(&length).then_some(())?;
    (!called).then_some(Found { name: identifier, value, form: Form::Named })
}

fn is_inner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// `heap` stands in `HeapProd` and `my_heap`, and not in `namecheap`.
fn begins_a_word(text: &[u8], name: &Range<usize>) -> bool {
    let Some(before) = name.start.checked_sub(1).map(|at| text[at]) else { return true };
    !before.is_ascii_alphanumeric() && before != b'/'
        || before.is_ascii_lowercase() && text[name.start].is_ascii_uppercase()
}

/// The end of the identifier that goes on behind the name, as far as it may.
fn identifier_end(text: &[u8], from: usize) -> usize {
    let rest = text[from..].iter().take(LONGEST_REST).take_while(|b| is_inner(**b)).count();
    from + rest
}

/// Where the value behind an identifier begins: after its closing quote, a sign of assignment, blanks and an opening
/// quote. A text that ends before tells nothing: its end.
fn gap(text: &[u8], end: usize) -> Option<usize> {
    let rest = &text[end..text.len().min(end + LONGEST_GAP)];
    let skip = |at: usize, set: &[u8], most: usize| {
        at + rest[at..].iter().take(most).take_while(|b| set.contains(b)).count()
    };
    let at = skip(0, b"\"'`\\])", 3);
    let at = skip(at, b" \t", LONGEST_GAP);
    if at == rest.len() {
        return (end + at == text.len()).then_some(text.len());
    }
    let signs = rest[at..].iter().take_while(|b| matches!(b, b'=' | b':' | b'>')).count();
    if signs == 0 && at > 0 || rest[0] == b'(' {
        let at = end + skip(at, b"\"'`(", 2);
        return token_begins(&text[at..]).then_some(at);
    }
    if !matches!(&rest[at..at + signs], b"=" | b":" | b":=" | b"=>" | b"==" | b">") {
        return (signs == rest.len() - at && end + rest.len() == text.len()).then_some(text.len());
    }
    let at = skip(at + signs, b" \t", LONGEST_GAP);
    let at = skip(at, b"\"'`\\([", 3);
    match rest.get(at) {
        Some(byte) if byte.is_ascii_alphanumeric() => Some(end + at),
        Some(_) => None,
        None => (end + at == text.len()).then_some(text.len()),
    }
}

/// Where nothing but a blank or a bracket stands between, only what looks like a token counts: `acme 0f3a…`, `Acme("0f3a…")`.
fn token_begins(text: &[u8]) -> bool {
    let run = text
        .iter()
        .take(LONGEST_REST)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'+' | b'/' | b'='));
    let (mut length, mut digits, mut upper, mut lower) = (0, 0, 0, 0);
    for byte in run {
        length += 1;
        digits += usize::from(byte.is_ascii_digit());
        upper += usize::from(byte.is_ascii_uppercase());
        lower += usize::from(byte.is_ascii_lowercase());
    }
    let mixed = length >= 20 && digits >= 1 && upper >= 3 && lower >= 3;
    length == text.len() || mixed || length >= 16 && digits >= 3 && digits < length
}

/// The value might be a key of another form than the service's known ones.
pub(super) fn looks_like_a_key(value: &[u8]) -> bool {
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|byte| holds(byte)).count();
    (20..=128).contains(&value.len())
        && count(u8::is_ascii_digit) >= 3
        && count(u8::is_ascii_alphabetic) >= 3
        && value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// It says what its value is: another thing, or a key, for which names are keywords of their own.
fn says_other(part: &[u8]) -> bool {
    if SAID.iter().any(|said| part.windows(said.len()).any(|w| w.eq_ignore_ascii_case(said.as_bytes()))) {
        return true;
    }
    let mut start = 0;
    for at in 1..=part.len() {
        let ends = at == part.len()
            || !part[at].is_ascii_alphanumeric()
            || part[at].is_ascii_uppercase() && part[at - 1].is_ascii_lowercase();
        if ends {
            let word = part[start..at].trim_ascii_start();
            let word = word
                .strip_prefix(b"_")
                .or(word.strip_prefix(b"-"))
                .or(word.strip_prefix(b"."))
                .unwrap_or(word);
            if OTHERS.iter().any(|other| other.eq_ignore_ascii_case(word)) {
                return true;
            }
            start = at;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex() -> String {
        let made = crate::shape::generate("{hex:32}", &mut crate::shape::Random::new("named", 1));
        String::from_utf8(made.expect("the shape is right")).expect("hex is ASCII")
    }

    fn named(text: &str) -> Option<(String, String)> {
        let at = text.to_ascii_lowercase().find("acme").expect("the text has the name");
        let found = find(text.as_bytes(), &(at..at + 4));
        assert!(found.is_none() || is_given_something(text.as_bytes(), &(at..at + 4)), "{text}");
        found.map(|found| (text[found.name].to_owned(), text[found.value].to_owned()))
    }

    #[test]
    fn a_name_alone_is_given_its_key_in_every_way_of_writing() {
        let value = hex();
        for (text, name) in [
            (format!("acme = '{value}'"), "acme"),
            (format!("acme_prod: {value}\n"), "acme_prod"),
            (format!("\"acme\": \"{value}\","), "acme"),
            (format!("export ACME={value}"), "ACME"),
            (format!("config['acme'] = \"{value}\""), "acme"),
            (format!("acme.live => '{value}'"), "acme.live"),
            (format!("acme := \"{value}\""), "acme"),
            (format!("<acme>{value}</acme>"), "acme"),
            (format!("myAcme = \"{value}\""), "myAcme"),
            (format!("acme {value} "), "acme"),
            (format!("new Acme(\"{value}\")"), "Acme"),
            (format!("{{\\\"acme\\\": \\\"{value}\\\"}}"), "acme"),
        ] {
            assert_eq!(named(&text), Some((name.to_owned(), value.clone())), "{text}");
        }
    }

    #[test]
    fn ids_digests_calls_and_parts_of_words_are_none() {
        let value = hex();
        for text in [
            format!("acme_id = '{value}'"),
            format!("acmeSha1: {value}"),
            format!("image.acme = '{value}'"),
            format!("macmega = '{value}'"),
            format!("acme and {value}"),
            "acme 2024-11-25 and more".to_owned(),
            format!("acme = f{value}("),
            format!("https://x/acme={value}"),
            "acme = 'short1'".to_owned(),
            "acme".to_owned(),
            "acme =".to_owned(),
        ] {
            assert_eq!(named(&text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_a_part_says_nothing_yet() {
        for text in ["acme", "acme_pr", "acme =", "acme = '", "acme\""] {
            assert!(is_given_something(text.as_bytes(), &(0..4)), "{text}");
        }
        for text in ["acme and ", "acme\n", "acme, ", "acme = $X"] {
            assert!(!is_given_something(text.as_bytes(), &(0..4)), "{text}");
        }
    }
}
