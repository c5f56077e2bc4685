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

/// Reads the items of its source.
pub trait Reader {
    /// Hands the item's content to `judge`; `None` where there is no content (a submodule).
    ///
    /// # Errors
    /// When the content cannot be read.
    fn content(&mut self, item: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss>;

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
