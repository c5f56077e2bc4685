//! What the prefilter looks for, by four bytes of it: a bitmap over the hashes of these windows, and a table from the window to
//! the keywords and spellings that it may belong to.
//!
//! A keyword's window is its rarest one in source text. Of a keyword with three bytes the bitmap knows every window that it
//! begins, and the table its three bytes.

use crate::rarity::Rarity;

/// Bytes of the bitmap: 2^18 bits, small enough for the first-level cache.
const FILTER_BYTES: usize = 32 * 1024;

/// Slots of the table: a power of two. Must agree with `detect::prefilter::table_slot`.
const SLOTS: usize = 8192;

/// One row of the table: the folded window, how far into the text it stands, and the text's number: keywords first, then
/// spellings.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) window: u32,
    pub(crate) back: u8,
    pub(crate) text: u16,
}

pub(crate) struct Windows {
    /// One bit for each hash of a folded 4-byte window.
    pub(crate) filter: Vec<u8>,
    /// Ordered by slot.
    pub(crate) places: Vec<Place>,
    /// The places of slot `s` are `places[slots[s]..slots[s + 1]]`.
    pub(crate) slots: Vec<u16>,
}

impl Windows {
    /// `spellings`: each one's text.
    pub(crate) fn new(keywords: &[&[u8]], spellings: &[&[u8]], rarity: &Rarity) -> Self {
        let mut filter = vec![0u8; FILTER_BYTES];
        let mut set = |window: u32| {
            let slot = filter_slot(window);
            filter[slot >> 3] |= 1 << (slot & 7);
        };
        let mut places = Vec::new();
        for (number, text) in keywords.iter().chain(spellings).enumerate() {
            let number = u16::try_from(number).expect("fewer than 65,536 keywords");
            let (back, window) = match *text {
                &[a, b, c] => {
                    (0..=u8::MAX).for_each(|last| set(folded([a, b, c, last])));
                    (0, folded([a, b, c, 0]) & 0x00FF_FFFF)
                }
                text => {
                    let (at, window) = rarity.rarest(text, usize::MAX - 1);
                    set(folded(window));
                    (u8::try_from(at).expect("keywords are short"), folded(window))
                }
            };
            places.push(Place { window, back, text: number });
        }
        places.sort_by_key(|place| table_slot(place.window));
        let below = |slot: usize| places.partition_point(|place| table_slot(place.window) < slot);
        let slots = (0..=SLOTS).map(|slot| u16::try_from(below(slot)).expect("few texts")).collect();
        Self { filter, places, slots }
    }
}

/// The slot of the bitmap in which a window is.
pub(crate) fn slot(window: [u8; 4]) -> usize {
    filter_slot(folded(window))
}

fn folded(window: [u8; 4]) -> u32 {
    u32::from_le_bytes(window) | 0x2020_2020
}

/// Must agree with `detect::prefilter::filter_slot`, and with `train/rarity.py`.
fn filter_slot(folded: u32) -> usize {
    (folded.wrapping_mul(0x9E37_79B1) >> 14) as usize
}

/// Must agree with `detect::prefilter::table_slot`.
fn table_slot(folded: u32) -> usize {
    (folded.wrapping_mul(0x85EB_CA6B) >> 19) as usize
}
