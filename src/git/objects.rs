//! Blobs by id, for one thread.
//!
//! Hands on: [`Objects`] and [`Content`], which is libgit2's own buffer, so that a large blob is in memory once. The
//! trap: in a partial clone an old version may be missing and must not be fetched; it counts as empty.

use std::cell::RefCell;
use std::ops::Deref;

use super::process::Batch;
use super::tree::read_object;
use super::{GitError, ObjectId};

/// Reads objects. Make one for each thread before the threads start; it can be sent to them.
pub struct Objects<'repo> {
    pub(super) source: Source<'repo>,
    pub(super) partial_clone: bool,
}

pub(super) enum Source<'repo> {
    Library(git2::Odb<'repo>),
    Process(RefCell<Batch>),
}

/// The bytes of an object.
pub struct Content<'a>(Bytes<'a>);

enum Bytes<'a> {
    Library(git2::OdbObject<'a>),
    Owned(Vec<u8>),
}

impl Deref for Content<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Library(object) => object.data(),
            Bytes::Owned(bytes) => bytes,
        }
    }
}

impl Objects<'_> {
    /// A blob's bytes.
    ///
    /// # Errors
    /// When it is missing, cannot be inflated, or is no blob.
    pub fn blob(&self, id: &ObjectId) -> Result<Content<'_>, GitError> {
        match &self.source {
            Source::Library(odb) => {
                read_object(odb, *id, git2::ObjectType::Blob).map(|o| Content(Bytes::Library(o)))
            }
            Source::Process(batch) => batch.borrow_mut().blob(*id).map(|b| Content(Bytes::Owned(b))),
        }
    }

    /// The old side of a change; `None` when a partial clone does not have it (its lines then count as absent).
    ///
    /// # Errors
    /// As [`Objects::blob`].
    pub fn old_blob(&self, id: &ObjectId) -> Result<Option<Content<'_>>, GitError> {
        match self.blob(id) {
            Ok(content) => Ok(Some(content)),
            Err(GitError::ObjectMissing { .. }) if self.partial_clone => Ok(None),
            Err(error) => Err(error),
        }
    }
}
