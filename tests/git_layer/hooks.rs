//! What git hands to hooks: temporary indexes, parents of a merge, quarantined objects; and where it looks for them.

use std::path::Path;

use crate::harness::Scratch;

#[test]
fn merges_compare_with_every_parent() {
    for (options, reader) in [(&[][..], "libgit2"), (&["--ref-format=reftable"], "git")] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.git("repo", &["checkout", "-q", "-b", "side"]);
        scratch.write("repo/theirs", "theirs\n");
        scratch.write("repo/top", "top\nside\n");
        scratch.git("repo", &["add", "."]);
        scratch.git("repo", &["commit", "-q", "-m", "side"]);
        scratch.git("repo", &["checkout", "-q", "main"]);
        scratch.write("repo/top", "main\ntop\n");
        scratch.git("repo", &["commit", "-q", "-a", "-m", "main"]);
        scratch.git("repo", &["merge", "-q", "--no-commit", "--no-ff", "side"]);
        let both = |said: &[String]| {
            assert_eq!(said[0], format!("reader {reader}"));
            assert_eq!(said.iter().filter(|l| l.contains(" -> ")).count(), 1, "{said:?}");
            for line in ["top holds main\\ntop\\nside\\n", "top held main\\ntop\\n", "top held top\\nside\\n"]
            {
                assert!(said.iter().any(|l| l == line), "{said:?}");
            }
        };
        both(&scratch.probe("repo", &[]));
        let side = scratch.git("repo", &["rev-parse", "side"]);
        std::fs::remove_file(scratch.path("repo/.git/MERGE_HEAD")).unwrap();
        both(&scratch.probe("repo", &[(&format!("GITHEAD_{side}"), "side")]));
        // What is no merge's parent hides nothing: unknown here, or part of HEAD already.
        let first = scratch.git("repo", &["rev-parse", "main~1"]);
        for other in [&first, &"1".repeat(40)] {
            let said = scratch.probe("repo", &[(&format!("GITHEAD_{other}"), "x")]);
            assert!(said.iter().any(|l| l == "theirs holds theirs\\n"), "{said:?}");
        }
        std::fs::write(scratch.path("repo/.git/MERGE_HEAD"), "nonsense\n").unwrap();
        assert!(scratch.probe("repo", &[])[0].starts_with("error cannot follow MERGE_HEAD"));
    }
}

#[cfg(unix)]
#[test]
fn real_commits_hand_over_the_index_that_they_mean() {
    for (options, folder) in [(&[][..], "."), (&[], "d3"), (&["--ref-format=reftable"], ".")] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.git("repo", &["worktree", "add", "-q", "../linked"]);
        let changes = |said: &[String]| -> Vec<String> {
            said.iter().filter_map(|l| l.split_once(" holds ")).map(|(p, c)| format!("{p} {c}")).collect()
        };
        for top in ["repo", "linked"] {
            // A hook that goes into a sub-directory, as husky's and lefthook's do. Git names a linked work tree's
            // directory in a variable, which then makes that folder the top for git itself, so it stays there.
            let before = if top == "repo" { format!("cd {folder}") } else { String::new() };
            scratch.hook("repo/.git", "pre-commit", &before);
            scratch.write(&format!("{top}/d1/f1"), "all\n");
            scratch.write(&format!("{top}/d1/f5"), "all\n");
            scratch.git(top, &["commit", "-q", "-a", "-m", "all"]);
            assert_eq!(changes(&scratch.said()), ["d1/f1 all\\n", "d1/f5 all\\n"]);
            scratch.write(&format!("{top}/d1/f1"), "staged\n");
            scratch.git(top, &["add", "d1/f1"]);
            scratch.write(&format!("{top}/d1/f5"), "named\n");
            scratch.git(top, &["commit", "-q", "-m", "named", "d1/f5"]);
            assert_eq!(changes(&scratch.said()), ["d1/f5 named\\n"]);
            scratch.write(&format!("{top}/d1/f1"), "only in the work tree\n");
            scratch.git(&format!("{top}/d2"), &["commit", "-q", "-m", "staged"]);
            assert_eq!(changes(&scratch.said()), ["d1/f1 staged\\n"]);
            scratch.git(top, &["commit", "-q", "--allow-empty", "-m", "empty"]);
            assert_eq!(changes(&scratch.said()), [""; 0]);
            scratch.git(top, &["reset", "-q", "--hard"]);
        }
        scratch.hook("repo/.git", "pre-merge-commit", "");
        scratch.git("repo", &["checkout", "-q", "-b", "other", "HEAD~4"]);
        scratch.write("repo/other", "other\n");
        scratch.git("repo", &["add", "other"]);
        scratch.git("repo", &["commit", "-q", "-m", "other"]);
        scratch.said();
        scratch.git("repo", &["merge", "-q", "--no-edit", "main"]);
        assert_eq!(changes(&scratch.said()), [""; 0]);
    }
}

#[cfg(unix)]
#[test]
fn pushed_objects_are_read_where_a_server_keeps_them_for_now() {
    for options in [&[][..], &["--ref-format=reftable"]] {
        let scratch = Scratch::new();
        scratch.repository(options);
        std::fs::create_dir(scratch.path("server")).unwrap();
        scratch.git("server", &[&["init", "-q", "--bare"], options].concat());
        scratch.git("repo", &["push", "-q", "../server", "main"]);
        let before = "read old new ref; export UNLEAK_ASK=\"between $old $new\"";
        scratch.hook("server", "pre-receive", before);
        scratch.write("repo/d1/new", "new\n");
        scratch.git("repo", &["add", "."]);
        scratch.git("repo", &["commit", "-q", "-m", "second"]);
        scratch.git("repo", &["push", "-q", "../server", "main"]);
        let said = scratch.said();
        let id = scratch.git("repo", &["rev-parse", "HEAD:d1/new"]);
        assert_eq!(said.last().unwrap(), &format!("d1/new:  -> 100644 {id}"));
    }
}

#[test]
fn the_hooks_folder_is_where_git_looks() {
    for options in [&[][..], &["--ref-format=reftable"]] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.git("repo", &["worktree", "add", "-q", "../linked"]);
        for (value, folder) in [
            ("", "repo"),
            ("", "linked"),
            (".husky/_", "repo/d1"),
            ("~/mine", "repo"),
            (".husky/_", "linked"),
        ] {
            if value.is_empty() {
                let _ = scratch.try_git("repo", &["config", "--unset", "core.hooksPath"], &[]);
            } else {
                scratch.git("repo", &["config", "core.hooksPath", value]);
            }
            let said = scratch.probe(folder, &[]);
            let ours = Path::new(said[1].strip_prefix("hooks ").unwrap()).to_path_buf();
            // Git prints what it was told; a relative path it takes from the top, where it runs hooks.
            let top = scratch.git(folder, &["rev-parse", "--show-toplevel"]);
            let git = Path::new(&top)
                .join(scratch.git(&format!("{folder}/."), &["-C", &top, "rev-parse", "--git-path", "hooks"]));
            assert_eq!(ours, git, "{value} in {folder}");
        }
    }
}
