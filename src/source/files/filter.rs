//! What is left out: `--exclude`, `--max-file-size`, and what git ignores.
//!
//! The trap: git never ignores what it tracks, so which files `.gitignore` leaves out is put to git itself, once for each
//! repository that the walk enters, instead of being worked out from the patterns alone.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use super::Root;
use crate::allow::{Pattern, PatternKind, check_glob};
use crate::git::{GitError, WorkTree};
use crate::report::size;

/// What is left out.
#[derive(Default)]
pub struct Filter {
    globs: Vec<Pattern>,
    largest: Option<u64>,
    ignored: Option<Ignored>,
}

/// What git ignores, in the repositories that were met so far.
#[derive(Default)]
struct Ignored {
    paths: RwLock<HashSet<PathBuf>>,
    asked: Mutex<HashSet<PathBuf>>,
}

impl Filter {
    /// From the flags. Sizes are in bytes.
    ///
    /// # Errors
    /// What is wrong with a glob.
    pub fn new(globs: &[String], largest: Option<u64>, respect_gitignore: bool) -> Result<Self, String> {
        let mut compiled = Vec::with_capacity(globs.len());
        for glob in globs {
            if let Some(wrong) = check_glob(glob) {
                return Err(format!(
                    "the glob `{}` of --exclude: {wrong}",
                    crate::report::escape(glob.as_bytes())
                ));
            }
            let pattern = Pattern::new(PatternKind::Glob, glob, (1, 1));
            // Compiled here, so that one too large is an error before anything is left out.
            pattern.is_match(b"").map_err(|wrong| format!("the glob `{glob}` of --exclude: {wrong}"))?;
            compiled.push(pattern);
        }
        let ignored = respect_gitignore.then(Ignored::default);
        Ok(Self { globs: compiled, largest, ignored })
    }

    /// True when a glob matches the path as it is shown, or as it lies below its root.
    pub(super) fn excludes(&self, root: &Root, relative: &[u8], folder: bool) -> bool {
        if self.globs.is_empty() {
            return false;
        }
        let shown = super::below(&root.shown, relative);
        let shown = shown.strip_prefix(b"./").unwrap_or(&shown);
        let matches = |glob: &Pattern, path: &[u8]| {
            !path.is_empty()
                && (glob.is_match(path).unwrap_or(false)
                    // `build/` matches only what is inside, so the folder is known by what it would hold.
                    || folder && glob.text.ends_with('/') && glob.is_match(&super::below(path, b"x")).unwrap_or(false))
        };
        self.globs.iter().any(|glob| matches(glob, shown) || matches(glob, relative))
    }

    /// Why a file of that size is left out.
    pub(super) fn too_large(&self, bytes: u64) -> Option<String> {
        let largest = self.largest.filter(|largest| bytes > *largest)?;
        Some(format!("it has {}, and --max-file-size is {}: skipped", size(bytes), size(largest)))
    }

    /// Looks at a folder that is about to be read: when a repository begins there, or the folder was asked for and a
    /// repository begins above it, git is asked what it ignores.
    ///
    /// # Errors
    /// When git cannot tell.
    pub(super) fn enter(&self, folder: &Path, is_root: bool) -> Result<(), GitError> {
        match &self.ignored {
            Some(ignored) if is_root || folder.join(".git").symlink_metadata().is_ok() => {
                self.ask(ignored, folder)
            }
            _ => Ok(()),
        }
    }

    fn ask(&self, ignored: &Ignored, folder: &Path) -> Result<(), GitError> {
        let mut asked = ignored.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if !asked.insert(folder.to_path_buf()) {
            return Ok(());
        }
        if WorkTree::holding(folder)?.is_none() {
            return Ok(());
        }
        let paths = WorkTree::ignored_below(folder)?;
        let mut all = ignored.paths.write().unwrap_or_else(PoisonError::into_inner);
        all.extend(paths.into_iter().map(|path| folder.join(path)));
        Ok(())
    }

    /// True when git ignores the file or folder of that name.
    pub(super) fn ignores(&self, folder: &Path, name: &[u8]) -> bool {
        let Some(ignored) = &self.ignored else { return false };
        let all = ignored.paths.read().unwrap_or_else(PoisonError::into_inner);
        !all.is_empty() && all.contains(&folder.join(crate::git::path_of(name)))
    }
}
