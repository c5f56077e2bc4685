//! commit-msg: the message as it will be committed, and the index when pre-commit has not judged it.

use crate::world::{World, line, token};

fn ready() -> World {
    let world = World::new();
    world.commit("a.txt", "one\ntwo\n").install(&["pre-commit", "pre-merge-commit", "commit-msg"]);
    world
}

/// `git commit` with a message and arguments, and whether it goes through.
#[test]
fn messages_are_judged_as_they_are_committed() {
    let secret = token(0);
    let scissors = "# ------------------------ >8 ------------------------";
    let rows: [(&str, String, &[&str], bool); 9] = [
        ("a clean message", "clean".to_owned(), &[], true),
        ("a secret in the subject", format!("use {secret}"), &[], false),
        ("a secret in the body", format!("subject\n\nuse {secret} here\n"), &[], false),
        ("a comment stays in the commit with -m", format!("s\n\n# {secret}\n"), &[], false),
        (
            "a comment is judged when it is taken out, too",
            format!("s\n\n# {secret}\n"),
            &["--cleanup=strip"],
            false,
        ),
        ("scissors of one's own cut nothing off", format!("s\n{scissors}\n{secret}\n"), &[], false),
        (
            "nor does a diff that is not this commit's",
            format!("s\n{scissors}\ndiff --git a/x b/x\n+{secret}\n"),
            &[],
            false,
        ),
        ("an allowing comment counts", format!("s\n\n{secret} unleak:allow\n"), &[], true),
        ("an empty commit has a message", format!("{secret}\n"), &["--allow-empty"], false),
    ];
    for (name, message, arguments, passes) in rows {
        let world = ready();
        world.write("a.txt", format!("one\n{name}\n"));
        world.git(&["add", "-A"]);
        let ran = world.try_git(&[&["commit", "-m", &message], arguments].concat());
        if passes {
            assert!(ran.fine, "{name}: {ran:#?}");
        } else {
            ran.stopped(&["commit message:", "take it out of the message", "commit blocked"]);
        }
    }
}

#[test]
fn gits_own_diff_below_the_scissors_does_not_count() {
    let world = ready();
    // An old secret on an unchanged line, one on a removed line, and one that a hunk's header names.
    let head = format!("def f():  # {}\n{}", token(3), "    x\n".repeat(9));
    world.commit("old.py", format!("{head}{}keep\nend\n{}", line(1), line(2)));
    // An editor that fails where git shows no secret: then there would be nothing to prove.
    let editor = |last: &str| {
        format!(
            "f() {{ [ \"$(grep -c ghp_ \"$1\")\" -ge 3 ] && printf 'subject\\n' | cat - \"$1\" >.git/m && {last} mv .git/m \"$1\"; }}; f"
        )
    };
    for flag in ["-v", "-vv"] {
        world.write("old.py", format!("{head}{}keep\nnew\n", line(1)));
        world.git(&["add", "-A"]);
        if flag == "-vv" {
            // Shown as well, and not part of the commit.
            world.write("old.py", format!("{head}{}keep\nnew\n{}", line(1), line(5)));
        }
        // The same place, with a line that no file has.
        let added = editor(&format!("echo '+{}' >>.git/m &&", token(4)));
        world
            .run("git", &world.work, &["commit", flag], &[("GIT_EDITOR", &added)])
            .stopped(&["commit message:"]);
        let ran = world.run("git", &world.work, &["commit", "-q", flag], &[("GIT_EDITOR", &editor(""))]);
        assert!(ran.fine, "{flag}: {ran:#?}");
        assert_eq!(world.git(&["log", "-1", "--format=%B"]), "subject");
        world.git(&["reset", "-q", "--hard", "HEAD^"]);
    }
}

#[test]
fn what_was_staged_after_pre_commit_is_judged() {
    let world = ready();
    // Another hook formats and stages again, after unleak.
    let hook = world.work.join(".git/hooks/pre-commit");
    let ours = std::fs::read_to_string(&hook).unwrap();
    let both = format!(
        "{}\nif [ -e late ]; then cat late >>a.txt && git add a.txt; fi\n",
        ours.replace("exec ", "")
    );
    std::fs::write(&hook, both).unwrap();
    let commit = || {
        world.write("a.txt", "one\nthree\n");
        world.git(&["add", "a.txt"]);
        world.try_git(&["commit", "-m", "more"])
    };
    let first = commit();
    assert!(first.fine, "{first:#?}");
    world.write("b.txt", "b\n");
    world.git(&["add", "b.txt"]);
    // From the second commit on a note says what was judged: only the message is left.
    let second = world.try_git(&["commit", "-m", "more"]);
    assert!(second.fine && second.said.contains("nothing found in 1 message, 5 bytes"), "{second:#?}");
    world.write("a.txt", "one\nfour\n").write("late", line(1));
    world.git(&["add", "a.txt"]);
    world.try_git(&["commit", "-m", "more"]).stopped(&["a.txt:3:10", "git restore --staged a.txt"]);
}

#[test]
fn merges_worktrees_and_other_folders_have_messages_too() {
    let world = ready();
    let secret = token(0);
    world.git(&["switch", "-qc", "side"]);
    world.commit("side.txt", "side\n");
    world.git(&["switch", "-q", "main"]);
    world.commit("main.txt", "main\n");
    world.try_git(&["merge", "-q", "--no-ff", "-m", &secret, "side"]).stopped(&["commit message:1:1"]);
    world.git(&["merge", "--abort"]);
    let merged = world.try_git(&["merge", "-q", "--no-ff", "-m", "clean", "side"]);
    assert!(merged.fine, "{merged:#?}");

    let linked = world.beside("linked");
    world.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    std::fs::write(linked.join("x"), "x\n").unwrap();
    world.git_in(&linked, &["add", "-A"]);
    world.run("git", &linked, &["commit", "-m", &secret], &[]).stopped(&["commit message:1:1"]);

    // A hook that goes into a folder first names a file that is not there from there.
    std::fs::create_dir(world.work.join("sub")).unwrap();
    let hook = world.work.join(".git/hooks/commit-msg");
    let ours = std::fs::read_to_string(&hook).unwrap();
    std::fs::write(&hook, ours.replacen("hook=commit-msg\n", "hook=commit-msg\ncd sub\n", 1)).unwrap();
    world.try_git(&["commit", "--allow-empty", "-m", &secret]).stopped(&["commit message:1:1"]);
    let clean = world.try_git(&["commit", "--allow-empty", "-m", "clean"]);
    assert!(clean.fine, "{clean:#?}");
}

#[test]
fn paths_allow_nothing_in_a_message_and_warn_lets_it_pass() {
    let world = ready();
    world.write(".unleak.toml", "[allowlist]\npaths = [\"**/commit*\", \"commit message\"]\n");
    world.git(&["add", "-A"]);
    world.try_git(&["commit", "-m", &token(0)]).stopped(&[]);
    world.write(".unleak.toml", "mode = \"warn\"\n");
    world.git(&["add", "-A"]);
    let ran = world.try_git(&["commit", "-qm", &token(0)]);
    assert!(ran.fine && ran.said.contains("[github-token]"), "{ran:#?}");
}

#[test]
fn a_message_that_is_not_there_blocks() {
    let world = ready();
    let ran = world.run(env!("CARGO_BIN_EXE_unleak"), &world.work, &["hook", "commit-msg", "nowhere"], &[]);
    ran.could_not(&["cannot read the commit message in"]);
}
