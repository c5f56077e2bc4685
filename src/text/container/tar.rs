//! Tape archives: POSIX ustar with pax headers, GNU's long names, old ones without a mark only where they are announced.
//!
//! Own code because a crate reads a long name as long as it says it is, and here nothing may be believed. Hands on
//! [`Entry`]s in order. The trap: a header may say any size; only what is really there is read.

use std::io::Read;

use super::super::budget::Budget;
use super::{Visitor, cut_short, fill, skip};

const BLOCK: usize = 512;

/// Longer names and pax headers than this are not read.
const MOST_HEADER: u64 = 1 << 20;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file with content.
    File,
    /// A folder.
    Folder,
    /// A symbolic or hard link.
    Link,
    /// A device, a pipe, something unknown.
    Other,
}

/// One entry.
pub struct Entry<'a> {
    /// As it is written.
    pub name: Vec<u8>,
    /// Where a link leads.
    pub target: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Where the content begins in the stream.
    pub at: u64,
    /// Bytes of content as the header says.
    pub size: u64,
    /// The content.
    pub content: &'a mut dyn Read,
}

pub(super) fn walk(stream: &mut dyn Read, budget: &Budget, visitor: &mut dyn Visitor) -> Result<(), String> {
    entries(stream, &mut |entry| {
        if !budget.member() {
            return false;
        }
        if entry.kind == Kind::File {
            visitor.member(&entry.name, entry.content);
        }
        !budget.is_spent()
    })
}

/// Calls `each` with every entry until it says false.
///
/// # Errors
/// In words, when the archive is cut short or damaged; what came before was handed on.
pub fn entries(stream: &mut dyn Read, each: &mut dyn FnMut(Entry<'_>) -> bool) -> Result<(), String> {
    let mut at = 0u64;
    let mut long = Long::default();
    let mut header = [0u8; BLOCK];
    loop {
        match fill(stream, &mut header).map_err(|error| cut_short(&error))? {
            BLOCK => at += BLOCK as u64,
            0 => return Ok(()),
            _ => return Err("it is cut short".to_owned()),
        }
        if header.iter().all(|byte| *byte == 0) {
            // Two empty blocks end it; what follows one is read all the same, as `tar -i` does.
            continue;
        }
        if !sum_is_right(&header) {
            return Err("a member's header is damaged".to_owned());
        }
        let size =
            long.size.take().or_else(|| number(&header[124..136])).ok_or("a member's size is no number")?;
        let padded = size.checked_next_multiple_of(BLOCK as u64).ok_or("a member's size is no number")?;
        match header[156] {
            kind @ (b'L' | b'K' | b'x' | b'g') => {
                if size > MOST_HEADER {
                    return Err("a member's name is too long".to_owned());
                }
                let mut value = vec![0; size as usize];
                if fill(stream, &mut value).map_err(|error| cut_short(&error))? < value.len() {
                    return Err("it is cut short".to_owned());
                }
                skip(stream, padded - size).map_err(|error| cut_short(&error))?;
                long.add(kind, &value);
            }
            kind => {
                // GNU's old sparse files have their map in further headers.
                while kind == b'S' && header[482] != 0 {
                    let mut more = [0u8; BLOCK];
                    if fill(stream, &mut more).map_err(|error| cut_short(&error))? < BLOCK {
                        return Err("it is cut short".to_owned());
                    }
                    at += BLOCK as u64;
                    header[482] = more[504];
                }
                let name = long.name.take().unwrap_or_else(|| name(&header));
                let target = long.target.take().unwrap_or_else(|| until_nul(&header[157..257]).to_vec());
                let kind = match kind {
                    // Links and the like have no content whatever their size says.
                    b'1' | b'2' => Kind::Link,
                    b'5' => Kind::Folder,
                    b'0' | 0 | b'7' | b'S' if !name.ends_with(b"/") => Kind::File,
                    b'0' | 0 => Kind::Folder,
                    _ => Kind::Other,
                };
                let real = if kind == Kind::Link { 0 } else { size };
                let mut content = stream.take(real);
                if !each(Entry { name, target, kind, at, size: real, content: &mut content }) {
                    return Ok(());
                }
                let rest = content.limit() + if real == 0 { 0 } else { padded - size };
                skip(stream, rest).map_err(|error| cut_short(&error))?;
                if real == 0 {
                    continue;
                }
            }
        }
        at += padded;
    }
}

/// What a header before the real one says of it.
#[derive(Default)]
struct Long {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Long {
    fn add(&mut self, kind: u8, value: &[u8]) {
        match kind {
            b'L' => self.name = Some(until_nul(value).to_vec()),
            b'K' => self.target = Some(until_nul(value).to_vec()),
            b'x' => self.pax(value),
            // What holds for all members is no name.
            _ => {}
        }
    }

    /// Records of pax: `LENGTH KEY=VALUE\n`.
    fn pax(&mut self, mut records: &[u8]) {
        while let Some(blank) = memchr::memchr(b' ', records) {
            let length: Option<usize> =
                std::str::from_utf8(&records[..blank]).ok().and_then(|n| n.parse().ok());
            let Some(length) = length.filter(|length| *length > blank + 1 && *length <= records.len()) else {
                return;
            };
            let record = records[blank + 1..length].strip_suffix(b"\n").unwrap_or_default();
            if let Some(equals) = memchr::memchr(b'=', record) {
                let value = &record[equals + 1..];
                match &record[..equals] {
                    b"path" | b"GNU.sparse.name" => self.name = Some(value.to_vec()),
                    b"linkpath" => self.target = Some(value.to_vec()),
                    b"size" => self.size = std::str::from_utf8(value).ok().and_then(|n| n.parse().ok()),
                    _ => {}
                }
            }
            records = &records[length..];
        }
    }
}

fn name(header: &[u8; BLOCK]) -> Vec<u8> {
    let name = until_nul(&header[..100]);
    let prefix = until_nul(&header[345..500]);
    // GNU's own format has times where POSIX has the prefix.
    if header[257..263] == *b"ustar\0" && !prefix.is_empty() {
        [prefix, b"/", name].concat()
    } else {
        name.to_vec()
    }
}

fn until_nul(field: &[u8]) -> &[u8] {
    &field[..memchr::memchr(0, field).unwrap_or(field.len())]
}

/// Octal, or base 256 where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        if field[0] != 0x80 || field[1..field.len() - 8].iter().any(|byte| *byte != 0) {
            return None;
        }
        let low: [u8; 8] = field[field.len() - 8..].try_into().ok()?;
        return Some(u64::from_be_bytes(low));
    }
    let digits = until_nul(field).trim_ascii();
    if digits.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

fn sum_is_right(header: &[u8; BLOCK]) -> bool {
    let said = number(&header[148..156]);
    let blanked =
        header.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
    said == Some(blanked.map(u64::from).sum())
}
