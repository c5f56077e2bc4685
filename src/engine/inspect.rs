//! The work list: one text and everything that is written in it in another way, through detect and judge.
//!
//! Hands on: [`Inspected`], by content alone, so that it can be kept for each blob; its judgement depends on the path. What was
//! found in a decoded text comes back with its place in the text that people see. The trap: only this loops; decoders and
//! stages know nothing of each other.

use std::collections::VecDeque;
use std::ops::Range;

use super::contents::contents;
use crate::detect::{self, BrokenRule, Candidate, Hint, RuleSet, Writing};
use crate::judge::{self, Judged};
use crate::source::Parts;
use crate::text::budget::Budget;
use crate::text::container::{Container, Input, sniff};
use crate::text::decode::{Decoded, decode, whole};
use crate::text::map::{Map, Step};
use crate::text::{Encoding, Text};

/// What detect claims in one content.
#[derive(Debug, Clone)]
pub struct Inspected<'a> {
    /// The content as text.
    pub text: Text<'a>,
    candidates: Vec<Candidate>,
    inner: Vec<Inner>,
}

/// A decoded part in which something was claimed.
#[derive(Debug, Clone)]
struct Inner {
    bytes: Vec<u8>,
    /// The way back to the outermost text.
    map: Map,
    candidates: Vec<Candidate>,
    /// What it was decoded from, in the outermost text.
    region: Range<usize>,
    /// How it was written, the innermost first.
    written: Vec<&'static str>,
    judge_as: Option<&'static str>,
}

/// Takes a content through detect, and all that decoders make of it.
///
/// # Errors
/// When a rule's regex does not compile.
pub fn inspect<'a>(rules: &RuleSet, content: &'a [u8], budget: &Budget) -> Result<Inspected<'a>, BrokenRule> {
    inspect_parts(rules, content, Parts::ALL, budget)
}

/// The same, where it is known in which parts of the text something may be found.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_parts<'a>(
    rules: &RuleSet,
    content: &'a [u8],
    parts: Parts,
    budget: &Budget,
) -> Result<Inspected<'a>, BrokenRule> {
    let text = Text::new(content);
    // Only what is read as it stands is written in another way as a whole.
    let whole = if text.encoding == Encoding::Bytes { whole(content, budget.left()) } else { None };
    inspect_text(rules, text, whole, parts, budget)
}

/// The same for a piece of a stream, of which nothing is told by its first bytes.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_piece<'a>(
    rules: &RuleSet,
    piece: &'a [u8],
    budget: &Budget,
) -> Result<Inspected<'a>, BrokenRule> {
    inspect_text(rules, Text::as_it_is(piece), None, Parts::ALL, budget)
}

fn inspect_text<'a>(
    rules: &RuleSet,
    text: Text<'a>,
    whole: Option<Decoded>,
    parts: Parts,
    budget: &Budget,
) -> Result<Inspected<'a>, BrokenRule> {
    let detected = match parts {
        Parts::ALL => detect::detect(rules, &text.bytes)?,
        parts => detect::within(rules, &text.bytes, &parts.ranges(text.bytes.len()))?,
    };
    let inner = if detected.hints.is_empty() && whole.is_none() {
        Vec::new()
    } else {
        decoded(rules, &text.bytes, &detected.hints, whole, budget)?
    };
    Ok(Inspected { text, candidates: detected.candidates, inner })
}

/// Works the list off: each decoded part may hold signs of further ones.
#[cold]
fn decoded(
    rules: &RuleSet,
    text: &[u8],
    hints: &[Hint],
    whole: Option<Decoded>,
    budget: &Budget,
) -> Result<Vec<Inner>, BrokenRule> {
    let mut list: VecDeque<(Inner, usize)> = VecDeque::new();
    if let Some(decoded) = whole.filter(|decoded| budget.take(decoded.bytes.len())) {
        list.push_back((Inner::new(decoded, None), 1));
    }
    put(&mut list, text, hints, None, 0, budget);
    work_off(rules, list, budget)
}

/// Each part that something was decoded from, until nothing is left.
fn work_off(
    rules: &RuleSet,
    mut list: VecDeque<(Inner, usize)>,
    budget: &Budget,
) -> Result<Vec<Inner>, BrokenRule> {
    let mut found = Vec::new();
    while let Some((mut inner, depth)) = list.pop_front() {
        if let Some(container) = sniff(&inner.bytes) {
            unpack(&mut list, container, &inner, depth, budget);
        }
        let detected = detect::detect(rules, &inner.bytes)?;
        if !detected.hints.is_empty() {
            put(&mut list, &inner.bytes, &detected.hints, Some(&inner), depth, budget);
        }
        if !detected.candidates.is_empty() {
            inner.candidates = detected.candidates;
            found.push(inner);
        }
    }
    Ok(found)
}

/// The values of what stands in a decoded part, and in what is written in it, that some path would let be shown.
///
/// # Errors
/// When a rule's regex does not compile.
pub fn secrets_in(rules: &RuleSet, decoded: Decoded, budget: &Budget) -> Result<Vec<Vec<u8>>, BrokenRule> {
    if decoded.bytes.is_empty() || !budget.take(decoded.bytes.len()) {
        return Ok(Vec::new());
    }
    let mut values = Vec::new();
    for inner in work_off(rules, VecDeque::from([(Inner::new(decoded, None), 1)]), budget)? {
        for candidate in &inner.candidates {
            if judge::prospect(rules, &inner.bytes, candidate).is_some() {
                values.push(match &candidate.block {
                    Some(block) => block.value.0.clone(),
                    None => judge::normalised(&inner.bytes[candidate.secret.clone()]),
                });
            }
        }
    }
    Ok(values)
}

/// Puts what the hints of one text lead to on the list.
fn put(
    list: &mut VecDeque<(Inner, usize)>,
    text: &[u8],
    hints: &[Hint],
    outer: Option<&Inner>,
    depth: usize,
    budget: &Budget,
) {
    let mut done: Vec<(Writing, Range<usize>)> = Vec::new();
    for hint in hints {
        let read = |(writing, region): &(Writing, Range<usize>)| {
            *writing == hint.writing && region.contains(&hint.start)
        };
        // Hints come in order, so only the last region of each form can hold one.
        if done.iter().rev().take(FORMS_AT_ONCE).any(read) {
            continue;
        }
        if !budget.deeper(depth) {
            return;
        }
        let Some(decoded) = decode(text, hint, budget.left()) else { continue };
        if !budget.take(decoded.bytes.len()) {
            return;
        }
        done.push((hint.writing, decoded.region.clone()));
        if !decoded.bytes.is_empty() {
            list.push_back((Inner::new(decoded, outer), depth + 1));
        }
    }
}

/// Puts the members of a container that was written into a text on the list: each stands where all of it does.
fn unpack(
    list: &mut VecDeque<(Inner, usize)>,
    container: Container,
    inner: &Inner,
    depth: usize,
    budget: &Budget,
) {
    if !budget.deeper(depth) {
        return;
    }
    let (told, mut made) = (budget.told(), 0);
    contents(container, Input::Whole(&inner.bytes), b"", budget, &mut |leaf| {
        made += leaf.until;
        let decoded = Decoded {
            bytes: leaf.bytes[..leaf.until].to_vec(),
            map: Map::new(Step::Whole(0..inner.bytes.len())),
            region: 0..inner.bytes.len(),
            written: "an archive",
            judge_as: None,
        };
        list.push_back((Inner::new(decoded, Some(inner)), depth + 1));
    });
    // Text that decodes to three bytes of a compressed stream, and to nothing more, never was one.
    let is_stream = matches!(container, Container::Gzip | Container::Bzip2 | Container::Xz | Container::Zstd);
    if is_stream && made < LEAST_UNPACKED && !budget.is_spent() {
        budget.untell_damage(told);
    }
}

/// What a stream gives before it breaks, when it is one.
const LEAST_UNPACKED: usize = 256;

impl Inner {
    /// What a decoder made, of the outermost text or of `outer`.
    fn new(decoded: Decoded, outer: Option<&Self>) -> Self {
        let Decoded { bytes, map, region, written, judge_as } = decoded;
        let (map, region, mut before) = match outer {
            Some(outer) => (map.then(&outer.map), outer.map.back(&region), outer.written.clone()),
            None => (map, region, Vec::new()),
        };
        before.insert(0, written);
        let judge_as = judge_as.or_else(|| outer.and_then(|outer| outer.judge_as));
        Self { bytes, map, candidates: Vec::new(), region, written: before, judge_as }
    }
}

/// Regions of so many forms may interleave.
const FORMS_AT_ONCE: usize = 8;

impl Inspected<'_> {
    /// True when nothing is claimed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty() && self.inner.is_empty()
    }

    /// Adds what is claimed for the file's name's sake.
    pub fn add(&mut self, candidates: Vec<Candidate>) {
        self.candidates.extend(candidates);
    }

    /// Judges it as the content of `path`: secrets with their places in [`Inspected::text`], ordered, without overlaps. Can be
    /// asked for one path after the other.
    #[must_use]
    pub fn judge(&mut self, rules: &RuleSet, path: &[u8]) -> Vec<Judged> {
        self.text.find_line_end();
        let mut all = judge::judge(rules, &self.text, path, self.candidates.clone());
        if self.inner.is_empty() {
            return all;
        }
        for inner in &self.inner {
            let text = Text::with_lines(&inner.bytes);
            let as_path = inner.judge_as.map(|name| [path, b"!", name.as_bytes()].concat());
            let path = as_path.as_deref().unwrap_or(path);
            for mut judged in judge::judge(rules, &text, path, inner.candidates.clone()) {
                let secret = judged.secret;
                judged.value.get_or_insert_with(|| judge::normalised(&text.bytes[secret.clone()]));
                judged.secret = inner.map.back(&secret);
                judged.encoded = Some(inner.region.clone());
                judged.reasons.push(format!("it is written in {}", inner.written.join(" in ")));
                all.push(judged);
            }
        }
        judge::winners(rules, all)
    }
}
