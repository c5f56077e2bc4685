//! Who reads what in this repository, for `unleak doctor`.
//!
//! Hands on [`Readers`]. The trap: the ways in are tried as a commit would take them, but their failures are told, not mended.

use super::Repository;
use super::error::printable;
use super::repository::Reader;

/// What libgit2 and own code say of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readers {
    /// Why libgit2 does not open the repository.
    pub library: Option<String>,
    /// Why libgit2 does not open the index.
    pub library_index: Option<String>,
    /// Why own code does not read the index.
    pub own_index: Option<String>,
}

impl Repository {
    /// Tries each reader once.
    #[must_use]
    pub fn readers(&self) -> Readers {
        let mut readers = Readers::default();
        match &self.reader {
            Reader::Process(reason) => readers.library = Some(reason.clone()),
            Reader::Library(repository) => {
                if let Ok((path, _)) = self.index_path()
                    && path.is_file()
                {
                    let format = repository.object_format();
                    let opened = git2::Index::open_ext(&path, format);
                    readers.library_index = opened.err().map(|e| printable(e.message().as_bytes()));
                    readers.own_index = self.index(&path).err().map(|fault| fault.0);
                }
            }
        }
        readers
    }
}
