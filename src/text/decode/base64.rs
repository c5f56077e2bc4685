//! Base64 and base64url, on one line or wrapped, padded or not, found in its middle or behind a word that announces it.
//!
//! The trap: where it begins is not always told (a slash of a path belongs to the alphabet), so the groups are counted from
//! what gave it away.

use std::ops::Range;

use super::super::map::{Map, Pieces, Step};
use super::{Decoded, LEAST, is_text, reads, stretch};

/// A line of at least this width may go on in the next.
const WRAPPED: usize = 40;

/// How many characters on either side say whether it is text.
const NEAR_DIGITS: usize = 48;

/// How far behind its announcement it may begin.
const NEAR: usize = 80;

/// Shorter runs behind an announcement are words.
const SHORTEST_NAMED: usize = 12;

/// Its value in six bits; 0xFF for what is not in either alphabet.
static VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [0xFF; 256];
    let mut at = 0;
    while at < 64 {
        table[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
}

fn is_digit(byte: u8) -> bool {
    VALUES[usize::from(byte)] != 0xFF
}

/// Reads the base64 around `at`, whose first character is number `phase` of its group.
pub(super) fn around(text: &[u8], at: Range<usize>, phase: usize, most: usize) -> Option<Decoded> {
    // Random base64 spells a short sign now and then: a look at what is near says whether it is worth reading all of it.
    if !reads_near(text, at.start, phase) {
        return None;
    }
    let lines = lines(text, at.start, most);
    read(text, &lines, Some((at, phase)), most)
}

/// Whether the characters around a place decode to text, or to how a container begins.
fn reads_near(text: &[u8], at: usize, phase: usize) -> bool {
    let before = text[..at].iter().rev().take(NEAR_DIGITS).take_while(|byte| is_digit(**byte)).count();
    let after = text[at..].iter().take(NEAR_DIGITS).take_while(|byte| is_digit(**byte)).count();
    let groups = before.saturating_sub(phase) / 4 * 4 + phase;
    let start = if before >= phase { at - groups } else { (at + 4 - phase).min(at + after) };
    let near = start..at + after;
    let bytes = bytes(text, std::slice::from_ref(&near), 0, NEAR_DIGITS);
    let known = ((at - start.min(at)) * 3).div_ceil(4).min(bytes.len());
    let wide = bytes.iter().filter(|byte| **byte == 0).count() * 3 >= bytes.len();
    if wide || start == at && crate::text::container::sniff(&bytes).is_some() {
        return true;
    }
    // Most bytes could be part of a letter, so random ones have long stretches too, which then do not read.
    let part = stretch(&bytes, known..known);
    part.len() >= LEAST && reads(&bytes[part])
}

/// Reads the first base64 behind a word that announces it.
pub(super) fn named(text: &[u8], after: usize, most: usize) -> Option<Decoded> {
    let window = text.get(after..text.len().min(after + NEAR))?;
    let mut at = 0;
    while at < window.len() {
        let run = text[after + at..].iter().take(SHORTEST_NAMED).take_while(|byte| is_digit(**byte)).count();
        if run >= SHORTEST_NAMED {
            let lines = lines_from(text, after + at, most);
            return read(text, &lines, None, most);
        }
        at += run.max(1);
    }
    None
}

/// The runs of base64, one a line, that belong together with the one at `at`.
fn lines(text: &[u8], at: usize, most: usize) -> Vec<Range<usize>> {
    let mut start = run_start(text, at);
    let mut before = Vec::new();
    let mut taken = 0;
    // A line above belongs to it when it is wide and this one begins its line.
    while let Some(end) = line_above(text, start) {
        let above = run_start(text, end);
        taken += end - above;
        if end - above < WRAPPED || taken / 4 * 3 > most {
            break;
        }
        before.push(above..end);
        start = above;
    }
    before.reverse();
    before.extend(lines_from(text, run_start(text, at), most));
    before
}

fn lines_from(text: &[u8], start: usize, most: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let (mut start, mut taken) = (start, 0);
    loop {
        let run = text[start..].iter().take_while(|byte| is_digit(**byte)).count();
        let end = start + run;
        lines.push(start..end);
        taken += run;
        if run < WRAPPED || taken / 4 * 3 > most {
            return lines;
        }
        match line_below(text, end) {
            Some(next) => start = next,
            None => return lines,
        }
    }
}

fn run_start(text: &[u8], at: usize) -> usize {
    at - text[..at].iter().rev().take_while(|byte| is_digit(**byte)).count()
}

/// The end of the run above, when nothing but a line's end and blanks stands between.
fn line_above(text: &[u8], start: usize) -> Option<usize> {
    let rest = trim_blanks_end(&text[..start]);
    let rest = [b"\r\n".as_slice(), b"\n", b"\r", b"\\r\\n", b"\\n"]
        .iter()
        .find_map(|end| rest.strip_suffix(*end))?;
    let rest = trim_blanks_end(rest);
    rest.last().is_some_and(|byte| is_digit(*byte)).then_some(rest.len())
}

/// The start of the run below.
fn line_below(text: &[u8], end: usize) -> Option<usize> {
    let rest = &text[end..];
    let rest = trim_blanks(rest);
    let rest = [b"\r\n".as_slice(), b"\n", b"\r", b"\\r\\n", b"\\n"]
        .iter()
        .find_map(|end| rest.strip_prefix(*end))?;
    let rest = trim_blanks(rest);
    rest.first().is_some_and(|byte| is_digit(*byte)).then_some(text.len() - rest.len())
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    &text[text.iter().take(64).take_while(|byte| matches!(byte, b' ' | b'\t')).count()..]
}

fn trim_blanks_end(text: &[u8]) -> &[u8] {
    &text[..text.len() - text.iter().rev().take(64).take_while(|byte| matches!(byte, b' ' | b'\t')).count()]
}

/// Decodes the runs as one; `known` is a place in them and the number in its group of the character there.
fn read(
    text: &[u8],
    lines: &[Range<usize>],
    known: Option<(Range<usize>, usize)>,
    most: usize,
) -> Option<Decoded> {
    let mut pieces = Pieces::default();
    let (mut length, mut known_at) = (0, 0);
    for line in lines {
        if let Some((at, _)) = &known
            && line.contains(&at.start)
        {
            known_at = length + at.start - line.start;
        }
        pieces.push(length, line.len(), line.clone());
        length += line.len();
    }
    let skipped = known.as_ref().map_or(0, |(_, phase)| (known_at + 4 - phase) % 4);
    let bytes = bytes(text, lines, skipped, most);
    // What gave it away, in the decoded bytes.
    let known = known.map(|(at, _)| {
        let start = (known_at.saturating_sub(skipped) * 3).div_ceil(4);
        start..(start + at.len() * 3 / 4).min(bytes.len())
    });
    // The budget ended before it.
    if known.as_ref().is_some_and(|known| known.start > known.end) {
        return None;
    }
    let region = lines.first()?.start..lines.last()?.end;
    let map = Map::new(Step::Groups { inner: 3, outer: 4, start: skipped }).then(&Map::new(pieces.step()?));
    let (bytes, map) = worth(bytes, known, map)?;
    Some(Decoded { bytes, map, region, written: "base64", judge_as: Some("base64") })
}

/// What the runs say as one, without their first `skipped` characters; at most about `most` bytes. Nothing else of their size is
/// made: they may be most of a large file.
fn bytes(text: &[u8], runs: &[Range<usize>], skipped: usize, most: usize) -> Vec<u8> {
    let length: usize = runs.iter().map(ExactSizeIterator::len).sum();
    let mut bytes = Vec::with_capacity((length * 3 / 4).min(most + 3));
    let (mut skip, mut group, mut filled) = (skipped, 0u32, 0);
    for run in runs {
        let run = &text[run.clone()];
        let from = skip.min(run.len());
        skip -= from;
        let mut rest = &run[from..];
        while !rest.is_empty() && bytes.len() < most {
            if filled == 0
                && let Some((four, after)) = rest.split_first_chunk::<4>()
            {
                let bits =
                    four.iter().fold(0u32, |bits, byte| bits << 6 | u32::from(VALUES[usize::from(*byte)]));
                bytes.extend(&bits.to_be_bytes()[1..]);
                rest = after;
                continue;
            }
            group = group << 6 | u32::from(VALUES[usize::from(rest[0])]);
            filled += 1;
            rest = &rest[1..];
            if filled == 4 {
                bytes.extend(&group.to_be_bytes()[1..]);
                (group, filled) = (0, 0);
            }
        }
    }
    let bits = group << (6 * (4 - filled));
    if bytes.len() < most {
        bytes.extend(&bits.to_be_bytes()[1..][..filled * 6 / 8]);
    }
    bytes
}

/// What of the bytes is worth a search: a container whole, UTF-16 as ASCII, else the text around what is known.
fn worth(mut bytes: Vec<u8>, known: Option<Range<usize>>, map: Map) -> Option<(Vec<u8>, Map)> {
    if crate::text::container::sniff(&bytes).is_some() {
        return Some((bytes, map));
    }
    let wide = bytes.iter().take(64).skip(1).step_by(2).filter(|byte| **byte == 0).count();
    if wide >= 3 && wide * 8 >= bytes.len().min(64) * 3 {
        let narrow: Vec<u8> = bytes
            .chunks_exact(2)
            .map(|unit| if unit[1] == 0 && is_text(unit[0]) { unit[0] } else { b'?' })
            .collect();
        return Some((narrow, Map::new(Step::Groups { inner: 1, outer: 2, start: 0 }).then(&map)));
    }
    let least = known.as_ref().map_or(LEAST.min(bytes.len()), |_| LEAST);
    let text = stretch(&bytes, known.unwrap_or(0..0));
    if text.len() < least.max(1) || !reads(&bytes[text.clone()]) {
        return None;
    }
    if text == (0..bytes.len()) {
        return Some((bytes, map));
    }
    let part = Map::new(Step::part(text.clone()));
    bytes.truncate(text.end);
    bytes.drain(..text.start);
    Some((bytes, part.then(&map)))
}
