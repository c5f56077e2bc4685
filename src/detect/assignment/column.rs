//! A name that heads a column: the first line of a CSV file, a table in Markdown, the columns of an SQL `INSERT`.
//!
//! Hands on the value of each row within the window. The trap: commas and bars stand everywhere, so a column is told from the
//! name's own place first, and nothing further is read where that does not fit.

use std::ops::Range;

use super::cursor::Cursor;
use super::literal::literal;
use super::{BEFORE, Form, Found, VALUE_MAX, push};

/// How long a line of headings may be, in bytes.
const HEADINGS: usize = 600;
/// How many rows of a table are read.
const ROWS: usize = 64;

/// Looks below a heading; `at` is behind the name and what closes it. True when the name was one.
pub(super) fn find(text: &[u8], name: &Range<usize>, at: usize, out: &mut Vec<Found>) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let blanks = rest.iter().take_while(|b| **b == b' ').count();
    match rest.get(blanks) {
        Some(b'|') => bars(text, name, out),
        Some(b',' | b')') if inserted(text, name, at, out) => true,
        Some(b',' | b';' | b'\t' | b'\r' | b'\n') => separated(text, name, out),
        _ => false,
    }
}

/// The line that holds `at`, when it begins within reach.
fn line_of(text: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at.saturating_sub(HEADINGS);
    let start = match memchr::memrchr(b'\n', &text[from..at]) {
        Some(n) => from + n + 1,
        None if from == 0 => 0,
        None => return None,
    };
    let rest = &text[at..text.len().min(at + HEADINGS)];
    Some(start..at + memchr::memchr(b'\n', rest)?)
}

/// The lines below `end`, as far as the window reaches.
fn below(text: &[u8], end: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let limit = text.len().min(end + VALUE_MAX);
    let mut at = end + 1;
    std::iter::from_fn(move || {
        let line = text.get(at..limit).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', line);
        // A line that the window cuts is none.
        let length = length.or((limit == text.len()).then_some(line.len()))?;
        let row = at..at + length;
        at = row.end + 1;
        Some(row)
    })
}

/// Without blanks, quotes and marks of code or bold.
fn trimmed(text: &[u8], cell: Range<usize>) -> Range<usize> {
    let mark = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`' | b'*');
    let bytes = &text[cell.clone()];
    let start = bytes.iter().take_while(|b| mark(b)).count();
    let end = bytes.len() - bytes[start..].iter().rev().take_while(|b| mark(b)).count();
    cell.start + start..cell.start + end
}

/// `| user | password |`, the line of dashes, and the rows.
fn bars(text: &[u8], name: &Range<usize>, out: &mut Vec<Found>) -> bool {
    let Some(line) = line_of(text, name.end) else { return false };
    let mut rows = below(text, line.end);
    let Some(dashes) = rows.next() else { return false };
    let dashes = text[dashes].trim_ascii();
    if !memchr::memmem::find(dashes, b"--").is_some_and(|_| dashes.iter().all(|b| b"|:- ".contains(b))) {
        return false;
    }
    let column = memchr::memchr_iter(b'|', &text[line.start..name.start]).count();
    for row in rows.take(ROWS) {
        let bytes = &text[row.clone()];
        // The table ends at a line without bars, and another one begins above a line of dashes.
        if memchr::memchr(b'|', bytes).is_none() || bytes.iter().all(|b| b"|:- \r".contains(b)) {
            break;
        }
        let mut marks = memchr::memchr_iter(b'|', bytes);
        let from = match column {
            0 => Some(0),
            n => marks.nth(n - 1).map(|at| at + 1),
        };
        let Some(from) = from else { break };
        let end = marks.next().unwrap_or(bytes.len());
        push(text, out, name.clone(), trimmed(text, row.start + from..row.start + end), Form::Pair);
    }
    true
}

/// The cell `column` of a line of separated values, and how many there are.
fn cell(text: &[u8], line: &Range<usize>, mark: u8, column: usize) -> (Option<Range<usize>>, usize) {
    let (mut from, mut count, mut found, mut quoted) = (line.start, 0, None, false);
    for at in line.start..=line.end {
        let byte = if at == line.end { mark } else { text[at] };
        quoted ^= byte == b'"';
        if byte == mark && (!quoted || at == line.end) {
            if count == column {
                found = Some(trimmed(text, from..at));
            }
            count += 1;
            from = at + 1;
        }
    }
    (found, count)
}

/// The first line of a text names columns: each line below has as many.
fn separated(text: &[u8], name: &Range<usize>, out: &mut Vec<Found>) -> bool {
    if name.start > HEADINGS {
        return false;
    }
    let Some(line) = line_of(text, name.end).filter(|line| line.start == 0) else { return false };
    let heading = &text[line.clone()];
    let heading = heading.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(heading);
    let Some(mark) = [b',', b';', b'\t'].into_iter().find(|mark| heading.contains(mark)) else {
        return false;
    };
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-. \"'\r/#".contains(b) || *b == mark || *b >= 0x80;
    if !heading.iter().all(plain) {
        return false;
    }
    let column = memchr::memchr_iter(mark, &text[..name.start]).count();
    let (own, columns) = cell(text, &line, mark, column);
    if own.is_none_or(|own| !own.contains(&name.start)) {
        return false;
    }
    let before = out.len();
    for row in below(text, line.end) {
        let (value, count) = cell(text, &row, mark, column);
        if count != columns {
            break;
        }
        if let Some(value) = value {
            push(text, out, name.clone(), value, Form::Pair);
        }
    }
    out.len() > before
}

/// `INSERT INTO users (name, password) VALUES ('x', '…'), (…)`; `at` is behind the name.
fn inserted(text: &[u8], name: &Range<usize>, at: usize, out: &mut Vec<Found>) -> bool {
    let before = &text[name.start.saturating_sub(BEFORE)..name.start];
    let Some(open) = memchr::memrchr(b'(', before) else { return false };
    let table = before[..open].trim_ascii_end();
    let quoted = |b: &u8| b.is_ascii_alphanumeric() || b"_.`\"[]".contains(b);
    let table = table.len() - table.iter().rev().take_while(|b| quoted(b)).count();
    let words = before[..table].trim_ascii_end();
    if !words.get(words.len().saturating_sub(5)..).is_some_and(|w| w.eq_ignore_ascii_case(b" into")) {
        return false;
    }
    let column = memchr::memchr_iter(b',', &before[open..]).count();
    let mut cursor = Cursor::new(text, at);
    let rest = &cursor.rest()[..cursor.rest().len().min(HEADINGS)];
    let Some(close) = memchr::memchr(b')', rest) else { return true };
    cursor.at += close + 1;
    cursor.space();
    if !cursor.eat_word(b"values") && !cursor.eat_word(b"value") {
        return true;
    }
    loop {
        cursor.space();
        if !cursor.eat(b"(") {
            return true;
        }
        let Some(end) = row(&mut cursor, name, column, out) else { return true };
        cursor.at = end;
        cursor.space();
        if !cursor.eat(b",") {
            return true;
        }
    }
}

/// The value at its place in a row of SQL, and where the row ends.
fn row(at: &mut Cursor<'_>, name: &Range<usize>, column: usize, out: &mut Vec<Found>) -> Option<usize> {
    let (mut place, mut depth) = (0, 0usize);
    loop {
        if at.at >= at.end {
            return None;
        }
        match at.peek() {
            quote @ (b'\'' | b'"') => {
                match literal(at) {
                    Some(value) if place == column && depth == 0 => {
                        push(at.text, out, name.clone(), value, Form::Pair);
                    }
                    Some(_) => {}
                    None if at.rest().get(1) == Some(&quote) => at.at += 2,
                    None => return None,
                }
                continue;
            }
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(at.at + 1),
            b')' => depth -= 1,
            b',' if depth == 0 => place += 1,
            b';' => return None,
            _ => {}
        }
        at.at += 1;
    }
}
