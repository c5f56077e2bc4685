//! Code that prints a secret: a log, print or exception call with a name that says secret among its arguments.
//!
//! Own code around the keyword, for the languages that people write services in. Hands on the call as the candidate's value
//! and the name that it prints. The trap: most words like `password` in a call stand in its text (`"wrong password"`) or
//! in a question about the value (`token is None`), so a name counts only as an expression that is handed over whole.

mod name;
mod sink;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::assignment::{Form, Found};

/// How far before the name its call may begin, in bytes.
const BEFORE: usize = 240;

/// How far the call is looked at behind the name, in bytes.
const AFTER: usize = 240;

/// How far before and behind the keyword its call may reach: half a name, and lines above it.
pub(super) const REACH: (usize, usize) = (4 * (BEFORE + 1) + 64, AFTER + 64);

/// Looks at the name that holds the keyword at `hit`, and adds the call that prints it to `out`.
pub fn find(text: &[u8], hit: Range<usize>, out: &mut Vec<Found>) {
    let Some(name) = name::around(text, &hit) else { return };
    let line_start = memchr::memrchr(b'\n', &text[name.start.saturating_sub(BEFORE)..name.start])
        .map(|at| name.start.saturating_sub(BEFORE) + at + 1);
    // A line that begins further away is minified: nobody reads a warning about it.
    let Some(line_start) = line_start.or_else(|| (name.start < BEFORE).then_some(0)) else { return };
    let before = text[line_start..name.start].trim_ascii_start();
    if [&b"#"[..], b"//", b"* ", b"-- "].iter().any(|mark| before.starts_with(mark)) {
        return;
    }
    let statement = before.first().is_some_and(|first| sink::FIRST_LETTERS.contains(first));
    if !statement && !before.contains(&b'(') && !before.iter().all(|b| !b.is_ascii_alphabetic()) {
        return;
    }
    if !name::says_secret(text, &name) {
        return;
    }
    let line_end = memchr::memchr(b'\n', &text[name.end..text.len().min(name.end + AFTER)]);
    let Some(line_end) = line_end.or_else(|| (text.len() - name.end < AFTER).then(|| text.len() - name.end))
    else {
        return;
    };
    let line = line_start..name.end + line_end;
    let own = name.start - line.start..name.end - line.start;
    let bytes = &text[line.clone()];
    let tells = |bytes: &[u8], own: &Range<usize>, call: &Range<usize>| {
        name::is_printed(bytes, own, call) && name::is_announced(bytes, own, call)
    };
    let call = sink::call(bytes, own.start).filter(|call| tells(bytes, &own, call));
    // The arguments of a call may stand on lines of their own.
    let call = call.map(|call| line.start + call.start..line.start + call.end).or_else(|| {
        let start = opening_line(text, line.start, &bytes[..own.start])?;
        let bytes = &text[start..line.end];
        let own = name.start - start..name.end - start;
        let call = sink::call(bytes, own.start).filter(|call| tells(bytes, &own, call))?;
        Some(start + call.start..start + call.end)
    });
    if let Some(call) = call {
        out.push(Found { name, value: call.start..call.end, form: Form::Argument });
    }
}

/// Where the line begins that opened the call in whose arguments this line stands: a few lines up at most.
fn opening_line(text: &[u8], line_start: usize, before: &[u8]) -> Option<usize> {
    // Only a line that is nothing but an argument.
    let starts_bare =
        before.iter().all(|b| b.is_ascii_alphanumeric() || b" \t\"'`$#{}.,:=_[]()&*-+%<>/|!?".contains(b));
    if !starts_bare {
        return None;
    }
    let mut start = line_start;
    for _ in 0..3 {
        let end = start.checked_sub(1)?;
        let from = end.saturating_sub(BEFORE);
        start = memchr::memrchr(b'\n', &text[from..end])
            .map_or((from == 0).then_some(0), |at| Some(from + at + 1))?;
        let above = text[start..end].trim_ascii_end();
        match above.last() {
            Some(b'(') => return Some(start),
            Some(b',' | b'+' | b'"' | b'\'' | b'`' | b'.') => {}
            _ => return None,
        }
    }
    None
}
