//! Steps through the entries of one index file.
//!
//! Hands on: [`Cursor`]. The trap: a name of version 4 is told as a change of the name before it, so it lives in a
//! buffer and steps cannot be left out; in versions 2 and 3 it stands in the file.

use super::{Entry, Fault, File, STRIDE, be32};

const EXTENDED: u16 = 0x4000;
const INTENT_TO_ADD: u16 = 0x2000;
const SKIP_WORKTREE: u16 = 0x4000;
const NAME_MASK: u16 = 0x0fff;

/// Where the parts of an entry stand.
struct Layout {
    flags: u16,
    extended: u16,
    /// First byte after the fixed part.
    name: usize,
}

fn layout(file: &File, at: usize) -> Result<Layout, Fault> {
    let cut = || Fault::new("an entry is cut short");
    let fixed = at + 40 + file.hash;
    let bytes = file.map.get(..file.limit()).ok_or_else(cut)?;
    let flags = u16::from_be_bytes(*bytes.get(fixed..).and_then(|b| b.first_chunk()).ok_or_else(cut)?);
    if flags & EXTENDED == 0 {
        return Ok(Layout { flags, extended: 0, name: fixed + 2 });
    }
    let extended = u16::from_be_bytes(*bytes.get(fixed + 2..).and_then(|b| b.first_chunk()).ok_or_else(cut)?);
    if extended & !(INTENT_TO_ADD | SKIP_WORKTREE) != 0 {
        return Err(Fault::new("an entry has flags that are not known"));
    }
    Ok(Layout { flags, extended, name: fixed + 4 })
}

/// The end of a name that stands whole in the file.
fn name_end(file: &File, layout: &Layout) -> Result<usize, Fault> {
    let limit = file.limit();
    let cut = || Fault::new("an entry's name is cut short");
    let rest = file.map.get(layout.name..limit).ok_or_else(cut)?;
    let length = layout.flags & NAME_MASK;
    if length < NAME_MASK && file.version < 4 {
        let length = usize::from(length);
        return if rest.get(length) == Some(&0) { Ok(layout.name + length) } else { Err(cut()) };
    }
    memchr::memchr(0, rest).map(|n| layout.name + n).ok_or_else(cut)
}

/// Offset after the entry that starts at `at`, whatever its name.
pub(super) fn after(file: &File, at: usize) -> Result<usize, Fault> {
    let mut layout = layout(file, at)?;
    if file.version == 4 {
        layout.name = varint(file, layout.name)?.1;
        return Ok(name_end(file, &layout)? + 1);
    }
    // The entry and its name are followed by one to eight NUL bytes, so that its size is a multiple of eight.
    let size = (name_end(file, &layout)? - at + 8) & !7;
    if at + size > file.limit() {
        return Err(Fault::new("an entry is cut short"));
    }
    Ok(at + size)
}

/// git's offset-encoded number, here of bytes of a name; gives it and the offset after it.
fn varint(file: &File, mut at: usize) -> Result<(usize, usize), Fault> {
    let mut value = 0_usize;
    loop {
        let byte = *file.map[..file.limit()].get(at).ok_or_else(|| Fault::new("an entry is cut short"))?;
        at += 1;
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((value, at));
        }
        value += 1;
        if value > 0xff_ffff {
            return Err(Fault::new("an entry's name cuts more than there is"));
        }
    }
}

/// Stands at one entry of a file, or past the last.
pub(super) struct Cursor<'a> {
    file: &'a File,
    number: u32,
    at: usize,
    next: usize,
    entry: Option<Entry<'a>>,
    /// The name within the file (versions 2 and 3).
    whole: &'a [u8],
    /// The name put together (version 4).
    built: Vec<u8>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(file: &'a File) -> Result<Self, Fault> {
        let mut cursor =
            Self { file, number: 0, at: 12, next: 12, entry: None, whole: b"", built: Vec::new() };
        cursor.read()?;
        Ok(cursor)
    }

    /// `None` past the last entry.
    pub(super) fn entry(&self) -> Option<Entry<'a>> {
        self.entry
    }

    /// Its number in the file, from 0.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn name(&self) -> &[u8] {
        if self.file.version == 4 { &self.built } else { self.whole }
    }

    pub(super) fn advance(&mut self) -> Result<(), Fault> {
        if self.entry.is_some() {
            self.at = self.next;
            self.number += 1;
            self.read()?;
        }
        Ok(())
    }

    /// Steps over `count` entries; a fault when there are fewer.
    pub(super) fn skip(&mut self, count: u32) -> Result<(), Fault> {
        let target = self.number.checked_add(count).filter(|&t| t <= self.file.count);
        let target = target.ok_or_else(|| Fault::new("its cache tree counts more entries than there are"))?;
        self.go_to(target)
    }

    fn go_to(&mut self, target: u32) -> Result<(), Fault> {
        if let Some(&at) = self.file.checkpoints.get((target / STRIDE) as usize)
            && target / STRIDE > self.number / STRIDE
        {
            (self.number, self.at) = (target / STRIDE * STRIDE, at);
            while self.number < target {
                self.at = after(self.file, self.at)?;
                self.number += 1;
            }
            return self.read();
        }
        while self.number < target {
            self.advance()?;
        }
        Ok(())
    }

    /// Goes forward to an entry that is not after the first one at or above `path`, without looking at all of them.
    pub(super) fn seek_before(&mut self, path: &[u8]) -> Result<(), Fault> {
        let file = self.file;
        let ahead = (self.number / STRIDE + 1) as usize;
        let Some(checkpoints) = file.checkpoints.get(ahead..) else { return Ok(()) };
        let below = checkpoints.partition_point(|&at| {
            let name = layout(file, at).and_then(|l| Ok(l.name..name_end(file, &l)?));
            name.is_ok_and(|range| &file.map[range] < path)
        });
        if below == 0 {
            return Ok(());
        }
        self.go_to((ahead + below - 1) as u32 * STRIDE)
    }

    fn read(&mut self) -> Result<(), Fault> {
        if self.number >= self.file.count {
            self.entry = None;
            return Ok(());
        }
        let file = self.file;
        let mut layout = layout(file, self.at)?;
        if file.version == 4 {
            let (cut, start) = varint(file, layout.name)?;
            layout.name = start;
            let keep = self.built.len().checked_sub(cut);
            let keep = keep.ok_or_else(|| Fault::new("an entry's name cuts more than there is"))?;
            let end = name_end(file, &layout)?;
            self.built.truncate(keep);
            self.built.extend_from_slice(&file.map[layout.name..end]);
            self.next = end + 1;
        } else {
            let end = name_end(file, &layout)?;
            self.whole = &file.map[layout.name..end];
            self.next = self.at + ((end - self.at + 8) & !7);
        }
        self.entry = Some(Entry {
            mode: be32(&file.map, self.at + 24)?,
            id: &file.map[self.at + 40..self.at + 40 + file.hash],
            stage: ((layout.flags >> 12) & 3) as u8,
            intent_to_add: layout.extended & INTENT_TO_ADD != 0,
        });
        Ok(())
    }
}
