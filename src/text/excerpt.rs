//! The lines around a secret as a person sees them, cut to a bounded size while the content is still at hand.

use std::ops::Range;

use super::Text;
use crate::finding::{ExcerptLine, Mask};

/// How many bytes of a line are kept before and after the secret.
const MARGIN: usize = 160;

/// How many bytes of a secret's own line are kept.
const WIDEST: usize = 400;

/// A candidate's secret in the text: all of them are masked, the primary one is underlined too.
#[derive(Debug, Clone)]
pub struct Marked {
    /// Its bytes.
    pub span: Range<usize>,
    /// How many first bytes may be shown.
    pub public: usize,
}

/// The first and, for a secret of several lines, the last line of `primary`, with every secret of `all` masked.
#[must_use]
pub fn excerpt(text: &Text<'_>, first_line: usize, primary: &Marked, all: &[Marked]) -> Vec<ExcerptLine> {
    let span = &primary.span;
    let first = text.line_at(span.start);
    let mut lines = vec![cut(text, first_line, &first, primary, all)];
    if span.end > first.end {
        let last = text.line_at(span.end - 1);
        let more = memchr::memchr_iter(text.line_end(), &text.bytes[first.end..span.end - 1]).count();
        lines.push(cut(text, first_line + more, &last, primary, all));
    }
    lines
}

fn cut(text: &Text<'_>, number: usize, line: &Range<usize>, primary: &Marked, all: &[Marked]) -> ExcerptLine {
    let on_line = |span: &Range<usize>| span.start.max(line.start)..span.end.min(line.end);
    let own = on_line(&primary.span);
    let start = line.start.max(own.start.saturating_sub(MARGIN));
    let stop = line.end.min((own.end + MARGIN).min(own.start + WIDEST));
    let mut end = stop.max(start);
    if end == line.end && text.bytes[start..end].ends_with(b"\r") {
        end -= 1;
    }
    let mut masks: Vec<Mask> = all
        .iter()
        .map(|marked| (marked, false))
        .chain([(primary, true)])
        .filter_map(|(marked, primary)| {
            let part = on_line(&marked.span);
            let part = part.start.max(start)..part.end.min(end);
            let whole = part.start == marked.span.start;
            (part.start < part.end).then(|| Mask {
                span: part.start - start..part.end - start,
                public: if whole { marked.public.min(part.len()) } else { 0 },
                primary,
            })
        })
        .collect();
    crate::order::sort_by_key(&mut masks, |mask| (mask.span.start, !mask.primary));
    ExcerptLine {
        number,
        text: text.bytes[start..end].to_vec(),
        skipped: start - line.start,
        cut: end < line.end && text.bytes[end..line.end] != *b"\r",
        masks: merge(masks),
    }
}

/// Overlapping masks become one that shows no more than the least of them.
fn merge(masks: Vec<Mask>) -> Vec<Mask> {
    let mut merged: Vec<Mask> = Vec::with_capacity(masks.len());
    for mask in masks {
        match merged.last_mut() {
            Some(last) if mask.span.start < last.span.end => {
                last.public = last.public.min(mask.span.start - last.span.start + mask.public);
                last.span.end = last.span.end.max(mask.span.end);
                last.primary |= mask.primary;
            }
            _ => merged.push(mask),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(span: Range<usize>) -> Marked {
        Marked { span, public: 0 }
    }

    #[test]
    fn a_long_line_is_cut_around_the_secret() {
        let content = format!("{}SECRET{}\n", "a".repeat(5_000), "b".repeat(5_000));
        let text = Text::with_lines(content.as_bytes());
        let lines = excerpt(&text, 1, &marked(5_000..5_006), &[]);
        assert_eq!((lines.len(), lines[0].skipped, lines[0].cut), (1, 5_000 - MARGIN, true));
        assert_eq!(&lines[0].text[lines[0].masks[0].span.clone()], b"SECRET");
    }

    #[test]
    fn every_secret_on_the_line_is_masked_and_one_is_primary() {
        let text = Text::with_lines(b"u=ONE p=TWO\r\n");
        let lines = excerpt(&text, 1, &marked(8..11), &[marked(2..5), marked(8..11)]);
        let masks: Vec<_> = lines[0].masks.iter().map(|m| (m.span.clone(), m.primary)).collect();
        assert_eq!(masks, [(2..5, false), (8..11, true)]);
        assert_eq!(lines[0].text, b"u=ONE p=TWO");
    }

    #[test]
    fn a_block_shows_its_first_and_last_line() {
        let text = Text::with_lines(b"k: BEGIN\nbody\nEND\nx\n");
        let lines = excerpt(&text, 1, &marked(3..17), &[]);
        assert_eq!(lines.iter().map(|l| l.number).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(lines[1].text, b"END");
    }
}
