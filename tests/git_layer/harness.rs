//! Makes repositories in a temporary folder and asks the probe about them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(crate) struct Scratch {
    pub(crate) folder: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn clean(&self, mut command: Command, folder: &str) -> Command {
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"GIT") {
                command.env_remove(name);
            }
        }
        command.env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
        command.env("GIT_CONFIG_GLOBAL", self.path("gitconfig"));
        for (name, value) in [("NAME", "a"), ("EMAIL", "a@example.invalid"), ("DATE", "1000000000 +0000")] {
            command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
        }
        command.current_dir(self.path(folder)).stdin(Stdio::null());
        command
    }

    pub(crate) fn try_git(&self, folder: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = self.clean(Command::new("git"), folder);
        command.args(arguments).envs(variables.iter().copied()).output().unwrap()
    }

    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let output = self.try_git(folder, arguments, &[]);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// `repo` with some files committed.
    pub(crate) fn repository(&self, options: &[&str]) {
        std::fs::create_dir(self.path("repo")).unwrap();
        self.git("repo", &[&["init", "-q", "-b", "main"], options].concat());
        for n in 0..20 {
            self.write(&format!("repo/d{}/f{n}", n % 4), &format!("{n}\n"));
        }
        self.write("repo/top", "top\n");
        self.git("repo", &["add", "."]);
        self.git("repo", &["commit", "-q", "-m", "first"]);
    }

    /// Stages one file of each kind of change below `folder`.
    pub(crate) fn stage(&self, folder: &str) {
        self.write(&format!("{folder}/d1/f1"), "changed\n");
        self.write(&format!("{folder}/d1/new"), "new\n");
        self.git(folder, &["add", "d1"]);
        self.git(folder, &["rm", "-q", "--cached", "d2/f2"]);
    }

    pub(crate) fn probe(&self, folder: &str, variables: &[(&str, &str)]) -> Vec<String> {
        let file = self.path("answers");
        let _ = std::fs::remove_file(&file);
        let mut command = self.clean(Command::new(std::env::current_exe().unwrap()), folder);
        command.args(["--exact", "probe", "--ignored", "--nocapture"]).env("UNLEAK_PROBE", &file);
        command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let start = std::time::Instant::now();
        while child.try_wait().unwrap().is_none() {
            if start.elapsed().as_secs() > 60 {
                child.kill().unwrap();
                panic!("the probe hangs in {folder}");
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        assert!(child.wait().unwrap().success(), "the probe ended without an answer in {folder}");
        std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
    }

    /// Installs a hook that asks the probe, after `before` (shell), and lets git go on.
    #[cfg(unix)]
    pub(crate) fn hook(&self, git_dir: &str, name: &str, before: &str) {
        use std::os::unix::fs::PermissionsExt;
        let (probe, answers) = (std::env::current_exe().unwrap(), self.path("answers"));
        let call = format!(
            "#!/bin/sh\n{before}\nexport UNLEAK_PROBE='{}'\nexec '{}' --exact probe --ignored >/dev/null\n",
            answers.display(),
            probe.display()
        );
        let file = self.path(git_dir).join("hooks").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, call).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What the last hook's probe said; it is forgotten then.
    pub(crate) fn said(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("answers")).unwrap();
        std::fs::remove_file(self.path("answers")).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The probe agrees with git's plumbing, was served by `reader`, and left the repository as it was.
    pub(crate) fn agrees(&self, folder: &str, variables: &[(&str, &str)], reader: &str) -> Vec<String> {
        let before = self.snapshot();
        let said = self.probe(folder, variables);
        assert_eq!(said.first().map(String::as_str), Some(format!("reader {reader}").as_str()), "{said:?}");
        assert_eq!(self.snapshot(), before);
        let variables = [variables, &[("GIT_NO_REPLACE_OBJECTS", "1"), ("GIT_NO_LAZY_FETCH", "1")]].concat();
        let head =
            if self.try_git(folder, &["rev-parse", "-q", "--verify", "HEAD"], &variables).status.success() {
                "HEAD".to_owned()
            } else {
                self.git(folder, &["hash-object", "-t", "tree", "/dev/null"])
            };
        let arguments = [
            "diff-index",
            "--cached",
            "--raw",
            "-r",
            "-z",
            "--no-renames",
            "--ita-invisible-in-index",
            &head,
            "--",
        ];
        let output = self.try_git(folder, &arguments, &variables);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut fields = text.split('\0');
        let mut expected = Vec::new();
        while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
            let words: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
            let side = |mode: &str, id: &str, none: &str| match mode {
                "000000" => none.to_owned(),
                mode => format!("{mode} {id}"),
            };
            let (old, new) = (side(words[0], words[2], ""), side(words[1], words[3], "nothing"));
            expected.push(format!("{}: {old} -> {new}", path.as_bytes().escape_ascii()));
        }
        let changes: Vec<String> = said.iter().filter(|l| l.contains(" -> ")).cloned().collect();
        assert_eq!(changes, expected);
        said
    }

    /// Every file of the repository with its content, times aside.
    fn snapshot(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(folder: &Path, out: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if entry.file_type().unwrap().is_dir() {
                    walk(&path, out);
                } else {
                    out.push((path.clone(), std::fs::read(&path).unwrap_or_default()));
                }
            }
        }
        let mut files = Vec::new();
        walk(self.folder.path(), &mut files);
        files.retain(|(path, _)| !path.ends_with("answers"));
        files.sort();
        files
    }
}
