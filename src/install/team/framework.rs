//! pre-commit and prek, which read the same `.pre-commit-config.yaml`.
//!
//! Hands on: [`install`]. The trap: a clone runs the hook types that were installed in it and no others, so the report
//! names the command which installs them all.

use std::path::Path;

use super::yaml::Plain;
use super::{Report, TeamFile, next};
use crate::install::{InstallError, shown, takes_input};

/// Where the framework clones unleak from; empty until the crate has a public home.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

pub(super) fn install(top: &Path, names: &[&'static str]) -> Result<Report, InstallError> {
    let mut report = Report::default();
    let mut names = names.to_vec();
    names.retain(|name| {
        let offered = *name != "pre-receive";
        if !offered {
            let problem = format!("cannot install {name} through pre-commit: it does not run on servers");
            report.problems.push(problem);
        }
        offered
    });
    if names.is_empty() {
        return Ok(report);
    }
    let block = entry(REPOSITORY, env!("CARGO_PKG_VERSION"), &names);
    let file = TeamFile::read(top.join(".pre-commit-config.yaml"))?;
    if file.text.is_none() {
        for other in ["prek.toml", ".pre-commit-config.yml"] {
            let other = TeamFile::read(top.join(other))?;
            if other.text.is_some() {
                let why = "it is not the file that unleak knows how to extend";
                return Err(other.paste(why, &format!("repos:\n{block}")));
            }
        }
    }
    let text = file.text.as_deref().unwrap_or_default();
    if text.lines().any(names_unleak) {
        report.done.push(format!("{} has unleak already", shown(&file.path)));
        return Ok(report);
    }
    let text = extend(text, &block).map_err(|why| file.paste(why, &format!("repos:\n{block}")))?;
    file.write(&text)?;
    report.done.push(format!("pre-commit and prek call unleak in {}", names.join(" and ")));
    report.done.push(next(top, &[&file.path], ""));
    let types: Vec<String> = names.iter().map(|name| format!(" -t {name}")).collect();
    report
        .done
        .push(format!("once in every clone, this one too: pre-commit install{} (or prek)", types.concat()));
    Ok(report)
}

fn names_unleak(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("- ");
    line.strip_prefix("id:").is_some_and(|id| id.trim_start().starts_with("unleak"))
}

/// The entry under `repos`, without indent. Commit and merge share a hook; each of the others has its own arguments.
fn entry(repository: &str, version: &str, names: &[&str]) -> String {
    let mut text = if repository.is_empty() {
        "- repo: local\n  hooks:\n".to_owned()
    } else {
        format!("- repo: {repository}\n  rev: v{version}\n  hooks:\n")
    };
    let commits: Vec<&str> = names.iter().filter(|n| n.ends_with("-commit")).copied().collect();
    let others = names.iter().filter(|n| !n.ends_with("-commit")).map(|name| vec![*name]);
    for stages in std::iter::once(commits).filter(|c| !c.is_empty()).chain(others) {
        let hook = if stages[0].ends_with("-commit") { "pre-commit" } else { stages[0] };
        let id = if repository.is_empty() && hook != "pre-commit" {
            format!("unleak-{hook}")
        } else {
            "unleak".to_owned()
        };
        text.push_str(&format!("  - id: {id}\n"));
        if hook != "pre-commit" || repository.is_empty() {
            text.push_str(&format!("    name: unleak ({hook})\n    entry: unleak hook {hook}\n"));
        }
        if repository.is_empty() {
            text.push_str("    language: system\n    always_run: true\n    require_serial: true\n");
        }
        // Names of files say nothing about what is pushed.
        if takes_input(hook) {
            text.push_str("    pass_filenames: false\n");
        }
        let manual = if hook == "pre-commit" { ", manual" } else { "" };
        text.push_str(&format!("    stages: [{}{manual}]\n", stages.join(", ")));
    }
    text
}

fn extend(text: &str, block: &str) -> Result<String, &'static str> {
    let plain = Plain::read(text)?;
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let Some((repos, value)) = plain.top("repos") else {
        return Ok(format!("{text}{gap}repos:\n{block}"));
    };
    if !value.is_empty() || !plain.is_of(repos, true) {
        return Err("`repos` is not a plain list");
    }
    let indent = plain.indent(repos).unwrap_or(0);
    let indented: String = block.lines().map(|line| format!("{:indent$}{line}\n", "")).collect();
    Ok(plain.with(repos, &indented))
}

pub(super) fn fuzz(text: &str) {
    let block = entry("", "", &["pre-commit", "pre-push"]);
    if let Ok(extended) = extend(text, &block) {
        super::keeps_lines(text, &extended);
        assert!(extended.lines().any(names_unleak));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_goes_to_the_end_of_the_list_at_its_indent() {
        let text =
            "repos:\n  # first\n  - repo: local\n    hooks:\n      - id: x\n\n# rest\nfail_fast: true\n";
        let after = extend(text, "- repo: y\n  rev: z\n").unwrap();
        assert_eq!(after, text.replace("- id: x\n", "- id: x\n  - repo: y\n    rev: z\n"));
        assert_eq!(extend("", "- repo: y\n").unwrap(), "repos:\n- repo: y\n");
        assert_eq!(extend("exclude: x", "- repo: y\n").unwrap(), "exclude: x\nrepos:\n- repo: y\n");
    }

    #[test]
    fn other_lists_are_left_to_the_person() {
        for text in ["repos: []\n", "repos: [{repo: local}]\n", "repos:\n", "repos: &r\n  - repo: local\n"] {
            assert!(extend(text, "- repo: y\n").is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_entry_from_a_repository_names_only_what_differs() {
        let text =
            entry("https://example.org/unleak", "1.2.3", &["pre-commit", "pre-merge-commit", "commit-msg"]);
        assert_eq!(
            text,
            "- repo: https://example.org/unleak\n  rev: v1.2.3\n  hooks:\n  - id: unleak\n    stages: [pre-commit, pre-merge-commit, manual]\n  - id: unleak\n    name: unleak (commit-msg)\n    entry: unleak hook commit-msg\n    stages: [commit-msg]\n"
        );
    }
}
