//! lefthook: one script a hook in `.lefthook`, named in `lefthook.yml`.
//!
//! Hands on: [`install`]. The trap: lefthook skips a command of pre-commit when it finds no staged file for it, by a list
//! that lacks links which became files (tried with 2.2), and one that is empty below a `root:`. Scripts it always runs, after
//! all commands.

use std::fs;
use std::path::{Path, PathBuf};

use super::yaml::Plain;
use super::{Report, TeamFile, next};
use crate::install::{InstallError, shown, takes_input};

/// The names that lefthook looks for, without the endings.
const STEMS: [&str; 3] = ["lefthook", ".lefthook", ".config/lefthook"];

const SCRIPT: &str = "unleak.sh";

pub(super) fn install(top: &Path, names: &[&'static str]) -> Result<Report, InstallError> {
    let file = find(top)?;
    let mut text = file.text.clone().unwrap_or_default();
    let mut report = Report::default();
    let mut added = Vec::new();
    let mut scripts = Vec::new();
    let folder = top.join(script_folder(&text).map_err(|why| file.paste(why, &whole("pre-commit")))?);
    for &name in names {
        if name == "pre-receive" {
            report
                .problems
                .push(format!("cannot install {name} through lefthook: it does not run on servers"));
            continue;
        }
        let yaml = matches!(file.path.extension().and_then(|e| e.to_str()), Some("yml" | "yaml"));
        let extended = if yaml { extend(&text, name) } else { Err("it is no YAML") };
        let script = TeamFile::read(folder.join(name).join(SCRIPT))?;
        if script.text.is_none() {
            scripts.push((name, script));
        }
        match extended {
            Ok(Some(extended)) => {
                text = extended;
                added.push(name);
            }
            Ok(None) => report.done.push(format!("{} has unleak in {name} already", shown(&file.path))),
            Err(why) => report.problems.push(file.paste(why, &whole(name)).to_string()),
        }
    }
    // First what the configuration will name: lefthook blocks where it is missing.
    for (name, script) in &scripts {
        let parent = folder.join(name);
        fs::create_dir_all(&parent).map_err(InstallError::io("make", &parent))?;
        script.write_executable(&script_text(name))?;
    }
    if !added.is_empty() {
        file.write(&text)?;
        report.done.push(format!("lefthook calls unleak in {}", added.join(" and ")));
    }
    if !added.is_empty() || !scripts.is_empty() {
        let written: Vec<&Path> = std::iter::once(&file.path)
            .chain(scripts.iter().map(|(_, s)| &s.path))
            .map(PathBuf::as_path)
            .collect();
        report.done.push(next(top, &written, ""));
        report
            .warnings
            .push("lefthook takes part in a clone only after `lefthook install` was run in it".to_owned());
    }
    Ok(report)
}

/// What `.lefthook/NAME/unleak.sh` holds: the plain hook, with the name that its own file does not tell.
fn script_text(name: &str) -> String {
    include_str!("../../../hooks/git-hook")
        .lines()
        .filter(|line| !line.starts_with("# unleak blocks"))
        .map(|line| if line.starts_with("hook=") { format!("hook={name}\n") } else { format!("{line}\n") })
        .collect()
}

/// Where the scripts lie: `source_dir`, which is `.lefthook` where it is not set.
fn script_folder(text: &str) -> Result<&str, &'static str> {
    let set = text.lines().find_map(|line| line.strip_prefix("source_dir:"));
    let folder = set.unwrap_or(".lefthook").trim();
    let plain = folder.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b));
    if folder.is_empty() || !plain || folder.starts_with('/') || folder.split('/').any(|part| part == "..") {
        return Err("its source_dir is no plain folder below the top");
    }
    Ok(folder)
}

fn find(top: &Path) -> Result<TeamFile, InstallError> {
    for stem in STEMS {
        for ending in ["yml", "yaml", "json", "jsonc", "toml"] {
            let file = TeamFile::read(top.join(format!("{stem}.{ending}")))?;
            if file.text.is_some() {
                return Ok(file);
            }
        }
    }
    Ok(TeamFile { path: top.join("lefthook.yml"), text: None })
}

/// The lines that say how the script is run, at an indent.
fn how(name: &str, indent: usize) -> String {
    let input = if takes_input(name) { format!("{:indent$}use_stdin: true\n", "") } else { String::new() };
    format!("{:indent$}runner: sh\n{input}", "")
}

/// An entry of `scripts`, or of `jobs`.
fn entry(name: &str, indent: usize, job: bool) -> String {
    if job {
        format!("{:indent$}- name: unleak\n{:indent$}  script: {SCRIPT}\n{}", "", "", how(name, indent + 2))
    } else {
        format!("{:indent$}{SCRIPT}:\n{}", "", how(name, indent + 2))
    }
}

/// The hook with unleak as all it has.
fn whole(name: &str) -> String {
    format!("{name}:\n  scripts:\n{}", entry(name, 4, false))
}

/// The text with unleak in one hook; `None` when it is there already.
fn extend(text: &str, name: &str) -> Result<Option<String>, &'static str> {
    let plain = Plain::read(text)?;
    let Some((hook, value)) = plain.top(name) else {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return Ok(Some(format!("{text}{gap}{}", whole(name))));
    };
    if plain.holds(hook, SCRIPT) {
        return Ok(None);
    }
    let odd = "the hook is there already, and not in a shape that can be extended without reading YAML";
    let Some(indent) = plain.indent(hook).filter(|_| value.is_empty() && plain.is_of(hook, false)) else {
        return Err(odd);
    };
    if takes_input(name) {
        return Err("lefthook gives what is pushed to one command only, and the hook has some already");
    }
    if ["skip", "only", "files", "exclude_tags"].iter().any(|key| plain.below(hook, key).is_some()) {
        return Err("the hook has skip, only, files or exclude_tags, which would hold for unleak too");
    }
    for (key, items) in [("jobs", true), ("scripts", false)] {
        match plain.below(hook, key) {
            None => {}
            Some((block, "")) if plain.is_of(block, items) => {
                let indent = plain.indent(block).ok_or(odd)?;
                return Ok(Some(plain.with(block, &entry(name, indent, items))));
            }
            Some(_) => return Err(odd),
        }
    }
    let scripts = format!("{:indent$}scripts:\n{}", "", entry(name, indent + 2, false));
    Ok(Some(plain.with(hook, &scripts)))
}

pub(super) fn fuzz(text: &str) {
    let below = |folder: &str| !folder.starts_with('/') && folder.split('/').all(|part| part != "..");
    assert!(script_folder(text).map_or(true, below));
    for name in ["pre-commit", "pre-push"] {
        if let Ok(Some(extended)) = extend(text, name) {
            super::keeps_lines(text, &extended);
            assert_eq!(extend(&extended, name), Ok(None), "{extended:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extended(text: &str) -> String {
        let after = extend(text, "pre-commit").unwrap().unwrap();
        assert_eq!(extend(&after, "pre-commit"), Ok(None), "twice is as good as once:\n{after}");
        after
    }

    #[test]
    fn a_file_without_the_hook_gets_it_at_its_end() {
        let before = "output: false\npre-push:\n  commands:\n    test:\n      run: cargo test";
        assert_eq!(extended(before), format!("{before}\n{}", whole("pre-commit")));
        assert_eq!(extended(""), "pre-commit:\n  scripts:\n    unleak.sh:\n      runner: sh\n");
    }

    #[test]
    fn a_hook_with_commands_scripts_or_jobs_gets_one_more() {
        let commands = "pre-commit:\n  parallel: true\n  commands:\n    lint:\n      run: x\n\n# next\npre-push:\n  jobs: []\n";
        let expected = "run: x\n  scripts:\n    unleak.sh:\n      runner: sh\n\n# next";
        assert_eq!(extended(commands), commands.replace("run: x\n\n# next", expected));
        let scripts =
            "pre-commit:\n    scripts:\n        a.sh:\n            runner: sh\n    parallel: true\n";
        let expected = "runner: sh\n        unleak.sh:\n          runner: sh\n    parallel";
        assert_eq!(extended(scripts), scripts.replace("runner: sh\n    parallel", expected));
        let jobs = "pre-commit:\n    jobs:\n    - name: lint\n      run: |\n        a\n        b\n";
        let expected = "    - name: unleak\n      script: unleak.sh\n      runner: sh\n";
        assert_eq!(extended(jobs), format!("{jobs}{expected}"));
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_person() {
        for text in [
            "pre-commit: {commands: {lint: {run: x}}}\n",
            "pre-commit: &all\n  commands:\n    lint:\n      run: x\n",
            "pre-commit:\n  scripts: *all\n",
            "pre-commit:\n  <<: *all\n",
            "pre-commit:\n  scripts:\n    \"x.sh\":\n      runner: sh\n",
            "pre-commit:\n  jobs: []\n",
            "pre-commit:\n  skip: merge\n  commands:\n    x:\n      run: y\n",
        ] {
            assert!(extend(text, "pre-commit").is_err(), "{text}");
        }
        assert!(extend("pre-push:\n  commands:\n    x:\n      run: y\n", "pre-push").is_err());
    }

    #[test]
    fn the_script_names_its_hook_and_nothing_else() {
        let text = script_text("pre-merge-commit");
        assert!(text.starts_with("#!/bin/sh\nhook=pre-merge-commit\n"), "{text}");
        assert_eq!(text.matches("hook=").count(), 1);
    }

    #[test]
    fn scripts_lie_where_source_dir_says() {
        assert_eq!(script_folder("a: b\n"), Ok(".lefthook"));
        assert_eq!(script_folder("source_dir: tools/hooks\n"), Ok("tools/hooks"));
        assert!(script_folder("source_dir: ../hooks\n").is_err());
        assert!(script_folder("source_dir: \"a b\"\n").is_err());
    }
}
