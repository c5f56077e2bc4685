//! Where the parts of an image lie: a folder, or a tape archive that is indexed once and then read where a part stands.
//!
//! The trap: names in an image are foreign. In a folder only regular files below it are opened, and nothing is written but
//! what standard input brings, to a file without a name.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use crate::text::budget::{Budget, Limits};
use crate::text::container::{Container, EntryKind, decompress, head, sniff, tar_entries};

/// How many links lead from one name to a content.
const MOST_LINKS: usize = 8;

/// The parts of an image by name.
#[derive(Debug)]
pub enum Store {
    /// An OCI layout, or an unpacked `docker save`.
    Folder(PathBuf),
    /// A tape archive.
    Archive {
        /// All of it.
        file: File,
        /// Where each file's content stands.
        parts: HashMap<Vec<u8>, (u64, u64)>,
        /// Where links lead.
        links: HashMap<Vec<u8>, Vec<u8>>,
        /// What was wrong with its end.
        damage: Option<String>,
    },
}

/// A part's content and its length.
pub type Opened<'a> = (Box<dyn Read + 'a>, u64);

impl Store {
    /// Opens a file or folder; `-` is standard input.
    ///
    /// # Errors
    /// In words that follow "cannot read the image: ".
    pub fn open(path: &Path, limits: Limits) -> Result<Self, String> {
        if path.as_os_str() == "-" {
            let mut file = tempfile::tempfile().map_err(|error| format!("no temporary file ({error})"))?;
            io::copy(&mut io::stdin().lock(), &mut file).map_err(|error| error.to_string())?;
            return Self::of_file(file, limits);
        }
        let kind = path.metadata().map_err(|error| error.to_string())?;
        if kind.is_dir() {
            let root = path.canonicalize().map_err(|error| error.to_string())?;
            return Ok(Self::Folder(root));
        }
        if !kind.is_file() {
            return Err("it is neither a file nor a folder".to_owned());
        }
        Self::of_file(File::open(path).map_err(|error| error.to_string())?, limits)
    }

    /// As [`Store::open`], for a file that is open.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub(crate) fn of_file(mut file: File, limits: Limits) -> Result<Self, String> {
        let words = |error: io::Error| error.to_string();
        let size = file.seek(SeekFrom::End(0)).map_err(words)?;
        file.rewind().map_err(words)?;
        let (head, error) = head(&mut file);
        error.map_or(Ok(()), Err).map_err(words)?;
        file.rewind().map_err(words)?;
        match sniff(&head) {
            Some(Container::Tar) => {}
            Some(kind @ (Container::Gzip | Container::Bzip2 | Container::Xz | Container::Zstd)) => {
                let budget = Budget::new(limits, size);
                let mut unpacked =
                    tempfile::tempfile().map_err(|error| format!("no temporary file ({error})"))?;
                let mut packed = &file;
                let copied = decompress(kind, &mut packed, &budget)
                    .and_then(|mut stream| io::copy(&mut stream, &mut unpacked).map_err(words));
                if budget.is_spent() {
                    return Err("it is compressed more than is unpacked: unpack it first".to_owned());
                }
                copied?;
                unpacked.rewind().map_err(words)?;
                file = unpacked;
            }
            _ => return Err("it is no archive of `docker save` and no OCI layout".to_owned()),
        }
        let (mut parts, mut links) = (HashMap::new(), HashMap::new());
        let walked = tar_entries(&mut BufReader::with_capacity(1 << 16, &file), &mut |entry| {
            let name = clean(&entry.name);
            match entry.kind {
                EntryKind::File => {
                    parts.insert(name, (entry.at, entry.size));
                }
                EntryKind::Link => {
                    links.insert(name, entry.target);
                }
                EntryKind::Folder | EntryKind::Other => {}
            }
            true
        });
        Ok(Self::Archive { file, parts, links, damage: walked.err() })
    }

    /// What was wrong with the archive itself.
    #[must_use]
    pub fn damage(&self) -> Option<&str> {
        match self {
            Self::Archive { damage, .. } => damage.as_deref(),
            Self::Folder(_) => None,
        }
    }

    /// Opens a part, and says how long it is; `None` when there is none of that name.
    ///
    /// # Errors
    /// When it cannot be read, or lies outside the image.
    pub fn part(&self, name: &[u8]) -> Result<Option<Opened<'_>>, String> {
        let name = clean(name);
        match self {
            Self::Folder(root) => {
                let Ok(text) = std::str::from_utf8(&name) else { return Ok(None) };
                let relative = Path::new(text);
                if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
                    return Err("its name leads outside".to_owned());
                }
                let Ok(real) = root.join(relative).canonicalize() else { return Ok(None) };
                if !real.starts_with(root) || !real.is_file() {
                    return Err("it is no file of the image".to_owned());
                }
                let file = File::open(&real).map_err(|error| error.to_string())?;
                let size = file.metadata().map_err(|error| error.to_string())?.len();
                Ok(Some((Box::new(BufReader::with_capacity(1 << 16, file)), size)))
            }
            Self::Archive { file, parts, links, .. } => {
                let mut name = name;
                for _ in 0..MOST_LINKS {
                    if let Some((at, size)) = parts.get(&name) {
                        let mut file = file;
                        file.seek(SeekFrom::Start(*at)).map_err(|error| error.to_string())?;
                        let part = BufReader::with_capacity(1 << 16, file.take(*size));
                        return Ok(Some((Box::new(part), *size)));
                    }
                    let Some(target) = links.get(&name) else { return Ok(None) };
                    name = beside(&name, target);
                }
                Ok(None)
            }
        }
    }

    /// A small part as a whole.
    ///
    /// # Errors
    /// As [`Store::part`], and when it has more than `most` bytes.
    pub fn whole(&self, name: &[u8], most: u64) -> Result<Option<Vec<u8>>, String> {
        let Some((mut part, size)) = self.part(name)? else { return Ok(None) };
        if size > most {
            return Err(format!("it has more than {} MiB", most >> 20));
        }
        let mut content = Vec::new();
        part.read_to_end(&mut content).map_err(|error| error.to_string())?;
        Ok(Some(content))
    }
}

/// A name without `./` and `/` in front.
pub fn clean(name: &[u8]) -> Vec<u8> {
    let mut name = name;
    while let Some(rest) = name.strip_prefix(b"./").or_else(|| name.strip_prefix(b"/")) {
        name = rest;
    }
    name.to_vec()
}

/// Where a link in an archive leads: `../ID/layer.tar` beside `OTHER/layer.tar`.
fn beside(name: &[u8], target: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = name.split(|byte| *byte == b'/').collect();
    parts.pop();
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join(&b'/')
}
