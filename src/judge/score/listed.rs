//! Lists of words as one table, made when the program is compiled: a word is looked up instead of compared with five hundred.
//!
//! Hands on [`Listed`]. The trap: the table has room for so many words, and must not be full, or a search would not end.

/// In which lists a word stands, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) endings: u32,
    pub(super) named: u32,
}

/// Two sets of lists.
pub(super) struct Lists {
    /// Where a word with some hash stands in the rows, and one more; 0: nowhere. The next slots hold what did not fit.
    slots: [u16; SLOTS],
    rows: [([u8; 16], Listed); ROWS],
}

const SLOTS: usize = 1024;
/// How many different words the lists have, at most.
const ROWS: usize = 512;

const fn slot_of(word: &[u8; 16]) -> usize {
    let bits = u128::from_le_bytes(*word);
    let folded = bits as u64 ^ ((bits >> 64) as u64).rotate_left(29);
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize % SLOTS
}

const fn padded(word: &[u8]) -> [u8; 16] {
    let mut padded = [0; 16];
    let mut at = 0;
    while at < word.len() {
        padded[at] = word[at];
        at += 1;
    }
    padded
}

const fn alike(one: &[u8; 16], other: &[u8; 16]) -> bool {
    u128::from_le_bytes(*one) == u128::from_le_bytes(*other)
}

impl Lists {
    pub(super) const fn new(endings: &[&[&str]], named: &[&[&str]]) -> Self {
        let mut lists = Self { slots: [0; SLOTS], rows: [([0; 16], Listed { endings: 0, named: 0 }); ROWS] };
        let (mut count, mut list) = (0, 0);
        while list < endings.len() + named.len() {
            let is_ending = list < endings.len();
            let words = if is_ending { endings[list] } else { named[list - endings.len()] };
            let mut at = 0;
            while at < words.len() {
                let word = padded(words[at].as_bytes());
                let mut slot = slot_of(&word);
                while lists.slots[slot] != 0 && !alike(&lists.rows[lists.slots[slot] as usize - 1].0, &word) {
                    slot = (slot + 1) % SLOTS;
                }
                if lists.slots[slot] == 0 {
                    lists.rows[count].0 = word;
                    count += 1;
                    lists.slots[slot] = count as u16;
                }
                let row = &mut lists.rows[lists.slots[slot] as usize - 1].1;
                if is_ending {
                    row.endings |= 1 << list;
                } else {
                    row.named |= 1 << (list - endings.len());
                }
                at += 1;
            }
            list += 1;
        }
        lists
    }

    /// The lists that hold a word of at most 16 bytes.
    pub(super) fn of(&self, word: &[u8]) -> Listed {
        let mut key = [0; 16];
        key[..word.len()].copy_from_slice(word);
        let mut slot = slot_of(&key);
        while let Some(row) = usize::from(self.slots[slot]).checked_sub(1) {
            if alike(&self.rows[row].0, &key) {
                return self.rows[row].1;
            }
            slot = (slot + 1) % SLOTS;
        }
        Listed { endings: 0, named: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_told_from_those_that_share_its_slot() {
        static LISTS: Lists =
            Lists::new(&[&["one", "two"], &["two"]], &[&["two", "three"], &["sixteen_letters_"]]);
        for (word, endings, named) in [
            ("one", 1, 0),
            ("two", 3, 1),
            ("three", 0, 1),
            ("sixteen_letters_", 0, 2),
            ("four", 0, 0),
            ("", 0, 0),
        ] {
            assert_eq!(LISTS.of(word.as_bytes()), Listed { endings, named }, "{word}");
        }
        // Every slot that is searched leads to an end.
        for n in 0..20_000u32 {
            let word = format!("w{n:x}");
            assert_eq!(LISTS.of(word.as_bytes()), Listed { endings: 0, named: 0 }, "{word}");
        }
    }
}
