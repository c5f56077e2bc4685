//! From a decoded text back to the text that it was taken from.
//!
//! Hands on: [`Map`], a chain of steps, one for each decoder. The trap: an end is the end of what its last byte was made
//! of, not the start of what follows.

use std::ops::Range;
use std::sync::Arc;

/// The way from a decoded text back to the one that it was taken from: steps, the innermost first.
#[derive(Debug, Clone, Default)]
pub struct Map(Vec<Arc<Step>>);

/// The way through one decoder.
#[derive(Debug, Clone)]
pub enum Step {
    /// Groups of `inner` bytes that were written as `outer`, the first at `start`.
    Groups {
        /// Bytes of a group, decoded.
        inner: usize,
        /// Bytes of it as written.
        outer: usize,
        /// Where the first is written.
        start: usize,
    },
    /// Pieces, ordered by `inner`, without gaps in it.
    Pieces(Vec<Piece>),
    /// All of it stands where all of this does: compression has no places.
    Whole(Range<usize>),
}

/// A piece of decoded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// First byte in the decoded text.
    pub inner: usize,
    /// What it was made of. When as long as the piece, byte for byte; else as a whole.
    pub outer: Range<usize>,
}

impl Step {
    /// A part of a text, as it stands.
    #[must_use]
    pub fn part(outer: Range<usize>) -> Self {
        Self::Pieces(vec![Piece { inner: 0, outer }])
    }

    fn back(&self, span: &Range<usize>) -> Range<usize> {
        let last = span.end.max(span.start + 1) - 1;
        match self {
            Self::Whole(outer) => outer.clone(),
            Self::Groups { inner, outer, start } => {
                let low = start + span.start * outer / inner;
                low..start + ((last + 1) * outer).div_ceil(*inner)
            }
            Self::Pieces(pieces) => {
                let (first, verbatim) = piece_at(pieces, span.start);
                let low = first.outer.start + if verbatim { span.start - first.inner } else { 0 };
                let (piece, verbatim) = piece_at(pieces, last);
                let high =
                    if verbatim { piece.outer.start + last - piece.inner + 1 } else { piece.outer.end };
                low..high.min(piece.outer.end).max(low)
            }
        }
    }
}

/// The piece that a byte stands in, and whether it is byte for byte what it was made of.
fn piece_at(pieces: &[Piece], at: usize) -> (&Piece, bool) {
    let next = pieces.partition_point(|piece| piece.inner <= at);
    let piece = &pieces[next.saturating_sub(1)];
    // The last piece has no end of its own: verbatim is right for a part, and harmless for a single escape.
    let verbatim = pieces.get(next).is_none_or(|after| after.inner - piece.inner == piece.outer.len());
    (piece, verbatim)
}

impl Map {
    /// The way through one decoder.
    #[must_use]
    pub fn new(step: Step) -> Self {
        Self(vec![Arc::new(step)])
    }

    /// The way through this and then through `outer`.
    #[must_use]
    pub fn then(mut self, outer: &Self) -> Self {
        self.0.extend(outer.0.iter().cloned());
        self
    }

    /// Where in the outermost text a span of the decoded one stands.
    #[must_use]
    pub fn back(&self, span: &Range<usize>) -> Range<usize> {
        self.0.iter().fold(span.clone(), |span, step| step.back(&span))
    }
}

/// Collects pieces while a decoder writes.
#[derive(Debug, Default)]
pub struct Pieces(Vec<Piece>);

impl Pieces {
    /// `inner` is where the decoded bytes will be put. Byte for byte runs grow into one piece.
    pub fn push(&mut self, inner: usize, length: usize, outer: Range<usize>) {
        if let Some(last) = self.0.last_mut()
            && length == outer.len()
            && last.outer.end == outer.start
            && inner - last.inner == last.outer.len()
        {
            last.outer.end = outer.end;
            return;
        }
        self.0.push(Piece { inner, outer });
    }

    /// The step; `None` when nothing was decoded.
    #[must_use]
    pub fn step(self) -> Option<Step> {
        (!self.0.is_empty()).then_some(Step::Pieces(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_lead_back_to_whole_characters() {
        let map = Map::new(Step::Groups { inner: 3, outer: 4, start: 10 });
        assert_eq!(map.back(&(0..3)), 10..14);
        assert_eq!(map.back(&(3..4)), 14..16);
        assert_eq!(map.back(&(4..5)), 15..17);
    }

    #[test]
    fn an_escape_is_one_and_what_surrounds_it_is_itself() {
        // a\x41b
        let mut pieces = Pieces::default();
        pieces.push(0, 1, 5..6);
        pieces.push(1, 1, 6..10);
        pieces.push(2, 1, 10..11);
        let map = Map::new(pieces.step().expect("pieces"));
        assert_eq!(map.back(&(0..3)), 5..11);
        assert_eq!(map.back(&(1..2)), 6..10);
        assert_eq!(map.back(&(2..3)), 10..11);
    }

    #[test]
    fn maps_lead_through_each_other() {
        let outer = Map::new(Step::part(100..200));
        let inner = Map::new(Step::Groups { inner: 1, outer: 2, start: 10 }).then(&outer);
        assert_eq!(inner.back(&(0..2)), 110..114);
    }
}
