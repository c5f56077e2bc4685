//! Which lines of a new content an old one lacks, by libgit2's line diff.
//!
//! Hands on: [`added_ranges`]. Lines end at LF and nowhere else; a missing last LF makes no line new. No
//! configuration, attribute or diff driver is read. The trap: "binary" content is diffed like any other.

use std::ops::Range;

use super::GitError;

/// libgit2 refuses to compare buffers from here on (`GIT_XDIFF_MAX_SIZE`); everything between the common ends counts as
/// added then.
const MOST_BYTES: usize = 1023 * 1024 * 1024;

/// Byte ranges of `new` whose lines `old` lacks: sorted, not touching one another, each of whole lines.
///
/// # Errors
/// When libgit2 cannot allocate.
pub fn added_ranges(old: &[u8], new: &[u8]) -> Result<Vec<Range<usize>>, GitError> {
    // The last LF only says that the last line is complete; without it the line is the same line.
    let (old_text, new_text) =
        (old.strip_suffix(b"\n").unwrap_or(old), new.strip_suffix(b"\n").unwrap_or(new));
    if new.is_empty() || (!old.is_empty() && old_text == new_text) {
        return Ok(Vec::new());
    }
    let start = common_start(old, new);
    if start == new.len() {
        return Ok(Vec::new());
    }
    if start == old.len() {
        return Ok(std::iter::once(start..new.len()).collect());
    }
    let shorter = old_text.len().min(new_text.len()) - start;
    let tail = common_tail(&old_text[old_text.len() - shorter..], &new_text[new_text.len() - shorter..]);
    let end = |whole: &[u8], text: &[u8]| if tail == 0 { whole.len() } else { text.len() - tail };
    let middle = start..end(new, new_text);
    let old_middle = &old[start..end(old, old_text)];
    if middle.is_empty() {
        return Ok(Vec::new());
    }
    if old_middle.is_empty() {
        return Ok(std::iter::once(middle).collect());
    }
    let new_middle = &new[middle.clone()];
    if old_middle.len().max(new_middle.len()) >= MOST_BYTES {
        return Ok(std::iter::once(middle).collect());
    }
    let (old_lines, new_lines) = (Terminated::new(old_middle), Terminated::new(new_middle));
    let mut options = git2::DiffOptions::new();
    options.force_text(true).context_lines(0).interhunk_lines(0).max_size(-1);
    let failed = |e: git2::Error| GitError::library("compare two versions of a file", &e);
    let patch =
        git2::Patch::from_buffers(old_lines.bytes(), None, new_lines.bytes(), None, Some(&mut options))
            .map_err(failed)?;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut lines = LineStarts { text: new_middle, line: 0, offset: 0 };
    for number in 0..patch.num_hunks() {
        let (hunk, _) = patch.hunk(number).map_err(failed)?;
        if hunk.new_lines() == 0 {
            continue;
        }
        let first = (hunk.new_start() as usize).saturating_sub(1);
        let from = start + lines.start_of(first);
        let to = start + lines.start_of(first + hunk.new_lines() as usize);
        match ranges.last_mut() {
            Some(last) if last.end == from => last.end = to,
            _ if from < to => ranges.push(from..to),
            _ => {}
        }
    }
    Ok(ranges)
}

/// Bytes of whole lines that both begin with.
fn common_start(old: &[u8], new: &[u8]) -> usize {
    let same = common_length(old.chunks_exact(64), new.chunks_exact(64), 64);
    let same = same + old[same..].iter().zip(&new[same..]).take_while(|(a, b)| a == b).count();
    memchr::memrchr(b'\n', &old[..same]).map_or(0, |at| at + 1)
}

/// Bytes of whole lines that both end with; both slices are equally long.
fn common_tail(old: &[u8], new: &[u8]) -> usize {
    let same = common_length(old.rchunks_exact(64), new.rchunks_exact(64), 64);
    let same = same
        + old[..old.len() - same]
            .iter()
            .rev()
            .zip(new[..new.len() - same].iter().rev())
            .take_while(|(a, b)| a == b)
            .count();
    let tail = &old[old.len() - same..];
    // Only after an LF is it sure that a line starts in both.
    memchr::memchr(b'\n', tail).map_or(0, |at| tail.len() - at - 1)
}

fn common_length<'a>(
    old: impl Iterator<Item = &'a [u8]>,
    new: impl Iterator<Item = &'a [u8]>,
    size: usize,
) -> usize {
    old.zip(new).take_while(|(a, b)| a == b).count() * size
}

/// A slice whose last line has its LF; copied only when it lacks one.
enum Terminated<'a> {
    AsIs(&'a [u8]),
    Completed(Vec<u8>),
}

impl<'a> Terminated<'a> {
    fn new(text: &'a [u8]) -> Self {
        if text.ends_with(b"\n") {
            return Self::AsIs(text);
        }
        let mut complete = Vec::with_capacity(text.len() + 1);
        complete.extend_from_slice(text);
        complete.push(b'\n');
        Self::Completed(complete)
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::AsIs(text) => text,
            Self::Completed(text) => text,
        }
    }
}

/// Turns ascending line numbers (from 0) into byte offsets in one pass.
struct LineStarts<'a> {
    text: &'a [u8],
    line: usize,
    offset: usize,
}

impl LineStarts<'_> {
    fn start_of(&mut self, line: usize) -> usize {
        while self.line < line && self.offset < self.text.len() {
            self.offset = memchr::memchr(b'\n', &self.text[self.offset..])
                .map_or(self.text.len(), |at| self.offset + at + 1);
            self.line += 1;
        }
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(old: &str, new: &str) -> Vec<String> {
        let ranges = added_ranges(old.as_bytes(), new.as_bytes()).unwrap();
        ranges.into_iter().map(|r| new[r].to_owned()).collect()
    }

    #[test]
    fn only_lines_that_the_old_version_lacks_are_added() {
        assert_eq!(added("", "a\nb\n"), ["a\nb\n"]);
        assert_eq!(added("a\n", ""), [""; 0]);
        assert_eq!(added("a\nb\n", "a\nb\n"), [""; 0]);
        assert_eq!(added("a\nc\n", "a\nb\nc\n"), ["b\n"]);
        assert_eq!(added("a\nb\nc\n", "a\nX\nc\n"), ["X\n"]);
        assert_eq!(added("a\nb\nc\nd\ne\n", "X\nb\nc\nd\nY\n"), ["X\n", "Y\n"]);
        assert_eq!(added("a\nb\nc\n", "a\nc\n"), [""; 0]);
        assert_eq!(added("a\n", "a\na\n"), ["a\n"]);
        assert_eq!(added("\n", "\n\n"), ["\n"]);
        assert_eq!(added("b\na\n", "b\nx\ny\na\nz"), ["x\ny\n", "z"]);
    }

    #[test]
    fn a_missing_last_newline_makes_no_line_new() {
        assert_eq!(added("a", "a\n"), [""; 0]);
        assert_eq!(added("a\n", "a"), [""; 0]);
        assert_eq!(added("a", "a\nb\n"), ["b\n"]);
        assert_eq!(added("a\nb", "a\nb\nc"), ["c"]);
        assert_eq!(added("a\nb\nc", "a\nX\nc\nd"), ["X\n", "d"]);
        assert_eq!(added("key", "key2"), ["key2"]);
        assert_eq!(added("x\ny", "y"), [""; 0]);
        assert_eq!(added("", "a"), ["a"]);
    }

    #[test]
    fn carriage_returns_nul_bytes_and_binary_content_are_lines_like_others() {
        assert_eq!(added("a\r\nb\r\n", "a\r\nc\r\nb\r\n"), ["c\r\n"]);
        assert_eq!(added("a\rb\r", "a\rX\rb\r"), ["a\rX\rb\r"]);
        assert_eq!(added("\0\0\nsame\n\0\n", "\0\0\nnew\0\nsame\n\0x\n"), ["new\0\n", "\0x\n"]);
    }

    #[test]
    fn huge_lines_and_many_lines_stay_right() {
        let long = "x".repeat(3_000_000);
        assert_eq!(added(&long, &format!("{long}y")), [format!("{long}y")]);
        let old: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 7\n", "line 7\nnew 1\n").replace("line 19000\n", "new 2\n");
        assert_eq!(added(&old, &new), ["new 1\n", "new 2\n"]);
    }

    /// What is left of `new` without its added lines must be lines of `old`, in order.
    #[test]
    fn added_lines_and_lines_of_the_old_version_make_up_the_new_one() {
        let mut state = 7_u64;
        let mut random = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        for _ in 0..400 {
            let mut side = || {
                let mut text: String = (0..random(12))
                    .map(|_| format!("{}\n", ["a", "b", "c", "", "dd"][random(5) as usize]))
                    .collect();
                if random(3) == 0 {
                    text.pop();
                }
                text
            };
            let (old, new) = (side(), side());
            let ranges = added_ranges(old.as_bytes(), new.as_bytes()).unwrap();
            let mut kept = String::new();
            let mut at = 0;
            for range in ranges {
                assert!(range.start >= at && range.start < range.end && range.end <= new.len());
                assert!(range.start == 0 || new.as_bytes()[range.start - 1] == b'\n');
                kept.push_str(&new[at..range.start]);
                at = range.end;
            }
            kept.push_str(&new[at..]);
            let mut rest = old.split('\n');
            let kept_lines: Vec<&str> = kept.strip_suffix('\n').unwrap_or(&kept).split('\n').collect();
            if !kept.is_empty() {
                for line in kept_lines {
                    assert!(rest.any(|l| l == line), "{old:?} {new:?} kept {kept:?}");
                }
            }
        }
    }
}
