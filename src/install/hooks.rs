//! The hooks of one repository: installs them beside what stands there, and puts that back.
//!
//! Hands on: [`install`] and [`uninstall`]. The trap: at no moment may a hook be missing that was there before, so the old
//! one gets its second name first, and ours is then renamed over the first.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::file::{self, Found, Mode};
use super::place::{Place, refuse_managers};
use super::script::{self, Authorship};
use super::{HOOKS, InstallError, Report, executable, shown};
use crate::git::Repository;

/// Where a hook is kept that stood in our place; documented, and part of every script.
const KEPT: &str = ".before-unleak";

/// Where pre-commit and prek move a hook that they find in their place, and from where they call it.
const LEGACY: &str = ".legacy";

/// Another process may do the same at the same time; then what stands there is looked at again.
const ATTEMPTS: u32 = 5;

/// Installs the named hooks in the current repository, each calling `program`.
///
/// # Errors
/// When nothing could be installed; hooks that failed alone are the report's problems.
pub fn install(names: &[&'static str], program: &Path) -> Result<Report, InstallError> {
    let repository = Repository::open_from_env()?;
    if repository.top().is_none() && names.iter().any(|name| *name != "pre-receive") {
        return Err(InstallError::Bare);
    }
    let place = Place::find(&repository)?;
    if place.covered {
        let covered = |name: &&str| fs::read(place.folder.join(name)).is_ok_and(|hook| script::judges(&hook));
        let (covered, missing): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| covered(name));
        let mut report = Report::default();
        if !covered.is_empty() {
            report.done.push(format!(
                "{} run here already: `unleak install --global` covers all of your repositories",
                covered.join(", ")
            ));
        }
        if !missing.is_empty() {
            report.problems.push(format!(
                "cannot install {0} here alone: your global installation takes this repository's place for hooks. Instead: unleak install --global --hook {0}",
                missing.join(" --hook ")
            ));
        }
        return Ok(report);
    }
    place.refuse_what_is_not_ours(&repository)?;
    let folder = &place.folder;
    fs::create_dir_all(folder).map_err(InstallError::io("make", folder))?;

    let mut report = Report::default();
    let mut installed = Vec::new();
    let mut unchanged = Vec::new();
    let mut me = None;
    for &name in names {
        match install_one(folder, name, program) {
            Ok(done) => {
                me = me.or(file::owner(&folder.join(name)));
                let list = if done.changed { &mut installed } else { &mut unchanged };
                list.push(name);
                report.done.extend(done.notes);
            }
            Err(error) => report.problems.push(error.to_string()),
        }
    }
    let mut first = Vec::new();
    if !installed.is_empty() {
        first.push(format!(
            "{} installed in {}, calling {}",
            installed.join(" and "),
            shown(folder),
            shown(program)
        ));
    }
    if !unchanged.is_empty() {
        first.push(format!("{} installed already in {}", unchanged.join(" and "), shown(folder)));
    }
    report.done.splice(..0, first);
    if place.shared && !(installed.is_empty() && unchanged.is_empty()) {
        report.warnings.push(format!(
            "{} is not this repository's alone: core.hooksPath is set for your account or this machine, so these hooks run in every repository that has no core.hooksPath of its own",
            shown(folder)
        ));
    }
    report.warnings.extend(executable::warnings(program, repository.top(), me));
    Ok(report)
}

/// What became of one hook.
struct Done {
    changed: bool,
    notes: Vec<String>,
}

fn install_one(folder: &Path, name: &str, program: &Path) -> Result<Done, InstallError> {
    let path = folder.join(name);
    let kept = kept_path(folder, name);
    sweep(folder, name);
    let mut notes = Vec::new();
    for _ in 0..ATTEMPTS {
        let mut script = script::repository_hook(name, program, content(&look(&kept)?));
        match look(&path)? {
            Found::Nothing => {}
            Found::Other => return Err(InstallError::NoFile { path }),
            Found::File(before) if script::authorship(&before) == Authorship::Ours => {
                if before == script && is_executable(&path)? {
                    return Ok(Done { changed: false, notes });
                }
            }
            Found::File(before) if script::authorship(&before) == Authorship::Edited => {
                return Err(InstallError::Edited { path });
            }
            found @ (Found::File(_) | Found::Link(_)) => {
                let before = content(&found);
                refuse_managers(&path, before.unwrap_or_default())?;
                let legacy = folder.join(format!("{name}{LEGACY}"));
                if before.is_some_and(script::is_frameworks) && is_ours(&legacy)? {
                    let changed = content(&look(&legacy)?) != Some(&script[..]);
                    if changed {
                        write_hook(&legacy, &script)?;
                    }
                    let note =
                        format!("{} is a framework's, which calls unleak as {name}{LEGACY}", shown(&path));
                    return Ok(Done { changed, notes: vec![note] });
                }
                script = script::repository_hook(name, program, before);
                match file::keep(&path, &kept) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        if !same(&path, &kept)? {
                            // Ours may have arrived in between.
                            if is_ours(&path)? {
                                continue;
                            }
                            return Err(InstallError::BothStand { path, kept });
                        }
                    }
                    Err(error) => return Err(InstallError::io("write", &kept)(error)),
                }
                notes = vec![note_on(&kept, name)];
            }
        }
        write_hook(&path, &script)?;
        return Ok(Done { changed: true, notes });
    }
    Err(InstallError::BothStand { path, kept })
}

fn write_hook(path: &Path, script: &[u8]) -> Result<(), InstallError> {
    file::write_whole(path, script, Mode::Executable).map_err(InstallError::io("write", path))
}

fn note_on(kept: &Path, name: &str) -> String {
    let file = shown(Path::new(kept.file_name().unwrap_or_default()));
    match kept.metadata() {
        Ok(metadata) if metadata.is_file() && file::is_executable(&metadata) => {
            format!("the {name} hook that stood there is kept as {file} and runs first")
        }
        _ => format!(
            "the {name} hook that stood there is kept as {file}; git ignored it, since it cannot be executed, and so does unleak"
        ),
    }
}

/// Removes what [`install`] wrote in the current repository and puts back what stood there. With `force`, also hooks of
/// ours that were edited since.
///
/// # Errors
/// When the repository cannot be asked.
pub fn uninstall(force: bool) -> Result<Report, InstallError> {
    let repository = Repository::open_from_env()?;
    let place = Place::find(&repository)?;
    let mut folders = vec![repository.common_dir().join("hooks")];
    if !place.covered && place.folder != folders[0] && place.folder.is_dir() {
        folders.push(place.folder.clone());
    }
    let mut report = Report::default();
    for folder in &folders {
        for name in HOOKS {
            sweep(folder, name);
            match uninstall_one(folder, name, force) {
                Ok(note) => report.done.extend(note),
                Err(error) => report.problems.push(error.to_string()),
            }
        }
    }
    if place.covered {
        report.warnings.push(
            "your global installation still judges in this repository: unleak uninstall --global".to_owned(),
        );
    }
    if report.done.is_empty() && report.problems.is_empty() {
        report.done.push(format!(
            "nothing to remove: no hook of unleak's in {}",
            shown(&folders[folders.len() - 1])
        ));
    }
    Ok(report)
}

fn uninstall_one(folder: &Path, name: &str, force: bool) -> Result<Option<String>, InstallError> {
    let path = folder.join(name);
    let kept = kept_path(folder, name);
    let has_kept = fs::symlink_metadata(&kept).is_ok();
    let legacy = folder.join(format!("{name}{LEGACY}"));
    if is_ours(&legacy)? {
        if has_kept && same(&path, &kept)? {
            // The framework's own hook, which has taken its place again.
            fs::remove_file(&kept).map_err(InstallError::io("remove", &kept))?;
        } else if has_kept {
            fs::rename(&kept, &legacy).map_err(InstallError::io("put back", &legacy))?;
            return Ok(Some(format!("{} put back, where the framework calls it", shown(&legacy))));
        }
        fs::remove_file(&legacy).map_err(InstallError::io("remove", &legacy))?;
        return Ok(Some(format!("{} removed", shown(&legacy))));
    }
    let authorship = match look(&path)? {
        Found::Nothing if has_kept => None,
        Found::Nothing => return Ok(None),
        Found::File(hook) => Some(script::authorship(&hook)),
        Found::Link(_) | Found::Other => Some(Authorship::Foreign),
    };
    match authorship {
        Some(Authorship::Edited) if !force => return Err(InstallError::Edited { path }),
        Some(Authorship::Foreign) if has_kept => {
            // An installation that was stopped half-way leaves two names of one file.
            if !same(&path, &kept)? {
                return Err(InstallError::BothStand { path, kept });
            }
            fs::remove_file(&kept).map_err(InstallError::io("remove", &kept))?;
            return Ok(Some(format!("{} removed, a second name of {name}", shown(&kept))));
        }
        Some(Authorship::Foreign) => return Ok(None),
        Some(Authorship::Ours | Authorship::Edited) | None => {}
    }
    if has_kept {
        fs::rename(&kept, &path).map_err(InstallError::io("put back", &path))?;
        return Ok(Some(format!("{} put back as it was before unleak", shown(&path))));
    }
    fs::remove_file(&path).map_err(InstallError::io("remove", &path))?;
    Ok(Some(format!("{} removed", shown(&path))))
}

fn kept_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{KEPT}"))
}

fn look(path: &Path) -> Result<Found, InstallError> {
    file::look(path).map_err(InstallError::io("read", path))
}

/// The bytes to which a path leads.
fn content(found: &Found) -> Option<&[u8]> {
    if let Found::File(bytes) | Found::Link(Some(bytes)) = found { Some(bytes) } else { None }
}

fn is_ours(path: &Path) -> Result<bool, InstallError> {
    Ok(matches!(look(path)?, Found::File(hook) if script::authorship(&hook) == Authorship::Ours))
}

fn is_executable(path: &Path) -> Result<bool, InstallError> {
    let metadata = path.metadata().map_err(InstallError::io("read", path))?;
    Ok(file::is_executable(&metadata))
}

/// True when two names lead to the same bytes.
fn same(one: &Path, other: &Path) -> Result<bool, InstallError> {
    Ok(match (look(one)?, look(other)?) {
        (Found::File(one), Found::File(other)) => one == other,
        (Found::Link(_), Found::Link(_)) => fs::read_link(one).ok() == fs::read_link(other).ok(),
        _ => false,
    })
}

/// Removes what a killed run of ours left: files that git never runs, and that nobody else names so.
fn sweep(folder: &Path, name: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let prefix = format!(".{name}.unleak-");
    for entry in entries.flatten() {
        let file = entry.file_name();
        let number = file.to_str().and_then(|f| f.strip_prefix(&prefix)).unwrap_or_default();
        let stale = entry.metadata().and_then(|m| m.modified()).is_ok_and(|written| {
            // Another installation may be about to rename its own.
            written.elapsed().is_ok_and(|age| age.as_secs() > 60)
        });
        if stale && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
            // Nothing depends on it.
            drop(fs::remove_file(entry.path()));
        }
    }
}
