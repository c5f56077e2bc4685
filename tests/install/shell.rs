//! The script itself: quoting, input, a poor PATH, and a program that is gone.

use std::fs;
use std::path::PathBuf;

use crate::sandbox::{Ran, Sandbox, set_mode};

#[test]
fn any_path_of_the_program_works() {
    for name in ["it's", "$HOME `id` \"q\"", "two\nlines", "back\\slash", "-dash", "ünï"] {
        let s = Sandbox::new();
        let program = s.root.join(name).join("unleak");
        s.copy_program(&program);
        fs::remove_file(&s.program).unwrap();
        Ran::of(s.command(&program, &s.repository).arg("install")).ok();
        s.commit_secret().blocked();
        s.commit_clean("clean").ok();
    }
}

#[test]
fn a_poor_path_and_no_home_do_not_matter() {
    let s = Sandbox::new();
    s.unleak(&["install"]).ok();
    s.write("settings", &crate::sandbox::secret_line());
    s.git(&["add", "."]).ok();
    // Without HOME git knows no identity; it is not what is tried here.
    let commit = |path: &str| {
        let git = PathBuf::from("/usr/bin/git");
        let mut command = s.command(git, &s.repository);
        command.env("PATH", path).env_remove("HOME").args(["commit", "-qm", "x"]);
        Ran::of(&mut command)
    };
    commit("/usr/bin:/bin").blocked();
    commit("").blocked();
}

#[test]
fn a_program_that_is_gone_blocks_and_says_what_to_do() {
    let s = Sandbox::new();
    s.unleak(&["install"]).ok();
    fs::remove_file(&s.program).unwrap();
    let commit = s.commit_clean("clean");
    assert_ne!(commit.status, 0);
    commit.says("the pre-commit hook cannot judge").says(s.program.to_str().unwrap());
    commit.says("install unleak again").says("rm '.git/hooks/pre-commit'");
    s.run_hook(&s.hook("pre-commit"), &[], "").ended(2);
    // Neither a folder, nor an empty file, nor one that cannot be executed is a program.
    fs::create_dir(&s.program).unwrap();
    assert_ne!(s.commit_clean("clean").status, 0);
    fs::remove_dir(&s.program).unwrap();
    fs::write(&s.program, "").unwrap();
    set_mode(&s.program, 0o755);
    s.commit_clean("clean").says("the pre-commit hook cannot judge");
    fs::write(&s.program, "exit 0").unwrap();
    set_mode(&s.program, 0o644);
    s.commit_clean("clean").says("the pre-commit hook cannot judge");
}

#[test]
fn a_kept_hook_is_part_of_the_remedy() {
    let s = Sandbox::new();
    s.script(&s.hook("pre-commit"), "exit 0");
    s.unleak(&["install"]).ok();
    fs::remove_file(&s.program).unwrap();
    s.commit_clean("clean").says("mv '.git/hooks/pre-commit.before-unleak' '.git/hooks/pre-commit'");
}

#[test]
fn a_program_that_moved_is_found_on_path_and_in_the_usual_places() {
    let s = Sandbox::new();
    s.unleak(&["install"]).ok();
    for place in [".cargo/bin", ".local/bin"] {
        let there = s.home.join(place).join("unleak");
        fs::create_dir_all(there.parent().unwrap()).unwrap();
        fs::rename(&s.program, &there).unwrap();
        s.commit_secret().blocked();
        fs::rename(&there, &s.program).unwrap();
    }
    let there = s.root.join("on path/unleak");
    s.copy_program(&there);
    fs::remove_file(&s.program).unwrap();
    let path = format!("{}:/usr/bin:/bin", there.parent().unwrap().display());
    s.write("settings", &crate::sandbox::secret_line());
    s.git(&["add", "."]).ok();
    Ran::of(s.command("git", &s.repository).env("PATH", path).args(["commit", "-qm", "x"])).blocked();
}

#[test]
fn nothing_in_the_repository_stands_in_for_the_program() {
    let s = Sandbox::new();
    s.unleak(&["install"]).ok();
    fs::remove_file(&s.program).unwrap();
    s.script(&s.repository.join("unleak"), "exit 0");
    s.write("clean", "");
    s.git(&["add", "clean"]).ok();
    for path in [".:/usr/bin:/bin", ":/usr/bin:/bin", "/usr/bin:/bin:"] {
        let commit = Ran::of(s.command("git", &s.repository).env("PATH", path).args(["commit", "-qm", "x"]));
        assert_ne!(commit.status, 0, "{path}");
        commit.says("the pre-commit hook cannot judge");
    }
}

#[test]
fn both_hooks_get_arguments_and_input() {
    let s = Sandbox::new();
    s.noting(&s.hook("pre-push"), 0);
    for name in ["pre-push", "pre-receive", "commit-msg"] {
        s.install_hook(&s.hook(name));
    }
    s.stand_in(0);
    let hook = s.hook("pre-push");
    let line = "refs/heads/a 11 refs/heads/b$x`y`\\ 22\n";
    s.run_hook(&hook, &["origin", "a url"], line).ok();
    assert_eq!(s.heard(), format!("own origin a url\n{line}unleak hook pre-push origin a url\n{line}"));
    s.run_hook(&hook, &["origin"], "").ok();
    assert_eq!(s.heard(), "own origin\nunleak hook pre-push origin\n");
    // More than a pipe holds, and more than one argument may be long.
    let many = line.repeat(30_000);
    s.run_hook(&hook, &["origin"], &many).ok();
    assert_eq!(s.heard(), format!("own origin\n{many}unleak hook pre-push origin\n{many}"));
    s.run_hook(&s.hook("pre-receive"), &[], line).ok();
    assert_eq!(s.heard(), format!("unleak hook pre-receive\n{line}"));
    s.run_hook(&s.hook("commit-msg"), &[".git/MESSAGE"], "").ok();
    assert_eq!(s.heard(), "unleak hook commit-msg .git/MESSAGE\n");
}

#[test]
fn a_hook_that_reads_nothing_harms_nobody() {
    let s = Sandbox::new();
    s.script(&s.hook("pre-push"), "exit 0");
    s.install_hook(&s.hook("pre-push"));
    s.stand_in(0);
    let many = "refs/heads/a 1 refs/heads/a 2\n".repeat(30_000);
    s.run_hook(&s.hook("pre-push"), &["origin"], &many).ok();
    assert_eq!(s.heard(), format!("unleak hook pre-push origin\n{many}"));
}

#[test]
fn the_status_of_both_is_passed_on() {
    let s = Sandbox::new();
    s.noting(&s.hook("pre-push"), 9);
    s.install_hook(&s.hook("pre-push"));
    s.install_hook(&s.hook("commit-msg"));
    s.stand_in(2);
    s.run_hook(&s.hook("pre-push"), &["origin"], "x\n").ended(9);
    assert_eq!(s.heard(), "own origin\nx\n");
    s.run_hook(&s.hook("commit-msg"), &["f"], "").ended(2);
    fs::remove_file(s.hook("pre-push.before-unleak")).unwrap();
    s.run_hook(&s.hook("pre-push"), &["origin"], "x\n").ended(2);
}

#[test]
fn a_real_push_reaches_both_sides() {
    let s = Sandbox::new();
    s.git_in(&s.root, &["init", "-q", "--bare", "bare.git"]).ok();
    let bare = s.root.join("bare.git");
    s.noting(&s.hook("pre-push"), 0);
    s.noting(&bare.join("hooks/pre-receive"), 0);
    s.install_hook(&s.hook("pre-push"));
    s.install_hook(&bare.join("hooks/pre-receive"));
    s.stand_in(0);
    s.git(&["push", "-q", "../bare.git", "main"]).ok();
    let id = s.git(&["rev-parse", "HEAD"]).stdout;
    let (id, zero) = (id.trim(), "0".repeat(40));
    let push = format!("refs/heads/main {id} refs/heads/main {zero}\n");
    let receive = format!("{zero} {id} refs/heads/main\n");
    assert_eq!(
        s.heard(),
        format!(
            "own ../bare.git ../bare.git\n{push}unleak hook pre-push ../bare.git ../bare.git\n{push}own \n{receive}unleak hook pre-receive\n{receive}"
        )
    );
}
