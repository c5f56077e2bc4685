//! The entries of a whole index in order, a split one's two files woven together.
//!
//! Hands on: [`Walk`]. The trap: in a split index the first entries of the newer file have no name; they take the
//! place of entries of the shared one, which the `replaced` bitmap names in order.

use super::cursor::Cursor;
use super::{Entry, Fault, Index};

/// Stands at one entry of the index, or past the last.
pub(in crate::git) struct Walk<'a> {
    base: Cursor<'a>,
    overlay: Option<Overlay<'a>>,
}

struct Overlay<'a> {
    deleted: &'a [u32],
    replaced: &'a [u32],
    replacement: Cursor<'a>,
    added: Cursor<'a>,
    from: Source,
}

/// Which cursor holds the current entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Base,
    Replacement,
    Added,
    /// Added, and the shared file has an older one of the same name and stage.
    AddedOverBase,
}

impl<'a> Walk<'a> {
    pub(super) fn new(index: &'a Index) -> Result<Self, Fault> {
        let Some(split) = &index.split else {
            return Ok(Self { base: Cursor::new(&index.own)?, overlay: None });
        };
        let mut added = Cursor::new(&index.own)?;
        added.skip(split.replaced.len() as u32)?;
        let overlay = Overlay {
            deleted: &split.deleted,
            replaced: &split.replaced,
            replacement: Cursor::new(&index.own)?,
            added,
            from: Source::Base,
        };
        let mut walk = Self { base: Cursor::new(&split.shared)?, overlay: Some(overlay) };
        walk.settle()?;
        Ok(walk)
    }

    /// `None` past the last entry.
    pub(in crate::git) fn entry(&self) -> Option<Entry<'a>> {
        match &self.overlay {
            None => self.base.entry(),
            Some(overlay) => match overlay.from {
                Source::Base => self.base.entry(),
                Source::Replacement => overlay.replacement.entry(),
                Source::Added | Source::AddedOverBase => overlay.added.entry(),
            },
        }
    }

    /// The current entry's path.
    pub(in crate::git) fn name(&self) -> &[u8] {
        match &self.overlay {
            Some(overlay) if matches!(overlay.from, Source::Added | Source::AddedOverBase) => {
                overlay.added.name()
            }
            _ => self.base.name(),
        }
    }

    /// Goes to the next entry.
    pub(in crate::git) fn advance(&mut self) -> Result<(), Fault> {
        let Some(overlay) = &mut self.overlay else { return self.base.advance() };
        match overlay.from {
            Source::Base => self.base.advance()?,
            Source::Replacement => {
                overlay.replacement.advance()?;
                overlay.replaced = overlay.replaced.get(1..).unwrap_or_default();
                self.base.advance()?;
            }
            Source::Added => overlay.added.advance()?,
            Source::AddedOverBase => {
                overlay.added.advance()?;
                self.drop_base()?;
            }
        }
        self.settle()
    }

    /// Steps over `count` entries; a fault when there are fewer.
    pub(in crate::git) fn skip(&mut self, count: u32) -> Result<(), Fault> {
        if self.overlay.is_none() {
            return self.base.skip(count);
        }
        for _ in 0..count {
            if self.entry().is_none() {
                return Err(Fault::new("its cache tree counts more entries than there are"));
            }
            self.advance()?;
        }
        Ok(())
    }

    /// Goes forward to an entry that is not after the first one at or above `path`.
    pub(in crate::git) fn seek_before(&mut self, path: &[u8]) -> Result<(), Fault> {
        // The numbers in the bitmaps have to be kept in step, so a split index is walked.
        if self.overlay.is_none() { self.base.seek_before(path) } else { Ok(()) }
    }

    /// Leaves the base's current entry, whatever the bitmaps say about it.
    fn drop_base(&mut self) -> Result<(), Fault> {
        if let Some(overlay) = &mut self.overlay {
            let number = self.base.number();
            if overlay.deleted.first() == Some(&number) {
                overlay.deleted = &overlay.deleted[1..];
            }
            if overlay.replaced.first() == Some(&number) {
                overlay.replaced = &overlay.replaced[1..];
                overlay.replacement.advance()?;
            }
        }
        self.base.advance()
    }

    /// Decides which cursor comes next.
    fn settle(&mut self) -> Result<(), Fault> {
        while let Some(overlay) = &self.overlay
            && self.base.entry().is_some()
            && overlay.deleted.first() == Some(&self.base.number())
        {
            self.drop_base()?;
        }
        let Some(overlay) = &mut self.overlay else { return Ok(()) };
        let replaced = overlay.replaced.first() == Some(&self.base.number());
        if replaced && !overlay.replacement.name().is_empty() {
            return Err(Fault::new("an entry that replaces one of the shared part has a name"));
        }
        overlay.from = match (self.base.entry(), overlay.added.entry()) {
            (None, Some(_)) => Source::Added,
            (Some(base), Some(added)) => {
                if overlay.added.name().is_empty() {
                    return Err(Fault::new("an entry has no name"));
                }
                let stage =
                    if replaced { overlay.replacement.entry().map_or(0, |e| e.stage) } else { base.stage };
                match (overlay.added.name(), added.stage).cmp(&(self.base.name(), stage)) {
                    std::cmp::Ordering::Less => Source::Added,
                    std::cmp::Ordering::Equal => Source::AddedOverBase,
                    std::cmp::Ordering::Greater if replaced => Source::Replacement,
                    std::cmp::Ordering::Greater => Source::Base,
                }
            }
            _ if replaced => Source::Replacement,
            _ => Source::Base,
        };
        Ok(())
    }
}
