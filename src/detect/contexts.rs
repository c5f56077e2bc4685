//! Which service a value without a format of its own belongs to, by the service's name near it.
//!
//! Words of the text are looked up in the sorted table of services' words, so a thousand services cost what ten do. The
//! trap: several services may be named near one value; the nearest and most specific word decides, never the order of the
//! rule files.

use std::sync::OnceLock;

use super::layer::{Layer, holds, run};
use super::tables::{ClassRow, FormRow, SHORT_FORMS, ServiceRow};
use super::writing::SAID;

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
    let fitting = fitting(layer, beside.value);
    if layer.services().is_empty() || fitting.is_empty() && !any_form {
        return None;
    }
    // Both are small: a name, and four lines that are cut at 400 bytes.
    let (name, around) = (Folded::new(beside.name), Folded::new(beside.around));
    let mut best: Option<(u16, Weight)> = None;
    let mut bare_name = None;
    let mut look = |text: &Folded, near: &dyn Fn(usize) -> u8| {
        for at in text.openings(layer) {
            for service in opening(layer, text, at) {
                for &context in run(layer.service_contexts(), service.contexts) {
                    let row = &layer.contexts()[usize::from(context)];
                    let fits = fitting.iter().find(|(form, _)| *form == row.form).map(|(_, span)| *span);
                    let Some(span) = fits.or(any_form.then_some(u16::MAX)) else { continue };
                    let bare_name = bare_name.get_or_insert_with(|| name.bare());
                    let mut named = layer
                        .texts(row.names)
                        .map(|word| memchr::memmem::find(bare_name, word.as_bytes()).is_some());
                    if row.names.len > 0 && !named.any(|says| says) || !accepts(row.rule) {
                        continue;
                    }
                    let form = &layer.forms()[usize::from(row.form)];
                    let class = &layer.classes()[usize::from(form.class)];
                    let size = class.iter().map(|bits| bits.count_ones()).sum();
                    let weight: Weight = (
                        fits.is_some(),
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
    look(&name, &|_| 2);
    look(&around, &|at| u8::from(at >= beside.own_line));
    best
}

/// What no service's key has in it, unless the service's own class does.
const FOREIGN: &[u8] = b"!?#$%^&*()[]{}<>,;";

/// A context of the service in the name, when the value cannot be any of the keys of the services told there: it is shorter
/// than half of the shortest, or has a sign that no key has.
pub(super) fn unlike(
    layer: Layer<'_>,
    beside: &Beside<'_>,
    accepts: impl Fn(u16) -> bool,
) -> Option<Result<u16, ()>> {
    if layer.services().is_empty() {
        return None;
    }
    let mut found = None;
    let name = Folded::new(beside.name);
    let bare_name = name.bare();
    let says = |word: &str| memchr::memmem::find(&bare_name, word.as_bytes()).is_some();
    // What people choose themselves has no form.
    if ["webhook", "admin", "signing"].into_iter().any(says) {
        return None;
    }
    for at in name.openings(layer) {
        for service in opening(layer, &name, at) {
            // A header's name (`X-Auth-Token`) is that of many services.
            if SAID.iter().any(|said| layer.slice(service.word).contains(said)) {
                continue;
            }
            for &context in run(layer.service_contexts(), service.contexts) {
                let row = &layer.contexts()[usize::from(context)];
                if !accepts(row.rule) || row.names.len > 0 && !layer.texts(row.names).any(says) {
                    continue;
                }
                if !cannot_be(layer, &layer.forms()[usize::from(row.form)], beside.value) {
                    return Some(Err(()));
                }
                found.get_or_insert(Ok(row.rule));
            }
        }
    }
    found
}

fn cannot_be(layer: Layer<'_>, form: &FormRow, value: &[u8]) -> bool {
    let class = &layer.classes()[usize::from(form.class)];
    let shortest = run(layer.lengths(), form.lengths).iter().map(|(low, _)| usize::from(*low)).min();
    value.len() * 2 < shortest.unwrap_or_default()
        || value.iter().any(|byte| FOREIGN.contains(byte) && !holds(class, *byte))
}

/// Whether a value has the characters and the length that a rule's context asks for.
pub(super) fn has_form(layer: Layer<'_>, rule: u16, value: &[u8]) -> bool {
    let at = layer.contexts().partition_point(|row| row.rule < rule);
    let row = layer.contexts().get(at).filter(|row| row.rule == rule);
    row.is_some_and(|row| width(layer, &layer.forms()[usize::from(row.form)], &Bytes::of(value)).is_some())
}

/// A text in lower case and without what people put between the words of a name, so that `air_table`, `air-table`, `Air Table`
/// and `airTable` are one.
struct Folded {
    bytes: Vec<u8>,
    /// What each byte is: [`OPENS`], [`SKIPPED`], [`STARTS`].
    marks: Vec<u8>,
}

/// Stands in a folded text for what no name goes over.
const GAP: u8 = 0;

/// A word opens with the byte: `heap` stands in `HeapKey` and `myHeapKey`, and not in `namecheap`.
const OPENS: u8 = 1;
/// The byte joins two words and is stepped over.
const SKIPPED: u8 = 2;
/// A word opens with the byte, and it is a letter, a digit or part of one.
const STARTS: u8 = 4;

impl Folded {
    /// What a byte is depends on the one before alone, and no branch on either: the compiler takes sixteen at once.
    fn new(text: &[u8]) -> Self {
        let bytes = text.iter().map(|&byte| if is_kept(byte) { byte.to_ascii_lowercase() } else { GAP });
        let bytes: Vec<u8> = bytes.collect();
        let mut marks = vec![0; text.len()];
        let mark = |before: u8, byte: u8| {
            let opens =
                !before.is_ascii_alphabetic() | (before.is_ascii_lowercase() & byte.is_ascii_uppercase());
            // One of what joins may stand between two words, more are a rule or an indent.
            let skipped = joins(byte) & !joins(before);
            let starts = opens & is_kept(byte);
            (u8::from(opens) * OPENS) | (u8::from(skipped) * SKIPPED) | (u8::from(starts) * STARTS)
        };
        if let ([first, rest @ ..], [first_mark, rest_marks @ ..]) = (text, marks.as_mut_slice()) {
            *first_mark = OPENS | (u8::from(is_kept(*first)) * STARTS);
            for ((mine, &before), &byte) in rest_marks.iter_mut().zip(text).zip(rest) {
                *mine = mark(before, byte);
            }
        }
        Self { bytes, marks }
    }

    /// Where a service's word may stand.
    fn openings(&self, layer: Layer<'_>) -> impl Iterator<Item = usize> {
        let eight = |(index, chunk): (usize, &[u8])| {
            let mut marks = [0; 8];
            marks[..chunk.len()].copy_from_slice(chunk);
            let mut starts = u64::from_le_bytes(marks) & (u64::MAX / 255 * u64::from(STARTS));
            std::iter::from_fn(move || {
                let offset = (starts != 0).then(|| starts.trailing_zeros() as usize / 8)?;
                starts &= starts - 1;
                Some(8 * index + offset)
            })
        };
        let starts = self.marks.chunks(8).enumerate().flat_map(eight);
        starts.filter(move |at| may_open(layer, self.key(*at)))
    }

    /// The byte at a place, or at the next one where that is stepped over; none at the end.
    fn step(&self, at: usize) -> usize {
        at + usize::from(self.marks.get(at).is_some_and(|marks| marks & SKIPPED != 0))
    }

    /// The first bytes from a place on.
    fn key(&self, at: usize) -> u64 {
        if let Some(key) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<8>)
            && let Some(marks) = self.marks.get(at..).and_then(<[u8]>::first_chunk::<8>)
        {
            let skipped = u64::from_le_bytes(*marks) & (u64::MAX / 255 * u64::from(SKIPPED));
            if skipped & SIX == 0 {
                return u64::from_le_bytes(*key) & SIX;
            }
        }
        let mut key = [GAP; 8];
        let mut next = at;
        for byte in &mut key[..6] {
            let here = self.step(next);
            *byte = self.bytes.get(here).copied().unwrap_or(GAP);
            next = here + 1;
        }
        u64::from_le_bytes(key)
    }

    /// The place behind `word`, when it stands here.
    fn starts_with(&self, at: usize, word: &[u8]) -> Option<usize> {
        let mut at = at;
        for byte in word {
            at = self.step(at);
            if self.bytes.get(at) != Some(byte) {
                return None;
            }
            at += 1;
        }
        Some(self.step(at))
    }

    /// Whether `word` stands at a place. One that ends in `_` is an ordinary word: it must end there too, or be joined to a
    /// word of the keys' names.
    fn says(&self, at: usize, word: &[u8]) -> bool {
        let bare = word.strip_suffix(b"_").unwrap_or(word);
        let Some(end) = self.starts_with(at, bare) else { return false };
        bare.len() == word.len()
            || self.marks.get(end).is_none_or(|marks| marks & OPENS != 0)
            || !self.bytes[end].is_ascii_alphabetic()
            || JOINED.iter().any(|next| self.starts_with(end, next).is_some())
    }

    /// Without what is stepped over.
    fn bare(&self) -> Vec<u8> {
        let kept = self.bytes.iter().zip(&self.marks).filter(|(_, marks)| *marks & SKIPPED == 0);
        kept.map(|(byte, _)| *byte).collect()
    }
}

/// What names of keys go on with behind a service's name.
const JOINED: [&[u8]; 6] = [b"api", b"key", b"token", b"secret", b"access", b"auth"];

fn is_kept(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte >= 0x80)
}

fn joins(byte: u8) -> bool {
    (byte == b'_') | (byte == b'-') | (byte == b'.') | (byte == b' ')
}

/// How many bits tell how services' words begin.
const OPENINGS: usize = 1 << 16;

/// The first bytes of a word that are asked for, at most: six, so that `timeout` is not looked up for `timescale`'s sake. Shorter
/// words are known by all of their bytes.
const SIX: u64 = u64::MAX >> 16;
const FIVE: u64 = SIX >> 8;
const FOUR: u64 = SIX >> 16;
const THREE: u64 = SIX >> 24;
/// Sets the first four bytes of a word, which are asked for first, apart from a word of four.
const BEGINS: u64 = 1 << 63;

/// False where no built-in service's word begins so: most words of a text are none, and a search of the table costs ten times
/// what this does. Made when the first value is judged that could be a service's.
fn may_open(layer: Layer<'_>, key: u64) -> bool {
    static KNOWN: OnceLock<Vec<u64>> = OnceLock::new();
    let slot = |key: u64| (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize;
    if !matches!(layer, Layer::BuiltIn) {
        return true;
    }
    let known = KNOWN.get_or_init(|| {
        let mut known = vec![0; OPENINGS / 64];
        for row in layer.services() {
            let word = layer.slice(row.word).as_bytes();
            let mut key = [GAP; 8];
            let bare = word.strip_suffix(b"_").unwrap_or(word);
            bare.iter().take(6).zip(&mut key).for_each(|(byte, place)| *place = *byte);
            let key = u64::from_le_bytes(key);
            for slot in [slot(key), slot(key & FOUR | BEGINS)] {
                known[slot / 64] |= 1u64 << (slot % 64);
            }
        }
        known
    });
    let has = |key: u64| known[slot(key) / 64] >> (slot(key) % 64) & 1 != 0;
    has(key & FOUR | BEGINS) && [SIX, FIVE, FOUR].iter().any(|mask| has(key & mask)) || has(key & THREE)
}

/// The services whose word stands at a place.
fn opening<'a>(layer: Layer<'a>, text: &Folded, at: usize) -> impl Iterator<Item = &'a ServiceRow> {
    let word = move |row: &ServiceRow| layer.slice(row.word).as_bytes();
    // Words have three bytes at least.
    let key = text.key(at).to_le_bytes();
    let from = layer.services().partition_point(|row| word(row)[..3] < key[..3]);
    let same = layer.services()[from..].iter().take_while(move |row| word(row)[..3] == key[..3]);
    same.filter(move |row| text.says(at, word(row)))
}

/// Which bytes a value has, with and without its padding.
struct Bytes {
    length: usize,
    all: ClassRow,
    body: ClassRow,
}

impl Bytes {
    fn of(value: &[u8]) -> Self {
        let set = |bytes: &[u8]| {
            bytes.iter().fold([0u64; 4], |mut set, byte| {
                set[usize::from(byte >> 6)] |= 1 << (byte & 63);
                set
            })
        };
        let body = unpadded(value);
        let of_body = set(body);
        Self {
            length: value.len(),
            all: if body.len() < value.len() { set(value) } else { of_body },
            body: of_body,
        }
    }
}

/// How wide the range of lengths is that the value fits; `None` when length or characters do not fit.
fn width(layer: Layer<'_>, form: &FormRow, value: &Bytes) -> Option<u16> {
    let class = &layer.classes()[usize::from(form.class)];
    let set = if form.padded { &value.body } else { &value.all };
    if set.iter().zip(class).any(|(set, class)| set & !class != 0) {
        return None;
    }
    let fits = |(low, high): &&(u16, u16)| (usize::from(*low)..=usize::from(*high)).contains(&value.length);
    run(layer.lengths(), form.lengths).iter().find(fits).map(|(low, high)| high - low)
}

/// The forms that a value has, with the width of their range of lengths.
fn fitting(layer: Layer<'_>, value: &[u8]) -> Vec<(u16, u16)> {
    let (forms, bytes) = (layer.forms(), Bytes::of(value));
    let mut fitting = Vec::new();
    let mut ask = |index: usize| {
        if let Some(width) = width(layer, &forms[index], &bytes) {
            fitting.push((index as u16, width));
        }
    };
    if value.len() >= SHORT_FORMS {
        (0..forms.len()).for_each(ask);
        return fitting;
    }
    let row = forms.len().div_ceil(64);
    for (word, bits) in layer.short_forms()[value.len() * row..][..row].iter().enumerate() {
        let mut bits = *bits;
        while bits != 0 {
            ask(64 * word + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
    fitting
}

/// A value without up to two `=` at its end.
pub(crate) fn unpadded(value: &[u8]) -> &[u8] {
    let padding = value.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    &value[..value.len() - padding]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::builtin;

    /// The slow way: a copy without what is stepped over, and every service asked at every word.
    fn said_plainly(text: &[u8]) -> Vec<(usize, String)> {
        let mut kept: Vec<(u8, usize, bool)> = Vec::new();
        let mut before: Option<u8> = None;
        for (at, &byte) in text.iter().enumerate() {
            let opens = before.is_none_or(|b| {
                !b.is_ascii_alphabetic() || b.is_ascii_lowercase() && byte.is_ascii_uppercase()
            });
            if !joins(byte) || before.is_none_or(joins) {
                kept.push((if is_kept(byte) { byte.to_ascii_lowercase() } else { GAP }, at, opens));
            }
            before = Some(byte);
        }
        let bytes: Vec<u8> = kept.iter().map(|(byte, ..)| *byte).collect();
        let mut said = Vec::new();
        for (index, (_, at, _)) in kept.iter().enumerate().filter(|(_, (.., opens))| *opens) {
            for row in &builtin::SERVICES {
                let word = builtin::text(row.word).as_bytes();
                let bare = word.strip_suffix(b"_").unwrap_or(word);
                let end = index + bare.len();
                let ends = |(byte, _, opens): &(u8, usize, bool)| *opens || !byte.is_ascii_alphabetic();
                let whole = || {
                    kept.get(end).is_none_or(ends) || JOINED.iter().any(|next| bytes[end..].starts_with(next))
                };
                if bytes[index..].starts_with(bare) && (bare.len() == word.len() || whole()) {
                    said.push((*at, builtin::text(row.word).to_owned()));
                }
            }
        }
        said
    }

    #[test]
    fn services_are_said_where_a_plain_search_finds_them() {
        let mut state = 3u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        let mut met = 0;
        for _ in 0..150 {
            let mut text = Vec::new();
            for _ in 0..12 {
                let word = builtin::text(builtin::SERVICES[random(builtin::SERVICES.len())].word);
                let mut word = word.trim_end_matches('_').as_bytes().to_vec();
                let place = random(word.len());
                match random(6) {
                    0 => word.insert(place, b"_-. "[random(4)]),
                    1 => word[place].make_ascii_uppercase(),
                    2 => word.truncate(place),
                    3 => word.push(b'x'),
                    _ => {}
                }
                text.extend_from_slice(&word);
                let between = [" ", "", "_", "--", "key", "Key", ".", "\n", "9", " = '"][random(10)];
                text.extend_from_slice(between.as_bytes());
            }
            let folded = Folded::new(&text);
            let said: Vec<(usize, String)> = folded
                .openings(Layer::BuiltIn)
                .flat_map(|at| opening(Layer::BuiltIn, &folded, at).map(move |row| (at, row)))
                .map(|(at, row)| (at, builtin::text(row.word).to_owned()))
                .collect();
            met += said.len();
            assert_eq!(said, said_plainly(&text), "{}", String::from_utf8_lossy(&text));
        }
        assert!(met > 500, "only {met} services were met");
    }

    #[test]
    fn a_value_fits_the_forms_that_a_look_at_each_finds() {
        let (set, layer) = (b"0123456789abcdefABCDEFghijXYZ_-+/.=", Layer::BuiltIn);
        for length in (0..90).chain([200, 511, 512, 513]) {
            for alphabet in [10, 16, 22, 29, 31, 33, 34, 35] {
                let value: Vec<u8> = (0..length).map(|at| set[at * 7 % alphabet]).collect();
                let bytes = Bytes::of(&value);
                let each = layer.forms().iter().enumerate();
                let each = each.filter_map(|(at, form)| Some((at as u16, width(layer, form, &bytes)?)));
                assert_eq!(fitting(layer, &value), each.collect::<Vec<_>>(), "{length} of {alphabet}");
            }
        }
    }
}
