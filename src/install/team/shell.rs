//! Extending a hook script that people wrote, at its end.
//!
//! Hands on: [`extend`]. The trap: a script may leave before its end, or read standard input to its end, and then lines
//! that are appended judge nothing while everybody believes in them.

use crate::install::takes_input;

/// The script with `block` at its end, or why that would not be safe.
pub(super) fn extend(text: &str, hook: &str, block: &str) -> Result<String, &'static str> {
    if takes_input(hook) {
        return Err(
            "what stands in it may read all that git says on standard input, and leave nothing to judge",
        );
    }
    if text.contains('\r') {
        return Err("its lines end in CR LF, which sh does not take");
    }
    let first = text.lines().next().unwrap_or_default();
    if let Some(interpreter) = first.strip_prefix("#!") {
        let name =
            interpreter.split(|c: char| c == '/' || c.is_whitespace()).rfind(|part| !part.starts_with('-'));
        if !matches!(name, Some("sh" | "bash" | "dash" | "ash" | "ksh" | "zsh")) {
            return Err("it is no shell script");
        }
    }
    if text.lines().any(may_leave) {
        return Err("it may end before its last line (`exit`, `exec`)");
    }
    if text.contains("<<") {
        return Err("it holds a here-document, and where that ends only sh can tell");
    }
    let last = text.lines().map(str::trim_end).rfind(|line| !line.is_empty()).unwrap_or_default();
    if ["\\", "&&", "||", "|"].iter().any(|open| last.ends_with(open)) {
        return Err("its last line goes on");
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    // What the script amounts to is its last command's status, which the block would take the place of.
    let status = if text.is_empty() { "" } else { "status=$?; [ \"$status\" -eq 0 ] || exit \"$status\"\n" };
    Ok(format!("{text}{gap}\n{status}{block}"))
}

/// True when a script calls unleak already: in a line that is no comment, as one of ours does.
pub(super) fn calls_unleak(text: &str, hook: &str) -> bool {
    let by_name = format!("unleak hook {hook}");
    let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    code.into_iter().any(|line| line.contains(&by_name) || line.contains("\"$unleak\" hook"))
}

/// The lines for the end of a script.
pub(super) fn block(hook: &str) -> String {
    include_str!("../../../hooks/husky.sh").replace("hook pre-commit", &format!("hook {hook}"))
}

/// True when a line may end the script with success.
fn may_leave(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with('#') {
        return false;
    }
    let separates = |c: char| c.is_whitespace() || ";&|(){}`".contains(c);
    let mut words = line.split(separates).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        match word {
            "exec" | "return" => return true,
            // A failure that is spelled out stops the commit, as it did before.
            "exit" => match words.next().map(str::parse::<u8>) {
                Some(Ok(1..)) => {}
                _ => return true,
            },
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_script_is_extended_at_its_end() {
        for script in ["npm test", "#!/usr/bin/env bash\nnpm test || exit 1\n", "# exit 0 is never said\n"] {
            let extended = extend(script, "pre-commit", "us\n").unwrap();
            assert!(extended.starts_with(script) && extended.ends_with("\nus\n"), "{extended:?}");
            assert!(extended.contains("\nstatus=$?;"), "{extended:?}");
        }
    }

    #[test]
    fn a_script_that_may_not_come_to_its_end_is_left_alone() {
        for script in [
            "npm test\nexit 0\n",
            "if true; then\n\texit\nfi\n",
            "test -n \"$CI\" && exit 0\n",
            "(exit $?)\n",
            "exec npx lint-staged\n",
            "cat <<END\ntext\n",
            "npm test &&\n",
            "npm test \\\n",
            "#!/usr/bin/env python3\nimport sys\n",
            "npm test\r\n",
        ] {
            assert!(extend(script, "pre-commit", "us\n").is_err(), "{script:?}");
        }
    }

    #[test]
    fn only_a_line_that_runs_is_a_call() {
        assert!(calls_unleak(&block("commit-msg"), "commit-msg"));
        assert!(calls_unleak(include_str!("../../../hooks/git-hook"), "pre-push"));
        assert!(!calls_unleak("# unleak hook pre-commit\n", "pre-commit"));
        assert!(!calls_unleak(&block("commit-msg"), "pre-commit"));
    }

    #[test]
    fn a_hook_that_reads_what_is_pushed_is_never_shared() {
        assert!(extend("git lfs pre-push \"$@\"\n", "pre-push", "us\n").is_err());
    }
}
