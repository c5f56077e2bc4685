//! The entries of a folder in the git directory.
//!
//! The trap: a folder that cannot be read is not an empty one. What it holds would be missed without a word, so it is told.

use std::fs::{DirEntry, read_dir};
use std::path::Path;

use super::GitError;

/// What a folder holds: nothing where there is none. That it cannot be listed is added to `unread`, in words that begin with
/// "cannot" and `what`.
pub(super) fn entries(
    folder: &Path,
    what: &'static str,
    unread: &mut Vec<String>,
) -> impl Iterator<Item = DirEntry> + use<> {
    let listed = read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let list = listed.unwrap_or_else(|error| {
        if error.kind() != std::io::ErrorKind::NotFound {
            unread.push(GitError::io(what, folder, &error).to_string());
        }
        Vec::new()
    });
    list.into_iter()
}
