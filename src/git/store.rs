//! Objects by id: loose ones by own code, packed ones through libgit2.
//!
//! Hands on: [`Store`] and [`Content`]. Own code because libgit2 1.9 loops for ever on a loose object that is cut short
//! (what a full disk or a crash leaves behind), and because nearly all that a commit reads is loose. The trap: an
//! object's size is its own claim; it is held against what the file could inflate to before memory is taken.

use std::cell::RefCell;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use flate2::{Decompress, FlushDecompress, Status};

use super::error::printable;
use super::mapping::Mapping;
use super::{GitError, ObjectId, system};

/// Git's own bound for alternates that name alternates.
const MOST_ALTERNATES: usize = 6;
/// Files from here on are mapped rather than read, so that a large object is in memory once.
const MAPPED_FROM: u64 = 256 * 1024;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A directory.
    Tree,
    /// A file's content.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Kind {
    pub(super) fn parse(word: &[u8]) -> Option<Self> {
        match word {
            b"commit" => Some(Self::Commit),
            b"tree" => Some(Self::Tree),
            b"blob" => Some(Self::Blob),
            b"tag" => Some(Self::Tag),
            _ => None,
        }
    }

    fn of(kind: git2::ObjectType) -> Option<Self> {
        Self::parse(kind.str().as_bytes())
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }
}

/// The bytes of an object, held by libgit2 or here; never copied between the two.
pub struct Content<'a>(Bytes<'a>);

enum Bytes<'a> {
    Library(git2::OdbObject<'a>),
    Owned(Vec<u8>),
}

impl Content<'_> {
    pub(super) fn owned(bytes: Vec<u8>) -> Self {
        Self(Bytes::Owned(bytes))
    }
}

impl Deref for Content<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Library(object) => object.data(),
            Bytes::Owned(bytes) => bytes,
        }
    }
}

/// The objects of one repository, for all threads.
pub(super) struct Store {
    format: git2::ObjectFormat,
    folders: Vec<PathBuf>,
    /// libgit2's database, opened at the first object that is not loose: it lists every pack.
    packed: OnceLock<git2::Odb<'static>>,
}

impl Store {
    pub(super) fn new(common_dir: &Path, format: git2::ObjectFormat) -> Self {
        Self { format, folders: object_folders(common_dir), packed: OnceLock::new() }
    }

    fn packed(&self) -> Result<&git2::Odb<'static>, GitError> {
        if let Some(odb) = self.packed.get() {
            return Ok(odb);
        }
        let failed = |e: git2::Error| GitError::library("open the object database", &e);
        let odb = git2::Odb::new_ext(self.format).map_err(failed)?;
        for folder in &self.folders {
            let Some(folder) = folder.to_str() else {
                let reason = "the repository's path is no UTF-8; move it to one that is";
                return Err(GitError::Failed { what: "open the object database", reason: reason.to_owned() });
            };
            // An alternate that is gone holds nothing; git warns and goes on too.
            if Path::new(folder).is_dir() {
                odb.add_disk_alternate(folder).map_err(failed)?;
            }
        }
        // Another thread may have been faster; its database is as good.
        Ok(self.packed.get_or_init(|| odb))
    }

    /// An object of that kind.
    pub(super) fn read(&self, id: ObjectId, kind: Kind) -> Result<Content<'_>, GitError> {
        let (found, content) = self.find(id)?;
        if found != kind {
            let reason = format!("it is a {}, not a {}", found.name(), kind.name());
            return Err(GitError::ObjectUnreadable { id, reason });
        }
        Ok(content)
    }

    /// An object of any kind.
    pub(super) fn find(&self, id: ObjectId) -> Result<(Kind, Content<'_>), GitError> {
        let unreadable = |reason: String| GitError::ObjectUnreadable { id, reason };
        let hex = id.to_string();
        let (folder, rest) = hex.split_at(2);
        let file: PathBuf = [folder, rest].iter().collect();
        for objects in &self.folders {
            match File::open(objects.join(&file)) {
                Ok(opened) => {
                    let (kind, bytes) = loose(opened, &objects.join(&file), u64::MAX).map_err(|unread| {
                        unreadable(match unread {
                            Unread::Broken(reason) => reason,
                            Unread::Large => "it is too large".to_owned(),
                        })
                    })?;
                    return Ok((kind, Content(Bytes::Owned(bytes))));
                }
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(error) => return Err(unreadable(error.to_string())),
            }
        }
        let oid = git2::Oid::from_bytes(id.as_bytes()).map_err(|e| unreadable(e.message().to_owned()))?;
        let object = self.packed()?.read(oid).map_err(|e| match e.code() {
            git2::ErrorCode::NotFound => GitError::ObjectMissing { id },
            _ => unreadable(printable(e.message().as_bytes())),
        })?;
        let kind = Kind::of(object.kind()).ok_or_else(|| unreadable("it is of no known kind".to_owned()))?;
        Ok((kind, Content(Bytes::Library(object))))
    }
}

/// Where loose objects lie: the shared git directory's folder, or what the environment names instead, and alternates.
pub(super) fn object_folders(common_dir: &Path) -> Vec<PathBuf> {
    let named = std::env::var_os("GIT_OBJECT_DIRECTORY").filter(|n| !n.is_empty());
    let mut folders = vec![named.map_or_else(|| common_dir.join("objects"), PathBuf::from)];
    if let Some(more) = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
        folders.extend(std::env::split_paths(&more).filter(|p| !p.as_os_str().is_empty()));
    }
    let mut from = 0;
    for _ in 0..MOST_ALTERNATES {
        let known = folders.len();
        for at in from..known {
            for folder in alternates(&folders[at]) {
                if !folders.contains(&folder) {
                    folders.push(folder);
                }
            }
        }
        from = known;
    }
    folders
}

/// The folders that `info/alternates` names.
fn alternates(objects: &Path) -> Vec<PathBuf> {
    let Ok(text) = std::fs::read(objects.join("info").join("alternates")) else { return Vec::new() };
    let lines = text.split(|&b| b == b'\n').filter(|l| !l.is_empty() && l[0] != b'#');
    lines.map(|line| objects.join(system::path_of(line))).collect()
}

/// Why a loose object was not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is larger than was asked for.
    Large,
    /// What is wrong with it.
    Broken(String),
}

impl From<std::io::Error> for Unread {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

fn loose_path(objects: &Path, id: &ObjectId) -> PathBuf {
    let hex = id.to_string();
    let (folder, rest) = hex.split_at(2);
    objects.join(folder).join(rest)
}

/// Reads the loose object of that id in a folder of objects, if it has no more bytes than `largest`.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn read_loose(objects: &Path, id: &ObjectId, largest: u64) -> Result<(Kind, Vec<u8>), Unread> {
    let path = loose_path(objects, id);
    loose(File::open(&path)?, &path, largest)
}

/// Inflates a loose object of any size, and hands its content on piece by piece.
///
/// # Errors
/// What is wrong with it; then what was handed on is not all.
pub(super) fn stream_loose(
    objects: &Path,
    id: &ObjectId,
    piece: usize,
    take: &mut dyn FnMut(Kind, &[u8]),
) -> Result<Kind, String> {
    let map = Mapping::open(&loose_path(objects, id)).map_err(|e| e.to_string())?;
    let mut stream = Decompress::new(true);
    let (kind, size, first) = head(&mut stream, &map)?;
    let mut done = first.len() as u64;
    take(kind, &first);
    let mut buffer = Vec::with_capacity(piece);
    loop {
        buffer.clear();
        let consumed = stream.total_in() as usize;
        let rest = map.get(consumed..).unwrap_or_default();
        let status = stream
            .decompress_vec(rest, &mut buffer, FlushDecompress::None)
            .map_err(|_| "its file is damaged".to_owned())?;
        done += buffer.len() as u64;
        if done > size {
            return Err("its file is longer than it says".to_owned());
        }
        take(kind, &buffer);
        if status == Status::StreamEnd {
            break;
        }
        if stream.total_in() as usize == consumed && buffer.is_empty() {
            return Err("its file is cut short".to_owned());
        }
    }
    if done < size {
        return Err("its file is shorter than it says".to_owned());
    }
    Ok(kind)
}

/// Reads a loose object from its opened file.
fn loose(mut file: File, path: &Path, largest: u64) -> Result<(Kind, Vec<u8>), Unread> {
    let size = file.metadata()?.len();
    if size >= MAPPED_FROM {
        let map = Mapping::open(path).map_err(|e| Unread::Broken(e.kind().to_string()))?;
        return inflate_up_to(&map, largest);
    }
    let mut packed = vec![0; size as usize];
    file.read_exact(&mut packed)?;
    inflate_up_to(&packed, largest)
}

thread_local! {
    /// One for all objects of a thread: its window of 32 KiB is made and cleared once.
    static STREAM: RefCell<Decompress> = RefCell::new(Decompress::new(true));
}

/// Inflates `KIND SIZE NUL CONTENT`.
pub(super) fn inflate(packed: &[u8]) -> Result<(Kind, Vec<u8>), Unread> {
    inflate_up_to(packed, u64::MAX)
}

fn inflate_up_to(packed: &[u8], largest: u64) -> Result<(Kind, Vec<u8>), Unread> {
    STREAM.with_borrow_mut(|stream| {
        stream.reset(true);
        let (kind, size, first) = head(stream, packed).map_err(Unread::Broken)?;
        if size > largest {
            return Err(Unread::Large);
        }
        let content = rest(stream, packed, size, &first).map_err(Unread::Broken)?;
        Ok((kind, content))
    })
}

/// The kind and size that a loose object claims, and the first bytes of its content.
fn head(stream: &mut Decompress, packed: &[u8]) -> Result<(Kind, u64, Vec<u8>), String> {
    let broken = |what: &str| format!("its file {what}");
    let mut head = [0; 64];
    let status = stream.decompress(packed, &mut head, FlushDecompress::None);
    status.map_err(|_| broken("is not compressed as git does"))?;
    let head = &head[..stream.total_out() as usize];
    let end = memchr::memchr(0, head).ok_or_else(|| broken("has no header"))?;
    let mut words = head[..end].split(|&b| b == b' ');
    let kind = words.next().and_then(Kind::parse).ok_or_else(|| broken("is of no known kind"))?;
    let size = words.next().and_then(|w| std::str::from_utf8(w).ok()).and_then(|w| w.parse::<u64>().ok());
    let size = size.ok_or_else(|| broken("has no size"))?;
    // Deflate makes at most 1,032 bytes of one.
    if size / 1032 > packed.len() as u64 {
        return Err(broken("is shorter than it says"));
    }
    let first = &head[end + 1..];
    if first.len() as u64 > size {
        return Err(broken("is longer than it says"));
    }
    Ok((kind, size, first.to_vec()))
}

/// The whole content, of which the first bytes are inflated already.
fn rest(stream: &mut Decompress, packed: &[u8], size: u64, first: &[u8]) -> Result<Vec<u8>, String> {
    let broken = |what: &str| format!("its file {what}");
    let size = usize::try_from(size).map_err(|_| broken("is too large for this machine"))?;
    // One byte more than it says, to see content that goes on.
    let mut content = Vec::new();
    content.try_reserve_exact(size + 1).map_err(|_| "there is not enough memory for it".to_owned())?;
    content.extend_from_slice(first);
    loop {
        let (consumed, produced) = (stream.total_in() as usize, content.len());
        let rest = packed.get(consumed..).unwrap_or_default();
        let status = stream
            .decompress_vec(rest, &mut content, FlushDecompress::None)
            .map_err(|_| broken("is damaged"))?;
        if content.len() > size {
            return Err(broken("is longer than it says"));
        }
        if status == Status::StreamEnd {
            break;
        }
        if stream.total_in() as usize == consumed && content.len() == produced {
            return Err(broken("is cut short"));
        }
    }
    if content.len() < size {
        return Err(broken("is shorter than it says"));
    }
    if (stream.total_in() as usize) < packed.len() {
        return Err(broken("goes on after its end"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn whole_objects_are_read_and_damaged_ones_refused() {
        for size in [0, 1, 50, 51, 52, 53, 54, 55, 56, 57, 58, 64, 1000, 300_000] {
            let content: Vec<u8> =
                (0..size).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
            let mut text = format!("blob {size}\0").into_bytes();
            text.extend(&content);
            let good = packed(&text);
            assert_eq!(inflate(&good), Ok((Kind::Blob, content)), "{size}");
            for cut in [0, 1, 2, 5, good.len() / 2, good.len() - 5, good.len() - 1] {
                assert!(inflate(&good[..cut]).is_err(), "{size} cut to {cut}");
            }
            let mut longer = good.clone();
            longer.push(0);
            assert!(inflate(&longer).is_err());
            text.push(b'x');
            assert!(inflate(&packed(&text)).is_err());
            text.truncate(text.len() - 2);
            assert!(size == 0 || inflate(&packed(&text)).is_err());
        }
        for head in [
            "",
            "blob",
            "blob 5",
            "blob x\0",
            "blob -1\0",
            "thing 1\0x",
            "blob 99999999999999999999\0",
            "blob 9999999999\0x",
        ] {
            assert!(inflate(&packed(head.as_bytes())).is_err(), "{head}");
        }
    }
}
