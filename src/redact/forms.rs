//! The ways in which programs write a value that they were given: base64, URLs, JSON, line by line.
//!
//! Hands on byte strings to look for, the value itself first. The trap: base64 of `user:value` holds the value's bits in one
//! of three shifts, so the characters that it shares with its neighbours are left out.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// Shorter forms of base64, and shorter lines of a value of several, stand elsewhere by chance.
const SHORTEST_PART: usize = 8;

/// Every form, without repetition; empty for an empty value.
pub(super) fn of(value: &[u8]) -> Vec<Vec<u8>> {
    let value = value.trim_ascii();
    if value.is_empty() {
        return Vec::new();
    }
    let mut forms = vec![value.to_vec()];
    let lines = value.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    // Of a key block only what is the key: its first and last line are the same for all.
    let own = |line: &&[u8]| line.len() >= SHORTEST_PART && !line.starts_with(b"-----");
    forms.extend(lines.filter(own).map(<[u8]>::to_vec));
    forms.extend([
        percent(value, true),
        percent(value, false),
        form_field(value),
        json(value, false),
        json(value, true),
    ]);
    forms.extend(base64(value));
    let mut seen = std::collections::HashSet::new();
    forms.retain(|form| seen.insert(form.clone()));
    forms
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

fn percent(value: &[u8], upper: bool) -> Vec<u8> {
    let escaped = |byte: &u8| match *byte {
        byte if is_unreserved(byte) => vec![byte],
        byte if upper => format!("%{byte:02X}").into_bytes(),
        byte => format!("%{byte:02x}").into_bytes(),
    };
    value.iter().flat_map(escaped).collect()
}

/// As a form's field: blanks are `+`.
fn form_field(value: &[u8]) -> Vec<u8> {
    value.split(|byte| *byte == b' ').map(|part| percent(part, true)).collect::<Vec<_>>().join(&b'+')
}

/// Inside a JSON string; `html` as Go and others write it, with `<`, `>` and `&` escaped.
fn json(value: &[u8], html: bool) -> Vec<u8> {
    let mut written = Vec::with_capacity(value.len());
    for &byte in value {
        match byte {
            b'"' | b'\\' => written.extend([b'\\', byte]),
            b'\n' => written.extend(b"\\n"),
            b'\r' => written.extend(b"\\r"),
            b'\t' => written.extend(b"\\t"),
            b'<' | b'>' | b'&' if html => written.extend(format!("\\u{byte:04x}").bytes()),
            0..0x20 => written.extend(format!("\\u{byte:04x}").bytes()),
            _ => written.push(byte),
        }
    }
    written
}

fn base64(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![STANDARD.encode(value)];
    for shift in 0..3 {
        let shifted = [&[0; 2][..shift], value].concat();
        let whole = shifted.len() * 8 / 6;
        let first = [0, 2, 3][shift];
        let encoded = STANDARD_NO_PAD.encode(&shifted);
        forms.push(encoded.get(first..whole).unwrap_or_default().to_owned());
    }
    forms.push(STANDARD_NO_PAD.encode(value));
    let url: Vec<String> = forms.iter().map(|form| form.replace('+', "-").replace('/', "_")).collect();
    forms.into_iter().chain(url).filter(|form| form.len() >= SHORTEST_PART).map(String::into_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_holds_the_value_in_each_shift() {
        let value = b"s3cr3t-v@lue/42";
        let forms = base64(value);
        for before in ["", "u", "us", "user:", "Basic user:"] {
            for after in ["", "x", "xy"] {
                let text = STANDARD.encode([before.as_bytes(), value, after.as_bytes()].concat());
                let longest =
                    forms.iter().filter(|form| memchr::memmem::find(text.as_bytes(), form).is_some());
                let longest = longest.map(Vec::len).max().unwrap_or(0);
                assert!(longest >= value.len() * 8 / 6 - 2, "{before}/{after}: {longest}");
            }
        }
    }

    #[test]
    fn urls_and_json_have_their_own_forms() {
        let forms = of(b"a b&c\"d/e");
        for form in [
            "a%20b%26c%22d%2Fe",
            "a%20b%26c%22d%2fe",
            "a+b%26c%22d%2Fe",
            "a b&c\\\"d/e",
            "a b\\u0026c\\\"d/e",
        ] {
            assert!(forms.iter().any(|known| known == form.as_bytes()), "{form}");
        }
        assert_eq!(forms[0], b"a b&c\"d/e");
    }

    #[test]
    fn a_value_of_several_lines_is_known_by_each() {
        let forms = of(b"-----BEGIN X-----\nMIIEabcdefgh\nxy\n-----END X-----\n");
        assert!(forms.contains(&b"MIIEabcdefgh".to_vec()));
        assert!(!forms.contains(&b"-----END X-----".to_vec()) && !forms.contains(&b"xy".to_vec()));
    }
}
