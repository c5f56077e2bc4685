//! A value beside a name: finds both, whatever the language, by walking outwards from a keyword in the name.
//!
//! Own code instead of one large regex: it compiles to nothing at start and reads each byte at most twice. It decides
//! nothing; whether the value is real is for the judge. The trap: quotes may be escaped (JSON in JSON), so a closing
//! quote is whatever opened the value, backslashes included.

use std::ops::Range;

use super::{Form, Found};

/// The longest name that is followed to its ends.
const LONGEST_NAME: usize = 96;

/// The longest value that is looked at; longer ones are data.
const LONGEST_VALUE: usize = 1_024;

/// How many blanks may stand between the parts of an assignment (columns are lined up).
const MOST_BLANKS: usize = 64;

/// The assignment whose name holds the keyword at `hit`.
pub(super) fn find(text: &[u8], hit: Range<usize>) -> Option<Found> {
    let name = name_around(text, &hit)?;
    let scan = Scan { text, at: name.end };
    let (value, form) = scan.after_name(&name)?;
    (!value.is_empty() && value.len() <= LONGEST_VALUE).then_some(Found { name, value, form })
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$') || byte >= 0x80
}

fn name_around(text: &[u8], hit: &Range<usize>) -> Option<Range<usize>> {
    let before = text[..hit.start].iter().rev().take(LONGEST_NAME);
    let start = hit.start - before.take_while(|&&b| is_name_byte(b) || b == b'.').count();
    let after = text[hit.end..].iter().take(LONGEST_NAME);
    let end = hit.end + after.take_while(|&&b| is_name_byte(b)).count();
    // `--password`: dashes belong to the flag, not to the name; `-n` of an escaped newline does not either.
    let dashes = text[start..end].iter().take_while(|&&b| matches!(b, b'-' | b'.' | b'$')).count();
    let start = (start + dashes).min(hit.start);
    (end - start <= LONGEST_NAME).then_some(start..end)
}

#[derive(Clone, Copy)]
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    fn eat(&mut self, word: &[u8]) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn skip(&mut self, most: usize, belongs: impl Fn(u8) -> bool) -> usize {
        let count = self.rest().iter().take(most).take_while(|&&b| belongs(b)).count();
        self.at += count;
        count
    }

    fn blanks(&mut self) -> usize {
        self.skip(MOST_BLANKS, |b| matches!(b, b' ' | b'\t'))
    }

    /// What follows the name: `"] = `, `' => `, `: str = `, `>`, a space behind a flag, …
    fn after_name(mut self, name: &Range<usize>) -> Option<(Range<usize>, Form)> {
        let closed = self.skip(8, |b| matches!(b, b'"' | b'\'' | b'`' | b']' | b'\\' | b')' | b'?' | b'!')) > 0;
        if !closed && self.peek() == Some(b'(') {
            self.at += 1;
            self.blanks();
            return self.quoted().map(|value| (value, Form::Call));
        }
        let blanks = self.blanks();
        let before = *self.text.get(name.start.wrapping_sub(1)).unwrap_or(&b'\n');
        let before_that = *self.text.get(name.start.wrapping_sub(2)).unwrap_or(&b'\n');
        match self.peek()? {
            b'>' if before == b'<' => {
                self.at += 1;
                self.bare(|b| matches!(b, b'<' | b'\n' | b'\r')).map(|value| (value, Form::Element))
            }
            b'=' | b':' | b'-' | b'|' | b'>' => self.operator()?.value(closed),
            _ if closed => self.pair(),
            b'\n' | b'\r' => self.pair(),
            _ if blanks > 0 && (before == b'-' && before_that == b'-' || self.follows_env(name)) => {
                let value = self.quoted().or_else(|| self.bare_word());
                value.map(|value| (value, Form::Flag))
            }
            _ => None,
        }
    }

    /// `ENV NAME value`, `setenv NAME value`, `SET NAME value` at the start of a line.
    fn follows_env(&self, name: &Range<usize>) -> bool {
        let before = &self.text[name.start.saturating_sub(16)..name.start];
        let line = before.rsplit(|&b| b == b'\n').next().unwrap_or_default().trim_ascii();
        [b"ENV".as_slice(), b"setenv", b"machine"].contains(&line)
    }

    /// `=`, `:`, `:=`, `=>`, `==`, `->`, `||=`, and what a type annotation puts between `:` and `=`.
    fn operator(mut self) -> Option<Self> {
        const OPERATORS: [&[u8]; 11] =
            [b"===", b"!==", b"||=", b":=", b"=>", b"==", b"->", b"?=", b"::=", b"=", b":"];
        let operator = OPERATORS.iter().find(|operator| self.rest().starts_with(operator))?;
        self.at += operator.len();
        if *operator == b":" {
            // `password: str = "…"`, `const KEY: &'static str = "…"`.
            let line = self.rest().iter().take(48).take_while(|&&b| !matches!(b, b'\n' | b'"')).count();
            let annotation = &self.rest()[..line];
            let type_like = |b: u8| b.is_ascii_alphanumeric() || b" &'_<>[]|?.:".contains(&b);
            if let Some(equals) = memchr::memchr(b'=', annotation)
                && annotation[..equals].iter().all(|&b| type_like(b))
                && annotation[..equals].iter().any(u8::is_ascii_alphabetic)
                && annotation[..equals].ends_with(b" ")
            {
                self.at += equals + 1;
            }
        }
        Some(self)
    }

    /// The value after an operator.
    fn value(mut self, name_was_quoted: bool) -> Option<(Range<usize>, Form)> {
        self.blanks();
        // A value may stand on the line after: YAML's folded scalars, wrapped assignments.
        if name_was_quoted && [b"\n".as_slice(), b"\r\n", b"\\\n"].iter().any(|end| self.eat(end)) {
            self.blanks();
        }
        if let Some(value) = self.quoted() {
            return Some(self.behind_scheme(value, Form::Quoted));
        }
        let value = self.bare_word()?;
        let mut after = Self { text: self.text, at: value.end };
        if let Some(scheme) = scheme(&self.text[value.clone()])
            && after.blanks() > 0
            && scheme == value.len()
        {
            return after.bare_word().map(|value| (value, Form::Header));
        }
        Some((value, Form::Bare))
    }

    /// `"Bearer …"`: the scheme is no part of the secret.
    fn behind_scheme(self, value: Range<usize>, form: Form) -> (Range<usize>, Form) {
        let bytes = &self.text[value.clone()];
        match scheme(bytes) {
            Some(length) if bytes.get(length) == Some(&b' ') => {
                let blanks = bytes[length..].iter().take_while(|&&b| b == b' ').count();
                (value.start + length + blanks..value.end, Form::Header)
            }
            _ => (value, form),
        }
    }

    /// The inside of quotes, on one line; `b"…"`, `@"…"`, `'''…'''`, `\"…\"` too.
    fn quoted(mut self) -> Option<Range<usize>> {
        if self.rest().get(1).is_some_and(|b| matches!(b, b'"' | b'\''))
            && self.peek().is_some_and(|b| b"bBrRuUfF@$L".contains(&b))
        {
            self.at += 1;
        }
        let slashes = self.skip(4, |b| b == b'\\');
        let quote = self.peek().filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
        let run = self.rest().iter().take(3).take_while(|&&b| b == quote).count();
        if run == 2 {
            return None; // an empty string
        }
        self.at += run;
        let start = self.at;
        let bytes = &self.rest()[..self.rest().len().min(LONGEST_VALUE + 8)];
        let mut backslashes = 0;
        for (offset, &byte) in bytes.iter().enumerate() {
            match byte {
                b'\\' => backslashes += 1,
                b'\n' | b'\r' => return None,
                _ if byte == quote && backslashes <= slashes && (slashes > 0 || backslashes == 0) => {
                    return Some(start..start + offset - backslashes);
                }
                _ => backslashes = 0,
            }
        }
        None
    }

    /// Up to a blank or what ends a value without quotes.
    fn bare_word(self) -> Option<Range<usize>> {
        self.bare(|b| b.is_ascii_whitespace() || b"\"'`,;<>|&)]}\\".contains(&b))
    }

    fn bare(mut self, ends: impl Fn(u8) -> bool) -> Option<Range<usize>> {
        let start = self.at;
        self.skip(LONGEST_VALUE + 1, |b| !ends(b));
        // `${VAR}` and `{{ x }}` are references: keep their end, so that the judge sees it.
        if self.text[start..self.at].starts_with(b"$") && self.peek() == Some(b'}') {
            self.at += 1;
        }
        (self.at > start).then_some(start..self.at)
    }

    /// Name and value as two values: `name: API_KEY` / `value: …`, `key="ApiKey" value="…"`, `<key>…</key><string>…`.
    fn pair(mut self) -> Option<(Range<usize>, Form)> {
        self.skip(128, |b| b.is_ascii_whitespace() || b",\"'/>}{-".contains(&b));
        for word in [b"value".as_slice(), b"Value", b"VALUE", b"\"value\"", b"defaultValue", b"default"] {
            if self.eat(word) {
                self.skip(2, |b| matches!(b, b'"' | b'\''));
                self.blanks();
                return matches!(self.peek()?, b'=' | b':').then(|| self.operator()?.value(true)).flatten();
            }
        }
        None
    }
}

/// The length of an authentication scheme's name that opens `value`.
fn scheme(value: &[u8]) -> Option<usize> {
    [b"Bearer".as_slice(), b"Basic", b"Token", b"Bot", b"ApiKey", b"GenieKey", b"SSWS"]
        .iter()
        .find(|name| value.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))
        .map(|name| name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands between the brackets `⟦⟧` must be found as the value of the name that holds `keyword`.
    fn finds(keyword: &str, marked: &str, form: Form) {
        let start = marked.find('⟦').unwrap();
        let text = marked.replace(['⟦', '⟧'], "");
        let end = start + marked[start..].find('⟧').unwrap() - '⟦'.len_utf8();
        let hit = text.to_ascii_lowercase().find(keyword).unwrap();
        let found = find(text.as_bytes(), hit..hit + keyword.len());
        let found = found.unwrap_or_else(|| panic!("nothing in {text}"));
        assert_eq!((&text[found.value.clone()], found.form), (&text[start..end], form), "{text}");
    }

    #[test]
    fn values_are_found_however_they_are_written() {
        finds("password", "password = \"⟦hush⟧\"", Form::Quoted);
        finds("password", "DB_PASSWORD=⟦hush⟧", Form::Bare);
        finds("password", "  \"password\": \"⟦hush⟧\",", Form::Quoted);
        finds("password", "password: ⟦hush⟧ # comment", Form::Bare);
        finds("password", "'password' => '⟦hush⟧'", Form::Quoted);
        finds("password", "password := `⟦hush⟧`", Form::Quoted);
        finds("password", "password: str = '⟦hush⟧'", Form::Quoted);
        finds("token", "const TOKEN: &'static str = \"⟦hush⟧\";", Form::Quoted);
        finds("key", "os.environ['API_KEY'] = '⟦hush⟧'", Form::Quoted);
        finds("key", "\"os.environ[\\\"API_KEY\\\"] = \\\"⟦hush⟧\\\"\\n\"", Form::Quoted);
        finds("key", "ENV API_KEY=⟦hush⟧", Form::Bare);
        finds("key", "ENV API_KEY ⟦hush⟧", Form::Flag);
        finds("password", "tool --password ⟦hush⟧ -v", Form::Flag);
        finds("password", "tool --password=⟦hush⟧ -v", Form::Bare);
        finds("password", "<password>⟦hush⟧</password>", Form::Element);
        finds("password", "setPassword(\"⟦hush⟧\")", Form::Call);
        finds("token", "X-Token: ⟦hush⟧\r\n", Form::Bare);
        finds("auth", "Authorization: Bearer ⟦hush⟧", Form::Header);
        finds("auth", "{\"Authorization\": \"Basic ⟦hush⟧\"}", Form::Header);
        finds("password", "Server=db;User Id=sa;Password=⟦hush⟧;Encrypt=yes", Form::Bare);
        finds("key", "- name: API_KEY\n  value: \"⟦hush⟧\"", Form::Quoted);
        finds("key", "<add key=\"ApiKey\" value=\"⟦hush⟧\" />".replace("key=", "k=").as_str(), Form::Quoted);
        finds("password", "$password = b'⟦hu\\sh⟧'", Form::Quoted);
        finds("password", "password = \"\"\"⟦hush⟧\"\"\"", Form::Quoted);
    }

    #[test]
    fn what_is_no_assignment_is_left_alone() {
        for text in ["password", "password is needed", "the token.", "key) {", "password = \"\"", "--password\n", "token("] {
            let keyword = ["password", "token", "key"].iter().find(|k| text.contains(*k)).unwrap();
            let hit = text.find(keyword).unwrap();
            assert_eq!(find(text.as_bytes(), hit..hit + keyword.len()), None, "{text}");
        }
    }
}
