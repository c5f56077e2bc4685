//! What innocent text looks like: character trigrams and a word list, learned by `train/language.py`.
//!
//! Hands on the cost of a value in bits and how much of it words cover. The trap: the class of a byte and the hash must
//! be those of the script, or the tables say nothing.

/// Costs in 1/16 bit of a class after two others.
static TRIGRAMS: &[u8; CLASSES * CLASSES * CLASSES] = include_bytes!("trigrams.bin");
/// Slots of 16 bits: the high half of a word's hash with its lowest bit set.
static WORDS: &[u8; SLOTS * 2] = include_bytes!("words.bin");

const CLASSES: usize = 44;
const SLOTS: usize = 32_768;
/// The longest value that is looked at, in bytes: a longer one is judged by its beginning.
pub(super) const LOOKED_AT: usize = 96;

fn class(byte: u8) -> usize {
    usize::from(match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A',
        b'0'..=b'9' => byte - b'0' + 26,
        b'_' => 36,
        b'-' => 37,
        b'.' => 38,
        b'/' => 39,
        b' ' => 40,
        0..=127 => 41,
        _ => 42,
    })
}

/// The cost of `value` as innocent text, in 1/16 bit.
pub(super) fn cost(value: &[u8]) -> u32 {
    let (mut a, mut b) = (43, 43);
    let mut sum = 0;
    for &byte in value.iter().take(LOOKED_AT) {
        let c = class(byte);
        sum += u32::from(TRIGRAMS[a * CLASSES * CLASSES + b * CLASSES + c]);
        (a, b) = (b, c);
    }
    sum
}

fn is_word(mut hash: u32) -> bool {
    let wanted = (hash >> 16) as u16 | 1;
    hash &= SLOTS as u32 - 1;
    loop {
        let at = hash as usize * 2;
        let slot = u16::from_le_bytes([WORDS[at], WORDS[at + 1]]);
        if slot == 0 || slot == wanted {
            return slot == wanted;
        }
        hash = (hash + 1) & (SLOTS as u32 - 1);
    }
}

/// True when the whole value is one word of the list.
pub(super) fn is_one_word(value: &[u8]) -> bool {
    let hash = |h: u32, b: &u8| (h ^ u32::from(b.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
    value.len() <= 16
        && value.iter().all(u8::is_ascii_alphabetic)
        && is_word(value.iter().fold(0x811C_9DC5, hash))
}

/// How many letters of `value` words cover, and how many letters there are. Words may not run over a change from small
/// to capital letters unless the whole is one case.
pub(super) fn coverage(value: &[u8]) -> (usize, usize) {
    let value = &value[..value.len().min(LOOKED_AT)];
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let mut covered = 0;
    let mut at = 0;
    while at < value.len() {
        if !value[at].is_ascii_alphabetic() {
            at += 1;
            continue;
        }
        let mut hash = 0x811C_9DC5u32;
        let mut longest = 0;
        for (n, &byte) in value[at..].iter().take(16).enumerate() {
            if !byte.is_ascii_alphabetic()
                || n > 1 && byte.is_ascii_uppercase() && value[at + n - 1].is_ascii_lowercase()
            {
                break;
            }
            hash = (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
            if n >= 2 && is_word(hash) {
                longest = n + 1;
            }
        }
        covered += longest;
        at += longest.max(1);
    }
    (covered, letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cost_less_than_chance() {
        assert!(cost(b"authentication") * 2 < cost(b"xkqvzjwpqhtgbm"));
    }

    #[test]
    fn words_cover_words() {
        assert_eq!(coverage(b"password"), (8, 8));
        assert_eq!(coverage(b"getUserName"), (11, 11));
        assert!(coverage(b"xkqvzjwpqhtg").0 <= 4);
    }

    #[test]
    fn any_bytes_are_fine() {
        for byte in 0..=255u8 {
            cost(&[byte; 3]);
            coverage(&[byte; 200]);
        }
    }
}
