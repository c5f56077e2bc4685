//! Written forms that say "here is something encoded": what the prefilter looks for beside keywords.
//!
//! Hands on: [`Writing`], and for the build the [`Spelling`]s of each. The trap: compiled by the build script too, so it uses
//! nothing else of this crate; and each spelling's window takes its share of the prefilter's bitmap, so they must be rare
//! in plain text.

/// How something is written, and so which decoder reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Writing {
    /// Base64 in which a known text begins at the first, second or third byte of a group.
    Base64,
    /// A word that says that base64 stands near.
    Base64Named,
    /// Two hex digits a byte.
    Hex,
    /// `\\x41`, `\\u0041`, `\\101`, and quotes that are escaped more than once.
    Backslash,
    /// `%41`.
    Percent,
    /// `&#65;`.
    Entity,
    /// `=41`, as mails have it.
    QuotedPrintable,
    /// A literal in several parts.
    Joined,
    /// The kind of a Kubernetes `Secret`, whose values are base64.
    Manifest,
    /// `0x41, 0x42` and `41:42`.
    Listed,
}

/// Every form, by its number.
pub const WRITINGS: [Writing; 10] = [
    Writing::Base64,
    Writing::Base64Named,
    Writing::Hex,
    Writing::Backslash,
    Writing::Percent,
    Writing::Entity,
    Writing::QuotedPrintable,
    Writing::Joined,
    Writing::Manifest,
    Writing::Listed,
];

/// One text that wakes a decoder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spelling {
    /// What stands in the text.
    pub text: Vec<u8>,
    /// [`Writing`] as a number.
    pub writing: u8,
    /// Of base64: which of a group's four characters the text begins with.
    pub phase: u8,
    /// True when upper and lower case differ.
    pub exact: bool,
}

/// What stands in [`SpellingRow::writing`] where the row is no spelling but the name of a service.
pub const SERVICE: u8 = u8::MAX;

/// The stems of names that say "secret" themselves: a value beside one is found by them.
pub const SAID: [&str; 7] = ["key", "token", "secret", "pass", "pwd", "auth", "cred"];

/// True for the name of a service beside which its key may stand with no other word: what says "key" or the like is a
/// keyword already, and what is short or ends in a sign is no name by itself.
#[must_use]
pub fn names_itself(word: &str) -> bool {
    let alone = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    word.len() >= 4
        && word.split(['_', '.', ' ', '-']).all(alone)
        && !SAID.iter().any(|said| word.contains(said))
}

/// A spelling in the built tables.
#[derive(Debug, Clone, Copy)]
pub struct SpellingRow {
    /// Byte offset into the spellings' text; of a service's name its index among the services.
    pub at: u16,
    /// Its length.
    pub len: u8,
    /// [`Writing`] as a number, or [`SERVICE`].
    pub writing: u8,
    /// As in [`Spelling`].
    pub phase: u8,
    /// As in [`Spelling`].
    pub exact: bool,
}

/// Words that stand in what is worth decoding, beside the prefixes of tokens: each as it is usually written.
const WORDS: &[&str] = &[
    "password",
    "Password",
    "PASSWORD",
    "passwd",
    "PASSWD",
    "secret",
    "Secret",
    "SECRET",
    "token",
    "Token",
    "TOKEN",
    "api_key",
    "apiKey",
    "API_KEY",
    "private_key",
    "PRIVATE KEY",
    "_KEY=",
    "credential",
    "_authToken",
    "authorization",
    "Authorization",
    "-----BEGIN",
    "postgres://",
    "postgresql://",
    "mysql://",
    "mongodb",
    "redis://",
    "amqp",
];

/// Base64 that begins something which holds more: JSON, gzip, zip, zstd, xz; and the first two once more in base64.
const OPENINGS: &[(&str, u8)] = &[
    ("ewogIC", 0),
    ("ewoJI", 0),
    ("ew0KI", 0),
    ("eyAi", 0),
    ("H4sIA", 0),
    ("UEsDB", 0),
    ("KLUv/", 0),
    ("/Td6W", 0),
    ("LS0tLS1CRUdJTi", 0),
    ("ZXdvZ", 0),
    ("ZXlK", 0),
    ("SDRzSU", 0),
    ("TFMwdExTMU", 0),
];

/// Words beside which base64 stands.
const NAMED: &[&str] = &["base64", "b64decode", "atob(", "!!binary", "encodedcommand", "decode64"];

/// How a manifest says that it is a secret: YAML, JSON, and JSON inside a string.
const SECRET_KINDS: &[&str] = &[
    "kind: Secret",
    "kind: \"Secret\"",
    "kind: 'Secret'",
    "\"kind\": \"Secret",
    "\"kind\":\"Secret",
    "\"kind\\\": \\\"Secret",
    "\"kind\\\":\\\"Secret",
];

/// What else says how something is written, by the form's number.
const SIGNS: &[(&str, Writing)] = &[
    (r#"\\\""#, Writing::Backslash),
    ("%3A%2F%2F", Writing::Percent),
    ("%22%3A", Writing::Percent),
    ("%3D%22", Writing::Percent),
    ("BEGIN%20", Writing::Percent),
    ("%253A%252F%252F", Writing::Percent),
    ("%2522%253A", Writing::Percent),
    ("%253D%2522", Writing::Percent),
    ("password%253D", Writing::Percent),
    ("secret%253D", Writing::Percent),
    ("token%253D", Writing::Percent),
    ("key%253D", Writing::Percent),
    ("password%3D", Writing::Percent),
    ("secret%3D", Writing::Percent),
    ("token%3D", Writing::Percent),
    ("key%3D", Writing::Percent),
    ("&equals;", Writing::Entity),
    ("&colon;", Writing::Entity),
    ("quoted-printable", Writing::QuotedPrintable),
    (r#"" + ""#, Writing::Joined),
    (r"' + '", Writing::Joined),
    (r#"" . ""#, Writing::Joined),
    (r"' . '", Writing::Joined),
    ("\" +\n", Writing::Joined),
    ("' +\n", Writing::Joined),
    ("\" \\\n", Writing::Joined),
    ("' \\\n", Writing::Joined),
];

/// Letters and digits, one by one, are only escaped to hide them, so each of these is a sign by itself.
fn escaped_letters() -> Vec<(String, Writing)> {
    let letters = (b'0'..=b'9').chain(b'A'..=b'Z').chain([b'_']).chain(b'a'..=b'z');
    let mut all: Vec<(String, Writing)> = Vec::new();
    for letter in letters {
        all.push((format!("\\x{letter:02x}"), Writing::Backslash));
        all.push((format!("\\u00{letter:02x}"), Writing::Backslash));
        all.push((format!("\\{letter:03o}"), Writing::Backslash));
        all.push((format!("&#{letter};"), Writing::Entity));
        all.push((format!("&#x{letter:02x};"), Writing::Entity));
    }
    // What JSON encoders write for `=`, `&` and `'` lest a browser reads it.
    all.extend([("\\u003d".to_owned(), Writing::Backslash), ("\\u0027".to_owned(), Writing::Backslash)]);
    all
}

/// Four bytes of a word that is written byte by byte: they are rare enough, and a list of bytes is broken over lines, which
/// spares one end of a long word.
fn bytes_of_words() -> Vec<(String, Writing)> {
    let mut all = Vec::new();
    let ends = |word: &'static str| {
        let bytes = word.as_bytes();
        [&bytes[..4], if bytes.len() < 8 { &bytes[..4] } else { &bytes[bytes.len() - 4..] }]
    };
    for four in WORDS.iter().flat_map(|word| ends(word)) {
        let each = |before: &str, between: &str| {
            let bytes: Vec<String> = four.iter().map(|byte| format!("{before}{byte:02x}")).collect();
            bytes.join(between)
        };
        all.push((each("%", ""), Writing::Percent));
        all.push((each("0x", ", "), Writing::Listed));
        all.push((each("0x", ","), Writing::Listed));
        all.push((each("", ":"), Writing::Listed));
    }
    all
}

/// All spellings. `prefixes` are the texts that tokens begin with, in their own case.
#[must_use]
pub fn spellings(prefixes: &[String]) -> Vec<Spelling> {
    let mut all = Vec::new();
    for text in prefixes.iter().map(String::as_str).chain(WORDS.iter().copied()) {
        for shift in 0..3 {
            let (text, phase) = base64_inside(text.as_bytes(), shift);
            if text.len() >= 4 {
                all.push(Spelling { text, writing: Writing::Base64 as u8, phase, exact: true });
            }
        }
    }
    for word in WORDS {
        for (shift, again) in (0..3).flat_map(|shift| (0..3).map(move |again| (shift, again))) {
            let (inside, _) = base64_inside(word.as_bytes(), shift);
            let (text, phase) = base64_inside(&inside, again);
            if text.len() >= 6 {
                all.push(Spelling { text, writing: Writing::Base64 as u8, phase, exact: true });
            }
        }
    }
    for text in prefixes.iter().map(String::as_str).chain(WORDS.iter().copied()) {
        let text = text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into();
        all.push(Spelling { text, writing: Writing::Hex as u8, phase: 0, exact: false });
    }
    for &(text, writing) in SIGNS {
        all.push(Spelling { text: text.into(), writing: writing as u8, phase: 0, exact: false });
    }
    for (text, writing) in escaped_letters().into_iter().chain(bytes_of_words()) {
        all.push(Spelling { text: text.into(), writing: writing as u8, phase: 0, exact: false });
    }
    for &(text, phase) in OPENINGS {
        all.push(Spelling { text: text.into(), writing: Writing::Base64 as u8, phase, exact: true });
    }
    for text in SECRET_KINDS {
        all.push(Spelling { text: (*text).into(), writing: Writing::Manifest as u8, phase: 0, exact: true });
    }
    for text in NAMED {
        all.push(Spelling {
            text: (*text).into(),
            writing: Writing::Base64Named as u8,
            phase: 0,
            exact: false,
        });
    }
    all.sort();
    all.dedup();
    all
}

/// The characters of base64 that `text` alone decides when it begins at byte `shift` of a group, and which character of a
/// group the first of them is.
#[must_use]
pub fn base64_inside(text: &[u8], shift: usize) -> (Vec<u8>, u8) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |at: usize| text[at / 8 - shift] >> (7 - at % 8) & 1;
    let first = (8 * shift).div_ceil(6);
    let last = 8 * (shift + text.len()) / 6;
    let character = |at: usize| {
        let value = (6 * at..6 * at + 6).fold(0u8, |value, at| value << 1 | bit(at));
        ALPHABET[usize::from(value)]
    };
    ((first..last).map(character).collect(), (first % 4) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    #[test]
    fn the_inner_characters_are_those_of_any_surroundings() {
        for shift in 0..3 {
            let (inside, phase) = base64_inside(b"ghp_", shift);
            for filler in [b'a', 0xFF] {
                let whole = [&vec![filler; 3 + shift], b"ghp_".as_slice(), &[filler; 3]].concat();
                let written = base64::engine::general_purpose::STANDARD.encode(whole);
                let at = written.find(std::str::from_utf8(&inside).unwrap()).expect("it stands there");
                assert_eq!(at % 4, usize::from(phase));
            }
        }
    }

    #[test]
    fn every_number_is_its_form() {
        assert!(WRITINGS.iter().enumerate().all(|(number, form)| *form as usize == number));
    }
}
