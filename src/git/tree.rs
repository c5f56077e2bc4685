//! Tree objects: their entries, the difference of two trees, and paths looked up in one.
//!
//! Hands on: [`Trees`], [`diff_trees`], [`Lookup`]. The trap: an object's bytes may be anything, so a tree that contains
//! itself or is nested without end must come to an end: depth is bounded.

use std::sync::Arc;

use super::id::Format;
use super::store::{Kind, Store};
use super::{Blob, Change, Content, GitError, ObjectId};

/// Deeper directories are left to libgit2 and git, whose bound is 2,048: each level takes stack here, up to 2 KB.
pub(super) const MOST_LEVELS: usize = 256;

/// Mode of a directory.
pub(super) const DIRECTORY: u32 = 0o040_000;

/// One entry of a tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct TreeEntry<'a> {
    pub(super) mode: u32,
    pub(super) name: &'a [u8],
    pub(super) id: ObjectId,
}

impl TreeEntry<'_> {
    pub(super) fn is_directory(&self) -> bool {
        self.mode == DIRECTORY
    }

    pub(super) fn blob(&self) -> Blob {
        Blob { id: self.id, mode: self.mode }
    }
}

/// Reads trees.
pub(super) struct Trees {
    store: Arc<Store>,
    format: Format,
}

/// A tree's bytes, or none for the empty tree.
pub(super) struct Tree<'store> {
    content: Option<Content<'store>>,
    id: ObjectId,
    hash: usize,
}

impl Trees {
    pub(super) fn new(store: Arc<Store>, format: Format) -> Self {
        Self { store, format }
    }

    /// The tree with that id.
    pub(super) fn read(&self, id: ObjectId) -> Result<Tree<'_>, GitError> {
        let hash = self.format.length();
        if id == self.format.empty_tree() {
            return Ok(Tree { content: None, id, hash });
        }
        Ok(Tree { content: Some(self.store.read(id, Kind::Tree)?), id, hash })
    }

    /// The tree of a commit.
    pub(super) fn of_commit(&self, commit: ObjectId) -> Result<ObjectId, GitError> {
        let content = self.store.read(commit, Kind::Commit)?;
        let hex = content.strip_prefix(b"tree ").and_then(|rest| rest.get(..self.format.length() * 2));
        hex.and_then(ObjectId::from_hex)
            .ok_or_else(|| GitError::ObjectUnreadable { id: commit, reason: "it names no tree".to_owned() })
    }

    /// The commit that an object is, or a tag names; `None` for a tree or blob.
    pub(super) fn peel(&self, mut id: ObjectId) -> Result<Option<ObjectId>, GitError> {
        // A tag may name a tag; a chain longer than any real one is a forged one.
        for _ in 0..32 {
            let (kind, content) = self.store.find(id)?;
            match kind {
                Kind::Commit => return Ok(Some(id)),
                Kind::Tag => {
                    let hex = content
                        .strip_prefix(b"object ")
                        .and_then(|rest| rest.get(..self.format.length() * 2));
                    id = hex.and_then(ObjectId::from_hex).ok_or_else(|| GitError::ObjectUnreadable {
                        id,
                        reason: "it is a tag that names nothing".to_owned(),
                    })?;
                }
                Kind::Tree | Kind::Blob => return Ok(None),
            }
        }
        Ok(None)
    }
}

impl Tree<'_> {
    pub(super) fn entries(&self) -> Entries<'_> {
        let data = self.content.as_deref().unwrap_or_default();
        Entries::new(data, self.hash, self.id)
    }
}

/// The entries of a tree in its own order. [`Entries::step`] has to be called to reach the first.
pub(super) struct Entries<'a> {
    data: &'a [u8],
    hash: usize,
    id: ObjectId,
    current: Option<TreeEntry<'a>>,
}

impl<'a> Entries<'a> {
    /// Of a tree's bytes.
    pub(super) fn new(data: &'a [u8], hash: usize, id: ObjectId) -> Self {
        Self { data, hash, id, current: None }
    }

    pub(super) fn current(&self) -> Option<TreeEntry<'a>> {
        self.current
    }

    /// Goes to the next entry, and gives it.
    pub(super) fn step(&mut self) -> Result<Option<TreeEntry<'a>>, GitError> {
        self.current = None;
        if self.data.is_empty() {
            return Ok(None);
        }
        let broken = || GitError::ObjectUnreadable { id: self.id, reason: "it is no valid tree".to_owned() };
        let blank = self.data.iter().take(8).position(|&b| b == b' ').ok_or_else(broken)?;
        let mut mode = 0;
        for &digit in &self.data[..blank] {
            if !(b'0'..=b'7').contains(&digit) {
                return Err(broken());
            }
            mode = mode << 3 | u32::from(digit - b'0');
        }
        let rest = &self.data[blank + 1..];
        let end = memchr::memchr(0, rest).filter(|&n| n > 0).ok_or_else(broken)?;
        let (name, rest) = (&rest[..end], &rest[end + 1..]);
        let (id, rest) = rest.split_at_checked(self.hash).ok_or_else(broken)?;
        self.data = rest;
        let id = ObjectId::from_raw(id).ok_or_else(broken)?;
        self.current = Some(TreeEntry { mode: canonical(mode), name, id });
        Ok(self.current)
    }
}

/// Old trees hold modes such as 100664; git reads them as the nearest of the five it knows.
fn canonical(mode: u32) -> u32 {
    match mode & 0o170_000 {
        0o100_000 if mode & 0o100 != 0 => 0o100_755,
        0o100_000 => 0o100_644,
        0o120_000 => 0o120_000,
        0o040_000 => DIRECTORY,
        _ => 0o160_000,
    }
}

/// How git orders names within a directory: as bytes, a directory's as if a `/` followed.
pub(super) fn order(a: (&[u8], bool), b: (&[u8], bool)) -> std::cmp::Ordering {
    let common = a.0.len().min(b.0.len());
    a.0[..common].cmp(&b.0[..common]).then_with(|| {
        let next = |(name, directory): (&[u8], bool)| match name.get(common) {
            Some(&byte) => Some(byte),
            None if directory => Some(b'/'),
            None => None,
        };
        next(a).cmp(&next(b)).then_with(|| a.0.len().cmp(&b.0.len()))
    })
}

/// What differs between two directories, appended to `out` in the order of paths. `path` is where they stand, empty or
/// ending in `/`, and is left as it was; `level` is how deep that is.
pub(super) fn diff_trees(
    trees: &Trees,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
    path: &mut Vec<u8>,
    level: usize,
    out: &mut Vec<Change>,
) -> Result<(), GitError> {
    if old == new {
        return Ok(());
    }
    if level > MOST_LEVELS {
        return Err(GitError::TooDeep);
    }
    let read = |id: Option<ObjectId>| id.map(|id| trees.read(id)).transpose();
    let (old, new) = (read(old)?, read(new)?);
    let mut olds = old.as_ref().map(Tree::entries);
    let mut news = new.as_ref().map(Tree::entries);
    let step =
        |side: &mut Option<Entries<'_>>| side.as_mut().map(|s| s.step().map(drop)).transpose().map(drop);
    step(&mut olds)?;
    step(&mut news)?;
    loop {
        let a = olds.as_ref().and_then(Entries::current);
        let b = news.as_ref().and_then(Entries::current);
        let side = match (&a, &b) {
            (None, None) => return Ok(()),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => order((a.name, a.is_directory()), (b.name, b.is_directory())),
        };
        let a = a.filter(|_| side.is_le());
        let b = b.filter(|_| side.is_ge());
        let Some(any) = a.or(b) else { return Ok(()) };
        let length = path.len();
        path.extend_from_slice(any.name);
        if any.is_directory() {
            path.push(b'/');
            diff_trees(trees, a.map(|e| e.id), b.map(|e| e.id), path, level + 1, out)?;
        } else {
            let (a, b) = (a.map(|e| e.blob()), b.map(|e| e.blob()));
            if a != b {
                out.push(Change { path: path.clone(), new: b, olds: a.into_iter().collect() });
            }
        }
        path.truncate(length);
        if side.is_le() {
            step(&mut olds)?;
        }
        if side.is_ge() {
            step(&mut news)?;
        }
    }
}

/// Looks paths up in one tree; neighbours share the directories that were opened.
pub(super) struct Lookup<'odb> {
    trees: &'odb Trees,
    /// The directories on the way to the last path: the bytes up to and with their `/`, and the tree.
    open: Vec<(Vec<u8>, Tree<'odb>)>,
}

impl<'odb> Lookup<'odb> {
    pub(super) fn new(trees: &'odb Trees, root: ObjectId) -> Result<Self, GitError> {
        Ok(Self { trees, open: vec![(Vec::new(), trees.read(root)?)] })
    }

    /// The file at `path`, a submodule too; `None` when there is none or a directory.
    pub(super) fn find(&mut self, path: &[u8]) -> Result<Option<Blob>, GitError> {
        while self.open.len() > 1 && self.open.last().is_some_and(|(prefix, _)| !path.starts_with(prefix)) {
            self.open.pop();
        }
        loop {
            let Some((prefix, tree)) = self.open.last() else { return Ok(None) };
            let rest = path.get(prefix.len()..).unwrap_or_default();
            let (name, inside) = match memchr::memchr(b'/', rest) {
                Some(at) => (&rest[..at], true),
                None => (rest, false),
            };
            let mut entries = tree.entries();
            let found = loop {
                match entries.step()? {
                    Some(entry) if entry.name == name && entry.is_directory() == inside => {
                        break Some(entry.blob());
                    }
                    Some(_) => {}
                    None => break None,
                }
            };
            match found {
                Some(directory) if inside => {
                    let prefix = path[..prefix.len() + name.len() + 1].to_vec();
                    self.open.push((prefix, self.trees.read(directory.id)?));
                }
                other => return Ok(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering::{Equal, Greater, Less};

    #[test]
    fn directories_sort_as_if_a_slash_followed() {
        assert_eq!(order((b"a", false), (b"a.b", false)), Less);
        assert_eq!(order((b"a", true), (b"a.b", false)), Greater);
        assert_eq!(order((b"a", true), (b"a0", false)), Less);
        assert_eq!(order((b"a", false), (b"a", true)), Less);
        assert_eq!(order((b"a", true), (b"a", true)), Equal);
        assert_eq!(order((b"ab", false), (b"b", true)), Less);
    }

    #[test]
    fn broken_trees_are_errors_and_old_modes_are_read_as_git_reads_them() {
        let id = Format::Sha1.empty_tree();
        let entries = |data: &[u8]| {
            let mut entries = Entries { data, hash: 20, id, current: None };
            entries.step().map(|e| e.map(|e| e.mode))
        };
        let mut good = b"100664 name\0".to_vec();
        good.extend([7; 20]);
        assert_eq!(entries(&good), Ok(Some(0o100_644)));
        good.pop();
        for data in
            [&good[..], b"1", b"100644", b"100644 \0", b"10x644 a\0", b"1000000000000 a\0", b"40000 a"]
        {
            assert!(entries(data).is_err(), "{data:?}");
        }
    }
}
