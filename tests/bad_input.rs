//! What cannot be read, what is huge and what is made to hurt: a clear line and exit status 2, or the right verdict.
//!
//! Never a pass, a panic, or memory that grows with the number of files. The trap: how long it takes is not asserted,
//! because a busy machine would make that fail; how much memory it takes is, by a limit that the system enforces.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use std::fs::File;
use std::process::{Command, Output, Stdio};

use harness::{Repo, UNLEAK, filler, line, token};

/// Runs it and checks what holds for whatever goes wrong: no panic, no whole secret, and a reason for 2.
fn run(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    let all = String::from_utf8_lossy(&stdout) + stderr.as_str();
    assert!(!all.contains("panicked") && !all.contains(&token(0)), "{all}");
    assert!(status.code() != Some(2) || stderr.contains("unleak: "), "nothing says why: {stderr}");
    (status.code(), stderr)
}

/// It could not judge, and says so with these words.
#[track_caller]
fn cannot(command: &mut Command, words: &[&str]) {
    let (status, stderr) = run(command);
    assert_eq!(status, Some(2), "{stderr}");
    assert!(stderr.starts_with("unleak: ") && stderr.lines().count() <= 3, "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "{word:?} is not said: {stderr}");
    }
}

/// A repository with a staged secret.
fn with_secret() -> Repo {
    let repo = Repo::new();
    repo.stage("secret.txt", line(0));
    repo
}

fn object(repo: &Repo, revision: &str) -> std::path::PathBuf {
    let id = repo.git(&["rev-parse", revision]);
    let id = id.trim();
    repo.top().join(".git/objects").join(&id[..2]).join(&id[2..])
}

/// Objects are read-only files; this writes another content in their place.
fn overwrite(file: &std::path::Path, content: &[u8]) {
    std::fs::remove_file(file).unwrap();
    std::fs::write(file, content).unwrap();
}

// What is no repository, or a broken one.

#[test]
fn no_repository_is_said() {
    let repo = Repo::empty();
    let mut nowhere = repo.command(UNLEAK);
    cannot(nowhere.current_dir(repo.home("")), &["repository", "run unleak inside a work tree"]);
    cannot(repo.command(UNLEAK).env("GIT_DIR", repo.home("nothing")), &["repository"]);
    repo.git(&["init", "-q", "--bare", "bare"]);
    cannot(repo.command(UNLEAK).current_dir(repo.top().join("bare")), &["bare"]);
}

#[test]
fn an_index_that_is_named_and_missing_is_said() {
    let repo = with_secret();
    cannot(repo.command(UNLEAK).env("GIT_INDEX_FILE", "nothing"), &["nothing", "not there"]);
}

#[test]
fn a_damaged_index_never_passes() {
    let repo = with_secret();
    let file = repo.top().join(".git/index");
    let whole = std::fs::read(&file).unwrap();
    let judge = |content: &[u8]| {
        std::fs::write(&file, content).unwrap();
        run(&mut repo.command(UNLEAK))
    };
    assert_eq!(judge(&whole).0, Some(1));
    for length in (1..whole.len()).step_by(whole.len() / 25) {
        let (status, stderr) = judge(&whole[..length]);
        assert!(matches!(status, Some(1 | 2)), "cut to {length}: {status:?} {stderr}");
    }
    for at in (0..whole.len()).step_by(3) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0xFF;
        let (status, stderr) = judge(&flipped);
        assert!(matches!(status, Some(1 | 2)), "byte {at}: {status:?} {stderr}");
    }
    for garbage in [b"DIRC".to_vec(), vec![0; 4096], vec![0xFF; 4096], b"not an index\n".repeat(99)] {
        let (status, stderr) = judge(&garbage);
        assert_eq!(status, Some(2), "{stderr}");
        assert!(stderr.contains("index"), "{stderr}");
    }
}

#[test]
fn a_damaged_object_is_a_loss_and_the_rest_is_judged() {
    for damage in ["cut", "garbage", "empty", "missing"] {
        let repo = with_secret();
        repo.stage("lost.txt", filler(50));
        let file = object(&repo, ":lost.txt");
        let whole = std::fs::read(&file).unwrap();
        match damage {
            "cut" => overwrite(&file, &whole[..whole.len() / 2]),
            "garbage" => overwrite(&file, b"\x78\x01garbage"),
            "empty" => overwrite(&file, b""),
            _ => std::fs::remove_file(&file).unwrap(),
        }
        let judged = repo.judge();
        judged.fails(&["not judged: lost.txt: ", "1 thing not judged"]);
        assert_eq!(judged.places(), ["secret.txt:1:10"], "{damage}");
        assert_eq!(judged.json["losses"][0]["path"], "lost.txt", "{damage}");
        assert_eq!(judged.json["summary"]["complete"], false, "{damage}");
    }
}

#[test]
fn a_commit_with_a_lost_object_is_stopped() {
    let repo = Repo::new();
    repo.stage("lost.txt", filler(50));
    overwrite(&object(&repo, ":lost.txt"), b"\x78\x01garbage");
    repo.commit().fails(&["not judged: lost.txt: "]);
}

#[test]
fn an_earlier_version_that_is_lost_hides_nothing() {
    let repo = Repo::new();
    repo.stage("a.txt", filler(20) + &line(0));
    std::fs::remove_file(object(&repo, "HEAD:a.txt")).unwrap();
    repo.judge().fails(&["not judged: a.txt: "]);
    // In a partial clone it is not lost, only elsewhere, and nothing is fetched: the whole file counts as added.
    repo.git(&["config", "remote.origin.url", "/nowhere"]);
    repo.git(&["config", "remote.origin.promisor", "true"]);
    repo.judge().stopped_at(&["a.txt:21:10"]);
}

#[test]
fn a_damaged_history_is_no_pass() {
    for revision in ["HEAD", "HEAD^{tree}"] {
        for content in [None, Some(b"\x78\x01garbage")] {
            let repo = Repo::new();
            repo.stage("a.txt", filler(3));
            let file = object(&repo, revision);
            match content {
                Some(content) => overwrite(&file, content),
                None => std::fs::remove_file(&file).unwrap(),
            }
            cannot(&mut repo.command(UNLEAK), &["cannot"]);
        }
    }
    let repo = Repo::new();
    repo.write(".git/refs/heads/main", "no id\n");
    cannot(&mut repo.command(UNLEAK), &["cannot"]);
    repo.write(".git/HEAD", "\0");
    cannot(&mut repo.command(UNLEAK), &["cannot"]);
}

#[test]
#[cfg(unix)]
fn a_named_file_that_cannot_be_read_is_a_loss() {
    use std::os::unix::fs::PermissionsExt;
    let repo = Repo::new();
    repo.write("locked.txt", line(0));
    let locked = repo.top().join("locked.txt");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing is locked for the superuser.
    let (expected, words) =
        if std::fs::read(&locked).is_ok() { (1, "found 1 secret") } else { (2, "not judged: locked.txt") };
    let (status, stderr) = run(repo.command(UNLEAK).args(["hook", "pre-commit", "locked.txt"]));
    assert!(status == Some(expected) && stderr.contains(words), "{stderr}");
    assert!(repo.command("mkfifo").arg("pipe").status().unwrap().success());
    repo.write("folder/x", "x");
    for name in ["pipe", "folder", "nothing"] {
        cannot(repo.command(UNLEAK).args(["hook", "pre-commit", name]), &[&format!("not judged: {name}: ")]);
    }
}

#[test]
#[cfg(unix)]
fn a_current_folder_that_is_gone_is_said() {
    let repo = Repo::new();
    let script = "mkdir gone && cd gone && rmdir ../gone && exec \"$0\"";
    cannot(repo.command("sh").args(["-c", script, UNLEAK]), &["cannot"]);
}

#[test]
fn a_poor_environment_changes_no_verdict() {
    let repo = with_secret();
    for name in ["PATH", "HOME", "XDG_CONFIG_HOME", "LC_ALL", "TERM"] {
        assert_eq!(run(repo.command(UNLEAK).env_remove(name)).0, Some(1), "{name}");
        assert_eq!(run(repo.command(UNLEAK).env(name, "")).0, Some(1), "{name}");
    }
    assert_eq!(run(repo.command(UNLEAK).env_clear()).0, Some(1));
}

#[test]
fn an_unknown_hook_is_no_pass() {
    let repo = with_secret();
    cannot(repo.command(UNLEAK).args(["hook", "post-\u{1b}[31mcommit"]), &["post-", "pre-commit"]);
}

// Where the answer cannot be written.

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_no_pass() {
    for arguments in [&[][..], &["--format=json"]] {
        let repo = with_secret();
        let full = || File::options().write(true).open("/dev/full").unwrap();
        let mut command = repo.command(UNLEAK);
        let output = command.args(arguments).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"), "{output:?}");
        let output = repo.command(UNLEAK).args(arguments).stdout(full()).stderr(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn a_closed_pipe_ends_it_without_a_word() {
    for arguments in [&[][..], &["--format=json"]] {
        let repo = with_secret();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = repo.command(UNLEAK).args(arguments).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let all = writer.try_clone().unwrap();
        let status = repo.command(UNLEAK).args(arguments).stdout(writer).stderr(all).status().unwrap();
        assert_eq!(status.code(), Some(2));
    }
}

// What is huge. The budget of anonymous memory is 15 MB and twice the largest blob; the limits here leave as much again.

/// Judges what is staged with at most this much anonymous memory, in megabytes.
fn judge_within(repo: &Repo, megabytes: usize) -> (Option<i32>, serde_json::Value) {
    let mut command = repo.command("sh");
    // Only Linux counts what a process maps for itself; elsewhere the verdict alone is looked at.
    let limit = if cfg!(target_os = "linux") { megabytes * 1024 } else { usize::MAX >> 11 };
    let script = format!("ulimit -d {limit} && exec \"$0\" --format=json");
    let output = command.args(["-c", &script, UNLEAK]).stderr(Stdio::inherit()).output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

fn places(json: &serde_json::Value) -> Vec<String> {
    let place = |finding: &serde_json::Value| format!("{}:{}", finding["line"], finding["column"]);
    json["findings"].as_array().unwrap().iter().map(place).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn too_little_memory_is_no_pass() {
    let (status, _) = judge_within(&with_secret(), 0);
    assert!(!matches!(status, Some(0 | 1)), "{status:?}");
}

#[test]
fn a_text_of_a_hundred_megabytes_is_judged_to_its_end() {
    let repo = Repo::new();
    repo.git(&["config", "core.compression", "0"]);
    let mut text = String::with_capacity(101 << 20);
    let mut lines = 0;
    while text.len() < 100 << 20 {
        lines += 1;
        text += &format!("{lines}: nothing to see on this line, nor on the one that follows it\n");
    }
    repo.stage("huge.txt", &text);
    let (status, json) = judge_within(&repo, 440);
    assert_eq!((status, &json["summary"]["files"]), (Some(0), &1.into()));
    text += &line(0);
    repo.stage("huge.txt", &text);
    let (status, json) = judge_within(&repo, 440);
    assert_eq!((status, places(&json)), (Some(1), vec![format!("{}:10", lines + 1)]));
}

#[test]
fn a_line_of_twenty_megabytes_is_judged_and_its_report_is_short() {
    let repo = Repo::new();
    let half = "var a=function(b){return b+1};".repeat(20 * 1024 * 1024 / 60);
    repo.stage("bundle.js", half.clone() + line(0).trim_end() + ";" + &half);
    let judged = repo.commit();
    judged.stopped_at(&[&format!("bundle.js:1:{}", half.len() + 10)]);
    assert!(judged.stdout.len() + judged.stderr.len() < 4_000, "{judged:#?}");
    let (status, _) = judge_within(&repo, 200);
    assert_eq!(status, Some(1));
}

#[test]
fn a_line_full_of_near_misses_is_judged() {
    let almost = &token(1)[..39];
    let almost_checked = token(2).replace("ghp_", "gho_");
    let parts = [
        format!("{almost} "),
        format!("{almost_checked}x"),
        "ghp_".to_owned(),
        "password=".to_owned(),
        "password = \"".to_owned(),
        "secret: ${SECRET} ".to_owned(),
        "key=key=".to_owned(),
        "https://".to_owned(),
        "postgres://a:".to_owned(),
        "://:@".to_owned(),
        "eyJ".to_owned(),
        "eyJhbGciOi.eyJ.".to_owned(),
        "-----BEGIN PRIVATE KEY-----".to_owned(),
        "-----BEGIN ".to_owned(),
        "AKIA".to_owned(),
        "authorization: bearer ".to_owned(),
        "\\u0022".to_owned(),
        "token\"".to_owned(),
        "--password --token ".to_owned(),
        "<password><secret>".to_owned(),
        "{\"private_key\": \"".to_owned(),
    ];
    let repo = Repo::new();
    let text = |part: &str, length: usize| part.repeat(length / part.len());
    for (n, part) in parts.iter().enumerate() {
        repo.write(format!("near-{n:02}.txt"), text(part, 16 << 10));
    }
    repo.write("near-all.txt", text(&parts[..3].concat(), 1 << 20));
    repo.git(&["add", "-A"]);
    let (status, json) = judge_within(&repo, 120);
    assert!(matches!(status, Some(0 | 1)), "{status:?}");
    assert_eq!(json["summary"]["files"], parts.len() + 1);
    assert_eq!(json["summary"]["complete"], true);
    assert!(!json["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == "github-token"));
}

#[test]
fn every_beginning_of_a_secret_over_and_over_is_judged() {
    let rules = unleak::detect::RuleSet::default();
    let mut text = String::new();
    for details in rules.details() {
        let shapes = details.examples.iter().chain(&details.counter_examples);
        // What a shape begins with is what wakes its rule.
        text.extend(shapes.map(|shape| shape.split('{').next().unwrap().repeat(3)));
    }
    let repo = Repo::new();
    repo.stage("beginnings.txt", text);
    let (status, json) = judge_within(&repo, 120);
    assert!(matches!(status, Some(0 | 1)), "{status:?}");
    assert_eq!(json["summary"]["complete"], true);
}

#[test]
fn ten_thousand_files_are_judged_in_little_memory() {
    let repo = Repo::new();
    repo.git(&["config", "core.compression", "0"]);
    for n in 0..10_000 {
        let content = if n == 9_999 { line(0) } else { format!("{n}\n{}", filler(100)) };
        repo.write(format!("d{:02}/f{n}.txt", n % 100), content);
    }
    repo.git(&["add", "-A"]);
    let (status, json) = judge_within(&repo, 60);
    assert_eq!((status, places(&json)), (Some(1), vec!["1:10".to_owned()]));
    assert_eq!(json["summary"]["files"], 10_000);
}

#[test]
fn two_thousand_places_of_a_secret_are_all_counted() {
    let repo = Repo::new();
    let text: String = (0..2_000).map(|_| line(0)).collect();
    repo.stage("many.txt", text);
    let (status, json) = judge_within(&repo, 120);
    assert_eq!((status, &json["summary"]["findings"]), (Some(1), &2_000.into()));
    let judged = repo.judge();
    assert!(judged.stdout.len() < 4_000, "one secret is told once, not at each of its places");
}
