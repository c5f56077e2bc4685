//! Makes bytes from names and contents safe to print: nothing moves the cursor, hides, reorders or commands.
//!
//! Hands on text for a terminal ([`escape`]) and for the JSON contract ([`for_json`]). The trap: CI services read
//! commands out of a log. `##vso[…]` and `##[…]` are taken anywhere in a line, so their second `#` is escaped; `::…::`
//! is taken only at a line's start, so the report begins no line with foreign text.

use std::fmt::Write as _;

/// Text for a person: controls, invisible and reordering characters become `\n`, `\x1b`, `\u{202e}`, bytes that are no
/// UTF-8 become `\xff`. A backslash stays one, because lines of code are full of them.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        for (at, c) in valid.char_indices() {
            if needs_escape(c) || (c == '#' && opens_ci_command(valid, at)) {
                push_escaped(&mut text, c);
            } else {
                text.push(c);
            }
        }
        push_bytes(&mut text, chunk.invalid());
    }
    text
}

/// A path or value as the JSON contract has it: bytes that are no UTF-8 as `\xNN`, a backslash as `\\`, all else as it
/// is. What a terminal must not see is left to the JSON writer, whose `\uNNNN` decode to the same text.
#[must_use]
pub fn for_json(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\\' {
                text.push('\\');
            }
            text.push(c);
        }
        push_bytes(&mut text, chunk.invalid());
    }
    text
}

/// True for characters that a terminal acts on, or that a reader cannot see.
#[must_use]
pub(super) fn needs_escape(c: char) -> bool {
    match c {
        ' '..='~' => false,
        // C0, DEL, C1.
        _ if c.is_control() => true,
        // Soft hyphen, grapheme joiner, Arabic letter mark, Hangul fillers, Khmer inherent vowels, Mongolian separators.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}' => true,
        // Zero-width characters and marks, line and paragraph separators, embeddings and overrides, isolates.
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        // Byte order mark, interlinear annotations, tags and the variation selectors that can carry data.
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

/// Whether the `#` at `at` is the second of `##[` or `##word[`: the Azure, older GitHub and TeamCity command forms.
#[must_use]
pub(super) fn opens_ci_command(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    at > 0
        && bytes[at - 1] == b'#'
        && bytes[at + 1..].iter().take(64).find(|b| !word(b)).is_some_and(|&b| b == b'[')
}

/// One character in its visible form.
fn push_escaped(text: &mut String, c: char) {
    // Writing to a `String` cannot fail.
    let _ = match c {
        '\n' | '\r' | '\t' => write!(text, "{}", c.escape_default()),
        '\0'..='\u{ff}' => write!(text, "\\x{:02x}", u32::from(c)),
        _ => write!(text, "\\u{{{:x}}}", u32::from(c)),
    };
}

fn push_bytes(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(text, "\\x{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(escape("naïve — 日本 C:\\dir 🙂".as_bytes()), "naïve — 日本 C:\\dir 🙂");
    }

    #[test]
    fn controls_are_visible() {
        assert_eq!(escape(b"a\n\r\t\0\x1b[31m\x7f"), "a\\n\\r\\t\\x00\\x1b[31m\\x7f");
        assert_eq!(escape("\u{85}\u{9b}31m".as_bytes()), "\\x85\\x9b31m");
    }

    #[test]
    fn what_reorders_or_hides_is_visible() {
        for c in
            ['\u{202e}', '\u{2066}', '\u{2069}', '\u{200b}', '\u{200d}', '\u{2028}', '\u{2029}', '\u{feff}']
        {
            assert_eq!(escape(c.to_string().as_bytes()), format!("\\u{{{:x}}}", u32::from(c)));
        }
        assert_eq!(escape("\u{ad}".as_bytes()), "\\xad");
        assert_eq!(escape("\u{e0041}".as_bytes()), "\\u{e0041}");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_visible() {
        assert_eq!(escape(b"caf\xe9.txt"), "caf\\xe9.txt");
        // A C1 control as a lone byte, a cut sequence, a surrogate.
        assert_eq!(escape(b"\x9b\xe2\x80\xed\xa0\x80"), "\\x9b\\xe2\\x80\\xed\\xa0\\x80");
    }

    #[test]
    fn a_ci_log_finds_no_command() {
        assert_eq!(escape(b"x ##vso[task.setvariable]y"), "x #\\x23vso[task.setvariable]y");
        assert_eq!(escape(b"##[group]"), "#\\x23[group]");
        assert_eq!(escape(b"###[group]"), "##\\x23[group]");
        assert_eq!(escape(b"##teamcity[x]"), "#\\x23teamcity[x]");
        assert_eq!(escape(b"## A heading [link]"), "## A heading [link]");
    }

    #[test]
    fn json_text_can_be_turned_back() {
        assert_eq!(for_json(b"a\\b\xff\x80\n"), "a\\\\b\\xff\\x80\n");
        assert_eq!(for_json("ü/日".as_bytes()), "ü/日");
    }
}
