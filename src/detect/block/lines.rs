//! The logical lines of a block, whatever wraps them: indentation, comment marks, string literals and what joins them,
//! escapes of C, JSON, URLs and XML, CR, LF or both.
//!
//! Hands on one line at a time with where it ends in the source. The trap: `+` and `/` are both base64 and glue, so
//! inside string literals everything outside the quotes is dropped, and outside of literals nothing is.

/// How far a literal's continuation may stand from its end: `" +` and the next line's indentation.
const GLUE: usize = 200;

/// The longest beginning of a log's line that is looked for on the others too: time, host, container.
const LONGEST_STAMP: usize = 160;

/// One logical line, decoded, without the blanks around it.
pub(super) struct Line {
    /// Its bytes.
    pub(super) text: Vec<u8>,
    /// Where its last byte ends in the source.
    pub(super) end: usize,
}

/// Reads logical lines from where a block's first line begins.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    limit: usize,
    /// The quote that the block stands in, if it stands in one.
    quote: Option<u8>,
    /// Whether `at` is inside that quote's literal.
    inside: bool,
    /// What stands before the block on its first line when it is only marks, such as `#` or `//`.
    mark: &'t [u8],
    /// The same when there are words or numbers in it, as a log has them.
    stamp: &'t [u8],
    line_start: bool,
    done: bool,
}

enum Symbol {
    Byte(u8),
    Newline { physical: bool },
    Quote(u8),
    Nothing,
}

impl<'t> Lines<'t> {
    /// A reader for the block that begins at `start`; the first line is the rest of the line from `from` on.
    pub(super) fn new(text: &'t [u8], start: usize, from: usize, limit: usize) -> Self {
        let before = &text[..start];
        // A line may be as long as the text: what begins further back is neither a mark nor a stamp.
        let near = start.saturating_sub(LONGEST_STAMP + 1);
        let begins = memchr::memrchr2(b'\n', b'\r', &before[near..]).map(|at| near + at + 1);
        let is_near = begins.is_some() || near == 0;
        let line = begins.unwrap_or(near);
        let quote = opening_quote(&before[line.max(start.saturating_sub(64))..]);
        let mark = before[line..].trim_ascii();
        let (mut stamp, mut is_mark): (&[u8], _) = (b"", quote.is_none() && is_near);
        if is_mark && mark.iter().any(u8::is_ascii_alphanumeric) {
            is_mark = false;
            stamp = &before[line..];
        }
        let mark = if is_mark && mark.len() <= 8 { mark } else { b"" };
        let limit = text.len().min(start.saturating_add(limit));
        let inside = quote.is_some();
        Self { text, at: from, limit, quote, inside, mark, stamp, line_start: false, done: false }
    }

    /// Where reading stands in the source.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next line, up to but not including a run of four hyphens; `None` at the end of what can belong to the block.
    pub(super) fn next_line(&mut self) -> Option<Line> {
        let mut line = Line { text: Vec::new(), end: self.at };
        while !self.done && self.at < self.limit {
            if self.line_start && !self.inside {
                self.skip_mark();
            }
            self.line_start = false;
            let rest = &self.text[self.at..self.limit];
            if rest.is_empty() || self.inside == self.quote.is_some() && rest.starts_with(b"----") {
                self.done = true;
                break;
            }
            let (symbol, length) = self.symbol();
            if self.quote.is_some() && !self.inside {
                self.glue(&symbol, length);
                continue;
            }
            self.at += length;
            match symbol {
                Symbol::Quote(quote) if self.quote == Some(quote) => {
                    self.inside = false;
                    if !line.text.trim_ascii().is_empty() {
                        return Some(trimmed(line));
                    }
                }
                Symbol::Byte(byte) | Symbol::Quote(byte) => {
                    line.text.push(byte);
                    if !byte.is_ascii_whitespace() {
                        line.end = self.at;
                    }
                }
                Symbol::Newline { physical } => {
                    self.line_start = physical;
                    return Some(trimmed(line));
                }
                Symbol::Nothing => {}
            }
        }
        let rest = !line.text.trim_ascii().is_empty();
        rest.then(|| trimmed(line))
    }

    /// Outside the literal: on to the next one, unless it is too far.
    fn glue(&mut self, symbol: &Symbol, length: usize) {
        let reach = self.limit.min(self.at + GLUE);
        match symbol {
            Symbol::Quote(quote) if self.quote == Some(*quote) => {
                self.at += length;
                self.inside = true;
            }
            _ => match self.quote.and_then(|quote| memchr::memchr(quote, &self.text[self.at..reach])) {
                Some(0) | None => self.done = true,
                // What begins between two literals is another block, with a hit of its own.
                Some(offset) => match memchr::memmem::find(&self.text[self.at..self.at + offset], b"BEGIN") {
                    Some(_) => self.done = true,
                    None => self.at += offset,
                },
            },
        }
    }

    fn skip_mark(&mut self) {
        if is_stamped(self.stamp, &self.text[self.at..self.limit]) {
            self.at += self.stamp.len();
        }
        let blanks = |text: &[u8]| text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        self.at += blanks(&self.text[self.at..self.limit]);
        if !self.mark.is_empty() && self.text[self.at..self.limit].starts_with(self.mark) {
            self.at += self.mark.len();
            self.at += blanks(&self.text[self.at..self.limit]);
        }
    }

    /// What stands at `at`, and how many bytes of source it takes.
    fn symbol(&self) -> (Symbol, usize) {
        let rest = &self.text[self.at..self.limit];
        match rest[0] {
            b'\n' => (Symbol::Newline { physical: true }, 1),
            b'\r' => (Symbol::Newline { physical: true }, if rest.get(1) == Some(&b'\n') { 2 } else { 1 }),
            quote @ (b'"' | b'\'' | b'`') => (Symbol::Quote(quote), 1),
            b'\\' => backslash(rest),
            b'%' => match hex(rest.get(1..3)) {
                Some(byte) => decoded(byte, 3),
                None => (Symbol::Byte(b'%'), 1),
            },
            b'&' => entity(rest),
            byte => (Symbol::Byte(byte), 1),
        }
    }
}

/// True when a line begins as the block's first one does; the digits of times and counters may be others.
fn is_stamped(stamp: &[u8], line: &[u8]) -> bool {
    let same = |(a, b): (&u8, &u8)| a == b || a.is_ascii_digit() && b.is_ascii_digit();
    line.len() >= stamp.len() && stamp.iter().zip(line).all(same)
}

/// The quote right before a block, behind escaped line ends; three in a row delimit a text that needs no joining.
fn opening_quote(before: &[u8]) -> Option<u8> {
    let mut before = before;
    while let Some(shorter) = before.strip_suffix(b"\\n").or_else(|| before.strip_suffix(b"\\r")) {
        before = shorter;
    }
    match before {
        [.., a, b, c] if a == b && b == c && matches!(c, b'"' | b'\'' | b'`') => None,
        [.., quote @ (b'"' | b'\'' | b'`')] => Some(*quote),
        _ => None,
    }
}

fn trimmed(mut line: Line) -> Line {
    line.text = line.text.trim_ascii().to_vec();
    line
}

/// A decoded byte that may be a line end. A carriage return is nothing by itself: a line feed follows.
fn decoded(byte: u8, length: usize) -> (Symbol, usize) {
    match byte {
        b'\n' => (Symbol::Newline { physical: false }, length),
        b'\r' => (Symbol::Nothing, length),
        b'\t' => (Symbol::Byte(b' '), length),
        quote @ (b'"' | b'\'' | b'`') => (Symbol::Quote(quote), length),
        byte => (Symbol::Byte(byte), length),
    }
}

/// Any number of backslashes, for text that was escaped more than once, and what they escape.
fn backslash(rest: &[u8]) -> (Symbol, usize) {
    let slashes = rest.iter().take_while(|b| **b == b'\\').count();
    let after = &rest[slashes..];
    match after.first() {
        Some(b'n') => (Symbol::Newline { physical: false }, slashes + 1),
        Some(b'r') => (Symbol::Nothing, slashes + 1),
        Some(b't') => (Symbol::Byte(b' '), slashes + 1),
        // The end of a line that goes on: the escape before it said whether a line ends.
        Some(b'\n' | b'\r') => {
            (Symbol::Nothing, slashes + after.iter().take_while(|b| b.is_ascii_whitespace()).count())
        }
        Some(b'u') => match after.get(1..3).filter(|high| *high == b"00").and(hex(after.get(3..5))) {
            Some(byte) => decoded(byte, slashes + 5),
            None => (Symbol::Byte(b'\\'), slashes),
        },
        Some(b'x') => match hex(after.get(1..3)) {
            Some(byte) => decoded(byte, slashes + 3),
            None => (Symbol::Byte(b'\\'), slashes),
        },
        Some(b'0') => match after.get(..3) {
            Some(b"012") => decoded(b'\n', slashes + 3),
            Some(b"015") => decoded(b'\r', slashes + 3),
            _ => (Symbol::Byte(b'\\'), slashes),
        },
        Some(&byte @ (b'/' | b'"' | b'\'' | b'`' | b'+' | b'=')) => decoded(byte, slashes + 1),
        _ => (Symbol::Byte(b'\\'), slashes),
    }
}

fn hex(digits: Option<&[u8]>) -> Option<u8> {
    let digits = std::str::from_utf8(digits?).ok()?;
    u8::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2 && !digits.starts_with('+'))
}

/// `&#10;`, `&#xA;`, `&quot;` and the like.
fn entity(rest: &[u8]) -> (Symbol, usize) {
    let Some(end) = memchr::memchr(b';', &rest[..rest.len().min(8)]) else { return (Symbol::Byte(b'&'), 1) };
    let name = std::str::from_utf8(&rest[1..end]).unwrap_or_default();
    let code = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u8::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        },
        None => [("quot", b'"'), ("apos", b'\'')].iter().find(|(n, _)| *n == name).map(|(_, b)| *b),
    };
    code.map_or((Symbol::Byte(b'&'), 1), |byte| decoded(byte, end + 1))
}
