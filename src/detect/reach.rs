//! How much of the text around a keyword decides what is made of it: as long as that stays the same, so does the verdict.
//!
//! Hands on [`reach`], for history: where one version of a file is made from another, only keywords near a change are looked at
//! again. The trap: too short a reach loses secrets, so each bound here is the one of the code that reads that far.

use std::ops::Range;

use super::assignment::{BEFORE, VALUE_MAX};
use super::block::LIMIT;
use super::{RuleId, RuleSet, named};

/// What the judge looks at beside a value: the lines before it, what is near, and a comment on its line or the one before.
const NEAR: usize = 480;
/// How long a line is followed for a comment that allows something.
const LINE: usize = 4096;
/// How far the parts of a literal may stand from each other.
const JOINT: usize = 208;
/// What stands between a block's keyword and what belongs to it, beside the block itself.
const AROUND_BLOCK: usize = 8 << 10;

/// How many bytes before the keyword's first and after its last decide.
#[must_use]
pub fn reach(rules: &RuleSet, id: RuleId, text: &[u8], hit: &Range<usize>) -> (usize, usize) {
    let rule = rules.rule(id);
    let (before, after) = match rule.matcher() {
        "assignment" | "header" | "url" => (BEFORE + NEAR, value(text, hit)),
        "context" => (named::BEFORE + NEAR, named::AFTER + NEAR),
        // A literal in parts: what stands between two, and the rest.
        "regex" => (rule.reach() + 8, 2 * rule.reach() + JOINT),
        _ => return (LIMIT + AROUND_BLOCK, LIMIT + AROUND_BLOCK),
    };
    let line_start = |at: usize| {
        let from = at.saturating_sub(LINE);
        memchr::memrchr(b'\n', &text[from..at]).map_or(from, |n| from + n + 1)
    };
    let line = line_start(hit.start);
    let line_before = line_start(line.saturating_sub(1));
    let end = text.len().min(hit.end + LINE);
    let line_end = memchr::memchr(b'\n', &text[hit.end..end]).unwrap_or(end - hit.end);
    (before.max(hit.start - line_before), after.max(line_end))
}

/// How far behind a name its value may end, and what the judge looks at behind that.
fn value(text: &[u8], hit: &Range<usize>) -> usize {
    let all = VALUE_MAX + NEAR;
    if text[hit.clone()].eq_ignore_ascii_case(b"kty") {
        // The members of a key stand around its type.
        return all + 1200;
    }
    let window = &text[hit.end..text.len().min(hit.end + VALUE_MAX)];
    // A value stands on the name's line or the third after it at the latest, unless something opens there that goes on.
    let mut ends = memchr::memchr_iter(b'\n', window);
    let line = &window[..ends.next().unwrap_or(window.len())];
    let last = ends.nth(2).unwrap_or(window.len());
    if opens(line) || heads_columns(text, hit, line) { all } else { last + NEAR }
}

/// True when rows of values may stand below: the first line of a text that commas, semicolons or tabs part (CSV), a line that bars
/// part (Markdown), the columns of an `INSERT`.
fn heads_columns(text: &[u8], hit: &Range<usize>, rest: &[u8]) -> bool {
    let before = &text[hit.start.saturating_sub(BEFORE)..hit.start];
    let line = memchr::memrchr(b'\n', before).map_or(before, |n| &before[n + 1..]);
    let inserts = || {
        [line, rest].iter().any(|part| memchr::memmem::find(&part.to_ascii_lowercase(), b"into").is_some())
    };
    let first = || memchr::memchr(b'\n', &text[..hit.start]).is_none();
    let parts = |marks: &[u8]| [line, rest].iter().any(|part| part.iter().any(|byte| marks.contains(byte)));
    parts(b"|") || hit.start < LINE && parts(b",;\t") && first() || line.contains(&b'(') && inserts()
}

/// True when what the line holds may go on over many lines: a list, a literal with line ends in it, a block of YAML, markup.
fn opens(line: &[u8]) -> bool {
    let mut last = 0;
    let mut before = 0;
    for (at, &byte) in line.iter().enumerate() {
        match byte {
            b'`' | b'[' => return true,
            b'"' | b'\'' if line[at..].starts_with(&[byte; 3]) => return true,
            b'>' if !matches!(before, b'-' | b'=') => return true,
            b'|' if line.len() - at < 8 => return true,
            _ => {}
        }
        before = byte;
        if !byte.is_ascii_whitespace() {
            last = byte;
        }
    }
    matches!(last, b'{' | b'(' | b'\\')
}
