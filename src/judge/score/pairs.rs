//! How surprising the pairs of characters of a value are, for someone who reads names and words all day.
//!
//! The table is learned from source code by `train/pairs.py`; random text comes out above five bits a pair, names and words
//! at about three and a half.

/// Eighths of a bit for each pair of classes; the order is that of `train/pairs.py`.
static PAIRS: &[u8; CLASSES * CLASSES] = include_bytes!("pairs.bin");

const CLASSES: usize = 40;
const END: usize = 39;

fn class(byte: u8) -> usize {
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => usize::from(letter - b'a'),
        digit @ b'0'..=b'9' => usize::from(digit - b'0') + 26,
        b'_' | b'-' | b'.' => 36,
        _ => 37,
    }
}

/// Mean surprise of a value in bits a pair, its ends included.
#[must_use]
pub(super) fn surprise(value: &[u8]) -> f64 {
    let mut last = END;
    let mut sum = 0u32;
    for now in value.iter().map(|b| class(*b)).chain([END]) {
        sum += u32::from(PAIRS[last * CLASSES + now]);
        last = now;
    }
    f64::from(sum) / 8.0 / (value.len() + 1) as f64
}
