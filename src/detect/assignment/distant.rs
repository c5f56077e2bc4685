//! A value that stands apart from its name: behind accessors, in the block of a declaration, before a comparison.
//!
//! Hands on at most one candidate a name. The trap: what stands between could be anything, so each form is known by its
//! own words.

use std::ops::Range;

use super::cursor::Cursor;
use super::literal::literal;
use super::{Form, Found, push};

/// How far a block is looked into for its default, in bytes.
const BLOCK: usize = 240;
/// How far before the name a compared literal may begin, in bytes.
const LITERAL: usize = 240;

/// After a name and a blank, at `{`: C#'s `{ get; set; } = "value"`, and Terraform's `variable "name" { default = "value" }`.
pub(super) fn in_block(at: &mut Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) {
    let text = at.text;
    let rest = &at.rest()[..at.rest().len().min(BLOCK)];
    let close = rest.iter().position(|b| *b == b'}');
    let declared = text[..name.start].trim_ascii_end().strip_suffix(b"\"").unwrap_or_default();
    if declared.trim_ascii_end().ends_with(b"variable") {
        let inside = &rest[..close.unwrap_or(rest.len())];
        let Some(n) = memchr::memmem::find(inside, b"default") else { return };
        at.at += n + b"default".len();
        at.blanks();
    } else if rest[1..].trim_ascii_start().starts_with(b"get") {
        let Some(close) = close else { return };
        at.at += close + 1;
        at.blanks();
    } else {
        return;
    }
    if at.eat(b"=") {
        at.blanks();
        if let Some(value) = literal(at) {
            push(text, out, name.clone(), value, Form::Assigned);
        }
    }
}

/// `"value" == name`: the literal before the comparison.
pub(super) fn compared(text: &[u8], name: &Range<usize>, out: &mut Vec<Found>) {
    let before = &text[name.start.saturating_sub(LITERAL)..name.start];
    let before = before.trim_ascii_end();
    let signs = match before.strip_suffix(b".equals(") {
        // "value".equals(name)
        Some(literal) => literal,
        None => {
            let Some(signs) = before.strip_suffix(b"==").or(before.strip_suffix(b"!=")) else { return };
            signs.strip_suffix(b"=").or(signs.strip_suffix(b"!")).unwrap_or(signs).trim_ascii_end()
        }
    };
    let Some((quote @ (b'"' | b'\''), inside)) = signs.split_last() else { return };
    let line = inside.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let Some(open) = inside.iter().rposition(|b| b == quote).filter(|open| *open >= line) else { return };
    let from = name.start.saturating_sub(LITERAL);
    push(text, out, name.clone(), from + open + 1..from + inside.len(), Form::Compared);
}
