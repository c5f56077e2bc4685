//! The spellings of encoded text and the names of services as a table, found by the hash of a window that the bitmap knows too.

use crate::rarity::Rarity;
use crate::rulefile::{Kind, RuleSource};
use crate::spelling::{SERVICE, SpellingRow, names_itself, spellings};
use crate::tables::Tables;

/// Slots of the hash table: a power of two. Must agree with `detect::prefilter::spelling_slot`.
const SLOTS: usize = 4096;

/// Severities from here on (`high`) have their prefixes looked for in encoded text.
const LEAST_SEVERITY: u8 = 2;

pub(crate) struct Spellings {
    /// Ordered by slot.
    pub(crate) rows: Vec<SpellingRow>,
    pub(crate) text: Vec<u8>,
    /// The rows of slot `s` are `rows[slots[s]..slots[s + 1]]`.
    pub(crate) slots: Vec<u16>,
    pub(crate) windows: Vec<[u8; 4]>,
}

impl Spellings {
    pub(crate) fn new(rules: &[RuleSource], tables: &Tables, rarity: &Rarity) -> Self {
        let mut text = Vec::new();
        let mut placed: Vec<(usize, [u8; 4], SpellingRow)> = Vec::new();
        for spelling in spellings(&prefixes(rules)) {
            let (at, window) = rarity.rarest(&spelling.text, usize::MAX - 1);
            let row = SpellingRow {
                at: u16::try_from(text.len()).expect("spellings have fewer than 65,536 bytes"),
                len: u8::try_from(spelling.text.len()).expect("a spelling is short"),
                window: u8::try_from(at).expect("a spelling is short"),
                writing: spelling.writing,
                phase: spelling.phase,
                exact: spelling.exact,
            };
            text.extend(&spelling.text);
            placed.push((slot(window), window, row));
        }
        for (index, service) in tables.services.iter().enumerate() {
            let word = &tables.text[service.word.at as usize..][..usize::from(service.word.len)];
            if !names_itself(word) {
                continue;
            }
            let (at, window) = rarity.rarest(word.as_bytes(), usize::MAX - 1);
            let row = SpellingRow {
                at: u16::try_from(index).expect("fewer than 65,536 services"),
                len: u8::try_from(word.len()).expect("a name is short"),
                window: u8::try_from(at).expect("a name is short"),
                writing: SERVICE,
                phase: 0,
                exact: false,
            };
            placed.push((slot(window), window, row));
        }
        placed.sort_by_key(|(slot, ..)| *slot);
        let below = |slot: usize| placed.partition_point(|(other, ..)| *other < slot);
        let slots = (0..=SLOTS).map(|slot| u16::try_from(below(slot)).expect("few spellings")).collect();
        let windows = placed.iter().map(|(_, window, _)| *window).collect();
        Self { rows: placed.into_iter().map(|(.., row)| row).collect(), text, slots, windows }
    }
}

/// What tokens begin with, in the case in which their regexes have it.
fn prefixes(rules: &[RuleSource]) -> Vec<String> {
    let worth = |rule: &&RuleSource| {
        rule.kind == Kind::Specific && rule.severity >= LEAST_SEVERITY && rule.facts.keyword_starts_secret
    };
    let mut prefixes: Vec<String> = Vec::new();
    for rule in rules.iter().filter(worth) {
        let folded = rule.regex.to_ascii_lowercase();
        for keyword in rule.keywords.iter().filter(|keyword| keyword.len() >= 4) {
            prefixes.extend(
                folded.find(keyword.as_str()).map(|at| rule.regex[at..at + keyword.len()].to_owned()),
            );
        }
    }
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

/// Must agree with `detect::prefilter::spelling_slot`.
fn slot(window: [u8; 4]) -> usize {
    let folded = u32::from_le_bytes(window) | 0x2020_2020;
    (folded.wrapping_mul(0x85EB_CA6B) >> 20) as usize
}
