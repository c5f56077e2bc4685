//! A position in the text that moves over blanks, quotes and separators, never past the window.

use super::VALUE_MAX;
use crate::detect::boundary;

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Equals,
    Colon,
    Arrow,
    Compare,
    Comma,
    Open,
    Element,
    Or,
    Bar,
    Blank,
    Word,
    /// A dash between blanks.
    Dash,
}

/// A literal's opening quote: how it is written, so that the same sequence closes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote {
    bytes: [u8; 6],
    len: usize,
}

impl Quote {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn new(sequence: &[u8]) -> Self {
        let mut bytes = [0; 6];
        let len = sequence.len().min(6);
        bytes[..len].copy_from_slice(&sequence[..len]);
        Self { bytes, len }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    /// The window's end.
    pub(super) end: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at, end: text.len().min(at + VALUE_MAX) }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> u8 {
        self.rest().first().copied().unwrap_or(b'\n')
    }

    pub(super) fn eat(&mut self, bytes: &[u8]) -> bool {
        let found = self.rest().starts_with(bytes);
        if found {
            self.at += bytes.len();
        }
        found
    }

    pub(super) fn eat_word(&mut self, word: &[u8]) -> bool {
        let found = self.rest().get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word))
            && !self.rest().get(word.len()).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if found {
            self.at += word.len();
        }
        found
    }

    /// Blanks and tabs; true when there were some. A terminal colour among them takes no room.
    pub(super) fn blanks(&mut self) -> bool {
        let mut some = false;
        loop {
            let n = self.rest().iter().take(120).take_while(|b| matches!(b, b' ' | b'\t')).count();
            self.at += n;
            some |= n > 0;
            if !self.colours() {
                return some;
            }
        }
    }

    /// Steps over terminal colours, as tracebacks and logs have them around every word; true when there were some.
    fn colours(&mut self) -> bool {
        let before = self.at;
        loop {
            let n = boundary::colour(self.rest());
            if n == 0 {
                return self.at > before;
            }
            self.at += n;
        }
    }

    /// Blanks and line ends.
    pub(super) fn space(&mut self) {
        let n = self.rest().iter().take(160).take_while(|b| b.is_ascii_whitespace()).count();
        self.at += n;
    }

    pub(super) fn at_line_end(&self) -> bool {
        match self.rest() {
            [] => self.at >= self.text.len(),
            [b'\n' | b'\r', ..] | [b'\\', b'n', ..] => true,
            _ => false,
        }
    }

    /// Steps over what closes a name: quotes in every escaping, brackets, `?`, `!`, bold marks. True when a quote or
    /// bracket was among it.
    pub(super) fn name_tail(&mut self, start: usize) -> bool {
        let mut closed = false;
        // Of `sign(text, 'secret') => …` it is the call's result that follows, and not the secret's value.
        let mut before = start;
        while before > 0 && matches!(self.text[before - 1], b'"' | b'\'' | b'`') {
            before -= 1;
        }
        let last_of_many = before < start && self.text[..before].trim_ascii_end().ends_with(b",");
        for _ in 0..4 {
            self.colours();
            if let Some(quote) = self.quote() {
                self.at += quote.len;
                closed = true;
                continue;
            }
            match self.peek() {
                b']' | b'}' => {
                    self.at += 1;
                    closed = true;
                }
                b'[' => {
                    let n = self
                        .rest()
                        .iter()
                        .skip(1)
                        .take(24)
                        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
                        .count();
                    if self.rest().get(n + 1) != Some(&b']') {
                        break;
                    }
                    self.at += n + 2;
                }
                b'?' if self.rest().get(1).is_some_and(|b| matches!(b, b':' | b' ')) => self.at += 1,
                b'!' if self.rest().get(1) == Some(&b':') => self.at += 1,
                b'*' => self.at += 1,
                b')' if closed && !last_of_many => self.at += 1,
                _ => break,
            }
        }
        closed
    }

    /// True, and stepped over, at `</…>`.
    pub(super) fn element_end(&mut self) -> bool {
        if !self.rest().starts_with(b"</") {
            return false;
        }
        let Some(n) = self.rest().iter().take(40).position(|b| *b == b'>') else { return false };
        self.at += n + 1;
        true
    }

    /// The opening or closing quote at the cursor, not stepped over.
    pub(super) fn quote(&self) -> Option<Quote> {
        let rest = self.rest();
        match *rest.first()? {
            b'"' if rest.starts_with(b"\"\"\"") => Some(Quote::new(b"\"\"\"")),
            b'\'' if rest.starts_with(b"'''") => Some(Quote::new(b"'''")),
            q @ (b'"' | b'\'' | b'`') => Some(Quote::new(&[q])),
            b'\\' => {
                let slashes = rest.iter().take(4).take_while(|b| **b == b'\\').count();
                match *rest.get(slashes)? {
                    b'"' | b'\'' => Some(Quote::new(&rest[..=slashes])),
                    b'u' if rest[slashes..].starts_with(b"u0022") && slashes == 1 => {
                        Some(Quote::new(&rest[..6]))
                    }
                    _ => None,
                }
            }
            b'&' => [&b"&quot;"[..], b"&#34;", b"&#39;", b"&#x27;", b"&apos;"]
                .into_iter()
                .find(|q| rest.starts_with(q))
                .map(Quote::new),
            b'%' => [&b"%22"[..], b"%27"].into_iter().find(|q| rest.starts_with(q)).map(Quote::new),
            0xE2 if rest.starts_with("“".as_bytes()) => Some(Quote::new("”".as_bytes())),
            0xE2 if rest.starts_with("‘".as_bytes()) => Some(Quote::new("’".as_bytes())),
            0xC2 if rest.starts_with("«".as_bytes()) => Some(Quote::new("»".as_bytes())),
            _ => None,
        }
    }

    /// The separator at the cursor, stepped over together with the blanks around it.
    pub(super) fn separator(&mut self) -> Option<Separator> {
        use Separator::*;
        const SIGNS: [(&[u8], Separator); 26] = [
            (b"===", Compare),
            (b"!==", Compare),
            (b"==", Compare),
            (b"!=", Compare),
            (b"=~", Compare),
            (b"=>", Arrow),
            (b"->", Arrow),
            (b"<-", Arrow),
            // make's, by POSIX 2024.
            (b":::=", Equals),
            (b"::=", Equals),
            (b":=", Equals),
            (b"?=", Equals),
            (b"+=", Equals),
            (b"||=", Equals),
            (b"||", Or),
            (b"??", Or),
            (b"::", Blank),
            (b"=3D", Equals),
            (b"=", Equals),
            (b":", Colon),
            ("：".as_bytes(), Colon),
            (b"%3D", Equals),
            (b"%3A", Colon),
            (b",", Comma),
            (b"(", Open),
            (b"|", Bar),
        ];
        let blank = self.blanks();
        // One load tells most hits that there is nothing here.
        if matches!(
            self.peek(),
            b'=' | b'!' | b'-' | b'<' | b':' | b'?' | b'+' | b'|' | 0xEF | b'%' | b',' | b'('
        ) {
            let first = self.peek();
            for (sign, separator) in SIGNS {
                if sign[0] == first && self.eat(sign) {
                    let blank = self.blanks();
                    if matches!(sign, b"::") {
                        // Jsonnet's hidden field; elsewhere a part of a path.
                        return (blank && self.quote().is_some()).then_some(Colon);
                    }
                    return Some(separator);
                }
            }
        }
        if self.peek() == b'>' {
            self.at += 1;
            return Some(Element);
        }
        if blank && matches!(self.peek(), b'-' | 0xE2) {
            for dash in [&b"- "[..], "– ".as_bytes(), "— ".as_bytes(), "→ ".as_bytes()] {
                if self.eat(dash) {
                    return Some(Dash);
                }
            }
        }
        let first = self.peek().to_ascii_lowercase();
        for word in [
            &b"is"[..],
            b"was",
            b"ist",
            b"es",
            b"est",
            "é".as_bytes(),
            b"to",
            "是".as_bytes(),
            "为".as_bytes(),
        ] {
            // Where words are not parted by blanks the value follows at once.
            let wide = word[0] >= 0xE4;
            if first == word[0] && (wide && self.eat(word) || self.eat_word(word)) {
                let colon = self.eat(b":");
                return (self.blanks() || colon || word[0] >= 0x80).then_some(Word);
            }
        }
        blank.then_some(Blank)
    }
}
