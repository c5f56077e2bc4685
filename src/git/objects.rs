//! Objects by id, for one thread.
//!
//! Hands on: [`Objects`]. The trap: in a partial clone an old version may be missing and must not be fetched; it counts
//! as empty.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use super::process::{Batch, promises_objects};
use super::store::{Kind, Store};
use super::{Content, GitError, ObjectId};

/// Reads objects. Make one for each thread before the threads start; it can be sent to them.
pub struct Objects {
    pub(super) source: Source,
    /// The repository's own configuration, which is only read when an object is missing.
    pub(super) config: PathBuf,
}

pub(super) enum Source {
    Library(Arc<Store>),
    Process(RefCell<Batch>),
}

impl Objects {
    /// An object of any kind.
    pub(super) fn object(&self, id: &ObjectId) -> Result<(Kind, Content<'_>), GitError> {
        match &self.source {
            Source::Library(store) => store.find(*id),
            Source::Process(batch) => {
                batch.borrow_mut().object(*id).map(|(kind, bytes)| (kind, Content::owned(bytes)))
            }
        }
    }

    /// A blob's bytes.
    ///
    /// # Errors
    /// When it is missing, cannot be inflated, or is no blob.
    pub fn blob(&self, id: &ObjectId) -> Result<Content<'_>, GitError> {
        match self.object(id)? {
            (Kind::Blob, content) => Ok(content),
            (other, _) => Err(GitError::ObjectUnreadable {
                id: *id,
                reason: format!("it is a {}, not a blob", other.name()),
            }),
        }
    }

    /// The old side of a change; `None` when a partial clone does not have it (its lines then count as absent).
    ///
    /// # Errors
    /// As [`Objects::blob`].
    pub fn old_blob(&self, id: &ObjectId) -> Result<Option<Content<'_>>, GitError> {
        match self.blob(id) {
            Ok(content) => Ok(Some(content)),
            Err(GitError::ObjectMissing { .. }) if promises_objects(&self.config) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
