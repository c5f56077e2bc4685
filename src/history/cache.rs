//! What an earlier run looked at, so that this one looks at new objects alone.
//!
//! Hands on [`Cache`]: the ids and sizes of blobs, commits and tags that were looked at, which of them may hold a secret, and where
//! in which blob each likely secret was met first. No secret, nor anything made of one: those blobs are looked at again. It
//! lies under the git directory that linked work trees share, and may be deleted at any time. The trap: it is only good for the same
//! program, rules and place, so all three are in its key, and what is in doubt is as if it were not there.

use std::fs::symlink_metadata;
use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::trees::{bit, set_bit};
use crate::detect::RuleSet;
use crate::engine::Limits;
use crate::git::Repository;
use crate::git::pack::Inventory;
use crate::source::Parts;

/// Changes whenever the form below does.
const MAGIC: &[u8; 16] = b"unleak history 2";

/// Where a likely secret was met: in which blob, where in its text, by which rule, and as which of those there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Met {
    pub(super) blob: u32,
    pub(super) at: u32,
    pub(super) rule: u16,
    pub(super) nth: u16,
}

/// What is kept. Ids lie one behind the other: there may be a million.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cache {
    /// Bytes of an id.
    pub(super) hash: usize,
    /// Blobs that were looked at.
    pub(super) blobs: Vec<u8>,
    pub(super) sizes: Vec<u32>,
    /// Blobs with likely secrets, by their place in that list, and those secrets, by their place in the next; none where it is
    /// not known how to meet one of them.
    pub(super) likely: Vec<(u32, Vec<u32>, Parts)>,
    /// Of each likely secret one place; its blob is one of the list.
    pub(super) met: Vec<Met>,
    /// Commits and tags whose messages were looked at.
    pub(super) messages: Vec<u8>,
    /// Those of them that may hold a secret, by their place.
    pub(super) telling: Vec<u32>,
}

/// No object.
const NONE: u32 = u32::MAX;

/// What of it is true of a repository as it is now, by its numbers of objects.
#[derive(Debug, Default)]
pub(super) struct Reuse {
    /// One bit for each blob that need not be looked at.
    pub(super) blobs: Vec<u64>,
    /// Their sizes.
    pub(super) sizes: Vec<(u32, u32)>,
    /// One bit for each blob in which a likely secret must be met again.
    pub(super) again: Vec<u64>,
    /// Blobs with likely secrets, by their place in the next, and where in the blob they are.
    pub(super) likely: Vec<(u32, Vec<u32>, Parts)>,
    pub(super) met: Vec<Met>,
    /// One bit for each commit and tag whose message need not be looked at.
    pub(super) messages: Vec<u64>,
    /// How many those are.
    pub(super) said: Vec<u32>,
    /// Those of them that may hold a secret.
    pub(super) telling: Vec<u32>,
}

impl Reuse {
    /// Looks up what a cache speaks of.
    pub(super) fn of(cache: &Cache, inventory: &Inventory) -> Self {
        let words = inventory.len() as usize / 64 + 1;
        let mut reuse = Self {
            blobs: vec![0; words],
            again: vec![0; words],
            messages: vec![0; words],
            ..Self::default()
        };
        if cache.hash != inventory.hash_length() {
            return reuse;
        }
        let find = |id: &[u8]| inventory.find(id).unwrap_or(NONE);
        let mut numbers: Vec<u32> = cache.blobs.chunks_exact(cache.hash).map(find).collect();
        let number = |met: &Met| numbers.get(met.blob as usize).copied().unwrap_or(NONE);
        reuse.met = cache.met.iter().map(|met| Met { blob: number(met), ..*met }).collect();
        for (blob, likely, _) in &cache.likely {
            // A likely secret whose place is not known any more is met where it stands.
            if likely.is_empty() || likely.iter().any(|met| reuse.met[*met as usize].blob == NONE) {
                numbers[*blob as usize] = NONE;
            }
        }
        let met = reuse.met.iter().filter(|met| met.blob != NONE);
        met.for_each(|met| set_bit(&mut reuse.again, met.blob));
        for (number, size) in numbers.iter().zip(&cache.sizes) {
            if *number != NONE && !bit(&reuse.again, *number) {
                set_bit(&mut reuse.blobs, *number);
                reuse.sizes.push((*number, *size));
            }
        }
        let likely =
            cache.likely.iter().map(|(blob, likely, parts)| (numbers[*blob as usize], likely, *parts));
        let likely = likely.filter(|(number, _, _)| *number != NONE && bit(&reuse.blobs, *number));
        reuse.likely = likely.map(|(number, likely, parts)| (number, likely.clone(), parts)).collect();
        let messages: Vec<u32> = cache.messages.chunks_exact(cache.hash).map(find).collect();
        for &number in messages.iter().filter(|number| **number != NONE) {
            set_bit(&mut reuse.messages, number);
            reuse.said.push(number);
        }
        let telling = cache.telling.iter().map(|at| messages[*at as usize]);
        reuse.telling = telling.filter(|number| *number != NONE).collect();
        reuse
    }
}

/// Where it lies, and what it must begin with.
pub(super) struct Place {
    path: PathBuf,
    key: [u8; 32],
}

impl Place {
    /// `None` where the program cannot tell what it is.
    pub(super) fn of(repository: &Repository, rules: &RuleSet, limits: Limits) -> Option<Self> {
        let folder = repository.common_dir();
        let mut hash = Sha256::new();
        let mut program = std::fs::File::open(std::env::current_exe().ok()?).ok()?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match program.read(&mut buffer).ok()? {
                0 => break,
                read => hash.update(&buffer[..read]),
            }
        }
        // Of a copy, or out of an archive, it is somebody else's word.
        let place =
            [std::fs::canonicalize(folder).ok()?.as_os_str().as_encoded_bytes(), &number(folder)].concat();
        // How far is looked into what is encoded decides what is likely.
        let limits = format!("{limits:?}");
        for part in [place.as_slice(), rules.identity().as_bytes(), limits.as_bytes()] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        Some(Self { path: folder.join("unleak").join("history"), key: hash.finalize().into() })
    }

    /// What is there: nothing when there is none, or one of other rules or another program.
    ///
    /// # Errors
    /// What is wrong with it, in words that a person reads.
    pub(super) fn load(&self) -> Result<Cache, String> {
        let wrong = |what: &str| format!("{} is not used: {what}", self.path.display());
        let gone = |error: &Error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let about =
            match symlink_metadata(folder).and_then(|folder| Ok((folder, symlink_metadata(&self.path)?))) {
                Ok((folder, _)) if !folder.is_dir() => return Err(wrong("its folder is a link")),
                Ok((_, about)) => about,
                Err(error) if gone(&error) => return Ok(Cache::default()),
                Err(error) => return Err(wrong(&error.to_string())),
            };
        if !about.is_file() {
            return Err(wrong("it is no file"));
        }
        let mut bytes = Vec::new();
        let read = std::fs::File::open(&self.path).and_then(|mut file| {
            // What was opened, which another may have put there meanwhile.
            let about = file.metadata()?;
            file.read_to_end(&mut bytes)?;
            Ok(about)
        });
        let about = read.map_err(|error| wrong(&error.to_string()))?;
        if !is_own(&about) {
            return Err(wrong("it belongs to another user"));
        }
        if others_may_write(&about) {
            return Err(wrong("other users may write to it"));
        }
        let Some(rest) = bytes.strip_prefix(MAGIC.as_slice()) else { return Ok(Cache::default()) };
        let Some(body) = rest.strip_prefix(self.key.as_slice()) else { return Ok(Cache::default()) };
        Cache::parse(body).ok_or_else(|| wrong("it is damaged"))
    }

    /// Replaces what is there, whole: nobody ever reads a half.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub(super) fn store(&self, cache: &Cache) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        if !symlink_metadata(folder)?.is_dir() {
            return Err(Error::other("its folder is a link"));
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.key);
        cache.print(&mut bytes);
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&bytes)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// The number by which the file system knows a folder.
#[cfg(unix)]
fn number(folder: &Path) -> [u8; 16] {
    use std::os::unix::fs::MetadataExt as _;
    let about = std::fs::metadata(folder);
    let numbers = about.map_or((0, 0), |about| (about.dev(), about.ino()));
    (u128::from(numbers.0) << 64 | u128::from(numbers.1)).to_le_bytes()
}

#[cfg(not(unix))]
fn number(_: &Path) -> [u8; 16] {
    [0; 16]
}

#[cfg(unix)]
fn is_own(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(unix)]
fn others_may_write(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.mode() & 0o022 != 0
}

#[cfg(not(unix))]
fn others_may_write(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_own(_: &std::fs::Metadata) -> bool {
    true
}

impl Cache {
    fn print(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let number = |out: &mut Vec<u8>, n: usize| out.extend_from_slice(&(n as u32).to_le_bytes());
        number(out, self.hash);
        number(out, self.sizes.len());
        out.extend_from_slice(&self.blobs);
        self.sizes.iter().for_each(|size| number(out, *size as usize));
        number(out, self.met.len());
        for met in &self.met {
            number(out, met.blob as usize);
            number(out, met.at as usize);
            out.extend_from_slice(&met.rule.to_le_bytes());
            out.extend_from_slice(&met.nth.to_le_bytes());
        }
        number(out, self.likely.len());
        for (blob, likely, parts) in &self.likely {
            number(out, *blob as usize);
            out.extend_from_slice(&parts.bits().to_le_bytes());
            number(out, likely.len());
            likely.iter().for_each(|met| number(out, *met as usize));
        }
        number(out, self.messages.len() / self.hash.max(1));
        out.extend_from_slice(&self.messages);
        number(out, self.telling.len());
        self.telling.iter().for_each(|at| number(out, *at as usize));
        let sum = crc32fast::hash(&out[start..]);
        number(out, sum as usize);
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let (body, sum) = body.split_at_checked(body.len().checked_sub(4)?)?;
        if crc32fast::hash(body).to_le_bytes() != sum {
            return None;
        }
        let mut rest = Rest(body);
        let hash = rest.number()? as usize;
        let count = rest.number()?;
        let blobs = rest.bytes(hash.checked_mul(count as usize)?)?.to_vec();
        let sizes = rest.numbers(count, NONE)?;
        let mut met = Vec::new();
        for _ in 0..rest.number()? {
            let (blob, at) = (rest.below(count)?, rest.number()?);
            let (rule, nth) = (u16::from_le_bytes(rest.take()?), u16::from_le_bytes(rest.take()?));
            met.push(Met { blob, at, rule, nth });
        }
        let mut likely = Vec::new();
        for _ in 0..rest.number()? {
            let blob = rest.below(count)?;
            let parts = Parts::of_bits(u64::from_le_bytes(rest.take()?));
            let mets = rest.number()?;
            likely.push((blob, rest.numbers(mets, met.len() as u32)?, parts));
        }
        let count = rest.number()?;
        let messages = rest.bytes(hash.checked_mul(count as usize)?)?.to_vec();
        let tellings = rest.number()?;
        let telling = rest.numbers(tellings, count)?;
        (hash > 0 && rest.0.is_empty()).then_some(Self { hash, blobs, sizes, likely, met, messages, telling })
    }
}

/// What is read lies within its lists and is written the same way again. The checksum is put right: no fuzzer guesses it.
pub(crate) fn fuzz(data: &[u8]) {
    let body = [data, &crc32fast::hash(data).to_le_bytes()].concat();
    let Some(cache) = Cache::parse(&body) else { return };
    let blobs = cache.sizes.len();
    assert_eq!(cache.blobs.len(), blobs * cache.hash);
    assert!(cache.met.iter().all(|met| (met.blob as usize) < blobs));
    let within = |met: &u32| (*met as usize) < cache.met.len();
    assert!(cache.likely.iter().all(|(blob, met, _)| (*blob as usize) < blobs && met.iter().all(within)));
    assert!(cache.telling.iter().all(|at| (*at as usize) < cache.messages.len() / cache.hash));
    let mut again = Vec::new();
    cache.print(&mut again);
    assert_eq!(again, body);
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    /// A number that is smaller than that.
    fn below(&mut self, end: u32) -> Option<u32> {
        self.number().filter(|number| *number < end)
    }

    /// So many of them.
    fn numbers(&mut self, count: u32, end: u32) -> Option<Vec<u32>> {
        let bytes = self.bytes((count as usize).checked_mul(4)?)?;
        let mut list = Rest(bytes);
        (0..count).map(|_| list.below(end)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> Cache {
        Cache {
            hash: 20,
            blobs: [[1; 20], [2; 20]].concat(),
            sizes: vec![10, 20],
            likely: vec![(1, vec![0, 1], Parts::of_bits(5))],
            met: [5, 7].map(|at| Met { blob: 1, at, rule: 3, nth: 0 }).to_vec(),
            messages: vec![4; 20],
            telling: vec![0],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut bytes = Vec::new();
        cache().print(&mut bytes);
        assert_eq!(Cache::parse(&bytes), Some(cache()));
    }

    #[test]
    fn whatever_is_damaged_counts_as_nothing() {
        let mut bytes = Vec::new();
        cache().print(&mut bytes);
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 0x10;
            assert_eq!(Cache::parse(&bad), None, "byte {at}");
            assert_eq!(Cache::parse(&bytes[..at]), None, "cut to {at}");
        }
    }

    #[test]
    fn numbers_beyond_their_lists_count_as_nothing() {
        let far = |change: &dyn Fn(&mut Cache)| {
            let mut cache = cache();
            change(&mut cache);
            let mut bytes = Vec::new();
            cache.print(&mut bytes);
            Cache::parse(&bytes)
        };
        assert_eq!(far(&|cache| cache.met[0].blob = 2), None);
        assert_eq!(far(&|cache| cache.likely[0].0 = 2), None);
        assert_eq!(far(&|cache| cache.likely[0].1[1] = 2), None);
        assert_eq!(far(&|cache| cache.telling[0] = 1), None);
        assert_eq!(far(&|cache| cache.hash = 0), None);
    }
}
