//! Reads one value: a literal in any quoting, or a word without quotes.
//!
//! Hands on its range and moves the cursor behind it. The trap: what ends a word depends on where it stands, so `line` says
//! whether the rest of a line is its own.

use std::ops::Range;

use super::cursor::Cursor;
use crate::detect::boundary;

/// The longest literal in brackets, in bytes: its end is looked for at many places of a call.
const BRACKETED: usize = 256;

/// The inside of a literal in brackets: `%q(…)` (Ruby), `q{…}` (Perl), `~s(…)` (Elixir), `[[…]]` (Lua), on one line.
fn bracketed(at: &mut Cursor<'_>) -> Option<Range<usize>> {
    const SIGILS: [&[u8]; 8] = [b"%q", b"%Q", b"%", b"qq", b"q", b"~s", b"~S", b"["];
    let rest = at.rest();
    let sigil = SIGILS.into_iter().find(|sigil| rest.starts_with(sigil))?;
    let close: &[u8] = match rest.get(sigil.len())? {
        b'[' if sigil == b"[" => b"]]",
        b'[' => b"]",
        b'(' if sigil != b"[" => b")",
        b'{' if sigil != b"[" => b"}",
        _ => return None,
    };
    // `%` and `q` behind a name are other things.
    let behind_a_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if sigil != b"[" && at.at.checked_sub(1).is_some_and(|before| behind_a_name(&at.text[before])) {
        return None;
    }
    let from = sigil.len() + 1;
    let inside = &rest[from..rest.len().min(from + BRACKETED)];
    let n = memchr::memmem::find(&inside[..memchr::memchr(b'\n', inside).unwrap_or(inside.len())], close)?;
    // A list of lists, or a computation.
    if inside[..n].iter().any(|b| matches!(b, b'"' | b'\'' | b',' | b'[' | b'(')) {
        return None;
    }
    let value = at.at + from..at.at + from + n;
    at.at = value.end + close.len();
    (n > 0).then_some(value)
}

/// The inside of the literal at the cursor, which moves past its closing quote. Prefixes (`b"`, `@"`, `$'`, `r#"`) are
/// stepped over. None without a closing quote in the window, or when the literal is empty.
pub(super) fn literal(at: &mut Cursor<'_>) -> Option<Range<usize>> {
    let start = at.at;
    // A binary of Erlang.
    at.eat(b"<<");
    let mut quote = at.quote();
    if quote.is_none() {
        at.at = start;
    }
    if quote.is_none() {
        if matches!(at.peek(), b'%' | b'q' | b'~' | b'[') {
            return bracketed(at);
        }
        let n = at
            .rest()
            .iter()
            .take(3)
            .take_while(|b| {
                matches!(b, b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'f' | b'F' | b'L' | b'N' | b'@' | b'$')
            })
            .count();
        if n == 0 {
            return None;
        }
        at.at += n;
        // Rust's raw strings.
        at.at += at.rest().iter().take(3).take_while(|b| **b == b'#').count();
        quote = at.quote();
        if quote.is_none() {
            at.at = start;
            return None;
        }
    }
    let quote = quote?;
    let quote = quote.as_bytes();
    at.at += quote.len();
    let from = at.at;
    let rest = at.rest();
    let lines = quote.len() == 3 || quote == b"`";
    // An escaped quote (one backslash more) belongs to the value.
    let mut n = 0;
    while n < rest.len() {
        let byte = rest[n];
        if byte == quote[0] && rest[n..].starts_with(quote) {
            if n == 0 && lines {
                break;
            }
            at.at = from + n + quote.len();
            return (n > 0).then_some(from..from + n);
        }
        if byte == b'\n' && !lines {
            break;
        }
        n += if byte == b'\\' && quote[0] != b'\\' { 2 } else { 1 };
    }
    at.at = start;
    None
}

/// The unquoted word at the cursor. On a line of its own (`line`) only a blank or a comment ends it; elsewhere also
/// what separates parameters. Trailing punctuation is left off.
pub(super) fn bare(at: &mut Cursor<'_>, line: bool) -> Option<Range<usize>> {
    let rest = at.rest();
    let ends = |n: usize, byte: u8| match byte {
        b' ' | b'\t' | b'\r' | b'\n' | 0 | b'\x1b' => true,
        // On a line of its own a quote in the middle belongs to the value.
        b'"' | b'\'' | b'`' => n == 0 || !line || !rest.get(n + 1).is_some_and(u8::is_ascii_alphanumeric),
        b'<' | b'>' => true,
        b'\\' if boundary::colour(&rest[n..]) > 0 => true,
        b'\\' => {
            matches!(rest.get(n + 1), Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'\\' | b'\n' | b'u') | None)
        }
        b';' | b'&' | b',' if line => next_parameter(&rest[n + 1..]),
        b';' | b'&' | b',' | b')' | b'}' | b']' | b'|' => !line,
        _ => false,
    };
    let mut n = 0;
    let mut template = 0usize;
    while n < rest.len() {
        let byte = rest[n];
        // ${{ secrets.X }} and {{ x }} hold blanks
        if byte == b'{' && n > 0 && matches!(rest[n - 1], b'{' | b'$' | b'#')
            || byte == b'{' && rest.get(n + 1) == Some(&b'{')
        {
            template += 1;
        }
        if template > 0 {
            if byte == b'\n' {
                break;
            }
            if byte == b'}' {
                template -= 1;
            }
        } else if ends(n, byte) {
            break;
        }
        n += 1;
    }
    if n == rest.len() && at.end < at.text.len() {
        return None;
    }
    while n > 0 && matches!(rest[n - 1], b',' | b';' | b':')
        || n > 1 && matches!(rest[n - 1], b'.' | b')') && !rest[..n].contains(&b'(')
    {
        n -= 1;
    }
    let value = at.at..at.at + n;
    at.at += n;
    (n > 0).then_some(value)
}

/// The literal at the cursor, or the unquoted word where there is none.
pub(super) fn word(at: &mut Cursor<'_>) -> Option<Range<usize>> {
    literal(at).or_else(|| bare(at, false))
}

/// ` name=` or `name:` follows: what stands before was one parameter of several.
fn next_parameter(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    let n = rest
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' '))
        .count();
    rest.is_empty() || n > 0 && matches!(rest.get(n), Some(b'=' | b':'))
}
