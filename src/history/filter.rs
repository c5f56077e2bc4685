//! Whether a blob may hold a secret, from what its delta changes.
//!
//! Hands on [`Marks`]: where keywords stand, how far what is made of each depends on the text around it, and the
//! [`Likely`] secrets. For a blob that is made from another one, what the delta inserts is searched, with its seams;
//! keywords and likely secrets whose surroundings are copied are carried over. The trap: this may only ever say "maybe" too
//! often. The verdict falls on the whole blob, under its path.

mod hit;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use hit::{CONTAINER, Hit, NEAR};

use super::cache::Met;
use crate::detect::writing::Writing;
use crate::detect::{self, BrokenRule, Candidate, Found, Hint, RuleId, RuleSet};
use crate::engine::{Budget, Limits, secrets_in};
use crate::git::pack::Op;
use crate::judge::{self, Prospect};
use crate::source::Parts;
use crate::text::container::sniff;
use crate::text::decode::{Decoded, decode, is_whole};
use crate::text::{Encoding, Text};

/// Around what changed keywords are searched anew: longer than the longest of them.
const SEAM: usize = 72;

/// What stands in something else is judged wherever it is.
const ANYWHERE: Prospect = Prospect::Anywhere(1.0);

/// How far around name and value the judge of content looks, and how many of its answers are kept.
const SAID_BEFORE: usize = 400;
const SAID_AFTER: usize = 240;
const MOST_SAID: usize = 1 << 16;

/// A candidate that some path would let be reported, as it was first met; blobs that are made from this one carry it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Likely {
    /// The name under which it is carried on.
    pub(super) id: u32,
    /// The secret.
    pub(super) at: u32,
    /// The keyword from which it was found, and so all that it depends on.
    hit: Hit,
}

impl Likely {
    fn place(&self) -> (u32, u16) {
        (self.at, self.hit.rule)
    }
}

/// What is known of a likely secret.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    /// The name under which it is carried on.
    pub(super) id: u32,
    /// Its value, as a number that only this run knows how to make.
    pub(super) number: u64,
    /// The same of all that its verdict depends on: where that is equal, one verdict is enough.
    pub(super) surroundings: u64,
    pub(super) prospect: Prospect,
    /// Where it was met first.
    pub(super) met: Met,
}

impl Value {
    fn new(number: u64, prospect: Prospect) -> Self {
        Self { id: 0, number, surroundings: 0, prospect, met: Met { blob: 0, at: 0, rule: 0, nth: 0 } }
    }
}

/// What is known of one blob.
#[derive(Debug, Default, Clone)]
pub(super) struct Marks {
    near: Vec<Hit>,
    far: Vec<Hit>,
    pub(super) likely: Vec<Likely>,
    /// Its bytes are not its text (UTF-16), so nothing can be carried on.
    opaque: bool,
}

impl Marks {
    /// In which parts of a text of that length the likely secrets are, with all that decides on them.
    pub(super) fn parts(&self, length: usize) -> Parts {
        if self.opaque {
            return Parts::ALL;
        }
        let mut parts = Parts::NONE;
        self.likely.iter().for_each(|likely| parts.add(&likely.hit.surroundings(length), length));
        parts
    }

    /// The likely secrets as they are met in this blob, each with its name.
    pub(super) fn met(&self, blob: u32) -> Vec<(Met, u32)> {
        let nth = |at: usize, likely: &Likely| {
            self.likely[..at].iter().filter(|before| before.place() == likely.place()).count() as u16
        };
        let all = self.likely.iter().enumerate();
        all.map(|(at, likely)| {
            let (place, rule) = likely.place();
            (Met { blob, at: place, rule, nth: nth(at, likely) }, likely.id)
        })
        .collect()
    }
}

/// Finds marks; one for each thread.
pub(super) struct Filter<'a> {
    rules: &'a RuleSet,
    limits: Limits,
    next_id: u32,
    step: u32,
    zones: Vec<Range<usize>>,
    fresh: Vec<Hit>,
    affected: Vec<Hit>,
    hints: Vec<Hint>,
    /// What was decoded of this text.
    decoded: Vec<(Writing, Range<usize>)>,
    spare: Vec<Marks>,
    /// What was said of candidates before, by all that it depends on: versions of a file say the same again and again.
    said: HashMap<u64, Option<Prospect>>,
    /// Of names and values in one form: whether they are ruled out by themselves.
    hopeless: HashMap<u64, bool>,
    /// Makes numbers of values, so that none is kept; nobody else knows how.
    state: &'a RandomState,
    /// The name of each likely secret, by all that its verdict depends on.
    names: HashMap<u64, u32>,
    /// Each likely secret.
    pub(super) values: Vec<Value>,
    /// The object that is looked at.
    pub(super) blob: u32,
    pub(super) broken: Option<BrokenRule>,
}

impl<'a> Filter<'a> {
    /// Names likely secrets `first`, `first + step`, …, so that threads do not meet.
    pub(super) fn new(
        rules: &'a RuleSet,
        limits: Limits,
        state: &'a RandomState,
        first: u32,
        step: u32,
    ) -> Self {
        Self {
            rules,
            limits,
            next_id: first,
            step,
            zones: Vec::new(),
            fresh: Vec::new(),
            affected: Vec::new(),
            hints: Vec::new(),
            decoded: Vec::new(),
            spare: Vec::new(),
            said: HashMap::new(),
            hopeless: HashMap::new(),
            state,
            names: HashMap::new(),
            values: Vec::new(),
            blob: 0,
            broken: None,
        }
    }

    pub(super) fn recycle(&mut self, mut marks: Marks) {
        if self.spare.len() < 16 {
            marks.near.clear();
            marks.far.clear();
            marks.likely.clear();
            marks.opaque = false;
            self.spare.push(marks);
        }
    }

    /// Gives back what is only needed while blobs are looked at.
    pub(super) fn forget(&mut self) {
        self.names = HashMap::new();
        self.said = HashMap::new();
        self.hopeless = HashMap::new();
        self.spare = Vec::new();
    }

    /// Marks a blob from its content alone. What nothing is made from (`is_base`) keeps no keywords.
    pub(super) fn whole(&mut self, content: &[u8], is_base: bool) -> Marks {
        let mut marks = self.spare.pop().unwrap_or_default();
        let text = Text::new(content);
        marks.opaque = text.encoding != Encoding::Bytes || text.bytes.len() != content.len();
        self.fresh.clear();
        self.search(&text.bytes, 0..text.bytes.len());
        self.affected.clear();
        self.affected.extend_from_slice(&self.fresh);
        let keeps = is_base && !marks.opaque;
        if keeps {
            let far = self.fresh.iter().filter(|hit| !hit.is_near(self.rules));
            marks.far.extend(far.map(|hit| hit.measured(self.rules, &text.bytes)));
        }
        self.resolve(&text.bytes, &mut marks);
        if keeps {
            marks.near.extend(self.affected.iter().filter(|hit| hit.is_near(self.rules)));
        }
        if sniff(content).is_some() || is_whole(content) {
            // Whatever is in it is looked at by the engine, in each version anew.
            marks.opaque = true;
            let hit = Hit { at: 0, len: 0, rule: CONTAINER, before: 0, after: u32::MAX };
            let value = self.state.hash_one((content.len(), self.next_id));
            let likely = Likely { id: 0, at: 0, hit };
            self.add(
                content,
                Value { surroundings: value, ..Value::new(value, ANYWHERE) },
                likely,
                &mut marks,
            );
        }
        marks
    }

    /// Marks a blob that is made from a marked one.
    pub(super) fn made(
        &mut self,
        content: &[u8],
        base: &Marks,
        base_len: usize,
        ops: &[Op],
        is_base: bool,
    ) -> Marks {
        let copied: usize = ops.iter().map(|op| if let Op::Copy { len, .. } = op { *len } else { 0 }).sum();
        // A blob that is mostly new, or whose first bytes say another encoding, is searched whole.
        if base.opaque
            || copied * 2 < content.len()
            || !starts_alike(content, ops)
            || sniff(content).is_some()
            || is_whole(content)
        {
            return self.whole(content, is_base);
        }
        let mut marks = self.spare.pop().unwrap_or_default();
        self.zones.clear();
        let mut at = 0;
        let mut expected = 0;
        for op in ops {
            match *op {
                Op::Insert { len } => {
                    add_zone(&mut self.zones, at..at + len);
                    at += len;
                }
                Op::Copy { from, len } => {
                    if from != expected {
                        add_zone(&mut self.zones, at..at);
                    }
                    at += len;
                    expected = from + len;
                }
            }
        }
        if expected != base_len {
            add_zone(&mut self.zones, at..at);
        }
        // What changed, searched with its seams.
        let zones = std::mem::take(&mut self.zones);
        self.fresh.clear();
        let windows = windows(&zones, content.len());
        for window in &windows {
            self.search(content, window.clone());
        }
        self.affected.clear();
        self.affected.extend_from_slice(&self.fresh);
        // What is carried over.
        let mut at = 0;
        for op in ops {
            match *op {
                Op::Insert { len } => at += len,
                Op::Copy { from, len } => {
                    carry(&base.near, from..from + len, at, &windows, &mut marks.near);
                    carry(&base.far, from..from + len, at, &windows, &mut marks.far);
                    let moved = |place: u32| (place as usize + at - from) as u32;
                    for likely in &base.likely {
                        let hit = likely.hit.range();
                        if hit.start < from || hit.end > from + len {
                            continue;
                        }
                        let hit = Hit { at: moved(likely.hit.at), ..likely.hit };
                        // Exactly where the keyword is looked at again, it is found again.
                        if zones.iter().any(|zone| hit.depends_on(zone)) {
                            self.affected.push(hit.anew());
                        } else if !windows
                            .iter()
                            .any(|w| w.start <= hit.range().start && hit.range().end <= w.end)
                        {
                            marks.likely.push(Likely { id: likely.id, at: moved(likely.at), hit });
                        }
                    }
                    at += len;
                }
            }
        }
        self.reconsider(content, &zones, &mut marks);
        if is_base {
            self.merge(content, &mut marks);
        }
        self.affected.sort_unstable_by_key(|hit| hit.key());
        self.affected.dedup_by_key(|hit| hit.key());
        self.resolve(content, &mut marks);
        if is_base {
            for hit in &self.affected {
                if let Ok(at) = marks.near.binary_search_by_key(&hit.key(), |near| near.key()) {
                    marks.near[at] = *hit;
                }
            }
        } else {
            marks.near.clear();
            marks.far.clear();
        }
        self.zones = zones;
        marks
    }

    /// Puts carried hits that depend on what changed on the list of those to look at.
    fn reconsider(&mut self, text: &[u8], zones: &[Range<usize>], marks: &mut Marks) {
        for zone in zones {
            let low = zone.start.saturating_sub(NEAR + SEAM);
            let low = marks.near.partition_point(|hit| (hit.at as usize) < low);
            let high = marks.near.partition_point(|hit| hit.at as usize <= zone.end + NEAR);
            for hit in &mut marks.near[low..high] {
                *hit = hit.measured(self.rules, text);
                if hit.depends_on(zone) {
                    self.affected.push(hit.anew());
                }
            }
        }
        for hit in &mut marks.far {
            if zones.iter().any(|zone| hit.depends_on(zone)) {
                *hit = hit.anew().measured(self.rules, text);
                self.affected.push(hit.anew());
            }
        }
    }

    /// Adds fresh hits to the carried ones, in order.
    fn merge(&self, text: &[u8], marks: &mut Marks) {
        for hit in &self.fresh {
            if hit.is_near(self.rules) {
                marks.near.push(*hit);
            } else {
                marks.far.push(hit.measured(self.rules, text));
            }
        }
        for list in [&mut marks.near, &mut marks.far] {
            // Two sorted runs, which the stable sort joins in one pass.
            list.sort_by_key(|hit| hit.key());
            list.dedup_by_key(|hit| hit.key());
        }
    }

    /// Searches a part of the text for keywords; adds to `fresh`, in the order in which they start.
    fn search(&mut self, text: &[u8], part: Range<usize>) {
        let first = self.fresh.len();
        let (rules, fresh) = (self.rules, &mut self.fresh);
        rules.scan(&text[part.clone()], &mut self.hints, |rule, range| {
            if rules.is_enabled(rule) {
                fresh.push(Hit::new(rule, &(part.start + range.start..part.start + range.end)));
            }
        });
        let mut hints = std::mem::take(&mut self.hints);
        for hint in hints.drain(..) {
            let (start, end) = (part.start + hint.start, part.start + hint.end);
            self.fresh.push(Hit::encoded(&Hint { start, end, ..hint }));
        }
        self.hints = hints;
        self.fresh[first..].sort_unstable_by_key(|hit| hit.key());
    }

    /// Looks at the affected hits, adds what is likely, and notes of which nothing was made.
    fn resolve(&mut self, text: &[u8], marks: &mut Marks) {
        self.decoded.clear();
        let mut affected = std::mem::take(&mut self.affected);
        for hit in &mut affected {
            let found = match hit.hint() {
                Some(hint) => self.encoded(text, &hint, *hit, marks),
                None => self.plain(text, *hit, marks).map(|nothing| *hit = hit.looked_at(nothing)),
            };
            if let Err(broken) = found {
                self.broken = Some(broken);
                break;
            }
        }
        self.affected = affected;
    }

    /// True when nothing was made of it.
    fn plain(&mut self, text: &[u8], hit: Hit, marks: &mut Marks) -> Result<bool, BrokenRule> {
        let detected = detect::at(self.rules, text, [(RuleId(hit.rule), hit.range())])?;
        if detected.is_empty() {
            return Ok(true);
        }
        for hint in &detected.hints {
            // A literal in parts, which is one secret only when it is put together.
            let budget = Budget::new(self.limits, text.len() as u64);
            if let Some(decoded) = decode(text, hint, budget.left()) {
                self.inside(text, hint.writing, decoded, hit, marks)?;
            }
        }
        for candidate in detected.candidates {
            if let Some(prospect) = self.prospect(text, &candidate) {
                let at = candidate.secret.start as u32;
                let value = match candidate.block {
                    Some(block) => self.state.hash_one(&block.value.0),
                    None => self.state.hash_one(judge::normalised(&text[candidate.secret])),
                };
                self.add(text, Value::new(value, prospect), Likely { id: 0, at, hit }, marks);
            }
        }
        Ok(false)
    }

    /// What the judge says of a candidate by its content, asked once for the same surroundings.
    fn prospect(&mut self, text: &[u8], candidate: &Candidate) -> Option<Prospect> {
        let Some(found) = &candidate.found else { return judge::prospect(self.rules, text, candidate) };
        let rule = self.rules.rule(candidate.rule);
        if rule.file().is_none() && self.is_hopeless(text, found) {
            return None;
        }
        let (name, value) = (&found.name, &found.value);
        let from = name.start.min(value.start).saturating_sub(SAID_BEFORE);
        let part = &text[from..text.len().min(name.end.max(value.end) + SAID_AFTER)];
        let places = [name.start, name.end, value.start, value.end].map(|at| at - from);
        let key = self.state.hash_one((candidate.rule, found.form, places, part));
        if let Some(known) = self.said.get(&key) {
            return *known;
        }
        if self.said.len() >= MOST_SAID {
            self.said.clear();
        }
        let prospect = judge::prospect(self.rules, text, candidate);
        self.said.insert(key, prospect);
        prospect
    }

    fn is_hopeless(&mut self, text: &[u8], found: &Found) -> bool {
        let (name, value) = (&text[found.name.clone()], &text[found.value.clone()]);
        let key = self.state.hash_one((found.form, name, value));
        if let Some(known) = self.hopeless.get(&key) {
            return *known;
        }
        if self.hopeless.len() >= MOST_SAID {
            self.hopeless.clear();
        }
        let hopeless = judge::rules_out_the_pair(text, found);
        self.hopeless.insert(key, hopeless);
        hopeless
    }

    /// What stands in something encoded; and how far that goes is noted with its sign.
    fn encoded(&mut self, text: &[u8], hint: &Hint, hit: Hit, marks: &mut Marks) -> Result<(), BrokenRule> {
        let budget = Budget::new(self.limits, text.len() as u64);
        let Some(decoded) = decode(text, hint, budget.left()) else { return Ok(()) };
        let reaching = hit.reaching(&decoded.region);
        if let Ok(at) = marks.far.binary_search_by_key(&hit.key(), |far| far.key()) {
            marks.far[at] = reaching;
        }
        self.inside(text, hint.writing, decoded, reaching, marks)
    }

    fn inside(
        &mut self,
        text: &[u8],
        writing: Writing,
        decoded: Decoded,
        hit: Hit,
        marks: &mut Marks,
    ) -> Result<(), BrokenRule> {
        // Another sign of the same: as long as that stands, this needs no word, and both depend on the same text.
        let read = (writing, decoded.region.clone());
        if self.decoded.contains(&read) {
            return Ok(());
        }
        self.decoded.push(read);
        let budget = Budget::new(self.limits, text.len() as u64);
        for value in secrets_in(self.rules, decoded, &budget)? {
            let value = self.state.hash_one(&value);
            self.add(text, Value::new(value, ANYWHERE), Likely { id: 0, at: hit.at, hit }, marks);
        }
        if budget.has_reached() {
            // The engine says so, and whether that is a loss.
            let value = self.state.hash_one((text.len(), hit.at, self.next_id));
            self.add(text, Value::new(value, ANYWHERE), Likely { id: 0, at: hit.at, hit }, marks);
        }
        Ok(())
    }

    fn add(&mut self, text: &[u8], mut value: Value, mut likely: Likely, marks: &mut Marks) {
        if likely.hit.rule != CONTAINER {
            likely.hit = likely.hit.measured(self.rules, text);
        }
        let hit = likely.hit;
        if hit.rule != CONTAINER {
            let part = hit.surroundings(text.len());
            let places = [hit.at as usize, likely.at as usize].map(|at| at.wrapping_sub(part.start));
            value.surroundings = self.state.hash_one((value.number, hit.rule, places, &text[part]));
        }
        let id = match self.names.entry(value.surroundings) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                value.id = self.next_id;
                let nth = marks.likely.iter().filter(|known| known.place() == likely.place()).count() as u16;
                value.met = Met { blob: self.blob, at: likely.at, rule: hit.rule, nth };
                self.next_id += self.step;
                self.values.push(value);
                *new.insert(value.id)
            }
        };
        marks.likely.push(Likely { id, ..likely });
    }
}

/// True when the bytes from which the encoding is told are the base's own, or ASCII.
fn starts_alike(content: &[u8], ops: &[Op]) -> bool {
    const SAMPLE: usize = 4096;
    if let Some(Op::Copy { from: 0, len }) = ops.first()
        && *len >= SAMPLE.min(content.len())
    {
        return true;
    }
    let sample = &content[..content.len().min(SAMPLE)];
    let marked = matches!(sample, [0xEF, 0xBB, 0xBF, ..] | [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    !marked && memchr::memchr(0, sample).is_none()
}

fn add_zone(zones: &mut Vec<Range<usize>>, zone: Range<usize>) {
    match zones.last_mut() {
        Some(last) if zone.start <= last.end => last.end = last.end.max(zone.end),
        _ => zones.push(zone),
    }
}

/// The parts of the text in which keywords are searched anew.
fn windows(zones: &[Range<usize>], len: usize) -> Vec<Range<usize>> {
    let mut windows: Vec<Range<usize>> = Vec::with_capacity(zones.len());
    for zone in zones {
        let window = zone.start.saturating_sub(SEAM)..len.min(zone.end + SEAM);
        match windows.last_mut() {
            Some(last) if window.start <= last.end => last.end = window.end,
            _ => windows.push(window),
        }
    }
    windows
}

/// Carries the hits over that lie within what is copied, but for those that the windows find again.
fn carry(hits: &[Hit], source: Range<usize>, to: usize, windows: &[Range<usize>], out: &mut Vec<Hit>) {
    let first = hits.partition_point(|hit| (hit.at as usize) < source.start);
    let mut window = windows.partition_point(|w| w.end <= to);
    for hit in &hits[first..] {
        let range = hit.range();
        if range.start >= source.end {
            break;
        }
        if range.end > source.end {
            continue;
        }
        let at = range.start - source.start + to;
        while windows.get(window).is_some_and(|w| w.end <= at) {
            window += 1;
        }
        let again = windows.get(window).is_some_and(|w| w.start <= at && at + range.len() <= w.end);
        if !again {
            out.push(Hit { at: at as u32, ..*hit });
        }
    }
}

#[cfg(test)]
mod tests;
