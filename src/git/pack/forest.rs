//! The delta trees of one pack: which entry is made from which, and what kind each is, without inflating any.
//!
//! Hands on [`Forest`], whose entries are numbered in the order in which they stand in the pack. The trap: an id may name a
//! base further on, or in a circle; what no whole object stands under is of no kind and must be read another way.

use super::super::store::Kind;
use super::entry::{Body, Head};
use super::index::PackIndex;

/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// How the entries of a pack hang together.
pub(super) struct Forest {
    /// Where each entry starts, ascending.
    pub(super) offsets: Vec<u64>,
    /// The place of each entry's id in the index.
    pub(super) places: Vec<u32>,
    /// What each entry's chain of deltas ends in.
    kinds: Vec<Option<Kind>>,
    /// The first entry made from each.
    first: Vec<u32>,
    /// The next entry made from the same base.
    next: Vec<u32>,
    /// The base of each.
    base: Vec<u32>,
    /// Every entry of a kind, bases before what is made from them.
    order: Vec<u32>,
}

impl Forest {
    /// Reads the header of every entry.
    pub(super) fn grow(pack: &[u8], index: &PackIndex, hash: usize) -> Self {
        let count = index.count();
        let mut entries: Vec<(u64, u32)> =
            (0..count).filter_map(|place| Some((index.offset(place)?, place as u32))).collect();
        entries.sort_unstable();
        let offsets: Vec<u64> = entries.iter().map(|entry| entry.0).collect();
        let places: Vec<u32> = entries.iter().map(|entry| entry.1).collect();
        drop(entries);
        let count = offsets.len();
        let mut forest = Self {
            offsets,
            places,
            kinds: vec![None; count],
            first: vec![NONE; count],
            next: vec![NONE; count],
            base: vec![NONE; count],
            order: Vec::with_capacity(count),
        };
        for (entry, &offset) in forest.offsets.iter().enumerate() {
            let bytes = usize::try_from(offset).ok().and_then(|at| pack.get(at..)).unwrap_or_default();
            let Some(head) = Head::parse(bytes, hash) else { continue };
            let base = match head.body {
                Body::Whole(kind) => {
                    forest.kinds[entry] = Some(kind);
                    continue;
                }
                Body::Before(back) => offset.checked_sub(back),
                Body::Against(id) => index.find(id).and_then(|place| index.offset(place)),
            };
            let base = base.and_then(|base| forest.offsets.binary_search(&base).ok());
            if let Some(base) = base.filter(|base| *base != entry) {
                forest.base[entry] = base as u32;
            }
        }
        // Backwards, so that the children of each stand in the order of the pack.
        for entry in (0..count).rev() {
            let base = forest.base[entry];
            if base != NONE {
                forest.next[entry] = forest.first[base as usize];
                forest.first[base as usize] = entry as u32;
            }
        }
        forest.settle_kinds();
        forest
    }

    fn settle_kinds(&mut self) {
        // An entry has one base, so each is reached once, and those in a circle never.
        for entry in 0..self.kinds.len() {
            if self.base[entry] == NONE && self.kinds[entry].is_some() {
                self.order.push(entry as u32);
            }
        }
        let mut at = 0;
        while let Some(&entry) = self.order.get(at) {
            at += 1;
            let kind = self.kinds[entry as usize];
            let mut child = self.first[entry as usize];
            while child != NONE {
                self.kinds[child as usize] = kind;
                self.order.push(child);
                child = self.next[child as usize];
            }
        }
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// What an entry is; `None` when its bases do not end in a whole object.
    pub(super) fn kind(&self, entry: u32) -> Option<Kind> {
        self.kinds[entry as usize]
    }

    /// The base of an entry, or [`NONE`].
    pub(super) fn base(&self, entry: u32) -> u32 {
        self.base[entry as usize]
    }

    /// The entries made from one, in the order of the pack.
    pub(super) fn children(&self, entry: u32) -> Children<'_> {
        Children { forest: self, next: self.first[entry as usize] }
    }

    /// The entries that start a delta tree, in the order of the pack.
    pub(super) fn roots(&self) -> impl Iterator<Item = u32> {
        self.order.iter().copied().take_while(|entry| self.base[*entry as usize] == NONE)
    }

    /// For each entry how many of those made from it, itself included, are wanted.
    pub(super) fn count(&self, wanted: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut counts = vec![0u32; self.len()];
        for &entry in self.order.iter().rev() {
            counts[entry as usize] += u32::from(wanted(entry));
            let base = self.base[entry as usize];
            if base != NONE {
                counts[base as usize] += counts[entry as usize];
            }
        }
        counts
    }

    /// Where the bytes of an entry end, at most.
    pub(super) fn end(&self, entry: u32, pack: &[u8], hash: usize) -> usize {
        let end = pack.len().saturating_sub(hash);
        self.offsets.get(entry as usize + 1).map_or(end, |next| (*next as usize).min(end))
    }
}

/// See [`Forest::children`].
pub(super) struct Children<'a> {
    forest: &'a Forest,
    next: u32,
}

impl Iterator for Children<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let entry = self.next;
        if entry == NONE {
            return None;
        }
        self.next = self.forest.next[entry as usize];
        Some(entry)
    }
}
