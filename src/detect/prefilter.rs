//! Finds keywords: nothing else runs on content without one.
//!
//! A bitmap of hashed 4-byte windows (each keyword's rarest) stands in front, one multiplication and one load a byte; the
//! Aho-Corasick automaton, a table that the build made, walks only where the bitmap says so. Hands on [`Hit`]s in the
//! order in which they end. The trap: the hash must be the one that `build/automaton.rs` uses.

use super::builtin::{
    BACK, BYTE_CLASSES, DEPTHS, FILTER, KEYWORDS, MATCH_STATES, MATCHES, MATCHES_AT, NEXT, STRIDE,
};

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
    let at = (usize::from(state) * STRIDE + usize::from(BYTE_CLASSES[usize::from(byte)])) * 2;
    u16::from_le_bytes([NEXT.0[at], NEXT.0[at + 1]])
}

/// Calls `on_hit` for every keyword in `text`, overlapping ones too.
pub fn scan(text: &[u8], mut on_hit: impl FnMut(Hit)) {
    // Keywords that start before `settled` are reported, and so are those that end at or before `walked`.
    let mut settled = 0;
    let mut walked = 0;
    while let Some(window) = next_window(text, settled) {
        let mut at = window.saturating_sub(BACK).max(settled);
        let mut state = 0u16;
        loop {
            let Some(&byte) = text.get(at) else { return };
            state = next_state(state, byte);
            at += 1;
            if state.wrapping_sub(1) < MATCH_STATES && at > walked {
                let state = usize::from(state);
                let range = usize::from(MATCHES_AT[state - 1])..usize::from(MATCHES_AT[state]);
                for &keyword in &MATCHES[range] {
                    let length = usize::from(KEYWORDS[usize::from(keyword)].text.len);
                    on_hit(Hit { keyword, start: at - length, end: at });
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aho_corasick::AhoCorasick;

    /// What the crate finds, overlapping, is what the table finds.
    fn agrees(text: &[u8]) {
        let keywords: Vec<&str> = KEYWORDS.iter().map(|k| crate::detect::builtin::text(k.text)).collect();
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(keywords).unwrap();
        let mut expected: Vec<(usize, usize, u16)> = automaton
            .find_overlapping_iter(text)
            .map(|m| (m.start(), m.end(), m.pattern().as_u32() as u16))
            .collect();
        let mut found = Vec::new();
        scan(text, |hit| found.push((hit.start, hit.end, hit.keyword)));
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
