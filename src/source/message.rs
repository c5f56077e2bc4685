//! A commit's message while it is being made, with whatever stands in its file.
//!
//! Hands on: [`Message`]. The trap: below the scissors git shows the diff of the commit (`commit -v`) and takes it out again,
//! but a hook cannot see whether it will: a message given with `-m` or `-F` keeps all that it has. So nothing is cut off:
//! a line below the scissors does not count only when it stands, as it is, in a file on either side of that diff.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use super::changes::loss;
use super::{Item, Reader, Source};
use crate::finding::Loss;
use crate::git::{Change, Objects, Repository, path_of};
use crate::text::Text;

/// What git writes at the end of the line above its diff, whatever the comment sign is.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

/// A message as a source of one item.
pub struct Message<'repo> {
    repository: &'repo Repository,
    text: Vec<u8>,
    /// What the commit changes, which is what git shows.
    changes: Vec<Change>,
    /// `commit -vv` shows the work tree's changes as well.
    work_tree: Option<PathBuf>,
    items: [Item; 1],
}

impl<'repo> Message<'repo> {
    /// A message, and the changes of the commit that it is for.
    #[must_use]
    pub fn new(repository: &'repo Repository, text: Vec<u8>, changes: Vec<Change>) -> Self {
        // Without an editor (git says so) there is no diff of git's in it.
        let edited = std::env::var_os("GIT_EDITOR").is_none_or(|editor| editor != ":");
        let work_tree = repository.top().filter(|_| edited).map(PathBuf::from);
        Self { repository, text, changes, work_tree, items: [Item::message("commit message")] }
    }
}

impl Source for Message<'_> {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn reader(&self) -> Result<Box<dyn Reader + Send + '_>, Loss> {
        let objects = self.repository.objects().map_err(|error| loss(None, &error))?;
        let Self { text, changes, work_tree, .. } = self;
        Ok(Box::new(MessageReader { text, changes, work_tree: work_tree.as_deref(), objects }))
    }
}

struct MessageReader<'a> {
    text: &'a [u8],
    changes: &'a [Change],
    work_tree: Option<&'a std::path::Path>,
    objects: Objects,
}

impl MessageReader<'_> {
    /// The versions of the changed files that a diff below the scissors may show.
    fn versions(&self, shown: &[u8]) -> Result<Vec<Vec<u8>>, Loss> {
        let mut versions = Vec::new();
        for change in self.changes {
            for blob in change.olds.iter().chain(&change.new).filter(|blob| !blob.is_submodule()) {
                let content =
                    self.objects.old_blob(&blob.id).map_err(|error| loss(Some(&change.path), &error))?;
                versions.extend(content.map(|content| content.to_vec()));
            }
        }
        // Its header is always `diff --git i/PATH w/PATH`, whatever the configuration says of prefixes.
        let against_index = shown.split(|&b| b == b'\n').filter_map(|line| line.strip_prefix(b"+++ w/"));
        if let Some(top) = self.work_tree {
            for path in against_index.map(|path| path_of(path.trim_ascii_end())) {
                let below = path.components().all(|c| matches!(c, std::path::Component::Normal(_)));
                // A link would lead elsewhere, and what is gone shows nothing.
                let file = top.join(path);
                if below && file.symlink_metadata().is_ok_and(|found| found.is_file()) {
                    versions.extend(std::fs::read(file));
                }
            }
        }
        Ok(versions)
    }

    /// True for a line of a diff's header that names a path of the commit.
    fn names_a_change(&self, line: &[u8]) -> bool {
        const HEADERS: [&[u8]; 9] = [
            b"diff --git ",
            b"--- ",
            b"+++ ",
            b"rename ",
            b"copy ",
            b"Binary files ",
            b"index ",
            b"similarity ",
            b"* Unmerged",
        ];
        HEADERS.iter().any(|header| line.starts_with(header))
            && self.changes.iter().any(|change| memchr::memmem::find(line, &change.path).is_some())
    }
}

impl Reader for MessageReader<'_> {
    fn content(&mut self, _: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        judge(self.text);
        Ok(())
    }

    fn added(&mut self, _: usize, text: &Text<'_>) -> Result<Vec<Range<usize>>, Loss> {
        let bytes = text.for_diff();
        let Some(cut) = below_scissors(&bytes) else { return Ok(std::iter::once(0..bytes.len()).collect()) };
        let versions = self.versions(&bytes[cut..])?;
        let known: BTreeSet<&[u8]> =
            versions.iter().flat_map(|version| version.split(|&b| b == b'\n')).map(without_cr).collect();
        let mut added: Vec<Range<usize>> = std::iter::once(0..cut).collect();
        let mut start = cut;
        for line in bytes[cut..].split_inclusive(|&b| b == b'\n') {
            let range = start..start + line.len();
            start = range.end;
            let line = without_cr(line.strip_suffix(b"\n").unwrap_or(line));
            if !(is_in_a_version(line, &known) || self.names_a_change(line)) {
                added.push(range);
            }
        }
        Ok(added)
    }

    fn name_is_added(&self, _: usize) -> bool {
        false
    }
}

/// Where the line after the scissors starts.
fn below_scissors(text: &[u8]) -> Option<usize> {
    let at = memchr::memmem::find_iter(text, SCISSORS).find(|&at| {
        let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |before| before + 1);
        // Only the comment sign stands before it.
        (1..=16).contains(&(at - start))
            && matches!(text.get(at + SCISSORS.len()), None | Some(b'\n' | b'\r'))
    })?;
    Some(memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end + 1))
}

/// True when a diff's line shows a line of a version, or the beginning of one that names a hunk.
fn is_in_a_version(line: &[u8], known: &BTreeSet<&[u8]>) -> bool {
    match line.first() {
        Some(b' ' | b'+' | b'-') => known.contains(&line[1..]),
        Some(b'@') => {
            let Some(end) = line.get(2..).and_then(|rest| memchr::memmem::find(rest, b" @@ ")) else {
                return false;
            };
            let named = &line[end + 6..];
            known.range(named..).next().is_some_and(|next| next.starts_with(named))
        }
        _ => false,
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scissors_stand_alone_on_a_comment() {
        let cut = |text: &str| below_scissors(text.as_bytes()).map(|at| text[at..].to_owned());
        let line = "# ------------------------ >8 ------------------------";
        assert_eq!(cut(&format!("a\n{line}\nb\n")).as_deref(), Some("b\n"));
        assert_eq!(cut(&format!(";;{}\r\nb", &line[1..])).as_deref(), Some("b"));
        assert_eq!(cut(line).as_deref(), Some(""));
        for text in [&line[1..], &format!("see {line} there"), "a\nb"] {
            assert_eq!(cut(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_a_file_has_is_gits_own() {
        let known: BTreeSet<&[u8]> = [&b"key = 1"[..], b"def long_name(a, b):"].into_iter().collect();
        for own in
            ["+key = 1", "-key = 1", " key = 1", "@@ -1,2 +1,2 @@ def long_name(a", "@@ -1 +1 @@ key = 1"]
        {
            assert!(is_in_a_version(own.as_bytes(), &known), "{own}");
        }
        for other in ["+key = 12", "key = 1", "@@ -1 +1 @@ key = 2", "@@", "", "+"] {
            assert!(!is_in_a_version(other.as_bytes(), &known), "{other}");
        }
    }
}
