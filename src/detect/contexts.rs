//! Which service a value without a format of its own belongs to, by the service's name near it.
//!
//! Words of the text are looked up in the sorted table of services' words, so a thousand services cost what ten do. The
//! trap: several services may be named near one value; the nearest and most specific word decides, never the order of the
//! rule files.

use std::ops::Range;
use std::sync::OnceLock;

use super::layer::{Layer, holds, run};
use super::tables::{ContextRow, ServiceRow};

/// A value beside a name.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// What it is assigned to.
    pub name: &'a [u8],
    /// The value.
    pub value: &'a [u8],
    /// The text in which the service may be named: the lines before and the value's own, without the value.
    pub around: &'a [u8],
    /// Where the value's own line starts in it.
    pub own_line: usize,
}

/// What speaks for a context, the most first: how near its word stands, how long the word is, whether the name fits too,
/// how few characters it allows, how few lengths. Earlier rules win ties.
type Weight = (u8, usize, bool, std::cmp::Reverse<u32>, std::cmp::Reverse<u16>);

/// The best context of a layer that `accepts`: its rule's index and what speaks for it.
pub(super) fn best(
    layer: Layer<'_>,
    beside: &Beside<'_>,
    accepts: impl Fn(u16) -> bool,
) -> Option<(u16, Weight)> {
    if layer.services().is_empty() {
        return None;
    }
    // Both are small: a name, and four lines that are cut at 400 bytes.
    let (name, around) = (beside.name.to_ascii_lowercase(), beside.around.to_ascii_lowercase());
    let mut best: Option<(u16, Weight)> = None;
    let mut look = |text: &[u8], lower: &[u8], near: &dyn Fn(usize) -> u8| {
        for at in word_starts(text) {
            for service in opening(layer, &lower[at..]) {
                for &context in run(layer.service_contexts(), service.contexts) {
                    let row = &layer.contexts()[usize::from(context)];
                    let Some(span) = fitting_length(layer, row, beside.value) else { continue };
                    let names = layer.texts(row.names);
                    let mut named = names.map(|word| memchr::memmem::find(&name, word.as_bytes()).is_some());
                    if row.names.len > 0 && !named.any(|says| says) || !accepts(row.rule) {
                        continue;
                    }
                    let class = &layer.classes()[usize::from(row.class)];
                    let size = class.iter().map(|bits| bits.count_ones()).sum();
                    let weight: Weight = (
                        near(at),
                        usize::from(service.word.len),
                        row.names.len > 0,
                        std::cmp::Reverse(size),
                        std::cmp::Reverse(span),
                    );
                    let better = best
                        .as_ref()
                        .is_none_or(|(rule, known)| weight > *known || weight == *known && row.rule < *rule);
                    if better {
                        best = Some((row.rule, weight));
                    }
                }
            }
        }
    };
    look(beside.name, &name, &|_| 2);
    look(beside.around, &around, &|at| u8::from(at >= beside.own_line));
    best
}

/// Where words open in a text: `heap` stands in `HeapKey` and `myHeapKey`, and not in `namecheap`.
fn word_starts(text: &[u8]) -> impl Iterator<Item = usize> {
    (0..text.len()).filter(|&at| {
        let Some(before) = at.checked_sub(1).map(|at| text[at]) else { return true };
        !before.is_ascii_alphabetic() || before.is_ascii_lowercase() && text[at].is_ascii_uppercase()
    })
}

/// The services whose word `lower` opens with.
fn opening<'a, 't>(layer: Layer<'a>, lower: &'t [u8]) -> impl Iterator<Item = &'a ServiceRow> + use<'a, 't> {
    let word = |row: &ServiceRow| layer.slice(row.word).as_bytes();
    // Words have three bytes at least.
    let key =
        lower.get(..3).filter(|key| !matches!(layer, Layer::BuiltIn) || may_open(key)).unwrap_or_default();
    let range: Range<usize> = if key.is_empty() {
        0..0
    } else {
        let from = layer.services().partition_point(|row| &word(row)[..3] < key);
        from..from + layer.services()[from..].partition_point(|row| &word(row)[..3] == key)
    };
    layer.services()[range].iter().filter(move |row| lower.starts_with(layer.slice(row.word).as_bytes()))
}

/// How many bits tell the first three letters of words.
const OPENING_BITS: usize = 1 << 14;

/// False for three letters with which no word of a built-in service begins: a binary search less for nearly every word of a
/// text.
fn may_open(key: &[u8]) -> bool {
    static OPENINGS: OnceLock<[u64; OPENING_BITS / 64]> = OnceLock::new();
    let bit =
        |key: &[u8]| key.iter().fold(0usize, |hash, byte| hash * 31 + usize::from(*byte)) % OPENING_BITS;
    let openings = OPENINGS.get_or_init(|| {
        let mut bits = [0; OPENING_BITS / 64];
        for row in Layer::BuiltIn.services() {
            let at = bit(&Layer::BuiltIn.slice(row.word).as_bytes()[..3]);
            bits[at / 64] |= 1 << (at % 64);
        }
        bits
    });
    let at = bit(key);
    openings[at / 64] >> (at % 64) & 1 != 0
}

/// How wide the range of lengths is that the value fits; `None` when length or characters do not fit.
fn fitting_length(layer: Layer<'_>, row: &ContextRow, value: &[u8]) -> Option<u16> {
    let (low, high) = run(layer.lengths(), row.lengths)
        .iter()
        .find(|(low, high)| (usize::from(*low)..=usize::from(*high)).contains(&value.len()))?;
    let class = &layer.classes()[usize::from(row.class)];
    let body = if row.padded { unpadded(value) } else { value };
    body.iter().all(|byte| holds(class, *byte)).then_some(high - low)
}

/// A value without up to two `=` at its end.
pub(crate) fn unpadded(value: &[u8]) -> &[u8] {
    let padding = value.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    &value[..value.len() - padding]
}
