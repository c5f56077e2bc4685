//! Which work tree a folder lies in, and what git ignores there.
//!
//! Hands on [`WorkTree`]. Git itself answers: only it knows whose repository may be trusted, and that a tracked file is never
//! ignored. The trap: a variable such as `GIT_DIR`, set for a hook, would make it speak of another repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::printable;
use super::process::Git;
use super::{GitError, system};

/// What would point git to another repository than the folder's own.
const POINTERS: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE"];

/// A work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTree {
    /// Its top.
    pub top: PathBuf,
}

impl WorkTree {
    /// The one that a folder lies in; `None` when there is none. Where no `.git` stands above, git is not even asked.
    ///
    /// # Errors
    /// When there is one that git cannot open or does not trust.
    pub fn holding(folder: &Path) -> Result<Option<Self>, GitError> {
        let folder = folder.canonicalize().map_err(|e| GitError::io("look at a folder", folder, &e))?;
        if !folder.ancestors().any(|above| above.join(".git").symlink_metadata().is_ok()) {
            return Ok(None);
        }
        let output = run(&folder, "rev-parse", &["--show-toplevel"])?;
        if !output.status.success() {
            let said = printable(&output.stderr);
            return match said {
                _ if said.contains("dubious ownership") => Err(GitError::NotOwned { reason: said }),
                // Inside a git directory, or a bare repository.
                _ if said.contains("must be run in a work tree") || said.contains("not a git repository") => {
                    Ok(None)
                }
                _ => Err(GitError::GitFailed { command: "rev-parse", reason: said }),
            };
        }
        let top = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
        Ok(Some(Self { top: system::path_of(top) }))
    }

    /// The files and folders below a folder of a work tree that git ignores, relative to it. What is tracked is not among
    /// them; of an ignored folder only the folder itself is.
    ///
    /// # Errors
    /// When git cannot tell.
    pub fn ignored_below(folder: &Path) -> Result<Vec<PathBuf>, GitError> {
        let arguments = ["--others", "--ignored", "--exclude-standard", "--directory", "-z"];
        let output = run(folder, "ls-files", &arguments)?;
        if !output.status.success() {
            let reason = printable(&output.stderr);
            return Err(GitError::GitFailed { command: "ls-files", reason });
        }
        let paths = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| system::path_of(path.strip_suffix(b"/").unwrap_or(path))).collect())
    }
}

fn run(folder: &Path, name: &'static str, arguments: &[&str]) -> Result<std::process::Output, GitError> {
    let git = Git::find("it says which files are ignored, and whose repository may be trusted")?;
    let mut command: Command = git.command();
    command.arg(name).args(arguments).current_dir(folder);
    for pointer in POINTERS {
        command.env_remove(pointer);
    }
    git.output(name, &mut command)
}
