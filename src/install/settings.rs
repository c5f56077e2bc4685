//! git's configuration, read and changed by git itself, which knows every place where it may lie.
//!
//! Hands on: [`Settings`]. The trap: one scope may hold a name several times, and git takes the last; that is how ours is
//! added and removed without touching a byte of the user's own line.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::InstallError;
use crate::git::{find_program, path_of};

const HOOKS_PATH: &str = "core.hooksPath";

/// Runs `git config`.
pub(super) struct Settings {
    git: PathBuf,
}

impl Settings {
    pub(super) fn open() -> Result<Self, InstallError> {
        let git = find_program("git").ok_or_else(|| InstallError::Settings {
            what: "read git's configuration",
            reason: "git is not on PATH".to_owned(),
        })?;
        Ok(Self { git })
    }

    /// True when this repository's own configuration (not the user's or the system's) sets where hooks lie.
    pub(super) fn repository_sets_hooks_path(&self) -> Result<bool, InstallError> {
        // Git refuses the question about one work tree where only their common configuration is in use.
        Ok(!self.values("--local")?.is_empty() || self.values("--worktree").is_ok_and(|v| !v.is_empty()))
    }

    /// The folders that the user's configuration names for hooks, `~` expanded, in git's order: the last one counts.
    pub(super) fn global_hooks_paths(&self) -> Result<Vec<PathBuf>, InstallError> {
        self.values("--global")
    }

    /// The folder that the machine's configuration names for hooks.
    pub(super) fn system_hooks_path(&self) -> Result<Option<PathBuf>, InstallError> {
        Ok(self.values("--system")?.pop())
    }

    /// Adds a folder to the user's configuration, after what it has.
    pub(super) fn add_global_hooks_path(&self, folder: &Path) -> Result<(), InstallError> {
        const WHAT: &str = "set core.hooksPath in your git configuration";
        let mut command = self.command("--global");
        command.arg("--add").arg(HOOKS_PATH).arg(folder);
        succeeded(WHAT, &output(WHAT, &mut command)?)
    }

    /// Takes one folder out of the user's configuration, wherever it stands in it.
    pub(super) fn remove_global_hooks_path(&self, folder: &Path) -> Result<(), InstallError> {
        const WHAT: &str = "take core.hooksPath out of your git configuration";
        let mut command = self.command("--global");
        command.arg("--unset-all").arg(HOOKS_PATH).arg(exactly(folder)?);
        succeeded(WHAT, &output(WHAT, &mut command)?)
    }

    fn values(&self, scope: &str) -> Result<Vec<PathBuf>, InstallError> {
        const WHAT: &str = "read git's configuration";
        let mut command = self.command(scope);
        command.args(["--includes", "--path", "-z", "--get-all", HOOKS_PATH]);
        let output = output(WHAT, &mut command)?;
        if output.status.code() == Some(1) {
            return Ok(Vec::new());
        }
        succeeded(WHAT, &output)?;
        let values = output.stdout.split(|&b| b == 0).filter(|v| !v.is_empty());
        Ok(values.map(path_of).collect())
    }

    fn command(&self, scope: &str) -> Command {
        let mut command = Command::new(&self.git);
        command.args(["config", scope]).env("LC_ALL", "C").env_remove("LANGUAGE").stdin(Stdio::null());
        command
    }
}

fn output(what: &'static str, command: &mut Command) -> Result<Output, InstallError> {
    command.output().map_err(|e| InstallError::Settings { what, reason: e.to_string() })
}

fn succeeded(what: &'static str, output: &Output) -> Result<(), InstallError> {
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().next().unwrap_or("git failed").to_owned();
    Err(InstallError::Settings { what, reason })
}

/// The extended regular expression that matches this value and no other.
fn exactly(folder: &Path) -> Result<String, InstallError> {
    let text = folder.to_str().ok_or_else(|| InstallError::Settings {
        what: "name the folder to git",
        reason: "its path is no UTF-8".to_owned(),
    })?;
    let mut pattern = String::from("^");
    for c in text.chars() {
        if r"\.[]{}()*+?^$|".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('$');
    Ok(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_matched_as_it_is() {
        assert_eq!(exactly(Path::new("/a.b+c/(d)")).unwrap(), r"^/a\.b\+c/\(d\)$");
    }
}
