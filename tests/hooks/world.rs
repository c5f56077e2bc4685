//! A work tree, a bare repository to push to, and hooks that call the built program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use unleak::shape::{Random, generate};

const UNLEAK: &str = env!("CARGO_BIN_EXE_unleak");

pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) work: PathBuf,
    pub(crate) bare: PathBuf,
}

/// What git did, and said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) fine: bool,
    pub(crate) said: String,
}

/// The `n`th GitHub token of these tests, its checksum right; made here so that none stands in the source.
pub(crate) fn token(n: usize) -> String {
    let shape = "ghp_{base62:30}{check:github-crc32}";
    String::from_utf8(generate(shape, &mut Random::new(&format!("token {n}"), 7)).unwrap()).unwrap()
}

/// A line that holds it.
pub(crate) fn line(n: usize) -> String {
    format!("token = \"{}\"\n", token(n))
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// Both repositories made with further arguments of `git init`.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let world = Self { work: root.join("work"), bare: root.join("bare.git"), folder };
        std::fs::create_dir(root.join("home")).unwrap();
        let config = "[user]\nname = A Person\nemail = person@example.org\n[init]\ndefaultBranch = main\n\
                      [advice]\ndefaultBranchName = false\n[push]\ndefault = current\n[gc]\nauto = 0\n";
        std::fs::write(root.join("home/.gitconfig"), config).unwrap();
        world.git_in(&root, &[&["init", "-q"], arguments, &["work"]].concat());
        world.git_in(&root, &[&["init", "-q", "--bare"], arguments, &["bare.git"]].concat());
        world.git(&["remote", "add", "origin", "../bare.git"]);
        world
    }

    /// A path beside the two repositories.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.work.parent().unwrap().join(name)
    }

    /// Installs a hook by unleak's own installer.
    pub(crate) fn install(&self, hooks: &[&str]) -> &Self {
        for hook in hooks {
            let folder = if *hook == "pre-receive" { &self.bare } else { &self.work };
            let ran = self.run(UNLEAK, folder, &["install", "--hook", hook], &[]);
            assert!(ran.fine, "{ran:#?}");
        }
        self
    }

    pub(crate) fn run<S: AsRef<OsStr>>(
        &self,
        program: &str,
        folder: &Path,
        arguments: &[S],
        variables: &[(&str, &str)],
    ) -> Ran {
        let mut command = self.command(program, folder);
        command.args(arguments).envs(variables.iter().copied());
        Ran::of(&command.output().unwrap())
    }

    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        let home = self.folder.path().join("home");
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &home)
            .env("GIT_CONFIG_GLOBAL", home.join(".gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_EDITOR", "true")
            // A fetch that nobody asked for would fail here.
            .env("GIT_ALLOW_PROTOCOL", "file")
            .current_dir(folder)
            .stdin(Stdio::null());
        command
    }

    /// Runs git in the work tree; it must succeed.
    #[track_caller]
    pub(crate) fn git<S: AsRef<OsStr> + std::fmt::Debug>(&self, arguments: &[S]) -> String {
        let work = self.work.clone();
        self.git_in(&work, arguments)
    }

    #[track_caller]
    pub(crate) fn git_in<S: AsRef<OsStr> + std::fmt::Debug>(&self, folder: &Path, arguments: &[S]) -> String {
        let output = self.command("git", folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs git in the work tree, whatever comes of it.
    pub(crate) fn try_git<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        self.run("git", &self.work, arguments, &[])
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.work.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Commits a file past all hooks.
    pub(crate) fn commit(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        self.write(path, text);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", path]);
        self
    }

    /// Pushes past the hook on this side.
    pub(crate) fn unjudged(&self, refspec: &str) -> &Self {
        self.git(&["push", "-q", "--no-verify", "origin", refspec]);
        self
    }

    /// Every ref of the bare repository.
    pub(crate) fn there(&self) -> String {
        self.git_in(&self.bare, &["for-each-ref"])
    }

    /// `git push` with these arguments, which must be stopped by the secret and change nothing.
    #[track_caller]
    pub(crate) fn push_is_stopped(&self, arguments: &[&str], words: &[&str]) {
        let before = self.there();
        let ran = self.try_git(&[&["push"], arguments].concat());
        ran.stopped(words);
        assert_eq!(self.there(), before, "{ran:#?}");
    }

    /// `git push` with these arguments, which must go through; something said it was judged.
    #[track_caller]
    pub(crate) fn push_passes(&self, arguments: &[&str]) -> Ran {
        let ran = self.try_git(&[&["push"], arguments].concat());
        assert!(ran.fine && ran.said.contains("unleak: "), "{ran:#?}");
        assert!(!ran.said.contains("not judged"), "{ran:#?}");
        ran
    }
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let ran = Self { fine: output.status.success(), said: text(&output.stdout) + &text(&output.stderr) };
        assert!(!ran.said.contains("panicked"), "{ran:#?}");
        // Git itself names the refs that it pushes.
        let ours: Vec<&str> =
            ran.said.lines().filter(|l| !(l.starts_with(" ! ") || l.starts_with(" * "))).collect();
        for n in 0..10 {
            assert!(!ours.iter().any(|line| line.contains(&token(n))), "a whole secret is printed");
        }
        ran
    }

    /// It failed because of a secret, and said all of this.
    #[track_caller]
    pub(crate) fn stopped(&self, words: &[&str]) {
        assert!(!self.fine && self.said.contains("[github-token]"), "{self:#?}");
        for word in words {
            assert!(self.said.contains(word), "{word:?} is not said: {self:#?}");
        }
    }

    /// It failed because something could not be judged, and said so.
    #[track_caller]
    pub(crate) fn could_not(&self, words: &[&str]) {
        assert!(!self.fine && !self.said.contains("[github-token]"), "{self:#?}");
        for word in words {
            assert!(self.said.contains(word), "{word:?} is not said: {self:#?}");
        }
    }
}
