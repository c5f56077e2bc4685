//! Just enough of YAML to extend a file that people keep in its plain shape, and to see when it is not in that shape.
//!
//! Hands on: [`Plain`]. The trap: a file in any other shape (tabs, anchors, flow style, several documents) may mean
//! something else after a line is added, so it is refused; nothing here parses YAML in general.

/// A file whose top is a block mapping: `key:` lines at column 0, everything else indented, blank or a comment. Items of a
/// list may stand at column 0 below their key.
pub(super) struct Plain<'a> {
    lines: Vec<&'a str>,
}

/// Lines from `start` up to `end`, not including it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'a> Plain<'a> {
    /// # Errors
    /// When the file is in any other shape, says which.
    pub(super) fn read(text: &'a str) -> Result<Self, &'static str> {
        if text.contains('\t') {
            return Err("it holds tabs");
        }
        if text.contains('\r') {
            return Err("its lines end in CR LF");
        }
        let lines: Vec<&str> = text.lines().collect();
        let mut first = true;
        for line in lines.iter().filter(|line| !is_empty(line)) {
            // One document may be opened at its top.
            if *line == "---" && first {
                first = false;
                continue;
            }
            first = false;
            let content = line.trim_start();
            if !line.starts_with(' ') && !content.starts_with("- ") && key_of(line).is_none() {
                return Err("its top is no plain mapping of keys");
            }
        }
        Ok(Self { lines })
    }

    /// The lines below the top-level `key`, and what stands after its colon.
    pub(super) fn top(&self, key: &str) -> Option<(Block, &'a str)> {
        let start = self.lines.iter().position(|line| key_of(line).is_some_and(|(k, _)| k == key))?;
        let value = key_of(self.lines[start]).map_or("", |(_, value)| value);
        let after = self.lines[start + 1..].iter();
        let length = after.take_while(|l| is_empty(l) || l.starts_with(' ') || l.starts_with("- ")).count();
        Some((self.trimmed(Block { start: start + 1, end: start + 1 + length }), value))
    }

    /// The lines below `key`, itself a line of `block` at that block's own indent; its indent and that of what is below.
    pub(super) fn below(&self, block: Block, key: &str) -> Option<(Block, &'a str)> {
        let indent = self.indent(block)?;
        let here = |line: &str| indent_of(line) == indent && !is_empty(line);
        let start = (block.start..block.end).find(|&i| {
            here(self.lines[i]) && key_of(self.lines[i].trim_start()).is_some_and(|(k, _)| k == key)
        })?;
        let value = key_of(self.lines[start].trim_start()).map_or("", |(_, value)| value);
        let item = |line: &str| indent_of(line) == indent && line.trim_start().starts_with("- ");
        let after = self.lines[start + 1..block.end].iter();
        let length = after.take_while(|l| is_empty(l) || indent_of(l) > indent || item(l)).count();
        Some((self.trimmed(Block { start: start + 1, end: start + 1 + length }), value))
    }

    /// By how many blanks the first line of a block is indented.
    pub(super) fn indent(&self, block: Block) -> Option<usize> {
        self.lines[block.start..block.end].iter().find(|l| !is_empty(l)).map(|l| indent_of(l))
    }

    /// True when every line that is as far out as the block's first opens an item (`- `), or, with `items` false, a key.
    pub(super) fn is_of(&self, block: Block, items: bool) -> bool {
        let Some(indent) = self.indent(block) else { return false };
        let mut first = true;
        self.lines[block.start..block.end].iter().filter(|l| !is_empty(l)).all(|line| {
            // Items may stand at the column of the key which they belong to, and so below one.
            let below_key = !std::mem::take(&mut first);
            let content = line.trim_start();
            match indent_of(line).cmp(&indent) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Equal if items => content.starts_with("- "),
                std::cmp::Ordering::Equal if content.starts_with("- ") => below_key,
                std::cmp::Ordering::Equal => key_of(content).is_some(),
                std::cmp::Ordering::Greater => true,
            }
        })
    }

    /// True when a line of a block says these words outside a comment.
    pub(super) fn holds(&self, block: Block, words: &str) -> bool {
        self.lines[block.start..block.end].iter().any(|line| !is_empty(line) && line.contains(words))
    }

    /// The text with `addition`, whole lines, after a block.
    pub(super) fn with(&self, block: Block, addition: &str) -> String {
        let mut text = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            if number == block.end {
                text.push_str(addition);
            }
            text.push_str(line);
            text.push('\n');
        }
        if block.end >= self.lines.len() {
            text.push_str(addition);
        }
        text
    }

    /// Without the blank lines and comments at its end, which belong to what comes next.
    fn trimmed(&self, block: Block) -> Block {
        let mut end = block.end;
        while end > block.start && is_empty(self.lines[end - 1]) {
            end -= 1;
        }
        Block { end, ..block }
    }
}

/// Lines of a block scalar that look empty are told apart by nobody; none of them ends a block here.
fn is_empty(line: &str) -> bool {
    let content = line.trim_start();
    content.is_empty() || content.starts_with('#')
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// `key: value` with a plain key; what follows the colon without a comment.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once(':')?;
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !plain || !(rest.is_empty() || rest.starts_with(' ')) {
        return None;
    }
    let value = rest.trim();
    Some((key, if value.starts_with('#') { "" } else { value }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_where_the_next_key_stands() {
        let text = "# top\na:\n  b:\n    c: 1\n\n    # d\n  e: 2\n\n# f\ng: 3\n";
        let plain = Plain::read(text).unwrap();
        let (a, _) = plain.top("a").unwrap();
        assert_eq!(a, Block { start: 2, end: 7 });
        let (b, _) = plain.below(a, "b").unwrap();
        assert_eq!(b, Block { start: 3, end: 4 });
        assert_eq!(plain.indent(b), Some(4));
        assert_eq!(plain.with(b, "    X: 0\n"), text.replace("c: 1\n", "c: 1\n    X: 0\n"));
        assert_eq!(plain.top("g").unwrap().1, "3");
        assert!(plain.top("b").is_none());
    }

    #[test]
    fn items_may_stand_at_their_keys_column() {
        let plain = Plain::read("repos:\n- repo: a\n  hooks:\n  - id: b\nfail_fast: true\n").unwrap();
        let (repos, _) = plain.top("repos").unwrap();
        assert_eq!(repos, Block { start: 1, end: 4 });
        assert!(plain.is_of(repos, true));
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in ["{a: 1}\n", "a:\n\tb: 1\n", "a: 1\n---\nb: 2\n", "\"a\": 1\n", "a: 1\r\n", "? a\n: b\n"]
        {
            assert!(Plain::read(text).is_err(), "{text:?}");
        }
    }
}
