//! A note in the git directory of what pre-commit judged and let pass, so that commit-msg need not judge it again.
//!
//! Hands on: [`Stamp`]. It is a hash of names and ids: of HEAD, of every staged path, and of what stands there. The trap: a
//! hook that runs after pre-commit may stage something else, and then nobody has judged it; so whatever is not known to be
//! the same is judged again. The file is made by commit-msg: where that hook is not installed there is none to write.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};

use sha2::{Digest, Sha256};

use crate::git::{Change, GitError, Repository};

const FILE: &str = "unleak-judged";

/// What a commit of the index would change, as one hash.
pub(super) struct Stamp(String);

impl Stamp {
    /// Of what is staged now.
    ///
    /// # Errors
    /// When HEAD is broken.
    pub(super) fn of(repository: &Repository, changes: &[Change]) -> Result<Self, GitError> {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update(bytes.len().to_le_bytes());
            hash.update(bytes);
        };
        add(env!("CARGO_PKG_VERSION").as_bytes());
        add(repository.head()?.as_ref().map_or(&[], |head| head.as_bytes()));
        for change in changes {
            add(&change.path);
            for blob in change.new.iter().chain(&change.olds) {
                add(&blob.mode.to_le_bytes());
                add(blob.id.as_bytes());
            }
            add(&[u8::from(change.new.is_some())]);
        }
        Ok(Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// True when it is what pre-commit has let pass, which is forgotten with this question. Makes the file.
    pub(super) fn is_judged(&self, repository: &Repository) -> bool {
        let file = repository.git_dir().join(FILE);
        let mut known = String::new();
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(file);
        let read = open.and_then(|mut file| {
            (&mut file).take(1_000).read_to_string(&mut known)?;
            file.set_len(0)
        });
        // Without a file to rely on all is judged again, each time.
        read.is_ok() && known == self.0
    }
}

/// The file, where commit-msg has made one; emptied, so that no older note outlives what is judged now.
pub(super) fn open(repository: &Repository) -> Option<File> {
    OpenOptions::new().write(true).truncate(true).open(repository.git_dir().join(FILE)).ok()
}

/// Notes what was let pass. A note that cannot be written makes commit-msg judge again.
pub(super) fn note(mut file: File, stamp: &Stamp) {
    if file.write_all(stamp.0.as_bytes()).is_err() {
        drop(file.set_len(0));
    }
}
