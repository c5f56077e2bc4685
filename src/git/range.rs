//! Which commits a range has, and what each of them adds.
//!
//! Hands on: [`Repository::commits`] and [`Repository::added_by`]. The trap: a secret that one commit adds and the next
//! removes is published all the same, so each commit is asked, not only the two ends. Git lists the commits, because libgit2
//! never ends on a loose commit that is cut short.

use std::collections::HashSet;

use super::tree::diff_trees;
use super::{Change, GitError, ObjectId, Repository};

/// Which commits are meant: those that a tip reaches and nothing known does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Commits; without any there is nothing to reach.
    pub tips: Vec<ObjectId>,
    /// Commits that are known with all that they reach. Each must be there.
    pub without: Vec<ObjectId>,
    /// What any ref of this repository reaches is known too.
    pub without_refs: bool,
}

/// A commit by its ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its own.
    pub id: ObjectId,
    /// Its parents'. None for a first commit, and for the last that a shallow clone has.
    pub parents: Vec<ObjectId>,
}

impl Repository {
    /// The commits of a range, newest first, children before their parents.
    ///
    /// # Errors
    /// When git is not found, or a commit cannot be read.
    pub fn commits(&self, reach: &Reach) -> Result<Vec<Commit>, GitError> {
        self.git()?.commits(reach)
    }

    /// These commits and no others, with their parents, in the order given.
    ///
    /// # Errors
    /// When git is not found, or a commit cannot be read.
    pub fn commits_alone(&self, ids: &[ObjectId]) -> Result<Vec<Commit>, GitError> {
        self.git()?.commits_alone(ids)
    }

    /// The commits at which a shallow clone was cut off: their parents are not there.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub fn shallow(&self) -> Result<HashSet<ObjectId>, GitError> {
        let file = self.place.common_dir.join("shallow");
        match std::fs::read(&file) {
            Ok(ids) => Ok(ids.split(|byte| *byte == b'\n').filter_map(ObjectId::from_hex).collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(HashSet::new()),
            Err(error) => Err(GitError::io("read the list of a shallow clone's ends", &file, &error)),
        }
    }

    /// The references below these prefixes, each with what it names.
    ///
    /// # Errors
    /// When git is not found, or a reference cannot be read.
    pub fn references(&self, prefixes: &[&str]) -> Result<Vec<(Vec<u8>, ObjectId)>, GitError> {
        self.git()?.refs(prefixes)
    }

    /// What one commit changes against all its parents, sorted by path; a path that equals one of them is left out.
    ///
    /// # Errors
    /// When a commit or tree cannot be read.
    pub fn added_by(&self, commit: &Commit) -> Result<Vec<Change>, GitError> {
        let mut changes = self.between_or_from_nothing(commit.parents.first(), &commit.id)?;
        for other in commit.parents.iter().skip(1) {
            let against = self.between(other, &commit.id)?;
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

    /// All files of a tree, as if they were new.
    ///
    /// # Errors
    /// When a tree cannot be read.
    pub fn all_of_tree(&self, tree: &ObjectId) -> Result<Vec<Change>, GitError> {
        let by_git = || self.git()?.diff_tree(self.place.format.empty_tree(), *tree);
        let Some(trees) = self.trees() else { return by_git() };
        let mut changes = Vec::new();
        match diff_trees(&trees, None, Some(*tree), &mut Vec::new(), 0, &mut changes) {
            Ok(()) => Ok(changes),
            Err(GitError::TooDeep) => by_git(),
            Err(error) => Err(error),
        }
    }
}
