//! Real repositories with a real hook, so that a black-box test is five lines long: stage, commit, say what came of it.
//!
//! Hands on [`Repo`] and [`Judged`]. After every judgement it is checked that the repository, its index and its work tree
//! are what they were, that people and machines are told the same, and that no output has a whole secret or a control
//! character in it. The trap: the checks of one run happen in the hook itself (git changes the index after it).
#![allow(dead_code, reason = "each test binary needs its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use unleak::shape::{Random, generate};

/// The built program.
pub(crate) const UNLEAK: &str = env!("CARGO_BIN_EXE_unleak");

/// Fills in a shape as rule files have them; the same name and shape give the same text.
pub(crate) fn made(name: &str, shape: &str) -> String {
    String::from_utf8(generate(shape, &mut Random::new(name, 7)).unwrap()).unwrap()
}

/// The `n`th GitHub token of these tests, its checksum right.
pub(crate) fn token(n: usize) -> String {
    tokens()[n].clone()
}

fn tokens() -> &'static [String] {
    static TOKENS: OnceLock<Vec<String>> = OnceLock::new();
    TOKENS.get_or_init(|| {
        (0..12).map(|n| made(&format!("token {n}"), "ghp_{base62:30}{check:github-crc32}")).collect()
    })
}

/// A line of source that holds the `n`th token, at column 10.
pub(crate) fn line(n: usize) -> String {
    format!("token = \"{}\"\n", token(n))
}

/// `count` numbered lines without a secret.
pub(crate) fn filler(count: usize) -> String {
    (1..=count).map(|n| format!("line {n}\n")).collect()
}

/// A repository in a temporary folder of its own, with hooks that call the program.
pub(crate) struct Repo {
    folder: tempfile::TempDir,
}

/// What the program said and did, run by git's hook or by hand.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The program's exit status; -1 when a signal ended it.
    pub(crate) status: i32,
    /// What a person sees as findings.
    pub(crate) stdout: String,
    /// What a person sees beside them.
    pub(crate) stderr: String,
    /// The same for machines, as it came.
    pub(crate) raw: String,
    /// And read.
    pub(crate) json: Value,
    /// Whether git made the commit; `None` where no git was asked.
    pub(crate) committed: Option<bool>,
    /// What git said.
    pub(crate) git: String,
}

impl Repo {
    /// An empty repository on `main`, without a commit, with both hooks.
    pub(crate) fn empty() -> Self {
        let repo = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["all", "home", "hook"] {
            std::fs::create_dir(repo.folder.path().join(folder)).unwrap();
        }
        let config = "[user]\nname = a\nemail = a@example.invalid\n[init]\ndefaultBranch = main\n\
                      [commit]\ngpgSign = false\n[core]\nautocrlf = false\nquotePath = true\n\
                      [advice]\nmergeConflict = true\n[gc]\nauto = 0\n[maintenance]\nauto = false\n";
        std::fs::write(repo.folder.path().join("home/gitconfig"), config).unwrap();
        std::fs::write(repo.folder.path().join("home/system"), "").unwrap();
        std::fs::create_dir(repo.top()).unwrap();
        repo.git(&["init", "-q"]);
        for name in ["pre-commit", "pre-merge-commit"] {
            repo.hook(name, ":");
        }
        repo
    }

    /// A repository whose first commit has `a.txt` (twenty lines without a secret) and `b.txt`.
    pub(crate) fn new() -> Self {
        let repo = Self::empty();
        repo.write("a.txt", filler(20)).write("b.txt", "b\n").unjudged("first");
        repo
    }

    /// The work tree's top.
    pub(crate) fn top(&self) -> PathBuf {
        self.folder.path().join("all/repo")
    }

    /// A path below the folder that holds the repository and its linked worktrees.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join("all").join(name)
    }

    /// A path in the home folder, which is no part of what must stay unchanged.
    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join("home").join(name)
    }

    /// Writes the hook that calls the program after a line of shell.
    pub(crate) fn hook(&self, name: &str, before: &str) {
        let folder = self.folder.path();
        let script = format!(
            "#!/bin/sh\n\
             state() {{ tar -C '{all}' -cf - . 2>/dev/null | cksum; }}\n\
             before=$(state)\n\
             {before}\n\
             '{UNLEAK}' hook {name} \"$@\" >'{out}/stdout' 2>'{out}/stderr'\n\
             status=$?\n\
             '{UNLEAK}' --format=json hook {name} \"$@\" >'{out}/json' 2>/dev/null\n\
             echo $? >'{out}/json-status'\n\
             [ \"$before\" = \"$(state)\" ] || echo changed >'{out}/changed'\n\
             echo $status >'{out}/status'\n\
             exit $status\n",
            all = folder.join("all").display(),
            out = folder.join("hook").display(),
        );
        let file = self.top().join(".git/hooks").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, script).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// A command in the work tree that sees nothing of the machine's and the user's settings.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name_bytes = name.as_encoded_bytes();
            let foreign = ["GIT", "UNLEAK", "PRE_COMMIT", "XDG", "NO_COLOR", "CLICOLOR", "FORCE_COLOR", "CI"];
            if foreign.iter().any(|start| name_bytes.starts_with(start.as_bytes())) {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.home(""))
            .env("XDG_CONFIG_HOME", self.home("config"))
            .env("GIT_CONFIG_GLOBAL", self.home("gitconfig"))
            .env("GIT_CONFIG_SYSTEM", self.home("system"))
            .env("GIT_EDITOR", "true")
            .env("LC_ALL", "C")
            .current_dir(self.top())
            .stdin(Stdio::null());
        command
    }

    /// Runs git and gives what came of it.
    pub(crate) fn try_git<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Output {
        self.command("git").args(arguments).output().unwrap()
    }

    /// Runs git, which must succeed, and gives what it printed.
    pub(crate) fn git<S: AsRef<OsStr> + std::fmt::Debug>(&self, arguments: &[S]) -> String {
        let output = self.try_git(arguments);
        assert!(output.status.success(), "git {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Writes a file of the work tree.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.top().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// Writes a file and stages it.
    pub(crate) fn stage(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = path.as_ref();
        self.write(path, content);
        self.git(&[OsStr::new("add"), OsStr::new("-f"), OsStr::new("--"), path.as_os_str()]);
        self
    }

    /// Commits everything, past the hook.
    pub(crate) fn unjudged(&self, message: &str) -> &Self {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", message]);
        self
    }

    /// `git commit` of what is staged.
    pub(crate) fn commit(&self) -> Judged {
        let entries = self.git(&["ls-files", "-s"]);
        let judged = self.commit_with(&[]);
        assert_eq!(self.git(&["ls-files", "-s"]), entries, "the index has other entries");
        judged
    }

    /// `git commit` with further arguments.
    pub(crate) fn commit_with(&self, arguments: &[&str]) -> Judged {
        self.judged_by_git(&[&["commit", "-q", "-m", "more"], arguments].concat())
    }

    /// Runs a git command that runs a hook, and gives what the hook's program said.
    pub(crate) fn judged_by_git(&self, arguments: &[&str]) -> Judged {
        let mut command = self.command("git");
        command.args(arguments);
        self.judged_by(command, "")
    }

    /// The same for `git merge`, which writes the work tree itself.
    pub(crate) fn merge(&self, arguments: &[&str]) -> Judged {
        let mut command = self.command("git");
        command.args(["merge", "-q", "--no-edit"]).args(arguments);
        self.record(command, "")
    }

    /// The same for a prepared command and what it reads.
    pub(crate) fn judged_by(&self, command: Command, input: &str) -> Judged {
        let seen = |repo: &Self| (repo.git(&["ls-files", "-s"]), repo.head());
        let (before, work_tree) = (seen(self), self.work_tree());
        let status = self.git(&["status", "--porcelain"]);
        let judged = self.record(command, input);
        assert_eq!(self.work_tree(), work_tree, "the work tree changed");
        if judged.committed == Some(false) {
            assert_eq!(seen(self), before, "a stopped commit left something behind");
            assert_eq!(self.git(&["status", "--porcelain"]), status);
        }
        judged
    }

    fn record(&self, mut command: Command, input: &str) -> Judged {
        let record = self.folder.path().join("hook");
        for name in std::fs::read_dir(&record).unwrap() {
            std::fs::remove_file(name.unwrap().path()).unwrap();
        }
        let output = feed(command.stdout(Stdio::piped()).stderr(Stdio::piped()), input);
        let git = text(&output.stderr);
        let read =
            |name: &str| std::fs::read(record.join(name)).unwrap_or_else(|_| panic!("no hook ran: {git}"));
        let number = |name: &str| text(&read(name)).trim().parse::<i32>().unwrap();
        assert!(!record.join("changed").exists(), "judging changed the repository: {git}");
        let (json, json_status) = (read("json"), number("json-status"));
        Judged {
            status: number("status"),
            stdout: text(&read("stdout")),
            stderr: text(&read("stderr")),
            raw: text(&json),
            json: parsed(&json),
            committed: Some(output.status.success()),
            git,
        }
        .checked(json_status)
    }

    /// Judges what is staged without git, as a person would who types the command.
    pub(crate) fn judge(&self) -> Judged {
        self.judge_with(&[])
    }

    /// The same with arguments.
    pub(crate) fn judge_with(&self, arguments: &[&str]) -> Judged {
        let before = self.state();
        let person = self.command(UNLEAK).args(arguments).output().unwrap();
        let machine = self.command(UNLEAK).arg("--format=json").args(arguments).output().unwrap();
        assert_eq!(self.state(), before, "judging changed the repository");
        Judged {
            status: person.status.code().unwrap_or(-1),
            stdout: text(&person.stdout),
            stderr: text(&person.stderr),
            raw: text(&machine.stdout),
            json: parsed(&machine.stdout),
            committed: None,
            git: String::new(),
        }
        .checked(machine.status.code().unwrap_or(-1))
    }

    /// A sum over every file of the repository: names, contents, times, modes.
    fn state(&self) -> String {
        let script = "tar -C \"$1\" -cf - . 2>/dev/null | cksum";
        let output = self.command("sh").args(["-c", script, "sh"]).arg(self.beside("")).output().unwrap();
        text(&output.stdout)
    }

    fn head(&self) -> String {
        text(&self.try_git(&["rev-parse", "-q", "--verify", "HEAD"]).stdout)
    }

    /// Every file of the work tree with its content.
    fn work_tree(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let (path, kind) = (entry.path(), entry.file_type().unwrap());
                if kind.is_dir() && entry.file_name() != ".git" {
                    walk(&path, files);
                } else if kind.is_symlink() {
                    let target = std::fs::read_link(&path).unwrap();
                    files.push((path, target.into_os_string().into_encoded_bytes()));
                } else if kind.is_file() {
                    let content = std::fs::read(&path).unwrap_or_default();
                    files.push((path, content));
                }
            }
        }
        let mut files = Vec::new();
        walk(&self.top(), &mut files);
        files.sort();
        files
    }
}

impl Judged {
    /// Secrets were found, at these places (`path:line:column` as JSON has them), and the commit did not happen.
    #[track_caller]
    pub(crate) fn stopped_at(&self, places: &[&str]) -> &Self {
        assert_eq!((self.status, self.places().as_slice()), (1, owned(places).as_slice()), "{self:#?}");
        assert_ne!(self.committed, Some(true), "{self:#?}");
        self
    }

    /// Nothing was found in this many files, all were judged, the commit happened, and one quiet line says so.
    #[track_caller]
    pub(crate) fn passes(&self, files: u64) -> &Self {
        assert_eq!((self.status, self.places()), (0, Vec::new()), "{self:#?}");
        assert_ne!(self.committed, Some(false), "{self:#?}");
        assert_eq!(self.json["summary"]["files"], files, "{self:#?}");
        assert_eq!(self.json["summary"]["complete"], true, "{self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        let verdicts = self.stderr.lines().filter(|line| !line.starts_with("unleak: note:"));
        assert_eq!(verdicts.count(), 1, "{self:#?}");
        self
    }

    /// Something could not be judged, the commit did not happen, and a line says what and why.
    #[track_caller]
    pub(crate) fn fails(&self, words: &[&str]) -> &Self {
        assert_eq!(self.status, 2, "{self:#?}");
        assert_ne!(self.committed, Some(true), "{self:#?}");
        self.says(words)
    }

    /// All of these words are on stderr.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not said: {self:#?}");
        }
        self
    }

    /// Where JSON says that secrets stand.
    pub(crate) fn places(&self) -> Vec<String> {
        let findings = self.json["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let place = |finding: &Value| {
            let path = finding["path"].as_str().unwrap();
            match (finding["line"].as_u64(), finding["column"].as_u64()) {
                (Some(line), Some(column)) => format!("{path}:{line}:{column}"),
                _ => path.to_owned(),
            }
        };
        findings.iter().map(place).collect()
    }

    /// A number of the summary.
    pub(crate) fn count(&self, key: &str) -> u64 {
        self.json["summary"][key].as_u64().unwrap_or_else(|| panic!("no {key}: {self:#?}"))
    }

    /// What holds for whatever is judged.
    fn checked(self, json_status: i32) -> Self {
        assert_eq!(self.status, json_status, "people and machines are told differently: {self:#?}");
        for output in [&self.stdout, &self.stderr, &self.raw] {
            assert!(!output.contains("panicked"), "{self:#?}");
            assert!(
                !tokens().iter().any(|token| output.contains(token.as_str())),
                "a whole secret is printed"
            );
            let harmless = |c: char| c == '\n' || !c.is_control();
            assert!(output.chars().all(harmless), "a control character is printed: {output:?}");
        }
        if self.status == 2 {
            assert!(!self.stderr.is_empty(), "nothing says why");
        }
        self
    }
}

/// Runs a command to its end with this on its standard input.
pub(crate) fn feed(command: &mut Command, input: &str) -> Output {
    use std::io::Write;
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    // It may end before it has read all.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn owned(places: &[&str]) -> Vec<String> {
    places.iter().map(|place| (*place).to_owned()).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What machines read; nothing where the run ended before there was anything to tell.
fn parsed(bytes: &[u8]) -> Value {
    if bytes.is_empty() { Value::Null } else { serde_json::from_slice(bytes).expect("valid JSON") }
}
