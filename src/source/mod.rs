//! Where items come from. A source yields handles; it knows no rule.

pub mod changes;
pub mod commits;
pub mod files;
pub mod image;
pub mod known;
pub mod message;

use std::ops::Range;

use crate::finding::{CommitInfo, Loss};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file: its name is judged too, and allowances for paths count.
    File,
    /// A text without a path, such as a commit's message.
    Message,
}

/// One thing to judge: a file's content and its name, or a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Path bytes, relative to the repository's top; of a message what the report calls it.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Where it lies below the configuration's folder, when `path` says it in another way: for allowances.
    pub place: Option<Vec<u8>>,
}

impl Item {
    /// A file.
    #[must_use]
    pub fn file(path: Vec<u8>) -> Self {
        Self { path, kind: Kind::File, place: None }
    }

    /// The path by which it is judged and allowed.
    #[must_use]
    pub fn place(&self) -> &[u8] {
        self.place.as_deref().unwrap_or(&self.path)
    }

    /// A message, under the name that the report gives it: `commit message`.
    #[must_use]
    pub fn message(name: &str) -> Self {
        Self { path: name.as_bytes().to_vec(), kind: Kind::Message, place: None }
    }
}

/// A set of items that differ from an earlier state.
pub trait Source {
    /// What there is to judge, ordered by path.
    fn items(&self) -> &[Item];

    /// Which change the item is part of: what another commit removes does not make a secret one that only moved.
    fn change_of(&self, _item: usize) -> usize {
        0
    }

    /// A reader for one thread.
    ///
    /// # Errors
    /// When the objects cannot be opened at all.
    fn reader(&self) -> Result<Box<dyn Reader + Send + '_>, Loss>;
}

/// Items that are met while others are judged, and never all held at once.
pub trait Stream: Sync {
    /// Hands items to `sink` on this thread until none is left or it wants no more. Several threads may call it.
    fn work(&self, sink: &mut dyn Sink);
}

/// Takes what a [`Stream`] meets.
pub trait Sink {
    /// Judges an item, which the reader knows under any number.
    fn judge(&mut self, item: &Item, reader: &mut dyn Reader);

    /// Notes what could not be judged.
    fn lose(&mut self, loss: Loss);

    /// Notes a limit that was reached.
    fn limit(&mut self, limit: Loss);

    /// Whether more is wanted.
    fn goes_on(&self) -> bool;
}

/// Some of the 64 equal parts of a text, one bit each: little to keep for each of a million texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts(u64);

impl Parts {
    /// The whole text.
    pub const ALL: Self = Self(u64::MAX);
    /// None of it.
    pub const NONE: Self = Self(0);

    /// As a number, and back.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// What [`Parts::bits`] gave.
    #[must_use]
    pub fn of_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Adds the parts that hold a range of a text of `length` bytes.
    pub fn add(&mut self, range: &Range<usize>, length: usize) {
        let part = |at: usize| (at as u128 * 64 / (length.max(1) as u128)).min(63) as u32;
        let (first, last) = (part(range.start), part(range.end.max(range.start)));
        self.0 |= (u64::MAX >> (63 - (last - first))) << first;
    }

    /// The ranges of a text of `length` bytes that they are; those that meet are one.
    #[must_use]
    pub fn ranges(self, length: usize) -> Vec<Range<usize>> {
        let at = |part: usize| (length as u128 * part as u128 / 64) as usize;
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for part in (0..64).filter(|part| self.0 >> part & 1 != 0) {
            // Rounded down, where a byte of the part may stand before.
            let range = at(part).saturating_sub(1)..length.min(at(part + 1) + 1);
            match ranges.last_mut() {
                Some(last) if range.start <= last.end => last.end = range.end,
                _ => ranges.push(range),
            }
        }
        ranges
    }
}

/// Reads the items of its source.
pub trait Reader {
    /// Hands the item's content to `judge`; `None` where there is no content (a submodule).
    ///
    /// # Errors
    /// When the content cannot be read.
    fn content(&mut self, item: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss>;

    /// In which parts of the item's decoded text something may be found; all of them where nobody has looked before.
    fn parts(&self, item: usize) -> Parts {
        let _ = item;
        Parts::ALL
    }

    /// The byte ranges of the decoded content that this change adds: all of it for a source without earlier versions. Only
    /// asked once a candidate exists.
    ///
    /// # Errors
    /// When an earlier version cannot be read.
    fn added(&mut self, item: usize, text: &crate::text::Text<'_>) -> Result<Vec<Range<usize>>, Loss> {
        let _ = item;
        Ok(std::iter::once(0..text.bytes.len()).collect())
    }

    /// True where [`Reader::kept`] gives the content, so that it need not be copied while it is judged.
    fn keeps(&self) -> bool {
        false
    }

    /// The content that was handed on last, given away once.
    fn kept(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// Hands on each earlier version of the item, whole. Only asked once something was found in a container.
    ///
    /// # Errors
    /// When one cannot be read.
    fn before(&mut self, item: usize, look: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        let _ = (item, look);
        Ok(())
    }

    /// True when this change adds the item's name.
    fn name_is_added(&self, item: usize) -> bool;

    /// Calls `look` with the decoded text of each removed line range of one change (see [`Source::change_of`]), until it says
    /// false; a source without earlier versions has none.
    ///
    /// # Errors
    /// When an earlier version cannot be read.
    fn removed(&mut self, change: usize, look: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), Loss> {
        let _ = (change, look);
        Ok(())
    }

    /// The commit that brings the item, where the source knows commits. Only asked once there is something to report.
    ///
    /// # Errors
    /// When it cannot be read.
    fn commit(&mut self, _item: usize) -> Result<Option<CommitInfo>, Loss> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::Parts;

    #[test]
    fn parts_hold_what_was_added_and_little_more() {
        for length in [1usize, 5, 63, 64, 65, 1000, 1 << 20, usize::MAX / 2] {
            for (from, to) in
                [(0, 1), (length / 3, length / 3 + 1), (length / 2, length), (length - 1, length)]
            {
                let mut parts = Parts::NONE;
                parts.add(&(from..to), length);
                let ranges = parts.ranges(length);
                assert!(
                    ranges.iter().any(|range| range.start <= from && to <= range.end),
                    "{from}..{to} of {length}"
                );
                let all: usize = ranges.iter().map(std::ops::Range::len).sum();
                assert!(all <= to - from + 2 * (length / 64 + 2), "{from}..{to} of {length}: {all}");
            }
        }
        assert_eq!(Parts::ALL.ranges(100).first(), Some(&(0..100)));
        assert!(Parts::NONE.ranges(100).is_empty());
    }
}
