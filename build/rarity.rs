//! Which window of a keyword plain text has least often: the bitmap of the prefilter knows one of each.
//!
//! The counts come from `train/rarity.py`. Against a guess from single letters they let a third less through. The trap: they are
//! kept by the bitmap's own slots, so its hash must not change without them.

use std::io::Read as _;

pub(crate) struct Rarity {
    /// For each slot of the bitmap the binary logarithm of how often it was met.
    levels: Vec<u8>,
}

impl Rarity {
    pub(crate) fn new() -> Self {
        let mut levels = Vec::new();
        let packed: &[u8] = include_bytes!("rarity.bin");
        flate2::read::DeflateDecoder::new(packed)
            .read_to_end(&mut levels)
            .expect("train/rarity.py packed it");
        Self { levels }
    }

    /// The window of `text` that plain text has least often and where it starts, at most at `farthest`; the first of equals.
    pub(crate) fn rarest(&self, text: &[u8], farthest: usize) -> (usize, [u8; 4]) {
        let windows = text.windows(4).map(|w| [w[0], w[1], w[2], w[3]]).enumerate().take(farthest + 1);
        windows
            .min_by_key(|(at, window)| (self.levels[crate::windows::slot(*window)], *at))
            .expect("a keyword of four bytes has a window")
    }
}
