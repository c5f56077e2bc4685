//! Where the running program is installed, and whether a hook may count on that place.
//!
//! Hands on: [`locate`] and [`warnings`]. The trap: the system's answer follows symbolic links, so an upgrade through a
//! package manager (`…/Cellar/unleak/0.1.0/…`) would leave a hook with a dead path; the link itself is the better name.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::file::others_who_write;
use super::{InstallError, shown};
use crate::git::find_program;

/// The running program's path, absolute; as it was called, where that leads to the same file.
///
/// # Errors
/// When the system does not tell, or the file was removed while it ran.
pub fn locate() -> Result<PathBuf, InstallError> {
    let failed = |e: std::io::Error| InstallError::NoProgram { reason: e.to_string() };
    let running = std::env::current_exe().map_err(failed)?;
    let file = running.canonicalize().map_err(failed)?;
    let called = std::env::args_os().next().and_then(|name| as_called(&name));
    let same = |path: &PathBuf| path.canonicalize().is_ok_and(|p| p == file);
    // Windows canonicalizes to `\\?\C:\…`, which its sh does not take.
    Ok(called.filter(same).unwrap_or(running))
}

fn as_called(name: &OsStr) -> Option<PathBuf> {
    let path = Path::new(name);
    if path.components().count() > 1 { std::path::absolute(path).ok() } else { find_program(name.to_str()?) }
}

/// Why a hook should not count on this program, a sentence each. `top` is the work tree's, `me` the user's id.
pub(super) fn warnings(program: &Path, top: Option<&Path>, me: Option<u32>) -> Vec<String> {
    let mut warnings = Vec::new();
    let file = program.canonicalize().unwrap_or_else(|_| program.to_path_buf());
    let name = shown(program);
    if let Some(folder) = passing_folder(&file) {
        warnings.push(format!(
            "{name} lies in {folder}: the hook will block all commits once it is gone. Install unleak in a lasting place (`cargo install --path .` in its sources) and run `unleak install` from there"
        ));
    } else if top.and_then(|t| t.canonicalize().ok()).is_some_and(|top| file.starts_with(top)) {
        warnings.push(format!(
            "{name} lies in this repository's work tree: whatever is checked out there may replace the judge"
        ));
    }
    // The links on the way as well as where they lead.
    let links = program.ancestors().skip(1);
    if let Some((path, who)) = file
        .ancestors()
        .chain(links)
        .find_map(|path| Some((path, others_who_write(&path.metadata().ok()?, me)?)))
    {
        warnings.push(format!(
            "{who} to {}: whoever may do that may replace the judge. Take that right away, or install unleak elsewhere",
            shown(path)
        ));
    }
    warnings
}

/// In which folder that does not last a file lies, if in one.
fn passing_folder(file: &Path) -> Option<&'static str> {
    let parts: Vec<&OsStr> = file
        .components()
        .filter_map(|c| if let Component::Normal(part) = c { Some(part) } else { None })
        .collect();
    let after = |name: &str, offset: usize| {
        parts.iter().rposition(|p| *p == name).and_then(|i| parts.get(i + offset)).copied()
    };
    let profile = |part: Option<&OsStr>| part.is_some_and(|p| p == "debug" || p == "release");
    // `target/release`, or `target/x86_64-unknown-linux-musl/release`.
    if profile(after("target", 1)) || profile(after("target", 2)) {
        return Some("a build folder");
    }
    if after(".cache", 1).is_some_and(|p| p == "pre-commit" || p == "prek") {
        return Some("a hook framework's cache");
    }
    let canonical = |path: PathBuf| path.canonicalize().ok();
    [PathBuf::from("/tmp"), PathBuf::from("/var/tmp"), std::env::temp_dir()]
        .into_iter()
        .filter_map(canonical)
        .any(|folder| file.starts_with(folder))
        .then_some("a folder for temporary files")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_and_cache_folders_do_not_last() {
        for path in ["/src/unleak/target/debug/unleak", "/src/target/aarch64-apple-darwin/release/unleak"] {
            assert_eq!(passing_folder(Path::new(path)), Some("a build folder"), "{path}");
        }
        let cached = Path::new("/home/me/.cache/pre-commit/repo1/rustenv/bin/unleak");
        assert_eq!(passing_folder(cached), Some("a hook framework's cache"));
        for path in ["/home/me/.cargo/bin/unleak", "/home/target/bin/unleak", "/usr/bin/unleak"] {
            assert_eq!(passing_folder(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_folder_for_temporary_files_does_not_last() {
        let file = std::env::temp_dir().canonicalize().unwrap().join("x/unleak");
        assert_eq!(passing_folder(&file), Some("a folder for temporary files"));
    }
}
