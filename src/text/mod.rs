//! Content as text: encodings, lines, positions.
//!
//! Hands on: [`Text`], UTF-8-like bytes in which rules search and positions count. Whatever is no UTF-16 or UTF-32 is
//! searched as the bytes that it is. The trap: a line diff must run on decoded text on both sides, or lines do not meet.

pub mod budget;
pub mod container;
pub mod decode;
mod encoding;
mod excerpt;
pub mod map;
pub mod notebook;

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::ops::Range;

use crate::finding::Position;

pub use encoding::Encoding;
pub use excerpt::{Marked, excerpt};

/// Decoded content.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// Without byte order mark; UTF-16 and UTF-32 as UTF-8.
    pub bytes: Cow<'a, [u8]>,
    /// What the content was.
    pub encoding: Encoding,
    /// True when lines end at CR because there is no LF (old Macintosh files).
    pub lone_cr: bool,
    /// Where lines end, found on the first question: a line of megabytes may be asked for at every secret on it.
    ends: OnceCell<Vec<usize>>,
    /// The last count of UTF-16 units: a line's start, an offset on it, and the units between. The next secret of a long line
    /// goes on from there.
    counted: Cell<(usize, usize, usize)>,
}

impl<'a> Text<'a> {
    /// Decodes content. Never fails: what is no known encoding stays as it is.
    #[must_use]
    pub fn new(content: &'a [u8]) -> Self {
        let (bytes, encoding) = encoding::decode(content);
        Self { bytes, encoding, lone_cr: false, ends: OnceCell::new(), counted: Cell::default() }
    }

    /// The bytes as they are, whatever they look like: a piece of a stream, whose encoding nothing in it tells.
    #[must_use]
    pub fn as_it_is(content: &'a [u8]) -> Self {
        Self {
            bytes: Cow::Borrowed(content),
            encoding: Encoding::Bytes,
            lone_cr: false,
            ends: OnceCell::new(),
            counted: Cell::default(),
        }
    }

    /// Decodes content and finds out how its lines end; costs a search for LF.
    #[must_use]
    pub fn with_lines(content: &'a [u8]) -> Self {
        let mut text = Self::new(content);
        text.find_line_end();
        text
    }

    /// Finds out how lines end; positions need it.
    pub fn find_line_end(&mut self) {
        self.ends = OnceCell::new();
        self.lone_cr =
            memchr::memchr(b'\n', &self.bytes).is_none() && memchr::memchr(b'\r', &self.bytes).is_some();
    }

    /// The byte that ends a line.
    #[must_use]
    pub fn line_end(&self) -> u8 {
        if self.lone_cr { b'\r' } else { b'\n' }
    }

    /// The same text with every line ended by LF, byte for byte in its place, as a line diff wants it.
    #[must_use]
    pub fn for_diff(&self) -> Cow<'_, [u8]> {
        if self.lone_cr {
            Cow::Owned(self.bytes.iter().map(|&b| if b == b'\r' { b'\n' } else { b }).collect())
        } else {
            Cow::Borrowed(&self.bytes)
        }
    }

    /// The line around an offset, without its end.
    #[must_use]
    pub fn line_at(&self, offset: usize) -> Range<usize> {
        let offset = offset.min(self.bytes.len());
        let ends = self.ends();
        let line = ends.partition_point(|end| *end < offset);
        let start = line.checked_sub(1).map_or(0, |before| ends[before] + 1);
        start..ends.get(line).copied().unwrap_or(self.bytes.len())
    }

    fn ends(&self) -> &[usize] {
        self.ends.get_or_init(|| memchr::memchr_iter(self.line_end(), &self.bytes).collect())
    }

    /// The line before the one that starts at `line_start`.
    #[must_use]
    pub fn line_before(&self, line_start: usize) -> Option<Range<usize>> {
        (line_start > 0).then(|| self.line_at(line_start - 1))
    }

    /// The columns of a span in UTF-16 code units, from 1, as in [`Position`]; `None` where they are the bytes' own. What is no
    /// UTF-8 counts as one unit, as a reader replaces it.
    #[must_use]
    pub fn wide_columns(&self, span: &Range<usize>) -> Option<(usize, usize)> {
        let last = span.end.max(span.start + 1) - 1;
        let end = (last + 1).min(self.bytes.len());
        let wide = (self.wide_column(span.start, span.start), self.wide_column(last, end));
        let position = self.position(span);
        (wide != (position.column, position.end_column)).then_some(wide)
    }

    /// The column of `to`, which stands on the line of `at`.
    fn wide_column(&self, at: usize, to: usize) -> usize {
        let start = self.line_at(at).start;
        let (line, from, units) = self.counted.get();
        let (from, units) =
            if line == start && (start..=to).contains(&from) { (from, units) } else { (start, 0) };
        let more = |text: &[u8]| -> usize {
            text.utf8_chunks()
                .map(|chunk| chunk.valid().encode_utf16().count() + usize::from(!chunk.invalid().is_empty()))
                .sum()
        };
        let part = &self.bytes[from..to];
        let units = units + if part.is_ascii() { part.len() } else { more(part) };
        self.counted.set((start, to, units));
        units + 1
    }

    /// Lines and columns of a span.
    #[must_use]
    pub fn position(&self, span: &Range<usize>) -> Position {
        let line = |at: usize| self.ends().partition_point(|end| *end < at) + 1;
        let column = |at: usize| at - self.line_at(at).start + 1;
        // The byte after a secret that ends with its line stands on that line still.
        let last = span.end.max(span.start + 1) - 1;
        let (line, end_line) = (line(span.start), line(last));
        Position { line, column: column(span.start), end_line, end_column: column(last) + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_byte_columns_from_one() {
        let text = Text::with_lines("a\nbé secret\r\n".as_bytes());
        let at = 2 + "bé ".len();
        let position = text.position(&(at..at + 6));
        assert_eq!(position, Position { line: 2, column: 5, end_line: 2, end_column: 11 });
    }

    #[test]
    fn wide_columns_count_utf16_units() {
        let line = "aé日🙂\u{301}x SECRET é SECRET\n";
        let text = Text::with_lines(line.as_bytes());
        let first = line.find("SECRET").unwrap();
        let second = line.rfind("SECRET").unwrap();
        let units = |end: usize| line[..end].encode_utf16().count() + 1;
        for at in [first, second, first, second] {
            assert_eq!(text.wide_columns(&(at..at + 6)), Some((units(at), units(at + 6))));
        }
        assert_eq!(Text::with_lines(b"ascii SECRET").wide_columns(&(6..12)), None);
        assert_eq!(Text::with_lines(b"caf\xe9\xff SECRET").wide_columns(&(6..12)), None);
        assert_eq!(Text::with_lines(b"a\xf0\x9f\x99 S").wide_columns(&(5..6)), Some((4, 5)));
        // Over several lines the last counts on its own.
        let block = Text::with_lines("é BEGIN\né END\n".as_bytes());
        assert_eq!(block.wide_columns(&(3..15)), Some((3, 6)));
    }

    #[test]
    fn a_span_over_lines_ends_on_its_last_byte() {
        let text = Text::with_lines(b"x\nBEGIN\nEND\n");
        let position = text.position(&(2..11));
        assert_eq!(position, Position { line: 2, column: 1, end_line: 3, end_column: 4 });
    }

    #[test]
    fn a_file_with_cr_only_has_its_lines_end_there() {
        let text = Text::with_lines(b"one\rtwo\rthree");
        assert_eq!(text.position(&(8..13)).line, 3);
        assert_eq!(&*text.for_diff(), b"one\ntwo\nthree");
    }
}
