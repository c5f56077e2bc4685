//! `unleak paths`: every file is judged, whatever stands in its way, and what is not judged is said.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use harness::{Judged, Repo, UNLEAK, feed, filler, line, token};

fn paths(repo: &Repo, arguments: &[&str]) -> Judged {
    repo.judge_with(&[&["paths"], arguments].concat())
}

fn pipe(at: &Path) {
    assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
}

#[test]
fn hidden_ignored_and_untracked_files_are_judged_and_git_is_not() {
    let repo = Repo::new();
    repo.write(".gitignore", "ignored/\n").write("ignored/a", line(0)).write(".hidden/b", line(1));
    repo.write("src/c", line(2)).write(".git/description", line(3));
    paths(&repo, &[]).stopped_at(&[".hidden/b:1:10", "ignored/a:1:10", "src/c:1:10"]);
    paths(&repo, &["."]).stopped_at(&[".hidden/b:1:10", "ignored/a:1:10", "src/c:1:10"]);
    paths(&repo, &[".git/description"]).stopped_at(&[".git/description:1:10"]);
    let top = repo.top().canonicalize().unwrap();
    let (folder, file) = (format!("{}/", top.display()), format!("{}/src/c:1:10", top.display()));
    let judged = paths(&repo, &[&folder, "src", "./src/c"]);
    assert!(judged.places().contains(&file), "as it was given: {judged:#?}");
    assert_eq!(judged.places().len(), 3, "once, though it lies below two of them: {judged:#?}");
}

#[test]
fn what_git_ignores_is_left_out_when_asked_for_and_what_it_tracks_is_not() {
    let repo = Repo::new();
    repo.write(".gitignore", "*.log\nout/\n").stage("kept.log", line(0)).unjudged("tracked");
    repo.write("other.log", line(1)).write("out/deep/x", line(2)).write("new", line(3));
    repo.git(&["init", "-q", "inner"]);
    repo.write("inner/.gitignore", "mine\n").write("inner/mine", line(4)).write("inner/yours", line(5));
    let judged = paths(&repo, &["--respect-gitignore", "."]);
    judged.stopped_at(&["inner/yours:1:10", "kept.log:1:10", "new:1:10"]);
    let below = paths(&repo, &["--respect-gitignore", "inner"]);
    below.stopped_at(&["inner/yours:1:10"]);
}

#[test]
fn excluded_files_are_left_out_named_ones_too() {
    let repo = Repo::new();
    for (n, path) in ["a/gen/x", "b/gen", "c/x.min.js", "c/x.js", "d/e/f"].into_iter().enumerate() {
        repo.write(path, line(n));
    }
    let judged = paths(&repo, &["--exclude", "gen/", "--exclude=*.min.js", "--exclude", "/d/e", "."]);
    judged.stopped_at(&["b/gen:1:10", "c/x.js:1:10"]);
    let named = paths(&repo, &["--exclude", "*.js", "c/x.js", "c/x.min.js"]);
    named.passes(0).says(&["2 left out because --exclude matches: c/x.js, c/x.min.js"]);
    paths(&repo, &["--exclude", "**", "."]).fails(&["the glob `**` of --exclude"]);
}

#[test]
fn large_files_are_judged_unless_a_limit_is_set_which_is_listed() {
    let repo = Repo::new();
    repo.write("large", filler(200_000) + &line(0)).write("small", line(1));
    paths(&repo, &["."]).stopped_at(&["large:200001:10", "small:1:10"]);
    let judged = paths(&repo, &["--max-file-size", "1M", "."]);
    judged
        .stopped_at(&["small:1:10"])
        .says(&["limit reached: large: it has 2.2 MB, and --max-file-size is 1.0 MB"]);
    assert_eq!(judged.json["limits"][0]["path"], "large");
    assert_eq!(judged.json["summary"]["complete"], false);
    paths(&repo, &["--max-file-size", "many", "."])
        .fails(&["--max-file-size cannot be `many`: it is a size such as 20M"]);
}

#[test]
fn pipes_sockets_and_loops_are_skipped_and_said() {
    let repo = Repo::new();
    repo.write("d/x", line(0));
    pipe(&repo.top().join("pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(repo.top().join("socket")).unwrap();
    symlink("..", repo.top().join("d/loop")).unwrap();
    symlink("itself", repo.top().join("d/itself")).unwrap();
    symlink(format!("/{}", token(1)), repo.top().join("d/text")).unwrap();
    let judged = paths(&repo, &[".", "pipe", "/dev/null"]);
    judged.stopped_at(&["d/text:1:2", "d/x:1:10"]).says(&[
        "note: 3 symbolic links not followed: d/itself, d/loop, d/text",
        "note: 1 pipe skipped: pipe",
        "note: 1 socket skipped: socket",
        "note: 1 device skipped: /dev/null",
    ]);
    paths(&repo, &["d/loop"]).stopped_at(&["d/loop/d/text:1:2", "d/loop/d/x:1:10"]);
    paths(&repo, &["d/itself"]).fails(&["not judged: d/itself: cannot read it: "]);
}

#[test]
fn what_is_not_there_or_cannot_be_read_is_a_loss_and_the_rest_is_judged() {
    let repo = Repo::new();
    repo.write("x", line(0));
    let judged = paths(&repo, &["x", "gone"]);
    judged.fails(&["not judged: gone: cannot read it: no such file or directory"]);
    assert_eq!(judged.places(), ["x:1:10"]);

    // A folder so deep that its path is longer than the system takes cannot be read by anybody, root among them.
    let deep = repo.home("deep");
    let name = "d".repeat(250);
    let script = format!("mkdir \"$1\"; cd \"$1\"; for i in $(seq 20); do mkdir {name}; cd -P {name}; done");
    assert!(Command::new("sh").args(["-c", &script, "sh"]).arg(&deep).status().unwrap().success());
    let deep = deep.to_str().unwrap().to_owned();
    let judged = paths(&repo, &["x", &deep]);
    judged.fails(&["cannot read it: file name too long"]);
    assert_eq!(judged.places(), ["x:1:10"]);
    let judged = paths(&repo, &["--skip-unreadable", "x", &deep]);
    judged.stopped_at(&["x:1:10"]).says(&["note: 1 unreadable file or folder let be: "]);
}

#[test]
fn an_empty_folder_has_nothing_to_judge() {
    let repo = Repo::new();
    fs::create_dir(repo.top().join("empty")).unwrap();
    paths(&repo, &["empty"]).passes(0).says(&["no file is there, so there was nothing to judge"]);
}

#[test]
fn the_work_trees_configuration_counts_wherever_the_command_runs() {
    let repo = Repo::new();
    repo.write(".unleak.toml", "[allowlist]\npaths = [\"docs/sample\"]\n");
    repo.write("docs/sample", line(0)).write("docs/real", line(1)).write("other/docs/sample", line(2));
    paths(&repo, &["."]).stopped_at(&["docs/real:1:10", "other/docs/sample:1:10"]);
    let mut below = repo.command(UNLEAK);
    let output =
        below.current_dir(repo.top().join("docs")).args(["paths", "--format=json", "."]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\"path\":\"real\"") && text.contains("\"allowed\":1"), "{text}");
    let elsewhere =
        repo.command(UNLEAK).current_dir("/").args(["paths", "--format=json"]).arg(repo.top()).output();
    let text = String::from_utf8(elsewhere.unwrap().stdout).unwrap();
    assert!(text.contains("\"findings\":2") && text.contains("\"allowed\":1"), "{text}");
    repo.write(".unleak.toml", "mdoe = 1\n");
    paths(&repo, &["."]).fails(&["unknown key `mdoe`"]);
    fs::remove_file(repo.top().join(".unleak.toml")).unwrap();
    symlink("/etc/hostname", repo.top().join(".unleak.toml")).unwrap();
    paths(&repo, &["."]).fails(&["it is no regular file"]);
}

#[test]
fn no_repository_is_needed() {
    let repo = Repo::empty();
    fs::write(repo.home("x"), line(0)).unwrap();
    let output = repo.command(UNLEAK).args(["paths", "x"]).current_dir(repo.home("")).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let output =
        repo.command(UNLEAK).args(["paths", "--respect-gitignore", "x"]).current_dir(repo.home("")).output();
    assert_eq!(output.unwrap().status.code(), Some(1));
}

#[test]
fn standard_input_is_judged() {
    let repo = Repo::new();
    let mut command = repo.command(UNLEAK);
    command.args(["paths", "--format=json", "-"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Output { status, stdout, .. } = feed(&mut command, &(filler(3) + &line(0)));
    let text = String::from_utf8(stdout).unwrap();
    assert_eq!(status.code(), Some(1), "{text}");
    assert!(text.contains("\"path\":\"-\",\"line\":4,\"column\":10"), "{text}");
}

#[test]
fn names_are_judged_and_printed_without_harm() {
    let repo = Repo::new();
    repo.write(format!("a/{}", token(0)), "x").write("b\n::error::\x1b[31m/x", line(1));
    let judged = paths(&repo, &["."]);
    assert_eq!(judged.status, 1);
    assert_eq!(judged.places(), ["a/ghp_…", "b\n::error::\u{1b}[31m/x:1:10"]);
}

#[test]
fn a_tree_of_many_files_gives_the_same_bytes_every_time() {
    let repo = Repo::new();
    for n in 0..600 {
        repo.write(format!("{}/{n}", n % 7), if n % 50 == 0 { line(n / 50) } else { filler(20) });
    }
    let first = paths(&repo, &["."]);
    assert_eq!((first.places().len(), first.count("files")), (12, 602));
    for _ in 0..5 {
        assert_eq!(paths(&repo, &["."]).raw, first.raw);
    }
}

#[test]
fn a_report_goes_to_a_file() {
    let repo = Repo::new();
    repo.write("x", line(0));
    let file = repo.home("report.json");
    let run = |arguments: &[&str]| {
        repo.command(UNLEAK)
            .args(["paths", "x", "--format=json", "--output"])
            .arg(&file)
            .args(arguments)
            .output()
            .unwrap()
    };
    let output = run(&[]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]));
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("\"findings\":1"), "{written}");
    // A usage error leaves it alone.
    assert_eq!(run(&["--exclude", "**"]).status.code(), Some(2));
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    let output = repo.command(UNLEAK).args(["paths", "x", "-o", "no/such/folder"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write the report to no/such/folder"));
}

/// Starts a run that has judged its files and now waits for standard input to end.
fn waiting(repo: &Repo, arguments: &[&str]) -> Child {
    repo.write("x", line(0));
    let mut command = repo.command(UNLEAK);
    command.args(["paths", "x", "-", "--format=json"]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended_early(child: Child, why: &str) {
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(out.contains("\"path\":\"x\",\"line\":1") && out.contains("\"complete\":false"), "{out}");
    assert!(err.contains(why) && out.contains(why), "{err} {out}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_ends_the_run_with_what_was_found() {
    for signal in ["INT", "TERM"] {
        let repo = Repo::new();
        let mut child = waiting(&repo, &[]);
        // Held open, so that only the signal ends it.
        let _input = child.stdin.take().unwrap();
        let tasks = format!("/proc/{}/task", child.id());
        let reads = || {
            fs::read_dir(&tasks).unwrap().flatten().any(|task| {
                fs::read_to_string(task.path().join("comm"))
                    .is_ok_and(|name| name.trim_end() == "standard input")
            })
        };
        while !reads() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        ended_early(child, "interrupted: what was found until then is reported");
    }
}

#[test]
fn a_time_limit_ends_the_run_with_what_was_found() {
    let repo = Repo::new();
    let mut child = waiting(&repo, &["--time-limit", "3s"]);
    let _input = child.stdin.take().unwrap();
    ended_early(child, "the time limit of 3 s was reached");
    paths(&repo, &["--time-limit", "soon"]).fails(&["--time-limit cannot be `soon`"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_sees_how_far_it_is_and_a_log_does_not() {
    let repo = Repo::new();
    repo.write("x", line(0));
    let run = |flags: &str| {
        // `script` gives the program a terminal, which is also the standard input that never ends.
        let call = format!("'{UNLEAK}' paths x - --time-limit 2s --color never {flags}");
        let mut command = repo.command("script");
        command.args(["-qec", &call, "/dev/null"]).env("TERM", "xterm").stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let _input = child.stdin.take().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stdout).unwrap()
    };
    let seen = run("");
    let drawn = format!("\runleak: 1 file, {} bytes\x1b[K", line(0).len());
    assert!(seen.contains(&drawn), "{seen:?}");
    let (_, after) = seen.rsplit_once("\r\x1b[K").unwrap();
    assert!(after.starts_with("critical[github-token]"), "the line is gone before the report: {after:?}");
    assert!(!run("--quiet").contains("\x1b[K"));

    let log = repo.command(UNLEAK).args(["paths", "x"]).env("TERM", "xterm").output().unwrap();
    assert!(!String::from_utf8_lossy(&log.stderr).contains(['\r', '\x1b']));
}
