//! Hooks for every repository of a user: a folder with one dispatcher for each name, which `core.hooksPath` names.
//!
//! Hands on: [`install`], [`uninstall`], [`folder`]. The trap: with `core.hooksPath` set git looks nowhere else, so a name
//! without a dispatcher is a hook that no repository runs any more; every name that git has gets one.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{self, Found, Mode};
use super::place::resolved;
use super::script::{self, Authorship};
use super::settings::Settings;
use super::{InstallError, Report, executable, shown};

/// Every hook that git 2.47 looks for in the hooks folder (githooks(5)). `fsmonitor-watchman` is named by a path.
const NAMES: [&str; 27] = [
    "applypatch-msg",
    "commit-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

/// Where the dispatchers lie: `unleak/hooks` in the folder for the user's data.
///
/// # Errors
/// When neither `XDG_DATA_HOME` nor HOME is set.
pub fn folder() -> Result<PathBuf, InstallError> {
    let named = |variable: &str| std::env::var_os(variable).map(PathBuf::from).filter(|p| p.is_absolute());
    let data = named("XDG_DATA_HOME")
        .or_else(|| if cfg!(windows) { named("LOCALAPPDATA") } else { None })
        .or_else(|| std::env::home_dir().filter(|h| h.is_absolute()).map(|home| home.join(".local/share")))
        .ok_or(InstallError::NoHome)?;
    Ok(data.join("unleak").join("hooks"))
}

/// Makes every repository of this user call unleak in the named hooks, and in those named earlier.
///
/// # Errors
/// When the folder or git's configuration cannot be written; then git still finds the hooks where it did.
pub fn install(names: &[&'static str], program: &Path) -> Result<Report, InstallError> {
    let folder = folder()?;
    let settings = Settings::open()?;
    let configured = settings.global_hooks_paths()?;
    let is_ours = |path: &PathBuf| resolved(path) == resolved(&folder);
    let former = match configured.iter().rfind(|path| !is_ours(path)) {
        Some(path) => Some(path.clone()),
        None => settings.system_hooks_path()?,
    };
    fs::create_dir_all(&folder).map_err(InstallError::io("make", &folder))?;

    let scripts = scripts(&folder, names, program, former.as_deref())?;
    let mut changed = false;
    for (path, script) in &scripts.to_write {
        file::write_whole(path, script, Mode::Executable).map_err(InstallError::io("write", path))?;
        changed = true;
    }
    if configured.last().is_none_or(|path| !is_ours(path)) {
        if configured.iter().any(is_ours) {
            settings.remove_global_hooks_path(&folder)?;
        }
        settings.add_global_hooks_path(&folder)?;
        changed = true;
        if settings.global_hooks_paths()?.last().is_none_or(|path| !is_ours(path)) {
            settings.remove_global_hooks_path(&folder)?;
            return Err(InstallError::Settings {
                what: "set core.hooksPath in your git configuration",
                reason: "a file that it includes sets another; change it there".to_owned(),
            });
        }
    }

    let mut report = Report::default();
    let judged = scripts.judged.join(" and ");
    let judge = if scripts.judged.len() == 1 { "judges" } else { "judge" };
    report.done.push(if changed {
        format!(
            "{judged} {judge} in every repository of yours, calling {}; core.hooksPath is {}",
            shown(program),
            shown(&folder)
        )
    } else {
        format!("{judged} {judge} in every repository of yours already")
    });
    report.done.push(match former {
        Some(former) => format!("hooks of every name still run from {}, and first", shown(&former)),
        None => "each repository's own hooks of every name still run, and first".to_owned(),
    });
    report.warnings.push(
        "a repository that sets core.hooksPath itself (husky does) does not ask these hooks: run `unleak install` in it, which says what to do there".to_owned(),
    );
    report.warnings.extend(executable::warnings(program, None, file::owner(&folder)));
    Ok(report)
}

struct Scripts {
    judged: Vec<&'static str>,
    to_write: Vec<(PathBuf, Vec<u8>)>,
}

/// The dispatchers that are not yet as they should be.
fn scripts(
    folder: &Path,
    names: &[&str],
    program: &Path,
    former: Option<&Path>,
) -> Result<Scripts, InstallError> {
    let mut scripts = Scripts { judged: Vec::new(), to_write: Vec::new() };
    for name in NAMES {
        let path = folder.join(name);
        let before = match file::look(&path).map_err(InstallError::io("read", &path))? {
            Found::Nothing => None,
            Found::File(hook) => match script::authorship(&hook) {
                Authorship::Ours => Some(hook),
                Authorship::Edited | Authorship::Foreign => return Err(InstallError::Edited { path }),
            },
            Found::Link(_) | Found::Other => return Err(InstallError::NoFile { path }),
        };
        let judges = names.contains(&name) || before.as_deref().is_some_and(script::judges);
        let script = script::dispatcher(name, judges.then_some(program), former);
        if judges {
            scripts.judged.push(name);
        }
        let executable = path.metadata().is_ok_and(|m| file::is_executable(&m));
        if before.as_ref() != Some(&script) || !executable {
            scripts.to_write.push((path, script));
        }
    }
    Ok(scripts)
}

/// Takes the dispatchers away, after git's configuration has been made what it was.
///
/// # Errors
/// When git's configuration or the folder cannot be changed, or a dispatcher was edited and `force` is not given.
pub fn uninstall(force: bool) -> Result<Report, InstallError> {
    let folder = folder()?;
    let mut ours = Vec::new();
    for name in NAMES {
        let path = folder.join(name);
        match file::look(&path).map_err(InstallError::io("read", &path))? {
            Found::File(hook) => match script::authorship(&hook) {
                Authorship::Ours => ours.push(path),
                Authorship::Edited if force => ours.push(path),
                Authorship::Edited => return Err(InstallError::Edited { path }),
                Authorship::Foreign => {}
            },
            Found::Nothing | Found::Link(_) | Found::Other => {}
        }
    }
    let settings = Settings::open()?;
    let mut report = Report::default();
    let configured = settings.global_hooks_paths()?;
    if configured.iter().any(|path| resolved(path) == resolved(&folder)) {
        settings.remove_global_hooks_path(&folder)?;
        let former = configured.iter().rfind(|path| resolved(path) != resolved(&folder));
        report.done.push(match former {
            Some(former) => format!("core.hooksPath is {} again", shown(former)),
            None => "core.hooksPath is no longer set in your git configuration".to_owned(),
        });
    }
    for path in &ours {
        fs::remove_file(path).map_err(InstallError::io("remove", path))?;
    }
    if !ours.is_empty() {
        report.done.push(format!("{} hooks removed from {}", ours.len(), shown(&folder)));
        // Somebody else's file in it keeps it.
        if fs::remove_dir(&folder).is_ok()
            && let Some(parent) = folder.parent()
        {
            drop(fs::remove_dir(parent));
        }
    }
    if report.done.is_empty() {
        report.done.push("nothing to remove: unleak is not installed globally".to_owned());
    }
    Ok(report)
}
