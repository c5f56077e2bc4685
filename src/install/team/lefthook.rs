//! lefthook: one entry a hook in `lefthook.yml`.
//!
//! Hands on: [`install`]. The trap: the file goes by ten names, of which lefthook takes one; a second beside it would be
//! ignored, or be an error.

use std::path::Path;

use super::yaml::Plain;
use super::{Report, TeamFile, next};
use crate::install::{InstallError, shown, takes_input};

/// The names that lefthook looks for, without the endings.
const STEMS: [&str; 3] = ["lefthook", ".lefthook", ".config/lefthook"];

pub(super) fn install(top: &Path, names: &[&'static str]) -> Result<Report, InstallError> {
    let file = find(top)?;
    let mut text = file.text.clone().unwrap_or_default();
    let mut report = Report::default();
    let mut added = Vec::new();
    for &name in names {
        if name == "pre-receive" {
            report
                .problems
                .push(format!("cannot install {name} through lefthook: it does not run on servers"));
            continue;
        }
        if text.contains(&format!("unleak hook {name}")) {
            report.done.push(format!("{} calls unleak in {name} already", shown(&file.path)));
            continue;
        }
        let yaml = matches!(file.path.extension().and_then(|e| e.to_str()), Some("yml" | "yaml"));
        let extended = if yaml { extend(&text, name) } else { Err("it is no YAML") };
        text = extended.map_err(|why| file.paste(why, &whole(name)))?;
        added.push(name);
    }
    if !added.is_empty() {
        file.write(&text)?;
        report.done.push(format!("lefthook calls unleak in {}", added.join(" and ")));
        report.done.push(next(top, &[&file.path], ""));
        report.warnings.push(
            "lefthook takes part in a clone only after `lefthook install` was run in it; keep unleak last, or at least after commands with stage_fixed".to_owned(),
        );
    }
    Ok(report)
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

/// The lines of one command below its name.
fn run(name: &str) -> Vec<String> {
    // lefthook writes a hook's arguments for `{0}`.
    let arguments = if matches!(name, "commit-msg" | "pre-push") { " {0}" } else { "" };
    let mut lines = vec![format!("run: unleak hook {name}{arguments}")];
    if takes_input(name) {
        lines.push("use_stdin: true".to_owned());
    }
    lines
}

fn command(name: &str, indent: usize, step: usize) -> String {
    let mut text = format!("{:indent$}unleak:\n", "");
    for line in run(name) {
        text.push_str(&format!("{:width$}{line}\n", "", width = indent + step));
    }
    text
}

fn job(name: &str, indent: usize) -> String {
    let mut text = format!("{:indent$}- name: unleak\n", "");
    for line in run(name) {
        text.push_str(&format!("{:width$}{line}\n", "", width = indent + 2));
    }
    text
}

/// The hook with unleak as its only command.
fn whole(name: &str) -> String {
    format!("{name}:\n  commands:\n{}", command(name, 4, 2))
}

fn extend(text: &str, name: &str) -> Result<String, &'static str> {
    let plain = Plain::read(text)?;
    let Some((hook, value)) = plain.top(name) else {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return Ok(format!("{text}{gap}{}", whole(name)));
    };
    let odd = "the hook is there already, and not in a shape that can be extended without reading YAML";
    if !value.is_empty() {
        return Err(odd);
    }
    if takes_input(name) {
        return Err("lefthook gives what is pushed to one command only, and the hook has some already");
    }
    for (key, items) in [("commands", false), ("jobs", true)] {
        let Some((block, "")) = plain.below(hook, key) else { continue };
        if !plain.is_of(block, items) {
            return Err(odd);
        }
        let Some(indent) = plain.indent(block) else { return Err(odd) };
        let addition = if items { job(name, indent) } else { command(name, indent, 2) };
        return Ok(plain.with(block, &addition));
    }
    Err(odd)
}

#[cfg(test)]
mod tests {
    use super::extend;

    #[test]
    fn a_file_without_the_hook_gets_it_at_its_end() {
        let before = "output: false\npre-push:\n  commands:\n    test:\n      run: cargo test";
        let after = extend(before, "pre-commit").unwrap();
        assert_eq!(after, format!("{before}\n{}", super::whole("pre-commit")));
    }

    #[test]
    fn a_hook_with_commands_or_jobs_gets_one_more() {
        let commands = "pre-commit:\n  parallel: true\n  commands:\n    lint:\n      run: eslint {staged_files}\n\n# next\npre-push:\n  jobs: []\n";
        let after = extend(commands, "pre-commit").unwrap();
        let expected = "eslint {staged_files}\n    unleak:\n      run: unleak hook pre-commit\n\n# next";
        assert_eq!(after, commands.replace("eslint {staged_files}\n\n# next", expected));
        let jobs = "pre-commit:\n    jobs:\n    - name: lint\n      run: |\n        a\n        b\n";
        let after = extend(jobs, "pre-commit").unwrap();
        assert_eq!(after, format!("{jobs}    - name: unleak\n      run: unleak hook pre-commit\n"));
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_person() {
        for text in [
            "pre-commit: {commands: {lint: {run: x}}}\n",
            "pre-commit: &all\n  commands:\n    lint:\n      run: x\n",
            "pre-commit:\n  commands: *all\n",
            "pre-commit:\n  commands:\n    <<: *all\n",
            "pre-commit:\n  scripts:\n    \"x.sh\":\n      runner: sh\n",
            "pre-commit:\n  jobs: []\n",
        ] {
            assert!(extend(text, "pre-commit").is_err(), "{text}");
        }
        assert!(extend("pre-push:\n  commands:\n    x:\n      run: y\n", "pre-push").is_err());
    }
}
