//! Whether a blob may hold a secret, from what its delta changes.
//!
//! Hands on [`Marks`]: where keywords stand, how far what is made of each depends on the text around it, and the
//! [`Likely`] secrets. For a blob that is made from another one, what the delta inserts is searched, with its seams;
//! keywords and likely secrets whose surroundings are copied are carried over. The trap: this may only ever say "maybe" too
//! often. The verdict falls on the whole blob, under its path.

use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use crate::detect::reach::reach;
use crate::detect::{self, BrokenRule, RuleId, RuleSet};
use crate::git::pack::Op;
use crate::judge;
use crate::text::{Encoding, Text};

/// Around what changed keywords are searched anew: longer than the longest of them.
const SEAM: usize = 72;
/// Keywords that depend on more than this stand in a list of their own, which is looked through at every change.
const NEAR: usize = 1100;

/// A keyword and what it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hit {
    at: u32,
    len: u16,
    rule: u16,
    before: u32,
    after: u32,
}

impl Hit {
    fn new(rules: &RuleSet, rule: RuleId, text: &[u8], range: &Range<usize>) -> Self {
        let (before, after) = reach(rules, rule, text, range);
        Self {
            at: range.start as u32,
            len: range.len() as u16,
            rule: rule.0,
            before: before as u32,
            after: after as u32,
        }
    }

    fn range(self) -> Range<usize> {
        self.at as usize..self.at as usize + usize::from(self.len)
    }

    /// True when what changed lies within what it depends on.
    fn depends_on(self, zone: &Range<usize>) -> bool {
        let range = self.range();
        range.start <= zone.end + self.before as usize && zone.start <= range.end + self.after as usize
    }

    fn is_near(self) -> bool {
        self.before as usize <= NEAR && self.after as usize <= NEAR
    }

    fn key(self) -> (u32, u16, u16) {
        (self.at, self.len, self.rule)
    }
}

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

/// What is known of one blob.
#[derive(Debug, Default, Clone)]
pub(super) struct Marks {
    near: Vec<Hit>,
    far: Vec<Hit>,
    pub(super) likely: Vec<Likely>,
    /// Its bytes are not its text (UTF-16), so nothing can be carried on.
    opaque: bool,
}

/// Finds marks; one for each thread.
pub(super) struct Filter<'a> {
    rules: &'a RuleSet,
    next_id: u32,
    step: u32,
    zones: Vec<Range<usize>>,
    fresh: Vec<Hit>,
    affected: Vec<Hit>,
    spare: Vec<Marks>,
    /// Makes numbers of values, so that none is kept; nobody else knows how.
    state: &'a RandomState,
    /// The value of each likely secret, as such a number.
    pub(super) values: Vec<(u32, u64)>,
    pub(super) broken: Option<BrokenRule>,
}

impl<'a> Filter<'a> {
    /// Names likely secrets `first`, `first + step`, …, so that threads do not meet.
    pub(super) fn new(rules: &'a RuleSet, state: &'a RandomState, first: u32, step: u32) -> Self {
        Self {
            rules,
            next_id: first,
            step,
            zones: Vec::new(),
            fresh: Vec::new(),
            affected: Vec::new(),
            spare: Vec::new(),
            state,
            values: Vec::new(),
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

    /// Marks a blob from its content alone.
    pub(super) fn whole(&mut self, content: &[u8]) -> Marks {
        let mut marks = self.spare.pop().unwrap_or_default();
        let text = Text::new(content);
        marks.opaque = text.encoding != Encoding::Bytes || text.bytes.len() != content.len();
        self.fresh.clear();
        self.search(&text.bytes, 0..text.bytes.len());
        self.affected.clear();
        self.affected.extend_from_slice(&self.fresh);
        self.resolve(&text.bytes, &mut marks);
        for hit in self.fresh.drain(..) {
            if hit.is_near() { marks.near.push(hit) } else { marks.far.push(hit) }
        }
        marks
    }

    /// Marks a blob that is made from a marked one.
    pub(super) fn made(&mut self, content: &[u8], base: &Marks, base_len: usize, ops: &[Op]) -> Marks {
        let copied: usize = ops.iter().map(|op| if let Op::Copy { len, .. } = op { *len } else { 0 }).sum();
        // A blob that is mostly new, or whose first bytes say another encoding, is searched whole.
        if base.opaque || copied * 2 < content.len() || !starts_alike(content, ops) {
            return self.whole(content);
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
                        let again = zones.iter().any(|zone| hit.depends_on(zone))
                            || windows.iter().any(|w| w.start <= hit.range().start && hit.range().end <= w.end);
                        if !again {
                            marks.likely.push(Likely { id: likely.id, at: moved(likely.at), hit });
                        }
                    }
                    at += len;
                }
            }
        }
        self.reconsider(content, &zones, &mut marks);
        merge(&self.fresh, &mut marks);
        self.affected.sort_unstable_by_key(|hit| hit.key());
        self.affected.dedup();
        self.resolve(content, &mut marks);
        self.zones = zones;
        marks
    }

    /// Puts carried hits that depend on what changed on the list of those to look at, with their reach measured anew.
    fn reconsider(&mut self, text: &[u8], zones: &[Range<usize>], marks: &mut Marks) {
        let mut far_again = Vec::new();
        for zone in zones {
            let low = zone.start.saturating_sub(NEAR + SEAM);
            let low = marks.near.partition_point(|hit| (hit.at as usize) < low);
            let high = marks.near.partition_point(|hit| hit.at as usize <= zone.end + NEAR);
            for hit in &mut marks.near[low..high] {
                if hit.depends_on(zone) {
                    let new = Hit::new(self.rules, RuleId(hit.rule), text, &hit.range());
                    self.affected.push(new);
                    if new.is_near() {
                        *hit = new;
                    } else {
                        far_again.push(new);
                    }
                }
            }
        }
        for hit in &mut marks.far {
            if zones.iter().any(|zone| hit.depends_on(zone)) {
                *hit = Hit::new(self.rules, RuleId(hit.rule), text, &hit.range());
                self.affected.push(*hit);
            }
        }
        if !far_again.is_empty() {
            far_again.sort_unstable_by_key(|hit| hit.key());
            far_again.dedup();
            marks.near.retain(|hit| far_again.binary_search_by_key(&hit.key(), |far| far.key()).is_err());
            marks.far.extend(far_again);
            marks.far.sort_unstable_by_key(|hit| hit.key());
            marks.far.dedup_by_key(|hit| hit.key());
        }
    }

    /// Searches a part of the text for keywords; adds to `fresh`, in the order in which they start.
    fn search(&mut self, text: &[u8], part: Range<usize>) {
        let first = self.fresh.len();
        let (rules, fresh) = (self.rules, &mut self.fresh);
        rules.scan(&text[part.clone()], |rule, range| {
            if rules.is_enabled(rule) {
                let range = part.start + range.start..part.start + range.end;
                fresh.push(Hit::new(rules, rule, text, &range));
            }
        });
        self.fresh[first..].sort_unstable_by_key(|hit| hit.key());
    }

    /// Looks at the affected hits and adds what is likely.
    fn resolve(&mut self, text: &[u8], marks: &mut Marks) {
        for &hit in &self.affected {
            let candidates = match detect::at(self.rules, text, [(RuleId(hit.rule), hit.range())]) {
                Ok(candidates) => candidates,
                Err(broken) => {
                    self.broken = Some(broken);
                    return;
                }
            };
            for candidate in candidates {
                if judge::may_show(self.rules, text, &candidate) {
                    let at = candidate.secret.start as u32;
                    marks.likely.push(Likely { id: self.next_id, at, hit });
                    let value = match candidate.block {
                        Some(block) => self.state.hash_one(&block.value.0),
                        None => self.state.hash_one(judge::normalised(&text[candidate.secret])),
                    };
                    self.values.push((self.next_id, value));
                    self.next_id += self.step;
                }
            }
        }
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

/// Adds fresh hits to the carried ones, in order.
fn merge(fresh: &[Hit], marks: &mut Marks) {
    for hit in fresh {
        let list = if hit.is_near() { &mut marks.near } else { &mut marks.far };
        list.push(*hit);
    }
    for list in [&mut marks.near, &mut marks.far] {
        // Two sorted runs, which the stable sort joins in one pass.
        list.sort_by_key(|hit| hit.key());
        list.dedup_by_key(|hit| hit.key());
    }
}
