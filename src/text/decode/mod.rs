//! Decoders: from a sign of something encoded to what it says.
//!
//! Hands on: [`Decoded`] texts with their way back. Each decoder is a pure function of a text and a [`Hint`]; only the engine
//! loops. The trap: what decodes to noise must end here, or every image would be searched twice.

mod base64;
mod bytecode;
mod escapes;
mod joined;
mod listed;
mod manifest;

use std::ops::Range;

use escapes::Escape;

use super::map::Map;
use crate::detect::{Hint, Writing};

/// What a decoder made of a part of a text.
#[derive(Debug)]
pub struct Decoded {
    /// What it says.
    pub bytes: Vec<u8>,
    /// The way back.
    pub map: Map,
    /// What was read in the text: no further hint of the same form within it is followed.
    pub region: Range<usize>,
    /// How it was written, for people: `it is written in base64`.
    pub written: &'static str,
    /// The file name as which it is judged, when it is not what the text around it is.
    pub judge_as: Option<&'static str>,
}

/// Fewer bytes than this say nothing.
const LEAST: usize = 8;

/// Decodes what a hint points at, to at most `most` bytes; `None` when it is nothing that could be read. No bytes: the region
/// was read and is noise.
#[must_use]
pub fn decode(text: &[u8], hint: &Hint, most: usize) -> Option<Decoded> {
    let at = hint.start..hint.end;
    match hint.writing {
        Writing::Base64 => base64::around(text, at, usize::from(hint.phase), most),
        Writing::Base64Named => base64::named(text, hint.end, most),
        Writing::Manifest => manifest::secret(text, hint.start..hint.end, most),
        Writing::Hex => escapes::hexadecimal(text, at, most),
        Writing::Listed => listed::around(text, at, most),
        Writing::Backslash => escapes::around(text, at, Escape::Backslash, most),
        Writing::Percent => escapes::around(text, at, Escape::Percent, most),
        Writing::Entity => escapes::around(text, at, Escape::Entity, most),
        Writing::QuotedPrintable => escapes::around(text, at, Escape::QuotedPrintable, most),
        Writing::Joined => joined::around(text, at, most),
    }
}

/// Bytes before the first object of a compiled Python file: a version that ends in CR LF, flags, time and size.
const BYTECODE_HEADER: usize = 16;

/// True for a content that is written in another way as a whole, by its first bytes.
#[must_use]
pub fn is_whole(content: &[u8]) -> bool {
    matches!(content, [_, 13, b'\r', b'\n', flags, 0, 0, 0, ..] if *flags < 4)
        && content.len() > BYTECODE_HEADER
}

/// Decodes a content that is written in another way as a whole.
#[must_use]
pub fn whole(content: &[u8], most: usize) -> Option<Decoded> {
    if is_whole(content) { bytecode::strings(content, most) } else { None }
}

/// The stretch of text around `at`: as far as the bytes before and after are printable.
fn stretch(bytes: &[u8], at: Range<usize>) -> Range<usize> {
    let mut start = at.start;
    while start > 0 && is_text(bytes[start - 1]) {
        start -= 1;
    }
    let mut end = at.end;
    while end < bytes.len() && is_text(bytes[end]) {
        end += 1;
    }
    start..end
}

/// Printable ASCII, blanks, and the bytes of letters outside ASCII.
fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x80..=0xF4)
}

/// Most bytes above ASCII are part of a letter's UTF-8, or it is noise.
fn reads(bytes: &[u8]) -> bool {
    let mut broken = 0;
    for chunk in bytes.utf8_chunks() {
        broken += chunk.invalid().len();
    }
    broken * 20 <= bytes.len()
}
