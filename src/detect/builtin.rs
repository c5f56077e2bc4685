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

pub(crate) static FILTER: Aligned<[u8; 32 * 1024]> =
    Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/filter.bin")));

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
