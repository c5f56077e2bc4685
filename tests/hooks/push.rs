//! pre-push: what a push would publish that this remote does not have.

use crate::world::{World, line, token};

/// A work tree whose first commit the remote has.
fn ready() -> World {
    let world = World::new();
    world.commit("a.txt", "one\n").unjudged("main");
    world.install(&["pre-push"]);
    world
}

type Row = (&'static str, fn(&World), &'static [&'static str], Option<&'static str>);

/// Name, preparation, arguments of `git push`, and the place of the secret that stops it (`None`: it passes).
const ROWS: &[Row] = &[
    (
        "a clean commit",
        |w| {
            w.commit("b", "b\n");
        },
        &["origin", "main"],
        None,
    ),
    (
        "a secret",
        |w| {
            w.commit("b", line(0));
        },
        &["origin", "main"],
        Some("b:1:10"),
    ),
    (
        "a secret that the next commit takes away",
        |w| {
            w.commit("b", line(0)).commit("b", "b\n");
        },
        &["origin", "main"],
        Some("b:1:10"),
    ),
    (
        "a secret in a message",
        |w| {
            w.git(&["commit", "-q", "--allow-empty", "-m", &token(0)]);
        },
        &["origin", "main"],
        Some("commit message:1:1"),
    ),
    (
        "a new branch from what is there",
        |w| {
            w.git(&["branch", "new"]);
        },
        &["origin", "new"],
        None,
    ),
    (
        "a new branch with a secret",
        |w| {
            w.git(&["switch", "-qc", "new"]);
            w.commit("b", line(0));
        },
        &["origin", "new"],
        Some("b:1:10"),
    ),
    (
        "a secret in a branch's name",
        |w| {
            w.git(&["branch", &format!("fix/{}", token(0))]);
        },
        &["origin", "--all"],
        Some("ref name:1:16"),
    ),
    (
        "a forced push of a secret",
        |w| {
            w.commit("b", "b\n").unjudged("main");
            w.git(&["reset", "-q", "--hard", "HEAD^"]);
            w.commit("c", line(0));
        },
        &["-f", "origin", "main"],
        Some("c:1:10"),
    ),
    (
        "a forced push back",
        |w| {
            w.commit("b", line(0)).unjudged("main");
            w.git(&["reset", "-q", "--hard", "HEAD^"]);
        },
        &["-f", "origin", "main"],
        None,
    ),
    (
        "a deletion",
        |w| {
            w.unjudged("main:old");
        },
        &["origin", ":old"],
        None,
    ),
    ("nothing new", |_| (), &["origin", "main"], None),
    (
        "a lightweight tag of a new commit",
        |w| {
            w.commit("b", line(0));
            w.git(&["tag", "v1"]);
        },
        &["origin", "v1"],
        Some("b:1:10"),
    ),
    (
        "a secret in a tag's message",
        |w| {
            w.git(&["tag", "-a", "v1", "-m", &token(0)]);
        },
        &["origin", "v1"],
        Some("tag message:1:1"),
    ),
    (
        "a secret in the message of a tag that a tag names",
        |w| {
            w.git(&["tag", "-a", "inner", "-m", &token(0)]);
            w.git(&["tag", "-a", "outer", "-m", "fine", "inner"]);
        },
        &["origin", "outer"],
        Some("tag message:1:1"),
    ),
    (
        "a tag of a directory",
        |w| {
            w.write("dir/b", line(0));
            w.git(&["add", "-A"]);
            let tree = w.git(&["write-tree"]);
            w.git(&["tag", "tree", &tree]);
        },
        &["origin", "tree"],
        Some("dir/b:1:10"),
    ),
    (
        "a tag of a file's content",
        |w| {
            w.write("b", line(0));
            let blob = w.git(&["hash-object", "-w", "b"]);
            w.git(&["tag", "blob", &blob]);
        },
        &["origin", "blob"],
        Some("refs/tags/blob:1:10"),
    ),
    (
        "a merge of what is there",
        |w| {
            w.git(&["switch", "-qc", "side"]);
            w.commit("b", line(0)).unjudged("side");
            w.git(&["switch", "-q", "main"]);
            w.commit("c", "c\n");
            w.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
        },
        &["origin", "main"],
        None,
    ),
    (
        "a secret that a merge alone brings",
        |w| {
            w.git(&["switch", "-qc", "side"]);
            w.commit("b", "b\n").unjudged("side");
            w.git(&["switch", "-q", "main"]);
            w.commit("c", "c\n").unjudged("main");
            w.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
            w.commit("d", line(0));
        },
        &["origin", "main"],
        Some("d:1:10"),
    ),
    (
        "one of many refs",
        |w| {
            for n in 0..40 {
                w.git(&["branch", &format!("b{n}")]);
            }
            w.git(&["switch", "-q", "b20"]);
            w.commit("b", line(0));
        },
        &["origin", "--all"],
        Some("b:1:10"),
    ),
    (
        "what another remote has is no excuse",
        |w| {
            let other = w.beside("other.git");
            w.git(&["init", "-q", "--bare", other.to_str().unwrap()]);
            w.git(&["remote", "add", "other", other.to_str().unwrap()]);
            w.commit("b", line(0));
            w.git(&["push", "-q", "--no-verify", "other", "main"]);
        },
        &["origin", "main"],
        Some("b:1:10"),
    ),
    (
        "nor is a mirror's refspec",
        |w| {
            w.git(&["config", "--add", "remote.origin.fetch", "+refs/*:refs/*"]);
            w.commit("b", line(0));
        },
        &["origin", "main"],
        Some("b:1:10"),
    ),
    (
        "nor are tracking refs of the address that is fetched from, when another is pushed to",
        |w| {
            let other = w.beside("public.git");
            w.git(&["init", "-q", "--bare", other.to_str().unwrap()]);
            w.commit("b", line(0)).unjudged("main");
            w.git(&["config", "remote.origin.pushurl", other.to_str().unwrap()]);
        },
        &["origin", "main"],
        Some("b:1:10"),
    ),
    (
        "a push to an address without a name",
        |w| {
            w.commit("b", line(0));
        },
        &["../bare.git", "main"],
        Some("b:1:10"),
    ),
    (
        "replaced objects do not hide",
        |w| {
            let clean = w.git(&["rev-parse", "HEAD"]);
            w.commit("b", line(0));
            w.git(&["replace", "HEAD", &clean]);
        },
        &["origin", "main"],
        Some("b:1:10"),
    ),
    (
        "the tip's configuration counts for older commits",
        |w| {
            w.commit("t/b", line(0));
            w.commit(".unleak.toml", "[allowlist]\npaths = [\"t/**\"]\n");
        },
        &["origin", "main"],
        None,
    ),
    (
        "an older commit's configuration does not",
        |w| {
            w.commit(".unleak.toml", "[allowlist]\npaths = [\"t/**\"]\n").commit("t/b", line(0));
            w.git(&["rm", "-q", ".unleak.toml"]);
            w.commit("c", "c\n");
        },
        &["origin", "main"],
        Some("t/b:1:10"),
    ),
    (
        "warn lets no push through",
        |w| {
            w.commit(".unleak.toml", "mode = \"warn\"\n").commit("b", line(0));
        },
        &["origin", "main"],
        Some("b:1:10"),
    ),
    (
        "what moves in one commit is no news",
        |w| {
            w.commit("b", line(0)).unjudged("main");
            w.git(&["mv", "b", "c"]);
            w.commit("d", "d\n");
        },
        &["origin", "main"],
        None,
    ),
];

#[test]
fn pushes_are_judged_by_what_they_publish() {
    std::thread::scope(|scope| {
        for rows in ROWS.chunks(ROWS.len().div_ceil(4)) {
            scope.spawn(move || {
                for (name, prepare, arguments, place) in rows {
                    let world = ready();
                    prepare(&world);
                    println!("{name}");
                    match place {
                        Some(place) => world.push_is_stopped(arguments, &[place, "push blocked"]),
                        None => drop(world.push_passes(arguments)),
                    }
                }
            });
        }
    });
}

#[test]
fn every_format_of_repository_is_judged() {
    for format in [
        &["--object-format=sha256"][..],
        &["--ref-format=reftable"],
        &["--object-format=sha256", "--ref-format=reftable"],
    ] {
        let world = World::with(format);
        world.commit("a.txt", "one\n").install(&["pre-push"]);
        world.push_passes(&["origin", "main"]);
        world.commit("b", line(0));
        world.push_is_stopped(&["origin", "main"], &["b:1:10", "in commit: "]);
        world.git(&["reset", "-q", "--hard", "HEAD^"]);
        world.git(&["tag", "-a", "v1", "-m", &token(1)]);
        world.push_is_stopped(&["origin", "v1"], &["tag message:1:1", "in tag: "]);
    }
}

#[test]
fn a_remote_that_went_on_without_us_is_no_trouble() {
    let world = ready();
    let other = world.beside("clone");
    world.git(&["clone", "-q", "../bare.git", other.to_str().unwrap()]);
    std::fs::write(other.join("x"), "x\n").unwrap();
    world.git_in(&other, &["add", "-A"]);
    world.git_in(&other, &["commit", "-qm", "theirs"]);
    world.git_in(&other, &["push", "-q", "origin", "main"]);
    world.commit("b", line(0));
    world.push_is_stopped(&["-f", "origin", "main"], &["b:1:10"]);
    world.git(&["reset", "-q", "--hard", "HEAD^"]);
    world.commit("c", "c\n");
    world.push_passes(&["-f", "origin", "main"]);
}

#[test]
fn shallow_and_partial_clones_are_judged_and_fetch_nothing() {
    let world = ready();
    world.commit("b", line(0)).commit("c", "c\n").unjudged("main");
    world.git_in(&world.bare, &["config", "uploadpack.allowFilter", "true"]);
    world.git_in(&world.bare, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let address = format!("file://{}", world.bare.display());
    for (name, how) in
        [("shallow", "--depth=1"), ("partial", "--filter=blob:none"), ("treeless", "--filter=tree:0")]
    {
        let clone = world.beside(name);
        world.git(&["clone", "-q", how, &address, clone.to_str().unwrap()]);
        let objects = || world.git_in(&clone, &["count-objects", "-v"]);
        let ran = world.run(env!("CARGO_BIN_EXE_unleak"), &clone, &["install", "--hook", "pre-push"], &[]);
        assert!(ran.fine, "{ran:#?}");
        for (text, passes) in [("clean\n".to_owned(), true), (line(1), false)] {
            std::fs::write(clone.join(name), text).unwrap();
            world.git_in(&clone, &["add", "-A"]);
            world.git_in(&clone, &["commit", "-q", "--no-verify", "-m", "more"]);
            let before = objects();
            let ran = world.run("git", &clone, &["push", "origin", &format!("HEAD:{name}")], &[]);
            assert_eq!(objects(), before, "{name}: something was fetched");
            if passes {
                assert!(ran.fine && ran.said.contains("unleak: nothing found"), "{name}: {ran:#?}");
            } else {
                ran.stopped(&[&format!("{name}:1:10")]);
            }
        }
    }
}

#[test]
fn a_standard_input_that_was_taken_away_is_never_a_pass() {
    let world = ready();
    world.commit("b", line(0));
    let hook = world.work.join(".git/hooks/pre-push");
    // A manager that reads it first: the branches are judged instead.
    std::fs::write(
        &hook,
        format!("#!/bin/sh\ncat >/dev/null\nexec '{}' hook pre-push \"$@\"\n", env!("CARGO_BIN_EXE_unleak")),
    )
    .unwrap();
    world.push_is_stopped(&["origin", "main"], &["b:1:10", "standard input names nothing"]);
    // One that gives nothing at all.
    std::fs::write(
        &hook,
        format!("#!/bin/sh\nexec '{}' hook pre-push \"$@\" </dev/null\n", env!("CARGO_BIN_EXE_unleak")),
    )
    .unwrap();
    world.try_git(&["push", "origin", "main"]).could_not(&["cannot tell what is pushed", "use_stdin"]);
}

#[test]
fn an_old_hook_beside_it_gets_the_same_input() {
    let world = World::new();
    world.commit("a.txt", "one\n");
    let hook = world.work.join(".git/hooks/pre-push");
    std::fs::write(&hook, "#!/bin/sh\ncat >heard\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    world.install(&["pre-push"]);
    world.push_passes(&["origin", "main"]);
    let heard = std::fs::read_to_string(world.work.join("heard")).unwrap();
    assert!(heard.starts_with("refs/heads/main "), "{heard}");
    world.run(env!("CARGO_BIN_EXE_unleak"), &world.work, &["uninstall"], &[]);
    assert_eq!(std::fs::read_to_string(&hook).unwrap(), "#!/bin/sh\ncat >heard\n");
}
