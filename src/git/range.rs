//! What the commits of a range add.
//!
//! Hands on: changes, each commit's against all its parents. The trap: a secret that one commit adds and the next removes
//! is published all the same, so each commit is asked, not only the two ends. Git lists the commits, because libgit2 never
//! ends on a loose commit that is cut short.

use super::{Change, GitError, ObjectId, Repository};

impl Repository {
    /// What the commits that `to` reaches and `from` does not add, sorted by path; the same change once.
    ///
    /// # Errors
    /// When git is not found, or a commit or tree cannot be read.
    pub fn added_by_range(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<Change>, GitError> {
        let mut changes: Vec<Change> = Vec::new();
        for ids in self.git()?.commits(*from, *to)? {
            if let Some((commit, parents)) = ids.split_first() {
                changes.extend(self.added_by(commit, parents)?);
            }
        }
        let key = |change: &Change| {
            (change.path.clone(), change.new.map(|n| n.id), change.olds.first().map(|o| o.id))
        };
        changes.sort_by_cached_key(key);
        changes.dedup();
        Ok(changes)
    }

    /// What one commit changes against all its parents; a path that equals one of them is left out.
    fn added_by(&self, commit: &ObjectId, parents: &[ObjectId]) -> Result<Vec<Change>, GitError> {
        let mut changes = self.between_or_from_nothing(parents.first(), commit)?;
        for other in parents.iter().skip(1) {
            let against = self.between(other, commit)?;
            // What is not among the differences stands in this parent as it is.
            changes.retain_mut(|change| match against.binary_search_by(|c| c.path.cmp(&change.path)) {
                Ok(at) => {
                    change.olds.extend(against[at].olds.iter().copied());
                    true
                }
                Err(_) => false,
            });
        }
        Ok(changes)
    }
}
