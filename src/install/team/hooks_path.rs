//! A folder of plain hooks that the team commits and each clone names in `core.hooksPath`.
//!
//! Hands on: [`install`]. The trap: no clone uses it before its user has set `core.hooksPath`, which no repository can do
//! for them; so that command is part of the report.

use std::fs;
use std::path::Path;

use super::{Report, TeamFile, said, shell};
use crate::git::Repository;
use crate::install::place::{husky_folder, resolved};
use crate::install::{InstallError, shown};

const FOLDER: &str = ".githooks";

pub(super) fn install(
    repository: &Repository,
    top: &Path,
    names: &[&'static str],
) -> Result<Report, InstallError> {
    let configured = repository.hooks_dir()?;
    let real = resolved(&configured);
    let in_tree = real.starts_with(resolved(top))
        && !real.starts_with(resolved(repository.common_dir()))
        && !real.starts_with(resolved(repository.git_dir()));
    if in_tree && husky_folder(&real).is_some() {
        return Err(InstallError::Managed {
            whose: format!("{} is husky's", shown(&configured)),
            instead: "unleak install --team husky".to_owned(),
        });
    }
    let folder = if in_tree { configured } else { top.join(FOLDER) };
    fs::create_dir_all(&folder).map_err(InstallError::io("make", &folder))?;
    let mut report = Report::default();
    let mut written = Vec::new();
    for &name in names {
        if name == "pre-receive" {
            report.problems.push(format!("cannot install {name} in a work tree: it runs on servers"));
            continue;
        }
        let file = TeamFile::read(folder.join(name))?;
        match &file.text {
            Some(text) if shell::calls_unleak(text, name) => {
                report.done.push(format!("{} calls unleak already", shown(&file.path)));
                continue;
            }
            Some(text) => {
                let block = shell::block(name);
                match shell::extend(text, name, &block) {
                    Ok(text) => file.write(&text)?,
                    Err(why) => {
                        report.problems.push(file.paste(why, &block).to_string());
                        continue;
                    }
                }
            }
            None => file.write_executable(include_str!("../../../hooks/git-hook"))?,
        }
        written.push((name, file.path));
    }
    let relative = shown(folder.strip_prefix(top).unwrap_or(&folder));
    if !written.is_empty() {
        report.done.extend(said(&relative, top, &written, " (on Windows: git add --chmod=+x)"));
    }
    if !in_tree {
        report.done.push(format!("once in every clone, this one too: git config core.hooksPath {relative}"));
    }
    Ok(report)
}
