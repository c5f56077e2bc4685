//! A literal that is written in parts: `"a" + "b"`, `'a' . 'b'`, `"a" "b"`, over lines too.
//!
//! The trap: parts that something else stands between are no literal; only blanks, line ends and one joining sign may.

use std::ops::Range;

use super::super::map::{Map, Pieces};
use super::{Decoded, LEAST};

/// How many bytes a literal and all its parts may take.
const LONGEST: usize = 8 * 1024;

/// Joins the literals around `at`, which is where one ends and the next begins.
pub(super) fn around(text: &[u8], at: Range<usize>, most: usize) -> Option<Decoded> {
    let quote = *text[at.clone()].iter().find(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let low = at.start.saturating_sub(LONGEST);
    // The first part's opening quote: back over joints.
    let mut start = opening(text, low, at.start, quote)?;
    while let Some(before) = joint_before(text, start, quote) {
        match opening(text, low, before, quote) {
            Some(opened) => start = opened,
            None => break,
        }
    }
    let high = text.len().min(start + LONGEST.min(most));
    let (mut bytes, mut pieces) = (Vec::new(), Pieces::default());
    // What is assigned stands before it, so that the joined literal is judged beside its name.
    let line = text[low..start].iter().rposition(|byte| *byte == b'\n').map_or(low, |end| low + end + 1);
    pieces.push(0, start + 1 - line, line..start + 1);
    bytes.extend(&text[line..=start]);
    let mut part = start + 1;
    let mut parts = 0;
    let end = loop {
        let close =
            text.get(part..high)?.iter().position(|byte| matches!(*byte, b'\n') || *byte == quote)? + part;
        if text[close] != quote {
            return None;
        }
        pieces.push(bytes.len(), close - part, part..close);
        bytes.extend(&text[part..close]);
        parts += 1;
        match joint_after(text, close + 1, high, quote) {
            Some(next) => part = next,
            None => break close + 1,
        }
    };
    pieces.push(bytes.len(), 1, end - 1..end);
    bytes.push(quote);
    (parts > 1 && bytes.len() >= LEAST).then_some(())?;
    Some(Decoded {
        bytes,
        map: Map::new(pieces.step()?),
        region: line..end,
        written: "parts that are joined",
        judge_as: None,
    })
}

/// The opening quote of the part that ends at `end`, which is its closing one.
fn opening(text: &[u8], low: usize, end: usize, quote: u8) -> Option<usize> {
    let found = text.get(low..end)?.iter().rposition(|byte| *byte == quote || *byte == b'\n')? + low;
    (text[found] == quote).then_some(found)
}

/// Where the part before ends, when only a joint stands between it and the quote at `start`.
fn joint_before(text: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start;
    let mut signs = 0;
    while at > 0 && start - at < 200 {
        match text[at - 1] {
            byte if byte == quote => return (start - at > 0).then_some(at - 1),
            b' ' | b'\t' | b'\r' | b'\n' | b'\\' => {}
            b'+' | b'.' | b'&' if signs < 2 => signs += 1,
            _ => return None,
        }
        at -= 1;
    }
    None
}

/// Where the next part begins, behind its quote.
fn joint_after(text: &[u8], close: usize, high: usize, quote: u8) -> Option<usize> {
    let mut signs = 0;
    for (at, byte) in text.iter().enumerate().take(high).skip(close).take(200) {
        match *byte {
            byte if byte == quote => return (at > close).then_some(at + 1),
            b' ' | b'\t' | b'\r' | b'\n' | b'\\' => {}
            b'+' | b'.' | b'&' if signs < 2 => signs += 1,
            _ => return None,
        }
    }
    None
}
