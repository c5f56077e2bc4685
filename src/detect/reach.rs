//! How much of the text around a keyword decides what is made of it: as long as that stays the same, so does the verdict.
//!
//! Hands on [`reach`], for history: where one version of a file is made from another, only keywords near a change are looked at
//! again; and [`reach_of_nothing`], the same of a keyword from which nothing was made, as of nearly all. The trap: too short a
//! reach loses secrets, so each bound here is the one of the code that reads that far.

use std::ops::Range;

use super::assignment::{BEFORE, VALUE_MAX};
use super::block::LIMIT;
use super::{RuleId, RuleSet, header, logged, named, url};

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
        "logged" => (logged::REACH.0 + NEAR, logged::REACH.1 + NEAR),
        // A literal in parts: what stands between two, and the rest.
        "regex" => (rule.reach() + 8, 2 * rule.reach() + JOINT),
        _ => return (LIMIT + AROUND_BLOCK, LIMIT + AROUND_BLOCK),
    };
    let line = line_start(text, hit.start);
    let line_before = line_start(text, line.saturating_sub(1));
    (before.max(hit.start - line_before), after.max(line_end(text, hit.end, LINE) - hit.end))
}

/// Where the line begins on which that place is, or [`LINE`] bytes before.
fn line_start(text: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(LINE);
    memchr::memrchr(b'\n', &text[from..at]).map_or(from, |n| from + n + 1)
}

/// Where the line ends on which that place is, or so many bytes behind.
fn line_end(text: &[u8], at: usize, most: usize) -> usize {
    let at = at.min(text.len());
    let end = text.len().min(at + most);
    memchr::memchr(b'\n', &text[at..end]).map_or(end, |n| at + n)
}

/// The most that [`reach`] says of any keyword of a rule; `None` for those of blocks, which go on for pages.
#[must_use]
pub fn most(rules: &RuleSet, id: RuleId) -> Option<usize> {
    let rule = rules.rule(id);
    match rule.matcher() {
        "assignment" | "header" | "url" | "context" | "logged" => Some(2 * LINE + 1),
        "regex" => Some((2 * LINE + 1).max(2 * rule.reach() + JOINT)),
        _ => None,
    }
}

/// Before a name: the longest half of one, a word before it on its line, or a literal that is compared with it.
const BEFORE_A_NAME: usize = 700;
/// Behind one, on whatever line a value may begin: blanks, the arguments of a call, what stands between a name and a mention.
const BEHIND_A_NAME: usize = 320;
/// And what may stand between the third line and its value.
const BLANKS: usize = 240;

/// [`reach`] of a keyword from which nothing was made: only what could change that.
#[must_use]
pub fn reach_of_nothing(rules: &RuleSet, id: RuleId, text: &[u8], hit: &Range<usize>) -> (usize, usize) {
    let rule = rules.rule(id);
    let lines_before = |count: usize, most: usize| {
        let mut start = line_start(text, hit.start);
        for _ in 0..count {
            // Blank lines say nothing.
            let above = text[..start].trim_ascii_end().len();
            if hit.start - above >= most {
                return most;
            }
            start = line_start(text, above);
        }
        most.min(hit.start - start)
    };
    let line = |most: usize| line_end(text, hit.end, most) - hit.end;
    match rule.matcher() {
        "assignment" if text[hit.clone()].eq_ignore_ascii_case(b"kty") => reach(rules, id, text, hit),
        "assignment" => {
            let value = value(text, hit) - NEAR;
            let after = (value + BLANKS).max(line_end(text, hit.end + BEHIND_A_NAME, VALUE_MAX) - hit.end);
            (lines_before(1, BEFORE_A_NAME), after.min(VALUE_MAX + BEHIND_A_NAME))
        }
        "header" => (lines_before(1, BEFORE_A_NAME), line(header::LONGEST + 8)),
        "url" => (url::BEFORE + 8, line(url::REACH + 1)),
        "context" => (named::BEFORE + 8, line(named::AFTER)),
        "logged" => (lines_before(4, logged::REACH.0), line(logged::REACH.1)),
        "regex" => {
            let rest = &text[hit.end..text.len().min(hit.end + rule.reach() + 1)];
            let body =
                rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
            let quoted = matches!(rest.get(body), Some(b'"' | b'\''));
            let joint = body + if quoted { JOINT } else { 1 };
            let (before, after) = match rule.may_follow(text, hit) {
                true => (rule.reach() + 32, rule.reach() + 8),
                // The class of a few bytes behind the keyword, or an escape before it, is all that was asked.
                false => (32, 256),
            };
            (before, after.max(joint))
        }
        _ => reach(rules, id, text, hit),
    }
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
