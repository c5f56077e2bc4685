//! The only place that names git2: opening a repository, which paths differ between HEAD and the index, blobs, line
//! diffs, and the ways round what libgit2 refuses (`process`: git itself).
//!
//! INTERFACE (what the other modules call; the bodies are the git helper's):
//!
//! ```ignore
//! pub struct Repository;                       // one opened repository, whichever reader serves it
//! impl Repository {
//!     /// As a hook must: GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE (relative: to the top), ownership rule kept.
//!     pub fn open_from_env() -> Result<Repository, GitError>;
//!     pub fn top(&self) -> Option<&Path>;          // work tree's top; None when bare
//!     pub fn git_dir(&self) -> &Path;              // of this work tree
//!     pub fn common_dir(&self) -> &Path;           // shared by linked work trees
//!     pub fn hooks_dir(&self) -> Result<PathBuf, GitError>;   // core.hooksPath (any scope, ~ expanded) or common_dir/hooks
//!     pub fn config_string(&self, key: &str) -> Result<Option<String>, GitError>;
//!     /// HEAD (and every other parent of a merge in progress) against the index; sorted by path.
//!     pub fn staged(&self) -> Result<Vec<Change>, GitError>;
//!     pub fn index_entry(&self, path: &[u8]) -> Result<Option<Blob>, GitError>;   // stage 0
//!     pub fn resolve(&self, revision: &str) -> Result<ObjectId, GitError>;        // peeled to a commit
//!     /// What one commit adds against all its parents; and first-to-last trees of a range come with issue 6.
//!     pub fn between(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<Change>, GitError>;  // tree to tree
//!     /// A reader of objects for one thread.
//!     pub fn objects(&self) -> Result<Objects, GitError>;
//! }
//! pub struct ObjectId; // Copy + Eq + Ord + Hash + Display(hex), SHA-1 or SHA-256
//! pub struct Blob { pub id: ObjectId, pub mode: u32 }
//! pub struct Change { pub path: Vec<u8>, pub new: Option<Blob>, pub olds: Vec<Blob> }  // new None: removed; olds: that of each parent that has the path
//! impl Objects { pub fn blob(&mut self, id: &ObjectId) -> Result<Vec<u8>, GitError>; pub fn old_blob(&mut self, ..) -> Result<Option<Vec<u8>>, GitError>; /* None: missing in a partial clone */ }
//! /// Byte ranges of `new` whose lines `old` lacks, sorted, merged; by libgit2's xdiff, no configuration read.
//! pub fn added_ranges(old: &[u8], new: &[u8]) -> Result<Vec<Range<usize>>, GitError>;
//! pub enum GitError { NotARepository, NotOwned, CorruptIndex, MissingObject, ... }  // Display: what could not be done, why, what to do
//! ```
