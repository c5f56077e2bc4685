//! Bytes that are written in a list: `0x2d, 0x2d`, as C's arrays have them, and `2d:2d`.
//!
//! The trap: a list goes over many lines, so what may stand between two of its bytes is little, lest it runs into the next.

use std::ops::Range;

use super::super::map::{Map, Pieces};
use super::{Decoded, LEAST};

/// How far a list is read to either side of what gave it away: a key of 4,096 bits in PEM is 20 KB so.
const AROUND: usize = 64 * 1024;
/// How many bytes may stand between two: `,`, a line end and an indent.
const BETWEEN: usize = 40;

/// Reads the list around `at`.
pub(super) fn around(text: &[u8], at: Range<usize>, most: usize) -> Option<Decoded> {
    let style = if text[at.clone()].starts_with(b"0x") || text[at.clone()].starts_with(b"0X") {
        Style { width: 4, separator: b',' }
    } else {
        Style { width: 2, separator: b':' }
    };
    let mut start = at.start;
    while at.start - start < AROUND
        && let Some(before) = style.before(text, start)
    {
        start = before;
    }
    let (mut bytes, mut pieces) = (Vec::new(), Pieces::default());
    let mut next = start;
    let mut end = start;
    while bytes.len() < most
        && next - start < 2 * AROUND
        && let Some(byte) = style.read(text, next)
    {
        end = next + style.width;
        pieces.push(bytes.len(), 1, next..end);
        bytes.push(byte);
        match style.after(text, end) {
            Some(after) => next = after,
            None => break,
        }
    }
    if bytes.len() < LEAST {
        bytes.clear();
    }
    Some(Decoded {
        bytes,
        map: Map::new(pieces.step()?),
        region: start..end.max(at.end),
        written: "a list of bytes",
        judge_as: None,
    })
}

/// How each byte is written, and what stands between two.
#[derive(Clone, Copy)]
struct Style {
    /// Characters of one byte.
    width: usize,
    separator: u8,
}

impl Style {
    fn read(self, text: &[u8], at: usize) -> Option<u8> {
        let written = text.get(at..at + self.width)?;
        let digits = if self.width == 4 {
            written.strip_prefix(b"0x").or_else(|| written.strip_prefix(b"0X"))?
        } else {
            written
        };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        Some((digit(digits[0])? << 4 | digit(digits[1])?) as u8)
    }

    /// Where the byte behind the one that ends at `end` begins.
    fn after(self, text: &[u8], end: usize) -> Option<usize> {
        let rest = text.get(end..)?;
        let gap = rest.iter().take(BETWEEN).take_while(|byte| self.is_between(**byte)).count();
        let separators = rest[..gap].iter().filter(|byte| **byte == self.separator).count();
        (separators == 1).then_some(end + gap)
    }

    /// Where the byte before the one that begins at `start` begins.
    fn before(self, text: &[u8], start: usize) -> Option<usize> {
        let gap = text[..start].iter().rev().take(BETWEEN).take_while(|byte| self.is_between(**byte)).count();
        let separators = text[start - gap..start].iter().filter(|byte| **byte == self.separator).count();
        let at = (start - gap).checked_sub(self.width)?;
        (separators == 1 && self.read(text, at).is_some()).then_some(at)
    }

    fn is_between(self, byte: u8) -> bool {
        byte == self.separator || byte.is_ascii_whitespace()
    }
}
