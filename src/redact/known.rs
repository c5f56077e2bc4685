//! Values that are masked wherever they stand, without a name or format around them.
//!
//! Adds the places of each value to a list. The trap: values come in while the text streams by, thousands of them, so there
//! is no automaton to build anew: a bitmap of hashed first bytes stands in front of a table.

use std::collections::HashMap;
use std::sync::Arc;

use super::Span;

/// Shorter values are not masked: their bytes would stand everywhere.
pub(super) const SHORTEST: usize = 4;

/// What all remembered values may take, in bytes.
const MOST_BYTES: usize = 16 << 20;

const BITS: usize = 1 << 16;

#[derive(Default)]
pub(super) struct Known {
    bitmap: Vec<u64>,
    /// By their first four bytes.
    by_start: HashMap<u32, Vec<Value>>,
    bytes: usize,
}

struct Value {
    bytes: Box<[u8]>,
    mask: Arc<str>,
}

fn slot(window: u32) -> usize {
    (window.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

fn first(value: &[u8]) -> Option<u32> {
    value.first_chunk().map(|first| u32::from_le_bytes(*first))
}

impl Known {
    /// Remembers a value of at least [`SHORTEST`] bytes, unless there are too many already.
    pub(super) fn insert(&mut self, value: Vec<u8>, mask: &Arc<str>) {
        let Some(window) = first(&value).filter(|_| self.bytes + value.len() <= MOST_BYTES) else { return };
        let same = self.by_start.entry(window).or_default();
        if same.iter().any(|known| *known.bytes == *value) {
            return;
        }
        self.bytes += value.len() + 64;
        same.push(Value { bytes: value.into(), mask: mask.clone() });
        // The longest first: a value may be the start of another.
        same.sort_by_key(|known| std::cmp::Reverse(known.bytes.len()));
        if self.bitmap.is_empty() {
            self.bitmap = vec![0; BITS / 64];
        }
        self.bitmap[slot(window) / 64] |= 1 << (slot(window) % 64);
    }

    /// Adds every place at which a value stands; those of one start do not overlap.
    pub(super) fn find(&self, text: &[u8], out: &mut Vec<Span>) {
        if self.bitmap.is_empty() {
            return;
        }
        let bitmap = &self.bitmap[..BITS / 64];
        let bit = |window: u32| bitmap[slot(window) / 64] >> (slot(window) % 64) & 1;
        let mut at = 0;
        loop {
            // Four places out of one load: nearly all are passed over so.
            let mut rest = text.get(at..).unwrap_or_default();
            while let Some(eight) = rest.first_chunk::<8>() {
                let word = u64::from_le_bytes(*eight);
                let found = bit(word as u32)
                    | bit((word >> 8) as u32)
                    | bit((word >> 16) as u32)
                    | bit((word >> 24) as u32);
                if found != 0 {
                    break;
                }
                rest = &rest[4..];
            }
            at = text.len() - rest.len();
            let Some(window) = text.get(at..).and_then(first) else { return };
            if bit(window) != 0
                && let Some(values) = self.by_start.get(&window)
                && let Some(value) = values.iter().find(|value| text[at..].starts_with(&value.bytes))
            {
                let end = at + value.bytes.len();
                out.push(Span { range: at..end, mask: value.mask.clone() });
                at = end;
            } else {
                at += 1;
            }
        }
    }

    /// The length of the longest end of `text` with which a value begins, at least [`SHORTEST`] bytes of it.
    pub(super) fn begun(&self, text: &[u8]) -> usize {
        let longest = text.len().min(4096);
        let tails = (text.len() - longest..text.len()).map(|start| &text[start..]);
        let begins = |tail: &&[u8]| {
            first(tail).and_then(|window| self.by_start.get(&window)).is_some_and(|values| {
                values.iter().any(|value| value.bytes.len() > tail.len() && value.bytes.starts_with(tail))
            })
        };
        if self.by_start.is_empty() { 0 } else { tails.into_iter().find(begins).map_or(0, <[u8]>::len) }
    }
}
