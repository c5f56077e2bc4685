//! The Aho-Corasick automaton over all keywords as a table, and the bitmap that stands in front of it.
//!
//! The `aho-corasick` crate builds it; its `Automaton` trait is walked once, here. State 0 is the start, states 1 to n
//! are those in which a keyword ends. A whole row of the table is kept for states near the start and where keywords part;
//! everywhere else a state has one way on, and what differs from its failure state's row is that alone: a quarter of the bytes.

use std::collections::HashMap;

use aho_corasick::automaton::{Automaton as _, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, MatchKind, StartKind};

use crate::rarity::Rarity;

/// Bytes of the bitmap: 2^18 bits, small enough for the first-level cache.
const FILTER_BYTES: usize = 32 * 1024;

/// How far into a keyword its window may start: the automaton goes back that far at a bitmap hit.
const FARTHEST_WINDOW: usize = 8;

/// Must agree with `detect::prefilter::NO_ROW`.
const NO_ROW: u16 = u16::MAX;

pub(crate) struct Automaton {
    /// One bit for each hash of a folded 4-byte window.
    pub(crate) filter: Vec<u8>,
    /// `next[rows[state] * stride + class]` as little-endian `u16`.
    pub(crate) next: Vec<u8>,
    /// The row of a state, [`NO_ROW`] for one that has none: it goes on with `only`, or as `fail` does.
    pub(crate) rows: Vec<u16>,
    /// For each state without a row the class of its only way on, 255 when it has none, and where that leads.
    pub(crate) only: Vec<(u8, u16)>,
    /// For each state without a row the one that remembers the next shorter end of the text.
    pub(crate) fail: Vec<u16>,
    pub(crate) stride: usize,
    pub(crate) byte_classes: Vec<u8>,
    /// How many bytes each state remembers.
    pub(crate) depths: Vec<u8>,
    /// For match state `s` the keywords are `matches[matches_at[s - 1]..matches_at[s]]`.
    pub(crate) matches_at: Vec<u16>,
    pub(crate) matches: Vec<u16>,
    pub(crate) back: usize,
}

impl Automaton {
    /// `windows`: what else the bitmap must let through.
    pub(crate) fn new(keywords: &[&str], windows: &[[u8; 4]], rarity: &Rarity) -> Self {
        let dfa = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .start_kind(StartKind::Unanchored)
            .build(keywords)
            .expect("a few thousand keywords make an automaton");
        let start = dfa.start_state(Anchored::No).expect("unanchored start");

        // Breadth first, so that a state's depth is the length of the shortest way to it.
        let mut ids: HashMap<StateID, usize> = HashMap::from([(start, 0)]);
        let mut order = vec![(start, 0u8)];
        let mut failures = vec![0usize];
        let mut at = 0;
        while at < order.len() {
            let (state, depth) = order[at];
            for byte in 0..=255u8 {
                let next = dfa.next_state(Anchored::No, state, byte);
                if let std::collections::hash_map::Entry::Vacant(vacant) = ids.entry(next) {
                    vacant.insert(order.len());
                    order.push((next, depth + 1));
                    let shorter = dfa.next_state(Anchored::No, order[failures[at]].0, byte);
                    // The start's own children would be their own failure states.
                    failures.push(if at == 0 { 0 } else { ids[&shorter] });
                }
            }
            at += 1;
        }
        // Renumber: start, match states, the others.
        let mut sorted: Vec<usize> = (1..order.len()).collect();
        sorted.sort_by_key(|&i| !dfa.is_match(order[i].0));
        sorted.insert(0, 0);
        let mut renumbered = vec![0u16; order.len()];
        for (new, &old) in sorted.iter().enumerate() {
            renumbered[old] = u16::try_from(new).expect("fewer than 65,536 states");
        }

        let (byte_classes, representatives) = byte_classes(&dfa, &order);
        let stride = representatives.len();
        let mut next = Vec::new();
        let (mut rows, mut only, mut fail) = (Vec::new(), Vec::new(), Vec::new());
        let mut matches = Vec::new();
        let mut matches_at = vec![0u16];
        for &old in &sorted {
            let (state, depth) = order[old];
            let row = |state: StateID| -> Vec<u16> {
                let target = |byte: &u8| renumbered[ids[&dfa.next_state(Anchored::No, state, *byte)]];
                representatives.iter().map(target).collect()
            };
            let (own, shorter) = (row(state), row(order[failures[old]].0));
            let ways: Vec<usize> = (0..stride).filter(|&class| own[class] != shorter[class]).collect();
            if depth < 2 || ways.len() > 1 {
                rows.push(u16::try_from(next.len() / 2 / stride).expect("no more rows than states"));
                next.extend(own.iter().flat_map(|target| target.to_le_bytes()));
                only.push((u8::MAX, 0));
            } else {
                rows.push(NO_ROW);
                let way = |&class: &usize| (u8::try_from(class).expect("fewer than 255 classes"), own[class]);
                only.push(ways.first().map_or((u8::MAX, 0), way));
            }
            fail.push(renumbered[failures[old]]);
            if old != 0 && dfa.is_match(state) {
                let found = (0..dfa.match_len(state)).map(|i| dfa.match_pattern(state, i).as_u32() as u16);
                matches.extend(found);
                matches_at.push(u16::try_from(matches.len()).expect("fewer than 65,536 matches"));
            }
        }
        let depths = sorted.iter().map(|&old| order[old].1).collect();
        let (filter, back) = filter(keywords, windows, rarity);
        Self { filter, next, rows, only, fail, stride, byte_classes, depths, matches_at, matches, back }
    }
}

/// Bytes that no state tells apart share a column.
fn byte_classes(dfa: &DFA, order: &[(StateID, u8)]) -> (Vec<u8>, Vec<u8>) {
    let mut columns: HashMap<Vec<StateID>, u8> = HashMap::new();
    let mut classes = Vec::new();
    let mut representatives = Vec::new();
    for byte in 0..=255u8 {
        let column: Vec<StateID> =
            order.iter().map(|(state, _)| dfa.next_state(Anchored::No, *state, byte)).collect();
        let known = u8::try_from(columns.len()).expect("at most 256 classes");
        let class = *columns.entry(column).or_insert_with(|| {
            representatives.push(byte);
            known
        });
        classes.push(class);
    }
    (classes, representatives)
}

/// Must agree with `detect::prefilter::slot`.
pub(crate) fn slot(window: [u8; 4]) -> usize {
    let folded = u32::from_le_bytes(window) | 0x2020_2020;
    (folded.wrapping_mul(0x9E37_79B1) >> 14) as usize
}

/// The bitmap over each keyword's rarest window, and the farthest start of one.
fn filter(keywords: &[&str], windows: &[[u8; 4]], rarity: &Rarity) -> (Vec<u8>, usize) {
    let mut filter = vec![0u8; FILTER_BYTES];
    let mut back = 0;
    let mut set = |window: [u8; 4]| {
        let slot = slot(window);
        filter[slot >> 3] |= 1 << (slot & 7);
    };
    windows.iter().for_each(|window| set(*window));
    for keyword in keywords.iter().map(|k| k.as_bytes()) {
        if keyword.len() < 4 {
            // Any byte may follow.
            (0..=255u8).for_each(|last| set([keyword[0], keyword[1], keyword[2], last]));
            continue;
        }
        let (at, window) = rarity.rarest(keyword, FARTHEST_WINDOW);
        set(window);
        back = back.max(at);
    }
    (filter, back)
}
