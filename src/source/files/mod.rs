//! Files and folders as they stand, and standard input.
//!
//! Hands on [`Files`], a [`Stream`](super::Stream): folders are read while files are judged, and no list of all files is ever
//! held. What is not judged is noted for the report, nothing is left out in silence. The trap: a tree may hold anything: a
//! pipe that never ends, a link to the folder above it, a file that is gone when its turn comes.

mod filter;
mod queue;
mod reading;
mod skipped;

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

pub use filter::Filter;

use super::{Item, Sink, Stream};
use crate::finding::Loss;
use crate::git::path_of;
use queue::{Entry, Queue, Task};
use reading::FileReader;
pub use reading::StandardInput;
use skipped::{Skipped, Why};

/// Files that are handed to another thread together: a hundredth of a second's work or so.
const BATCH: usize = 32;

/// From this size in bytes on, files are judged one at a time: each is held whole.
const LARGE: u64 = 64 << 20;

/// A file or folder that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Where it is.
    pub real: PathBuf,
    /// What the report calls it; empty for the current folder.
    pub shown: Vec<u8>,
    /// Where it lies below the configuration's folder, when it does.
    pub place: Option<Vec<u8>>,
}

/// Files and folders as a source.
pub struct Files {
    roots: Vec<Root>,
    filter: Filter,
    skip_unreadable: bool,
    queue: Queue,
    skipped: Skipped,
    /// Held while a large file is judged.
    large: Mutex<()>,
}

impl Files {
    /// Prepares to judge what stands at these places.
    #[must_use]
    pub fn new(roots: Vec<Root>, filter: Filter, skip_unreadable: bool) -> Self {
        let tasks = (0..roots.len()).rev().map(|root| Task::Root { root }).collect();
        Self {
            roots,
            filter,
            skip_unreadable,
            queue: Queue::new(tasks),
            skipped: Skipped::default(),
            large: Mutex::new(()),
        }
    }

    /// What was not judged and is no loss, a line each; to be asked when all is done.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.skipped.notes()
    }

    fn root(&self, root: usize, sink: &mut dyn Sink) {
        let whole = Entry { root, relative: Vec::new() };
        let real = &self.roots[root].real;
        let metadata = match real.metadata() {
            Ok(metadata) => metadata,
            // What was asked for by name is a loss even when unreadable files are let be.
            Err(error) => return sink.lose(self.loss(&whole, &error)),
        };
        let kind = metadata.file_type();
        if kind.is_dir() {
            if self.filter.excludes(&self.roots[root], b"", true) {
                return self.skipped.note(Why::Excluded, || self.shown(&whole));
            }
            return self.folder(root, Vec::new(), sink);
        }
        if !kind.is_file() {
            return self.skipped.note(Why::special(kind), || self.shown(&whole));
        }
        if self.filter.excludes(&self.roots[root], b"", false) {
            return self.skipped.note(Why::Excluded, || self.shown(&whole));
        }
        self.file(&whole, &mut FileReader::default(), sink);
    }

    /// Reads one folder: its folders are queued, its files judged here or, when there are many, by whoever is free.
    fn folder(&self, root: usize, relative: Vec<u8>, sink: &mut dyn Sink) {
        let here = Entry { root, relative };
        let fail = |error: &io::Error, sink: &mut dyn Sink| self.unreadable(&here, error, sink);
        let real = self.real(&here);
        let listing = match std::fs::read_dir(&real) {
            Ok(listing) => listing,
            Err(error) => return fail(&error, sink),
        };
        if let Err(error) = self.filter.enter(&real, here.relative.is_empty()) {
            sink.lose(Loss { path: Some(self.shown(&here)), reason: error.to_string() });
        }
        let mut reader = FileReader::default();
        let (mut batch, mut folders) = (Vec::new(), Vec::new());
        for entry in listing {
            if !sink.goes_on() {
                return;
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    fail(&error, sink);
                    break;
                }
            };
            let name = entry.file_name().into_encoded_bytes();
            if name == b".git" {
                continue;
            }
            let mut relative = here.relative.clone();
            if !relative.is_empty() {
                relative.push(b'/');
            }
            relative.extend_from_slice(&name);
            let found = Entry { root, relative };
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) => {
                    self.unreadable(&found, &error, sink);
                    continue;
                }
            };
            if self.filter.excludes(&self.roots[root], &found.relative, kind.is_dir())
                || self.filter.ignores(&real, &name)
            {
                continue;
            }
            if kind.is_dir() {
                folders.push(Task::Folder { root, relative: found.relative });
            } else if kind.is_file() {
                batch.push(found);
                if batch.len() == BATCH {
                    let full = std::mem::take(&mut batch);
                    if let Err(own) = self.queue.offer(full) {
                        self.files(&own, &mut reader, sink);
                    }
                }
            } else if kind.is_symlink() {
                self.skipped.note(Why::Link, || self.shown(&found));
                reader.link(&self.real(&found));
                sink.judge(&self.item(&found), &mut reader);
            } else {
                self.skipped.note(Why::special(kind), || self.shown(&found));
            }
        }
        self.queue.push(folders);
        self.files(&batch, &mut reader, sink);
    }

    fn files(&self, entries: &[Entry], reader: &mut FileReader, sink: &mut dyn Sink) {
        for entry in entries {
            if !sink.goes_on() {
                return;
            }
            self.file(entry, reader, sink);
        }
    }

    fn file(&self, entry: &Entry, reader: &mut FileReader, sink: &mut dyn Sink) {
        let real = self.real(entry);
        let size = match reader.open(&real) {
            Ok(size) => size,
            Err(error) => return self.unreadable(entry, &error, sink),
        };
        if let Some(reason) = self.filter.too_large(size) {
            return sink.limit(Loss { path: Some(self.shown(entry)), reason });
        }
        let _alone = (size >= LARGE).then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
        reader.judge(&self.item(entry), sink);
        if let Some(error) = reader.failed() {
            self.unreadable(entry, &error, sink);
        }
    }

    /// A file that is gone was never there; any other that cannot be read is a loss, unless it is to be let be.
    fn unreadable(&self, entry: &Entry, error: &io::Error, sink: &mut dyn Sink) {
        if error.kind() == io::ErrorKind::NotFound && !entry.relative.is_empty() {
            self.skipped.note(Why::Gone, || self.shown(entry));
        } else if self.skip_unreadable && !entry.relative.is_empty() {
            self.skipped.note(Why::Unreadable, || self.shown(entry));
        } else {
            sink.lose(self.loss(entry, error));
        }
    }

    fn loss(&self, entry: &Entry, error: &io::Error) -> Loss {
        let path = match self.shown(entry) {
            current if current.is_empty() => b".".to_vec(),
            path => path,
        };
        Loss { path: Some(path), reason: format!("cannot read it: {}", said(error)) }
    }

    fn real(&self, entry: &Entry) -> PathBuf {
        let root = &self.roots[entry.root].real;
        if entry.relative.is_empty() { root.clone() } else { root.join(path_of(&entry.relative)) }
    }

    fn shown(&self, entry: &Entry) -> Vec<u8> {
        below(&self.roots[entry.root].shown, &entry.relative)
    }

    fn item(&self, entry: &Entry) -> Item {
        let place = self.roots[entry.root].place.as_ref().map(|place| below(place, &entry.relative));
        Item { place, ..Item::file(self.shown(entry)) }
    }
}

impl Stream for Files {
    fn work(&self, sink: &mut dyn Sink) {
        let mut reader = FileReader::default();
        while let Some(task) = self.queue.next() {
            if sink.goes_on() {
                match task {
                    Task::Root { root } => self.root(root, sink),
                    Task::Folder { root, relative } => self.folder(root, relative, sink),
                    Task::Files(entries) => self.files(&entries, &mut reader, sink),
                }
            }
            self.queue.done();
        }
    }
}

/// A path below another; either may be empty.
fn below(folder: &[u8], relative: &[u8]) -> Vec<u8> {
    let slash = !folder.is_empty() && !relative.is_empty() && !folder.ends_with(b"/");
    let slash: &[u8] = if slash { b"/" } else { b"" };
    [folder, slash, relative].concat()
}

/// The system's own words, without its number.
fn said(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
