//! What commits bring, each against its own parents: files, messages, and the names and tags under which they are pushed.
//!
//! Hands on: [`Commits`]. The trap: every commit is a change of its own, so that a secret which a later commit of the same
//! push takes away again is not mistaken for one that moved.

use std::ops::Range;

use super::changes::{added_by, before, loss, removed_by};
use super::{Item, Reader, Source};
use crate::finding::{CommitInfo, Loss};
use crate::git::{Blob, Change, Commit, GitError, ObjectId, Objects, Repository, Words};
use crate::text::Text;

/// Commits of one repository as a source. Made empty, and then filled.
pub struct Commits<'repo> {
    repository: &'repo Repository,
    /// What commits change, each commit's in one piece.
    changes: Vec<Change>,
    origins: Vec<Origin>,
    items: Vec<Item>,
    /// For each item, what it is.
    places: Vec<Place>,
}

/// Where a part of the items comes from.
struct Origin {
    commit: Option<ObjectId>,
    /// Which of the changes are its own.
    changes: Range<usize>,
}

struct Place {
    origin: usize,
    what: What,
}

enum What {
    /// The commit's message.
    Message,
    /// One of the changes.
    Change(usize),
    /// A text that is known already, and the tag that says it.
    Text(Vec<u8>, Option<CommitInfo>),
}

impl<'repo> Commits<'repo> {
    /// Nothing yet.
    #[must_use]
    pub fn new(repository: &'repo Repository) -> Self {
        Self { repository, changes: Vec::new(), origins: Vec::new(), items: Vec::new(), places: Vec::new() }
    }

    /// Adds a commit: its message, and what it changes against all its parents.
    ///
    /// # Errors
    /// When the commit or a tree cannot be read.
    pub fn add(&mut self, commit: &Commit) -> Result<(), GitError> {
        let changes = self.repository.added_by(commit)?;
        self.begin(Some(commit.id));
        self.push(Item::message("commit message"), What::Message);
        self.extend(changes);
        Ok(())
    }

    /// Adds a commit's message alone, where what it changes cannot be told.
    ///
    /// # Errors
    /// As [`Commits::add`]; kept alike, so that callers treat them alike.
    pub fn add_message(&mut self, commit: &Commit) -> Result<(), GitError> {
        self.begin(Some(commit.id));
        self.push(Item::message("commit message"), What::Message);
        Ok(())
    }

    /// Adds files that belong to no commit: all of them are new.
    pub fn add_files(&mut self, changes: Vec<Change>) {
        self.begin(None);
        self.extend(changes);
    }

    /// Adds a text that is published with the commits: a ref's name, or an annotated tag's message with the tag that says it
    /// (its id stands where a commit's would).
    pub fn add_text(&mut self, name: &str, text: Vec<u8>, tag: Option<CommitInfo>) {
        self.begin(None);
        self.push(Item::message(name), What::Text(text, tag));
    }

    /// The oldest change of these commits at a path.
    #[must_use]
    pub fn first_change_of(&self, path: &[u8]) -> Option<&Change> {
        // Commits are added newest first.
        self.changes.iter().rfind(|change| change.path == path)
    }

    /// True when there is nothing to judge.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn begin(&mut self, commit: Option<ObjectId>) {
        let start = self.changes.len();
        self.origins.push(Origin { commit, changes: start..start });
    }

    fn push(&mut self, item: Item, what: What) {
        self.items.push(item);
        self.places.push(Place { origin: self.origins.len() - 1, what });
    }

    fn extend(&mut self, changes: Vec<Change>) {
        for change in changes {
            if change.new.as_ref().is_some_and(|blob: &Blob| !blob.is_submodule()) {
                self.push(Item::file(change.path.clone()), What::Change(self.changes.len()));
            }
            self.changes.push(change);
        }
        if let Some(origin) = self.origins.last_mut() {
            origin.changes.end = self.changes.len();
        }
    }
}

impl Source for Commits<'_> {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn change_of(&self, item: usize) -> usize {
        self.places[item].origin
    }

    fn reader(&self) -> Result<Box<dyn Reader + Send + '_>, Loss> {
        let objects = self.repository.objects().map_err(|error| loss(None, &error))?;
        let Self { changes, origins, places, .. } = self;
        Ok(Box::new(CommitsReader { changes, origins, places, objects }))
    }
}

/// The parts of the source that threads may share (a repository may not be).
struct CommitsReader<'a> {
    changes: &'a [Change],
    origins: &'a [Origin],
    places: &'a [Place],
    objects: Objects,
}

impl CommitsReader<'_> {
    fn words(&self, item: usize) -> Result<Option<(ObjectId, Words)>, Loss> {
        let Some(id) = self.origins[self.places[item].origin].commit else { return Ok(None) };
        let words = self.objects.commit(&id).map_err(|error| loss(None, &error))?;
        Ok(Some((id, words)))
    }
}

impl Reader for CommitsReader<'_> {
    fn content(&mut self, item: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        match &self.places[item].what {
            What::Text(text, _) => judge(text),
            What::Message => {
                if let Some((_, words)) = self.words(item)? {
                    judge(&words.message);
                }
            }
            What::Change(index) => {
                let change = &self.changes[*index];
                if let Some(blob) = &change.new {
                    let content =
                        self.objects.blob(&blob.id).map_err(|error| loss(Some(&change.path), &error))?;
                    judge(&content);
                }
            }
        }
        Ok(())
    }

    fn added(&mut self, item: usize, text: &Text<'_>) -> Result<Vec<Range<usize>>, Loss> {
        match self.places[item].what {
            What::Change(index) => added_by(&self.objects, &self.changes[index], text),
            What::Message | What::Text(..) => Ok(std::iter::once(0..text.for_diff().len()).collect()),
        }
    }

    fn before(&mut self, item: usize, look: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        match self.places[item].what {
            What::Change(index) => before(&self.objects, &self.changes[index], look),
            What::Message | What::Text(..) => Ok(()),
        }
    }

    fn name_is_added(&self, item: usize) -> bool {
        match self.places[item].what {
            What::Change(index) => self.changes[index].olds.is_empty(),
            What::Message | What::Text(..) => false,
        }
    }

    fn removed(&mut self, change: usize, look: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), Loss> {
        removed_by(&self.objects, &self.changes[self.origins[change].changes.clone()], look)
    }

    fn commit(&mut self, item: usize) -> Result<Option<CommitInfo>, Loss> {
        if let What::Text(_, tag) = &self.places[item].what {
            return Ok(tag.clone());
        }
        let words = self.words(item)?;
        Ok(words.map(|(id, words)| CommitInfo::new(id.to_string(), &words.author, words.seconds)))
    }
}
