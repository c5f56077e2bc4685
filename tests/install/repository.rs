//! One repository: where hooks go, what is kept, and that it comes back.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use crate::sandbox::{Sandbox, mode, names, secret_line, set_mode};

#[test]
fn a_secret_is_blocked_and_a_clean_commit_passes() {
    let s = Sandbox::new();
    s.unleak(&["install"]).ok().says("pre-commit and pre-merge-commit installed in");
    s.commit_secret().blocked();
    s.commit_clean("clean").ok();
    assert_eq!(names(&s.repository.join(".git/hooks")), ["pre-commit", "pre-merge-commit"]);
}

#[test]
fn a_clean_merge_is_judged() {
    let s = Sandbox::new();
    s.git(&["switch", "-qc", "side"]).ok();
    s.write("settings", &secret_line());
    s.git(&["add", "."]).ok();
    s.git(&["commit", "-qm", "before unleak came"]).ok();
    s.git(&["switch", "-q", "main"]).ok();
    s.commit_clean("other").ok();
    s.unleak(&["install"]).ok();
    // What a parent has is not added by the merge.
    s.git(&["merge", "-q", "--no-edit", "side"]).ok();
    fs::remove_file(&s.program).unwrap();
    s.git(&["reset", "-q", "--hard", "HEAD^"]).ok();
    let merge = s.git(&["merge", "-q", "--no-edit", "side"]);
    assert_ne!(merge.status, 0);
    merge.says("the pre-merge-commit hook cannot judge");
}

#[test]
fn installing_twice_changes_nothing_and_a_new_place_is_taken_up() {
    let s = Sandbox::new();
    s.unleak(&["install"]).ok();
    let hook = s.hook("pre-commit");
    let (before, written) = (fs::read(&hook).unwrap(), fs::metadata(&hook).unwrap().modified().unwrap());
    s.unleak(&["install"]).ok().says("pre-commit and pre-merge-commit installed already");
    assert_eq!(fs::read(&hook).unwrap(), before);
    assert_eq!(fs::metadata(&hook).unwrap().modified().unwrap(), written);

    let moved = s.root.join("elsewhere/unleak");
    s.copy_program(&moved);
    fs::remove_file(&s.program).unwrap();
    crate::sandbox::Ran::of(s.command(&moved, &s.repository).arg("install")).ok().says("calling");
    assert!(fs::read_to_string(&hook).unwrap().contains(moved.to_str().unwrap()));
    s.commit_secret().blocked();
    assert_eq!(names(&s.repository.join(".git/hooks")), ["pre-commit", "pre-merge-commit"]);
}

#[test]
fn an_existing_hook_runs_first_and_its_failure_is_passed_on() {
    let s = Sandbox::new();
    s.script(&s.hook("pre-commit"), "echo 'own hook' >&2\ntest ! -e forbidden || exit 7");
    s.unleak(&["install"]).ok().says("kept as pre-commit.before-unleak and runs first");
    let blocked = s.commit_secret();
    blocked.blocked();
    assert!(blocked.stderr.find("own hook").unwrap() < blocked.stderr.find("unleak: found").unwrap());
    s.write("forbidden", "");
    let refused = s.run_hook(&s.hook("pre-commit"), &[], "");
    refused.ended(7).is_silent_on("unleak");
}

#[test]
fn a_hook_that_git_ignores_stays_ignored() {
    let s = Sandbox::new();
    s.script(&s.hook("pre-commit"), "exit 7");
    set_mode(&s.hook("pre-commit"), 0o640);
    s.unleak(&["install"]).ok().says("git ignored it");
    s.commit_clean("clean").ok();
    s.unleak(&["uninstall"]).ok();
    assert_eq!(mode(&s.hook("pre-commit")), 0o640);
}

#[test]
fn uninstalling_puts_back_every_byte_and_mode() {
    let s = Sandbox::new();
    let hooks = s.repository.join(".git/hooks");
    fs::write(s.hook("pre-commit"), b"#!/bin/sh\n# \xff no text\0\r\nexit 0").unwrap();
    set_mode(&s.hook("pre-commit"), 0o754);
    symlink("../../tools/check", s.hook("pre-merge-commit")).unwrap();
    let before = fs::read(s.hook("pre-commit")).unwrap();
    s.unleak(&["install"]).ok();
    let installed =
        ["pre-commit", "pre-commit.before-unleak", "pre-merge-commit", "pre-merge-commit.before-unleak"];
    assert_eq!(names(&hooks), installed);
    s.unleak(&["install"]).ok();
    s.unleak(&["uninstall"]).ok().says("put back as it was before unleak");
    assert_eq!(fs::read(s.hook("pre-commit")).unwrap(), before);
    assert_eq!(mode(&s.hook("pre-commit")), 0o754);
    assert_eq!(fs::read_link(s.hook("pre-merge-commit")).unwrap().to_str(), Some("../../tools/check"));
    assert_eq!(names(&hooks), ["pre-commit", "pre-merge-commit"]);
    s.unleak(&["uninstall"]).ok().says("nothing to remove");
    assert_eq!(fs::read(s.hook("pre-commit")).unwrap(), before);
}

#[test]
fn a_hook_of_ours_that_was_edited_is_left_alone_unless_forced() {
    let s = Sandbox::new();
    s.unleak(&["install", "--hook", "pre-commit"]).ok();
    let edited = fs::read_to_string(s.hook("pre-commit")).unwrap() + "# mine\n";
    fs::write(s.hook("pre-commit"), &edited).unwrap();
    s.unleak(&["install", "--hook", "pre-commit"]).ended(2).says("edited after unleak wrote it");
    s.unleak(&["uninstall"]).ended(2).says("edited after unleak wrote it");
    assert_eq!(fs::read_to_string(s.hook("pre-commit")).unwrap(), edited);
    s.unleak(&["uninstall", "--force"]).ok();
    assert!(!s.hook("pre-commit").exists());
}

#[test]
fn a_foreign_hook_is_never_removed() {
    let s = Sandbox::new();
    s.script(&s.hook("pre-commit"), "exit 0");
    let before = fs::read(s.hook("pre-commit")).unwrap();
    s.unleak(&["uninstall", "--force"]).ok().says("nothing to remove");
    assert_eq!(fs::read(s.hook("pre-commit")).unwrap(), before);
}

#[test]
fn two_hooks_for_one_place_are_left_to_the_person() {
    let s = Sandbox::new();
    s.script(&s.hook("pre-commit"), "exit 0");
    s.unleak(&["install"]).ok();
    // Another tool has taken the place.
    s.script(&s.hook("pre-commit"), "exit 1");
    s.unleak(&["install"]).ended(2).says("an earlier hook is kept there already");
    s.unleak(&["uninstall"]).ended(2).says("an earlier hook is kept there already");
    assert!(fs::read_to_string(s.hook("pre-commit")).unwrap().ends_with("exit 1\n"));
    assert!(fs::read_to_string(s.hook("pre-commit.before-unleak")).unwrap().ends_with("exit 0\n"));
}

#[test]
fn an_installation_that_was_stopped_is_taken_up() {
    let s = Sandbox::new();
    s.script(&s.hook("pre-commit"), "echo own >&2");
    // Stopped after the second name was given, before ours came.
    fs::hard_link(s.hook("pre-commit"), s.hook("pre-commit.before-unleak")).unwrap();
    s.unleak(&["install"]).ok();
    s.commit_secret().blocked().says("own");
    s.unleak(&["uninstall"]).ok();
    fs::hard_link(s.hook("pre-commit"), s.hook("pre-commit.before-unleak")).unwrap();
    s.unleak(&["uninstall"]).ok();
    assert_eq!(names(&s.repository.join(".git/hooks")), ["pre-commit"]);
    // The remedy of a person in a hurry: `rm`.
    s.unleak(&["install"]).ok();
    fs::remove_file(s.hook("pre-commit")).unwrap();
    s.unleak(&["uninstall"]).ok();
    assert!(fs::read_to_string(s.hook("pre-commit")).unwrap().contains("own"));
}

#[test]
fn many_installations_at_once_keep_the_hook_once() {
    let s = Sandbox::new();
    s.script(&s.hook("pre-commit"), "echo own >&2");
    let before = fs::read(s.hook("pre-commit")).unwrap();
    let spawn =
        || s.command(&s.program, &s.repository).arg("install").stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..8).map(|_| spawn()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(
        names(&s.repository.join(".git/hooks")),
        ["pre-commit", "pre-commit.before-unleak", "pre-merge-commit"]
    );
    assert_eq!(fs::read(s.hook("pre-commit.before-unleak")).unwrap(), before);
    s.commit_secret().blocked().says("own");
}

#[test]
fn linked_worktrees_share_the_hooks() {
    let s = Sandbox::new();
    s.git(&["worktree", "add", "-q", "../linked"]).ok();
    let linked = s.root.join("linked");
    s.unleak_in(&linked, &["install"]).ok();
    assert!(s.hook("pre-commit").exists());
    fs::write(linked.join("settings"), secret_line()).unwrap();
    s.git_in(&linked, &["add", "."]).ok();
    s.git_in(&linked, &["commit", "-qm", "oops"]).blocked();
    s.commit_secret().blocked();
    s.unleak_in(&linked, &["uninstall"]).ok();
    assert!(!s.hook("pre-commit").exists());
}

#[test]
fn it_installs_from_a_subdirectory() {
    let s = Sandbox::new();
    s.write("a/b/c", "c\n");
    s.unleak_in(&s.repository.join("a/b"), &["install"]).ok();
    s.commit_secret().blocked();
}

#[test]
fn hooks_go_where_core_hooks_path_says() {
    let s = Sandbox::new();
    let outside = s.root.join("my hooks");
    for value in [outside.to_str().unwrap(), "../my hooks", "~/my hooks", ".git/my hooks"] {
        s.git(&["config", "core.hooksPath", value]).ok();
        s.unleak(&["install"]).ok().is_silent_on("not this repository's alone");
        s.commit_secret().blocked();
        assert!(!s.hook("pre-commit").exists(), "{value}");
        s.unleak(&["uninstall"]).ok();
        s.git(&["commit", "-q", "--allow-empty", "-m", "x"]).ok();
    }
    assert!(s.home.join("my hooks").is_dir());
}

#[test]
fn a_folder_in_the_work_tree_is_the_teams() {
    let s = Sandbox::new();
    s.script(&s.repository.join(".githooks/pre-commit"), "exit 0");
    s.git(&["config", "core.hooksPath", ".githooks"]).ok();
    s.unleak(&["install"]).ended(2).says("unleak install --team hooks-path");
    s.git(&["config", "core.hooksPath", ".husky/_"]).ok();
    s.unleak(&["install"]).ended(2).says("unleak install --team husky");
    s.git(&["config", "--unset", "core.hooksPath"]).ok();
    // The same by a link.
    fs::rename(s.repository.join(".git/hooks"), s.root.join("samples")).unwrap();
    symlink("../.githooks", s.repository.join(".git/hooks")).unwrap();
    s.unleak(&["install"]).ended(2).says("unleak install --team hooks-path");
    assert_eq!(names(&s.repository.join(".githooks")), ["pre-commit"]);
}

#[test]
fn a_folder_for_all_repositories_is_named_as_such() {
    let s = Sandbox::new();
    let shared = s.root.join("shared hooks");
    s.git(&["config", "--global", "core.hooksPath", shared.to_str().unwrap()]).ok();
    s.unleak(&["install"]).ok().says("warning: ").says("is not this repository's alone");
    s.commit_secret().blocked();
}

#[test]
fn a_hook_of_a_manager_is_left_to_it() {
    let s = Sandbox::new();
    s.script(&s.hook("pre-commit"), "call_lefthook run \"pre-commit\" \"$@\"");
    let before = fs::read(s.hook("pre-commit")).unwrap();
    s.unleak(&["install"]).ended(2).says("lefthook's").says("unleak install --team lefthook");
    assert_eq!(fs::read(s.hook("pre-commit")).unwrap(), before);
    assert!(!s.hook("pre-commit.before-unleak").exists());
}

#[test]
fn a_place_that_cannot_be_written_is_an_error() {
    let s = Sandbox::new();
    fs::write(s.root.join("file"), "").unwrap();
    s.git(&["config", "core.hooksPath", s.root.join("file/hooks").to_str().unwrap()]).ok();
    s.unleak(&["install"]).ended(2).says("error: cannot make");
    s.git(&["config", "--unset", "core.hooksPath"]).ok();
    fs::create_dir(s.hook("pre-commit")).unwrap();
    s.unleak(&["install"]).ended(2).says("something that is no file").says("pre-merge-commit installed");
}

#[test]
fn where_git_runs_no_hooks_nothing_is_promised() {
    let s = Sandbox::new();
    for value in ["", "/dev/null"] {
        s.git(&["config", "core.hooksPath", value]).ok();
        s.unleak(&["install"]).ended(2).says("git runs no hooks").says("git config --unset core.hooksPath");
        assert!(names(&s.repository.join(".git/hooks")).is_empty());
        s.unleak(&["uninstall"]).ok();
    }
}

#[test]
fn a_program_that_others_may_replace_is_told() {
    let s = Sandbox::new();
    s.unleak(&["install"]).ok().says("a folder for temporary files").is_silent_on("may write");
    set_mode(&s.program, 0o757);
    s.unleak(&["install"]).ok().says("everybody may write to").says("bin/unleak");
    set_mode(&s.program, 0o755);
    set_mode(&s.root.join("bin"), 0o777);
    s.unleak(&["install"]).ok().says("everybody may write to");
    set_mode(&s.root.join("bin"), 0o1777);
    s.unleak(&["install"]).ok().is_silent_on("may write");
}

#[test]
fn a_link_to_the_program_is_the_better_name() {
    let s = Sandbox::new();
    let versioned = s.root.join("cellar/1.0/unleak");
    fs::create_dir_all(versioned.parent().unwrap()).unwrap();
    fs::rename(&s.program, &versioned).unwrap();
    symlink(&versioned, &s.program).unwrap();
    s.unleak(&["install"]).ok();
    assert!(!fs::read_to_string(s.hook("pre-commit")).unwrap().contains("cellar"));
    s.commit_secret().blocked();
}

#[test]
fn a_bare_repository_has_no_commits_to_judge() {
    let s = Sandbox::new();
    s.git_in(&s.root, &["init", "-q", "--bare", "bare.git"]).ok();
    let bare = s.root.join("bare.git");
    s.unleak_in(&bare, &["install"]).ended(2).says("this repository is bare");
    assert!(names(&bare.join("hooks")).is_empty());
}

#[test]
fn outside_a_repository_and_with_an_unknown_hook_nothing_is_written() {
    let s = Sandbox::new();
    s.unleak_in(&s.root, &["install"]).ended(2);
    s.unleak_in(&s.root, &["uninstall"]).ended(2);
    s.unleak(&["install", "--hook", "post-commit"]).ended(2).says("pre-commit");
    assert!(names(&s.repository.join(".git/hooks")).is_empty());
}
