//! Several literals under one name: lists, arguments of a call, the values of a JSON text within a literal.

use std::ops::Range;

use super::cursor::Cursor;
use super::literal::{bare, literal, word};
use super::{Form, Found, push};

/// The most literals taken from one list or call.
const ITEMS: usize = 6;
/// Named arguments that give a value to the name.
const DEFAULTS: [&[u8]; 4] = [b"(default", b" default", b"(value", b" value"];
/// How far an argument list is followed, in bytes.
pub(super) const ARGUMENTS: usize = 240;

/// A literal that is itself JSON: its string values stand under the outer name. True when there was one.
pub(super) fn nested(text: &[u8], value: &Range<usize>, name: &Range<usize>, out: &mut Vec<Found>) -> bool {
    let mut inner = Cursor { text, at: value.start + 1, end: value.end };
    let mut items = 0;
    for _ in 0..2 * ITEMS {
        while inner.at < inner.end && inner.quote().is_none() {
            inner.at += 1;
        }
        if literal(&mut inner).is_none() {
            break;
        }
        inner.blanks();
        if inner.eat(b":") {
            inner.blanks();
            if let Some(value) = literal(&mut inner) {
                push(text, out, name.clone(), value, Form::Entry);
                items += 1;
            }
        }
    }
    items > 0
}

/// `["a", "b"]`, `{"a"}`, `("a")`, `(String) "a"`: the literals among the first items.
pub(super) fn list(at: &mut Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) {
    let open = at.peek();
    at.at += 1;
    let mut items = 0;
    at.space();
    let mut probe = at.clone();
    if open == b'{' && literal(&mut probe).is_some() {
        // A dictionary: its own keys speak for its values, unless it is one of several secrets by name.
        probe.blanks();
        if matches!(probe.peek(), b':' | b'=') {
            let plural = [&b"passwords"[..], b"tokens", b"keys", b"secrets", b"pwds"];
            let name_of_many = at.text[name.clone()].to_ascii_lowercase();
            if plural.iter().any(|word| name_of_many.ends_with(word)) {
                dictionary(at, name, out);
            }
            return;
        }
    }
    while items < ITEMS {
        at.space();
        if let Some(value) = literal(at) {
            push(at.text, out, name.clone(), value, if open == b'(' { Form::Assigned } else { Form::Listed });
            items += 1;
            at.space();
            if !at.eat(b",") {
                return;
            }
        } else if open == b'(' && items == 0 {
            // A cast
            let n = at
                .rest()
                .iter()
                .take(30)
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'*' | b'_' | b' '))
                .count();
            at.at += n;
            if !at.eat(b")") {
                return;
            }
            at.blanks();
            if let Some(value) = literal(at) {
                push(at.text, out, name.clone(), value, Form::Assigned);
            }
            return;
        } else if open == b'[' {
            // [value, other] (YAML)
            let Some(value) = bare(at, false) else { return };
            let mut behind = at.clone();
            behind.blanks();
            if !matches!(behind.peek(), b',' | b']') {
                return;
            }
            push(at.text, out, name.clone(), value, Form::Listed);
            items += 1;
            *at = behind;
            if !at.eat(b",") {
                return;
            }
        } else {
            return;
        }
    }
}

/// `{"first": "x", "second": "y"}` under a name in the plural, the cursor behind the bracket.
fn dictionary(at: &mut Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) {
    for _ in 0..ITEMS {
        at.space();
        if literal(at).is_none() {
            return;
        }
        at.blanks();
        if !at.eat(b":") && !at.eat(b"=>") {
            return;
        }
        at.blanks();
        let Some(value) = literal(at) else { return };
        push(at.text, out, name.clone(), value, Form::Listed);
        at.space();
        if !at.eat(b",") {
            return;
        }
    }
}

/// `- value` on lines of their own (YAML), from the first dash on.
pub(super) fn listed(at: &mut Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) {
    for _ in 0..ITEMS {
        if !at.eat(b"- ") {
            return;
        }
        at.blanks();
        let Some(value) = word(at) else { return };
        at.blanks();
        // A key with a value of its own, or words.
        if !at.at_line_end() {
            return;
        }
        push(at.text, out, name.clone(), value, Form::Listed);
        at.space();
    }
}

/// The literals among a call's arguments, nested calls included, on this line or the next.
pub(super) fn arguments(at: &mut Cursor<'_>, name: &Range<usize>, form: Form, out: &mut Vec<Found>) {
    let limit = at.end.min(at.at + ARGUMENTS);
    let mut depth = 0;
    let mut items = 0;
    while at.at < limit && items < ITEMS {
        let from = at.at;
        if let Some(value) = literal(at) {
            // A key of a dictionary or a named argument has a value of its own.
            let mut behind = at.clone();
            behind.blanks();
            if matches!(behind.peek(), b':' | b'=') {
                return;
            }
            // Of `"host=h password=x"` the names speak.
            let text = &at.text[value.clone()];
            if text.contains(&b' ') && text.contains(&b'=') {
                return;
            }
            push(at.text, out, name.clone(), value, form);
            items += 1;
            continue;
        }
        at.at = from;
        match at.peek() {
            b'(' => depth += 1,
            // An empty argument.
            quote @ (b'"' | b'\'') if at.rest().get(1) == Some(&quote) => at.at += 1,
            b')' if depth == 0 => {
                at.at += 1;
                return;
            }
            b')' => depth -= 1,
            // What a field is given when nothing is set: Field(default="x")
            b'=' if DEFAULTS.iter().any(|word| at.text[..at.at].trim_ascii_end().ends_with(word)) => {}
            b'{' | b'}' | b';' | b'=' => return,
            // A named argument is found by its own name; a Ruby symbol is no name.
            b':' if at.text[at.at - 1].is_ascii_alphanumeric() => return,
            // An unclosed quote
            b'"' | b'\'' | b'`' => return,
            _ => {}
        }
        at.at += 1;
    }
}
