//! Opens a file that may be anything: only a regular one that this user owns is read, and never waited for.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use super::LARGEST;

/// The content; `None` when there is no such file.
///
/// # Errors
/// Why it is not read, in words.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    // Asked first: merely opening a device can do something.
    match path.metadata() {
        Ok(data) if !data.is_file() => return Err("it is no regular file".to_owned()),
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error.to_string()),
    }
    let file = open(path).map_err(|error| error.to_string())?;
    // Asked again of what was opened: it may be another by now.
    let data = file.metadata().map_err(|error| error.to_string())?;
    if !data.is_file() {
        return Err("it is no regular file".to_owned());
    }
    if !is_own(&data) {
        return Err("another user owns it".to_owned());
    }
    if data.len() > LARGEST {
        return Err(format!("it is larger than {} KB", LARGEST >> 10));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(Some(bytes))
}

#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // A pipe put there in between must not hold the commit.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn is_own(data: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    data.uid() == rustix::process::geteuid().as_raw()
}

/// Elsewhere a home folder is closed to others.
#[cfg(not(unix))]
fn is_own(_: &std::fs::Metadata) -> bool {
    true
}
