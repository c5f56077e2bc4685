//! A value that stands near a word such as "key", and is assigned to nothing: `Acme API key 0f3a…`, or on the next line, or
//! before it on its line (`Client("0f3a…")  # Acme key`).
//!
//! Hands on at most one candidate a hit, of [`Form::Mention`]. The trap: most of what looks like one is a hash or an
//! identifier, so the scorer never sees it; it counts only when a service is named near, above all one whose keys have that
//! form.

use std::ops::Range;

use super::{Form, Found};

/// How far from the name the value may begin or end, in bytes.
const REACH: usize = 64;
/// The widest line, in bytes before the name, on which a value before it counts.
const WIDTH: usize = 300;
/// The shortest value.
const SHORTEST: usize = 10;
/// From here on a value is preferred to a shorter one before it: most keys without a prefix have 16 characters or more.
const LONG: usize = 16;
/// The longest value.
const LONGEST: usize = 512;
/// The words that start the search: a password that is only mentioned has no form to know it by.
const STEMS: [&[u8]; 5] = [b"secret", b"token", b"key", b"auth", b"cred"];
/// What is named so is no key, whatever its form.
const OTHERS: [&[u8]; 9] =
    [b"commit", b"sha1", b"sha2", b"hash", b"digest", b"checksum", b"integrity", b"md5", b"rev"];

/// Adds the first token-like word behind `name`, else the last before it on its line, when the keyword asks for one.
pub(super) fn find(text: &[u8], keyword: &[u8], name: &Range<usize>, out: &mut Vec<Found>) {
    if !STEMS.iter().any(|stem| stem.eq_ignore_ascii_case(keyword)) {
        return;
    }
    let end = text.len().min(name.end + REACH);
    let line = memchr::memchr(b'\n', &text[name.end..end]).map_or(end, |at| name.end + at);
    let found = behind(text, name.end..line)
        .or_else(|| before(text, name))
        .or_else(|| behind(text, line..end))
        .filter(|value| !says_other(text.get(name.end..value.start).unwrap_or_default()));
    if let Some(value) = found {
        out.push(Found { name: name.clone(), value, form: Form::Mention });
    }
}

/// The first long token that begins in `part`, else the first short one.
fn behind(text: &[u8], part: Range<usize>) -> Option<Range<usize>> {
    let (mut from, mut short) = (part.start, None);
    // A word so long holds one of every so many bytes: most text is stepped over in a few looks.
    while let Some(&byte) = text.get(from + SHORTEST - 1) {
        let look = from + SHORTEST - 1;
        if !is_part_of_a_key(byte) {
            from = look + 1;
        } else {
            let start = look - text[from..look].iter().rev().take_while(|b| is_part_of_a_key(**b)).count();
            let length = text[start..].iter().take(LONGEST + 1).take_while(|b| is_part_of_a_key(**b)).count();
            if start >= part.end || length > LONGEST {
                break;
            }
            let word = trimmed(text, start..start + length);
            if is_token(text, &word) {
                if word.len() >= LONG {
                    return Some(word);
                }
                short = short.or(Some(word));
            }
            from = start + length;
        }
        if from >= part.end {
            break;
        }
    }
    short
}

/// The last long token before the name on its line.
fn before(text: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    let from = name.start.saturating_sub(REACH);
    let far = name.start.saturating_sub(WIDTH);
    let line = match memchr::memrchr(b'\n', &text[far..name.start]) {
        Some(at) => far + at + 1,
        None if far == 0 => 0,
        // A minified line says nothing behind its values.
        None => return None,
    };
    let line = line.max(from);
    let mut end = name.start;
    while end >= line + LONG {
        let look = end - LONG;
        if !is_part_of_a_key(text[look]) {
            end = look;
            continue;
        }
        let stop = look + text[look..end].iter().take_while(|b| is_part_of_a_key(**b)).count();
        let start =
            look - text[..look].iter().rev().take(LONGEST).take_while(|b| is_part_of_a_key(**b)).count();
        let word = trimmed(text, start..stop);
        if word.len() >= LONG && is_token(text, &word) {
            return Some(word);
        }
        end = start;
    }
    None
}

/// What a key may be made of: all but blanks, quotes, brackets and what separates.
#[inline]
pub(in crate::detect) fn is_part_of_a_key(byte: u8) -> bool {
    kind(byte) != 0
}

/// What [`is_token`] counts of a byte; 0 of what is no part of a key.
#[inline]
fn kind(byte: u8) -> u8 {
    KINDS[usize::from(byte)]
}

const DIGIT: u8 = 1;
const UPPER: u8 = 2;
const LOWER: u8 = 4;
/// `_` and `-`.
const JOINT: u8 = 8;
const SYMBOL: u8 = 16;

static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0u8;
    while byte < 128 {
        kinds[byte as usize] = match byte {
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            b'_' | b'-' => JOINT,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b';'
            | b'|' | b'\\' => 0,
            byte if byte.is_ascii_graphic() => SYMBOL,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// Without the marks of the sentence around it, and of `name=value` the value.
fn trimmed(text: &[u8], word: Range<usize>) -> Range<usize> {
    let bytes = &text[word.clone()];
    let mark = |byte: &u8| matches!(byte, b'.' | b':' | b'!' | b'?' | b'*' | b'#' | b'~');
    let end = bytes.len() - bytes.iter().rev().take_while(|byte| mark(byte)).count();
    let padding = bytes[..end].iter().rev().take_while(|byte| **byte == b'=').count();
    let start = memchr::memrchr(b'=', &bytes[..end - padding]).map_or(0, |at| at + 1);
    let start = start + bytes[start..end].iter().take_while(|byte| mark(byte)).count();
    word.start + start..word.start + end
}

/// It is no longer than a key, no address or path, and has digits among letters.
fn is_token(text: &[u8], word: &Range<usize>) -> bool {
    let bytes = &text[word.clone()];
    if !(SHORTEST..=LONGEST).contains(&bytes.len()) {
        return false;
    }
    let (mut digits, mut upper, mut lower, mut symbols) = (0, 0, 0, 0);
    for &byte in bytes {
        let kind = kind(byte);
        digits += usize::from(kind & DIGIT != 0);
        upper += usize::from(kind & UPPER != 0);
        lower += usize::from(kind & LOWER != 0);
        symbols += usize::from(kind & SYMBOL != 0);
    }
    // Whatever its length, a key has one.
    if digits == 0 {
        return false;
    }
    let wide = |byte: Option<u8>| byte.is_some_and(|byte| byte >= 0x80 || byte == b'\\');
    let beyond = text.get(word.end).copied();
    if wide(word.start.checked_sub(1).map(|at| text[at])) || wide(beyond) || beyond == Some(b'(') {
        return false;
    }
    if bytes.len() < LONG {
        return symbols == 0 && digits >= 3 && upper + lower >= 3;
    }
    if symbols > 0 {
        return digits >= 2 && upper >= 2 && lower >= 2 && !is_address(bytes);
    }
    digits >= 3 && upper + lower >= 3
        || digits >= 1 && upper >= 3 && lower >= 3 && bytes.len() >= 20
        || digits == bytes.len() && digits >= 20
}

/// A word with other marks than `_` and `-` that is no base64 or password, but an address, a path or code.
fn is_address(word: &[u8]) -> bool {
    let padding = word.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = &word[..word.len() - padding];
    let has = |mark: u8| memchr::memchr(mark, body).is_some();
    let doubled = body.windows(2).any(|pair| matches!(pair, b"//" | b".." | b"::" | b"&&"));
    padding > 2 || doubled || matches!(body[0], b'/' | b'@' | b'$' | b'&' | b'%') || has(b'/') && has(b'.')
}

fn says_other(between: &[u8]) -> bool {
    if between.len() < 3 {
        return false;
    }
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
    fn a_token_before_the_word_is_found_on_its_line_only() {
        let value = hex();
        assert_eq!(mentioned(&format!("Client(\"{value}\")  # Acme key")), Some(value.clone()));
        assert_eq!(mentioned(&format!("{value}\nAcme key")), None);
    }

    #[test]
    fn keys_may_have_other_marks_and_any_usual_length() {
        let made = |shape: &str| {
            let made = crate::shape::generate(shape, &mut crate::shape::Random::new("mention", 2));
            String::from_utf8(made.expect("the shape is right")).expect("it is ASCII")
        };
        for shape in
            ["{base64:43}=", "{base62:20}.{base62:20}", "{lower-alnum:12}", "{base64url:300}", "{digits:24}"]
        {
            let value = made(&format!("Aa00{shape}"));
            let value = if shape.starts_with("{digits") { value[4..].to_owned() } else { value };
            assert_eq!(mentioned(&format!("Acme key {value}, and more")), Some(value), "{shape}");
        }
    }

    #[test]
    fn the_steps_miss_no_word() {
        let plain = |text: &[u8], part: Range<usize>| {
            let (mut at, mut short) = (part.start, None);
            while at < part.end {
                let length =
                    text[at..].iter().take(LONGEST + 1).take_while(|b| is_part_of_a_key(**b)).count();
                let word = at..at + length;
                if length > LONGEST || is_token(text, &word) && length >= LONG {
                    return if length > LONGEST { short } else { Some(word) };
                }
                short = short.or(Some(word).filter(|word| is_token(text, word)));
                at += length.max(1);
            }
            short
        };
        let mut state = 7u64;
        for _ in 0..3_000 {
            let mut text = Vec::new();
            while text.len() < 120 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let length = (state >> 33) as usize % 24;
                let long = if length == 23 { 600 } else { length };
                text.extend(b"a1".iter().cycle().take(long));
                text.push(b' ');
            }
            for from in 0..20 {
                let part = from..text.len().min(from + REACH);
                assert_eq!(behind(&text, part.clone()), plain(&text, part), "{text:?} from {from}");
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
