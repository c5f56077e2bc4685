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
