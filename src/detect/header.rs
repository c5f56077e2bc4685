//! Finds what an `Authorization` header or its kin carries, wherever `Bearer …`, `Basic …` or `Token …` is written.
//!
//! Hands on the credential after the scheme. The trap: "basic" and "bearer" are words of prose too, so what follows must
//! look like a credential, and Basic must decode to `user:password`.

use std::ops::Range;

use super::assignment::{Form, Found, push};

/// The keywords that start the search, ASCII case-insensitive.
pub const KEYWORDS: [&str; 4] = ["bearer", "basic ", "apikey ", "token "];

/// The longest credential, in bytes.
pub(super) const LONGEST: usize = 2000;

/// The shortest user without a password that is a key, in bytes.
const KEY: usize = 16;

/// Looks for a credential after the scheme at `hit`.
pub fn find(text: &[u8], hit: Range<usize>, out: &mut Vec<Found>) {
    let Some(scheme) = text.get(hit.clone()) else { return };
    if hit.start > 0
        && (text[hit.start - 1].is_ascii_alphanumeric() || matches!(text[hit.start - 1], b'_' | b'-'))
    {
        return;
    }
    let mut at = hit.end;
    while at < hit.end + 3 && text.get(at).is_some_and(|b| matches!(b, b' ' | b'\t' | b':')) {
        at += 1;
    }
    if at == hit.end && !scheme.ends_with(b" ") {
        return;
    }
    let end = text[at..text.len().min(at + LONGEST)]
        .iter()
        .position(|b| {
            !(b.is_ascii_alphanumeric()
                || matches!(b, b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b'-' | b':' | b'|'))
        })
        .map_or(text.len().min(at + LONGEST), |n| at + n);
    let value = &text[at..end];
    if value.len() < 6 {
        return;
    }
    if scheme.eq_ignore_ascii_case(b"basic ") {
        if decodes_to_pair(value) {
            push(text, out, hit, at..end, Form::Basic);
        }
        return;
    }
    let plain =
        value.iter().all(u8::is_ascii_lowercase) || !value.iter().any(u8::is_ascii_digit) && value.len() < 16;
    if scheme.eq_ignore_ascii_case(b"bearer") || !plain && value.len() >= 16 && quoted_or_header(text, &hit) {
        if plain && value.len() < 16 {
            return;
        }
        push(text, out, hit, at..end, Form::Header);
    }
}

/// `Token abc` counts where a header's value starts: after a quote or a colon.
fn quoted_or_header(text: &[u8], hit: &Range<usize>) -> bool {
    let before = text[..hit.start].trim_ascii_end();
    before.ends_with(b"\"") || before.ends_with(b"'") || before.ends_with(b":") || before.ends_with(b"`")
}

/// The credentials that Basic carries, or none when it is no base64 of `user:password` in printable bytes.
#[must_use]
pub fn decode_basic(value: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let bare = &value[..value.iter().rposition(|b| *b != b'=').map_or(0, |n| n + 1)];
    let bytes = STANDARD_NO_PAD.decode(bare).ok()?;
    let colon = bytes.iter().position(|b| *b == b':')?;
    // Some services take their key for a user without a password.
    let key = colon + 1 == bytes.len() && colon >= KEY && bytes[..colon].iter().any(u8::is_ascii_digit);
    let pair = key || colon + 1 < bytes.len();
    (pair && bytes.iter().all(|b| (0x20..0x7F).contains(b))).then_some(bytes)
}

fn decodes_to_pair(value: &[u8]) -> bool {
    decode_basic(value).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    fn values(text: &str) -> Vec<(String, Form)> {
        let mut out = Vec::new();
        let lower = text.to_ascii_lowercase();
        for keyword in KEYWORDS {
            for (at, _) in lower.match_indices(keyword) {
                find(text.as_bytes(), at..at + keyword.len(), &mut out);
            }
        }
        out.into_iter().map(|f| (text[f.value].to_owned(), f.form)).collect()
    }

    #[test]
    fn bearer_in_headers_commands_and_recordings() {
        for text in [
            "Authorization: Bearer a1B2c3D4e5F6g7",
            "- Bearer a1B2c3D4e5F6g7",
            "-H \"authorization: bearer a1B2c3D4e5F6g7\"",
        ] {
            assert_eq!(values(text), [("a1B2c3D4e5F6g7".to_owned(), Form::Header)], "{text}");
        }
    }

    #[test]
    fn basic_must_decode_to_a_pair() {
        let encoded = base64::engine::general_purpose::STANDARD.encode("alice:opensesame");
        assert_eq!(values(&format!("Authorization: Basic {encoded}")), [(encoded, Form::Basic)]);
        assert_eq!(values("Basic authentication is used"), []);
        let key = base64::engine::general_purpose::STANDARD.encode("a1b2c3d4e5f6a7b8:");
        assert_eq!(values(&format!("Authorization: Basic {key}")), [(key, Form::Basic)]);
        let user = base64::engine::general_purpose::STANDARD.encode("alice:");
        assert_eq!(values(&format!("Authorization: Basic {user}")), []);
    }

    #[test]
    fn prose_is_none() {
        for text in ["the bearer of this letter", "Bearer token", "a basic example", "token of the user"] {
            assert_eq!(values(text), [], "{text}");
        }
    }
}
