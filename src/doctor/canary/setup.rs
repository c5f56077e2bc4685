//! What a hook may ask for, brought into the scratch: configuration, branches, tracked files, hooks and their managers.
//!
//! Hands on one function for each. The trap: what is copied comes from the repository, so a path of its index or of its hooks
//! must never lead out of the scratch; and a folder that is linked would be the user's own, so only `node_modules`' members
//! are, each by itself: a cache that a hook writes beside them stays in the scratch.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};

use super::scratch::{Scratch, User};
use crate::git::{Repository, path_of};
use crate::report::escape;

/// Sections of the user's configuration which say where or how his repository is stored, not what happens in it.
const STORAGE: [&str; 5] = ["extensions.", "include.", "includeif.", "index.", "gc."];
const STORAGE_KEYS: [&str; 11] = [
    "core.bare",
    "core.fsmonitor",
    "core.hookspath",
    "core.repositoryformatversion",
    "core.sparsecheckout",
    "core.sparsecheckoutcone",
    "core.splitindex",
    "core.untrackedcache",
    "core.worktree",
    "maintenance.auto",
    "maintenance.strategy",
];

/// Files at the top from which hook managers work, tracked or not; a `*` stands for any ending.
const MANAGERS: [&str; 12] = [
    ".husky",
    ".huskyrc*",
    ".lefthook",
    ".lefthook-local",
    ".lefthook.*",
    ".lefthook-local.*",
    ".lintstagedrc*",
    ".overcommit.yml",
    ".pre-commit-config.y*",
    "lefthook.*",
    "lefthook-local.*",
    "prek.toml",
];

/// How large a hook, or a manager's file, may be.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Files and folders of hooks that are copied at most: a hooks folder with more is something else.
const MOST_FILES: usize = 5_000;

/// Configuration, objects, branches and HEAD.
pub(super) fn configure(
    scratch: &Scratch,
    repository: &Repository,
    user_top: &Path,
    ask: &User<'_>,
) -> anyhow::Result<()> {
    let git_dir = scratch.git_dir();
    let cannot = "cannot write the scratch repository";
    let mut text = fs::read(git_dir.join("config")).context(cannot)?;
    let listed = ask.read(&["config", "--list", "--includes", "--show-scope", "-z"])?;
    let mut fields = listed.split(|&b| b == 0);
    while let (Some(scope), Some(entry)) = (fields.next(), fields.next()) {
        if matches!(scope, b"local" | b"worktree") {
            append(&mut text, entry);
        }
    }
    text.extend_from_slice(b"[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n");
    if let Ok(value) = ask.read(&["config", "-z", "--type=path", "--get", "core.hooksPath"]) {
        let value = value.strip_suffix(b"\0").unwrap_or(&value);
        let moved = moved(&path_of(value), scratch, repository, user_top);
        write_entry(&mut text, b"core.hooksPath", Some(moved.as_os_str().as_encoded_bytes()));
    }
    fs::write(git_dir.join("config"), text).context(cannot)?;

    fs::create_dir_all(git_dir.join("info")).context(cannot)?;
    // No filter of the user's runs while files are copied, and each is staged as it stands.
    fs::write(git_dir.join("info/attributes"), "* !filter !ident !working-tree-encoding -text\n")
        .context(cannot)?;
    for file in ["info/exclude", "shallow"] {
        copy(&repository.common_dir().join(file), &git_dir.join(file), &scratch.top)?;
    }

    let mut alternates = Vec::new();
    for folder in objects(repository) {
        let folder = folder.canonicalize().unwrap_or(folder);
        let bytes = folder.as_os_str().as_encoded_bytes();
        if bytes.contains(&b'\n') {
            bail!("cannot send a canary: git cannot name an object folder with a line end in its path");
        }
        alternates.extend_from_slice(bytes);
        alternates.push(b'\n');
    }
    fs::create_dir_all(git_dir.join("objects/info")).context(cannot)?;
    fs::write(git_dir.join("objects/info/alternates"), alternates).context(cannot)?;

    let references = ask.read(&["for-each-ref", "--format=%(objectname) %(refname)"])?;
    fs::write(git_dir.join("packed-refs"), references).context(cannot)?;
    let head = match ask.read(&["symbolic-ref", "-q", "HEAD"]) {
        Ok(branch) => [b"ref: ", branch.trim_ascii(), b"\n"].concat(),
        Err(_) => ask.read(&["rev-parse", "HEAD"])?,
    };
    fs::write(git_dir.join("HEAD"), head).context(cannot)
}

/// The folders that hold the user's objects.
fn objects(repository: &Repository) -> Vec<PathBuf> {
    let named = std::env::var_os("GIT_OBJECT_DIRECTORY").filter(|n| !n.is_empty());
    let more = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
    std::iter::once(named.map_or_else(|| repository.common_dir().join("objects"), PathBuf::from))
        .chain(std::env::split_paths(&more).filter(|p| !p.as_os_str().is_empty()))
        .collect()
}

/// Appends `key LF value` (or a key alone) to a configuration file, unless it says how the user's repository is stored.
fn append(text: &mut Vec<u8>, entry: &[u8]) {
    let (key, value) = match memchr::memchr(b'\n', entry) {
        Some(at) => (&entry[..at], Some(&entry[at + 1..])),
        None => (entry, None),
    };
    let lower = String::from_utf8_lossy(key).to_ascii_lowercase();
    if !STORAGE_KEYS.contains(&lower.as_str()) && !STORAGE.iter().any(|s| lower.starts_with(s)) {
        write_entry(text, key, value);
    }
}

/// Writes `SECTION[.NAME].KEY` and its value so that git reads them back.
fn write_entry(text: &mut Vec<u8>, key: &[u8], value: Option<&[u8]>) {
    let Some(first) = memchr::memchr(b'.', key) else { return };
    let last = memchr::memrchr(b'.', key).unwrap_or(first);
    text.push(b'[');
    text.extend_from_slice(&key[..first]);
    if last > first {
        text.extend_from_slice(b" \"");
        for &byte in &key[first + 1..last] {
            if matches!(byte, b'"' | b'\\') {
                text.push(b'\\');
            }
            text.push(byte);
        }
        text.push(b'"');
    }
    text.extend_from_slice(b"]\n\t");
    text.extend_from_slice(&key[last + 1..]);
    if let Some(value) = value {
        text.extend_from_slice(b" = \"");
        for &byte in value {
            match byte {
                b'"' | b'\\' => text.extend_from_slice(&[b'\\', byte]),
                b'\n' => text.extend_from_slice(b"\\n"),
                b'\t' => text.extend_from_slice(b"\\t"),
                _ => text.push(byte),
            }
        }
        text.push(b'"');
    }
    text.push(b'\n');
}

/// Where a path of the user's repository lies in the scratch; paths elsewhere, and relative ones, stay as they are.
fn moved(path: &Path, scratch: &Scratch, repository: &Repository, user_top: &Path) -> PathBuf {
    let places = [
        (repository.git_dir(), scratch.git_dir()),
        (repository.common_dir(), scratch.git_dir()),
        (user_top, scratch.top.clone()),
    ];
    for (from, to) in places {
        let real = from.canonicalize().unwrap_or_else(|_| from.to_path_buf());
        if let Ok(rest) = path.strip_prefix(from).or_else(|_| path.strip_prefix(&real)) {
            return to.join(rest);
        }
    }
    path.to_path_buf()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    File,
    Link,
    Submodule,
}

/// How the user's index differs from HEAD, as `git update-index --index-info -z` takes it. Read by unleak's own reader:
/// git would renew the time of a split index's shared part.
pub(super) fn changes(repository: &Repository, zero: &str) -> anyhow::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for change in repository.staged().context("cannot send a canary")?.changes {
        if stays_below(&path_of(&change.path)) {
            let what = match change.new {
                Some(blob) => format!("{:o} {}\t", blob.mode, blob.id),
                None => format!("0 {zero}\t"),
            };
            lines.extend_from_slice(&[what.as_bytes(), &change.path, b"\0"].concat());
        }
    }
    Ok(lines)
}

/// What stands in the index of the scratch by now, safe to join.
fn entries(scratch: &Scratch) -> anyhow::Result<Vec<(Mode, PathBuf)>> {
    let listed = scratch.succeed(&mut scratch.command(&["ls-files", "--stage", "-z"]), &[])?;
    let mut files = Vec::new();
    for entry in listed.split(|&b| b == 0) {
        let Some(tab) = memchr::memchr(b'\t', entry) else { continue };
        let path = path_of(&entry[tab + 1..]);
        if stays_below(&path) {
            let mode = match &entry[..entry.len().min(6)] {
                b"120000" => Mode::Link,
                b"160000" => Mode::Submodule,
                _ => Mode::File,
            };
            files.push((mode, path));
        }
    }
    Ok(files)
}

/// True for a relative path that leads nowhere else, nor into a git directory.
fn stays_below(path: &Path) -> bool {
    path.components().all(|part| match part {
        Component::Normal(name) => !name.eq_ignore_ascii_case(".git"),
        _ => false,
    })
}

/// Copies the tracked files as they stand in the user's work tree; what is not there is not there.
pub(super) fn copy_files(scratch: &Scratch, user_top: &Path) -> anyhow::Result<()> {
    let entries = entries(scratch)?;
    // Links last: none of them is there yet to lead a file elsewhere.
    for links in [false, true] {
        for (mode, path) in entries.iter().filter(|(mode, _)| (*mode == Mode::Link) == links) {
            let (from, to) = (user_top.join(path), scratch.top.join(path));
            if *mode == Mode::Submodule {
                fs::create_dir_all(&to).with_context(|| cannot_copy(&from))?;
            } else {
                copy(&from, &to, &scratch.top)?;
            }
        }
    }
    Ok(())
}

/// Copies hooks and what managers need: the git directory's hooks, `core.hooksPath` where it lies in the work tree, the
/// managers' own files, and a view of `node_modules`.
pub(super) fn copy_hooks(
    scratch: &Scratch,
    repository: &Repository,
    user_top: &Path,
    ask: &User<'_>,
) -> anyhow::Result<()> {
    let mut budget = MOST_FILES;
    let mut copy_folder = |from: &Path, to: &Path| copy_folder(from, to, &scratch.top, &mut budget);
    copy_folder(&repository.common_dir().join("hooks"), &scratch.git_dir().join("hooks"))?;
    if let Ok(value) = ask.read(&["config", "-z", "--type=path", "--get", "core.hooksPath"]) {
        let value = path_of(value.strip_suffix(b"\0").unwrap_or(&value));
        let folder = user_top.join(&value);
        let to = scratch.top.join(moved(&value, scratch, repository, user_top));
        if !value.as_os_str().is_empty()
            && to.starts_with(&scratch.top)
            && !to.starts_with(scratch.git_dir())
            && to != scratch.top
        {
            copy_folder(&folder, &to)?;
        }
    }
    for folder in ["", ".config"] {
        let Ok(entries) = fs::read_dir(user_top.join(folder)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if !is_managers(&name.to_string_lossy()) {
                continue;
            }
            let to = scratch.top.join(folder).join(&name);
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                copy_folder(&entry.path(), &to)?;
            } else {
                copy(&entry.path(), &to, &scratch.top)?;
            }
        }
    }
    view(&user_top.join("node_modules"), &scratch.top.join("node_modules"), true)
}

fn is_managers(name: &str) -> bool {
    MANAGERS.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *known,
    })
}

/// Copies a folder of hooks; files that are there already stay.
fn copy_folder(from: &Path, to: &Path, root: &Path, budget: &mut usize) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
    if !make_folder(to, root).with_context(|| cannot_copy(from))? {
        return Ok(());
    }
    for entry in entries.flatten() {
        *budget = budget.checked_sub(1).with_context(|| {
            format!(
                "cannot send a canary: {} holds more than {MOST_FILES} files",
                escape(from.as_os_str().as_encoded_bytes())
            )
        })?;
        let target = to.join(entry.file_name());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if entry.file_name() != "node_modules" {
                copy_folder(&entry.path(), &target, root, budget)?;
            }
        } else {
            copy(&entry.path(), &target, root)?;
        }
    }
    Ok(())
}

/// Copies one file or link, with its rights; what is neither, too large or gone is left out.
fn copy(from: &Path, to: &Path, root: &Path) -> anyhow::Result<()> {
    let Ok(metadata) = fs::symlink_metadata(from) else { return Ok(()) };
    let parent = to.parent().context("a copy has a parent")?;
    if fs::symlink_metadata(to).is_ok() || !make_folder(parent, root).with_context(|| cannot_copy(from))? {
        return Ok(());
    }
    if metadata.is_symlink() {
        let target = fs::read_link(from).with_context(|| cannot_copy(from))?;
        return link(&target, to).with_context(|| cannot_copy(from));
    }
    if metadata.is_file() && metadata.len() <= MOST_BYTES {
        fs::copy(from, to).map(drop).with_context(|| cannot_copy(from))?;
    }
    Ok(())
}

/// Makes a folder below `root`; false, and nothing made, where a link that was copied leads out of it.
fn make_folder(folder: &Path, root: &Path) -> io::Result<bool> {
    let there = folder.ancestors().find_map(|ancestor| ancestor.canonicalize().ok());
    if !there.is_some_and(|there| there.starts_with(root)) {
        return Ok(false);
    }
    fs::create_dir_all(folder).map(|()| true)
}

/// A folder whose members are links to those of the user's folder, scopes (`@…`) and `.bin` opened up once more. Dotted
/// members are caches, and are left out.
fn view(from: &Path, to: &Path, open: bool) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
    if fs::symlink_metadata(to).is_ok() {
        return Ok(());
    }
    fs::create_dir(to).with_context(|| cannot_copy(from))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if open && (text.starts_with('@') || text == ".bin") {
            view(&entry.path(), &to.join(&name), false)?;
        } else if !text.starts_with('.') {
            link(&entry.path(), &to.join(&name)).with_context(|| cannot_copy(from))?;
        }
    }
    Ok(())
}

fn cannot_copy(path: &Path) -> String {
    format!("cannot copy {} for the canary", escape(path.as_os_str().as_encoded_bytes()))
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(windows)]
fn link(target: &Path, at: &Path) -> io::Result<()> {
    let whole = at.parent().unwrap_or(at).join(target);
    if whole.is_dir() {
        std::os::windows::fs::symlink_dir(target, at)
    } else {
        std::os::windows::fs::symlink_file(target, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_how_a_repository_is_stored_is_left_out_and_the_rest_is_written_as_git_reads_it() {
        let mut text = Vec::new();
        for entry in [
            "core.worktree\n/user",
            "extensions.refstorage\nreftable",
            "include.path\nx",
            "core.hookspath\ny",
        ] {
            append(&mut text, entry.as_bytes());
        }
        assert_eq!(text, b"");
        append(&mut text, b"branch.a.\"b\\.remote\no\"r\\i\n\tg");
        append(&mut text, b"core.alone");
        let expected = "[branch \"a.\\\"b\\\\\"]\n\tremote = \"o\\\"r\\\\i\\n\\tg\"\n[core]\n\talone\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn a_path_of_the_index_never_leads_out() {
        for path in ["../x", "/x", "a/../../x", ".git/hooks/x", "a/.GIT/config"] {
            assert!(!stays_below(Path::new(path)), "{path}");
        }
        assert!(stays_below(Path::new("a/.github/x")));
    }

    #[test]
    fn managers_are_known_by_their_files() {
        for name in [".husky", "lefthook.yml", "lefthook-local.toml", ".pre-commit-config.yaml", "prek.toml"]
        {
            assert!(is_managers(name), "{name}");
        }
        assert!(!is_managers(".env"));
        assert!(!is_managers("lefthook"));
    }
}
