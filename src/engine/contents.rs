//! Walks a container to its innermost members, streaming: memory is bounded whatever a member's size.
//!
//! Hands on: [`Leaf`]s, texts that are no container themselves; a long one in parts that overlap. The trap: members of
//! members are joined by `!`, and what a compressed stream holds has no name of its own.

use std::io::Read;

use crate::text::budget::Budget;
use crate::text::container::{Container, Input, Visitor, cut_short, head, sniff, walk};

/// Between the name of a member and that of a member in it.
pub const WITHIN: u8 = b'!';

/// A longer member is judged in parts of this size.
const PART: usize = 8 << 20;

/// How far parts overlap: more than any secret and what is looked at around it.
const OVERLAP: usize = 64 << 10;

/// A part of a member's content.
pub struct Leaf<'a> {
    /// The member's name, those around it before it.
    pub name: &'a [u8],
    /// Its content, or a part of it.
    pub bytes: &'a [u8],
    /// Lines of the content before this part.
    pub lines_before: usize,
    /// What starts from here on belongs to the next part.
    pub until: usize,
    /// True when this is all of it.
    pub whole: bool,
}

/// Walks what the container at `path` holds and calls `leaf` with each part of each member. Limits go to the budget.
pub fn contents(
    container: Container,
    input: Input<'_>,
    path: &[u8],
    budget: &Budget,
    leaf: &mut dyn FnMut(&Leaf<'_>),
) {
    Contents { name: Vec::new(), depth: 1, stem: stem(path), budget, leaf }.open(container, input);
}

/// Reads one member that may be a container or a text; as [`contents`].
pub fn content(name: &[u8], content: &mut dyn Read, budget: &Budget, leaf: &mut dyn FnMut(&Leaf<'_>)) {
    let mut contents = Contents { name: Vec::new(), depth: 0, stem: Vec::new(), budget, leaf };
    contents.member(name, content);
}

struct Contents<'a> {
    /// Where we are.
    name: Vec<u8>,
    depth: usize,
    /// What a compressed stream's content is called when it is no container.
    stem: Vec<u8>,
    budget: &'a Budget,
    leaf: &'a mut dyn FnMut(&Leaf<'_>),
}

impl Contents<'_> {
    fn open(&mut self, container: Container, input: Input<'_>) {
        if let Err(why) = walk(container, input, self.budget, self)
            && !self.budget.is_spent()
        {
            self.told(&why);
        }
    }

    /// Notes a limit, with the member that it concerns.
    fn told(&self, why: &str) {
        let name = String::from_utf8_lossy(&self.name);
        self.budget.reach(if name.is_empty() { why.to_owned() } else { format!("{why}, in {name}") });
    }

    fn text(&mut self, head: &[u8], content: &mut dyn Read) {
        if self.name.is_empty() {
            self.name.clone_from(&self.stem);
        }
        let mut part = head.to_vec();
        let mut lines_before = 0;
        let mut first = true;
        loop {
            let room = (PART - part.len()) as u64;
            let before = part.len();
            let read = content.take(room).read_to_end(&mut part);
            let ended = (part.len() - before) < room as usize;
            if let Err(error) = &read
                && !self.budget.is_spent()
            {
                self.told(&cut_short(error));
            }
            if ended || read.is_err() {
                let leaf = Leaf {
                    name: &self.name,
                    bytes: &part,
                    lines_before,
                    until: part.len(),
                    whole: first && read.is_ok(),
                };
                (self.leaf)(&leaf);
                return;
            }
            let tail = part.len() - OVERLAP;
            let until =
                tail + memchr::memchr(b'\n', &part[tail..tail + OVERLAP / 2]).map_or(0, |end| end + 1);
            (self.leaf)(&Leaf { name: &self.name, bytes: &part, lines_before, until, whole: false });
            lines_before += memchr::memchr_iter(b'\n', &part[..until]).count();
            part.drain(..until);
            first = false;
        }
    }
}

impl Visitor for Contents<'_> {
    fn member(&mut self, name: &[u8], content: &mut dyn Read) {
        let outer = self.name.len();
        if !name.is_empty() {
            if outer > 0 {
                self.name.push(WITHIN);
            }
            self.name.extend(name);
        }
        let (head, error) = head(content);
        if let Some(error) = error.filter(|_| !self.budget.is_spent()) {
            self.told(&cut_short(&error));
        }
        match sniff(&head) {
            Some(container) if self.budget.deeper(self.depth) => {
                let stem = stem(if name.is_empty() { &self.stem } else { name });
                let stem = std::mem::replace(&mut self.stem, stem);
                self.depth += 1;
                self.open(container, Input::Stream(&mut head.as_slice().chain(content)));
                self.depth -= 1;
                self.stem = stem;
            }
            // What is deeper than is searched is searched as the bytes that it is.
            _ if !head.is_empty() => self.text(&head, content),
            _ => {}
        }
        self.name.truncate(outer);
    }
}

/// What `gunzip` would call the content of a file of this name.
fn stem(name: &[u8]) -> Vec<u8> {
    let name = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let dot = name.iter().rposition(|byte| *byte == b'.').filter(|dot| *dot > 0);
    let stem = dot.map_or(name, |dot| &name[..dot]);
    if stem.is_empty() { b"content".to_vec() } else { stem.to_vec() }
}
