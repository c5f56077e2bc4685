//! Text whose characters are written one by one: `\xXX`, `\uXXXX`, `%XX`, entities of HTML, quoted-printable, hex.
//!
//! Each decoder reads the stretch around what gave it away, as far as it looks like text, and leaves what is no escape as it
//! is. The trap: a decoded line break must not end a line that people see, so places are mapped, never counted.

use std::ops::Range;

use super::super::map::{Map, Pieces};
use super::{Decoded, LEAST, reads};

/// How far around a sign a stretch goes on.
const AROUND: usize = 16 * 1024;

/// How far a part of a mail goes on.
const MAIL: usize = 1 << 20;

/// How escapes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// `\x41`, `\u0041`, `\u{41}`, `\101`, `\n`, `\"`, `\\`.
    Backslash,
    /// `%41`, and `+` as it stands.
    Percent,
    /// `&quot;`, `&#34;`, `&#x22;`.
    Entity,
    /// `=41`, and `=` at a line's end.
    QuotedPrintable,
}

impl Escape {
    fn written(self) -> &'static str {
        match self {
            Self::Backslash => "escapes",
            Self::Percent => "percent signs",
            Self::Entity => "HTML entities",
            Self::QuotedPrintable => "quoted-printable",
        }
    }

    /// The character and the length of the escape at the start of `text`.
    fn read(self, text: &[u8]) -> Option<(Option<char>, usize)> {
        match self {
            Self::Backslash => backslash(text),
            Self::Percent => {
                let code = hex(text.strip_prefix(b"%")?.get(..2)?)?;
                Some((char::from_u32(code), 3))
            }
            Self::Entity => entity(text),
            Self::QuotedPrintable => {
                let rest = text.strip_prefix(b"=")?;
                match rest {
                    [b'\r', b'\n', ..] => Some((None, 3)),
                    [b'\n', ..] => Some((None, 2)),
                    _ => Some((char::from_u32(hex(rest.get(..2)?)?), 3)),
                }
            }
        }
    }
}

/// Decodes the escapes in the stretch around `at`.
pub(super) fn around(text: &[u8], at: Range<usize>, escape: Escape, most: usize) -> Option<Decoded> {
    let region = match escape {
        // A mail's part has many lines, the header that says so stands before them.
        Escape::QuotedPrintable => at.end..text.len().min(at.end + MAIL),
        _ => line(text, &at),
    };
    let source = &text[region.clone()];
    let mut bytes = Vec::with_capacity(source.len().min(most));
    let mut pieces = Pieces::default();
    let (mut from, mut escapes) = (0, 0);
    let sign: &[u8] = match escape {
        Escape::Backslash => b"\\",
        Escape::Percent => b"%",
        Escape::Entity => b"&",
        Escape::QuotedPrintable => b"=",
    };
    while from < source.len() && bytes.len() < most {
        let next = memchr::memchr(sign[0], &source[from..]).map_or(source.len(), |next| from + next);
        if next > from {
            pieces.push(bytes.len(), next - from, region.start + from..region.start + next);
            bytes.extend(&source[from..next]);
            from = next;
            continue;
        }
        let Some((character, length)) = escape.read(&source[from..]) else {
            pieces.push(bytes.len(), 1, region.start + from..region.start + from + 1);
            bytes.push(source[from]);
            from += 1;
            continue;
        };
        escapes += 1;
        if let Some(character) = character {
            let written = region.start + from..region.start + from + length;
            let before = bytes.len();
            // Bytes of UTF-8 are written one by one too.
            match u8::try_from(u32::from(character)) {
                Ok(byte) => bytes.push(byte),
                Err(_) => bytes.extend(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            pieces.push(before, bytes.len() - before, written);
        }
        from += length;
    }
    if escapes == 0 || bytes.len() < LEAST || !reads(&bytes) {
        bytes.clear();
    }
    Some(Decoded { bytes, map: Map::new(pieces.step()?), region, written: escape.written(), judge_as: None })
}

/// Reads a run of hex digits in which something was recognised.
pub(super) fn hexadecimal(text: &[u8], at: Range<usize>, most: usize) -> Option<Decoded> {
    let before = text[..at.start].iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let after = text[at.start..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    // Pairs are counted from what was recognised.
    let start = at.start - before / 2 * 2;
    let run = &text[start..at.start + after];
    let decoded: Vec<u8> =
        run.chunks_exact(2).take(most).filter_map(|pair| hex(pair).map(|code| code as u8)).collect();
    let known = (at.start - start) / 2;
    // The budget ended before it.
    if known > decoded.len() {
        return None;
    }
    let part = super::stretch(&decoded, known..(known + at.len() / 2).min(decoded.len()));
    if part.len() < LEAST || !reads(&decoded[part.clone()]) {
        return None;
    }
    let step = super::super::map::Step::Groups { inner: 1, outer: 2, start: start + part.start * 2 };
    Some(Decoded {
        bytes: decoded[part].to_vec(),
        map: Map::new(step),
        region: start..at.start + after,
        written: "hex",
        judge_as: Some("hex"),
    })
}

/// The part of the line around `at` that is text, at most [`AROUND`] bytes on either side.
fn line(text: &[u8], at: &Range<usize>) -> Range<usize> {
    let low = at.start.saturating_sub(AROUND);
    let high = text.len().min(at.end + AROUND);
    let start = text[low..at.start].iter().rposition(|byte| *byte == b'\n').map_or(low, |end| low + end + 1);
    let end = text[at.end..high].iter().position(|byte| *byte == b'\n').map_or(high, |end| at.end + end);
    start..end
}

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn backslash(text: &[u8]) -> Option<(Option<char>, usize)> {
    let rest = text.strip_prefix(b"\\")?;
    let simple = |c| Some((Some(c), 2));
    match *rest.first()? {
        b'x' => Some((char::from_u32(hex(rest.get(1..3)?)?), 4)),
        b'u' if rest.get(1) == Some(&b'{') => {
            let close = rest.iter().take(10).position(|byte| *byte == b'}')?;
            Some((char::from_u32(hex(&rest[2..close])?), close + 2))
        }
        b'u' => Some((char::from_u32(hex(rest.get(1..5)?)?), 6)),
        // Three octal digits, as C and shells have them; with fewer it is a regex's group.
        b'0'..=b'3' => {
            let octal =
                |at: usize| Some(u32::from(rest.get(at)?.checked_sub(b'0').filter(|digit| *digit < 8)?));
            Some((char::from_u32(octal(0)? << 6 | octal(1)? << 3 | octal(2)?), 4))
        }
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        c @ (b'"' | b'\'' | b'\\' | b'/') => simple(char::from(c)),
        _ => None,
    }
}

fn entity(text: &[u8]) -> Option<(Option<char>, usize)> {
    let rest = text.strip_prefix(b"&")?;
    let end = rest.iter().take(10).position(|byte| *byte == b';')?;
    let name = &rest[..end];
    let character = match name {
        b"quot" => '"',
        b"apos" => '\'',
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"nbsp" => ' ',
        b"colon" => ':',
        b"equals" => '=',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits)?)?,
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some((Some(character), end + 2))
}
