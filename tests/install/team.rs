//! `--team`: the files that a team commits, and that nothing in them is lost. The managers themselves are run by
//! tests/frameworks/run.sh.

use std::fs;

use crate::sandbox::{Ran, Sandbox, mode};

/// The hook script in a folder, run as a manager does, with the program on PATH.
fn run(s: &Sandbox, script: &str) -> Ran {
    let path = format!("{}:/usr/bin:/bin", s.program.parent().unwrap().display());
    Ran::of(s.command("sh", &s.repository).env("PATH", path).args(["-e", script]))
}

#[test]
fn husky_gets_a_script_for_each_hook() {
    let s = Sandbox::new();
    s.unleak(&["install", "--team", "husky"]).ok().says("git add .husky/pre-commit .husky/pre-merge-commit");
    s.write("settings", &crate::sandbox::secret_line());
    s.git(&["add", "settings"]).ok();
    run(&s, ".husky/pre-commit").blocked();
    run(&s, ".husky/pre-merge-commit").blocked();
    let before = fs::read(s.repository.join(".husky/pre-commit")).unwrap();
    s.unleak(&["install", "--team", "husky"]).ok().says("calls unleak already");
    assert_eq!(fs::read(s.repository.join(".husky/pre-commit")).unwrap(), before);
}

#[test]
fn an_existing_husky_script_is_extended_and_keeps_its_own_failure() {
    let s = Sandbox::new();
    s.write(".husky/pre-commit", "test ! -e broken && echo tested");
    s.unleak(&["install", "--team", "husky", "--hook", "pre-commit"]).ok();
    assert!(
        fs::read_to_string(s.repository.join(".husky/pre-commit"))
            .unwrap()
            .starts_with("test ! -e broken && echo tested\n")
    );
    run(&s, ".husky/pre-commit").ok();
    s.write("broken", "");
    run(&s, ".husky/pre-commit").ended(1).is_silent_on("unleak");
}

#[test]
fn a_husky_folder_below_the_top_is_found() {
    let s = Sandbox::new();
    s.git(&["config", "core.hooksPath", "web/.husky/_"]).ok();
    s.write("web/.husky/pre-commit", "true\n");
    s.unleak(&["install", "--team", "husky"]).ok().is_silent_on("not set up");
    assert!(
        fs::read_to_string(s.repository.join("web/.husky/pre-commit"))
            .unwrap()
            .contains("unleak hook pre-commit")
    );
    assert!(!s.repository.join(".husky").exists());
}

#[test]
fn a_script_that_may_end_early_gets_a_block_to_paste() {
    let s = Sandbox::new();
    s.write(".husky/pre-commit", "npm test\nexit 0\n");
    s.unleak(&["install", "--team", "husky"])
        .ended(2)
        .says("may end before its last line")
        .says("unleak hook pre-commit");
    assert_eq!(fs::read_to_string(s.repository.join(".husky/pre-commit")).unwrap(), "npm test\nexit 0\n");
    // What can be done is done.
    assert!(s.repository.join(".husky/pre-merge-commit").exists());
}

#[test]
fn a_folder_of_hooks_is_made_and_judges_once_it_is_named() {
    let s = Sandbox::new();
    let said = s.unleak(&["install", "--team", "hooks-path"]);
    said.ok().says("git config core.hooksPath .githooks");
    assert_eq!(mode(&s.repository.join(".githooks/pre-commit")) & 0o111, 0o111);
    s.git(&["config", "core.hooksPath", ".githooks"]).ok();
    // The team's script names no machine's path; here the program is in a usual place.
    fs::create_dir_all(s.home.join(".local/bin")).unwrap();
    fs::rename(&s.program, s.home.join(".local/bin/unleak")).unwrap();
    s.commit_secret().blocked();
    s.commit_clean("clean").ok();
    fs::remove_file(s.home.join(".local/bin/unleak")).unwrap();
    s.commit_clean("cleaner").says("unleak is not installed on this machine");
}

#[test]
fn a_folder_that_the_team_has_is_extended() {
    let s = Sandbox::new();
    s.script(&s.repository.join("tools/hooks/pre-commit"), "echo 'own hook' >&2");
    s.git(&["config", "core.hooksPath", "tools/hooks"]).ok();
    s.unleak(&["install", "--team", "hooks-path", "--hook", "pre-commit"])
        .ok()
        .is_silent_on("git config core.hooksPath");
    assert_eq!(mode(&s.repository.join("tools/hooks/pre-commit")), 0o755);
    s.unleak(&["install", "--team", "hooks-path", "--hook", "pre-commit"]).ok().says("calls unleak already");
    let text = fs::read_to_string(s.repository.join("tools/hooks/pre-commit")).unwrap();
    assert_eq!(text.matches("unleak hook").count(), 1);
}

#[test]
fn lefthook_and_pre_commit_files_are_made_and_kept() {
    let s = Sandbox::new();
    for (kind, file) in [("lefthook", "lefthook.yml"), ("pre-commit", ".pre-commit-config.yaml")] {
        s.unleak(&["install", "--team", kind]).ok().says(&format!("git add {file}"));
        let before = fs::read_to_string(s.repository.join(file)).unwrap();
        assert!(before.contains("unleak"));
        s.unleak(&["install", "--team", kind]).ok().says("already");
        assert_eq!(fs::read_to_string(s.repository.join(file)).unwrap(), before);
    }
}

#[test]
fn a_file_in_another_shape_gets_a_block_to_paste() {
    let s = Sandbox::new();
    for (kind, file, text) in [
        ("lefthook", ".lefthook.yaml", "pre-commit: {commands: {x: {run: y}}}\n"),
        ("lefthook", ".lefthook.yaml", "a:\n\tb: c\n"),
        ("pre-commit", ".pre-commit-config.yaml", "repos: []\n"),
    ] {
        s.write(file, text);
        s.unleak(&["install", "--team", kind, "--hook", "pre-commit"])
            .ended(2)
            .says("Put this into it")
            .says("unleak");
        assert_eq!(fs::read_to_string(s.repository.join(file)).unwrap(), text);
        fs::remove_file(s.repository.join(file)).unwrap();
    }
    s.write("lefthook.toml", "[pre-commit.commands.x]\nrun = \"y\"\n");
    s.unleak(&["install", "--team", "lefthook"]).ended(2).says("no YAML");
    s.write("prek.toml", "repos = []\n");
    s.unleak(&["install", "--team", "pre-commit"]).ended(2).says("prek.toml");
    s.unleak(&["install", "--team", "cron"]).ended(2).says("husky, lefthook, pre-commit, hooks-path");
}
