//! The words that a name is made of.

/// Whether a word is in a list. Their lengths and first letters tell nearly all apart; to compare more is a call.
pub(super) fn is_one(word: &[u8], list: &[&str]) -> bool {
    let Some(first) = word.first() else { return false };
    list.iter().any(|known| {
        known.len() == word.len() && known.as_bytes().first() == Some(first) && known.as_bytes() == word
    })
}

/// The words of a name, in lower case, the last ones first. At most eight, each at most 16 bytes.
pub(super) struct Words {
    words: [([u8; 16], usize); 8],
    pub(super) count: usize,
}

impl Words {
    /// Splits at marks, at a change from small to capital letters and between letters and digits.
    pub(super) fn of(name: &[u8]) -> Self {
        let mut words = Self { words: [([0; 16], 0); 8], count: 0 };
        let mut end = name.len();
        while end > 0 && words.count < 8 {
            if !(name[end - 1].is_ascii_alphabetic() || name[end - 1] >= 0x80) {
                end -= 1;
                continue;
            }
            let mut start = end - 1;
            while start > 0 {
                let (before, here) = (name[start - 1], name[start]);
                let letter = before.is_ascii_alphabetic() || before >= 0x80;
                let camel = before.is_ascii_lowercase() && here.is_ascii_uppercase();
                // HTTPToken: the last capital of a run begins the next word.
                let run = before.is_ascii_uppercase()
                    && here.is_ascii_uppercase()
                    && name.get(start + 1).is_some_and(u8::is_ascii_lowercase)
                    && start + 1 < end;
                if !letter || camel || run {
                    break;
                }
                start -= 1;
            }
            let word = &name[start..end];
            let len = word.len().min(16);
            // The end of a word says more than its beginning.
            for (to, from) in words.words[words.count].0.iter_mut().zip(&word[word.len() - len..]) {
                *to = from.to_ascii_lowercase();
            }
            words.words[words.count].1 = len;
            words.count += 1;
            end = start;
        }
        words
    }

    /// The word `n` places before the last; empty when there are not so many.
    pub(super) fn get(&self, n: usize) -> &[u8] {
        if n < self.count { &self.words[n].0[..self.words[n].1] } else { b"" }
    }

    /// The words, the last one first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map(|n| self.get(n))
    }

    /// True when one of the words is in the list.
    pub(super) fn any(&self, list: &[&str]) -> bool {
        self.iter().any(|word| is_one(word, list))
    }
}

/// In which lists a word stands, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) endings: u32,
    pub(super) named: u32,
}

/// Two sets of lists, turned into one table when the program is built: a name's words are looked up instead of compared with
/// five hundred.
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
