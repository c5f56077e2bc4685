//! Draws a line of content the way compilers do: number, line, carets under the secret.
//!
//! Hands on ready lines. The trap: an excerpt must stay safe when its masks are wrong. They are clamped and merged, and
//! the finding's own secret is looked for once more, so that a second copy on the line is hidden too.

use std::ops::Range;

use memchr::memmem;

use super::escape::{escape, opens_ci_command};
use super::mask::{ELLIPSIS, prefix, whole_characters};
use super::paint::Paint;
use super::terminal::{columns, text_columns};
use crate::finding::{ExcerptLine, Finding};

/// What stands where a line was cut; not the `…` that stands for the rest of a secret.
const CUT: &str = "...";

/// Columns that a tab is shown as.
const TAB: &str = "    ";

/// A stretch of a line as it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Another candidate, or another copy.
    Hidden,
    /// What the finding is about.
    Primary,
}

/// A line made of printable characters, each with its kind.
struct Drawn {
    cells: Vec<(char, Kind)>,
}

/// One excerpt line as it is printed after the bar, and the carets below it (empty when nothing is underlined).
pub(super) struct Row {
    pub(super) line: String,
    pub(super) carets: String,
}

/// Draws one line of a finding's excerpt in at most `room` columns; a primary secret is never cut.
pub(super) fn row(finding: &Finding, line: &ExcerptLine, show: bool, room: usize, paint: Paint) -> Row {
    let drawn = Drawn::new(finding, line, show);
    let primary = drawn.primary();
    let (window, before, after) = drawn.window(&primary, line.skipped > 0, line.cut, room);
    let mut text = String::new();
    if before {
        text.push_str(&paint.faint(CUT));
    }
    for run in drawn.cells[window.clone()].chunk_by(|a, b| a.1 == b.1) {
        let part: String = run.iter().map(|cell| cell.0).collect();
        match run[0].1 {
            Kind::Plain => text.push_str(&part),
            Kind::Hidden => text.push_str(&paint.faint(part)),
            Kind::Primary => text.push_str(&paint.severity(finding.severity, part)),
        }
    }
    if after {
        text.push_str(&paint.faint(CUT));
    }
    let mut carets = " ".repeat(if before { CUT.len() } else { 0 });
    for &(c, kind) in &drawn.cells[window] {
        let mark = if kind == Kind::Primary { '^' } else { ' ' };
        carets.extend(std::iter::repeat_n(mark, columns(c)));
    }
    carets.truncate(carets.trim_end().len());
    let blank = carets.len() - carets.trim_start().len();
    let carets = match carets.is_empty() {
        true => carets,
        false => format!("{}{}", " ".repeat(blank), paint.severity(finding.severity, &carets[blank..])),
    };
    Row { line: text, carets }
}

impl Drawn {
    fn new(finding: &Finding, line: &ExcerptLine, show: bool) -> Self {
        let text = match line.text.strip_suffix(b"\r") {
            Some(text) if !line.cut => text,
            _ => line.text.as_slice(),
        };
        let mut cells = Vec::with_capacity(text.len());
        let mut from = 0;
        for (span, public, kind) in spans(finding, line, text.len()) {
            push(&mut cells, &text[from..span.start], Kind::Plain);
            if show {
                push(&mut cells, &text[span.clone()], kind);
            } else {
                push(&mut cells, whole_characters(&text[span.start..span.start + public]), kind);
                cells.extend(ELLIPSIS.chars().map(|c| (c, kind)));
            }
            from = span.end;
        }
        push(&mut cells, &text[from..], Kind::Plain);
        disarm(&mut cells);
        Self { cells }
    }

    /// The first stretch that is underlined, in cells.
    fn primary(&self) -> Range<usize> {
        let start = self.cells.iter().position(|cell| cell.1 == Kind::Primary).unwrap_or(0);
        let length = self.cells[start..].iter().take_while(|cell| cell.1 == Kind::Primary).count();
        start..start + length
    }

    /// Which cells fit in `room` columns, and whether something is left out before and after them.
    fn window(
        &self,
        primary: &Range<usize>,
        skipped: bool,
        cut: bool,
        room: usize,
    ) -> (Range<usize>, bool, bool) {
        let width = |range: Range<usize>| self.cells[range].iter().map(|cell| columns(cell.0)).sum::<usize>();
        let marks = |before: bool, after: bool| (usize::from(before) + usize::from(after)) * CUT.len();
        let all = 0..self.cells.len();
        if width(all.clone()) + marks(skipped, cut) <= room {
            return (all, skipped, cut);
        }
        // Grow from the secret: three columns of what follows for each of what stands before are too few to read a
        // name, so first up to two thirds before it, then all the room after it, then again before.
        let (mut start, mut end) = (primary.start, primary.end);
        let mut left = room.saturating_sub(marks(true, true) + width(primary.clone()));
        let mut share = left * 2 / 3;
        while start > 0 && columns(self.cells[start - 1].0) <= share {
            start -= 1;
            share -= columns(self.cells[start].0);
            left -= columns(self.cells[start].0);
        }
        while end < self.cells.len() && columns(self.cells[end].0) <= left {
            left -= columns(self.cells[end].0);
            end += 1;
        }
        while start > 0 && columns(self.cells[start - 1].0) <= left {
            start -= 1;
            left -= columns(self.cells[start].0);
        }
        (start..end, skipped || start > 0, cut || end < self.cells.len())
    }
}

/// Appends text made printable.
fn push(cells: &mut Vec<(char, Kind)>, bytes: &[u8], kind: Kind) {
    for (at, part) in bytes.split(|&b| b == b'\t').enumerate() {
        if at > 0 {
            cells.extend(TAB.chars().map(|c| (c, kind)));
        }
        cells.extend(escape(part).chars().map(|c| (c, kind)));
    }
}

/// Escapes what only reads as a CI command now that the parts stand side by side.
fn disarm(cells: &mut Vec<(char, Kind)>) {
    let text: String = cells.iter().map(|cell| cell.0).collect();
    let found = |(at, _): &(usize, char)| text[*at..].starts_with('#') && opens_ci_command(&text, *at);
    let hits: Vec<usize> =
        text.char_indices().enumerate().filter(|(_, hit)| found(hit)).map(|(cell, _)| cell).collect();
    for cell in hits.into_iter().rev() {
        let kind = cells[cell].1;
        cells.splice(cell..=cell, r"\x23".chars().map(|c| (c, kind)));
    }
}

/// The spans to hide, sorted and apart, each with how many of its first bytes may be shown.
fn spans(finding: &Finding, line: &ExcerptLine, length: usize) -> Vec<(Range<usize>, usize, Kind)> {
    let secret = finding.secret.0.as_slice();
    let text = &line.text[..length];
    let public = |span: &Range<usize>, public: usize, primary: bool| match primary {
        // The secret's own public prefix, and only where the text really is that prefix: an encoded secret is not.
        true if text[span.clone()].starts_with(prefix(secret, public)) => prefix(secret, public).len(),
        true => 0,
        false => prefix(&text[span.clone()], public).len(),
    };
    let mut spans: Vec<(Range<usize>, usize, Kind)> = Vec::with_capacity(line.masks.len());
    for mask in &line.masks {
        let span = mask.span.start.min(length)..mask.span.end.min(length);
        if !span.is_empty() {
            let kind = if mask.primary { Kind::Primary } else { Kind::Hidden };
            spans.push((span.clone(), public(&span, mask.public, mask.primary), kind));
        }
    }
    // Shorter values may be a part of a word; the masks cover those that were judged.
    if secret.len() >= 6 {
        for at in memmem::find_iter(text, secret) {
            spans.push((at..at + secret.len(), prefix(secret, finding.public).len(), Kind::Hidden));
        }
    }
    crate::order::sort_by_key(&mut spans, |(span, _, kind)| (span.start, *kind != Kind::Primary));
    let mut apart: Vec<(Range<usize>, usize, Kind)> = Vec::with_capacity(spans.len());
    for (span, public, kind) in spans {
        match apart.last_mut() {
            Some(last) if span.start < last.0.end => {
                last.0.end = last.0.end.max(span.end);
                last.1 = last.1.min(public);
                if kind == Kind::Primary {
                    last.2 = kind;
                }
            }
            _ => apart.push((span, public, kind)),
        }
    }
    apart
}

/// How wide the line numbers of an excerpt are.
pub(super) fn number_width(excerpt: &[ExcerptLine]) -> usize {
    excerpt.iter().map(|line| text_columns(&line.number.to_string())).max().unwrap_or(1)
}
