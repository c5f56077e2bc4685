//! What `git commit` lets through and what it stops: each way a change can be staged, and each form a file can have.
//!
//! The trap: a test that passes because nothing was looked at. `passes(n)` therefore says how many files were judged.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use std::ffi::OsString;

use harness::{Repo, feed, filler, line, made, token};

// Which lines count.

#[test]
fn a_secret_in_a_new_file_is_stopped() {
    let repo = Repo::new();
    repo.stage("src/app.py", filler(2) + &line(0));
    repo.commit().stopped_at(&["src/app.py:3:10"]);
}

#[test]
fn a_change_without_a_secret_passes() {
    let repo = Repo::new();
    repo.stage("src/app.py", filler(3)).stage("a.txt", filler(21));
    repo.commit().passes(2);
}

#[test]
fn a_secret_on_a_changed_line_is_stopped() {
    let repo = Repo::new();
    repo.stage("a.txt", filler(20).replace("line 7\n", &line(0)));
    repo.commit().stopped_at(&["a.txt:7:10"]);
}

#[test]
fn every_secret_is_told_in_order() {
    let repo = Repo::new();
    repo.stage("z.txt", line(0)).stage("a.txt", line(1) + &line(2)).stage("a/b.txt", line(0));
    repo.commit().stopped_at(&["a.txt:1:10", "a.txt:2:10", "a/b.txt:1:10", "z.txt:1:10"]);
}

#[test]
fn an_old_secret_on_an_unchanged_line_passes() {
    let repo = Repo::new();
    repo.write("old.txt", filler(5) + &line(0) + &filler(5)).unjudged("old");
    repo.stage("old.txt", format!("new\n{}{}{}changed\n", filler(5), line(0), filler(4)));
    repo.commit().passes(1);
}

#[test]
fn a_second_place_of_an_old_secret_is_stopped() {
    let repo = Repo::new();
    repo.write("old.txt", line(0)).unjudged("old");
    repo.stage("copy.txt", line(0));
    repo.commit().stopped_at(&["copy.txt:1:10"]);
}

#[test]
fn a_new_value_beside_an_old_name_is_stopped() {
    let repo = Repo::new();
    let value = |n: usize| format!("password = \"{}\"\n", made(&format!("value {n}"), "{base62:16}"));
    repo.write("settings.ini", value(0)).unjudged("old");
    repo.stage("settings.ini", value(1));
    repo.commit().stopped_at(&["settings.ini:1:13"]);
}

#[test]
fn a_secret_is_new_when_only_its_own_line_is() {
    let repo = Repo::new();
    let regex = format!(r"BEGIN ACME\n(?<{}>[a-z0-9]{{16}}\n[a-z0-9]{{16}})", "secret");
    let rule = format!("[[rules.custom]]\nid = 'acme-key'\nkeywords = ['begin acme']\nregex = '{regex}'\n");
    let half = |n: usize| made(&format!("half {n}"), "{lower-alnum:16}");
    let block = |first: usize, second: usize| format!("BEGIN ACME\n{}\n{}\nEND\n", half(first), half(second));
    repo.write(".unleak.toml", rule).write("key", block(0, 1)).unjudged("old");
    repo.stage("key", block(0, 2));
    repo.commit().stopped_at(&["key:2:1"]);
    repo.stage("key", block(3, 1));
    repo.commit().stopped_at(&["key:2:1"]);
    repo.stage("key", block(0, 1) + "more\n");
    repo.commit().passes(1);
}

#[test]
fn a_removed_secret_passes() {
    let repo = Repo::new();
    repo.write("old.txt", filler(3) + &line(0)).unjudged("old");
    repo.stage("old.txt", filler(3));
    repo.commit().passes(1);
}

#[test]
fn a_removed_file_passes() {
    let repo = Repo::new();
    repo.write("old.txt", line(0)).unjudged("old");
    repo.git(&["rm", "-q", "old.txt"]);
    repo.commit().passes(0);
}

#[test]
fn a_pure_rename_passes() {
    let repo = Repo::new();
    repo.write("old.txt", filler(9) + &line(0)).unjudged("old");
    repo.git(&["mv", "old.txt", "new.txt"]);
    repo.commit().passes(1);
}

#[test]
fn a_rename_with_a_new_secret_is_stopped() {
    let repo = Repo::new();
    repo.write("old.txt", filler(9) + &line(0)).unjudged("old");
    repo.git(&["mv", "old.txt", "new.txt"]);
    repo.stage("new.txt", filler(9) + &line(0) + &line(1));
    repo.commit().stopped_at(&["new.txt:11:10"]);
}

#[test]
fn a_secret_that_moved_to_another_file_passes() {
    let repo = Repo::new();
    repo.write("old.txt", filler(9) + &line(0)).unjudged("old");
    repo.stage("old.txt", filler(9)).stage("config/new.yml", format!("other: {}\n", token(0)));
    repo.commit().passes(2);
}

#[test]
fn a_removed_secret_does_not_hide_another_one() {
    let repo = Repo::new();
    repo.write("old.txt", line(0)).unjudged("old");
    repo.stage("old.txt", line(1));
    repo.commit().stopped_at(&["old.txt:1:10"]);
}

#[test]
fn a_new_mode_alone_passes() {
    let repo = Repo::new();
    repo.write("old.txt", line(0)).unjudged("old");
    repo.git(&["update-index", "--chmod=+x", "old.txt"]);
    repo.commit().passes(1);
}

// Which ways of committing.

#[test]
fn the_first_commit_is_judged() {
    let repo = Repo::empty();
    repo.stage("app.py", line(0));
    repo.commit().stopped_at(&["app.py:1:10"]);
    repo.git(&["rm", "-q", "-f", "app.py"]);
    repo.stage("app.py", filler(1));
    repo.commit().passes(1);
}

#[test]
fn an_amended_commit_is_judged_by_what_it_adds_to_itself() {
    let repo = Repo::new();
    repo.write("old.txt", line(0)).unjudged("old");
    repo.stage("a.txt", filler(3));
    repo.commit_with(&["--amend"]).passes(1);
    repo.stage("a.txt", line(1));
    repo.commit_with(&["--amend"]).stopped_at(&["a.txt:1:10"]);
}

#[test]
fn commit_all_judges_what_it_will_stage() {
    let repo = Repo::new();
    repo.write("a.txt", line(0));
    repo.commit_with(&["-a"]).stopped_at(&["a.txt:1:10"]);
    repo.write("a.txt", filler(2));
    repo.commit_with(&["-a"]).passes(1);
}

#[test]
fn commit_of_a_path_judges_that_path_only() {
    let repo = Repo::new();
    repo.stage("a.txt", line(0)).write("b.txt", filler(2));
    repo.commit_with(&["b.txt"]).passes(1);
    repo.write("b.txt", line(1));
    repo.commit_with(&["b.txt"]).stopped_at(&["b.txt:1:10"]);
    repo.commit_with(&["-i", "b.txt"]).stopped_at(&["a.txt:1:10", "b.txt:1:10"]);
}

#[test]
fn commit_patch_judges_the_chosen_hunks() {
    let choose = |repo: &Repo, answers: &str| {
        let mut command = repo.command("git");
        command.args(["commit", "-q", "-p", "-m", "more"]);
        repo.judged_by(command, answers)
    };
    let text = |tail: usize| format!("{}{}new {tail}\n", line(0), filler(20));
    let repo = Repo::new();
    repo.write("a.txt", text(1));
    choose(&repo, "y\nn\n").stopped_at(&["a.txt:1:10"]);
    choose(&repo, "n\ny\n").passes(1);
}

#[test]
fn only_the_staged_part_of_a_file_counts() {
    let repo = Repo::new();
    repo.stage("a.txt", filler(21)).write("a.txt", filler(21) + &line(0));
    repo.commit().passes(1);
}

#[test]
fn a_staged_secret_that_is_fixed_in_the_work_tree_only_is_stopped() {
    let repo = Repo::new();
    repo.stage("a.txt", line(0)).write("a.txt", filler(1));
    repo.commit().stopped_at(&["a.txt:1:10"]);
    std::fs::remove_file(repo.top().join("a.txt")).unwrap();
    repo.commit().stopped_at(&["a.txt:1:10"]);
}

#[test]
fn an_empty_commit_passes_and_says_that_nothing_was_judged() {
    let repo = Repo::new();
    repo.commit_with(&["--allow-empty"]).passes(0).says(&["nothing to judge"]);
}

/// `side` changes `a.txt` to `theirs`, `main` to `ours`.
fn two_branches(theirs: &str, ours: &str) -> Repo {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("a.txt", theirs).write("side.txt", "side\n").unjudged("theirs");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("a.txt", ours).write("main.txt", "main\n").unjudged("ours");
    repo
}

#[test]
fn a_resolved_conflict_is_judged_by_what_no_parent_has() {
    let repo = two_branches(&(line(0) + "theirs\n"), &(line(1) + "ours\n"));
    assert!(!repo.try_git(&["merge", "side"]).status.success());
    repo.stage("a.txt", line(0) + &line(1) + &line(2));
    repo.commit().stopped_at(&["a.txt:3:10"]);
    repo.stage("a.txt", line(0) + &line(1) + "both\n");
    repo.commit().passes(1);
}

#[test]
fn an_unresolved_conflict_is_no_pass() {
    let repo = two_branches("theirs\n", "ours\n");
    assert!(!repo.try_git(&["merge", "side"]).status.success());
    repo.judge().fails(&["a.txt", "conflict"]);
}

#[test]
fn a_clean_merge_brings_no_news() {
    let repo = two_branches(&filler(20), &filler(20));
    repo.git(&["checkout", "-q", "side"]);
    repo.write("side.txt", line(0)).unjudged("theirs");
    repo.git(&["checkout", "-q", "main"]);
    let merged = repo.merge(&["side"]);
    assert_eq!((merged.status, merged.committed), (0, Some(true)), "{merged:#?}");
    assert_eq!(repo.git(&["log", "-1", "--format=%p"]).split(' ').count(), 2);
}

#[test]
fn what_is_added_to_a_merge_is_stopped() {
    let repo = two_branches(&filler(20), &filler(20));
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    repo.stage("side.txt", line(0));
    repo.commit().stopped_at(&["side.txt:1:10"]);
}

#[test]
#[cfg(unix)]
fn what_a_merge_driver_adds_is_stopped() {
    let repo = two_branches("theirs\n", "ours\n");
    repo.write("driver", format!("#!/bin/sh\ncat > \"$1\" <<'.'\n{}.\n", line(0)));
    repo.git(&["config", "merge.acme.driver", "sh ./driver %A"]);
    repo.write(".git/info/attributes", "a.txt merge=acme\n");
    repo.merge(&["side"]).stopped_at(&["a.txt:1:10"]);
}

#[test]
fn a_cherry_pick_without_commit_is_judged() {
    let repo = two_branches(&filler(20), &filler(20));
    repo.git(&["checkout", "-q", "side"]);
    repo.write("picked.txt", line(0)).unjudged("theirs");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["cherry-pick", "--no-commit", "side"]);
    repo.commit().stopped_at(&["picked.txt:1:10"]);
}

#[test]
fn a_cherry_pick_that_goes_on_after_a_conflict_is_judged() {
    let repo = two_branches("theirs\n", "ours\n");
    assert!(!repo.try_git(&["cherry-pick", "side"]).status.success());
    repo.stage("a.txt", line(0));
    repo.judged_by_git(&["cherry-pick", "--continue"]).stopped_at(&["a.txt:1:10"]);
}

#[test]
fn a_rebase_that_goes_on_after_a_conflict_is_judged() {
    let repo = two_branches("theirs\n", "ours\n");
    assert!(!repo.try_git(&["rebase", "side"]).status.success());
    repo.stage("a.txt", line(0));
    repo.judged_by_git(&["commit", "-q", "--no-edit"]).stopped_at(&["a.txt:1:10"]);
}

#[test]
fn a_detached_head_is_judged() {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "--detach"]);
    repo.stage("a.txt", line(0));
    repo.commit().stopped_at(&["a.txt:1:10"]);
    repo.stage("a.txt", filler(1));
    repo.commit().passes(1);
}

#[test]
fn a_linked_worktree_is_judged() {
    for worktree_config in [false, true] {
        let repo = Repo::new();
        if worktree_config {
            repo.git(&["config", "extensions.worktreeConfig", "true"]);
        }
        let linked = repo.beside("linked");
        repo.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
        if worktree_config {
            repo.git(&["-C", linked.to_str().unwrap(), "config", "--worktree", "core.fileMode", "true"]);
        }
        std::fs::write(linked.join("a.txt"), line(0)).unwrap();
        let in_linked = |arguments: &[&str]| {
            let mut command = repo.command("git");
            command.current_dir(&linked).args(arguments);
            command
        };
        repo.judged_by(in_linked(&["commit", "-q", "-a", "-m", "more"]), "").stopped_at(&["a.txt:1:10"]);
        std::fs::write(linked.join("a.txt"), filler(1)).unwrap();
        repo.judged_by(in_linked(&["commit", "-q", "-a", "-m", "more"]), "").passes(1);
    }
}

#[test]
fn a_commit_from_a_sub_directory_judges_the_whole_change() {
    let repo = Repo::new();
    repo.stage("deep/er/a.txt", line(0)).stage("b.txt", line(1));
    let mut command = repo.command("git");
    command.current_dir(repo.top().join("deep")).args(["commit", "-q", "-m", "more"]);
    repo.judged_by(command, "").stopped_at(&["b.txt:1:10", "deep/er/a.txt:1:10"]);
}

#[test]
fn a_hook_that_changes_its_folder_judges_the_same() {
    let repo = Repo::new();
    repo.hook("pre-commit", "cd frontend");
    repo.stage("frontend/app.js", filler(2)).stage("b.txt", line(1));
    repo.commit().stopped_at(&["b.txt:1:10"]);
    repo.commit_with(&["frontend/app.js"]).passes(1);
}

#[test]
fn a_framework_that_names_files_without_a_commit_has_them_judged_whole() {
    let repo = Repo::new();
    repo.write("old.txt", line(0)).unjudged("old");
    repo.write("loose.txt", line(1));
    repo.judge_with(&["hook", "pre-commit", "old.txt", "loose.txt", "a.txt"])
        .stopped_at(&["loose.txt:1:10", "old.txt:1:10"]);
    repo.judge_with(&["hook", "pre-commit", "a.txt"]).passes(1);
}

#[test]
fn names_that_a_framework_leaves_out_of_a_commit_are_judged() {
    let repo = Repo::new();
    repo.stage("excluded.txt", line(0)).stage("b.txt", filler(1));
    let mut command = repo.command(harness::UNLEAK);
    command.args(["hook", "pre-commit", "b.txt"]).env("GIT_INDEX_FILE", ".git/index");
    assert_eq!(command.output().unwrap().status.code(), Some(1));
}

// Which repositories.

#[test]
fn repositories_that_libgit2_refuses_are_judged() {
    let forms: [&[&str]; 4] = [
        &["update-index", "--split-index"],
        &["update-index", "--index-version=4"],
        &["sparse-checkout", "set", "--sparse-index", "src"],
        &["update-index", "--untracked-cache"],
    ];
    for form in forms {
        let repo = Repo::new();
        repo.write("src/x", "x\n").write("other/y", "y\n").unjudged("more");
        repo.git(form);
        repo.stage("src/x", line(0));
        repo.commit().stopped_at(&["src/x:1:10"]);
        repo.stage("src/x", filler(1));
        repo.commit().passes(1);
    }
}

#[test]
fn repositories_of_other_formats_are_judged() {
    for (option, value) in [("GIT_DEFAULT_HASH", "sha256"), ("GIT_DEFAULT_REF_FORMAT", "reftable")] {
        let repo = Repo::empty();
        let hooks = std::fs::read(repo.top().join(".git/hooks/pre-commit")).unwrap();
        assert!(!hooks.is_empty());
        std::fs::remove_dir_all(repo.top().join(".git")).unwrap();
        let made = repo.command("git").args(["init", "-q"]).env(option, value).output().unwrap();
        assert!(made.status.success());
        repo.hook("pre-commit", ":");
        repo.write("a.txt", filler(3)).unjudged("first");
        repo.stage("a.txt", filler(3) + &line(0));
        repo.commit().stopped_at(&["a.txt:4:10"]);
        repo.stage("a.txt", filler(4));
        repo.commit().passes(1);
    }
}

#[test]
fn a_replaced_object_does_not_hide_a_secret() {
    let repo = Repo::new();
    repo.stage("a.txt", line(0)).stage("b.txt", "innocent\n");
    let blob = |path: &str| repo.git(&["rev-parse", &format!(":{path}")]).trim().to_owned();
    repo.git(&["replace", &blob("a.txt"), &blob("b.txt")]);
    repo.commit().stopped_at(&["a.txt:1:10"]);
}

#[test]
fn index_flags_do_not_hide_a_secret() {
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        let repo = Repo::new();
        repo.stage("a.txt", line(0));
        repo.git(&["update-index", flag, "a.txt"]);
        repo.commit().stopped_at(&["a.txt:1:10"]);
    }
}

#[test]
fn an_entry_that_is_only_intended_has_no_content() {
    let repo = Repo::new();
    repo.write("later.txt", line(0)).stage("b.txt", filler(1));
    repo.git(&["add", "-N", "later.txt"]);
    repo.commit().passes(1);
}

#[test]
fn a_submodule_has_no_content_here() {
    let repo = Repo::new();
    repo.git(&["init", "-q", "sub"]);
    repo.git(&["-C", "sub", "commit", "-q", "--allow-empty", "--no-verify", "-m", "first"]);
    repo.git(&["-c", "advice.addEmbeddedRepo=false", "add", "sub"]);
    repo.commit().passes(0);
}

#[test]
#[cfg(unix)]
fn nothing_that_the_repository_names_is_run() {
    let repo = Repo::new();
    repo.write("sly", "#!/bin/sh\necho ran >> \"$SLY\"\ncat \"$1\" 2>/dev/null\n");
    let sly = "sh ./sly";
    for key in [
        "core.fsmonitor",
        "diff.external",
        "diff.acme.command",
        "diff.acme.textconv",
        "core.pager",
        "core.editor",
        "filter.acme.clean",
        "filter.acme.smudge",
        "core.sshCommand",
        "credential.helper",
    ] {
        repo.git(&["config", key, sly]);
    }
    let witness = repo.home("witness");
    let judge = |form: &str| {
        let _ = std::fs::remove_file(&witness);
        let output = repo.command(harness::UNLEAK).env("SLY", &witness).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{form}");
        assert!(!witness.exists(), "{form}: something ran");
    };
    let add = |repo: &Repo| {
        let mut command = repo.command("git");
        command.env("SLY", &witness).args(["add", "a.txt", ".gitattributes"]);
        assert!(command.output().unwrap().status.success());
    };
    repo.write("a.txt", line(0)).write(".gitattributes", "* diff=acme filter=acme\n");
    add(&repo);
    judge("plain");
    // These are read with git's own help.
    repo.git(&["config", "core.repositoryFormatVersion", "1"]);
    repo.git(&["config", "extensions.partialClone", "origin"]);
    judge("partial clone");
}

// Which contents.

#[test]
fn line_ends_do_not_hide_a_secret() {
    let repo = Repo::new();
    repo.stage("crlf.txt", "one\r\n".to_owned() + &line(0).replace('\n', "\r\n"))
        .stage("cr.txt", "one\r".to_owned() + &line(1).replace('\n', "\r"))
        .stage("none.txt", "one\n".to_owned() + line(2).trim_end());
    repo.commit().stopped_at(&["cr.txt:2:10", "crlf.txt:2:10", "none.txt:2:10"]);
}

#[test]
fn new_line_ends_alone_pass() {
    let repo = Repo::new();
    repo.write("a.txt", "one\r\n".to_owned() + &line(0).replace('\n', "\r\n")).unjudged("old");
    repo.stage("a.txt", "one\n".to_owned() + &line(0));
    repo.commit().passes(1);
}

#[test]
fn a_byte_order_mark_counts_no_column() {
    let repo = Repo::new();
    repo.stage("bom.txt", "\u{feff}".to_owned() + &line(0));
    repo.commit().stopped_at(&["bom.txt:1:10"]);
}

#[test]
fn nul_bytes_and_latin_1_do_not_hide_a_secret() {
    let repo = Repo::new();
    let around = |before: &[u8], after: &[u8]| [before, line(0).as_bytes(), after].concat();
    repo.stage("nul.bin", around(b"\0\0\n", b"\0\x01\x02"))
        .stage("latin.txt", around(b"caf\xe9 ", b"\xfc\n"))
        .stage("picture.png", around(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\n", b"\0"));
    repo.commit().stopped_at(&["latin.txt:1:15", "nul.bin:2:10", "picture.png:4:10"]);
}

fn encoded(text: &str, width: usize, big: bool) -> Vec<u8> {
    let units: Vec<u32> = if width == 2 {
        text.encode_utf16().map(u32::from).collect()
    } else {
        text.chars().map(u32::from).collect()
    };
    let bytes = |unit: u32| {
        let all = unit.to_be_bytes();
        let mut bytes = all[4 - width..].to_vec();
        if !big {
            bytes.reverse();
        }
        bytes
    };
    units.into_iter().flat_map(bytes).collect()
}

#[test]
fn wide_encodings_do_not_hide_a_secret() {
    for (width, big) in [(2, false), (2, true), (4, false), (4, true)] {
        for mark in ["\u{feff}", ""] {
            let repo = Repo::new();
            let old = format!("{mark}{}", filler(3));
            repo.write("wide.txt", encoded(&old, width, big)).unjudged("old");
            repo.stage("wide.txt", encoded(&(old + "é " + &line(0)), width, big));
            // Columns are those of the text as UTF-8, in which é has two bytes.
            repo.commit().stopped_at(&["wide.txt:4:13"]);
            repo.unjudged("old");
            repo.stage("wide.txt", encoded(&format!("{mark}{}é {}new\n", filler(3), line(0)), width, big));
            repo.commit().passes(1);
        }
    }
}

#[test]
fn a_working_tree_encoding_is_judged_as_git_stores_it() {
    let repo = Repo::new();
    repo.write(".gitattributes", "*.wide working-tree-encoding=UTF-16LE\n");
    repo.stage("a.wide", encoded(&line(0), 2, false));
    repo.commit().stopped_at(&["a.wide:1:10"]);
}

#[test]
fn attributes_do_not_hide_a_secret() {
    for attribute in ["-diff", "binary", "diff=acme", "-text", "export-ignore", "linguist-generated"] {
        let repo = Repo::new();
        repo.git(&["config", "diff.acme.textconv", "true"]);
        repo.stage(".gitattributes", format!("* {attribute}\n")).stage("a.txt", line(0));
        repo.commit().stopped_at(&["a.txt:1:10"]);
    }
}

#[test]
fn diff_settings_do_not_hide_a_secret() {
    for (key, value) in [
        ("diff.noprefix", "true"),
        ("diff.renames", "copies"),
        ("diff.algorithm", "patience"),
        ("diff.ignoreSubmodules", "all"),
        ("core.whitespace", "-trailing-space"),
        ("core.bigFileThreshold", "1"),
        ("core.autocrlf", "true"),
        ("color.ui", "always"),
    ] {
        let repo = Repo::new();
        repo.git(&["config", key, value]);
        repo.stage("a.txt", line(0));
        repo.commit().stopped_at(&["a.txt:1:10"]);
    }
}

#[test]
fn no_extension_is_skipped() {
    let repo = Repo::new();
    let names = ["a.css", "b.jpg", "c.lock", "d.map", "e.min.js", "f.pdf", "g.svg", "package-lock.json"];
    for (n, name) in names.iter().enumerate() {
        repo.stage(format!("vendor/{name}"), line(n));
    }
    let places: Vec<String> = names.iter().map(|name| format!("vendor/{name}:1:10")).collect();
    repo.commit().stopped_at(&places.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
#[cfg(unix)]
fn a_symbolic_link_is_judged_by_its_target() {
    let repo = Repo::new();
    repo.write("outside", line(1));
    std::os::unix::fs::symlink(format!("/srv/{}", token(0)), repo.top().join("link")).unwrap();
    std::os::unix::fs::symlink("outside", repo.top().join("innocent")).unwrap();
    repo.git(&["add", "link", "innocent"]);
    repo.commit().stopped_at(&["link:1:6"]);
    repo.commit_with(&["innocent"]).passes(1);
}

// Which names.

#[test]
fn a_secret_in_a_new_name_is_stopped_and_masked() {
    let repo = Repo::new();
    repo.stage(format!("notes/{}.txt", token(0)), "nothing\n");
    let judged = repo.commit();
    assert_eq!((judged.status, judged.places().len()), (1, 1), "{judged:#?}");
    assert!(judged.stdout.contains("(the name itself)"), "{judged:#?}");
    repo.unjudged("old");
    repo.stage(format!("notes/{}.txt", token(0)), "changed\n");
    repo.commit().passes(1);
}

#[test]
#[cfg(unix)]
fn odd_names_are_judged_and_printed_without_harm() {
    use std::os::unix::ffi::OsStringExt;
    let odd: [&[u8]; 14] = [
        b"new\nline",
        b"quote\"'",
        b"tab\t",
        b"\x1b]0;title\x07\x1b[31mred",
        b"-rf",
        b"--help",
        b"invalid\xff\xfe",
        b" blanks  ",
        b"back\\slash",
        b"\xc2\x9b31m",
        "\u{202e}txt.exe".as_bytes(),
        b":(top)magic",
        b"##[error]x",
        b"*?[a]",
    ];
    for name in odd {
        let repo = Repo::new();
        let path = std::path::PathBuf::from(OsString::from_vec(name.to_vec()));
        repo.write(&path, line(0));
        repo.git(&["add", "-A"]);
        let judged = repo.commit();
        assert_eq!((judged.status, judged.places().len()), (1, 1), "{name:?}: {judged:#?}");
        let first = &judged.json["findings"][0];
        assert_eq!((&first["line"], &first["column"]), (&1.into(), &10.into()));
        repo.write(&path, filler(1));
        repo.git(&["add", "-A"]);
        repo.commit().passes(1);
    }
}

#[test]
#[cfg(unix)]
fn a_very_long_name_is_judged() {
    let repo = Repo::new();
    let long = vec!["d".repeat(200); 15].join("/");
    repo.stage(&long, line(0));
    repo.commit().stopped_at(&[&format!("{long}:1:10")]);
}

#[test]
fn paths_are_written_as_the_json_contract_has_them() {
    let repo = Repo::new();
    repo.stage("sp ace/é.txt", line(0));
    repo.commit().stopped_at(&["sp ace/é.txt:1:10"]);
}

#[test]
fn the_hook_reads_nothing_from_its_input() {
    let repo = Repo::new();
    repo.stage("a.txt", line(0));
    let mut command = repo.command("git");
    command.args(["commit", "-q", "-F", "-"]);
    repo.judged_by(command, "a message\n").stopped_at(&["a.txt:1:10"]);
    let mut alone = repo.command(harness::UNLEAK);
    assert_eq!(feed(&mut alone, "unread").status.code(), Some(1));
}
