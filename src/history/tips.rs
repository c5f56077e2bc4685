//! Where following starts: what references and reflogs name, and where among the objects that is.
//!
//! Hands on [`Named`] and [`Tips`]. The trap: it is read before the objects are listed, since git writes objects first.

use std::collections::HashSet;

use super::scan::Scanned;
use crate::finding::Loss;
use crate::git::{GitError, ObjectId, References, Repository};

impl Scanned {
    /// The objects that references name, each with the first of its names; and what could not be followed.
    pub(super) fn tips(&self, repository: &Repository, named: Named, unreachable: bool) -> Tips {
        let Named { references, logged } = named;
        let mut tips = Tips::default();
        tips.losses.extend(references.broken.into_iter().map(|reason| Loss { path: None, reason }));
        let promised = repository.promises_objects();
        for reference in references.list {
            match self.inventory.find(reference.id.as_bytes()) {
                Some(number) => tips.list.push((number, reference.name)),
                None if promised => tips.not_here += 1,
                None => {
                    let missing = GitError::ObjectMissing { id: reference.id };
                    let name = String::from_utf8_lossy(&reference.name).into_owned();
                    tips.losses.push(Loss { path: None, reason: format!("cannot follow {name}: {missing}") });
                }
            }
        }
        // What a reflog names may be gone: that is what reflogs are like.
        tips.logged = logged.iter().filter_map(|id| self.inventory.find(id.as_bytes())).collect();
        if unreachable {
            tips.logged.extend(self.commits.numbers());
            tips.logged.extend(self.commits.tags.keys());
        }
        tips
    }
}

/// What a repository names, read before its objects are listed: git writes objects first, so whatever is named is there.
pub struct Named {
    references: References,
    logged: Vec<ObjectId>,
}

impl Named {
    /// Reads references, and the stash's reflog or all of them.
    ///
    /// # Errors
    /// When references or reflogs cannot be listed.
    pub fn read(repository: &Repository, unreachable: bool) -> Result<Self, GitError> {
        let mut references = repository.all_references()?;
        let logged = repository.logged(unreachable, &mut references.broken)?;
        Ok(Self { references, logged })
    }
}

/// Where following starts.
#[derive(Default)]
pub(super) struct Tips {
    /// References.
    pub(super) list: Vec<(u32, Vec<u8>)>,
    /// What only reflogs name, and with `--unreachable` every commit and tag.
    pub(super) logged: Vec<u32>,
    pub(super) losses: Vec<Loss>,
    /// References of a partial clone to what is not here.
    pub(super) not_here: u64,
}

impl Tips {
    /// Every number among them.
    pub(super) fn numbers(&self) -> HashSet<u32> {
        self.list.iter().map(|(number, _)| *number).chain(self.logged.iter().copied()).collect()
    }
}
