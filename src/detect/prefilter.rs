//! Finds keywords: nothing else runs on content without one.
//!
//! A bitmap of hashed 4-byte windows (each keyword's rarest) stands in front, one multiplication and one load a byte; what it
//! lets through is looked up in a table that the build made, and compared. Hands on [`Hit`]s in the order in which they
//! end. The trap: the hashes must be those that `build/windows.rs` uses.

use super::builtin::{self, FILTER, KEYWORDS, PLACES, PLACES_AT, SERVICES, SPELLINGS, SPELLINGS_TEXT};
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

/// Letters of either case alike.
const FOLD: u32 = 0x2020_2020;
const FOLD_ALL: u64 = 0x2020_2020_2020_2020;

/// Must agree with `filter_slot` in `build/windows.rs`.
#[inline(always)]
fn filter_slot(folded: u32) -> usize {
    (folded.wrapping_mul(0x9E37_79B1) >> 14) as usize
}

/// Must agree with `table_slot` in `build/windows.rs`.
#[inline(always)]
fn table_slot(folded: u32) -> usize {
    (folded.wrapping_mul(0x85EB_CA6B) >> 19) as usize
}

/// In its lowest bit, whether a folded window may be one that is looked for.
#[inline(always)]
fn passes(folded: u32) -> u32 {
    let slot = filter_slot(folded);
    FILTER.0[slot >> 5].wrapping_shr(slot as u32)
}

/// One of the eight windows in the two halves of a step.
#[inline(always)]
fn window(words: [u64; 2], offset: usize) -> u32 {
    (words[offset / 4] >> (8 * (offset % 4))) as u32
}

/// Hands on every keyword in `text`, overlapping ones too, every sign of something encoded and every name of a service.
pub fn scan(text: &[u8], sink: &mut impl Sink) {
    let mut scan = Scan { text, late: Vec::new(), sink };
    let mut at = 0;
    // Eight windows a step, out of two loads. Which of them passes is asked where one does: of seven steps six end here.
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk::<12>) {
        let word = |part: Option<&[u8; 8]>| u64::from_le_bytes(*part.expect("a chunk has twelve bytes"));
        let words = [word(chunk.first_chunk()), word(chunk.last_chunk())].map(|word| word | FOLD_ALL);
        let any = (0..8).fold(0, |any, offset| any | passes(window(words, offset)));
        if any & 1 != 0 {
            scan.look_up_each(at, words);
        }
        at += 8;
    }
    // The tail, as if zeros followed: a keyword of three bytes may be the last.
    for at in at..text.len() {
        let mut window = [0u8; 4];
        let part = &text[at..text.len().min(at + 4)];
        window[..part.len()].copy_from_slice(part);
        let window = u32::from_le_bytes(window) | FOLD;
        if passes(window) & 1 != 0 {
            scan.look_up(at, window);
        }
    }
    scan.hand_on(usize::MAX);
}

struct Scan<'a, S> {
    text: &'a [u8],
    /// Keywords that may end after one that is not found yet, in the order in which they end.
    late: Vec<Hit>,
    sink: &'a mut S,
}

impl<S: Sink> Scan<'_, S> {
    /// Asks each window of a step again, apart from the loop, which has no register to spare for what is needed here.
    #[inline(never)]
    fn look_up_each(&mut self, at: usize, words: [u64; 2]) {
        for offset in 0..8 {
            let window = window(words, offset);
            if passes(window) & 1 != 0 {
                self.look_up(at + offset, window);
            }
        }
    }

    /// Looks whether a window that the bitmap let through is one of a text that is looked for.
    #[inline]
    fn look_up(&mut self, at: usize, folded: u32) {
        // Of a keyword with three bytes the table has these.
        for window in [folded, folded & 0x00FF_FFFF] {
            let slot = table_slot(window);
            let (first, last) = (usize::from(PLACES_AT[slot]), usize::from(PLACES_AT[slot + 1]));
            for place in &PLACES[first..last] {
                if place.window == window
                    && let Some(start) = at.checked_sub(usize::from(place.back))
                {
                    self.compare(start, at, usize::from(place.text));
                }
            }
        }
    }

    /// Hands on what stands at `start`, if it is the text of that number.
    #[inline(never)]
    fn compare(&mut self, start: usize, at: usize, text: usize) {
        let rest = &self.text[start..];
        if let Some(row) = KEYWORDS.get(text) {
            let keyword = builtin::text(row.text).as_bytes();
            if rest.get(..keyword.len()).is_some_and(|found| found.eq_ignore_ascii_case(keyword)) {
                // Whatever is found from here on ends three bytes behind its window at the earliest.
                self.hand_on(at + 3);
                let hit = Hit { keyword: text as u16, start, end: start + keyword.len() };
                let place = self.late.partition_point(|late| (late.end, late.start) < (hit.end, hit.start));
                self.late.insert(place, hit);
            }
            return;
        }
        let row = &SPELLINGS[text - KEYWORDS.len()];
        let spelling = spelling(row);
        let Some(found) = rest.get(..spelling.len()) else { return };
        if found != spelling && (row.exact || !found.eq_ignore_ascii_case(spelling)) {
            return;
        }
        let end = start + spelling.len();
        if row.writing == SERVICE {
            self.sink.service(row.at, start..end);
        } else {
            let writing = WRITINGS[usize::from(row.writing)];
            self.sink.encoded(Hint { writing, phase: row.phase, start, end });
        }
    }

    /// Hands on the keywords that end before `end`.
    fn hand_on(&mut self, end: usize) {
        let ready = self.late.partition_point(|late| late.end < end);
        for hit in self.late.drain(..ready) {
            self.sink.keyword(hit);
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
        let ordered = unsorted.is_sorted_by_key(|&(start, end, _)| (end, start));
        assert!(ordered, "hits come in the order in which they end");
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
