//! Reads one file, or standard input, for the engine.
//!
//! The trap: between the listing and the reading a file may have become something else, so what was opened is asked again
//! what it is; and a file that cannot be held is an error of that file, not the end of the run.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::{Item, Sink};
use crate::finding::Loss;
use crate::source::Reader;

/// A buffer that has grown beyond this is given back after its file.
const KEPT: usize = 4 << 20;

/// Reads files one after the other into the same buffer.
#[derive(Default)]
pub(super) struct FileReader {
    /// With the size that it had when it was opened.
    open: Option<(File, u64)>,
    content: Vec<u8>,
    error: Option<io::Error>,
}

impl FileReader {
    /// Opens a file and gives its size in bytes.
    pub(super) fn open(&mut self, path: &Path) -> io::Result<u64> {
        (self.open, self.error) = (None, None);
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        self.open = Some((file, metadata.len()));
        Ok(metadata.len())
    }

    /// Takes a link's target as content, as git does.
    pub(super) fn link(&mut self, path: &Path) {
        (self.open, self.error) = (None, None);
        self.content.clear();
        // One that cannot be read has no text to judge; that it was not followed is said in any case.
        if let Ok(target) = path.read_link() {
            self.content.extend_from_slice(target.as_os_str().as_encoded_bytes());
        }
    }

    /// Judges the file that was opened.
    pub(super) fn judge(&mut self, item: &Item, sink: &mut dyn Sink) {
        self.content.clear();
        sink.judge(item, self);
        if self.content.capacity() > KEPT {
            self.content = Vec::new();
        }
    }

    /// Why the file could not be read, when it could not.
    pub(super) fn failed(&mut self) -> Option<io::Error> {
        self.error.take()
    }
}

impl Reader for FileReader {
    fn content(&mut self, _: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        if let Some((file, size)) = self.open.take()
            && let Err(error) = read(file, size, &mut self.content)
        {
            // Told by the source, which knows whether it is to be let be.
            self.error = Some(error);
            return Ok(());
        }
        judge(&self.content);
        Ok(())
    }

    fn keeps(&self) -> bool {
        true
    }

    fn kept(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.content))
    }

    fn name_is_added(&self, _: usize) -> bool {
        true
    }
}

/// Reads a file to its end. One that is as long as it was takes two calls: the file's own `read_to_end` would ask for size and
/// position again, a fifth of what a small file costs.
fn read(file: File, size: u64, content: &mut Vec<u8>) -> io::Result<()> {
    // More than fits in memory is told by whatever grows the buffer.
    if let Ok(size) = usize::try_from(size) {
        content.try_reserve_exact(size.saturating_add(ROOM))?;
    }
    file.take(u64::MAX).read_to_end(content)?;
    Ok(())
}

/// Room behind a file, without which the buffer would grow only to see that the file ends.
const ROOM: usize = 64;

/// What came in on standard input.
pub struct StandardInput {
    content: Vec<u8>,
}

impl StandardInput {
    /// Takes what was read.
    #[must_use]
    pub fn new(content: Vec<u8>) -> Self {
        Self { content }
    }
}

impl Reader for StandardInput {
    fn content(&mut self, _: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        judge(&self.content);
        Ok(())
    }

    fn keeps(&self) -> bool {
        true
    }

    fn kept(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.content))
    }

    fn name_is_added(&self, _: usize) -> bool {
        false
    }
}
