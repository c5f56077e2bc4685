//! Which bytes a value has, so that it is not gone through for a word that it cannot hold.
//!
//! The scorer asks some two hundred words of each candidate; nearly all fail at their first letters here.

/// The bytes of a value, capital letters as small ones.
pub(super) struct Present([u64; 4]);

impl Present {
    pub(super) fn of(value: &[u8]) -> Self {
        let mut bits = [0u64; 4];
        for byte in value {
            let byte = byte.to_ascii_lowercase();
            bits[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
        Self(bits)
    }

    /// Whether the value has that byte, which is no capital letter.
    #[inline]
    pub(super) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }

    /// Whether the value has every byte of a word without capital letters, in whichever order.
    #[inline]
    pub(super) fn has_all(&self, word: &[u8]) -> bool {
        word.iter().all(|byte| self.has(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_apart_but_for_its_case() {
        for byte in 0..=255u8 {
            let present = Present::of(&[byte]);
            for other in (0..=255u8).filter(|other| !other.is_ascii_uppercase()) {
                assert_eq!(present.has(other), byte.eq_ignore_ascii_case(&other), "{byte} {other}");
            }
        }
        let present = Present::of(b"Key-1");
        assert!(present.has_all(b"1yek") && !present.has_all(b"keys"));
    }
}
