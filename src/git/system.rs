//! Paths as bytes and programs on PATH: what differs from one operating system to the next.
//!
//! Hands on: [`path_of`], [`find_program`], [`stdin_is_pipe`]. The trap: a program is never looked for in the current folder, which the
//! repository fills, so relative and empty parts of PATH are passed over.

use std::path::{Path, PathBuf};

/// A path from the bytes that git holds.
#[cfg(unix)]
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// A path from the bytes that git holds, which are UTF-8 on Windows.
#[cfg(not(unix))]
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// A program's path, from the absolute folders of PATH.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|f| f.join(&file))
        .find(|p| runs(p))
}

#[cfg(unix)]
fn runs(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn runs(path: &Path) -> bool {
    path.is_file()
}

/// True when standard input is a pipe or a socket, as git and hook managers make one; not for a terminal or `/dev/null`.
#[cfg(unix)]
pub(crate) fn stdin_is_pipe() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let stdin = std::io::stdin();
    let copy = stdin.as_fd().try_clone_to_owned().map(std::fs::File::from);
    copy.and_then(|file| file.metadata()).is_ok_and(|m| m.file_type().is_fifo() || m.file_type().is_socket())
}

/// True when standard input is no terminal; more cannot be told.
#[cfg(not(unix))]
pub(crate) fn stdin_is_pipe() -> bool {
    use std::io::IsTerminal;
    !std::io::stdin().is_terminal()
}
