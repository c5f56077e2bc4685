//! What the user's repository looks like, to tell afterwards whether anything in it was touched.
//!
//! Hands on [`Witness`]. In the git directory bytes count (an editor may refresh a time stamp meanwhile), of objects the
//! names and sizes; in the work tree what the file system says of each file, the time of its last change among it, which no
//! program can set back. The trap: a work tree may be huge, so its contents are not read.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::below;
use crate::git::Repository;
use crate::report::escape;

/// Larger files of the git directory are told by size and time.
const HASHED: u64 = 64 * 1024 * 1024;

/// How many changed paths are named.
const NAMED: usize = 20;

/// Every file of a repository, with what tells whether it changed.
pub(super) struct Witness {
    files: BTreeMap<PathBuf, String>,
    top: PathBuf,
}

impl Witness {
    pub(super) fn of(repository: &Repository) -> anyhow::Result<Self> {
        let real = |path: &Path| {
            path.canonicalize().with_context(|| format!("cannot look at {}", escape(bytes(path))))
        };
        let git_dirs = [real(repository.git_dir())?, real(repository.common_dir())?];
        let mut files = BTreeMap::new();
        for folder in &git_dirs {
            let objects = folder.join("objects");
            walk(folder, &mut files, &mut |path, metadata| {
                if path.starts_with(&objects) {
                    return format!("{}", metadata.len());
                }
                if metadata.is_file() && metadata.len() <= HASHED {
                    let content = std::fs::read(path).unwrap_or_default();
                    return format!("{:x?} {}", Sha256::digest(&content), mode(metadata));
                }
                state(metadata)
            })?;
        }
        let mut top = PathBuf::new();
        if let Some(work_tree) = repository.top() {
            top = real(work_tree)?;
            let mut work = BTreeMap::new();
            walk_except(&top, &git_dirs, &mut work, &mut |_, metadata| state(metadata))?;
            files.append(&mut work);
        }
        Ok(Self { files, top })
    }

    /// Paths that came, went or are not what they were.
    pub(super) fn changes(&self, after: &Self) -> Vec<String> {
        let differs = |path: &&PathBuf| self.files.get(*path) != after.files.get(*path);
        let mut changed: Vec<&PathBuf> =
            self.files.keys().chain(after.files.keys()).filter(differs).collect();
        crate::order::sort(&mut changed);
        changed.dedup();
        changed.into_iter().take(NAMED).map(|path| escape(bytes(below(path, &self.top)))).collect()
    }
}

type Describe<'a> = &'a mut dyn FnMut(&Path, &Metadata) -> String;

fn walk(folder: &Path, files: &mut BTreeMap<PathBuf, String>, describe: Describe<'_>) -> anyhow::Result<()> {
    walk_except(folder, &[], files, describe)
}

fn walk_except(
    folder: &Path,
    except: &[PathBuf],
    files: &mut BTreeMap<PathBuf, String>,
    describe: Describe<'_>,
) -> anyhow::Result<()> {
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            // Whoever runs the hook cannot change what is in there either.
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => continue,
            // It went between two looks; that it was there is told by its parent's list.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot look at {}", escape(bytes(&folder))));
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(metadata) = entry.metadata() else { continue };
            if except.contains(&path) {
                continue;
            }
            if metadata.is_dir() {
                files.insert(path.clone(), "folder".to_owned());
                open.push(path);
            } else {
                let description = describe(&path, &metadata);
                files.insert(path, description);
            }
        }
    }
    Ok(())
}

#[cfg(unix)]
fn state(metadata: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    let m = metadata;
    format!(
        "{} {} {:o} {}.{} {}.{}",
        m.ino(),
        m.len(),
        m.mode(),
        m.mtime(),
        m.mtime_nsec(),
        m.ctime(),
        m.ctime_nsec()
    )
}

#[cfg(not(unix))]
fn state(metadata: &Metadata) -> String {
    format!("{} {:?}", metadata.len(), metadata.modified().ok())
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode()
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}
