//! A home, a repository and a program of one's own, none of which knows this machine's user or its git configuration.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub struct Sandbox {
    _folder: tempfile::TempDir,
    pub root: PathBuf,
    pub home: PathBuf,
    pub repository: PathBuf,
    /// A copy of the built program, which a test may move, replace or remove.
    pub program: PathBuf,
}

impl Sandbox {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (home, repository) = (root.join("home"), root.join("repository"));
        fs::create_dir(&home).unwrap();
        let config = "[user]\n\tname = A Person\n\temail = person@example.org\n[init]\n\tdefaultBranch = main\n[advice]\n\tdefaultBranchName = false\n";
        fs::write(home.join(".gitconfig"), config).unwrap();
        let sandbox = Self { program: root.join("bin/unleak"), _folder: folder, root, home, repository };
        sandbox.copy_program(&sandbox.program);
        sandbox.git_in(&sandbox.root, &["init", "-q", "repository"]).ok();
        sandbox.write("README", "hello\n");
        sandbox.git(&["add", "."]).ok();
        sandbox.git(&["commit", "-qm", "first"]).ok();
        sandbox
    }

    /// Copied by another process: a file that this one has open for writing could not be executed by a sibling's.
    pub fn copy_program(&self, to: &Path) {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_unleak")).arg(to).status().unwrap();
        assert!(copied.success());
    }

    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", path_without_unleak())
            .env("HOME", &self.home)
            .env("GIT_CONFIG_GLOBAL", self.home.join(".gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(folder)
            .stdin(Stdio::null());
        command
    }

    pub fn git(&self, arguments: &[&str]) -> Ran {
        self.git_in(&self.repository, arguments)
    }

    pub fn git_in(&self, folder: &Path, arguments: &[&str]) -> Ran {
        Ran::of(self.command("git", folder).args(arguments))
    }

    pub fn unleak(&self, arguments: &[&str]) -> Ran {
        self.unleak_in(&self.repository, arguments)
    }

    pub fn unleak_in(&self, folder: &Path, arguments: &[&str]) -> Ran {
        Ran::of(self.command(&self.program, folder).args(arguments))
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.repository.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Stages and commits a clean change.
    pub fn commit_clean(&self, name: &str) -> Ran {
        self.write(name, "nothing of note\n");
        self.git(&["add", name]).ok();
        self.git(&["commit", "-qm", name])
    }

    /// Stages a secret and tries to commit it; unstages it again.
    pub fn commit_secret(&self) -> Ran {
        self.write("settings", &secret_line());
        self.git(&["add", "settings"]).ok();
        let ran = self.git(&["commit", "-qm", "oops"]);
        self.git(&["rm", "-q", "--cached", "--ignore-unmatch", "settings"]).ok();
        ran
    }

    pub fn hook(&self, name: &str) -> PathBuf {
        self.repository.join(".git/hooks").join(name)
    }

    pub fn script(&self, path: &Path, body: &str) {
        let text = if body.starts_with("#!") { body.to_owned() } else { format!("#!/bin/sh\n{body}\n") };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // By another process, as above.
        let mut shell = Command::new("sh");
        shell.arg("-c").arg("cat >\"$1\" && chmod 755 \"$1\"").arg("sh").arg(path).stdin(Stdio::piped());
        let mut shell = shell.spawn().unwrap();
        shell.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
    }

    /// Installs a hook that the command line does not offer yet, as `unleak install` would.
    pub fn install_hook(&self, path: &Path) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let before = fs::read(path).ok();
        if before.is_some() {
            fs::rename(path, path.with_file_name(format!("{name}.before-unleak"))).unwrap();
        }
        let script = unleak::install::script::repository_hook(name, &self.program, before.as_deref());
        self.script(path, std::str::from_utf8(&script).unwrap());
    }

    /// Puts a stand-in in the program's place, which notes its arguments and input in `heard` and ends with `status`.
    pub fn stand_in(&self, status: u8) {
        fs::remove_file(&self.program).unwrap();
        let heard = self.root.join("heard");
        self.script(
            &self.program,
            &format!("{{ echo \"unleak $*\"; cat; }} >>'{}'\nexit {status}", heard.display()),
        );
    }

    /// A hook that notes its name, arguments and input in `heard`, too.
    pub fn noting(&self, path: &Path, status: u8) {
        let heard = self.root.join("heard");
        self.script(path, &format!("{{ echo \"own $*\"; cat; }} >>'{}'\nexit {status}", heard.display()));
    }

    /// What was noted since the last question.
    pub fn heard(&self) -> String {
        let path = self.root.join("heard");
        let text = fs::read_to_string(&path).unwrap_or_default();
        drop(fs::remove_file(path));
        text
    }

    /// Runs a hook as git would, with an input of any size.
    pub fn run_hook(&self, path: &Path, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(path, &self.repository);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // A hook may end without having read it all.
        drop(pipe.write_all(input.as_bytes()));
        drop(pipe);
        Ran::new(&child.wait_with_output().unwrap(), &format!("{}", path.display()))
    }
}

/// The developer's PATH without an installed unleak, which would stand in for the one that a test removes. (One in
/// /usr/local/bin or /opt/homebrew/bin would still; the tests of a program that is gone fail there.)
fn path_without_unleak() -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::env::split_paths(&path).filter(|folder| !folder.join("unleak").exists()))
        .unwrap()
}

/// A line with a password in a URL, put together here so that no file of this repository has one.
pub fn secret_line() -> String {
    format!("url = \"postgres://admin:{}{}@prod-db:5432/app\"\n", "supersecret", 417)
}

pub fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

pub fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Names in a folder, sorted, without git's samples.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".sample"))
        .collect();
    names.sort();
    names
}

/// What a command did.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    what: String,
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let what = format!("{command:?}");
        Self::new(&command.output().unwrap(), &what)
    }

    fn new(output: &Output, what: &str) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let status = output.status.code().unwrap_or(-1);
        Self { status, stdout: text(&output.stdout), stderr: text(&output.stderr), what: what.to_owned() }
    }

    /// It succeeded.
    #[track_caller]
    pub fn ok(&self) -> &Self {
        self.ended(0)
    }

    #[track_caller]
    pub fn ended(&self, status: i32) -> &Self {
        assert_eq!(self.status, status, "{}\n{}{}", self.what, self.stdout, self.stderr);
        self
    }

    /// It was stopped by unleak, and by what it found.
    #[track_caller]
    pub fn blocked(&self) -> &Self {
        assert_ne!(self.status, 0, "{} was not stopped\n{}{}", self.what, self.stdout, self.stderr);
        let said = self.stdout.clone() + &self.stderr;
        assert!(said.contains("url-password"), "{} did not name the secret\n{said}", self.what);
        self
    }

    /// It said so on standard error.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.stderr.contains(words), "{}\nno {words:?} in:\n{}", self.what, self.stderr);
        self
    }

    /// It did not.
    #[track_caller]
    pub fn is_silent_on(&self, words: &str) -> &Self {
        assert!(!self.stderr.contains(words), "{}\n{words:?} in:\n{}", self.what, self.stderr);
        self
    }
}
