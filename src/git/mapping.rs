//! The one place with unsafe code: maps a file into memory, read-only.
//!
//! Hands on: [`Mapping`], the bytes of an index. Mapped rather than read because a 100,000-file index is 10 MB of
//! which a usual commit looks at a fraction, and mapped pages are the file's, not the process's. The trap: a file that is
//! cut short in place while it is mapped kills the process with SIGBUS. Git never does that: it writes a new index
//! beside the old one and renames it. Who cuts it by hand gets a hook that died, which blocks the commit.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

/// The bytes of a file, mapped or, for an empty one, none.
pub(super) struct Mapping(Option<memmap2::Mmap>);

impl Mapping {
    /// Maps the whole file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        // An empty file cannot be mapped; it is no valid index either, which the reader says.
        if metadata.len() == 0 {
            return Ok(Self(None));
        }
        let length =
            usize::try_from(metadata.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        // SAFETY: the mapping is read-only and private to this process, and the bytes are only ever looked at through
        // bounds-checked slices without assuming that they hold anything valid. What remains is a change in place by
        // another process; git replaces its index by rename (see the module's head).
        let map = unsafe { memmap2::MmapOptions::new().len(length).map(&file)? };
        Ok(Self(Some(map)))
    }
}

impl Deref for Mapping {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}
