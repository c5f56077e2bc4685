//! Git itself, for the repositories that libgit2 refuses: reftable, old partial clones, formats to come.
//!
//! Hands on: [`Git`], which runs plumbing commands in one repository, and [`Batch`], a long-lived `git cat-file`. The
//! trap: git runs what the configuration names (`core.fsmonitor`), reads replaced objects and fetches missing ones unless
//! told not to, so every command goes through [`Git::command`].

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use super::error::printable;
use super::id::Format;
use super::store::Kind;
use super::{Blob, Change, Commit, GitError, ObjectId, Reach, Staged, system};

/// The first version that heeds `GIT_NO_LAZY_FETCH`; older ones fetch what a partial clone lacks.
const NO_LAZY_FETCH: (u32, u32) = (2, 45);

/// Runs git in one repository.
pub(super) struct Git {
    program: PathBuf,
    /// What pins the repository once it was found: git directory, work tree, index.
    place: Option<Place>,
}

/// Where git found the repository.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) git_dir: PathBuf,
    pub(super) common_dir: PathBuf,
    pub(super) top: Option<PathBuf>,
    pub(super) format: Format,
}

impl Git {
    /// Git as it is on PATH, in the current folder. `because` says why it is needed.
    pub(super) fn find(because: &str) -> Result<Self, GitError> {
        let program = system::find_program("git")
            .ok_or_else(|| GitError::GitNotFound { because: because.to_owned() })?;
        Ok(Self { program, place: None })
    }

    /// Git in a repository that was found before.
    pub(super) fn at(place: Place, because: &str) -> Result<Self, GitError> {
        let git = Self::find(because)?;
        git.refuse_to_fetch(&place)?;
        Ok(Self { place: Some(place), ..git })
    }

    /// A command that runs nothing which the repository names, writes nothing, fetches nothing and reads objects as they
    /// are.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false"]);
        command
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_LAZY_FETCH", "1");
        // Messages are shown as they are; one language makes the same input give the same bytes.
        command.env("LC_ALL", "C").env_remove("LANGUAGE");
        command.stdin(Stdio::null());
        if let Some(place) = &self.place {
            // The current folder may lie below the top, where relative values of these variables mean something else.
            command.env("GIT_DIR", &place.git_dir);
            if let Some(top) = &place.top {
                command.env("GIT_WORK_TREE", top).current_dir(top);
            }
        }
        command
    }

    fn run<I, S>(&self, name: &'static str, arguments: I) -> Result<Output, GitError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.output(name, self.command().arg(name).args(arguments))
    }

    pub(super) fn output(&self, name: &'static str, command: &mut Command) -> Result<Output, GitError> {
        command.output().map_err(|e| GitError::GitFailed { command: name, reason: e.to_string() })
    }

    /// Standard output, or git's own words when it failed.
    fn read<I, S>(&self, name: &'static str, arguments: I) -> Result<Vec<u8>, GitError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let output = self.run(name, arguments)?;
        if output.status.success() { Ok(output.stdout) } else { Err(failed(name, &output)) }
    }

    /// Where the repository is; git's rule about its owner applies. `Err` carries the first line that git wrote.
    pub(super) fn locate(&self) -> Result<Place, String> {
        let ask = |question: &str| -> Result<Vec<u8>, String> {
            let output = self.run("rev-parse", [question]).map_err(|e| e.to_string())?;
            if !output.status.success() {
                return Err(remedy(&output.stderr));
            }
            let mut line = output.stdout;
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            Ok(line)
        };
        // One call where the answer is plain: a path with a newline in it, or a git that does not know the last
        // question, is asked again piece by piece.
        const QUESTIONS: [&str; 4] =
            ["--absolute-git-dir", "--git-common-dir", "--is-bare-repository", "--show-object-format"];
        let together = self.run("rev-parse", QUESTIONS).map_err(|e| e.to_string())?;
        let lines: Vec<&[u8]> = together.stdout.split(|&b| b == b'\n').collect();
        let answers = match lines[..] {
            [git_dir, common_dir, bare, format, b""] if together.status.success() => {
                [git_dir, common_dir, bare, format].map(<[u8]>::to_vec)
            }
            _ => {
                // Gits without the last question know one format.
                let format = ask(QUESTIONS[3]).unwrap_or_default();
                [ask(QUESTIONS[0])?, ask(QUESTIONS[1])?, ask(QUESTIONS[2])?, format]
            }
        };
        let [git_dir, common_dir, bare, format] = answers;
        let git_dir = system::path_of(&git_dir);
        let common_dir = std::path::absolute(system::path_of(&common_dir)).map_err(|e| e.to_string())?;
        let top = if bare == b"true" { None } else { Some(system::path_of(&ask("--show-toplevel")?)) };
        let format = if format == b"sha256" { Format::Sha256 } else { Format::Sha1 };
        Ok(Place { git_dir, common_dir, top, format })
    }

    /// In a partial clone an old git would fetch what is missing: refuse it there.
    fn refuse_to_fetch(&self, place: &Place) -> Result<(), GitError> {
        if !promises_objects(&place.common_dir.join("config")) {
            return Ok(());
        }
        let version = self.version()?;
        let mut numbers = version.split('.').map(|n| n.parse().unwrap_or(0));
        let numbers = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if numbers < NO_LAZY_FETCH {
            let because = "it would fetch missing objects over the network";
            return Err(GitError::GitTooOld { found: version, needed: "2.45", because });
        }
        Ok(())
    }

    fn version(&self) -> Result<String, GitError> {
        let text = self.read("version", [] as [&str; 0])?;
        let text = printable(&text);
        Ok(text.split(' ').nth(2).unwrap_or("0").to_owned())
    }

    /// One value, from any scope.
    pub(super) fn config(&self, key: &str) -> Result<Option<Vec<u8>>, GitError> {
        let output = self.run("config", ["-z", "--get", key])?;
        match output.status.code() {
            Some(0) => Ok(Some(output.stdout.strip_suffix(b"\0").unwrap_or(&output.stdout).to_vec())),
            Some(1) => Ok(None),
            _ => Err(failed("config", &output)),
        }
    }

    /// The commit that a revision names.
    pub(super) fn resolve(&self, revision: &str) -> Result<ObjectId, GitError> {
        let unknown = || GitError::UnknownRevision { revision: revision.to_owned() };
        if revision.starts_with('-') {
            return Err(unknown());
        }
        let output = self.run("rev-parse", ["--verify", "--quiet", &format!("{revision}^{{commit}}")])?;
        ObjectId::from_hex(output.stdout.trim_ascii()).ok_or_else(unknown)
    }

    /// HEAD's commit; `None` on a branch without one.
    pub(super) fn head(&self) -> Result<Option<ObjectId>, GitError> {
        if let Ok(id) = self.resolve("HEAD") {
            return Ok(Some(id));
        }
        let broken =
            |reason: &str| GitError::BrokenReference { name: "HEAD".to_owned(), reason: reason.to_owned() };
        let branch = self.run("symbolic-ref", ["--quiet", "HEAD"])?;
        if !branch.status.success() {
            return Err(broken("it names no commit"));
        }
        let branch = String::from_utf8_lossy(branch.stdout.trim_ascii()).into_owned();
        let listed = self.read("for-each-ref", ["--format=%(objectname)", &branch])?;
        if listed.is_empty() { Ok(None) } else { Err(broken("its branch names no commit")) }
    }

    /// The best common ancestor.
    pub(super) fn merge_base(&self, a: ObjectId, b: ObjectId) -> Result<Option<ObjectId>, GitError> {
        let output = self.run("merge-base", [a.to_string(), b.to_string()])?;
        match output.status.code() {
            Some(0 | 1) => Ok(output.stdout.split(|&b| b == b'\n').next().and_then(ObjectId::from_hex)),
            _ => Err(failed("merge-base", &output)),
        }
    }

    /// The commits of a range, each with its parents, newest first and children before parents.
    pub(super) fn commits(&self, reach: &Reach) -> Result<Vec<Commit>, GitError> {
        // One that adds nothing: git would print how it is called.
        if reach.tips.is_empty() {
            return Ok(Vec::new());
        }
        let mut asked = String::new();
        for tip in &reach.tips {
            asked.push_str(&format!("{tip}\n"));
        }
        for known in &reach.without {
            asked.push_str(&format!("^{known}\n"));
        }
        let mut command = self.command();
        // A grafts file would make up parents, as replace refs do.
        command.env("GIT_GRAFT_FILE", if cfg!(windows) { "NUL" } else { "/dev/null" });
        command.args(["rev-list", "--parents", "--topo-order", "--stdin"]);
        if reach.without_refs {
            command.args(["--not", "--all"]);
        }
        listed_commits(&fed("rev-list", &mut command, asked)?)
    }

    /// These commits and no others, each with its parents.
    pub(super) fn commits_alone(&self, ids: &[ObjectId]) -> Result<Vec<Commit>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let asked: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let mut command = self.command();
        command.env("GIT_GRAFT_FILE", if cfg!(windows) { "NUL" } else { "/dev/null" });
        command.args(["rev-list", "--parents", "--no-walk=unsorted", "--stdin"]);
        listed_commits(&fed("rev-list", &mut command, asked)?)
    }

    /// The refs below these prefixes, each with what it names.
    pub(super) fn refs(&self, prefixes: &[&str]) -> Result<Vec<(Vec<u8>, ObjectId)>, GitError> {
        let format = ["--format=%(objectname) %(refname)"];
        let listed = self.read("for-each-ref", format.iter().chain(prefixes))?;
        let line = |line: &[u8]| {
            let at = memchr::memchr(b' ', line)?;
            Some((line[at + 1..].to_vec(), ObjectId::from_hex(&line[..at])?))
        };
        Ok(listed.split(|&b| b == b'\n').filter_map(line).collect())
    }

    /// What HEAD of each work tree stands for.
    pub(super) fn heads_of_work_trees(&self) -> Result<Vec<ObjectId>, GitError> {
        let listed = self.read("worktree", ["list", "--porcelain"])?;
        let ids =
            listed.split(|&b| b == b'\n').filter_map(|line| ObjectId::from_hex(line.strip_prefix(b"HEAD ")?));
        Ok(ids.filter(|id| !id.is_zero()).collect())
    }

    /// The commits that the reflogs name: of the stash alone, or of everything.
    pub(super) fn logged(&self, everything: bool) -> Result<Vec<ObjectId>, GitError> {
        let of = if everything { "--all" } else { "refs/stash" };
        let output = self.run("rev-list", ["--walk-reflogs", "--no-walk", of, "--"])?;
        // There may be no stash.
        Ok(output.stdout.split(|&b| b == b'\n').filter_map(ObjectId::from_hex).collect())
    }

    /// The values of all keys that an expression matches, as `KEY LF VALUE`.
    pub(super) fn config_like(&self, expression: &str) -> Result<Vec<Vec<u8>>, GitError> {
        let output = self.run("config", ["-z", "--get-regexp", expression])?;
        match output.status.code() {
            Some(0 | 1) => {
                let entries = output.stdout.split(|&b| b == 0).filter(|entry| !entry.is_empty());
                Ok(entries.map(<[u8]>::to_vec).collect())
            }
            _ => Err(failed("config", &output)),
        }
    }

    /// The address that a remote is fetched from, `insteadOf` applied; `None` where there is no such remote.
    pub(super) fn fetched_from(&self, remote: &OsStr) -> Result<Option<Vec<u8>>, GitError> {
        let mut command = self.command();
        command.args(["remote", "get-url", "--"]).arg(remote);
        let output = self.output("remote", &mut command)?;
        let first = output.stdout.split(|&b| b == b'\n').next().unwrap_or_default();
        Ok((output.status.success() && !first.is_empty()).then(|| first.to_vec()))
    }

    /// What the index changes against a tree or commit.
    pub(super) fn diff_index(&self, index: Option<&Path>, old: ObjectId) -> Result<Staged, GitError> {
        let mut command = self.command();
        command
            // Without -r a directory that a sparse index does not spell out is one line.
            .args(["diff-index", "--cached", "--ita-invisible-in-index", "-r"])
            .args(RAW)
            .arg(old.to_string())
            .arg("--");
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let output = self.output("diff-index", &mut command)?;
        if !output.status.success() {
            return Err(failed("diff-index", &output));
        }
        raw_changes("diff-index", &output.stdout)
    }

    /// What one tree or commit changes against another.
    pub(super) fn diff_tree(&self, old: ObjectId, new: ObjectId) -> Result<Vec<Change>, GitError> {
        let mut arguments = vec!["-r".to_owned()];
        arguments.extend(RAW.map(str::to_owned));
        arguments.extend([old.to_string(), new.to_string(), "--".to_owned()]);
        Ok(raw_changes("diff-tree", &self.read("diff-tree", arguments)?)?.changes)
    }

    /// The files at `paths` in a commit's tree.
    pub(super) fn in_tree(&self, commit: ObjectId, paths: &[&[u8]]) -> Result<Vec<Option<Blob>>, GitError> {
        let mut found = vec![None; paths.len()];
        for (chunk, slots) in paths.chunks(500).zip(found.chunks_mut(500)) {
            let mut arguments = vec!["-z".into(), "--full-tree".into(), commit.to_string().into()];
            arguments.push("--".into());
            arguments.extend(chunk.iter().map(|p| system::path_of(p).into_os_string()));
            let output = self.read("ls-tree", arguments)?;
            for (path, slot) in chunk.iter().zip(slots) {
                *slot = listed(&output, path).next();
            }
        }
        Ok(found)
    }

    /// The files at `paths` in the index, as committed (stage 0).
    pub(super) fn in_index(
        &self,
        index: Option<&Path>,
        paths: &[&[u8]],
    ) -> Result<Vec<Option<Blob>>, GitError> {
        let mut found = vec![None; paths.len()];
        for (chunk, slots) in paths.chunks(500).zip(found.chunks_mut(500)) {
            let mut command = self.command();
            command.args(["ls-files", "--stage", "-z", "--full-name", "--"]);
            command.args(chunk.iter().map(|p| system::path_of(p)));
            if let Some(index) = index {
                command.env("GIT_INDEX_FILE", index);
            }
            let output = self.output("ls-files", &mut command)?;
            if !output.status.success() {
                return Err(failed("ls-files", &output));
            }
            for (path, slot) in chunk.iter().zip(slots) {
                *slot = listed_in_index(&output.stdout, path);
            }
        }
        Ok(found)
    }

    /// Does git ignore this path below the top, whether tracked or not?
    pub(super) fn ignores(&self, path: &Path) -> bool {
        let mut command = self.command();
        command.args(["check-ignore", "--quiet", "--no-index", "--"]).arg(path);
        self.output("check-ignore", &mut command).is_ok_and(|output| output.status.success())
    }

    /// Stages one path as the user's own `git add` would, with their configuration.
    pub(super) fn add(&self, path: &Path) -> Result<(), GitError> {
        let mut command = Command::new(&self.program);
        command.args(["--literal-pathspecs", "add", "--"]).arg(path).stdin(Stdio::null()).env("LC_ALL", "C");
        if let Some(Place { git_dir, top: Some(top), .. }) = &self.place {
            command.current_dir(top);
            if std::env::var_os("GIT_DIR").is_some() {
                command.env("GIT_DIR", git_dir).env("GIT_WORK_TREE", top);
            }
        }
        let output = self.output("add", &mut command)?;
        if output.status.success() { Ok(()) } else { Err(failed("add", &output)) }
    }

    /// Starts a reader of objects.
    pub(super) fn batch(&self) -> Result<Batch, GitError> {
        let failed = |e: std::io::Error| GitError::GitFailed { command: "cat-file", reason: e.to_string() };
        let mut command = self.command();
        command.args(["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(failed)?;
        let stopped = || GitError::GitFailed { command: "cat-file", reason: "it has no pipes".to_owned() };
        let requests = child.stdin.take().ok_or_else(stopped)?;
        let answers = BufReader::new(child.stdout.take().ok_or_else(stopped)?);
        Ok(Batch { child, requests: Some(requests), answers })
    }
}

fn listed_commits(listed: &[u8]) -> Result<Vec<Commit>, GitError> {
    let lines = listed.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    lines.map(commit).collect::<Option<_>>().ok_or_else(|| GitError::Failed {
        what: "list the range's commits",
        reason: "git's answer is no list of ids".to_owned(),
    })
}

/// True when a remote has promised to hand over objects later: a partial clone. A configuration that cannot be read
/// promises everything.
pub(super) fn promises_objects(config: &Path) -> bool {
    let promises = r"^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$";
    git2::Config::open(config)
        .and_then(|config| config.entries(Some(promises)).map(|mut entries| entries.next().is_some()))
        .unwrap_or(true)
}

/// What makes `--raw` output independent of configuration, whole and unquoted.
const RAW: [&str; 6] =
    ["--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none", "--no-ext-diff"];

/// Runs a command that reads what it is asked from its standard input; gives what it prints.
fn fed(name: &'static str, command: &mut Command, asked: String) -> Result<Vec<u8>, GitError> {
    let broken = |e: std::io::Error| GitError::GitFailed { command: name, reason: e.to_string() };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(broken)?;
    // On a thread of its own: git may answer before it has read all, and neither must wait for the other. Where git stops
    // reading, it says itself why.
    let writer =
        child.stdin.take().map(|mut pipe| std::thread::spawn(move || pipe.write_all(asked.as_bytes())));
    let output = child.wait_with_output().map_err(broken)?;
    if let Some(writer) = writer {
        drop(writer.join());
    }
    if output.status.success() { Ok(output.stdout) } else { Err(failed(name, &output)) }
}

/// A line of ids: a commit and its parents.
fn commit(line: &[u8]) -> Option<Commit> {
    let mut ids = line.split(|&b| b == b' ').map(ObjectId::from_hex);
    let id = ids.next()??;
    Some(Commit { id, parents: ids.collect::<Option<_>>()? })
}

fn failed(command: &'static str, output: &Output) -> GitError {
    let reason = match printable(&output.stderr) {
        silent if silent.is_empty() => output.status.to_string(),
        said => said,
    };
    GitError::GitFailed { command, reason }
}

/// Git's refusal; when it is about the owner, with the command that it proposes.
fn remedy(stderr: &[u8]) -> String {
    let first = printable(stderr);
    let proposal =
        stderr.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).find(|l| l.starts_with(b"git config"));
    match proposal {
        Some(command) => format!("{first}; if you trust it, run `{}`", printable(command)),
        None => first,
    }
}

/// Parses `:MODE MODE ID ID STATUS NUL PATH NUL` records.
fn raw_changes(command: &'static str, output: &[u8]) -> Result<Staged, GitError> {
    let broken = || GitError::GitFailed { command, reason: "its answer could not be understood".to_owned() };
    let mut staged = Staged::default();
    let mut fields = output.split(|&b| b == 0);
    while let Some(head) = fields.next() {
        if head.is_empty() {
            continue;
        }
        let path = fields.next().filter(|p| !p.is_empty()).ok_or_else(broken)?.to_vec();
        let mut words = head.strip_prefix(b":").ok_or_else(broken)?.split(|&b| b == b' ');
        let mut word = || words.next().ok_or_else(broken);
        let (old_mode, new_mode) = (word()?, word()?);
        let (old_id, new_id) = (word()?, word()?);
        let status = word()?;
        if status.starts_with(b"U") {
            staged.unmerged.push(path);
            continue;
        }
        let old = blob(old_mode, old_id).ok_or_else(broken)?;
        let new = blob(new_mode, new_id).ok_or_else(broken)?;
        staged.changes.push(Change { path, new, olds: old.into_iter().collect() });
    }
    // A path in conflict is told twice when HEAD has it: as unmerged, and as changed.
    crate::order::sort(&mut staged.unmerged);
    staged.unmerged.dedup();
    let unmerged = &staged.unmerged;
    staged.changes.retain(|c| unmerged.binary_search(&c.path).is_err());
    crate::order::sort_by(&mut staged.changes, |a, b| a.path.cmp(&b.path));
    Ok(staged)
}

/// `Some(None)` for the mode of zeros, by which git says that there is nothing on that side.
fn blob(mode: &[u8], id: &[u8]) -> Option<Option<Blob>> {
    let mode = u32::from_str_radix(std::str::from_utf8(mode).ok()?, 8).ok()?;
    let id = ObjectId::from_hex(id)?;
    Some((mode != 0).then_some(Blob { id, mode }))
}

/// Records `MODE KIND ID TAB PATH NUL` with that path.
fn listed<'a>(output: &'a [u8], path: &'a [u8]) -> impl Iterator<Item = Blob> + 'a {
    output.split(|&b| b == 0).filter_map(move |record| {
        let head = record.strip_suffix(path)?.strip_suffix(b"\t")?;
        let mut words = head.split(|&b| b == b' ');
        let (mode, kind, id) = (words.next()?, words.next()?, words.next()?);
        (kind != b"tree").then(|| blob(mode, id).flatten()).flatten()
    })
}

/// The record `MODE ID STAGE TAB PATH NUL` with that path and stage 0.
fn listed_in_index(output: &[u8], path: &[u8]) -> Option<Blob> {
    output.split(|&b| b == 0).find_map(|record| {
        let head = record.strip_suffix(path)?.strip_suffix(b"\t")?;
        let mut words = head.split(|&b| b == b' ');
        let (mode, id, stage) = (words.next()?, words.next()?, words.next()?);
        (stage == b"0").then(|| blob(mode, id).flatten()).flatten()
    })
}

/// A running `git cat-file --batch`.
pub(super) struct Batch {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    /// An object's kind and bytes.
    pub(super) fn object(&mut self, id: ObjectId) -> Result<(Kind, Vec<u8>), GitError> {
        let stopped = |e: std::io::Error| GitError::GitFailed { command: "cat-file", reason: e.to_string() };
        let unreadable = |reason: &str| GitError::ObjectUnreadable { id, reason: reason.to_owned() };
        let Some(requests) = &mut self.requests else { return Err(unreadable("git has stopped")) };
        requests.write_all(format!("{id}\n").as_bytes()).map_err(stopped)?;
        let mut head = Vec::new();
        (&mut self.answers).take(300).read_until(b'\n', &mut head).map_err(stopped)?;
        let head =
            head.strip_suffix(b"\n").ok_or_else(|| unreadable("git stopped when it was asked for it"))?;
        if head.ends_with(b" missing") {
            return Err(GitError::ObjectMissing { id });
        }
        let head = String::from_utf8_lossy(head);
        let mut words = head.split(' ').skip(1);
        let (kind, size) =
            (words.next().unwrap_or_default(), words.next().and_then(|s| s.parse::<u64>().ok()));
        let size = size.ok_or_else(|| unreadable("git's answer could not be understood"))?;
        // Grows as bytes arrive: the size is the object's own claim.
        let mut content = Vec::new();
        (&mut self.answers).take(size).read_to_end(&mut content).map_err(stopped)?;
        let mut end = [0];
        self.answers.read_exact(&mut end).map_err(|_| unreadable("it is shorter than it says"))?;
        let kind = Kind::parse(kind.as_bytes()).ok_or_else(|| unreadable("it is of no known kind"))?;
        Ok((kind, content))
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // Without requests git ends by itself; one that hangs must not hold up the hook.
        self.requests = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
