//! The fingerprint of a secret: a name for it that may be written down, because guessing back from it is slow.
//!
//! Hands on: [`fingerprint`] and [`is_fingerprint`]. It is of the secret alone, so it survives upgrades, moves and renames.
//! The trap: it slows guessing `hunter2`, it cannot stop it; and at 4,096 rounds it is computed once a distinct secret,
//! only for what is reported.

use std::borrow::Cow;

use sha2::Sha256;

/// What every fingerprint of this kind starts with.
pub const PREFIX: &str = "u1-";

/// Hex digits after the prefix.
const DIGITS: usize = 20;

const SALT: &[u8] = b"unleak u1";
const ROUNDS: u32 = 4_096;

/// `u1-` and the first 20 hex digits of PBKDF2-HMAC-SHA256(secret, salt `unleak u1`, 4,096 rounds), of the secret as
/// [`normalised`] gives it.
#[must_use]
pub fn fingerprint(secret: &[u8]) -> String {
    let mut hash = [0; DIGITS / 2];
    pbkdf2::pbkdf2_hmac::<Sha256>(&normalised(secret), SALT, ROUNDS, &mut hash);
    let mut name = String::with_capacity(PREFIX.len() + DIGITS);
    name.push_str(PREFIX);
    for byte in hash {
        for digit in [byte >> 4, byte & 0xf] {
            name.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    name
}

/// The secret with LF line ends and without leading blanks (of each line, so that an indented key block is the block
/// itself). The same key then has the same fingerprint in a CRLF file and in an indented YAML scalar.
#[must_use]
pub fn normalised(secret: &[u8]) -> Cow<'_, [u8]> {
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let plain = !secret.contains(&b'\r')
        && !secret.first().is_some_and(blank)
        && !secret.windows(2).any(|pair| pair[0] == b'\n' && blank(&pair[1]));
    if plain {
        return Cow::Borrowed(secret);
    }
    let mut clean = Vec::with_capacity(secret.len());
    let mut line_start = true;
    let mut bytes = secret.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                clean.push(b'\n');
                line_start = true;
            }
            b'\n' => {
                clean.push(b'\n');
                line_start = true;
            }
            b' ' | b'\t' if line_start => {}
            _ => {
                clean.push(byte);
                line_start = false;
            }
        }
    }
    Cow::Owned(clean)
}

/// True for `u1-` and 20 lower-case hex digits.
#[must_use]
pub fn is_fingerprint(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|digits| {
        digits.len() == DIGITS && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_contracts_derivation() {
        // From Python: hashlib.pbkdf2_hmac("sha256", b"hunter2", b"unleak u1", 4096).hex()[:20]
        assert_eq!(fingerprint(b"hunter2"), "u1-dd02e1886dd765ce3aa2");
        assert_eq!(fingerprint(b""), "u1-313134abb0c73ba755db");
    }

    #[test]
    fn line_ends_and_indentation_do_not_change_it() {
        let block = b"-----BEGIN X-----\nAAAA\nBBBB\n-----END X-----";
        let crlf = b"-----BEGIN X-----\r\nAAAA\r\nBBBB\r\n-----END X-----";
        let indented = b"  -----BEGIN X-----\n\tAAAA\n    BBBB\n  -----END X-----";
        let old_mac = b"-----BEGIN X-----\rAAAA\rBBBB\r-----END X-----";
        for same in [&crlf[..], indented, old_mac] {
            assert_eq!(normalised(same), &block[..]);
        }
        assert_eq!(fingerprint(crlf), fingerprint(block));
        assert!(
            matches!(normalised(b"a b\n\nc "), Cow::Borrowed(_)),
            "inner and trailing blanks belong to it"
        );
    }

    #[test]
    fn only_the_written_form_is_valid() {
        assert!(is_fingerprint(&fingerprint(b"hunter2")));
        for wrong in [
            "",
            "u1-",
            "u1-0123456789abcdef012",
            "u1-0123456789abcdef01234",
            "u1-0123456789ABCDEF0123",
            "u2-0123456789abcdef0123",
        ] {
            assert!(!is_fingerprint(wrong), "{wrong}");
        }
    }
}
