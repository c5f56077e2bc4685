//! A repository with a made-up history, and what the program says of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use unleak::shape::{Random, generate};

pub(crate) struct Repo {
    folder: tempfile::TempDir,
}

pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) json: Value,
    pub(crate) stderr: String,
}

impl Repo {
    pub(crate) fn new(init: &[&str]) -> Self {
        let repo = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(repo.folder.path().join("home")).unwrap();
        std::fs::create_dir(repo.top()).unwrap();
        let config = "[user]\nname = a\nemail = a@example.invalid\n[init]\ndefaultBranch = main\n\
                      [gc]\nauto = 0\n[maintenance]\nauto = false\n[commit]\ngpgSign = false\n\
                      [protocol \"file\"]\nallow = always\n[uploadpack]\nallowFilter = true\n\
                      [core]\nautocrlf = false\n[advice]\ndetachedHead = false\n";
        std::fs::write(repo.folder.path().join("home/gitconfig"), config).unwrap();
        repo.git(&[&["init", "-q"], init].concat());
        repo
    }

    pub(crate) fn top(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &str, place: &Path) -> Command {
        let home = self.folder.path().join("home");
        let mut command = Command::new(program);
        command.current_dir(place).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", &home).env("GIT_CONFIG_GLOBAL", home.join("gitconfig"));
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("XDG_CONFIG_HOME", home);
        command
    }

    pub(crate) fn git_at(&self, place: &Path, arguments: &[&str], input: &[u8]) -> Output {
        use std::io::Write as _;
        let mut command = self.command("git", place);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // Its answers may fill the pipe before it has read all.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    }

    pub(crate) fn git_with(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.git_at(&self.top(), arguments, input);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&self.git_with(arguments, b"")).trim_end().to_owned()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let file = self.top().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
        self
    }

    /// Commits all that is in the work tree; gives the commit.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git_with(&["commit", "-q", "--allow-empty", "-F", "-"], message.as_bytes());
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn history_at(&self, place: &Path, more: &[&str]) -> Said {
        let mut command = self.command(env!("CARGO_BIN_EXE_unleak"), place);
        let output =
            command.args(["history", "--format", "json", "--show-secrets"]).args(more).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{e}: {} {stderr}", String::from_utf8_lossy(&output.stdout)));
        Said { status: output.status.code().unwrap_or(-1), json, stderr }
    }

    /// What all objects hold, whatever was looked at before.
    pub(crate) fn history(&self) -> Said {
        self.history_at(&self.top(), &["--no-cache"])
    }
}

impl Said {
    pub(crate) fn findings(&self) -> &[Value] {
        self.json["findings"].as_array().unwrap()
    }

    pub(crate) fn losses(&self) -> Vec<String> {
        let reason = |loss: &Value| loss["reason"].as_str().unwrap().to_owned();
        self.json["losses"].as_array().unwrap().iter().map(reason).collect()
    }
}

/// Fills in a shape as rule files have them.
pub(crate) fn made(name: &str, shape: &str) -> String {
    String::from_utf8(generate(shape, &mut Random::new(name, 11)).unwrap()).unwrap()
}

pub(crate) fn token(n: usize) -> String {
    made(&format!("history {n}"), "ghp_{base62:30}{check:github-crc32}")
}
