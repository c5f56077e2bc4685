//! What git's configuration says, of every scope.
//!
//! Hands on: [`Repository::hooks_dir`] and [`Repository::config_string`]. The trap: libgit2 reads the files,
//! not what `git -c` and the `GIT_CONFIG_KEY_*` variables put on top, which last for one command.

use std::path::PathBuf;

use super::error::printable;
use super::repository::Reader;
use super::{GitError, Repository, system};

const WHAT: &str = "read git's configuration";

impl Repository {
    /// The raw value of the narrowest scope that has one.
    fn config_value(&self, key: &str) -> Result<Option<Vec<u8>>, GitError> {
        let Reader::Library(repository) = &self.reader else { return self.git()?.config(key) };
        let failed = |e: git2::Error| GitError::library(WHAT, &e);
        let config = repository.config().map_err(failed)?;
        match config.get_entry(key) {
            // git2 panics when it is asked for the value of a key that stands alone on its line.
            Ok(entry) if !entry.has_value() => Ok(Some(Vec::new())),
            Ok(entry) => Ok(Some(entry.value_bytes().to_vec())),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// The folder that git takes this work tree's hooks from, whether it exists or not: `core.hooksPath` of any scope
    /// (relative ones from the top, or the git directory of a bare repository), else `hooks` of the shared directory.
    ///
    /// # Errors
    /// When the configuration cannot be read, or `~` cannot be expanded.
    pub fn hooks_dir(&self) -> Result<PathBuf, GitError> {
        let configured = self.config_value("core.hooksPath")?;
        // An empty value is as good as none for git too: it looks in the top itself for nothing it could run.
        let Some(configured) = configured.filter(|c| !c.is_empty()) else {
            return Ok(self.place.common_dir.join("hooks"));
        };
        let path = match configured.strip_prefix(b"~/") {
            Some(rest) => home()?.join(system::path_of(rest)),
            None => system::path_of(&configured),
        };
        Ok(self.place.top.as_ref().unwrap_or(&self.place.git_dir).join(path))
    }

    /// One value of git's configuration, of the narrowest scope that has it; `None` when unset.
    ///
    /// # Errors
    /// When the configuration cannot be read or the value is no UTF-8.
    pub fn config_string(&self, key: &str) -> Result<Option<String>, GitError> {
        let value = self.config_value(key)?;
        value.map(String::from_utf8).transpose().map_err(|_| GitError::Failed {
            what: WHAT,
            reason: format!("the value of {} is no UTF-8", printable(key.as_bytes())),
        })
    }
}

fn home() -> Result<PathBuf, GitError> {
    std::env::home_dir().filter(|h| !h.as_os_str().is_empty()).ok_or_else(|| GitError::Failed {
        what: "expand `~` in core.hooksPath",
        reason: "there is no home directory (HOME is not set)".to_owned(),
    })
}
