//! A repository of its own in a temporary folder that looks to a hook like the user's.
//!
//! Hands on [`Scratch`]. It has the user's configuration, branches, hooks and tracked files as they stand in the work tree,
//! all as one commit, so that the canary is all that is staged; objects are borrowed (`info/alternates`), new ones stay
//! here. The trap: git's own commands would run hooks, filters and monitors while the scratch is made, so all are off.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::outcome::{self, Ran};
use super::setup;
use crate::git::Repository;
use crate::report::escape;

/// What the folder's name begins with.
const STEM: &str = "unleak-canary-";

/// Variables that would lead git, or a hook, back to the user's repository, or tell of a commit that is not this one.
const FOREIGN: [&str; 14] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_QUARANTINE_PATH",
    "GIT_DEFAULT_REF_FORMAT",
    "GIT_DEFAULT_HASH",
    "GIT_TEMPLATE_DIR",
    "GIT_CEILING_DIRECTORIES",
];

/// The scratch repository; its folder goes when this is dropped.
pub(super) struct Scratch {
    folder: PathBuf,
    pub(super) top: PathBuf,
    git: PathBuf,
}

impl Scratch {
    /// Makes it. The user's repository is only read.
    pub(super) fn make(repository: &Repository, user_top: &Path, git: &Path) -> anyhow::Result<Self> {
        let scratch = Self::folder(user_top, git)?;
        let ask = User { git, top: user_top };
        let sha256 =
            ask.read(&["rev-parse", "--show-object-format"]).is_ok_and(|f| f.trim_ascii() == b"sha256");
        let format: &[&str] = if sha256 { &["--object-format=sha256"] } else { &[] };
        scratch.succeed(scratch.command(&["init", "-q", "--template="]).args(format).arg("."), &[])?;
        setup::configure(&scratch, repository, user_top, &ask)?;
        let head = match ask.read(&["rev-parse", "-q", "--verify", "HEAD^{commit}"]) {
            Ok(head) => Some(hex(&head)?),
            Err(_) => None,
        };
        // From HEAD, with its tree ids: git would otherwise write anew, and so touch, every tree that the user has.
        if let Some(head) = &head {
            scratch.succeed(&mut scratch.command(&["read-tree", head]), &[])?;
        }
        let zero = "0".repeat(if sha256 { 64 } else { 40 });
        let index_info = ["update-index", "-z", "--index-info"];
        scratch.succeed(&mut scratch.command(&index_info), &setup::changes(repository, &zero)?)?;
        setup::copy_files(&scratch, user_top)?;
        setup::copy_hooks(&scratch, repository, user_top, &ask)?;
        // Says which files differ from the index, by content, and writes no object; its status only repeats that.
        scratch.run(&mut scratch.command(&["update-index", "-q", "--refresh"]), &[])?;
        scratch.succeed(&mut scratch.command(&["add", "-u"]), &[])?;
        scratch.commit(head.as_deref())?;
        Ok(scratch)
    }

    fn folder(user_top: &Path, git: &Path) -> anyhow::Result<Self> {
        let temporary = std::env::temp_dir();
        let temporary = temporary
            .canonicalize()
            .with_context(|| format!("cannot use {} for temporary files", temporary.display()))?;
        if user_top.canonicalize().is_ok_and(|top| temporary.starts_with(top)) {
            bail!(
                "cannot send a canary: the folder for temporary files lies in the work tree; set TMPDIR to another"
            );
        }
        let folder = temporary.join(format!("{STEM}{}-{:08x}", std::process::id(), super::nonce() as u32));
        let mut builder = std::fs::DirBuilder::new();
        private(&mut builder);
        builder.create(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let top = folder.join(user_top.file_name().unwrap_or(OsStr::new("repository")));
        let scratch = Self { folder, top, git: git.to_path_buf() };
        std::fs::create_dir(&scratch.top)
            .with_context(|| format!("cannot make {}", scratch.top.display()))?;
        scratch.sweep(&temporary);
        Ok(scratch)
    }

    /// Removes what runs that were killed left behind, a day ago or earlier.
    fn sweep(&self, temporary: &Path) {
        let Ok(entries) = std::fs::read_dir(temporary) else { return };
        for entry in entries.flatten() {
            let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(STEM));
            let Ok(metadata) = entry.metadata() else { continue };
            let old =
                metadata.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() > 86_400));
            if ours && old && metadata.is_dir() && same_owner(&metadata, &self.folder) {
                // Another run may be at it too.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }

    pub(super) fn git_dir(&self) -> PathBuf {
        self.top.join(".git")
    }

    /// Git in the scratch, running no hook, filter or monitor.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.plain(&self.git);
        let mut no_hooks = OsString::from("core.hooksPath=");
        no_hooks.push(self.folder.join("no-hooks"));
        command.arg("-c").arg(no_hooks);
        command.args(["-c", "core.fsmonitor=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
        command.args(arguments);
        command
    }

    /// A program in the scratch, with the user's environment as far as it does not lead back.
    fn plain(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_str().unwrap_or_default();
            if FOREIGN.contains(&text) || text.starts_with("GITHEAD_") || text.starts_with("PRE_COMMIT_F") {
                command.env_remove(&name);
            }
        }
        // Objects are missing in a partial clone; they stay so.
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").current_dir(&self.top);
        command
    }

    fn run(&self, command: &mut Command, input: &[u8]) -> anyhow::Result<Output> {
        feed(command, input).context("cannot run git")
    }

    pub(super) fn succeed(&self, command: &mut Command, input: &[u8]) -> anyhow::Result<Vec<u8>> {
        let output = self.run(command, input)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let name = command.get_args().nth(10).unwrap_or(OsStr::new("git"));
        bail!(
            "cannot make a scratch repository for the canary: git {}: {}",
            name.to_string_lossy(),
            escape(output.stderr.split(|&b| b == b'\n').next().unwrap_or_default())
        )
    }

    /// Everything that is in the index, as one commit on the user's branch.
    fn commit(&self, parent: Option<&str>) -> anyhow::Result<()> {
        let tree = self.succeed(&mut self.command(&["write-tree", "--missing-ok"]), &[])?;
        let mut command = self.command(&["commit-tree", &hex(&tree)?]);
        if let Some(parent) = parent {
            command.args(["-p", parent]);
        }
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "unleak doctor");
            command.env(format!("GIT_{role}_EMAIL"), "doctor@unleak.invalid");
        }
        let commit = self.succeed(&mut command, b"The repository as it stands\n")?;
        self.succeed(&mut self.command(&["update-ref", "HEAD", &hex(&commit)?]), &[])?;
        Ok(())
    }

    /// Stages a new file.
    pub(super) fn stage(&self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        std::fs::write(self.top.join(name), content).context("cannot write the canary")?;
        self.succeed(&mut self.command(&["add", "-f", "--", name]), &[])?;
        Ok(())
    }

    /// True as long as the file is in the index.
    pub(super) fn has_staged(&self, name: &str) -> anyhow::Result<bool> {
        Ok(!self.succeed(&mut self.command(&["ls-files", "--", name]), &[])?.is_empty())
    }

    /// What this program says to the canary by itself.
    pub(super) fn judge(&self) -> anyhow::Result<Option<i32>> {
        let program = std::env::current_exe().context("cannot tell which program runs")?;
        let mut command = self.plain(&program);
        command.args(["hook", "pre-commit"]).env("GIT_INDEX_FILE", ".git/index");
        Ok(feed(&mut command, &[]).context("cannot run unleak")?.status.code())
    }

    /// Runs the repository's pre-commit hook as `git commit` does.
    pub(super) fn run_hook(&self, patience: Duration) -> anyhow::Result<Ran> {
        let mut command = self.plain(&self.git);
        command.args(["hook", "run", "--ignore-missing", "pre-commit"]);
        // As in a commit.
        command.env("GIT_INDEX_FILE", ".git/index").env("GIT_PREFIX", "").env("GIT_EDITOR", ":");
        let mut ran = outcome::run(&mut command, &self.folder.join("output"), patience)?;
        ran.missing = ran.status == Some(0) && ran.output.is_empty() && !self.has_hook()?;
        if ran.status == Some(1) && ran.output.contains("'hook' is not a git command") {
            bail!("cannot send a canary: it needs git 2.36 or newer, which can run a hook by itself");
        }
        Ok(ran)
    }

    fn has_hook(&self) -> anyhow::Result<bool> {
        let mut command = self.plain(&self.git);
        command.args(["rev-parse", "--git-path", "hooks/pre-commit"]);
        let output = feed(&mut command, &[]).context("cannot run git")?;
        let path = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
        Ok(self.top.join(crate::git::path_of(path)).is_file())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A hook may have taken its own rights away; then the folder stays for the system to sweep.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Reads the user's repository through git, which writes nothing and runs nothing meanwhile.
pub(super) struct User<'a> {
    git: &'a Path,
    top: &'a Path,
}

impl User<'_> {
    pub(super) fn read(&self, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
        let mut command = Command::new(self.git);
        command.args(["--no-pager", "-c", "core.fsmonitor=false"]).args(arguments).current_dir(self.top);
        command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1").env("LC_ALL", "C");
        let output = feed(&mut command, &[]).context("cannot run git")?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        bail!(
            "git {}: {}",
            arguments.first().unwrap_or(&""),
            escape(output.stderr.split(|&b| b == b'\n').next().unwrap_or_default())
        )
    }
}

/// Runs a command to its end with this on its input.
fn feed(command: &mut Command, input: &[u8]) -> std::io::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_vec();
        // git reads while it writes.
        std::thread::spawn(move || {
            // It may end before it has read all, and says why.
            let _ = stdin.write_all(&input);
        });
    }
    child.wait_with_output()
}

fn hex(output: &[u8]) -> anyhow::Result<String> {
    let text = output.trim_ascii();
    let id = crate::git::ObjectId::from_hex(text).context("git gave no object id")?;
    Ok(id.to_string())
}

#[cfg(unix)]
fn private(builder: &mut std::fs::DirBuilder) {
    use std::os::unix::fs::DirBuilderExt as _;
    builder.mode(0o700);
}

#[cfg(not(unix))]
fn private(_: &mut std::fs::DirBuilder) {}

#[cfg(unix)]
fn same_owner(metadata: &std::fs::Metadata, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    folder.metadata().is_ok_and(|ours| ours.uid() == metadata.uid())
}

#[cfg(not(unix))]
fn same_owner(_: &std::fs::Metadata, _: &Path) -> bool {
    true
}
