//! What the judge knows beyond the content: values that this machine holds as secrets, and how it explains itself.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use harness::{Repo, UNLEAK};
use serde_json::Value;

/// A value that nothing but its being known makes a secret.
const VALUE: &str = "plum-kettle-of-91-ivory";

fn home_file(repo: &Repo, name: &str, text: &str) {
    let file = repo.home(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// A repository in which git ignores `.env`, and a `.env` with a password and much that is none.
fn with_env() -> Repo {
    let repo = Repo::new();
    repo.write(".gitignore", ".env\n").unjudged("start");
    repo.write(
        ".env",
        format!("DEBUG=true\nDB_HOST=localhost\nPORT=5432\nDB_PASSWORD='{VALUE}'\nNAME=postgres\n"),
    );
    repo
}

#[test]
fn a_value_of_an_ignored_env_file_is_stopped_wherever_it_stands() {
    let repo = with_env();
    repo.stage("notes.txt", format!("localhost, postgres, 5432, true\nthe word for it is {VALUE}\n"));
    let judged = repo.commit();
    judged.stopped_at(&["notes.txt:2:20"]);
    assert_eq!(judged.json["findings"][0]["rule"], "known-value");
    assert_eq!(judged.json["findings"][0]["reasons"][0], "it is DB_PASSWORD of .env on this machine");
    assert!(!format!("{judged:?}").contains(VALUE), "it is printed whole: {judged:#?}");
}

#[test]
fn its_base64_is_stopped_too() {
    use base64::Engine as _;
    let repo = with_env();
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("app:{VALUE}"));
    repo.stage("notes.txt", format!("x {pair}\n"));
    let judged = repo.commit();
    assert_eq!(judged.committed, Some(false), "{judged:#?}");
    assert_eq!(judged.json["findings"][0]["rule"], "known-value");
}

#[test]
fn a_tracked_env_file_is_judged_and_not_believed() {
    let repo = Repo::new();
    repo.write(".env", format!("GREETING={VALUE}\n")).unjudged("start");
    repo.stage("notes.txt", format!("{VALUE}\n"));
    repo.commit().passes(1);
}

#[test]
fn credentials_of_the_home_folder_are_known() {
    let repo = Repo::new();
    home_file(&repo, ".netrc", "machine example.org login me password teal91kite\n");
    repo.stage("notes.txt", "- teal91kite\n");
    let judged = repo.commit();
    judged.stopped_at(&["notes.txt:1:3"]);
    let reason = judged.json["findings"][0]["reasons"][0].as_str().unwrap().to_owned();
    assert_eq!(reason, "it is the password for example.org of ~/.netrc on this machine");
}

/// Every place of the home folder, as its tool writes it, and the value as it stands, in base64 and URL-encoded.
#[test]
fn each_place_is_read_and_each_way_of_writing_is_found() {
    use base64::Engine as _;
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let value = "plum+kettle-91-ivory";
    let url = "plum%2Bkettle-91-ivory";
    for (name, text) in [
        (".aws/credentials", format!("[default]\naws_secret_access_key = {value}\n")),
        (".netrc", format!("machine h login u password {value}\n")),
        ("_netrc", format!("default login u password {value}\n")),
        (".npmrc", format!("//registry.corp.io/:_authToken={value}\n")),
        (".pypirc", format!("[pypi]\nusername = __token__\npassword = {value}\n")),
        (".pgpass", format!("db:5432:app:app:{value}\n")),
        (".kube/config", format!("users:\n- name: me\n  user:\n    token: {value}\n")),
        (
            ".docker/config.json",
            format!("{{\"auths\": {{\"r.io\": {{\"auth\": \"{}\"}}}}}}", base64(&format!("me:{value}"))),
        ),
        (".git-credentials", format!("https://me:{url}@git.corp.io\n")),
        (".config/git/credentials", format!("https://me:{url}@git.corp.io\n")),
    ] {
        let repo = Repo::new();
        home_file(&repo, name, &text);
        repo.stage("notes.txt", format!("x {value}\nx {}\nx {url}\n", base64(&format!("a:{value}"))));
        let judged = repo.commit();
        assert_eq!(judged.committed, Some(false), "{name}: {judged:#?}");
        let lines: Vec<_> =
            judged.json["findings"].as_array().unwrap().iter().map(|f| f["line"].as_u64()).collect();
        assert_eq!(lines, [Some(1), Some(2), Some(3)], "{name}");
    }
}

#[test]
fn an_ignored_env_file_beside_what_is_staged_is_read_and_others_are_not() {
    let repo = Repo::new();
    repo.write(".gitignore", ".env\n").unjudged("start");
    repo.write("app/.env", format!("DB_PASSWORD={VALUE}\n"));
    repo.stage("app/notes.txt", format!("{VALUE}\n"));
    repo.judge().stopped_at(&["app/notes.txt:1:1"]);
    let repo = Repo::new();
    repo.write(".gitignore", ".env\n").unjudged("start");
    repo.write("other/.env", format!("DB_PASSWORD={VALUE}\n"));
    repo.stage("app/notes.txt", format!("{VALUE}\n"));
    repo.judge().passes(1);
}

/// There an answer would tell a stranger whether a guess is right.
#[test]
fn a_range_is_judged_without_them() {
    let repo = with_env();
    repo.write("notes.txt", format!("{VALUE}\n")).unjudged("notes");
    let output = repo.command(UNLEAK).args(["range", "HEAD~1..HEAD"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn one_key_and_ci_turn_it_off() {
    let repo = with_env();
    repo.stage("notes.txt", format!("{VALUE}\n"));
    repo.judge().stopped_at(&["notes.txt:1:1"]);
    let output = repo.command(UNLEAK).env("CI", "true").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    home_file(&repo, "config/unleak/config.toml", "known.enabled = false\n");
    repo.judge().passes(1);
}

#[test]
fn only_the_users_own_configuration_names_files_and_commands() {
    let repo = Repo::new();
    home_file(&repo, "mine", "TOKEN=teal91kite\n");
    home_file(
        &repo,
        "config/unleak/config.toml",
        "[known]\nfiles = [\"~/mine\"]\ncommand = [\"sh\", \"-c\", \"echo PASSWORD=rust44lamp\"]\n",
    );
    repo.stage("notes.txt", "- teal91kite\n- rust44lamp\n");
    repo.judge().stopped_at(&["notes.txt:1:3", "notes.txt:2:3"]);
    repo.stage(".unleak.toml", "[known]\ncommand = [\"touch\", \"ran\"]\n");
    let output = repo.command(UNLEAK).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("known.command"), "{output:?}");
    assert!(!repo.top().join("ran").exists());
}

#[test]
fn a_command_that_fails_is_a_loss() {
    let repo = Repo::new();
    home_file(&repo, "config/unleak/config.toml", "known.command = [\"sh\", \"-c\", \"exit 4\"]\n");
    repo.stage("notes.txt", "nothing\n");
    let output = repo.command(UNLEAK).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[cfg(unix)]
#[test]
fn verbose_says_what_was_not_read() {
    let repo = Repo::new();
    home_file(&repo, ".npmrc", &"x".repeat(300_000));
    repo.stage("notes.txt", "nothing\n");
    let said = |arguments: &[&str]| {
        let output = repo.command(UNLEAK).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(said(&["--verbose"]).contains("~/.npmrc is not read: it is larger than 256 KB"));
    assert!(!said(&[]).contains(".npmrc"));
}

/// What `unleak explain` prints for people, and for machines.
fn explained(repo: &Repo, place: &str) -> (String, Value) {
    let run = |format: &str| {
        let output = repo.command(UNLEAK).args(["explain", place, "--format", format]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        output.stdout
    };
    (String::from_utf8(run("human")).unwrap(), serde_json::from_slice(&run("json")).unwrap())
}

#[test]
fn explain_says_why_a_line_blocks_and_what_weighed() {
    let repo = Repo::new();
    repo.stage("app.py", "import os\npassword = \"q8Lz0vT3kd\"\ntotal = 3\n");
    let (human, json) = explained(&repo, "app.py:2");
    let one = &json["candidates"][0];
    assert_eq!((one["rule"].as_str(), one["verdict"].as_str()), (Some("generic-password"), Some("blocks")));
    assert_eq!((&one["name"], &one["form"]), (&"password".into(), &"assigned literal".into()));
    let weights = one["weights"].as_array().unwrap();
    let sum: f64 =
        weights.iter().map(|w| w["nats"].as_f64().unwrap()).sum::<f64>() + one["bias"].as_f64().unwrap();
    assert!(weights.len() > 10 && sum > 0.0, "{json:#}");
    assert!(human.contains("as it is staged") && human.contains(": blocks\n"), "{human}");
    assert!(!human.contains("q8Lz0vT3kd") && !json.to_string().contains("q8Lz0vT3kd"));
    let (human, json) = explained(&repo, "app.py:3");
    assert_eq!(json["candidates"].as_array().unwrap().len(), 0);
    assert!(human.contains("no keyword of any rule"), "{human}");
}

#[test]
fn a_token_with_a_sequence_in_it_is_told_and_does_not_block() {
    let repo = Repo::new();
    repo.stage("notes.txt", format!("x = \"dop_v1_{}\"\n", "0123456789abcdef".repeat(4)));
    let judged = repo.commit();
    assert_eq!(judged.status, 0, "{judged:#?}");
    assert_eq!(judged.json["shown"][0]["rule"], "digitalocean-token", "{judged:#?}");
    repo.stage("notes.txt", format!("x = \"dop_v1_{}\"\n", "0".repeat(64)));
    repo.commit().passes(1);
}

#[test]
fn what_cannot_be_the_key_that_its_name_asks_for_is_told_and_does_not_block() {
    let random = "q8ZtW4vKx2LmN7rB5yHc";
    let foreign = format!("{}!{random}", &random[..11]);
    let short = &random[..10];
    let of = |text: String| {
        let repo = Repo::new();
        repo.stage("settings.ini", text);
        let judged = repo.commit();
        (judged.status, judged.json["shown"].as_array().unwrap().len())
    };
    assert_eq!(of(format!("FASTLY_TOKEN={short}\n")), (0, 1), "too short for a key of this service");
    assert_eq!(of(format!("FASTLY_TOKEN={foreign}\n")), (0, 1), "a sign that no key has");
    assert_eq!(of(format!("DEPLOY_TOKEN=dop_v1_{short}\n")), (0, 1), "a token that is cut short");
    for text in [
        format!("FASTLY_PASSWORD={short}7"),
        format!("DEPLOY_TOKEN={random}"),
        format!("FASTLY_TOKEN={random}"),
    ] {
        assert_eq!(of(format!("{text}\n")), (1, 0), "{text}");
    }
}

#[test]
fn explain_says_why_a_line_passes() {
    let repo = Repo::new();
    let line = "password = \"q8Lz0vT3kd\"\n";
    repo.write("old.py", line).write("moved.py", "token = \"w7Yx2mQ9pR4n\"\n").unjudged("start");
    repo.stage("old.py", format!("{line}x = 1\n"));
    std::fs::remove_file(repo.top().join("moved.py")).unwrap();
    repo.git(&["add", "-A"]);
    repo.stage("new.py", "token = \"w7Yx2mQ9pR4n\"\n");
    repo.stage("a.py", format!("password = \"q8Lz0vT3kdx\"  # {}:allow\n", "unleak"));
    repo.stage("b.py", "password = \"<your password>\"\nkeyboard\n");
    let verdict =
        |place: &str| explained(&repo, place).1["candidates"][0]["verdict"].as_str().unwrap().to_owned();
    assert_eq!(verdict("old.py:1"), "not added");
    assert_eq!(verdict("new.py:1"), "moved");
    assert_eq!(verdict("a.py:1"), "allowed");
    assert_eq!(verdict("b.py:1"), "passes");
    let (human, _) = explained(&repo, "b.py:2");
    assert!(human.contains("`key` of generic-secret"), "{human}");
}

#[test]
fn explain_takes_the_work_tree_and_standard_input() {
    let repo = Repo::new();
    repo.write("app.py", "x = 1\n").unjudged("start");
    repo.write("app.py", "password = \"q8Lz0vT3kd\"\n");
    let (human, json) = explained(&repo, "app.py:1");
    assert!(human.contains("nothing of it is staged"), "{human}");
    assert_eq!(json["candidates"][0]["verdict"], "blocks");
    let mut child = repo
        .command(UNLEAK)
        .args(["explain", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"password = \"q8Lz0vT3kd\"\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("generic-password"));
    let outside = repo.beside("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::copy(repo.top().join("app.py"), outside.join("app.py")).unwrap();
    let output = repo.command(UNLEAK).args(["explain", "app.py:1"]).current_dir(&outside).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("as it stands") && said.contains(": blocks\n"), "{said}");
    let wrong = |place: &str| repo.command(UNLEAK).args(["explain", place]).output().unwrap().status.code();
    assert_eq!((wrong("gone.py:1"), wrong("app.py:99"), wrong("app.py:0")), (Some(2), Some(2), Some(2)));
}
