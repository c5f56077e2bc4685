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

/// `ESC [ 31`, raw or written out as `\x1b[`, `\033[`, `\e[`.
fn ends_in_colour(text: &[u8]) -> bool {
    let numbers = text.iter().rev().take(12).take_while(|b| b.is_ascii_digit() || **b == b';').count();
    let rest = &text[..text.len() - numbers];
    [b"\x1b[".as_slice(), b"\\x1b[", b"\\x1B[", b"\\033[", b"\\e[", b"\\u001b[", b"\\u001B["]
        .iter()
        .any(|start| rest.ends_with(start))
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
