//! Files that hold files: told by their first bytes, walked member by member, never written anywhere.
//!
//! Hands on: each member's name and a reader of its content, in the order of the file. The trap: everything here is foreign
//! and may lie; what cannot be read is a line under `limits`, and nothing is believed that costs memory.

mod ar;
mod compressed;
mod pdf;
mod tar;
mod zip;

use std::io::Read;

use super::budget::{Budget, DAMAGED};

pub use tar::{Entry, Kind as EntryKind, entries as tar_entries};

/// What a content is, when it holds other contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Zip and all that is built on it: jar, war, whl, apk, docx, xlsx.
    Zip,
    /// A tape archive.
    Tar,
    /// An `ar` archive, among them Debian packages.
    Ar,
    /// One stream, compressed by gzip.
    Gzip,
    /// One stream, compressed by bzip2.
    Bzip2,
    /// One stream, compressed by xz.
    Xz,
    /// One stream, compressed by zstd.
    Zstd,
    /// A document whose streams are mostly deflated.
    Pdf,
}

/// How many first bytes tell a container.
pub const HEAD: usize = 512;

/// How far from the end a zip's directory may end: its comment has at most 65,535 bytes.
const ZIP_TAIL: usize = 22 + 65_535;

/// Tells a container by how it begins. `content` is the whole, or at least its first [`HEAD`] bytes.
#[must_use]
pub fn sniff(content: &[u8]) -> Option<Container> {
    match content {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Container::Zip),
        [0x1F, 0x8B, 8, ..] => Some(Container::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Some(Container::Bzip2),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Container::Xz),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Container::Zstd),
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', b'\n', ..] => Some(Container::Ar),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(Container::Pdf),
        // A shell script with a zip behind it: executable jars, Python's zip applications.
        [b'#', b'!', ..] => {
            let tail = &content[content.len().saturating_sub(ZIP_TAIL)..];
            memchr::memmem::rfind(tail, b"PK\x05\x06").map(|_| Container::Zip)
        }
        _ => (content.get(257..262) == Some(b"ustar")).then_some(Container::Tar),
    }
}

/// A container's bytes.
pub enum Input<'a> {
    /// All of them.
    Whole(&'a [u8]),
    /// From a reader, once.
    Stream(&'a mut dyn Read),
}

/// What a walk calls.
pub trait Visitor {
    /// A member: its name as it is written there, and its content. An empty name: the one content of a compressed stream.
    fn member(&mut self, name: &[u8], content: &mut dyn Read);
}

/// Takes a container apart.
///
/// # Errors
/// In words that follow "not searched to its end: ". What came before was handed on.
pub fn walk(
    container: Container,
    input: Input<'_>,
    budget: &Budget,
    visitor: &mut dyn Visitor,
) -> Result<(), String> {
    let held;
    let bytes = match (container, input) {
        (Container::Zip | Container::Pdf, Input::Stream(stream)) => {
            held = hold(stream, budget)?;
            held.as_slice()
        }
        (_, Input::Whole(bytes)) => bytes,
        (_, Input::Stream(mut stream)) => return walk_stream(container, &mut stream, budget, visitor),
    };
    match container {
        Container::Zip => zip::walk(bytes, budget, visitor),
        Container::Pdf => pdf::walk(bytes, budget, visitor),
        _ => walk_stream(container, &mut &*bytes, budget, visitor),
    }
}

fn walk_stream(
    container: Container,
    stream: &mut dyn Read,
    budget: &Budget,
    visitor: &mut dyn Visitor,
) -> Result<(), String> {
    match container {
        Container::Tar => tar::walk(stream, budget, visitor),
        Container::Ar => ar::walk(stream, budget, visitor),
        _ => {
            let mut content = compressed::open(container, stream, budget)?;
            visitor.member(b"", &mut content);
            Ok(())
        }
    }
}

/// Reads a member whose end must be known first.
fn hold(stream: &mut dyn Read, budget: &Budget) -> Result<Vec<u8>, String> {
    let most = budget.held();
    let mut held = Vec::new();
    stream.take(most as u64 + 1).read_to_end(&mut held).map_err(|error| cut_short(&error))?;
    if held.len() > most {
        return Err(format!("a member of more than {} MiB that must be held whole", most >> 20));
    }
    Ok(held)
}

/// Opens one compressed stream, for who walks a tape archive in it by hand.
///
/// # Errors
/// In words, as [`walk`].
pub fn decompress<'a>(
    container: Container,
    stream: &'a mut dyn Read,
    budget: &'a Budget,
) -> Result<Box<dyn Read + 'a>, String> {
    compressed::open(container, stream, budget)
}

/// What a reader met, in words that follow "not searched to its end: ".
pub fn cut_short(error: &std::io::Error) -> String {
    format!("{DAMAGED} ({error})")
}

/// The first bytes of a stream, at most [`HEAD`], by which [`sniff`] tells it; and what went wrong behind them.
pub fn head(stream: &mut dyn Read) -> (Vec<u8>, Option<std::io::Error>) {
    let mut head = vec![0; HEAD];
    let (filled, error) = fill_up(stream, &mut head);
    head.truncate(filled);
    (head, error)
}

/// Fills the buffer as far as the stream goes.
fn fill(stream: &mut dyn Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    match fill_up(stream, buffer) {
        (filled, None) => Ok(filled),
        (_, Some(error)) => Err(error),
    }
}

fn fill_up(stream: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<std::io::Error>) {
    let mut filled = 0;
    while filled < buffer.len() {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}

/// Reads past what was not asked for.
fn skip(stream: &mut dyn Read, count: u64) -> std::io::Result<()> {
    let skipped = std::io::copy(&mut stream.take(count), &mut std::io::sink())?;
    if skipped == count { Ok(()) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
}
