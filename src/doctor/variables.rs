//! Variables of this shell that switch a gate off, or that judge under other terms.
//!
//! The trap: what is set here may not be set where commits are made (a graphical client), and the other way round.

use super::{Level, Report};

const TOPIC: &str = "environment";

/// Variables, the values that switch hooks off (none: any value), and what they do.
const OFF: [(&str, &[&str], &str); 4] = [
    ("HUSKY", &["0"], "husky runs no hook"),
    ("LEFTHOOK", &["0", "false"], "lefthook runs no hook"),
    ("OVERCOMMIT_DISABLE", &[], "overcommit runs no hook"),
    ("PRE_COMMIT_ALLOW_NO_CONFIG", &[], "pre-commit passes where its configuration is missing"),
];

pub(super) fn examine(report: &mut Report) {
    examine_with(&|name| std::env::var(name).ok().filter(|value| !value.is_empty()), report);
}

fn examine_with(get: &dyn Fn(&str) -> Option<String>, report: &mut Report) {
    for (name, values, effect) in OFF {
        if let Some(value) = get(name)
            && (values.is_empty() || values.contains(&value.as_str()))
        {
            report.add(TOPIC, Level::Problem, format!("{name} is set: {effect}"));
        }
    }
    let skips = |list: String| list.split(',').any(|id| id.trim().starts_with("unleak"));
    for name in ["SKIP", "PREK_SKIP", "LEFTHOOK_EXCLUDE"] {
        if get(name).is_some_and(skips) {
            report.add(TOPIC, Level::Problem, format!("{name} names unleak: the hook manager leaves it out"));
        }
    }
    for name in ["UNLEAK_STRICTNESS", "UNLEAK_CONFIG", "UNLEAK_MODE"] {
        if get(name).is_some() {
            report.add(TOPIC, Level::Note, format!("{name} is set, and outweighs the configuration"));
        }
    }
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"] {
        if get(name).is_some() {
            report.add(TOPIC, Level::Note, format!("{name} is set, for git and unleak alike"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_switches_a_gate_off_is_a_problem() {
        for (name, value, problems) in
            [("HUSKY", "0", 1), ("HUSKY", "1", 0), ("SKIP", "flake8, unleak", 1), ("SKIP", "flake8", 0)]
        {
            let mut report = Report::default();
            examine_with(&|asked| (asked == name).then(|| value.to_owned()), &mut report);
            assert_eq!(report.facts.len(), problems, "{name}={value}");
        }
    }
}
