//! `--global`: every repository of a user, and every hook that they already have.

use std::fs;
use std::path::PathBuf;

use crate::sandbox::{Ran, Sandbox, names};

fn folder(s: &Sandbox) -> PathBuf {
    s.home.join(".local/share/unleak/hooks")
}

#[test]
fn every_repository_is_guarded_and_nothing_is_left_after() {
    let s = Sandbox::new();
    let config = fs::read(s.home.join(".gitconfig")).unwrap();
    s.unleak_in(&s.root, &["install", "--global"]).ok().says("pre-commit and pre-merge-commit judge");
    s.commit_secret().blocked();
    s.commit_clean("clean").ok();
    s.git_in(&s.root, &["init", "-q", "second"]).ok();
    let second = s.root.join("second");
    fs::write(second.join("settings"), crate::sandbox::secret_line()).unwrap();
    s.git_in(&second, &["add", "."]).ok();
    s.git_in(&second, &["commit", "-qm", "x"]).blocked();

    s.unleak_in(&s.root, &["install", "--global"]).ok().says("already");
    s.unleak_in(&s.root, &["uninstall", "--global"]).ok();
    assert_eq!(fs::read(s.home.join(".gitconfig")).unwrap(), config);
    assert!(!folder(&s).exists());
    s.git_in(&second, &["commit", "-qm", "x"]).ok();
    s.unleak_in(&s.root, &["uninstall", "--global"]).ok().says("nothing to remove");
}

#[test]
fn hooks_are_added_to_those_that_judge_already() {
    let s = Sandbox::new();
    s.unleak(&["install", "--global", "--hook", "pre-merge-commit"]).ok().says("pre-merge-commit judges");
    s.unleak(&["install", "--global", "--hook", "pre-commit"])
        .ok()
        .says("pre-commit and pre-merge-commit judge");
}

#[test]
fn a_repositorys_own_hooks_of_every_name_still_run() {
    let s = Sandbox::new();
    s.unleak(&["install", "--global", "--hook", "pre-commit"]).ok();
    // The command line does not offer this one yet.
    let push = unleak::install::script::dispatcher("pre-push", Some(&s.program), None);
    s.script(&folder(&s).join("pre-push"), std::str::from_utf8(&push).unwrap());
    s.stand_in(0);
    let dispatchers = names(&folder(&s));
    assert_eq!(dispatchers.len(), 27);
    for name in &dispatchers {
        s.noting(&s.hook(name), 3);
        let ran = s.run_hook(&folder(&s).join(name), &["one", "two words"], "refs\n");
        ran.ended(3);
        assert_eq!(s.heard(), "own one two words\nrefs\n", "{name}");
        s.noting(&s.hook(name), 0);
        s.run_hook(&folder(&s).join(name), &["one"], "refs\n").ok();
        let judged = match name.as_str() {
            "pre-commit" => "unleak hook pre-commit one\n",
            "pre-push" => "unleak hook pre-push one\nrefs\n",
            _ => "",
        };
        // One that takes no input may leave it to the first.
        assert_eq!(s.heard(), format!("own one\nrefs\n{judged}"), "{name}");
    }
}

#[test]
fn without_hooks_of_its_own_a_repository_works_as_before() {
    let s = Sandbox::new();
    s.unleak(&["install", "--global"]).ok();
    // Of `push-to-checkout` the mere presence changes what git does.
    let clone = s.root.join("clone");
    s.git_in(&s.root, &["clone", "-q", "repository", "clone"]).ok();
    s.git(&["config", "receive.denyCurrentBranch", "updateInstead"]).ok();
    fs::write(clone.join("new"), "new\n").unwrap();
    s.git_in(&clone, &["add", "."]).ok();
    s.git_in(&clone, &["commit", "-qm", "new"]).ok();
    s.git_in(&clone, &["push", "-q", "origin", "main"]).ok();
    assert_eq!(fs::read_to_string(s.repository.join("new")).unwrap(), "new\n");
    assert_eq!(s.git(&["status", "--porcelain"]).ok().stdout, "");

    fs::write(s.repository.join("new"), "not committed\n").unwrap();
    fs::write(clone.join("new"), "newer\n").unwrap();
    s.git_in(&clone, &["commit", "-qam", "newer"]).ok();
    let push = s.git_in(&clone, &["push", "-q", "origin", "main"]);
    assert_ne!(push.status, 0);
    assert_eq!(fs::read_to_string(s.repository.join("new")).unwrap(), "not committed\n");
}

#[test]
fn hooks_are_found_from_worktrees_and_bare_repositories() {
    let s = Sandbox::new();
    s.unleak(&["install", "--global"]).ok();
    s.script(&s.hook("pre-commit"), "echo 'own hook' >&2");
    s.git(&["worktree", "add", "-q", "../linked"]).ok();
    let linked = s.root.join("linked");
    fs::create_dir(linked.join("sub")).unwrap();
    fs::write(linked.join("sub/settings"), crate::sandbox::secret_line()).unwrap();
    s.git_in(&linked, &["add", "."]).ok();
    s.git_in(&linked.join("sub"), &["commit", "-qm", "x"]).blocked().says("own hook");

    s.git_in(&s.root, &["init", "-q", "--bare", "bare.git"]).ok();
    let bare = s.root.join("bare.git");
    s.noting(&bare.join("hooks/update"), 0);
    s.git(&["push", "-q", "../bare.git", "main"]).ok();
    assert!(s.heard().starts_with("own refs/heads/main 000"));
    let seen = s
        .command("git", &s.root)
        .env("GIT_DIR", s.repository.join(".git"))
        .env("GIT_WORK_TREE", &s.repository)
        .args(["commit", "--allow-empty", "-qm", "x"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&seen.stderr).contains("own hook"));
}

#[test]
fn a_former_folder_stays_in_force_and_comes_back() {
    let s = Sandbox::new();
    let config = fs::read_to_string(s.home.join(".gitconfig")).unwrap()
        + "[core] ; mine\n  HOOKSPATH = \"~/old hooks\" # since 2019\n\teditor = true\n";
    fs::write(s.home.join(".gitconfig"), &config).unwrap();
    s.script(&s.home.join("old hooks/pre-commit"), "echo 'old hook' >&2");
    s.script(&s.home.join("old hooks/post-commit"), "echo 'old post' >&2");
    s.script(&s.hook("pre-commit"), "echo 'never ran' >&2");
    s.unleak(&["install", "--global"]).ok().says("old hooks, and first");
    s.commit_secret().blocked().says("old hook").is_silent_on("never ran");
    s.commit_clean("clean").ok().says("old post");
    s.unleak(&["install", "--global"]).ok().says("already");
    s.unleak(&["uninstall", "--global"]).ok().says("is ").says("old hooks again");
    assert_eq!(fs::read_to_string(s.home.join(".gitconfig")).unwrap(), config);
    s.commit_clean("cleaner").ok().says("old hook");
}

#[test]
fn a_repository_under_the_global_installation_needs_none_of_its_own() {
    let s = Sandbox::new();
    s.unleak(&["install", "--global"]).ok();
    s.unleak(&["install"]).ok().says("run here already");
    s.unleak(&["uninstall", "--global"]).ok();
    s.unleak(&["install", "--global", "--hook", "pre-commit"]).ok();
    s.unleak(&["install"]).ended(2).says("unleak install --global --hook pre-merge-commit");
    assert!(names(&s.repository.join(".git/hooks")).is_empty());
    s.unleak(&["uninstall"]).ok().says("unleak uninstall --global");
    s.commit_secret().blocked();
}

#[test]
fn a_repository_with_its_own_hooks_path_is_installed_in_by_itself() {
    let s = Sandbox::new();
    s.unleak(&["install", "--global"]).ok();
    s.git(&["config", "core.hooksPath", "../own"]).ok();
    s.unleak(&["install"]).ok().says("installed in");
    s.commit_secret().blocked();
}

#[test]
fn an_edited_dispatcher_is_left_alone_unless_forced() {
    let s = Sandbox::new();
    s.unleak(&["install", "--global"]).ok();
    let hook = folder(&s).join("post-merge");
    let edited = fs::read_to_string(&hook).unwrap() + "echo mine\n";
    fs::write(&hook, edited).unwrap();
    s.unleak(&["install", "--global"]).ended(2).says("edited after unleak wrote it");
    s.unleak(&["uninstall", "--global"]).ended(2).says("edited after unleak wrote it");
    s.commit_secret().blocked();
    s.unleak(&["uninstall", "--global", "--force"]).ok();
    assert!(!folder(&s).exists());
}

#[test]
fn a_program_that_is_gone_blocks_everywhere_and_says_how_to_go_on() {
    let s = Sandbox::new();
    s.unleak(&["install", "--global"]).ok();
    fs::remove_file(&s.program).unwrap();
    let commit = s.commit_clean("clean");
    assert_ne!(commit.status, 0);
    commit.says("the pre-commit hook cannot judge").says("git config --global --unset core.hooksPath");
    let command = commit.stderr.lines().find_map(|line| line.split_once("in all repositories: ")).unwrap().1;
    Ran::of(s.command("sh", &s.repository).args(["-c", command])).ok();
    s.commit_clean("clean").ok();
}

#[test]
fn an_include_that_wins_is_told_and_nothing_stays_changed() {
    let s = Sandbox::new();
    let config = fs::read_to_string(s.home.join(".gitconfig")).unwrap()
        + "[core]\n\teditor = true\n[include]\n\tpath = more\n";
    fs::write(s.home.join(".gitconfig"), &config).unwrap();
    fs::write(s.home.join("more"), "[core]\n\thooksPath = /elsewhere\n").unwrap();
    s.unleak(&["install", "--global"]).ended(2).says("a file that it includes sets another");
    assert_eq!(fs::read_to_string(s.home.join(".gitconfig")).unwrap(), config);
}
