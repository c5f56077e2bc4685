//! Python's compiled files: no parser, but in them a string's end is only told by the length before it, and the next
//! object's type is often a letter, so that a token seems to go on.
//!
//! Strings are taken by their type byte and length (CPython, `Python/marshal.c`) wherever both fit.

use super::super::map::{Map, Pieces};
use super::Decoded;

/// Shorter strings are names and the like.
const LEAST: usize = 4;

/// The strings of a compiled file, one a line; `None` when it is none.
pub(super) fn strings(bytes: &[u8], most: usize) -> Option<Decoded> {
    let mut text = Vec::new();
    let mut pieces = Pieces::default();
    let mut at = super::BYTECODE_HEADER;
    while at < bytes.len() && text.len() < most {
        let Some(string) = string(bytes, at) else {
            at += 1;
            continue;
        };
        pieces.push(text.len(), string.len(), string.clone());
        text.extend(&bytes[string.clone()]);
        pieces.push(text.len(), 1, string.end..string.end);
        text.push(b'\n');
        at = string.end;
    }
    Some(Decoded {
        bytes: text,
        map: Map::new(pieces.step()?),
        region: 0..bytes.len(),
        written: "Python's bytecode",
        judge_as: Some("strings"),
    })
}

/// The string of the object at `at`.
fn string(bytes: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    let (start, length) = match bytes[at] & 0x7F {
        b'z' | b'Z' => (at + 2, usize::from(*bytes.get(at + 1)?)),
        b's' | b'u' | b't' | b'a' | b'A' => {
            let length = bytes.get(at + 1..at + 5)?.try_into().ok()?;
            (at + 5, usize::try_from(u32::from_le_bytes(length)).ok()?)
        }
        _ => return None,
    };
    let content = bytes.get(start..start.checked_add(length)?)?;
    (length >= LEAST && content.iter().all(|byte| super::is_text(*byte))).then_some(start..start + length)
}
