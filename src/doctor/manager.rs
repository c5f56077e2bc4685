//! What stands behind a hook's file: whose it is, whether it calls unleak, and what it would do with the answer.
//!
//! Hands on [`Script`], read from the file's text alone. The trap: sh can hide anything from a reader, so a script is said to
//! lose the status only where it plainly does, and everything else is left to the canary.

/// Whose a hook's file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// Written by `unleak install`.
    Unleak,
    /// The same, edited since.
    UnleakEdited,
    /// Written by `unleak install --global`.
    UnleakGlobal,
    /// pre-commit's.
    PreCommit,
    /// prek's.
    Prek,
    /// husky's, from version 9 on: the team's own script is in `.husky`.
    Husky,
    /// lefthook's.
    Lefthook,
    /// overcommit's.
    Overcommit,
    /// Anything else.
    Plain,
}

impl Manager {
    /// As people and machines read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unleak => "unleak install",
            Self::UnleakEdited => "unleak install (edited since)",
            Self::UnleakGlobal => "unleak install --global",
            Self::PreCommit => "pre-commit",
            Self::Prek => "prek",
            Self::Husky => "husky",
            Self::Lefthook => "lefthook",
            Self::Overcommit => "overcommit",
            Self::Plain => "a script",
        }
    }

    /// By what the file says of itself.
    pub(super) fn of(script: &str) -> Self {
        let says = |words: &str| script.contains(words);
        if says("hook-impl") && says("prek") {
            Self::Prek
        } else if says("hook-impl") && says("pre-commit") {
            Self::PreCommit
        } else if says("call_lefthook") || says("LEFTHOOK_BIN") {
            Self::Lefthook
        } else if says("OVERCOMMIT_DISABLE") {
            Self::Overcommit
        } else if script.lines().any(|line| {
            line.trim_start().starts_with(". ")
                && line.contains("dirname")
                && line.trim_end().ends_with("/h\"")
        }) {
            Self::Husky
        } else {
            Self::Plain
        }
    }
}

/// What a shell script says about unleak.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    /// It names unleak outside comments.
    pub(super) calls: bool,
    /// It says something after which the status is lost, with the line's number.
    pub(super) loses: Option<(usize, &'static str)>,
    /// The number of a line after unleak's which stages again.
    pub(super) restages: Option<usize>,
}

impl Script {
    /// Reads sh. `strict` when it runs with `-e` anyway, as husky's do.
    pub(super) fn read(text: &str, strict: bool) -> Self {
        let mut script = Self::default();
        let mut strict = strict;
        let mut call: Option<(usize, bool)> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if is_call(line) {
                script.calls = true;
                // The one that decides is the last.
                let safe = strict || hands_on(line);
                call = Some((number, safe));
                script.loses = swallowed(line).map(|how| (number, how));
                script.restages = None;
                continue;
            }
            strict |=
                line.starts_with("set -") && line.split_whitespace().nth(1).is_some_and(|f| f.contains('e'));
            if let Some((at, safe)) = call {
                let takes_status = line.contains("$?");
                if !safe && !takes_status && script.loses.is_none() && is_command(line) {
                    script.loses = Some((at, "a later command's status takes its place"));
                }
                if takes_status {
                    call = Some((at, true));
                }
                if ["git add", "git stash", "lint-staged", "git commit"].iter().any(|c| line.contains(c)) {
                    script.restages.get_or_insert(number);
                }
            }
        }
        script
    }
}

/// True for a line on which unleak itself is run.
fn is_call(line: &str) -> bool {
    line.split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')' | '"' | '\'' | '`'))
        .any(|word| word == "unleak" || word.ends_with("/unleak") || word == "$unleak" || word == "${unleak}")
        && !line.starts_with("command -v")
        && !line.contains("$(command -v unleak)")
        && !line.starts_with("echo ")
        && !line.starts_with("printf ")
}

/// True where the line itself does something with the status.
fn hands_on(line: &str) -> bool {
    ["exec ", "if ", "elif ", "while "].iter().any(|word| line.starts_with(word))
        || line.contains("|| exit")
        || line.contains("|| return")
        || line.contains("&& ")
        || line.contains("$?")
}

/// How a line throws the status away.
fn swallowed(line: &str) -> Option<&'static str> {
    let after = line.rsplit_once("||").map(|(_, after)| after.trim());
    if after.is_some_and(|after| {
        ["true", ":", "exit 0", "echo", "printf", "/bin/true"].iter().any(|word| {
            after.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ';']))
        })
    }) {
        return Some("`||` throws its status away");
    }
    if line.ends_with('&') && !line.ends_with("&&") {
        return Some("`&` runs it in the background");
    }
    let piped = line.replace("||", "");
    if piped.contains('|') && !line.contains("pipefail") {
        return Some("`|` gives the status of what follows");
    }
    None
}

/// True for a line that runs something, as far as the last status is concerned.
fn is_command(line: &str) -> bool {
    !matches!(line, "fi" | "done" | "esac" | "}" | "else" | ";;")
}

/// The lines of a top-level key of a YAML file, the key's own first; empty when there is none.
pub(super) fn yaml_block<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let opens = |line: &&str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'));
    let mut lines = text.lines().skip_while(|line| !opens(line));
    let Some(first) = lines.next() else { return Vec::new() };
    let below = lines.take_while(|l| l.is_empty() || l.starts_with([' ', '#', '\t']) || l.starts_with("- "));
    std::iter::once(first).chain(below).collect()
}

/// The hook ids of unleak's in a pre-commit configuration, each with the text of its `stages:` if it has one.
pub(super) fn framework_ids(text: &str) -> Vec<(String, Option<String>)> {
    let mut ids: Vec<(String, Option<String>)> = Vec::new();
    let mut within = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let key = line.trim_start_matches("- ").trim_start();
        if let Some(id) = key.strip_prefix("id:") {
            let id = id.trim().trim_matches(['"', '\'']);
            within = id.starts_with("unleak");
            if within {
                ids.push((id.to_owned(), None));
            }
        } else if let Some(stages) = key.strip_prefix("stages:")
            && within
            && let Some((_, known)) = ids.last_mut()
        {
            *known = Some(stages.trim().to_owned());
        } else if key.starts_with("repo:") {
            within = false;
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loses(text: &str) -> bool {
        Script::read(text, false).loses.is_some()
    }

    #[test]
    fn a_script_that_throws_the_status_away_is_seen() {
        for text in [
            "unleak hook pre-commit || true\n",
            "unleak hook pre-commit || :\n",
            "unleak hook pre-commit || echo found; \n",
            "unleak hook pre-commit &\n",
            "unleak hook pre-commit | tee log\n",
            "unleak hook pre-commit\necho done\n",
            "/usr/bin/unleak\nexit 0\n",
        ] {
            assert!(loses(text), "{text}");
        }
    }

    #[test]
    fn a_script_that_hands_the_status_on_is_not_blamed() {
        for text in [
            "npm test\nunleak hook pre-commit\n",
            "exec unleak hook pre-commit \"$@\"\n",
            "set -eu\nunleak hook pre-commit\necho done\n",
            "unleak hook pre-commit || exit 1\necho done\n",
            "unleak hook pre-commit || exit $?\n",
            "if ! unleak hook pre-commit; then\n\texit 1\nfi\n",
            "unleak hook pre-commit\nstatus=$?\necho done\nexit $status\n",
            "# unleak || true\nunleak hook pre-commit\n",
        ] {
            let script = Script::read(text, false);
            assert_eq!((script.calls, script.loses), (true, None), "{text}");
        }
        assert_eq!(Script::read("unleak\necho x\n", true).loses, None);
        assert!(!Script::read("# unleak\necho unleak\n", false).calls);
    }

    #[test]
    fn staging_after_the_judgement_is_seen() {
        assert_eq!(Script::read("unleak || exit 1\nnpx lint-staged\n", false).restages, Some(2));
        assert_eq!(Script::read("npx lint-staged\nunleak\n", false).restages, None);
    }

    #[test]
    fn our_own_copied_hooks_are_read() {
        let hook = include_str!("../../hooks/git-hook");
        let script = Script::read(hook, false);
        assert_eq!((script.calls, script.loses, script.restages), (true, None, None));
        let husky = include_str!("../../hooks/husky.sh");
        assert_eq!(Script::read(husky, true).loses, None);
    }

    #[test]
    fn ids_are_found_with_their_stages() {
        let text = "repos:\n- repo: x\n  hooks:\n  - id: unleak\n    stages: [pre-commit]\n  - id: y\n    stages: [z]\n- repo: local\n  hooks:\n    - id: unleak-system\n";
        let ids = framework_ids(text);
        assert_eq!(
            ids,
            [("unleak".to_owned(), Some("[pre-commit]".to_owned())), ("unleak-system".to_owned(), None)]
        );
        assert_eq!(yaml_block("a:\n  b: 1\nc: 2\n", "a"), ["a:", "  b: 1"]);
    }
}
