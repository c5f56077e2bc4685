//! libgit2's own tree-to-index diff, for machines without git whose index our reader leaves alone.
//!
//! Hands on: [`library_diff`], against which the tests hold our reader too. The trap: it hashes the whole index and walks
//! every tree, and a loose tree that is cut short keeps it busy for ever.

use super::{Blob, Change, ObjectId, Staged};
use std::path::Path;

/// libgit2's own diff, for an index that our reader leaves alone.
pub(super) fn library_diff(
    repository: &git2::Repository,
    old: ObjectId,
    path: &Path,
) -> Result<Staged, git2::Error> {
    let index = git2::Index::open_ext(path, repository.object_format())?;
    let oid = git2::Oid::from_bytes(old.as_bytes())?;
    let tree = if repository.odb()?.exists(oid) { Some(repository.find_tree(oid)?) } else { None };
    let mut options = git2::DiffOptions::new();
    options.include_typechange(true).skip_binary_check(true).ignore_submodules(false);
    let diff = repository.diff_tree_to_index(tree.as_ref(), Some(&index), Some(&mut options))?;
    let mut staged = Staged::default();
    for delta in diff.deltas() {
        let side = |file: git2::DiffFile<'_>| {
            let mode = u32::from(file.mode());
            (mode != 0).then(|| Blob { id: file.id().into(), mode })
        };
        let (old, new) = (side(delta.old_file()), side(delta.new_file()));
        let path =
            delta.new_file().path_bytes().or(delta.old_file().path_bytes()).unwrap_or_default().to_vec();
        match delta.status() {
            git2::Delta::Conflicted => staged.unmerged.push(path),
            git2::Delta::Added => staged.changes.push(Change { path, new, olds: Vec::new() }),
            git2::Delta::Deleted => {
                staged.changes.push(Change { path, new: None, olds: old.into_iter().collect() });
            }
            _ => staged.changes.push(Change { path, new, olds: old.into_iter().collect() }),
        }
    }
    crate::order::sort(&mut staged.unmerged);
    staged.unmerged.dedup();
    crate::order::sort_by(&mut staged.changes, |a, b| a.path.cmp(&b.path));
    Ok(staged)
}
