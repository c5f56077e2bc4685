//! Files as an installer must write them: whole or not at all, and with what stood there before still at hand.
//!
//! Hands on: [`write_whole`], [`keep`], [`Found`]. The trap: every write is a new file renamed into place, because a
//! half-written hook may be one that passes.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What stands at a path, links not followed.
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A file and its bytes.
    File(Vec<u8>),
    /// A symbolic link, and the bytes it leads to, if it leads to a file.
    Link(Option<Vec<u8>>),
    /// A folder, a socket, …
    Other,
}

/// Looks at a path.
pub(super) fn look(path: &Path) -> io::Result<Found> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    if kind.is_symlink() {
        return Ok(Found::Link(if path.is_file() { Some(fs::read(path)?) } else { None }));
    }
    if kind.is_file() { Ok(Found::File(fs::read(path)?)) } else { Ok(Found::Other) }
}

/// How the file that is written may be used.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    /// By the umask, with the right to execute.
    Executable,
    /// Of the file that it replaces; by the umask when there is none.
    AsBefore,
}

/// Writes a file in full and renames it into place, so that nobody ever sees a part of it.
///
/// # Errors
/// When the folder cannot be written or the disk is full; then the path is as it was.
pub(super) fn write_whole(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    // A symbolic link is written through: it is somebody's arrangement.
    let path = &match mode {
        Mode::AsBefore => fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()),
        Mode::Executable => path.to_path_buf(),
    };
    let temporary = temporary(path);
    let written = write_new(&temporary, bytes, mode).and_then(|()| {
        if let (Mode::AsBefore, Ok(before)) = (mode, fs::metadata(path)) {
            fs::set_permissions(&temporary, before.permissions())?;
        }
        fs::rename(&temporary, path)
    });
    if written.is_err() {
        // What failed before is what the person needs to hear.
        drop(fs::remove_file(&temporary));
    }
    written
}

/// The name a file has until it is whole: git runs no hook of such a name.
fn temporary(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".unleak-{}", std::process::id()));
    path.with_file_name(name)
}

fn write_new(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    open_as(&mut options, mode);
    let mut file = match options.open(path) {
        // Left over from a run of the same process id that was killed.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)?
        }
        opened => opened?,
    };
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file a second name, under which it stays when the first is taken over. Fails when the second is taken.
pub(super) fn keep(path: &Path, kept: &Path) -> io::Result<()> {
    if let Ok(target) = fs::read_link(path) {
        return link_symbolically(&target, kept);
    }
    match fs::hard_link(path, kept) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            // A file system without hard links.
            let mut from = File::open(path)?;
            let mut to = OpenOptions::new().write(true).create_new(true).open(kept)?;
            let copied = io::copy(&mut from, &mut to)
                .and_then(|_| to.sync_all())
                .and_then(|()| fs::set_permissions(kept, from.metadata()?.permissions()));
            if copied.is_err() {
                drop(fs::remove_file(kept));
            }
            copied
        }
        linked => linked,
    }
}

#[cfg(unix)]
fn open_as(options: &mut OpenOptions, mode: Mode) {
    use std::os::unix::fs::OpenOptionsExt;
    if matches!(mode, Mode::Executable) {
        options.mode(0o777);
    }
}

#[cfg(not(unix))]
fn open_as(_: &mut OpenOptions, _: Mode) {}

#[cfg(unix)]
fn link_symbolically(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(windows)]
fn link_symbolically(target: &Path, at: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, at)
}

/// True when git would execute it as a hook; on Windows git goes by the content.
#[cfg(unix)]
pub(crate) fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
pub(crate) fn is_executable(_: &Metadata) -> bool {
    true
}

/// Who else than the user and root may change what stands here, in words; `me` is the user's id.
#[cfg(unix)]
pub(super) fn others_who_write(metadata: &Metadata, me: Option<u32>) -> Option<&'static str> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let mode = metadata.permissions().mode();
    // In a folder with the sticky bit others may add files, but not replace those of somebody else.
    let protected = metadata.is_dir() && mode & 0o1000 != 0;
    if mode & 0o002 != 0 && !protected {
        return Some("everybody may write");
    }
    // A group with its owner's number is the owner's own: so are all files where the umask is 002.
    if mode & 0o020 != 0 && !protected && metadata.gid() != metadata.uid() {
        return Some("its group may write");
    }
    (metadata.uid() != 0 && me.is_some_and(|me| me != metadata.uid())).then_some("another user owns it")
}

#[cfg(not(unix))]
pub(super) fn others_who_write(_: &Metadata, _: Option<u32>) -> Option<&'static str> {
    None
}

/// The user's id, as a file that was just written shows it.
#[cfg(unix)]
pub(super) fn owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|m| m.uid())
}

#[cfg(not(unix))]
pub(super) fn owner(_: &Path) -> Option<u32> {
    None
}
