//! Work that threads share: folders to read and files to judge.
//!
//! Hands on [`Queue`]. It is a stack, so that a tree is gone through in depth and few folders wait; files only wait when
//! somebody may be free for them, so a folder of a million files is not held. The trap: an empty queue is no end while
//! somebody still works, who may add to it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Batches of files that may wait.
const WAITING: usize = 32;

/// A file or folder below a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Which of the roots.
    pub(super) root: usize,
    /// Bytes below it; empty for the root itself.
    pub(super) relative: Vec<u8>,
}

/// Something to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Find out what a root is.
    Root {
        /// Which.
        root: usize,
    },
    /// Read a folder.
    Folder {
        /// The root above it.
        root: usize,
        /// Bytes below that.
        relative: Vec<u8>,
    },
    /// Judge files.
    Files(Vec<Entry>),
}

#[derive(Default)]
struct State {
    tasks: Vec<Task>,
    batches: usize,
    working: usize,
}

/// The shared work.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl Queue {
    pub(super) fn new(tasks: Vec<Task>) -> Self {
        Self { state: Mutex::new(State { tasks, ..State::default() }), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next task, which must be followed by [`Queue::done`]; `None` when all is done.
    pub(super) fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.tasks.pop() {
                state.working += 1;
                state.batches -= usize::from(matches!(task, Task::Files(_)));
                return Some(task);
            }
            if state.working == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that a task is done.
    pub(super) fn done(&self) {
        let mut state = self.lock();
        state.working -= 1;
        if state.working == 0 && state.tasks.is_empty() {
            self.changed.notify_all();
        }
    }

    /// Adds folders.
    pub(super) fn push(&self, folders: Vec<Task>) {
        if !folders.is_empty() {
            self.lock().tasks.extend(folders);
            self.changed.notify_all();
        }
    }

    /// Leaves files to others; gives them back when enough are waiting.
    pub(super) fn offer(&self, files: Vec<Entry>) -> Result<(), Vec<Entry>> {
        let mut state = self.lock();
        if state.batches >= WAITING {
            return Err(files);
        }
        state.batches += 1;
        state.tasks.push(Task::Files(files));
        drop(state);
        self.changed.notify_one();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_leaves_while_somebody_may_add_work() {
        let queue = Queue::new(vec![Task::Root { root: 0 }]);
        let judged = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(task) = queue.next() {
                        match task {
                            Task::Root { .. } => {
                                std::thread::sleep(std::time::Duration::from_millis(20));
                                let folder = |n: u8| Task::Folder { root: 0, relative: vec![n] };
                                queue.push((0..10).map(folder).collect());
                            }
                            Task::Folder { relative, .. } => {
                                for _ in 0..100 {
                                    let entry = Entry { root: 0, relative: relative.clone() };
                                    let own = queue.offer(vec![entry]).err().map_or(0, |own| own.len());
                                    judged.fetch_add(own, std::sync::atomic::Ordering::Relaxed);
                                }
                            }
                            Task::Files(files) => {
                                judged.fetch_add(files.len(), std::sync::atomic::Ordering::Relaxed);
                            }
                        }
                        queue.done();
                    }
                });
            }
        });
        assert_eq!(judged.into_inner(), 1_000);
    }
}
