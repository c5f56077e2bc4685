//! Which of the values that this machine holds say anything, so that finding one elsewhere is news.
//!
//! The trap: a `.env` file is full of values that stand in every repository (`true`, `localhost`, `postgres`, ports, paths,
//! names of things), and blocking those would be worse than not looking at all.

use super::score::{looks_random, names_a_secret, names_no_secret, one_word};
use super::{entropy, placeholder};
use crate::detect::known::Known;

/// Shorter values stand in code by chance.
const SHORTEST: usize = 6;
/// Shorter values must at least vary.
const SHORT: usize = 8;
/// Without a name that says secret only a long value is one.
const SHORTEST_NAMELESS: usize = 16;
/// The longest value that is looked for: an RSA key in base64.
const LONGEST: usize = 8_192;

/// How much of a value is judged, in bytes.
const LOOKED_AT: usize = 128;

/// The values worth looking for, each once.
#[must_use]
pub fn telling(values: Vec<Known>) -> Vec<Known> {
    let mut kept: Vec<Known> = Vec::new();
    for known in values {
        if is_telling(known.name.as_bytes(), &known.value) && !kept.iter().any(|k| k.value == known.value) {
            kept.push(known);
        }
    }
    kept
}

fn is_telling(name: &[u8], value: &[u8]) -> bool {
    // What a value's beginning says of it is enough: keys in base64 have kilobytes.
    let start = &value[..value.len().min(LOOKED_AT)];
    if !(SHORTEST..=LONGEST).contains(&value.len())
        // A certificate or public key in base64.
        || value.starts_with(b"LS0tLS1CRUdJTiBD")
        || value.starts_with(b"LS0tLS1CRUdJTiBQVU")
        || value.len() < SHORT && entropy::shannon(value) < 2.3
        || value.contains(&b'\n')
        || value.len() < 12 && value.iter().all(u8::is_ascii_digit)
        || placeholder::why(start).is_some()
        || names_no_secret(name, start)
        || one_word(start)
    {
        return false;
    }
    // Paths, addresses and sentences are settings, whatever they are called.
    let path = value.starts_with(b"/") && !value.contains(&b'+') && value.len() < 40
        || value.starts_with(b"./")
        || value.starts_with(b"~/")
        || start.windows(3).any(|w| w == b"://");
    if path || value.iter().filter(|b| **b == b' ').count() > 2 {
        return false;
    }
    // Names with blanks are our own words for places that hold nothing but secrets.
    name.contains(&b' ') || names_a_secret(name) || value.len() >= SHORTEST_NAMELESS && looks_random(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(shape: &str) -> String {
        let made = crate::shape::generate(shape, &mut crate::shape::Random::new("known", 1));
        String::from_utf8(made.expect("the shape is right")).expect("its classes are ASCII")
    }

    #[test]
    fn settings_are_no_secrets() {
        for (name, value) in [
            ("DEBUG", "true"),
            ("DB_HOST", "localhost"),
            ("DB_PASSWORD", "postgres"),
            ("DB_PASSWORD", "password"),
            ("DB_PASSWORD", "development"),
            ("PORT", "5432"),
            ("SECRET_KEY_FILE", "/run/secrets/key"),
            ("API_KEY", "changeme"),
            ("TOKEN_URL", "https://login.corp.io/oauth/token"),
            ("aws_access_key_id", &made("AKIA{base32:16}")),
            ("APP_NAME", "accounting-frontend-service"),
            ("PASSWORD", "aaaaaaa"),
            ("PASSWORD_MIN", "12"),
            ("certificate-authority-data", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURCVENDQWUy"),
        ] {
            assert!(!is_telling(name.as_bytes(), value.as_bytes()), "{name}={value}");
        }
    }

    #[test]
    fn secrets_are() {
        for (name, value) in [
            ("DB_PASSWORD", "plum-kettle-91"),
            ("DB_PASSWORD", "supersecret"),
            ("the password for h", "hunter2x"),
            ("aws_secret_access_key", &made("{base64:40}")),
            ("SENTRY", &made("{hex:32}")),
            ("_authToken", &made("{uuid}")),
            ("client-key-data", "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFcEFJQkFB"),
        ] {
            assert!(is_telling(name.as_bytes(), value.as_bytes()), "{name}={value}");
        }
    }
}
