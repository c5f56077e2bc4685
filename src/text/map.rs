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
    /// What it was made of.
    pub outer: Range<usize>,
    /// Of how many bytes each byte of it was made: 1 where it stands as it is, 4 for `\x41`; 0 where only the whole leads back.
    pub each: u8,
}

impl Piece {
    fn new(inner: usize, length: usize, outer: Range<usize>) -> Self {
        let each = match (length, outer.len()) {
            (length, written) if length == written => 1,
            (1, written) => u8::try_from(written).unwrap_or(0),
            _ => 0,
        };
        Self { inner, outer, each }
    }
}

impl Step {
    /// A part of a text, as it stands.
    #[must_use]
    pub fn part(outer: Range<usize>) -> Self {
        Self::Pieces(vec![Piece::new(0, outer.len(), outer)])
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
                let first = piece_at(pieces, span.start);
                let low = first.outer.start + (span.start - first.inner) * usize::from(first.each);
                let piece = piece_at(pieces, last);
                let high = match usize::from(piece.each) {
                    0 => piece.outer.end,
                    each => piece.outer.start + (last - piece.inner + 1) * each,
                };
                low..high.min(piece.outer.end).max(low)
            }
        }
    }
}

/// The piece that a byte stands in.
fn piece_at(pieces: &[Piece], at: usize) -> &Piece {
    &pieces[pieces.partition_point(|piece| piece.inner <= at).saturating_sub(1)]
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
    /// `inner` is where the `length` decoded bytes will be put. Runs in which each byte is written in as many grow into one
    /// piece, so that a text of nothing but escapes takes no more room than one without.
    pub fn push(&mut self, inner: usize, length: usize, outer: Range<usize>) {
        let piece = Piece::new(inner, length, outer);
        if let Some(last) = self.0.last_mut()
            && last.each > 0
            && last.each == piece.each
            && last.outer.end == piece.outer.start
            && piece.inner - last.inner == last.outer.len() / usize::from(last.each)
        {
            last.outer.end = piece.outer.end;
            return;
        }
        self.0.push(piece);
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
    fn a_run_of_escapes_is_one_piece() {
        let mut pieces = Pieces::default();
        for at in 0..1000 {
            pieces.push(at, 1, 7 + 4 * at..11 + 4 * at);
        }
        // A letter of two bytes, written at once, leads back as a whole.
        pieces.push(1000, 2, 4007..4013);
        let step = pieces.step().expect("pieces");
        assert!(matches!(&step, Step::Pieces(pieces) if pieces.len() == 2));
        let map = Map::new(step);
        assert_eq!(map.back(&(500..502)), 2007..2015);
        assert_eq!(map.back(&(999..1001)), 4003..4013);
        assert_eq!(map.back(&(1001..1002)), 4007..4013);
    }

    #[test]
    fn maps_lead_through_each_other() {
        let outer = Map::new(Step::part(100..200));
        let inner = Map::new(Step::Groups { inner: 1, outer: 2, start: 10 }).then(&outer);
        assert_eq!(inner.back(&(0..2)), 110..114);
    }
}
