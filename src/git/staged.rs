//! Which paths differ between a tree and the index: the question that every commit waits for.
//!
//! Hands on: [`against_index`]. Directories that the index's cache tree knows to equal HEAD's are stepped over without
//! opening a tree, so a usual commit reads the chain from the top to the changed file. The trap: what is stepped over
//! must be exactly that directory, so the entries at both ends of the step are held to its name.

use super::index::{CacheTree, Entry, Fault, Index, Node, Walk};
use super::tree::{DIRECTORY, MOST_LEVELS, Trees, diff_trees, order};
use super::{Blob, Change, GitError, ObjectId, Staged};

/// Why there is no answer.
pub(super) enum Trouble {
    /// The index is not understood here; others may.
    Index(Fault),
    /// An object could not be read; others will fail too.
    Repository(GitError),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Index(fault)
    }
}

impl From<GitError> for Trouble {
    fn from(error: GitError) -> Self {
        match error {
            GitError::TooDeep => Self::Index(Fault(error.to_string())),
            error => Self::Repository(error),
        }
    }
}

/// What the index changes against the tree `old`, sorted by path. Entries that are only intended (`git add -N`) are not
/// there, as they are not in a commit. A path in conflict is listed apart, once: git refuses to commit it.
pub(super) fn against_index(trees: &Trees, old: ObjectId, index: &Index) -> Result<Staged, Trouble> {
    let cache = index.cache_tree()?;
    if let Some(cache) = &cache
        && cache.valid(cache.root()).is_some_and(|(id, _)| id == old.as_bytes())
    {
        return Ok(Staged::default());
    }
    let root = cache.as_ref().map(CacheTree::root);
    let mut diff = Diff {
        trees,
        walk: index.walk()?,
        cache,
        path: Vec::new(),
        last: Vec::new(),
        last_stage: 0,
        staged: Staged::default(),
    };
    diff.directory(Some(old), root, 0)?;
    if diff.walk.entry().is_some() {
        return Err(Fault("its entries are not in order".to_owned()).into());
    }
    let mut staged = diff.staged;
    if !staged.changes.is_sorted_by(|a, b| a.path < b.path) {
        crate::order::sort_by(&mut staged.changes, |a, b| a.path.cmp(&b.path));
    }
    Ok(staged)
}

struct Diff<'a> {
    trees: &'a Trees,
    walk: Walk<'a>,
    cache: Option<CacheTree<'a>>,
    /// The directory being looked at, empty or ending in `/`.
    path: Vec<u8>,
    /// The last entry that was looked at: the order that all this relies on is checked, not believed.
    last: Vec<u8>,
    last_stage: u8,
    staged: Staged,
}

/// What the index has next in a directory.
enum Item<'a> {
    File(Entry<'a>),
    /// Entries below a directory.
    Directory,
    /// A directory of a sparse index.
    Sparse(ObjectId),
}

impl<'a> Diff<'a> {
    /// Compares one directory; the walk stands at its first entry and is left after its last.
    fn directory(&mut self, old: Option<ObjectId>, node: Option<Node>, level: usize) -> Result<(), Trouble> {
        if level > MOST_LEVELS {
            return Err(GitError::TooDeep.into());
        }
        let tree = old.map(|id| self.trees.read(id)).transpose()?;
        let mut entries = tree.as_ref().map(|t| t.entries());
        if let Some(entries) = &mut entries {
            entries.step()?;
        }
        let children = self.cache.as_ref().zip(node).map(|(cache, node)| cache.children(node));
        loop {
            let current = entries.as_ref().and_then(super::tree::Entries::current);
            let item = self.item()?;
            let Some((name_length, item)) = item else {
                // The directory's entries are through: what HEAD still has is gone.
                let Some(gone) = current else { return Ok(()) };
                self.removed(gone.name, gone.blob(), level)?;
                if let Some(entries) = &mut entries {
                    entries.step()?;
                }
                continue;
            };
            let is_directory = !matches!(item, Item::File(_));
            let start = self.path.len();
            let side = current.map_or(std::cmp::Ordering::Greater, |c| {
                let name = &self.walk.name()[start..start + name_length];
                order((c.name, c.is_directory()), (name, is_directory))
            });
            if side.is_lt() {
                if let Some(gone) = current {
                    self.removed(gone.name, gone.blob(), level)?;
                }
            } else {
                let before = current.filter(|_| side.is_eq());
                match item {
                    Item::File(entry) => self.file(entry, before.map(|b| b.blob()))?,
                    Item::Sparse(id) => {
                        self.path.extend_from_slice(&self.walk.name()[start..]);
                        diff_trees(
                            self.trees,
                            before.map(|b| b.id),
                            Some(id),
                            &mut self.path,
                            level + 1,
                            &mut self.staged.changes,
                        )?;
                        self.walk.advance()?;
                    }
                    Item::Directory => {
                        let name = &self.walk.name()[start..start + name_length];
                        let child = children.as_ref().and_then(|c| c.get(name));
                        self.path.extend_from_slice(&self.walk.name()[start..=start + name_length]);
                        if !self.unchanged(before.map(|b| b.id), child)? {
                            self.directory(before.map(|b| b.id), child, level + 1)?;
                        }
                    }
                }
                self.path.truncate(start);
            }
            if side.is_le()
                && let Some(entries) = &mut entries
            {
                entries.step()?;
            }
        }
    }

    /// What comes next in this directory, with the length of its name there; entries only intended are passed over.
    fn item(&mut self) -> Result<Option<(usize, Item<'a>)>, Trouble> {
        loop {
            let Some(entry) = self.walk.entry() else { return Ok(None) };
            let name = self.walk.name();
            let Some(rest) = name.strip_prefix(&self.path[..]) else { return Ok(None) };
            if (name, entry.stage) <= (&self.last[..], self.last_stage) {
                // Looked at again on the way into and out of directories; anything else is out of order.
                if (name, entry.stage) != (&self.last[..], self.last_stage) {
                    return Err(Fault("its entries are not in order".to_owned()).into());
                }
            } else {
                self.last.clear();
                self.last.extend_from_slice(name);
                self.last_stage = entry.stage;
            }
            if entry.intent_to_add {
                self.walk.advance()?;
                continue;
            }
            return match memchr::memchr(b'/', rest) {
                Some(length) if length + 1 == rest.len() && entry.mode == DIRECTORY && length > 0 => {
                    let id =
                        ObjectId::from_raw(entry.id).ok_or_else(|| Fault("an entry has no id".to_owned()))?;
                    Ok(Some((length, Item::Sparse(id))))
                }
                Some(length) if length > 0 && length + 1 < rest.len() => Ok(Some((length, Item::Directory))),
                None if !rest.is_empty() && entry.mode != DIRECTORY => {
                    Ok(Some((rest.len(), Item::File(entry))))
                }
                _ => Err(Fault("an entry has no proper path".to_owned()).into()),
            };
        }
    }

    /// Steps over a directory when the cache tree says that it is as HEAD's.
    fn unchanged(&mut self, old: Option<ObjectId>, node: Option<Node>) -> Result<bool, Trouble> {
        let valid = self.cache.as_ref().zip(node).and_then(|(cache, node)| cache.valid(node));
        let Some((id, count)) = valid else { return Ok(false) };
        if old.is_none_or(|old| old.as_bytes() != id) || count == 0 {
            return Ok(false);
        }
        self.walk.skip(count - 1)?;
        let inside = self.walk.entry().is_some() && self.walk.name().starts_with(&self.path);
        self.walk.advance()?;
        let after = self.walk.entry().is_some() && self.walk.name().starts_with(&self.path);
        if !inside || after {
            return Err(Fault("its cache tree does not fit its entries".to_owned()).into());
        }
        Ok(true)
    }

    /// A file of the index, and what HEAD has there.
    fn file(&mut self, entry: Entry<'_>, old: Option<Blob>) -> Result<(), Trouble> {
        let path = self.walk.name();
        if entry.stage > 0 {
            if self.staged.unmerged.last().is_none_or(|last| last != path) {
                self.staged.unmerged.push(path.to_vec());
            }
            let path = path.to_vec();
            while self.walk.entry().is_some() && self.walk.name() == path {
                self.walk.advance()?;
            }
            return Ok(());
        }
        if old.is_none_or(|old| old.mode != entry.mode || old.id.as_bytes() != entry.id) {
            let id = ObjectId::from_raw(entry.id).ok_or_else(|| Fault("an entry has no id".to_owned()))?;
            let new = Some(Blob { id, mode: entry.mode });
            self.staged.changes.push(Change { path: path.to_vec(), new, olds: old.into_iter().collect() });
        }
        self.walk.advance()?;
        Ok(())
    }

    /// A file or directory of HEAD that the index lacks.
    fn removed(&mut self, name: &[u8], old: Blob, level: usize) -> Result<(), Trouble> {
        let start = self.path.len();
        self.path.extend_from_slice(name);
        if old.mode == DIRECTORY {
            self.path.push(b'/');
            diff_trees(self.trees, Some(old.id), None, &mut self.path, level + 1, &mut self.staged.changes)?;
        } else {
            self.staged.changes.push(Change { path: self.path.clone(), new: None, olds: vec![old] });
        }
        self.path.truncate(start);
        Ok(())
    }
}
