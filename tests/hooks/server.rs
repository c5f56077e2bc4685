//! pre-receive: what arrives at a bare repository, judged before it is taken in.

use crate::world::{World, line, token};

fn ready() -> World {
    let world = World::new();
    world.commit("a.txt", "one\n").unjudged("main");
    world.install(&["pre-receive"]);
    world
}

#[test]
fn what_arrives_is_judged_before_it_is_taken_in() {
    for format in [&[][..], &["--object-format=sha256"], &["--ref-format=reftable"]] {
        let world = World::with(format);
        world.commit("a.txt", "one\n").unjudged("main");
        world.install(&["pre-receive"]);
        world.commit("b", "b\n");
        let passed = world.push_passes(&["origin", "main"]);
        assert!(passed.said.contains("remote: unleak: nothing found in 2 files and messages"), "{passed:#?}");
        world.commit("c", line(0)).commit("c", "c\n");
        let words = [
            "remote:   --> c:1:10",
            "push blocked",
            "ask whoever runs this server",
            "pre-receive hook declined",
        ];
        world.push_is_stopped(&["origin", "main"], &words);
        world.push_is_stopped(&["origin", "main:new"], &["c:1:10"]);
        world.git(&["reset", "-q", "--hard", "HEAD~2"]);
        world.git(&["tag", "-a", "v1", "-m", &token(1)]);
        world.push_is_stopped(&["origin", "v1"], &["tag message:1:1"]);
        world.git(&["branch", &token(2)]);
        world.push_is_stopped(&["origin", &token(2)], &["ref name:1:12"]);
        world.push_passes(&["origin", "main:copy"]);
        world.push_passes(&["origin", ":copy"]);
    }
}

#[test]
fn a_large_push_arrives_as_a_pack() {
    let world = ready();
    for n in 0..150 {
        world.write(&format!("many/{n}"), format!("file {n}\n"));
    }
    world.commit("b", line(0));
    world.push_is_stopped(&["origin", "main"], &["b:1:10"]);
}

#[test]
fn one_secret_refuses_the_whole_push() {
    let world = ready();
    world.git(&["branch", "fine"]);
    world.commit("b", line(0));
    world.push_is_stopped(&["origin", "main", "fine"], &["b:1:10"]);
}

#[test]
fn the_server_decides_what_is_allowed() {
    let world = ready();
    let server = |text: &str| {
        std::fs::write(world.bare.join("unleak.toml"), text).unwrap();
        world.git_in(&world.bare, &["config", "unleak.config", "unleak.toml"]);
    };
    // What is pushed allows nothing by itself: no file, no comment, no rule switched off.
    world.commit(".unleak.toml", "[allowlist]\npaths = [\"b\"]\n[rules]\ndisable = [\"github-token\"]\n");
    world.commit("b", line(0).replace('\n', " # unleak:allow\n"));
    world.push_is_stopped(&["origin", "main"], &["b:1:10"]);
    // Nor do a user's file or a variable.
    let config = world.beside("home/.config/unleak");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "[allowlist]\npaths = [\"b\"]\n").unwrap();
    let file = config.join("config.toml");
    let variables = [("UNLEAK_CONFIG", file.to_str().unwrap()), ("UNLEAK_STRICTNESS", "nonsense")];
    let ran = world.run("git", &world.work, &["push", "origin", "main"], &variables);
    ran.stopped(&["b:1:10"]);
    // The server's own file does.
    server("[allowlist]\npaths = [\"other\"]\n");
    world.push_is_stopped(&["origin", "main"], &["b:1:10"]);
    server("[allowlist]\npaths = [\"b\"]\n");
    world.push_passes(&["origin", "main:one"]);
    // And it may trust what is pushed.
    world.git_in(&world.bare, &["update-ref", "-d", "refs/heads/one"]);
    server("[server]\ntrust_pushed = true\n");
    world.push_passes(&["origin", "main:two"]);
    world.commit(".unleak.toml", "").commit("c", line(1));
    world.push_is_stopped(&["origin", "main"], &["unleak allow u1-"]);
}

/// An answer would tell whoever pushes whether a guess is right.
#[test]
fn what_the_server_holds_as_secrets_is_not_looked_for() {
    let world = ready();
    let home = world.beside("home");
    std::fs::create_dir_all(&home).unwrap();
    let chosen = ["teal91", "kite"].concat();
    let login = format!("machine example.org login me password {chosen}\n");
    std::fs::write(home.join(".netrc"), login).unwrap();
    world.commit("notes.txt", format!("- {chosen}\n"));
    world.push_passes(&["origin", "main"]);
}

#[test]
fn a_server_that_cannot_judge_refuses() {
    let world = ready();
    world.git_in(&world.bare, &["config", "unleak.config", "gone.toml"]);
    world.commit("b", "b\n");
    world.try_git(&["push", "origin", "main"]).could_not(&["remote: unleak: cannot read", "gone.toml"]);
    std::fs::write(world.bare.join("gone.toml"), "mdoe = \"warn\"\n").unwrap();
    world.try_git(&["push", "origin", "main"]).could_not(&["unknown key `mdoe`"]);
}

#[test]
fn only_servers_hooks_are_installed_in_a_bare_repository() {
    let world = World::new();
    let unleak = |arguments: &[&str]| world.run(env!("CARGO_BIN_EXE_unleak"), &world.bare, arguments, &[]);
    unleak(&["install"]).could_not(&["--hook pre-receive"]);
    unleak(&["install", "--hook", "pre-receive", "--hook", "pre-push"]).could_not(&["--hook pre-receive"]);
    assert!(!world.bare.join("hooks/pre-receive").exists());
    assert!(unleak(&["install", "--hook", "pre-receive"]).fine);
    assert!(unleak(&["uninstall"]).fine && !world.bare.join("hooks/pre-receive").exists());
}
