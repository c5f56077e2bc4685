//! Every reference of a repository, its reflogs, and where a shallow clone was cut.
//!
//! Hands on [`Reference`]s, those of linked work trees among them. References in files are read here, since a repository may
//! have a million of them; where they lie in a reftable git lists them. The trap: a loose reference overrules the packed one
//! of its name, and one that is broken must be told: what it kept would not be judged.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::error::printable;
use super::folder::entries;
use super::mapping::Mapping;
use super::{GitError, ObjectId, Repository};

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The whole name, `refs/heads/main`; `HEAD` for a work tree's own.
    pub name: Vec<u8>,
    /// The object.
    pub id: ObjectId,
}

/// What [`Repository::all_references`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// Sorted by name.
    pub list: Vec<Reference>,
    /// Those that name no object, and why, in words.
    pub broken: Vec<String>,
}

impl Repository {
    /// All references, and HEAD of each work tree.
    ///
    /// # Errors
    /// When they lie in a reftable and git does not list them, or the packed ones cannot be read.
    pub fn all_references(&self) -> Result<References, GitError> {
        let common = self.common_dir();
        let mut names = BTreeMap::new();
        let mut broken = Vec::new();
        // A list, since there may be a million.
        let mut list = Vec::new();
        let is_table = common.join("reftable").is_dir();
        if is_table {
            names.extend(self.git()?.refs(&[])?);
        } else {
            // The packed ones last: `git pack-refs` takes a loose one away once it has packed it.
            loose(&common.join("refs"), b"refs", 0, &mut names, &mut broken);
            list = packed(&common.join("packed-refs"))?;
        }
        list.retain(|reference| !names.contains_key(&reference.name));
        list.extend(names.into_iter().map(|(name, id)| Reference { name, id }));
        list.sort_by(|a, b| a.name.cmp(&b.name));
        match self.head() {
            Ok(Some(id)) => list.push(Reference { name: b"HEAD".to_vec(), id }),
            Ok(None) => {}
            Err(error) => broken.push(error.to_string()),
        }
        if is_table {
            let heads = self.git()?.heads_of_work_trees()?;
            list.extend(heads.into_iter().map(|id| Reference { name: b"HEAD".to_vec(), id }));
            return Ok(References { list, broken });
        }
        // A detached HEAD names its commit itself; else it is the name of a branch.
        let detached = |folder: &Path| {
            let text = std::fs::read(folder.join("HEAD")).ok()?;
            Some(Reference { name: b"HEAD".to_vec(), id: ObjectId::from_hex(text.trim_ascii())? })
        };
        if self.git_dir() != common {
            list.extend(detached(common));
        }
        for folder in entries(&common.join("worktrees"), LIST, &mut broken).map(|entry| entry.path()) {
            list.extend(detached(&folder));
            let mut own = BTreeMap::new();
            loose(&folder.join("refs"), b"refs", 0, &mut own, &mut broken);
            list.extend(own.into_iter().map(|(name, id)| Reference { name, id }));
        }
        Ok(References { list, broken })
    }

    /// The objects that the reflogs name: of the stash alone, or of everything. What cannot be read is added to `broken`.
    ///
    /// # Errors
    /// When they lie in a reftable and git does not list them.
    pub fn logged(&self, everything: bool, broken: &mut Vec<String>) -> Result<Vec<ObjectId>, GitError> {
        let common = self.common_dir();
        let mut ids = HashSet::new();
        if common.join("reftable").is_dir() {
            ids.extend(self.git()?.logged(everything)?);
        } else if everything {
            logs(&common.join("logs"), 0, &mut ids, broken);
            for folder in entries(&common.join("worktrees"), LIST, broken) {
                logs(&folder.path().join("logs"), 0, &mut ids, broken);
            }
        } else {
            log(&common.join("logs").join("refs").join("stash"), &mut ids, broken);
        }
        let mut ids: Vec<ObjectId> = ids.into_iter().filter(|id| !id.is_zero()).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// True for a partial clone: a remote has promised what is missing.
    #[must_use]
    pub fn promises_objects(&self) -> bool {
        super::process::promises_objects(&self.common_dir().join("config"))
    }
}

/// References nested deeper than this are nobody's.
const DEEPEST: usize = 64;

fn packed(path: &Path) -> Result<Vec<Reference>, GitError> {
    // Mapped: git replaces it by a rename, and there may be a hundred megabytes of it.
    let text = match Mapping::open(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(GitError::io("read the packed references", path, &error)),
    };
    let mut list = Vec::new();
    for line in text.split(|b| *b == b'\n') {
        // `^` is what the tag before leads to, which is found by reading the tag.
        if line.is_empty() || matches!(line[0], b'#' | b'^') {
            continue;
        }
        let space = memchr::memchr(b' ', line).unwrap_or(line.len());
        let (id, name) = line.split_at(space);
        let Some(id) = ObjectId::from_hex(id) else {
            return Err(GitError::BrokenReference {
                name: "packed-refs".to_owned(),
                reason: format!("a line of it names no object: {}", printable(line)),
            });
        };
        list.push(Reference { name: name.trim_ascii().to_vec(), id });
    }
    Ok(list)
}

fn loose(
    folder: &Path,
    prefix: &[u8],
    depth: usize,
    names: &mut BTreeMap<Vec<u8>, ObjectId>,
    broken: &mut Vec<String>,
) {
    for entry in entries(folder, LIST, broken) {
        let file = entry.file_name();
        let name = [prefix, b"/", file.as_encoded_bytes()].concat();
        let path = entry.path();
        if path.is_dir() {
            if depth < DEEPEST {
                loose(&path, &name, depth + 1, names, broken);
            }
            continue;
        }
        if name.ends_with(b".lock") {
            continue;
        }
        match std::fs::read(&path) {
            Ok(text) => match ObjectId::from_hex(text.trim_ascii()) {
                Some(id) => {
                    names.insert(name, id);
                }
                // Another reference's name: that one is listed itself.
                None if text.starts_with(b"ref:") => {}
                None => {
                    let reason = "it names no object".to_owned();
                    let name = String::from_utf8_lossy(&name).into_owned();
                    broken.push(GitError::BrokenReference { name, reason }.to_string());
                }
            },
            // Deleted, or packed, meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => broken.push(GitError::io("read a reference", &path, &error).to_string()),
        }
    }
}

/// What the folders here hold, for what is told of them.
const LIST: &str = "list a folder of references";

fn logs(folder: &Path, depth: usize, ids: &mut HashSet<ObjectId>, broken: &mut Vec<String>) {
    for path in entries(folder, LIST, broken).map(|entry| entry.path()) {
        if !path.is_dir() {
            log(&path, ids, broken);
        } else if depth < DEEPEST {
            logs(&path, depth + 1, ids, broken);
        }
    }
}

/// Lines of `OLD NEW NAME <MAIL> …`.
fn log(path: &Path, ids: &mut HashSet<ObjectId>, broken: &mut Vec<String>) {
    let text = std::fs::read(path).unwrap_or_else(|error| {
        if error.kind() != std::io::ErrorKind::NotFound {
            broken.push(GitError::io("read a reflog", path, &error).to_string());
        }
        Vec::new()
    });
    for line in text.split(|b| *b == b'\n') {
        ids.extend(line.split(|b| *b == b' ').take(2).filter_map(ObjectId::from_hex));
    }
}
