//! The built-in rules: statics that the build made out of `rules/*.toml`.

use super::tables::{
    ClassRow, ContextRow, FileRow, FormRow, FormerRow, KeywordRow, List, NameRow, PairRow, Row, ServiceRow,
    Text,
};
use super::writing::SpellingRow;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// Keeps tables on cache lines of their own.
#[repr(C, align(64))]
pub(crate) struct Aligned<T>(pub(crate) T);

/// The prefilter's bitmap, 32 KiB.
pub(crate) static FILTER: Aligned<[u32; 8 * 1024]> =
    Aligned(words(include_bytes!(concat!(env!("OUT_DIR"), "/filter.bin"))));

const fn words(bytes: &[u8; 32 * 1024]) -> [u32; 8 * 1024] {
    let mut words = [0; 8 * 1024];
    let mut at = 0;
    while at < words.len() {
        let first = 4 * at;
        words[at] = u32::from_le_bytes([bytes[first], bytes[first + 1], bytes[first + 2], bytes[first + 3]]);
        at += 1;
    }
    words
}

/// Where a folded window of four bytes, or a keyword's only three, may stand.
pub(crate) struct Place {
    pub(crate) window: u32,
    /// How many bytes of the text stand before it.
    pub(crate) back: u8,
    /// Index of a keyword, or, from their number on, of a spelling.
    pub(crate) text: u16,
}

/// What only a person asks for, compressed.
pub(crate) static DETAILS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/details.bin"));

/// A string of the tables.
pub(crate) fn text(text: Text) -> &'static str {
    &TEXT[text.at as usize..text.at as usize + usize::from(text.len)]
}
