//! What the last run found out, so that the next looks at new objects alone.
//!
//! Hands on [`Cache`]: the ids of blobs and messages that were looked at, which of them may hold a secret, and where in which blob
//! each value stands. Ids and offsets and nothing else: no secret, nor anything made of one. It lies under the git directory
//! that linked work trees share, may be deleted at any time, and is replaced whole. The trap: it is only good for the same
//! program and rules, so both are in its key; what is in any doubt is looked at again.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::detect::RuleSet;
use crate::git::Repository;

/// Changes whenever the form below does.
const MAGIC: &[u8; 16] = b"unleak history 1";
/// How many bytes of an id tell it: nobody finds two that share so many.
const TOLD: usize = 16;

/// The start of an id.
pub(super) type Told = [u8; TOLD];

/// The part of an id that is kept.
pub(super) fn told(id: &[u8]) -> Told {
    let mut start = [0; TOLD];
    let len = id.len().min(TOLD);
    start[..len].copy_from_slice(&id[..len]);
    start
}

/// Where a value stands in a blob's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stands {
    pub(super) blob: Told,
    pub(super) at: u32,
    pub(super) len: u32,
}

/// What is kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cache {
    /// Blobs, commits and tags that were looked at, sorted.
    pub(super) seen: Vec<Told>,
    /// Of those the ones whose messages may hold a secret.
    pub(super) messages: Vec<Told>,
    /// Blobs with likely secrets: for each the name under which it is carried on, and its value.
    pub(super) blobs: HashMap<Told, Vec<(u32, u32)>>,
    /// One place of each value.
    pub(super) values: Vec<Stands>,
    /// Names of likely secrets are below this.
    pub(super) names: u32,
    /// Bytes of the blobs that were seen.
    pub(super) bytes: u64,
}

/// Where it lies.
fn path(repository: &Repository) -> PathBuf {
    repository.common_dir().join("unleak").join("history")
}

/// What it is good for: this program and these rules.
fn key(rules: &RuleSet) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    let program = std::env::current_exe().and_then(|file| file.metadata());
    if let Ok(program) = program {
        let changed = program.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
        hash.update(program.len().to_le_bytes());
        hash.update(changed.map_or(0, |time| time.as_nanos()).to_le_bytes());
    }
    // Custom rules, and which are disabled, as they are.
    for id in rules.ids() {
        let rule = rules.rule(id);
        for part in [rule.id(), rule.regex(), rule.matcher()] {
            hash.update(part);
            hash.update([0, u8::from(rules.is_enabled(id))]);
        }
        rule.checks().for_each(|check| hash.update(check));
        hash.update(rule.entropy().to_le_bytes());
        hash.update([rule.boundary() as u8, rule.kind() as u8]);
    }
    hash.update(format!("{:?}", rules.custom_keywords()));
    hash.finalize().into()
}

impl Cache {
    /// Reads it; nothing when there is none, or one of another program, or a damaged one.
    pub(super) fn load(repository: &Repository, rules: &RuleSet) -> Self {
        let bytes = std::fs::read(path(repository)).unwrap_or_default();
        let body = bytes.strip_prefix(MAGIC.as_slice()).and_then(|rest| rest.strip_prefix(key(rules).as_slice()));
        body.and_then(|body| Self::parse(body)).unwrap_or_default()
    }

    /// Replaces what is there. What cannot be written is not there next time, and that is all.
    pub(super) fn store(&self, repository: &Repository, rules: &RuleSet) {
        let path = path(repository);
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&key(rules));
        self.print(&mut bytes);
        drop(replace(&path, &bytes));
    }

    fn print(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let number = |out: &mut Vec<u8>, n: usize| out.extend_from_slice(&(n as u32).to_le_bytes());
        number(out, self.names as usize);
        out.extend_from_slice(&self.bytes.to_le_bytes());
        for list in [&self.seen, &self.messages] {
            number(out, list.len());
            list.iter().for_each(|id| out.extend_from_slice(id));
        }
        number(out, self.values.len());
        for value in &self.values {
            out.extend_from_slice(&value.blob);
            number(out, value.at as usize);
            number(out, value.len as usize);
        }
        let mut blobs: Vec<_> = self.blobs.iter().collect();
        blobs.sort();
        number(out, blobs.len());
        for (blob, list) in blobs {
            out.extend_from_slice(blob);
            number(out, list.len());
            for (name, value) in list {
                number(out, *name as usize);
                number(out, *value as usize);
            }
        }
        let sum = crc32fast::hash(&out[start..]);
        number(out, sum as usize);
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let (body, sum) = body.split_at_checked(body.len().checked_sub(4)?)?;
        if crc32fast::hash(body).to_le_bytes() != sum {
            return None;
        }
        let mut rest = Rest(body);
        let mut cache = Self { names: rest.number()?, bytes: rest.long()?, ..Self::default() };
        for list in [&mut cache.seen, &mut cache.messages] {
            for _ in 0..rest.number()? {
                list.push(rest.told()?);
            }
        }
        for _ in 0..rest.number()? {
            cache.values.push(Stands { blob: rest.told()?, at: rest.number()?, len: rest.number()? });
        }
        for _ in 0..rest.number()? {
            let blob = rest.told()?;
            let mut list = Vec::new();
            for _ in 0..rest.number()? {
                let (name, value) = (rest.number()?, rest.number()?);
                (name < cache.names && (value as usize) < cache.values.len()).then(|| list.push((name, value)))?;
            }
            cache.blobs.insert(blob, list);
        }
        (rest.0.is_empty() && cache.seen.is_sorted()).then_some(cache)
    }

    /// True for an object that was looked at.
    pub(super) fn has(&self, id: &[u8]) -> bool {
        !self.seen.is_empty() && self.seen.binary_search(&told(id)).is_ok()
    }
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn told(&mut self) -> Option<Told> {
        self.take()
    }
}

/// Writes beside and renames, so that nobody ever reads a half.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let beside = folder.join(format!("history.{}", std::process::id()));
    let written = std::fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        drop(std::fs::remove_file(&beside));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> Cache {
        Cache {
            seen: vec![[1; 16], [2; 16]],
            messages: vec![[2; 16]],
            blobs: HashMap::from([([1; 16], vec![(0, 0), (1, 0)])]),
            values: vec![Stands { blob: [1; 16], at: 5, len: 7 }],
            names: 2,
            bytes: 12,
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
}
