//! `unleak doctor` and its canary: the three answers, in every form of repository, and a repository that is byte for byte
//! what it was, whatever the hook does.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use harness::{Repo, UNLEAK, filler};
use serde_json::Value;

/// What doctor said, for machines.
struct Doctor {
    status: i32,
    json: Value,
    stderr: String,
}

impl Doctor {
    #[track_caller]
    fn answers(&self, verdict: &str, status: i32) -> &Self {
        assert_eq!(self.json["canary"]["verdict"], verdict, "{:#}{}", self.json, self.stderr);
        assert_eq!(self.status, status, "{:#}", self.json);
        assert_eq!(self.json["canary"]["changed"], Value::Array(Vec::new()), "{:#}", self.json);
        self
    }

    #[track_caller]
    fn tells(&self, level: &str, words: &str) -> &Self {
        let facts = self.json["facts"].as_array().expect("facts");
        let tells = |fact: &&Value| {
            fact["level"] == level && fact["text"].as_str().is_some_and(|t| t.contains(words))
        };
        assert!(facts.iter().any(|fact| tells(&fact)), "{level} {words:?}: {:#}", self.json);
        self
    }
}

/// A sum over names, contents, modes and times of everything in the repository and beside it; of objects over names and
/// contents: git renews the time of one that it would have written again.
fn state(repo: &Repo) -> Vec<u8> {
    let script = "cd \"$1\" && tar --exclude=objects -cf - . 2>/dev/null | cksum; find . -path '*/objects/*' -type f -exec cksum {} + | sort";
    repo.command("sh").args(["-c", script, "sh"]).arg(repo.beside("")).output().unwrap().stdout
}

fn doctor_by(repo: &Repo, mut command: Command, arguments: &[&str]) -> Doctor {
    let before = state(repo);
    let scratch = repo.home("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    let output =
        command.args(["--format=json", "doctor"]).args(arguments).env("TMPDIR", &scratch).output().unwrap();
    assert_eq!(state(repo), before, "the repository is not what it was");
    assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0, "the scratch is still there");
    Doctor {
        status: output.status.code().unwrap_or(-1),
        json: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn canary(repo: &Repo) -> Doctor {
    doctor_by(repo, repo.command(UNLEAK), &["--canary"])
}

fn write_hook(file: &Path, body: &str) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A repository whose pre-commit hook is this script.
fn with_hook(body: &str) -> Repo {
    let repo = Repo::new();
    write_hook(&repo.top().join(".git/hooks/pre-commit"), body);
    repo
}

fn judge() -> String {
    format!("exec '{UNLEAK}' hook pre-commit")
}

#[test]
fn an_installed_gate_is_proven() {
    let repo = Repo::new();
    for name in ["pre-commit", "pre-merge-commit"] {
        std::fs::remove_file(repo.top().join(".git/hooks").join(name)).unwrap();
    }
    assert!(repo.command(UNLEAK).arg("install").status().unwrap().success());
    // What is staged and what is not, and what is not tracked, is the user's alone.
    repo.stage("staged.txt", harness::line(0)).write("a.txt", "changed\n").write("loose.txt", "x\n");
    canary(&repo).answers("blocked by unleak", 0).tells("good", "unleak install), which calls unleak");
    let human = repo.command(UNLEAK).args(["doctor", "--canary"]).output().unwrap();
    let text = String::from_utf8(human.stdout).unwrap();
    assert!(text.contains("blocked by unleak") && text.contains("the gate stands"), "{text}");
}

#[test]
fn without_a_hook_nothing_is_blocked() {
    let repo = Repo::new();
    std::fs::remove_file(repo.top().join(".git/hooks/pre-commit")).unwrap();
    canary(&repo).answers("not blocked", 2).tells("problem", "pre-commit: there is none");
    let repo = with_hook(&judge());
    let file = repo.top().join(".git/hooks/pre-commit");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    canary(&repo).answers("not blocked", 2).tells("problem", "cannot be executed");
}

#[test]
fn a_hook_that_loses_the_verdict_does_not_block() {
    let repo = with_hook(&format!("'{UNLEAK}' hook pre-commit || true"));
    let said = canary(&repo);
    said.answers("not blocked", 2).tells("problem", "verdict is lost");
    assert!(said.json["canary"]["reason"].as_str().unwrap().contains("lost its exit status"));
}

#[test]
fn a_hook_that_stops_all_commits_is_something_else() {
    canary(&with_hook("echo no; exit 1")).answers("blocked by something else", 2);
}

#[test]
fn whatever_a_hook_does_the_repository_stays_as_it_is() {
    let wild = "git add -A; echo x >>a.txt; git stash -q; git stash list; git config user.name other
git config core.hooksPath /nowhere; git tag wild; git branch wild; git update-ref refs/heads/other HEAD
echo hook >.git/hooks/post-commit; git rm -rq --cached .; git reset -q --hard; git checkout -q -b elsewhere
git commit -q --no-verify --allow-empty -m own; git gc -q; git worktree add -q ../more; rm -rf *; git worktree prune";
    let repo = with_hook(&format!("{wild}\nexit 3"));
    repo.stage("staged.txt", filler(1)).write("a.txt", "changed\n").write("loose.txt", "x\n");
    repo.git(&["stash", "-q"]);
    repo.stage("staged.txt", filler(2)).write("a.txt", "changed again\n").write("loose.txt", "x\n");
    canary(&repo).answers("blocked by something else", 2);
    write_hook(&repo.top().join(".git/hooks/pre-commit"), wild);
    canary(&repo).answers("not blocked", 2);
    // A manager that stashes, lets unleak judge, and brings everything back.
    let tidy = format!(
        "git stash push -q --keep-index || exit 9\n'{UNLEAK}' hook pre-commit; s=$?\ngit stash pop -q 2>/dev/null\nexit $s"
    );
    write_hook(&repo.top().join(".git/hooks/pre-commit"), &tidy);
    canary(&repo).answers("blocked by unleak", 0);
}

#[test]
fn a_hook_that_does_not_end_is_stopped() {
    let repo = with_hook("sleep 600 & sleep 600");
    let started = std::time::Instant::now();
    let said = doctor_by(&repo, repo.command(UNLEAK), &["--canary", "--timeout", "1s"]);
    said.answers("blocked by something else", 2);
    assert!(said.json["canary"]["reason"].as_str().unwrap().contains("did not end"));
    assert!(started.elapsed().as_secs() < 300);
}

#[test]
fn a_configuration_that_lets_the_canary_pass_is_named() {
    let repo = with_hook(&judge());
    repo.write(".unleak.toml", "mode = \"warn\"\n").unjudged("configured");
    let said = canary(&repo);
    said.answers("not blocked", 2);
    assert!(said.json["canary"]["reason"].as_str().unwrap().contains("mode, strictness"), "{:#}", said.json);
    repo.write(".unleak.toml", "[allowlist]\nsecrets = [\"^ghp_\"]\n").unjudged("configured");
    canary(&repo).answers("not blocked", 2);
    repo.write(".unleak.toml", "mood = 1\n").unjudged("configured");
    canary(&repo).tells("problem", "as staged is wrong");
}

#[test]
fn hooks_that_lie_in_the_work_tree_run_though_they_are_not_tracked() {
    let repo = Repo::new();
    repo.write(".gitignore", "/.husky/_\n").unjudged("ignored");
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    write_hook(&repo.top().join(".husky/_/pre-commit"), ". \"$(dirname \"$0\")/h\"");
    let h = "#!/bin/sh\nn=$(basename \"$0\"); s=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"; exit $?\n";
    repo.write(".husky/_/h", h);
    canary(&repo).answers("not blocked", 2).tells("problem", "so husky does nothing");
    repo.write(".husky/pre-commit", format!("'{UNLEAK}' hook pre-commit\n"));
    canary(&repo).answers("blocked by unleak", 0).tells("good", "(husky), which calls unleak");
    // The same folder by its full name.
    let full = repo.top().join(".husky/_");
    repo.git(&["config", "core.hooksPath", full.to_str().unwrap()]);
    canary(&repo).answers("blocked by unleak", 0);
}

#[test]
fn a_repository_s_own_hooks_path_beats_the_global_one() {
    let repo = with_hook(&judge());
    repo.git(&["config", "--global", "core.hooksPath", repo.home("hooks").to_str().unwrap()]);
    canary(&repo).answers("not blocked", 2).tells("note", "pre-commit never runs");
    write_hook(&repo.home("hooks/pre-commit"), &judge());
    canary(&repo).answers("blocked by unleak", 0).tells("good", "(global)");
    repo.git(&["config", "core.hooksPath", "none"]);
    canary(&repo).answers("not blocked", 2).tells("note", "a narrower scope wins");
}

#[test]
fn global_installation_is_proven_and_calls_the_repository_s_own_hook() {
    let repo = with_hook("echo own hook >&2");
    let install = |repo: &Repo| repo.command(UNLEAK).args(["install", "--global"]).status().unwrap();
    assert!(install(&repo).success());
    canary(&repo)
        .answers("blocked by unleak", 0)
        .tells("good", "unleak install --global), which calls unleak");
}

#[test]
fn every_form_of_repository_is_proven() {
    type Form = (&'static str, fn(&Repo));
    let forms: [Form; 8] = [
        ("split index", |r| drop(r.git(&["update-index", "--split-index"]))),
        ("index version 4", |r| drop(r.git(&["update-index", "--index-version=4"]))),
        ("sparse index", |r| {
            r.write("src/x", "x\n").write("other/y", "y\n").unjudged("more");
            r.git(&["sparse-checkout", "set", "--sparse-index", "src"]);
        }),
        ("detached", |r| drop(r.git(&["checkout", "-q", "--detach"]))),
        ("deleted and added", |r| {
            std::fs::remove_file(r.top().join("a.txt")).unwrap();
            r.stage("new.txt", filler(2));
        }),
        ("conflict", |r| {
            r.git(&["checkout", "-q", "-b", "side"]);
            r.write("a.txt", "theirs\n").unjudged("theirs");
            r.git(&["checkout", "-q", "main"]);
            r.write("a.txt", "ours\n").unjudged("ours");
            assert!(!r.try_git(&["merge", "-q", "side"]).status.success());
        }),
        ("filters and configuration", |r| {
            r.write(".gitattributes", "* filter=sly text=auto\n").unjudged("attributes");
            for (key, value) in [
                ("filter.sly.clean", "touch /nonexistent/x; cat"),
                ("filter.sly.required", "true"),
                ("core.fsmonitor", "false"),
                ("core.autocrlf", "true"),
                ("remote.o\"dd.url", "a\\b\"c"),
                ("commit.gpgSign", "true"),
            ] {
                r.git(&["config", key, value]);
            }
        }),
        ("links", |r| {
            std::os::unix::fs::symlink("/etc", r.top().join("away")).unwrap();
            std::os::unix::fs::symlink("a.txt", r.top().join("near")).unwrap();
            r.git(&["add", "away", "near"]);
        }),
    ];
    for (name, form) in forms {
        let repo = with_hook(&judge());
        form(&repo);
        eprintln!("{name}");
        canary(&repo).answers("blocked by unleak", 0);
    }
}

#[test]
fn repositories_of_other_formats_are_proven() {
    for (option, value) in [("GIT_DEFAULT_HASH", "sha256"), ("GIT_DEFAULT_REF_FORMAT", "reftable")] {
        let repo = Repo::empty();
        std::fs::remove_dir_all(repo.top().join(".git")).unwrap();
        assert!(repo.command("git").args(["init", "-q"]).env(option, value).status().unwrap().success());
        write_hook(&repo.top().join(".git/hooks/pre-commit"), &judge());
        // Before the first commit, too.
        canary(&repo).answers("blocked by unleak", 0);
        repo.write("a.txt", filler(3)).unjudged("first");
        let said = canary(&repo);
        said.answers("blocked by unleak", 0);
        if value == "reftable" {
            said.tells("note", "libgit2 cannot open it");
        }
    }
}

#[test]
fn linked_work_trees_and_named_git_directories_are_proven() {
    let repo = with_hook(&judge());
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let mut there = repo.command(UNLEAK);
    there.current_dir(&linked);
    doctor_by(&repo, there, &["--canary"])
        .answers("blocked by unleak", 0)
        .tells("good", "a linked work tree");
    let mut named = repo.command(UNLEAK);
    named.current_dir(repo.home("")).env("GIT_DIR", repo.top().join(".git")).env("GIT_WORK_TREE", repo.top());
    doctor_by(&repo, named, &["--canary"]).answers("blocked by unleak", 0);
}

#[test]
fn outside_a_repository_the_machine_alone_is_looked_at() {
    let repo = Repo::new();
    let mut outside = repo.command(UNLEAK);
    outside.current_dir(repo.home(""));
    doctor_by(&repo, outside, &[]).tells("note", "not in a repository");
    let mut outside = repo.command(UNLEAK);
    outside.current_dir(repo.home(""));
    let said = doctor_by(&repo, outside, &["--canary"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("cannot send a canary"), "{}", said.stderr);
}

#[test]
fn an_old_unleak_on_path_is_a_problem() {
    let repo = with_hook(&judge());
    write_hook(&repo.home("old/unleak"), "echo unleak 0.0.1");
    let mut command = repo.command(UNLEAK);
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", repo.home("old").display()));
    let said = doctor_by(&repo, command, &[]);
    assert_eq!(said.tells("problem", "an older unleak is on PATH").status, 2);
}
