//! Decodes git's compressed bitmaps (EWAH), with which a split index says what it deletes and replaces.
//!
//! Hands on: [`positions`], ascending. The trap: a few bytes can announce four billion set bits, so every position is held
//! against the number of entries before it is kept. Format: git's `Documentation/gitformat-index` and `ewah/ewah_io.c`.

use super::{Fault, be32};

/// The set bits of the bitmap that `data` begins with, all below `count`, and what follows it.
pub(in crate::git) fn positions(data: &[u8], count: u32) -> Result<(Vec<u32>, &[u8]), Fault> {
    let broken = || Fault::new("a bitmap of its link to a shared part is broken");
    let words = be32(data, 4)? as usize;
    let end = words.checked_mul(8).and_then(|n| n.checked_add(8)).ok_or_else(broken)?;
    let buffer = data.get(8..end).ok_or_else(broken)?;
    // The position of the last marker word follows; only a writer needs it.
    let rest = data.get(end + 4..).ok_or_else(broken)?;
    let mut words = buffer.chunks_exact(8).map(|c| c.iter().fold(0_u64, |word, &b| word << 8 | u64::from(b)));
    let mut set = Vec::new();
    let mut bit = 0_u64;
    while let Some(marker) = words.next() {
        let run = ((marker >> 1) & 0xffff_ffff) * 64;
        if marker & 1 == 1 && run > 0 {
            // A run ends at a whole word, so its tail may reach past the last entry by less than a word.
            let last = bit + run;
            if last > u64::from(count).next_multiple_of(64) {
                return Err(broken());
            }
            set.extend((bit..last.min(u64::from(count))).map(|p| p as u32));
        }
        bit += run;
        for _ in 0..marker >> 33 {
            let mut literal = words.next().ok_or_else(broken)?;
            while literal != 0 {
                let position = bit + u64::from(literal.trailing_zeros());
                if position >= u64::from(count) {
                    return Err(broken());
                }
                set.push(position as u32);
                literal &= literal - 1;
            }
            bit += 64;
        }
    }
    Ok((set, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitmap(words: &[u64]) -> Vec<u8> {
        let mut data = vec![0, 0, 0, 0];
        data.extend((words.len() as u32).to_be_bytes());
        data.extend(words.iter().flat_map(|w| w.to_be_bytes()));
        data.extend([0, 0, 0, 0]);
        data
    }

    #[test]
    fn runs_and_literal_words_give_positions() {
        let data = bitmap(&[2 << 1 | 1 << 33, 0b101, 1 << 1 | 1]);
        let (set, rest) = positions(&data, 1000).unwrap();
        assert_eq!(set[..2], [128, 130]);
        assert_eq!(set[2..], (192..256).collect::<Vec<u32>>());
        assert!(rest.is_empty());
        assert!(positions(&bitmap(&[]), 0).unwrap().0.is_empty());
        assert_eq!(positions(&bitmap(&[1 << 1 | 1]), 10).unwrap().0, (0..10).collect::<Vec<u32>>());
    }

    #[test]
    fn hostile_bitmaps_are_refused() {
        assert!(positions(&bitmap(&[0xffff_ffff << 1 | 1]), 1000).is_err());
        assert!(positions(&bitmap(&[1 << 33, 1 << 40]), 40).is_err());
        assert!(positions(&bitmap(&[9 << 33, 1]), 40).is_err());
        assert!(positions(&[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1], 40).is_err());
        assert!(positions(&[0; 5], 40).is_err());
    }
}
