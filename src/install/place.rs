//! Where the hooks of this repository lie, and whose place that is.
//!
//! Hands on: [`Place`]. The trap: a folder in the work tree holds what the team commits, or what a manager rewrites, and a
//! path of this machine has no business in either.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::settings::Settings;
use super::{InstallError, global, shown};
use crate::git::Repository;
use crate::report::escape;

/// Hook managers which write `.git/hooks` themselves, by what their hooks say; each would throw out ours at its next
/// installation, or lose track of its own.
const MANAGERS: [(&str, &str, &str); 4] = [
    (
        "lefthook",
        "call_lefthook",
        "unleak install --team lefthook (or, for you alone, the same lines in lefthook-local.yml)",
    ),
    ("lefthook", "LEFTHOOK_BIN", "unleak install --team lefthook"),
    (
        "overcommit",
        "OVERCOMMIT_DISABLE",
        "add a hook to .overcommit.yml whose command is `unleak hook pre-commit`",
    ),
    (
        "husky 4",
        "husky.sh",
        "add `unleak hook pre-commit` to husky's hooks in package.json, or move to husky 9",
    ),
];

/// The folder in which git looks for the hooks of this repository.
pub(super) struct Place {
    /// It may not exist yet.
    pub(super) folder: PathBuf,
    /// The value of `core.hooksPath` when git runs no hooks because of it.
    off: Option<String>,
    /// True when the user's global installation is what runs here.
    pub(super) covered: bool,
    /// True when hooks here run in other repositories too.
    pub(super) shared: bool,
}

impl Place {
    /// Finds it, without judging whether unleak may write there.
    pub(super) fn find(repository: &Repository) -> Result<Self, InstallError> {
        let folder = repository.hooks_dir()?;
        let value = repository.config_string("core.hooksPath")?;
        let configured = value.as_ref().is_some_and(|v| !v.is_empty());
        // Both are ways to switch all hooks off: git would never see one of ours.
        let off = value.filter(|v| v.is_empty() || (folder.exists() && !folder.is_dir()));
        let covered = configured && global::folder().is_ok_and(|ours| resolved(&ours) == resolved(&folder));
        let shared = configured && !covered && !Settings::open()?.repository_sets_hooks_path()?;
        Ok(Self { folder, off, covered, shared })
    }

    /// # Errors
    /// When git runs no hooks here, or they lie in the work tree; says whose they are and what to do instead.
    pub(super) fn refuse_what_is_not_ours(&self, repository: &Repository) -> Result<(), InstallError> {
        if let Some(value) = &self.off {
            return Err(InstallError::Managed {
                whose: format!("core.hooksPath is `{}`, so git runs no hooks", escape(value.as_bytes())),
                instead:
                    "git config --unset core.hooksPath (with --global where you set it there), and try again"
                        .to_owned(),
            });
        }
        let Some(top) = repository.top() else { return Ok(()) };
        let folder = resolved(&self.folder);
        let own = [repository.common_dir(), repository.git_dir()];
        if !folder.starts_with(resolved(top)) || own.iter().any(|dir| folder.starts_with(resolved(dir))) {
            return Ok(());
        }
        let (whose, kind) = if husky_folder(&folder).is_some() {
            ("husky's, which writes it anew at each npm install", "husky")
        } else {
            ("in the work tree, where hooks belong to all who work on this", "hooks-path")
        };
        Err(InstallError::Managed {
            whose: format!(
                "git takes its hooks from {} (core.hooksPath), which is {whose}",
                shown(&self.folder)
            ),
            instead: format!("unleak install --team {kind}"),
        })
    }
}

/// The `.husky` folder when hooks lie in it or in its `_`.
pub(super) fn husky_folder(folder: &Path) -> Option<&Path> {
    let name = OsStr::new(".husky");
    folder.ancestors().take(2).find(|f| f.file_name() == Some(name))
}

/// # Errors
/// When a hook was written by a manager that does not bear a neighbour.
pub(super) fn refuse_managers(path: &Path, hook: &[u8]) -> Result<(), InstallError> {
    let says = |words: &str| memchr::memmem::find(hook, words.as_bytes()).is_some();
    match MANAGERS.into_iter().find(|(_, words, _)| says(words)) {
        None => Ok(()),
        Some((manager, _, instead)) => Err(InstallError::Managed {
            whose: format!("{} is {manager}'s, which writes it anew whenever it likes", shown(path)),
            instead: instead.to_owned(),
        }),
    }
}

/// A path with all links followed, as far as it exists.
pub(super) fn resolved(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let Ok(real) = ancestor.canonicalize() {
            return match path.strip_prefix(ancestor) {
                Ok(rest) if rest.as_os_str().is_empty() => real,
                Ok(rest) => real.join(rest),
                Err(_) => break,
            };
        }
    }
    path.to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn husky_is_known_by_its_folder() {
        assert_eq!(husky_folder(Path::new("/r/web/.husky/_")), Some(Path::new("/r/web/.husky")));
        assert_eq!(husky_folder(Path::new("/r/.husky")), Some(Path::new("/r/.husky")));
        assert_eq!(husky_folder(Path::new("/r/.githooks")), None);
    }

    #[test]
    fn what_does_not_exist_yet_is_resolved_as_far_as_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        assert_eq!(resolved(&folder.path().join("a/b")), real.join("a/b"));
        assert_eq!(resolved(folder.path()), real);
    }
}
