//! Several literals under one name: lists, arguments of a call, the values of a JSON text within a literal.

use std::ops::Range;

use super::cursor::Cursor;
use super::value::literal;
use super::{Form, Found, push};

/// The most literals taken from one list or call.
const ITEMS: usize = 6;
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
        // A dictionary: its own keys speak for its values.
        probe.blanks();
        if matches!(probe.peek(), b':' | b'=') {
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
        } else {
            return;
        }
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
