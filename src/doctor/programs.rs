//! Which unleak runs, which one a hook would find on PATH, and which git.
//!
//! The trap: a hook takes what is on its PATH, which may be an older one that knows fewer rules.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Level, Report, shown};
use crate::git::find_program;
use crate::install::executable::locate;
use crate::report::escape;

const TOPIC: &str = "program";

pub(super) fn examine(report: &mut Report) {
    let version = env!("CARGO_PKG_VERSION");
    let here = match locate() {
        Ok(here) => here,
        Err(error) => return report.add(TOPIC, Level::Problem, error.to_string()),
    };
    report.add(TOPIC, Level::Good, format!("unleak {version}: {}", shown(&here)));
    match find_program("unleak") {
        None => report.add(
            TOPIC,
            Level::Note,
            "unleak is not on PATH: hooks that call it by its bare name look in the usual places, and block when it is nowhere",
        ),
        Some(path) if same(&path, &here) => {}
        Some(path) => match version_of(&path) {
            Some(other) if other == version => {
                report.add(TOPIC, Level::Note, format!("another unleak is on PATH, of the same version: {}", shown(&path)));
            }
            Some(other) => {
                let older = older(&other, version);
                let level = if older { Level::Problem } else { Level::Note };
                let word = if older { "an older" } else { "another" };
                report.add(TOPIC, level, format!("{word} unleak is on PATH, which hooks would call: {} ({})", shown(&path), escape(other.as_bytes())));
            }
            None => report.add(
                TOPIC,
                Level::Problem,
                format!("what is called unleak on PATH does not tell its version: {}", shown(&path)),
            ),
        },
    }
    match find_program("git").map(|git| (output(&git, &["--version"]), git)) {
        Some((Some(said), git)) => {
            report.add(TOPIC, Level::Good, format!("{}: {}", escape(said.as_bytes()), shown(&git)));
        }
        Some((None, git)) => {
            report.add(TOPIC, Level::Problem, format!("git does not tell its version: {}", shown(&git)));
        }
        None => report.add(TOPIC, Level::Problem, "git is not on PATH"),
    }
}

/// True when both lead to one file.
pub(super) fn same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn version_of(program: &Path) -> Option<String> {
    output(program, &["--version"])?.strip_prefix("unleak ").map(str::to_owned)
}

/// The first line that a program from PATH prints.
fn output(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| text.lines().next().unwrap_or_default().to_owned())
}

fn older(one: &str, other: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> { text.split(['.', '-']).map_while(|n| n.parse().ok()).collect() };
    numbers(one) < numbers(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(older("0.9.0", "0.10.0"));
        assert!(!older("0.10.0", "0.9.9"));
        assert!(!older("0.1.0", "0.1.0"));
        assert!(older("0.1", "0.1.1"));
    }
}
