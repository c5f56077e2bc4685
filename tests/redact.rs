//! `unleak redact` as pipelines meet it: what passes, what is masked, when, and which status it ends with.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]
#![cfg(unix)]

mod harness;

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use harness::{UNLEAK, made, token};

/// The program with this environment and no other, in a folder that is in no repository.
fn redact(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(UNLEAK);
    command.arg("redact").args(arguments).env_clear().envs(variables.iter().copied());
    command.env("PATH", std::env::var_os("PATH").unwrap()).current_dir(std::env::temp_dir());
    command
}

fn piped(command: &mut Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A filter that ended early closes the pipe, which is for its test to judge.
    let _ = writer.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

struct Running {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Running {
    fn new(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, stdin, stdout }
    }

    /// Writes, and waits for so many bytes.
    fn gives(&mut self, input: &str, count: usize) -> String {
        self.stdin.write_all(input.as_bytes()).unwrap();
        let mut out = vec![0; count];
        self.stdout.read_exact(&mut out).unwrap();
        text(&out)
    }
}

#[test]
fn a_pipe_is_masked_and_ends_with_0() {
    let secret = token(0);
    let output =
        piped(&mut redact(&[], &[]), format!("ok\nurl=https://{secret}@github.com/x\n\n{secret}").as_bytes());
    assert_eq!(text(&output.stdout), "ok\nurl=https://[github-token#1]@github.com/x\n\n[github-token#1]");
    assert_eq!(text(&output.stderr), "unleak: masked 1 secret in 2 places\n");
    assert_eq!(output.status.code(), Some(0));
    let quiet = piped(&mut redact(&["--quiet"], &[]), secret.as_bytes());
    assert_eq!((text(&quiet.stdout), text(&quiet.stderr)), ("[github-token#1]".to_owned(), String::new()));
    let nothing = piped(&mut redact(&[], &[]), b"");
    assert_eq!((nothing.stdout.len(), nothing.stderr.len(), nothing.status.code()), (0, 0, Some(0)));
}

#[test]
fn the_environments_secrets_are_masked_by_convention_and_by_name() {
    let value = made("env", "{base62:22}");
    let url = ["postgres:", "//app:", &value, "@db.internal/app"].concat();
    let log = format!("a {value} b\nplain-value-1 postgres hunter\n");
    let output =
        piped(&mut redact(&[], &[("DEPLOY_TOKEN", &value), ("DB_PASSWORD", "postgres")]), log.as_bytes());
    assert_eq!(text(&output.stdout), "a [env:DEPLOY_TOKEN] b\nplain-value-1 postgres hunter\n");
    let output = piped(&mut redact(&[], &[("DATABASE_URL", &url)]), log.as_bytes());
    assert!(!text(&output.stdout).contains(&value), "{}", text(&output.stdout));
    let named = ["--env-secrets", "SPECIAL,-DEPLOY_TOKEN,NOT_SET", "--env-secrets=DB_PASSWORD"];
    let variables = [("SPECIAL", "plain-value-1"), ("DEPLOY_TOKEN", "hunter"), ("DB_PASSWORD", "postgres")];
    let output = piped(&mut redact(&named, &variables), b"plain-value-1 postgres hunter\n");
    assert_eq!(text(&output.stdout), "[env:SPECIAL] [env:DB_PASSWORD] hunter\n");
    assert!(text(&output.stderr).contains("unleak: NOT_SET is not set\n"), "{}", text(&output.stderr));
}

#[test]
fn lines_and_prompts_come_through_while_the_writer_goes_on() {
    let mut running = Running::new(redact(&[], &[]));
    assert_eq!(running.gives("one\n", 4), "one\n");
    let before = Instant::now();
    assert_eq!(running.gives("Password: ", 10), "Password: ");
    assert!(before.elapsed() < Duration::from_secs(5));
    assert_eq!(running.gives(&format!("{}\n", token(1)), 17), "[github-token#1]\n");
}

#[test]
fn a_binary_file_comes_through_unchanged() {
    let program = std::fs::read(UNLEAK).unwrap();
    let program = &program[..program.len().min(3_000_000)];
    let output = piped(&mut redact(&["--strictness", "relaxed"], &[]), program);
    // The program names examples of what it finds; beside those not a byte may differ.
    let (left, right) = (program.len(), output.stdout.len());
    if text(&output.stderr).is_empty() {
        assert!(output.stdout == program, "{left} and {right} bytes");
    } else {
        let same = program.iter().zip(&output.stdout).take_while(|(a, b)| a == b).count();
        assert!(
            same > 0 && output.stdout.ends_with(&program[left - 64..]),
            "{same} of {left} and {right} bytes"
        );
    }
}

#[test]
fn a_closed_pipe_ends_the_filter_without_a_word() {
    let mut child =
        redact(&[], &[]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    while stdin.write_all(&[b'x'; 1000]).and_then(|()| stdin.write_all(b"\n")).is_ok() {}
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(2), String::new()));
}

#[test]
fn a_command_keeps_its_streams_apart_and_its_status() {
    let secret = token(2);
    let script = format!("echo out {secret}; echo err {secret} >&2; printf tail; exit 7");
    let output = redact(&["--exec", "--", "sh", "-c", &script], &[]).output().unwrap();
    assert_eq!(text(&output.stdout), "out [github-token#1]\ntail");
    assert_eq!(text(&output.stderr), "err [github-token#1]\nunleak: masked 1 secret in 2 places\n");
    assert_eq!(output.status.code(), Some(7));
    // Without the two dashes too, and flags behind the command are its own.
    let output = redact(&["--exec", "printf", "%s", "--quiet"], &[]).output().unwrap();
    assert_eq!((text(&output.stdout), output.status.code()), ("--quiet".to_owned(), Some(0)));
}

#[test]
fn a_command_reads_standard_input() {
    let output = piped(&mut redact(&["--exec", "cat"], &[]), b"through\n");
    assert_eq!(text(&output.stdout), "through\n");
}

#[test]
fn a_signal_that_ends_the_command_is_told_as_shells_do() {
    for (signal, status) in [("KILL", 137), ("TERM", 143)] {
        let script = format!("kill -{signal} $$");
        let output = redact(&["--exec", "--", "sh", "-c", &script], &[]).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{signal}");
    }
}

#[test]
fn signals_are_passed_on() {
    for signal in ["TERM", "INT", "HUP", "USR1"] {
        let script = format!("trap 'echo caught; exit 3' {signal}; echo ready; while :; do sleep 0.1; done");
        let mut running = Running::new(redact(&["--exec", "--", "sh", "-c", &script], &[]));
        assert_eq!(running.gives("", 6), "ready\n");
        let pid = running.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
        assert_eq!(running.gives("", 7), "caught\n", "{signal}");
        assert_eq!(running.child.wait().unwrap().code(), Some(3), "{signal}");
    }
}

#[test]
fn a_command_that_is_not_there_is_127_and_one_that_cannot_run_126() {
    let output = redact(&["--exec", "--", "no-such-command-here"], &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(127));
    assert!(text(&output.stderr).starts_with("unleak: cannot run no-such-command-here: "));
    let output = redact(&["--exec", "--", "/"], &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(126));
}

#[test]
fn a_background_process_does_not_hold_the_end_up() {
    let before = Instant::now();
    let output = redact(&["--exec", "--", "sh", "-c", "sleep 30 & echo done; exit 4"], &[]).output().unwrap();
    assert_eq!((text(&output.stdout), output.status.code()), ("done\n".to_owned(), Some(4)));
    assert!(before.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_command_whose_reader_goes_away_gets_sigpipe() {
    let mut child =
        redact(&["--exec", "--", "yes"], &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 4];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(141), String::new()));
}

#[test]
fn a_command_without_exec_and_the_other_way_round_are_refused() {
    for arguments in [&["--exec"][..], &["make"]] {
        let output = redact(arguments, &[]).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("unleak redact --exec -- COMMAND"), "{}", text(&output.stderr));
    }
}

#[test]
fn a_wrong_configuration_lets_nothing_through() {
    let repo = harness::Repo::new();
    repo.write(".unleak.toml", "nonsense = 1\n");
    let mut command = repo.command(UNLEAK);
    let output = piped(command.arg("redact"), b"text\n");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(text(&output.stderr).contains("nonsense"), "{}", text(&output.stderr));
}
