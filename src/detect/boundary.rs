//! Which bytes may touch a secret.
//!
//! A token of fixed length inside a longer word is another thing. Own code instead of `\b`, because what stands before may
//! be the tail of an escape (`\n`, `%3A`, `\u0022`, a terminal colour), which is a boundary though it ends in a letter.

use std::ops::Range;

use super::rulefile::Boundary;

/// True when a byte beside `secret` makes it part of something longer.
#[must_use]
pub fn touches(boundary: Boundary, text: &[u8], secret: &Range<usize>) -> bool {
    let after = text.get(secret.end).copied();
    let after =
        after.is_some_and(|byte| belongs(boundary, byte) || (boundary == Boundary::Base64 && byte == b'='));
    after || touches_before(boundary, text, secret.start)
}

/// The left half of [`touches`].
#[must_use]
pub fn touches_before(boundary: Boundary, text: &[u8], start: usize) -> bool {
    let before = &text[..start];
    before.last().is_some_and(|&byte| belongs(boundary, byte)) && !ends_in_escape(before)
}

fn belongs(boundary: Boundary, byte: u8) -> bool {
    match boundary {
        Boundary::None => false,
        Boundary::Word => byte.is_ascii_alphanumeric() || byte == b'_',
        Boundary::Token => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
        Boundary::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/'),
    }
}

fn ends_in_escape(before: &[u8]) -> bool {
    let hex = |count: usize| {
        before.len() > count && before[before.len() - count..].iter().all(u8::is_ascii_hexdigit)
    };
    let behind = |count: usize| &before[..before.len() - count];
    match before.last() {
        Some(b'n' | b't' | b'r' | b'b' | b'f' | b'0') if escaped(behind(1)) => true,
        Some(b'm') => ends_in_colour(behind(1)),
        _ => {
            (hex(2) && behind(2).ends_with(b"%"))
                || (hex(2) && behind(2).ends_with(b"x") && escaped(behind(3)))
                || (hex(4) && behind(4).ends_with(b"u") && escaped(behind(5)))
        }
    }
}

/// True when an odd number of backslashes ends `text`.
fn escaped(text: &[u8]) -> bool {
    text.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// What a terminal colour begins with (ECMA-48's SGR), raw and as people write it out.
const COLOURS: [&[u8]; 7] = [b"\x1b[", b"\\x1b[", b"\\x1B[", b"\\033[", b"\\e[", b"\\u001b[", b"\\u001B["];

/// `ESC [ 31`, raw or written out.
fn ends_in_colour(text: &[u8]) -> bool {
    let numbers = text.iter().rev().take(12).take_while(|b| is_colour_number(**b)).count();
    let rest = &text[..text.len() - numbers];
    COLOURS.iter().any(|start| rest.ends_with(start))
}

fn is_colour_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b';'
}

/// Bytes of the terminal colour at the start of `text`; 0 when there is none.
#[must_use]
pub(super) fn colour(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'\x1b' | b'\\')) {
        return 0;
    }
    let Some(start) = COLOURS.iter().find(|start| text.starts_with(start)) else { return 0 };
    let numbers = text[start.len()..].iter().take(24).take_while(|b| is_colour_number(**b)).count();
    let end = start.len() + numbers;
    if text.get(end) == Some(&b'm') { end + 1 } else { 0 }
}

/// Bytes at the start of `word`, which begins at `start` of `text`, that are the tail of a terminal colour: of
/// `ESC[1;31mpassword` a name's letters begin behind the `m`.
#[must_use]
pub(super) fn tail_of_colour(text: &[u8], start: usize, word: &[u8]) -> usize {
    let numbers = word.iter().take_while(|b| b.is_ascii_digit()).count();
    let ends = word.get(numbers) == Some(&b'm') && matches!(text[..start].last(), Some(b'[' | b';'));
    if ends && ends_in_colour(&text[..start + numbers]) { numbers + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(before: &str, after: &str) -> bool {
        let text = format!("{before}SECRET{after}");
        touches(Boundary::Word, text.as_bytes(), &(before.len()..before.len() + 6))
    }

    #[test]
    fn words_touch_and_punctuation_does_not() {
        assert!(touched("x", "") && touched("", "x") && touched("_", "") && touched("", "9"));
        assert!(!touched("", "") && !touched("\"", "\"") && !touched("=", ";") && !touched("-", "-"));
    }

    #[test]
    fn escapes_before_a_secret_are_boundaries() {
        for escape in ["\\n", "\\t", "%3A", "\\u0022", "\\x22", "\x1b[31m", "\\033[0;1m"] {
            assert!(!touched(escape, ""), "{escape:?}");
        }
        assert!(touched("\\\\n", ""), "an escaped backslash and a letter");
        assert!(touched("percent3A", ""));
    }

    #[test]
    fn base64_may_follow_an_equals_sign_but_not_end_in_one() {
        let text = b"k=AAAA=";
        assert!(touches(Boundary::Base64, text, &(2..6)));
        assert!(!touches(Boundary::Base64, text, &(2..7)));
    }
}
