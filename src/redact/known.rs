//! Values that are masked wherever they stand, without a name or format around them.
//!
//! Adds the places of each value to a list. The trap: values come in while the text streams by, thousands of them, so there
//! is no automaton to build anew: their first bytes are looked for, by vector instructions while they are few and else by a
//! bitmap of hashes, and what begins so is looked up in a table.

use std::collections::HashMap;
use std::sync::Arc;

use aho_corasick::Span as Window;
use aho_corasick::packed::{self, Searcher};

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
    /// Finds the first bytes while there are few of them; `None` also until it is made.
    few: Option<Searcher>,
    is_stale: bool,
}

/// With more beginnings than this a search by vector instructions is none.
const MOST_FEW: usize = 64;

struct Value {
    bytes: Box<[u8]>,
    mask: Arc<str>,
}

#[inline(always)]
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
        crate::order::sort_by_key(same, |known| std::cmp::Reverse(known.bytes.len()));
        if self.bitmap.is_empty() {
            self.bitmap = vec![0; BITS / 64];
        }
        self.bitmap[slot(window) / 64] |= 1 << (slot(window) % 64);
        self.is_stale = true;
    }

    /// Adds every place at which a value stands; those of one start do not overlap.
    pub(super) fn find(&mut self, text: &[u8], out: &mut Vec<Span>) {
        if self.bitmap.is_empty() {
            return;
        }
        if std::mem::take(&mut self.is_stale) {
            let starts = self.by_start.keys().map(|start| start.to_le_bytes());
            self.few = (self.by_start.len() <= MOST_FEW)
                .then(|| packed::Config::new().builder().extend(starts).build())
                .flatten();
        }
        let mut at = 0;
        while let Some(next) = self.next_start(text, at) {
            let Some(window) = text.get(next..).and_then(first) else { return };
            let values = self.by_start.get(&window).into_iter().flatten();
            match values.into_iter().find(|value| text[next..].starts_with(&value.bytes)) {
                Some(value) => {
                    at = next + value.bytes.len();
                    out.push(Span { range: next..at, mask: value.mask.clone() });
                }
                None => at = next + 1,
            }
        }
    }

    /// The next place from `at` on where a value may begin.
    fn next_start(&self, text: &[u8], at: usize) -> Option<usize> {
        if let Some(few) = &self.few {
            return few.find_in(text, Window { start: at, end: text.len() }).map(|found| found.start());
        }
        let bitmap = &self.bitmap[..BITS / 64];
        let bit = |window: u32| bitmap[slot(window) / 64] >> (slot(window) % 64) & 1;
        // Four places out of one load.
        let mut rest = text.get(at..)?;
        while let Some(eight) = rest.first_chunk::<8>() {
            let word = u64::from_le_bytes(*eight);
            let found = bit(word as u32)
                | bit((word >> 8) as u32) << 1
                | bit((word >> 16) as u32) << 2
                | bit((word >> 24) as u32) << 3;
            if found != 0 {
                return Some(text.len() - rest.len() + found.trailing_zeros() as usize);
            }
            rest = &rest[4..];
        }
        let at = text.len() - rest.len();
        (0..rest.len())
            .find(|skip| first(&rest[*skip..]).is_some_and(|window| bit(window) != 0))
            .map(|skip| at + skip)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_and_many_are_found_at_the_same_places() {
        let mask: Arc<str> = "[m]".into();
        let text: Vec<u8> =
            (0..40_000u32).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()).collect();
        let places = |values: usize| {
            let mut known = Known::default();
            for n in 0..values {
                known.insert(text[n * 700..n * 700 + 12].to_vec(), &mask);
                known.insert(text[n * 700..n * 700 + 4].to_vec(), &mask);
            }
            let mut found = Vec::new();
            known.find(&text, &mut found);
            assert!(known.few.is_none() || known.by_start.len() <= MOST_FEW);
            found.iter().map(|span| span.range.clone()).collect::<Vec<_>>()
        };
        for values in [1, 7, 60, 64, 65, 200] {
            let found = places(values);
            for n in 0..values {
                assert!(found.contains(&(n * 700..n * 700 + 12)), "{n} of {values}");
            }
        }
        // What the two ways find differs in nothing: the first sixty are among two hundred.
        let many = places(200);
        assert!(places(60).iter().all(|place| many.contains(place)));
    }
}
