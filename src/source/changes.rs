//! What a commit would add: changes with their new content and the versions that stood there before.
//!
//! Serves the staged diff and files named to a hook alike: all of them are [`Change`]s. The trap: both
//! sides are decoded before they are compared, and a file's lines count as added only when no parent has them.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{Item, Reader, Source};
use crate::finding::Loss;
use crate::git::{Blob, Change, GitError, Objects, Repository, added_ranges};
use crate::text::Text;

/// Changes of one repository as a source.
pub struct Changes<'repo> {
    repository: &'repo Repository,
    changes: Vec<Change>,
    items: Vec<Item>,
    /// For each item that is a change, which one; the items after them are `files`.
    indexes: Vec<usize>,
    files: Vec<PathBuf>,
}

/// A file of the work tree that a framework named and git does not know: all of it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What the report calls it.
    pub path: Vec<u8>,
    /// Where it is read from.
    pub file: PathBuf,
}

impl<'repo> Changes<'repo> {
    /// Takes the changes that add something as items; the removed ones are kept for [`Reader::removed`].
    #[must_use]
    pub fn new(repository: &'repo Repository, changes: Vec<Change>) -> Self {
        let has_content = |blob: &Blob| !blob.is_submodule();
        let (indexes, items) = changes
            .iter()
            .enumerate()
            .filter(|(_, change)| change.new.as_ref().is_some_and(has_content))
            .map(|(index, change)| (index, Item::file(change.path.clone())))
            .unzip();
        Self { repository, changes, items, indexes, files: Vec::new() }
    }

    /// Adds files of the work tree.
    #[must_use]
    pub fn and_files(mut self, files: Vec<Named>) -> Self {
        for named in files {
            self.items.push(Item::file(named.path));
            self.files.push(named.file);
        }
        self
    }
}

impl Source for Changes<'_> {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn reader(&self) -> Result<Box<dyn Reader + Send + '_>, Loss> {
        let objects = self.repository.objects().map_err(|error| loss(None, &error))?;
        Ok(Box::new(ChangesReader { source: Parts::of(self), objects }))
    }
}

/// The parts of the source that threads may share (a repository may not be).
struct Parts<'a> {
    changes: &'a [Change],
    indexes: &'a [usize],
    items: &'a [Item],
    files: &'a [PathBuf],
}

impl<'a> Parts<'a> {
    fn of(source: &'a Changes<'_>) -> Self {
        let Changes { changes, items, indexes, files, .. } = source;
        Self { changes, indexes, items, files }
    }

    /// The change behind an item; `None` for a file of the work tree.
    fn change(&self, item: usize) -> Option<&'a Change> {
        self.indexes.get(item).map(|&index| &self.changes[index])
    }
}

struct ChangesReader<'a> {
    source: Parts<'a>,
    objects: Objects,
}

pub(super) fn loss(path: Option<&[u8]>, error: &GitError) -> Loss {
    Loss { path: path.map(<[u8]>::to_vec), reason: error.to_string() }
}

impl Reader for ChangesReader<'_> {
    fn content(&mut self, item: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        match self.source.change(item) {
            Some(Change { path, new: Some(blob), .. }) => {
                let content = self.objects.blob(&blob.id).map_err(|error| loss(Some(path), &error))?;
                judge(&content);
            }
            Some(_) => {}
            None => {
                let file = &self.source.files[item - self.source.indexes.len()];
                let path = &self.source.items[item].path;
                let content = read_file(file).map_err(|error| Loss {
                    path: Some(path.clone()),
                    reason: format!("cannot read it: {error}"),
                })?;
                judge(&content);
            }
        }
        Ok(())
    }

    fn added(&mut self, item: usize, text: &Text<'_>) -> Result<Vec<Range<usize>>, Loss> {
        match self.source.change(item) {
            Some(change) => added_by(&self.objects, change, text),
            None => Ok(std::iter::once(0..text.for_diff().len()).collect()),
        }
    }

    fn before(&mut self, item: usize, look: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        self.source.change(item).map_or(Ok(()), |change| before(&self.objects, change, look))
    }

    fn name_is_added(&self, item: usize) -> bool {
        self.source.change(item).is_none_or(|change| change.olds.is_empty())
    }

    fn removed(&mut self, _: usize, look: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), Loss> {
        removed_by(&self.objects, self.source.changes, look)
    }
}

/// Hands on a file's earlier versions.
pub(super) fn before(objects: &Objects, change: &Change, look: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
    for old in change.olds.iter().filter(|blob| !blob.is_submodule()) {
        if let Some(content) = objects.old_blob(&old.id).map_err(|error| loss(Some(&change.path), &error))? {
            look(&content);
        }
    }
    Ok(())
}

/// The ranges of a file's decoded new content that no earlier version has.
pub(super) fn added_by(
    objects: &Objects,
    change: &Change,
    text: &Text<'_>,
) -> Result<Vec<Range<usize>>, Loss> {
    let new = text.for_diff();
    let mut added: Vec<Range<usize>> = std::iter::once(0..new.len()).collect();
    let fail = |error: GitError| loss(Some(&change.path), &error);
    for old in change.olds.iter().filter(|blob| !blob.is_submodule()) {
        let Some(content) = objects.old_blob(&old.id).map_err(fail)? else { continue };
        let old_text = Text::with_lines(&content);
        added = intersect(&added, &added_ranges(&old_text.for_diff(), &new).map_err(fail)?);
    }
    Ok(added)
}

/// Calls `look` with the decoded text of each removed line range of these changes, until it says false.
pub(super) fn removed_by(
    objects: &Objects,
    changes: &[Change],
    look: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<(), Loss> {
    for change in changes {
        let fail = |error: GitError| loss(Some(&change.path), &error);
        let Some(old) = change.olds.first().filter(|blob| !blob.is_submodule()) else { continue };
        let Some(old) = objects.old_blob(&old.id).map_err(fail)? else { continue };
        let old = Text::with_lines(&old);
        let gone = match change.new.as_ref().filter(|blob| !blob.is_submodule()) {
            None => std::iter::once(0..old.bytes.len()).collect(),
            Some(new) => {
                let new = objects.blob(&new.id).map_err(fail)?;
                added_ranges(&Text::with_lines(&new).for_diff(), &old.for_diff()).map_err(fail)?
            }
        };
        for range in gone {
            if !look(&old.bytes[range]) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A symbolic link's content is its target, as in a blob.
fn read_file(file: &Path) -> std::io::Result<Vec<u8>> {
    let kind = file.symlink_metadata()?.file_type();
    if kind.is_symlink() {
        return Ok(file.read_link()?.into_os_string().into_encoded_bytes());
    }
    if !kind.is_file() {
        // A pipe or device would hold the hook for ever.
        return Err(std::io::Error::other("it is no regular file"));
    }
    std::fs::read(file)
}

/// What two sorted sets of ranges share.
fn intersect(left: &[Range<usize>], right: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut shared = Vec::new();
    let (mut l, mut r) = (0, 0);
    while let (Some(a), Some(b)) = (left.get(l), right.get(r)) {
        let both = a.start.max(b.start)..a.end.min(b.end);
        if both.start < both.end {
            shared.push(both);
        }
        if a.end < b.end { l += 1 } else { r += 1 }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_intersected() {
        let shared = intersect(&[0..10, 20..30, 40..50], &[5..25, 29..45]);
        assert_eq!(shared, [5..10, 20..25, 29..30, 40..45]);
    }
}
