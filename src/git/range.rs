//! What the commits of a range add.
//!
//! Hands on: changes whose old side is every version of the path that the range started from. The trap: a secret that one
//! commit adds and the next removes is published all the same, so each commit is asked, not only the two ends.

use super::{Change, GitError, ObjectId, Repository};

impl Repository {
    /// What the commits that `to` reaches and `from` does not add, each against all its parents; sorted by path.
    ///
    /// # Errors
    /// When a commit or a tree cannot be read.
    pub fn added_by_range(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<Change>, GitError> {
        let mut changes: Vec<Change> = Vec::new();
        for commit in self.commits(from, to)? {
            changes.extend(self.added_by(&commit)?);
        }
        changes.sort_by(|a, b| (&a.path, a.new.map(|n| n.id)).cmp(&(&b.path, b.new.map(|n| n.id))));
        changes.dedup();
        Ok(changes)
    }

    /// What one commit changes against all its parents; a path that equals one of them is left out.
    fn added_by(&self, commit: &ObjectId) -> Result<Vec<Change>, GitError> {
        let parents = self.parents(commit)?;
        let Some((first, others)) = parents.split_first() else { return self.all_of(commit) };
        let mut changes = self.between(first, commit)?;
        for other in others {
            let against: Vec<Change> = self.between(other, commit)?;
            changes.retain_mut(|change| {
                // Not among the differences: this parent has the path as it is.
                match against.binary_search_by(|c| c.path.cmp(&change.path)) {
                    Ok(at) => {
                        change.olds.extend(against[at].olds.iter().copied());
                        true
                    }
                    Err(_) => false,
                }
            });
        }
        Ok(changes)
    }
}
