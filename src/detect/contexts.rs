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

/// What speaks for a context, the most first: whether the value has the form of its keys, how near its word stands, how long the word is, whether the name fits too,
/// how few characters it allows, how few lengths. Earlier rules win ties.
type Weight = (bool, u8, usize, bool, std::cmp::Reverse<u32>, std::cmp::Reverse<u16>);

/// The best context of a layer that `accepts`: its rule's index and what speaks for it. With `any_form` the value may have
/// other characters or another length than the service's keys are known to have.
pub(super) fn best(
    layer: Layer<'_>,
    beside: &Beside<'_>,
    any_form: bool,
    accepts: impl Fn(u16) -> bool,
) -> Option<(u16, Weight)> {
    if layer.services().is_empty() {
        return None;
    }
    // Both are small: a name, and four lines that are cut at 400 bytes.
    let (name, around) = (Folded::new(beside.name), Folded::new(beside.around));
    let mut best: Option<(u16, Weight)> = None;
    let mut look = |text: &Folded, near: &dyn Fn(usize) -> u8| {
        for at in text.word_starts() {
            for service in opening(layer, text, at) {
                for &context in run(layer.service_contexts(), service.contexts) {
                    let row = &layer.contexts()[usize::from(context)];
                    let fits = fitting_length(layer, row, beside.value);
                    let Some(span) = fits.or(any_form.then_some(u16::MAX)) else { continue };
                    let names = layer.texts(row.names);
                    let mut named =
                        names.map(|word| memchr::memmem::find(&name.bytes, word.as_bytes()).is_some());
                    if row.names.len > 0 && !named.any(|says| says) || !accepts(row.rule) {
                        continue;
                    }
                    let class = &layer.classes()[usize::from(row.class)];
                    let size = class.iter().map(|bits| bits.count_ones()).sum();
                    let weight: Weight = (
                        fits.is_some(),
                        near(text.at[at]),
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
    look(&name, &|_| 2);
    look(&around, &|at| u8::from(at >= beside.own_line));
    best
}

/// What no service's key has in it, unless the service's own class does.
const FOREIGN: &[u8] = b"!?#$%^&*()[]{}<>,;";

/// A context of the service that the name or the value's line tells, when the value cannot be any of the keys of the services
/// told there: it is shorter than half of the shortest, or has a sign that no key has.
pub(super) fn unlike(
    layer: Layer<'_>,
    beside: &Beside<'_>,
    accepts: impl Fn(u16) -> bool,
) -> Option<Result<u16, ()>> {
    if layer.services().is_empty() {
        return None;
    }
    let mut found = None;
    for text in [beside.name, &beside.around[beside.own_line..]] {
        let text = Folded::new(text);
        for at in text.word_starts() {
            for service in opening(layer, &text, at) {
                for &context in run(layer.service_contexts(), service.contexts) {
                    let row = &layer.contexts()[usize::from(context)];
                    if !accepts(row.rule) {
                        continue;
                    }
                    if !cannot_be(layer, row, beside.value) {
                        return Some(Err(()));
                    }
                    found.get_or_insert(Ok(row.rule));
                }
            }
        }
    }
    found
}

fn cannot_be(layer: Layer<'_>, row: &ContextRow, value: &[u8]) -> bool {
    let class = &layer.classes()[usize::from(row.class)];
    let shortest = run(layer.lengths(), row.lengths).iter().map(|(low, _)| usize::from(*low)).min();
    value.len() * 2 < shortest.unwrap_or_default()
        || value.iter().any(|byte| FOREIGN.contains(byte) && !holds(class, *byte))
}

/// Whether a value has the characters and the length that a rule's context asks for.
pub(super) fn has_form(layer: Layer<'_>, rule: u16, value: &[u8]) -> bool {
    let at = layer.contexts().partition_point(|row| row.rule < rule);
    let row = layer.contexts().get(at).filter(|row| row.rule == rule);
    row.is_some_and(|row| fitting_length(layer, row, value).is_some())
}

/// A text in lower case and without what people put between the words of a name, so that `air_table`, `air-table`, `Air Table`
/// and `airTable` are one.
struct Folded {
    bytes: Vec<u8>,
    /// Where each byte stood.
    at: Vec<usize>,
    /// Whether a word opens with the byte: `heap` stands in `HeapKey` and `myHeapKey`, and not in `namecheap`.
    opens: Vec<bool>,
}

/// Stands in a folded text for what no name goes over.
const GAP: u8 = 0;

impl Folded {
    fn new(text: &[u8]) -> Self {
        let mut folded = Self {
            bytes: Vec::with_capacity(text.len()),
            at: Vec::with_capacity(text.len()),
            opens: Vec::with_capacity(text.len()),
        };
        let mut before = None;
        for (at, &byte) in text.iter().enumerate() {
            if joins(byte) {
                // One of them may stand between two words, more are a rule or an indent.
                if before.is_some_and(|b: u8| !joins(b)) {
                    before = Some(byte);
                    continue;
                }
            }
            let opens = before.is_none_or(|b: u8| {
                !b.is_ascii_alphabetic() || b.is_ascii_lowercase() && byte.is_ascii_uppercase()
            });
            let kept = byte.is_ascii_alphanumeric() || byte >= 0x80;
            folded.bytes.push(if kept { byte.to_ascii_lowercase() } else { GAP });
            folded.at.push(at);
            folded.opens.push(opens);
            before = Some(byte);
        }
        folded
    }

    fn word_starts(&self) -> impl Iterator<Item = usize> {
        (0..self.bytes.len()).filter(|&at| self.opens[at])
    }

    /// Whether `word` stands at a place. One that ends in `_` is an ordinary word: it must end there too, or be joined to a
    /// word of the keys' names.
    fn says(&self, at: usize, word: &[u8]) -> bool {
        let bare = word.strip_suffix(b"_").unwrap_or(word);
        if !self.bytes[at..].starts_with(bare) {
            return false;
        }
        let end = at + bare.len();
        bare.len() == word.len()
            || self.opens.get(end).is_none_or(|opens| *opens)
            || !self.bytes[end].is_ascii_alphabetic()
            || JOINED.iter().any(|next| self.bytes[end..].starts_with(next))
    }
}

/// What names of keys go on with behind a service's name.
const JOINED: [&[u8]; 6] = [b"api", b"key", b"token", b"secret", b"access", b"auth"];

fn joins(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b' ')
}

/// How many bits tell the first three bytes of services' words.
const OPENINGS: usize = 1 << 14;

/// False where no built-in service's word begins so: most words of a text are none, and a search of the table costs a hundred times
/// what this does. Made when the first value is judged that could be a service's.
fn may_open(layer: Layer<'_>, key: &[u8]) -> bool {
    static KNOWN: OnceLock<Vec<u64>> = OnceLock::new();
    let slot = |key: &[u8]| {
        let key = key.iter().fold(0u32, |all, byte| all << 8 | u32::from(*byte));
        (key.wrapping_mul(0x9E37_79B1) >> 18) as usize
    };
    if !matches!(layer, Layer::BuiltIn) {
        return true;
    }
    let known = KNOWN.get_or_init(|| {
        let mut known = vec![0; OPENINGS / 64];
        for row in layer.services() {
            let slot = slot(&layer.slice(row.word).as_bytes()[..3]);
            known[slot / 64] |= 1 << (slot % 64);
        }
        known
    });
    known[slot(key) / 64] >> (slot(key) % 64) & 1 != 0
}

/// The services whose word stands at a place.
fn opening<'a>(layer: Layer<'a>, text: &Folded, at: usize) -> impl Iterator<Item = &'a ServiceRow> {
    let word = move |row: &ServiceRow| layer.slice(row.word).as_bytes();
    // Words have three bytes at least.
    let range: Range<usize> = match text.bytes.get(at..at + 3).filter(|key| may_open(layer, key)) {
        None => 0..0,
        Some(key) => {
            let from = layer.services().partition_point(|row| &word(row)[..3] < key);
            from..from + layer.services()[from..].partition_point(|row| &word(row)[..3] == key)
        }
    };
    layer.services()[range].iter().filter(move |row| text.says(at, word(row)))
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
