//! A name that is itself a value (`name: DB_PASSWORD`), with its value under another key beside or below it.

use std::ops::Range;

use super::cursor::Cursor;
use super::literal::literal;
use super::{Form, Found, push, value};

/// How far below the name its value may stand, in bytes.
const REACH: usize = 120;
/// Keys under which the value of a named thing stands.
const KEYS: [&[u8]; 8] =
    [b"value", b"defaultvalue", b"default", b"secret", b"content", b"stringvalue", b"string", b"val"];

/// Looks for `value: …`, `"Value": "…"`, `value="…"` after the name at `at`, whose quote is closed.
pub(super) fn find(text: &[u8], at: &Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) {
    let mut at = at.clone();
    let limit = text.len().min(at.at + REACH);
    // Only marks and blanks, or one further attribute, may stand between: a comma, a line end, quotes, a dash.
    let mut words = 0;
    let mut lines = 0;
    while at.at < limit {
        let byte = at.peek();
        if byte.is_ascii_alphabetic() {
            let start = at.at;
            while at.at < limit && (at.peek().is_ascii_alphanumeric() || matches!(at.peek(), b'_' | b'.')) {
                at.at += 1;
            }
            let word = &text[start..at.at];
            if word == b"n" && start > 0 && text[start - 1] == b'\\' {
                continue;
            }
            if KEYS.iter().any(|k| k.eq_ignore_ascii_case(word)) {
                at.name_tail(start);
                let mut after = at.clone();
                after.blanks();
                if matches!(after.peek(), b':' | b'=') {
                    value::paired(&mut at, name, out);
                    return;
                }
            }
            words += 1;
            if words > 3 {
                return;
            }
        } else if byte == b'\n' {
            lines += 1;
            if lines > 2 {
                return;
            }
            at.at += 1;
        } else if byte == b'>' {
            // <property name="password">value</property>
            at.at += 1;
            if at.text[..name.start].iter().rev().take(60).any(|b| *b == b'<') {
                value::element(&at, name, out);
            }
            return;
        } else if matches!(byte, b'(' | b')' | b'{' | b'[' | b'|' | b'+' | b'#')
            || matches!(byte, b':' | b'=') && words == 0
        {
            return;
        } else {
            at.at += 1;
        }
    }
}

/// Keys in a declaration of a parameter under which its value stands.
const DEFAULTS: [&[u8]; 3] = [b"value", b"defaultvalue", b"default"];

/// `"name": {"type": "string", "defaultValue": "x"}` (Azure), the cursor at the bracket; true when there was one.
pub(super) fn default_inside(at: &Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) -> bool {
    let rest = &at.rest()[..at.rest().len().min(REACH)];
    let rest = &rest[..memchr::memchr(b'}', rest).unwrap_or(rest.len())];
    let Some(key) = memchr::memchr_iter(b'"', rest).find_map(|quote| {
        let word = &rest[quote + 1..];
        DEFAULTS.iter().find_map(|key| {
            let found = word.get(..key.len()).is_some_and(|w| w.eq_ignore_ascii_case(key))
                && word.get(key.len()) == Some(&b'"');
            found.then_some(quote + key.len() + 2)
        })
    }) else {
        return false;
    };
    let mut at = at.clone();
    at.at += key;
    at.blanks();
    if !at.eat(b":") {
        return false;
    }
    at.blanks();
    if let Some(value) = literal(&mut at) {
        push(at.text, out, name.clone(), value, Form::Pair);
    }
    true
}

/// `Name:` and, deeper, `Default: x` among the next lines (CloudFormation); the cursor at the first of these.
pub(super) fn default_below(at: &Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) {
    let mut at = at.clone();
    if !at.peek().is_ascii_uppercase() {
        return;
    }
    for _ in 0..4 {
        if at.eat(b"Default:") {
            at.blanks();
            if let Some(value) = literal(&mut at).or_else(|| super::literal::bare(&mut at, true)) {
                push(at.text, out, name.clone(), value, Form::Pair);
            }
            return;
        }
        let line = at.rest();
        let Some(end) = memchr::memchr(b'\n', &line[..line.len().min(REACH)]) else { return };
        at.at += end;
        at.space();
        if !at.peek().is_ascii_uppercase() {
            return;
        }
    }
}
