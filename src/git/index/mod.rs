//! Reads git's index as git maps it: versions 2 to 4, SHA-1 or SHA-256, split (`link`) and sparse (`sdir`).
//!
//! Hands on: [`Index`] and, through [`Walk`], its entries in order. Nothing is allocated for an entry and the checksum
//! is skipped, as git skips it. The trap: every number in the file may be hostile, so each is checked before it is used,
//! and whatever is not understood is a [`Fault`], on which the caller asks libgit2 or git instead.

mod cache_tree;
mod cursor;
mod ewah;
mod walk;

use std::ops::Range;
use std::path::Path;

use super::id::Format;
use super::mapping::Mapping;

pub(super) use cache_tree::{CacheTree, Node};
pub(super) use ewah::positions as bitmap;
pub(super) use walk::Walk;

/// Why this reader leaves an index to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault(pub(super) String);

impl Fault {
    fn new(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

/// One entry, borrowed from the mapped file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// File mode, `0o040000` for a directory of a sparse index.
    pub(super) mode: u32,
    /// Raw id, as long as the repository's format says.
    pub(super) id: &'a [u8],
    /// 0, or 1 to 3 for the sides of a conflict.
    pub(super) stage: u8,
    /// `git add -N`: named, but not part of what is committed.
    pub(super) intent_to_add: bool,
}

/// One index file: the index itself, or the shared part of a split one.
pub(super) struct File {
    map: Mapping,
    version: u32,
    count: u32,
    hash: usize,
    /// Offset of every [`STRIDE`]th entry, for versions whose names stand whole.
    checkpoints: Vec<usize>,
    tree: Option<Range<usize>>,
    link: Option<Range<usize>>,
}

/// Entries between two checkpoints: few enough to step over, many enough to keep the table small.
const STRIDE: u32 = 64;

impl File {
    fn open(path: &Path, format: Format) -> Result<Self, Fault> {
        let map = Mapping::open(path).map_err(|e| Fault(e.to_string()))?;
        Self::parse(map, format)
    }

    fn parse(map: Mapping, format: Format) -> Result<Self, Fault> {
        let hash = format.length();
        if map.len() < 12 + hash {
            return Err(Fault::new("the file is too short"));
        }
        if &map[..4] != b"DIRC" {
            return Err(Fault::new("the file does not begin as an index does"));
        }
        let version = be32(&map, 4)?;
        if !(2..=4).contains(&version) {
            return Err(Fault(format!("version {version} is not known")));
        }
        let count = be32(&map, 8)?;
        let mut file = Self { map, version, count, hash, checkpoints: Vec::new(), tree: None, link: None };
        // The smallest entry: the fixed part and, with names whole, padding to eight bytes.
        if u64::from(count) * (42 + hash as u64) > file.map.len() as u64 {
            return Err(Fault::new("it announces more entries than it has room for"));
        }
        let end = file.scan()?;
        file.extensions(end)?;
        Ok(file)
    }

    /// Where the trailing checksum starts.
    fn limit(&self) -> usize {
        self.map.len() - self.hash
    }

    /// The checksum itself, by which a split index names its shared part.
    fn checksum(&self) -> &[u8] {
        &self.map[self.limit()..]
    }

    /// Steps over all entries to find where the extensions begin.
    fn scan(&mut self) -> Result<usize, Fault> {
        let mut at = 12;
        let mut checkpoints = Vec::new();
        for number in 0..self.count {
            if number % STRIDE == 0 && self.version < 4 {
                checkpoints.push(at);
            }
            at = cursor::after(self, at)?;
        }
        self.checkpoints = checkpoints;
        Ok(at)
    }

    fn extensions(&mut self, mut at: usize) -> Result<(), Fault> {
        let limit = self.limit();
        while at + 8 <= limit {
            let length = be32(&self.map, at + 4)? as usize;
            let data = at + 8..at.saturating_add(8).saturating_add(length);
            if data.end > limit {
                return Err(Fault::new("an extension is longer than the file"));
            }
            match &self.map[at..at + 4] {
                b"TREE" => self.tree = Some(data.clone()),
                b"link" => self.link = Some(data.clone()),
                // It only announces that entries may be directories, which the entries say themselves.
                b"sdir" => {}
                name if !name[0].is_ascii_uppercase() => {
                    let name = String::from_utf8_lossy(name).escape_debug().to_string();
                    return Err(Fault(format!("the extension `{name}` is not known")));
                }
                _ => {}
            }
            at = data.end;
        }
        if at == limit { Ok(()) } else { Err(Fault::new("it does not end where its parts say")) }
    }
}

/// The whole index: one file, or a shared one with what was added to, replaced in and deleted from it.
pub(super) struct Index {
    own: File,
    split: Option<Split>,
}

struct Split {
    shared: File,
    /// Ascending numbers of entries of the shared file.
    deleted: Vec<u32>,
    replaced: Vec<u32>,
}

impl Index {
    /// Reads `path`; the shared part of a split index lies in `git_dir`.
    pub(super) fn open(path: &Path, git_dir: &Path, format: Format) -> Result<Self, Fault> {
        let own = File::open(path, format)?;
        let Some(link) = own.link.clone() else { return Ok(Self { own, split: None }) };
        let data = &own.map[link];
        let Some((id, bitmaps)) = data.split_at_checked(own.hash) else {
            return Err(Fault::new("its link to a shared part is cut short"));
        };
        // Zeros: everything was taken back into this file.
        if id.iter().all(|&b| b == 0) {
            return Ok(Self { own, split: None });
        }
        let hex: String = id.iter().map(|b| format!("{b:02x}")).collect();
        let shared = File::open(&git_dir.join(format!("sharedindex.{hex}")), format)
            .map_err(|f| Fault(format!("the shared part: {}", f.0)))?;
        if shared.checksum() != id || shared.link.is_some() {
            return Err(Fault::new("the shared part is not the one it names"));
        }
        let (deleted, replaced) = if bitmaps.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            let (deleted, rest) = bitmap(bitmaps, shared.count)?;
            let (replaced, rest) = bitmap(rest, shared.count)?;
            if !rest.is_empty() {
                return Err(Fault::new("its link to a shared part is longer than it says"));
            }
            (deleted, replaced)
        };
        if replaced.len() > own.count as usize {
            return Err(Fault::new("it replaces more entries than it has"));
        }
        Ok(Self { own, split: Some(Split { shared, deleted, replaced }) })
    }

    /// True when a second file takes part.
    #[cfg(test)]
    pub(super) fn is_split(&self) -> bool {
        self.split.is_some()
    }

    /// The tree ids of directories that are as they were committed or read; `None` when git wrote none.
    pub(super) fn cache_tree(&self) -> Result<Option<CacheTree<'_>>, Fault> {
        match &self.own.tree {
            Some(range) if !range.is_empty() => {
                CacheTree::parse(&self.own.map[range.clone()], self.own.hash).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The entries from the first on.
    pub(super) fn walk(&self) -> Result<Walk<'_>, Fault> {
        Walk::new(self)
    }
}

fn be32(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    let four = bytes.get(at..).and_then(|b| b.first_chunk::<4>());
    four.map(|b| u32::from_be_bytes(*b)).ok_or_else(|| Fault::new("it is cut short"))
}
