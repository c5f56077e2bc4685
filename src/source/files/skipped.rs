//! What was seen and not judged, and is no loss.
//!
//! Hands on [`Skipped`] and the lines that tell of it. The trap: a tree may have a hundred thousand links, and threads meet
//! them in any order; so the first few by name are kept and the rest is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::FileType;
use std::sync::{Mutex, PoisonError};

use crate::report::escape;

/// How many of a kind are named.
const NAMED: usize = 5;

/// Why it was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// `--exclude` matches what was asked for by name.
    Excluded,
    /// A symbolic link: its text is judged as git keeps it, what it leads to is not.
    Link,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device.
    Device,
    /// It cannot be read, and is to be let be.
    Unreadable,
    /// It went away while the tree was read.
    Gone,
}

impl Why {
    /// What a special file is.
    #[cfg(unix)]
    pub(super) fn special(kind: FileType) -> Self {
        use std::os::unix::fs::FileTypeExt as _;
        match kind {
            _ if kind.is_fifo() => Self::Pipe,
            _ if kind.is_socket() => Self::Socket,
            _ => Self::Device,
        }
    }

    /// What a special file is.
    #[cfg(not(unix))]
    pub(super) fn special(_: FileType) -> Self {
        Self::Device
    }

    fn words(self, many: bool) -> &'static str {
        match (self, many) {
            (Self::Excluded, _) => "left out because --exclude matches",
            (Self::Link, false) => "symbolic link not followed",
            (Self::Link, true) => "symbolic links not followed",
            (Self::Pipe, false) => "pipe skipped",
            (Self::Pipe, true) => "pipes skipped",
            (Self::Socket, false) => "socket skipped",
            (Self::Socket, true) => "sockets skipped",
            (Self::Device, false) => "device skipped",
            (Self::Device, true) => "devices skipped",
            (Self::Unreadable, false) => "unreadable file or folder let be",
            (Self::Unreadable, true) => "unreadable files or folders let be",
            (Self::Gone, false) => "file went away before it was read",
            (Self::Gone, true) => "files went away before they were read",
        }
    }
}

/// All that was skipped.
#[derive(Default)]
pub(super) struct Skipped(Mutex<BTreeMap<Why, Kind>>);

/// How many of a kind there are, and the first of them by name.
#[derive(Default)]
struct Kind {
    count: u64,
    named: BTreeSet<Vec<u8>>,
}

impl Skipped {
    /// Notes one.
    pub(super) fn note(&self, why: Why, path: impl FnOnce() -> Vec<u8>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = all.entry(why).or_default();
        kind.count += 1;
        kind.named.insert(path());
        if kind.named.len() > NAMED {
            kind.named.pop_last();
        }
    }

    /// A line for each kind.
    pub(super) fn notes(&self) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |(why, kind): (&Why, &Kind)| {
            let mut names: Vec<String> = kind.named.iter().map(|name| escape(name)).collect();
            let more = kind.count - names.len() as u64;
            if more > 0 {
                names.push(format!("and {more} more"));
            }
            format!("{} {}: {}", kind.count, why.words(kind.count > 1), names.join(", "))
        };
        all.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_named_and_the_rest_is_counted() {
        let skipped = Skipped::default();
        skipped.note(Why::Pipe, || b"a\x1b".to_vec());
        for n in (0..9).rev() {
            skipped.note(Why::Link, || format!("l{n}").into_bytes());
        }
        let expected =
            ["9 symbolic links not followed: l0, l1, l2, l3, l4, and 4 more", "1 pipe skipped: a\\x1b"];
        assert_eq!(skipped.notes(), expected);
    }
}
