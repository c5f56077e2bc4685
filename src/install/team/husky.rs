//! husky 9: one script for each hook in `.husky`, which husky runs with `sh -e`.
//!
//! Hands on: [`install`]. The trap: `.husky` need not lie at the top; where husky is set up, `core.hooksPath` says where.

use std::fs;
use std::path::Path;

use super::{Report, TeamFile, said, shell};
use crate::git::Repository;
use crate::install::place::{husky_folder, resolved};
use crate::install::{InstallError, shown};

/// The hooks that husky 9 offers; a server's are none.
const OFFERED: [&str; 4] = ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"];

pub(super) fn install(
    repository: &Repository,
    top: &Path,
    names: &[&'static str],
) -> Result<Report, InstallError> {
    let configured = resolved(&repository.hooks_dir()?);
    let set_up = husky_folder(&configured).filter(|folder| folder.starts_with(resolved(top)));
    let folder = set_up.map_or_else(|| top.join(".husky"), Path::to_path_buf);
    let mut report = Report::default();
    let mut written = Vec::new();
    for &name in names {
        if !OFFERED.contains(&name) {
            report.problems.push(format!("cannot install {name} through husky: it has no such hook"));
            continue;
        }
        fs::create_dir_all(&folder).map_err(InstallError::io("make", &folder))?;
        let file = TeamFile::read(folder.join(name))?;
        let block = shell::block(name);
        let text = match &file.text {
            Some(text) if shell::calls_unleak(text, name) => {
                report.done.push(format!("{} calls unleak already", shown(&file.path)));
                continue;
            }
            Some(text) => match shell::extend(text, name, &block) {
                Ok(text) => text,
                Err(why) => {
                    report.problems.push(file.paste(why, &block).to_string());
                    continue;
                }
            },
            None => block,
        };
        file.write(&text)?;
        written.push((name, file.path));
    }
    if !written.is_empty() {
        report.done.extend(said("husky", top, &written, ""));
    }
    if set_up.is_none() {
        report.warnings.push(
            "husky is not set up in this clone (core.hooksPath does not name its folder): `npx husky`, or its `prepare` script, does that".to_owned(),
        );
    }
    Ok(report)
}
