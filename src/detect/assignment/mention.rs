//! A value that stands near a word such as "key", and is assigned to nothing: `Acme API key 0f3a…`, or on the next line.
//!
//! Hands on at most one candidate a hit, of [`Form::Mention`]. The trap: most of what looks like one is a hash or an
//! identifier, so the scorer never sees it; it counts only when a service whose keys have that form is named near.

use std::ops::Range;

use super::{Form, Found};

/// How far behind the name the value may begin, in bytes.
const REACH: usize = 64;
/// The shortest value: the shortest keys without a prefix that a service issues have 16 characters.
const SHORTEST: usize = 16;
/// The longest value.
const LONGEST: usize = 128;
/// The words that start the search: a password that is only mentioned has no form to know it by.
const STEMS: [&[u8]; 5] = [b"secret", b"token", b"key", b"auth", b"cred"];
/// What is named so is no key, whatever its form.
const OTHERS: [&[u8]; 9] =
    [b"commit", b"sha1", b"sha2", b"hash", b"digest", b"checksum", b"integrity", b"md5", b"rev"];

/// Adds the first token-like word behind `name`, when the keyword asks for one.
pub(super) fn find(text: &[u8], keyword: &[u8], name: &Range<usize>, out: &mut Vec<Found>) {
    if !STEMS.iter().any(|stem| stem.eq_ignore_ascii_case(keyword)) {
        return;
    }
    let Some(value) = first_long_word(text, name.end, text.len().min(name.end + REACH)) else { return };
    if is_token(text, &value) && !says_other(&text[name.end..value.start]) {
        out.push(Found { name: name.clone(), value, form: Form::Mention });
    }
}

/// The first word of at least [`SHORTEST`] bytes that begins between the two, cut at one byte more than [`LONGEST`].
fn first_long_word(text: &[u8], from: usize, end: usize) -> Option<Range<usize>> {
    // A word so long holds one of every so many bytes: most text is stepped over in a few looks.
    let mut look = from + SHORTEST - 1;
    while look < text.len() && look < end + SHORTEST - 1 {
        if is_word(text[look]) {
            let before = text[from..look].iter().rev().take_while(|b| is_word(**b)).count();
            let start = look - before;
            let length = text[start..].iter().take(LONGEST + 1).take_while(|b| is_word(**b)).count();
            if length >= SHORTEST {
                return (start < end).then(|| start..start + length);
            }
        }
        look += SHORTEST;
    }
    None
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// It stands alone, is neither longer than a key nor part of a path, and has digits among letters.
fn is_token(text: &[u8], value: &Range<usize>) -> bool {
    let before = value.start.checked_sub(1).map(|at| text[at]);
    let after = text.get(value.end).copied();
    let joined = |byte: Option<u8>| matches!(byte, Some(b'/' | b'+' | b'#' | b'@' | b'%' | b'\\' | 0x80..));
    let inner_dot = after == Some(b'.') && text.get(value.end + 1).is_some_and(u8::is_ascii_alphanumeric);
    let bytes = &text[value.clone()];
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    bytes.len() <= LONGEST
        && digits >= 3
        && letters >= 3
        && !joined(before)
        && !joined(after)
        && before != Some(b'.')
        && !matches!(after, Some(b'(' | b'='))
        && !inner_dot
}

fn says_other(between: &[u8]) -> bool {
    let lower = between.to_ascii_lowercase();
    OTHERS.iter().any(|word| memchr::memmem::find(&lower, word).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex() -> String {
        let made = crate::shape::generate("{hex:32}", &mut crate::shape::Random::new("mention", 1));
        String::from_utf8(made.expect("the shape is right")).expect("hex is ASCII")
    }

    fn mentioned(text: &str) -> Option<String> {
        let keyword = text.to_ascii_lowercase().find("key").expect("the text has the keyword");
        let mut out = Vec::new();
        find(text.as_bytes(), &text.as_bytes()[keyword..keyword + 3], &(keyword..keyword + 3), &mut out);
        out.pop().map(|found| text[found.value].to_owned())
    }

    #[test]
    fn a_token_behind_the_word_is_found_on_its_line_and_on_the_next() {
        let value = hex();
        assert_eq!(mentioned(&format!("Acme API key {value}.")), Some(value.clone()));
        assert_eq!(mentioned(&format!("Acme key (production)\n    {value}\n")), Some(value));
    }

    #[test]
    fn the_first_long_word_is_the_one_that_a_plain_walk_finds() {
        let plain = |text: &[u8], from: usize, end: usize| {
            let mut at = from;
            while at < end {
                let length = text[at..].iter().take(LONGEST + 1).take_while(|b| is_word(**b)).count();
                if length >= SHORTEST {
                    return Some(at..at + length);
                }
                at += length.max(1);
            }
            None
        };
        let mut state = 7u64;
        for _ in 0..3_000 {
            let mut text = Vec::new();
            while text.len() < 120 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let length = (state >> 33) as usize % 24;
                text.extend(std::iter::repeat_n(b'a', if length == 23 { 150 } else { length }));
                text.push(b' ');
            }
            for from in 0..20 {
                let end = text.len().min(from + REACH);
                assert_eq!(
                    first_long_word(&text, from, end),
                    plain(&text, from, end),
                    "{text:?} from {from}"
                );
            }
        }
    }

    #[test]
    fn words_paths_and_hashes_are_none() {
        let value = hex();
        for text in [
            "key of an-identifier-of-some-length".to_owned(),
            format!("key at https://acme.example/{value}"),
            format!("key, commit {value}"),
            format!("key {value}.js"),
            format!("key {value}("),
        ] {
            assert_eq!(mentioned(&text), None, "{text}");
        }
    }
}
