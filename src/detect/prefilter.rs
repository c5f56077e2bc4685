//! Finds keywords: nothing else runs on content without one.
//!
//! A bitmap of hashed 4-byte windows (each keyword's rarest) stands in front, one multiplication and one load a byte; the
//! Aho-Corasick automaton, a table that the build made, walks only where the bitmap says so. Hands on [`Hit`]s in the
//! order in which they end. The trap: the hash must be the one that `build/automaton.rs` uses.

use super::builtin::{
    self, BACK, BYTE_CLASSES, DEPTHS, FAIL, FILTER, KEYWORDS, MATCH_STATES, MATCHES, MATCHES_AT, NEXT,
    ONLY_CLASS, ONLY_NEXT, ROW_OF, SERVICES, SPELLINGS, SPELLINGS_AT, SPELLINGS_TEXT, STRIDE,
};
use super::writing::{SERVICE, SpellingRow, WRITINGS, Writing};

/// A keyword that stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Index of the keyword in its table.
    pub keyword: u16,
    /// Its first byte in the text.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// Something that may be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// How it is written.
    pub writing: Writing,
    /// Of base64: which of a group's four characters stands at `start`.
    pub phase: u8,
    /// First byte of what gave it away.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// What a scan hands on.
pub trait Sink {
    /// A keyword.
    fn keyword(&mut self, hit: Hit);
    /// A sign of something encoded.
    fn encoded(&mut self, hint: Hint);
    /// The name of a service, by its index, in any case and perhaps within a longer word.
    fn service(&mut self, service: u16, name: std::ops::Range<usize>);
}

/// The row of a state that has none. Must agree with `build/automaton.rs`.
const NO_ROW: u16 = u16::MAX;

/// Must agree with `slot` in `build/automaton.rs`.
#[inline(always)]
fn slot(window: u32) -> usize {
    ((window | 0x2020_2020).wrapping_mul(0x9E37_79B1) >> 14) as usize
}

#[inline(always)]
fn passes(window: u32) -> bool {
    let slot = slot(window);
    FILTER.0[slot >> 3] >> (slot & 7) & 1 != 0
}

/// The next position from `at` on whose window the bitmap lets through.
#[inline]
fn next_window(text: &[u8], mut at: usize) -> Option<usize> {
    // Four windows a step, out of one 8-byte load.
    while let Some(chunk) = text.get(at..at + 8) {
        let word = u64::from_le_bytes(chunk.try_into().ok()?);
        let mut found = 0u32;
        for offset in 0..4 {
            found |= u32::from(passes((word >> (8 * offset)) as u32)) << offset;
        }
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += 4;
    }
    // The tail, as if zeros followed: a keyword of three bytes may be the last.
    let tail = text.get(at..)?;
    (0..tail.len()).find_map(|offset| {
        let mut window = [0u8; 4];
        let part = &tail[offset..tail.len().min(offset + 4)];
        window[..part.len()].copy_from_slice(part);
        passes(u32::from_le_bytes(window)).then_some(at + offset)
    })
}

#[inline(always)]
fn next_state(state: u16, byte: u8) -> u16 {
    let class = BYTE_CLASSES[usize::from(byte)];
    let mut state = usize::from(state);
    // Ends at the start at the latest, which has a row; each turn remembers less.
    loop {
        let row = ROW_OF[state];
        if row != NO_ROW {
            let at = (usize::from(row) * STRIDE + usize::from(class)) * 2;
            return u16::from_le_bytes([NEXT.0[at], NEXT.0[at + 1]]);
        }
        if ONLY_CLASS[state] == class {
            return ONLY_NEXT[state];
        }
        state = usize::from(FAIL[state]);
    }
}

/// Must agree with `slot` in `build/writing.rs`.
#[inline(always)]
fn spelling_slot(window: u32) -> usize {
    ((window | 0x2020_2020).wrapping_mul(0x85EB_CA6B) >> 20) as usize
}

/// Looks whether a window that the bitmap let through belongs to an encoded form.
#[inline(always)]
fn encoded(text: &[u8], at: usize, sink: &mut impl Sink) {
    let Some(window) = text.get(at..at + 4).and_then(|window| window.try_into().ok()) else { return };
    let slot = spelling_slot(u32::from_le_bytes(window));
    let (first, last) = (SPELLINGS_AT[slot], SPELLINGS_AT[slot + 1]);
    if first != last {
        spelled(text, at, usize::from(first)..usize::from(last), sink);
    }
}

#[cold]
fn spelled(text: &[u8], at: usize, rows: std::ops::Range<usize>, sink: &mut impl Sink) {
    for row in &SPELLINGS[rows] {
        let spelling = spelling(row);
        let Some(start) = at.checked_sub(usize::from(row.window)) else { continue };
        let Some(found) = text.get(start..start + spelling.len()) else { continue };
        let end = start + spelling.len();
        if found != spelling && (row.exact || !found.eq_ignore_ascii_case(spelling)) {
            continue;
        }
        if row.writing == SERVICE {
            sink.service(row.at, start..end);
        } else {
            let writing = WRITINGS[usize::from(row.writing)];
            sink.encoded(Hint { writing, phase: row.phase, start, end });
        }
    }
}

/// What a row looks for.
fn spelling(row: &SpellingRow) -> &'static [u8] {
    if row.writing == SERVICE {
        builtin::text(SERVICES[usize::from(row.at)].word).as_bytes()
    } else {
        &SPELLINGS_TEXT[usize::from(row.at)..][..usize::from(row.len)]
    }
}

/// Hands on every keyword in `text`, overlapping ones too, every sign of something encoded and every name of a service.
pub fn scan(text: &[u8], sink: &mut impl Sink) {
    // Keywords that start before `settled` are reported, and so are those that end at or before `walked`.
    let mut settled = 0;
    let mut walked = 0;
    while let Some(window) = next_window(text, settled) {
        encoded(text, window, sink);
        let mut at = window.saturating_sub(BACK).max(settled);
        let mut state = 0u16;
        loop {
            let Some(&byte) = text.get(at) else {
                settled = text.len();
                break;
            };
            state = next_state(state, byte);
            at += 1;
            if state.wrapping_sub(1) < MATCH_STATES && at > walked {
                let state = usize::from(state);
                let range = usize::from(MATCHES_AT[state - 1])..usize::from(MATCHES_AT[state]);
                for &keyword in &MATCHES[range] {
                    let length = usize::from(KEYWORDS[usize::from(keyword)].text.len);
                    sink.keyword(Hit { keyword, start: at - length, end: at });
                }
            }
            // What is still pending starts after the window: the bitmap will see it again.
            let pending = at - usize::from(DEPTHS[usize::from(state)]);
            if pending > window {
                settled = pending;
                walked = walked.max(at);
                break;
            }
        }
        // Windows that the automaton stepped over: no keyword starts there, but something encoded may.
        for skipped in window + 1..settled {
            encoded(text, skipped, sink);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aho_corasick::AhoCorasick;

    #[derive(Default)]
    struct Found {
        hits: Vec<(usize, usize, u16)>,
        hints: Vec<(usize, usize)>,
    }

    impl Sink for Found {
        fn keyword(&mut self, hit: Hit) {
            self.hits.push((hit.start, hit.end, hit.keyword));
        }

        fn encoded(&mut self, hint: Hint) {
            self.hints.push((hint.start, hint.end));
        }

        fn service(&mut self, _: u16, name: std::ops::Range<usize>) {
            self.hints.push((name.start, name.end));
        }
    }

    /// Every spelling at every place, the slow way.
    fn spelled_by_hand(text: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for row in &SPELLINGS {
            let spelling = spelling(row);
            for (start, window) in text.windows(spelling.len()).enumerate() {
                if window == spelling || !row.exact && window.eq_ignore_ascii_case(spelling) {
                    found.push((start, start + spelling.len()));
                }
            }
        }
        found
    }

    /// What the crate finds, overlapping, is what the table finds.
    fn agrees(text: &[u8]) {
        static AUTOMATON: std::sync::LazyLock<AhoCorasick> = std::sync::LazyLock::new(|| {
            let keywords = KEYWORDS.iter().map(|k| crate::detect::builtin::text(k.text));
            AhoCorasick::builder().ascii_case_insensitive(true).build(keywords).unwrap()
        });
        let mut expected: Vec<(usize, usize, u16)> = AUTOMATON
            .find_overlapping_iter(text)
            .map(|m| (m.start(), m.end(), m.pattern().as_u32() as u16))
            .collect();
        let mut found = Found::default();
        scan(text, &mut found);
        let mut hints = std::mem::take(&mut found.hints);
        let mut expected_hints = spelled_by_hand(text);
        hints.sort_unstable();
        expected_hints.sort_unstable();
        assert_eq!(hints, expected_hints, "in {:?}", String::from_utf8_lossy(text));
        let mut found = found.hits;
        expected.sort_unstable();
        let unsorted = found.clone();
        found.sort_unstable();
        assert_eq!(found, expected, "in {:?}", String::from_utf8_lossy(text));
        assert!(unsorted.is_sorted_by_key(|hit| hit.1), "hits come in the order in which they end");
    }

    #[test]
    fn every_keyword_is_found_alone_and_at_both_ends() {
        for keyword in KEYWORDS.iter().map(|k| crate::detect::builtin::text(k.text)) {
            agrees(keyword.as_bytes());
            agrees(format!("x{keyword}").as_bytes());
            agrees(format!("{}\nxx", keyword.to_ascii_uppercase()).as_bytes());
        }
    }

    #[test]
    fn every_spelling_is_found_beside_keywords() {
        for row in &SPELLINGS {
            let spelling = spelling(row);
            for before in [b"".as_slice(), b"x", b"passwor", b"secret", b"ke"] {
                for after in [b"".as_slice(), b"ey and more"] {
                    let text = [before, spelling, after].concat();
                    let mut found = Found::default();
                    scan(&text, &mut found);
                    let here = (before.len(), before.len() + spelling.len());
                    assert!(found.hints.contains(&here), "in {:?}", String::from_utf8_lossy(&text));
                }
            }
        }
    }

    #[test]
    fn random_mixtures_agree_with_the_crate() {
        let mut state = 0x2545_F491_4F6C_DD1Du64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        for _ in 0..300 {
            let mut text = Vec::new();
            for _ in 0..40 {
                let keyword =
                    crate::detect::builtin::text(KEYWORDS[random() % KEYWORDS.len()].text).as_bytes();
                let cut = random() % (keyword.len() + 1);
                match random() % 4 {
                    0 => text.extend_from_slice(keyword),
                    1 => text.extend_from_slice(&keyword[..cut]),
                    2 => text.extend_from_slice(&keyword[cut..]),
                    _ => text.push(random() as u8),
                }
            }
            agrees(&text);
        }
    }

    #[test]
    fn short_and_empty_texts_are_fine() {
        for length in 0..12 {
            agrees(&vec![b'k'; length]);
        }
    }
}
