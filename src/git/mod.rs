//! The only place that names git2: opening a repository, which paths differ between HEAD and the index, blobs, line
//! diffs, and the ways round what libgit2 refuses (`process`: git itself).
//!
//! Hands on: [`Repository`], [`Objects`], [`added_ranges`]. Who reads what: libgit2 opens the repository, follows
//! references and reads packs; own code compares HEAD with the index (`index`, `staged`) and inflates loose objects
//! (`store`); on any doubt git's diff answers instead, or libgit2's where there is no git, and where those fail too it is a
//! [`GitError`]. The trap: `GIT_INDEX_FILE` may be relative, and is meant from the top.

#[cfg(test)]
mod agreement;
mod configuration;
mod error;
mod folder;
pub(crate) mod fuzzing;
mod id;
mod index;
mod library;
mod lines;
mod lookup;
mod mapping;
mod objects;
pub mod pack;
mod process;
mod range;
mod readers;
mod refs;
mod remote;
mod repository;
mod staged;
mod store;
mod system;
mod tree;
mod words;
mod work_tree;

pub use error::GitError;
pub use id::ObjectId;
pub use lines::added_ranges;
pub use objects::Objects;
pub use range::{Commit, Reach};
pub use readers::Readers;
pub use refs::{Reference, References};
pub use repository::Repository;
pub use store::{Content, Kind};
pub(crate) use system::{find_program, path_of, stdin_is_pipe};
pub use words::{Named, Target, Words};
pub use work_tree::WorkTree;

/// A file as the index or a tree names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Blob {
    /// Of the content; of a submodule, the commit.
    pub id: ObjectId,
    /// `0o100644`, `0o100755`, `0o120000` (symbolic link) or `0o160000` (submodule).
    pub mode: u32,
}

impl Blob {
    /// True for a submodule, whose id is a commit of another repository: there is no content to read.
    #[must_use]
    pub fn is_submodule(&self) -> bool {
        self.mode == 0o160_000
    }
}

/// A path that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path bytes, relative to the repository's top.
    pub path: Vec<u8>,
    /// What stands there now; `None` when the path was removed.
    pub new: Option<Blob>,
    /// What stood there: one for each parent that has the path, HEAD's first. Empty for a new file.
    pub olds: Vec<Blob>,
}

/// What a commit of the index would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Staged {
    /// Added, modified, type-changed and removed paths, sorted by path. A merge's paths that equal one of its parents
    /// add nothing and are left out.
    pub changes: Vec<Change>,
    /// Paths in conflict, sorted. They have no staged content to judge; git refuses to commit while there are any, so
    /// each is to be reported as a loss.
    pub unmerged: Vec<Vec<u8>>,
}
