//! Where in a Jupyter notebook a place of its file stands: the cell, its part, the line in it.
//!
//! Hands on a [`Place`] for an offset, by one walk over the JSON without a tree and without recursion; asked only once
//! something was found. The trap: a notebook may be no JSON at all, or JSON a thousand levels deep: then there is no cell,
//! and the place in the file still holds.

use crate::finding::Cell;

/// Where a place stands, and under which media type when it is part of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The cell.
    pub cell: Cell,
    /// True inside a picture: noise, whatever it looks like.
    pub picture: bool,
}

/// The key of format 3 under which the cells stand.
const WORKSHEETS: &[u8] = b"worksheets";

/// Deeper JSON is no notebook.
const DEEPEST: usize = 2000;

/// One open bracket.
struct Level {
    is_array: bool,
    /// Index of the current element.
    index: usize,
    /// Of an object: the current key, without quotes.
    key: std::ops::Range<usize>,
}

/// A walk over a notebook's JSON, from one place to the next.
pub struct Walk<'t> {
    text: &'t [u8],
    at: usize,
    levels: Vec<Level>,
    /// Line of the current cell's part, up to `counted`.
    line: usize,
    counted: usize,
    wants_key: bool,
    broken: bool,
}

impl<'t> Walk<'t> {
    /// Starts before the first cell.
    #[must_use]
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, levels: Vec::new(), line: 1, counted: 0, wants_key: false, broken: false }
    }

    /// The cell in which the byte at `offset` stands, which no earlier question lies behind; `None` outside of cells, or when
    /// it cannot be told.
    pub fn place(&mut self, offset: usize) -> Option<Place> {
        while !self.broken && self.at < self.text.len() && self.at <= offset {
            if self.step(offset).is_none() {
                self.broken = true;
                return None;
            }
            if self.text.get(self.at) == Some(&b'"') && self.counted > self.at {
                break;
            }
        }
        if self.broken { None } else { found(self.text, &self.levels, self.line) }
    }

    /// Takes one byte, or a whole string unless `offset` stands in it.
    fn step(&mut self, offset: usize) -> Option<()> {
        let byte = self.text[self.at];
        match byte {
            b'{' | b'[' => {
                if self.levels.len() >= DEEPEST {
                    return None;
                }
                let is_array = byte == b'[';
                self.levels.push(Level { is_array, index: 0, key: 0..0 });
                self.wants_key = !is_array;
                // A part begins, or one of several outputs.
                let depth = self.levels.len() - self.sheet();
                if depth == 4 || depth == 5 && !is_array {
                    self.line = 1;
                }
            }
            b'}' | b']' => {
                self.levels.pop()?;
                self.wants_key = false;
            }
            b',' => {
                let level = self.levels.last_mut()?;
                level.index += 1;
                self.wants_key = !level.is_array;
                if self.levels.len() == 3 + self.sheet() {
                    self.line = 1;
                }
            }
            b':' => self.wants_key = false,
            b'"' => {
                let end = string_end(self.text, self.at)?;
                let from = self.counted.max(self.at + 1);
                if offset <= end {
                    // A key has no lines.
                    let to = if self.wants_key { from } else { offset.max(from) };
                    self.count(from..to);
                    return Some(());
                }
                if self.wants_key {
                    self.levels.last_mut()?.key = self.at + 1..end;
                } else {
                    self.count(from..end);
                }
                self.at = end;
            }
            _ => {}
        }
        self.at += 1;
        Some(())
    }

    /// How many levels deeper the cells stand: before format 4 they stood in a worksheet.
    fn sheet(&self) -> usize {
        let in_a_sheet = |top: &Level| self.levels.len() > 2 && &self.text[top.key.clone()] == WORKSHEETS;
        if self.levels.first().is_some_and(in_a_sheet) { 2 } else { 0 }
    }

    /// Counts the line ends that a part of a string says, but for an escape that its end cuts in two.
    fn count(&mut self, part: std::ops::Range<usize>) {
        let mut at = part.start;
        while let Some(found) = memchr::memchr(b'\\', &self.text[at..part.end]) {
            at += found;
            if at + 2 > part.end {
                self.counted = at;
                return;
            }
            self.line += usize::from(self.text[at + 1] == b'n');
            at += 2;
        }
        self.counted = part.end;
    }
}

/// The closing quote of the string that opens at `at`.
fn string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

fn found(text: &[u8], levels: &[Level], line: usize) -> Option<Place> {
    let key = |level: &Level| &text[level.key.clone()];
    let levels = match levels {
        [top, _, rest @ ..] if key(top) == WORKSHEETS => rest,
        levels => levels,
    };
    let [top, cells, cell, rest @ ..] = levels else { return None };
    if key(top) != b"cells" || !cells.is_array || cell.is_array {
        return None;
    }
    let part = match key(cell) {
        b"source" | b"input" => "input",
        b"outputs" => "output",
        b"attachments" => "attachment",
        _ => "metadata",
    };
    let is_picture = |key: &[u8]| key.starts_with(b"image/") || matches!(key, b"png" | b"jpeg");
    let picture = part != "input" && rest.iter().any(|level| !level.is_array && is_picture(key(level)));
    Some(Place { cell: Cell { number: cells.index + 1, part, line }, picture })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, word: &str) -> Option<(usize, &'static str, usize, bool)> {
        let place = Walk::new(text.as_bytes()).place(text.find(word).expect("the word"))?;
        Some((place.cell.number, place.cell.part, place.cell.line, place.picture))
    }

    const NOTEBOOK: &str = r#"{
 "cells": [
  {"cell_type": "markdown", "metadata": {"k": "META"}, "source": ["one\n", "TWO\n", "x \"q\" THREE"]},
  {
   "attachments": {"a.png": {"image/png": "ATTACHED"}},
   "cell_type": "code",
   "outputs": [
    {"output_type": "stream", "text": ["a\n", "b\n", "PRINTED\n"]},
    {"data": {"image/png": "iVBORPICTURE", "text/plain": ["SHOWN"]}},
    {"traceback": ["x\nTRACED"]}
   ],
   "source": "first\nsecond\nLAST"
  }
 ],
 "metadata": {"kernelspec": "KERNEL"}
}"#;

    #[test]
    fn cells_parts_and_lines_are_told() {
        assert_eq!(at(NOTEBOOK, "TWO"), Some((1, "input", 2, false)));
        assert_eq!(at(NOTEBOOK, "THREE"), Some((1, "input", 3, false)));
        assert_eq!(at(NOTEBOOK, "META"), Some((1, "metadata", 1, false)));
        assert_eq!(at(NOTEBOOK, "PRINTED"), Some((2, "output", 3, false)));
        assert_eq!(at(NOTEBOOK, "LAST"), Some((2, "input", 3, false)));
        assert_eq!(at(NOTEBOOK, "KERNEL"), None);
    }

    #[test]
    fn cells_of_an_old_notebook_stand_in_a_worksheet() {
        let old = r#"{"metadata": {"a": "NONE"}, "nbformat": 3, "worksheets": [{"cells": [
  {"cell_type": "markdown", "source": ["a\n", "b"]},
  {"cell_type": "code", "input": ["x\n", "SECOND"], "outputs": [{"png": "PICTURE", "text": ["a\n", "SHOWN"]}, {"text": "FIRST"}]}
]}]}"#;
        assert_eq!(at(old, "NONE"), None);
        assert_eq!(at(old, "SECOND"), Some((2, "input", 2, false)));
        assert_eq!(at(old, "PICTURE"), Some((2, "output", 1, true)));
        assert_eq!(at(old, "SHOWN"), Some((2, "output", 2, false)));
        assert_eq!(at(old, "FIRST"), Some((2, "output", 1, false)));
    }

    #[test]
    fn one_walk_answers_in_the_order_of_the_file() {
        let mut walk = Walk::new(NOTEBOOK.as_bytes());
        let words = [
            "META", "TWO", "q", "THREE", "ATTACHED", "PRINTED", "PICTURE", "SHOWN", "TRACED", "LAST",
            "KERNEL",
        ];
        for word in words {
            let offset = NOTEBOOK.find(word).expect("the word");
            assert_eq!(walk.place(offset), Walk::new(NOTEBOOK.as_bytes()).place(offset), "{word}");
        }
    }

    #[test]
    fn a_walk_that_stops_anywhere_answers_as_a_fresh_one() {
        let text = r#"{"cells": [{"a\nkey": ["x\ny\n", "z"], "source": "a\nb\\n\n"}]}"#;
        let mut walk = Walk::new(text.as_bytes());
        for offset in 0..text.len() {
            assert_eq!(walk.place(offset), Walk::new(text.as_bytes()).place(offset), "at {offset}");
        }
    }

    #[test]
    fn pictures_are_told_from_what_stands_beside_them() {
        assert_eq!(at(NOTEBOOK, "PICTURE").map(|place| place.3), Some(true));
        assert_eq!(at(NOTEBOOK, "SHOWN").map(|place| place.3), Some(false));
        assert_eq!(at(NOTEBOOK, "ATTACHED").map(|place| (place.1, place.3)), Some(("attachment", true)));
        assert_eq!(at(NOTEBOOK, "TRACED").map(|place| place.1), Some("output"));
    }

    #[test]
    fn what_is_no_notebook_has_no_cells() {
        for text in
            ["WORD", "{\"cells\": WORD", "[[[[\"WORD\"]]]]", "{\"a\": [{\"source\": \"WORD\"}]}", "\"\\"]
        {
            assert_eq!(Walk::new(text.as_bytes()).place(text.find("WORD").unwrap_or(0)), None, "{text}");
        }
        let deep = format!("{{\"cells\": [{{\"source\": {}\"WORD\"", "[".repeat(100_000));
        assert_eq!(at(&deep, "WORD"), None);
        // A thousand levels are still walked.
        let deep = format!("{{\"cells\": [{{\"source\": {}\"WORD\"", "[".repeat(1_000));
        assert_eq!(at(&deep, "WORD"), Some((1, "input", 1, false)));
    }
}
