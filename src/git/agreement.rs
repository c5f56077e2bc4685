//! Holds the index reader against libgit2's diff and git's over generated repositories.
//!
//! The trap: `Repository::staged` hides a reader that gives up, because others answer then; so these tests call the
//! reader itself and fail when it declines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::id::Format;
use super::index::Index;
use super::library::library_diff;
use super::process::{Git, Place};
use super::staged::{Trouble, against_index};
use super::store::Store;
use super::tree::Trees;
use super::{Change, ObjectId, Staged};

/// A repository in a temporary folder.
struct Scratch {
    folder: tempfile::TempDir,
    format: Format,
}

impl Scratch {
    fn new(format: Format) -> Self {
        let scratch = Self { folder: tempfile::tempdir().unwrap(), format };
        let name = if format == Format::Sha1 { "sha1" } else { "sha256" };
        scratch.git(&["init", "-q", "-b", "main", "--object-format", name, "."], "");
        scratch.git(&["config", "index.threads", "1"], "");
        scratch
    }

    fn top(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str], input: &str) -> String {
        use std::io::Write;
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(self.top())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", self.top());
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(name);
        }
        for (name, value) in [("NAME", "a"), ("EMAIL", "a@example.invalid"), ("DATE", "1000000000 +0000")] {
            command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.top().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits the index as it stands, objects there or not.
    fn commit(&self) -> String {
        let tree = self.git(&["write-tree", "--missing-ok"], "");
        let commit = self.git(&["commit-tree", &tree, "-m", "x"], "");
        self.git(&["update-ref", "HEAD", &commit], "");
        commit
    }

    fn place(&self) -> Place {
        let git_dir = self.top().join(".git");
        let top = Some(self.top().to_path_buf());
        Place { common_dir: git_dir.clone(), git_dir, top, format: self.format }
    }

    /// The tree to compare with.
    fn head_tree(&self, repository: &git2::Repository) -> ObjectId {
        match repository.head() {
            Ok(head) => head.peel_to_tree().unwrap().id().into(),
            Err(_) => self.format.empty_tree(),
        }
    }

    fn own(&self, index: &Path) -> Result<Staged, String> {
        let repository = git2::Repository::open(self.top()).unwrap();
        let store = Arc::new(Store::new(repository.commondir(), repository.object_format()));
        let trees = Trees::new(store, self.format);
        let index = Index::open(index, &self.top().join(".git"), self.format).map_err(|f| f.0)?;
        against_index(&trees, self.head_tree(&repository), &index).map_err(|t| match t {
            Trouble::Index(fault) => fault.0,
            Trouble::Repository(error) => error.to_string(),
        })
    }

    /// The three readers agree; gives what they say.
    fn agree(&self) -> Staged {
        let index = self.top().join(".git/index");
        let repository = git2::Repository::open(self.top()).unwrap();
        let tree = self.head_tree(&repository);
        let own = self.own(&index).unwrap();
        let git = Git::at(self.place(), "test").unwrap().diff_index(Some(&index), tree).unwrap();
        assert_same(&own, &git, "git");
        match library_diff(&repository, tree, &index) {
            Ok(library) => assert_same(&own, &library, "libgit2"),
            Err(error) => assert!(error.message().contains("unsupported mandatory extension"), "{error}"),
        }
        own
    }
}

fn assert_same(own: &Staged, other: &Staged, who: &str) {
    assert_eq!(own.unmerged, other.unmerged, "unmerged, {who}");
    let show = |c: &Change| format!("{:?} {:?} {:?}", String::from_utf8_lossy(&c.path), c.new, c.olds);
    let (own, other): (Vec<_>, Vec<_>) =
        (own.changes.iter().map(show).collect(), other.changes.iter().map(show).collect());
    for line in &own {
        assert!(other.contains(line), "only the own reader says {line}; {who} does not");
    }
    for line in &other {
        assert!(own.contains(line), "only {who} says {line}");
    }
    assert_eq!(own, other);
}

/// Small and repeatable.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn path(&mut self) -> String {
        const NAMES: [&str; 14] = [
            "a",
            "b",
            "a.b",
            "a-b",
            "a0",
            "src",
            "src.rs",
            "lib",
            "Z",
            "zz",
            "deep",
            "é",
            " x",
            "verylongnamefordirectory",
        ];
        let depth = 1 + self.below(4);
        (0..depth).map(|_| NAMES[self.below(14) as usize]).collect::<Vec<_>>().join("/")
    }

    fn id(&mut self, format: Format) -> String {
        (0..format.length()).map(|_| format!("{:02x}", 1 + self.below(255))).collect()
    }
}

/// Random adds, changes and removals of paths, with directories taking the place of files and the other way round.
fn random_changes(scratch: &Scratch, random: &mut Random, count: u64) {
    let mut lines = BTreeMap::new();
    let listed = scratch.git(&["-c", "core.quotePath=false", "ls-files"], "");
    let known: Vec<&str> = listed.lines().filter(|l| !l.starts_with('"')).collect();
    for _ in 0..count {
        let known_path = !known.is_empty() && random.below(3) > 0;
        let path = if known_path {
            known[random.below(known.len() as u64) as usize].to_owned()
        } else {
            random.path()
        };
        let line = match random.below(8) {
            0 | 1 if known_path => format!("0 {}\t{path}\n", "0".repeat(scratch.format.length() * 2)),
            mode => {
                let mode = ["100644", "100755", "120000", "160000"][(mode % 4) as usize];
                format!("{mode} {}\t{path}\n", random.id(scratch.format))
            }
        };
        lines.insert(random.below(1 << 30), line);
    }
    let lines: String = lines.into_values().collect();
    scratch.git(&["update-index", "--replace", "--index-info"], &lines);
}

fn random_history(format: Format, prepare: &[&[&str]], seed: u64, rounds: usize) {
    let scratch = Scratch::new(format);
    let mut random = Random(seed);
    assert!(scratch.own(&scratch.top().join(".git/index")).is_err(), "no index yet");
    random_changes(&scratch, &mut random, 60);
    for command in prepare {
        scratch.git(command, "");
    }
    assert!(!scratch.agree().changes.is_empty());
    let mut commits = vec![scratch.commit()];
    assert_eq!(scratch.agree(), Staged::default());
    let mut changed = 0;
    for _ in 0..rounds {
        let most = if random.below(4) == 0 { 80 } else { 4 };
        let count = 1 + random.below(most);
        random_changes(&scratch, &mut random, count);
        changed += scratch.agree().changes.len();
        match random.below(4) {
            0 => commits.push(scratch.commit()),
            // HEAD elsewhere: the cache tree is valid and says something else.
            1 => {
                let commit = &commits[random.below(commits.len() as u64) as usize];
                scratch.git(&["update-ref", "HEAD", commit], "");
            }
            2 => {
                let commit = &commits[random.below(commits.len() as u64) as usize];
                scratch.git(&["read-tree", commit], "");
            }
            _ => {
                scratch.git(&["write-tree", "--missing-ok"], "");
            }
        }
        changed += scratch.agree().changes.len();
    }
    assert!(changed > rounds);
}

#[test]
fn random_changes_agree_in_every_index_version() {
    for (seed, version) in ["2", "3", "4"].into_iter().enumerate() {
        random_history(Format::Sha1, &[&["update-index", "--index-version", version]], seed as u64, 25);
    }
}

#[test]
fn random_changes_agree_with_sha256() {
    random_history(Format::Sha256, &[], 11, 15);
    random_history(Format::Sha256, &[&["update-index", "--index-version", "4"]], 12, 15);
}

#[test]
fn random_changes_agree_in_a_split_index() {
    for (seed, version) in ["2", "4"].into_iter().enumerate() {
        let prepare: [&[&str]; 3] = [
            &["config", "splitIndex.maxPercentChange", "100"],
            &["update-index", "--index-version", version],
            &["update-index", "--split-index"],
        ];
        random_history(Format::Sha1, &prepare, 20 + seed as u64, 25);
        random_history(Format::Sha256, &prepare, 30 + seed as u64, 8);
    }
}

#[test]
fn a_split_index_is_read_with_deletions_replacements_and_additions() {
    let scratch = Scratch::new(Format::Sha1);
    scratch.git(&["config", "splitIndex.maxPercentChange", "100"], "");
    for n in 0..300 {
        scratch.write(&format!("d{}/f{n:03}", n % 7), &n.to_string());
    }
    scratch.git(&["add", "."], "");
    scratch.commit();
    scratch.git(&["update-index", "--split-index"], "");
    for n in [3, 50, 51, 52, 299] {
        scratch.write(&format!("d{}/f{n:03}", n % 7), "changed");
    }
    scratch.write("a new one", "x");
    scratch.write("d3/new", "x");
    scratch.write("zz/new", "x");
    scratch.git(&["add", "."], "");
    scratch.git(&["rm", "-q", "--cached", "d0/f000", "d1/f008"], "");
    let index =
        Index::open(&scratch.top().join(".git/index"), &scratch.top().join(".git"), Format::Sha1).unwrap();
    assert!(index.is_split());
    assert_eq!(scratch.agree().changes.len(), 10);
    std::fs::read_dir(scratch.top().join(".git")).unwrap().flatten().for_each(|entry| {
        if entry.file_name().to_string_lossy().starts_with("sharedindex") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    });
    assert!(scratch.own(&scratch.top().join(".git/index")).is_err());
}

#[test]
fn sparse_indexes_agree_and_are_opened_only_where_they_differ() {
    let scratch = Scratch::new(Format::Sha1);
    for n in 0..200 {
        scratch.write(&format!("{}/{}/f{n:03}", ["in", "out", "other"][n % 3], n % 5), &n.to_string());
    }
    scratch.write("top", "x");
    scratch.git(&["add", "."], "");
    let first = scratch.commit();
    for n in 0..10 {
        scratch.write(&format!("{}/{}/f{n:03}", ["in", "out", "other"][n % 3], n % 5), "second");
    }
    scratch.git(&["rm", "-q", "-r", "-f", "out/4"], "");
    scratch.git(&["add", "."], "");
    let second = scratch.commit();
    scratch.git(&["reset", "-q", "--hard"], "");
    scratch.git(&["sparse-checkout", "init", "--cone", "--sparse-index"], "");
    scratch.git(&["sparse-checkout", "set", "in/1"], "");
    let listed = scratch.git(&["ls-files", "--sparse"], "");
    assert!(listed.lines().any(|l| l == "out/"), "{listed}");
    assert_eq!(scratch.agree(), Staged::default());
    scratch.write("in/1/f006", "changed");
    scratch.write("in/1/new", "new");
    scratch.git(&["add", "in/1"], "");
    assert_eq!(scratch.agree().changes.len(), 2);
    // HEAD elsewhere, so the directories that are not spelled out differ.
    scratch.git(&["update-ref", "HEAD", &first], "");
    assert!(scratch.agree().changes.len() > 10);
    scratch.git(&["update-ref", "HEAD", &second], "");
    let empty = scratch.git(&["commit-tree", &scratch.format.empty_tree().to_string(), "-m", "x"], "");
    scratch.git(&["update-ref", "HEAD", &empty], "");
    assert!(scratch.agree().changes.len() > 150);
}

#[test]
fn directories_and_files_that_change_places_agree() {
    let scratch = Scratch::new(Format::Sha1);
    for path in ["a/b/c", "a/b.c", "a.b", "d", "e/f"] {
        scratch.write(path, path);
    }
    scratch.git(&["add", "."], "");
    scratch.commit();
    std::fs::remove_dir_all(scratch.top().join("a")).unwrap();
    std::fs::remove_file(scratch.top().join("d")).unwrap();
    scratch.write("a", "file now");
    scratch.write("d/x/y", "directory now");
    scratch.git(&["add", "-A"], "");
    let paths: Vec<_> =
        scratch.agree().changes.into_iter().map(|c| String::from_utf8(c.path).unwrap()).collect();
    assert_eq!(paths, ["a", "a/b.c", "a/b/c", "d", "d/x/y"]);
}

#[test]
fn entries_only_intended_are_not_there() {
    let scratch = Scratch::new(Format::Sha1);
    scratch.write("old", "x");
    scratch.git(&["add", "."], "");
    scratch.commit();
    scratch.git(&["rm", "-q", "--cached", "old"], "");
    scratch.write("dir/new", "x");
    scratch.git(&["add", "-N", "old", "dir/new"], "");
    let index = scratch.top().join(".git/index");
    let own = scratch.own(&index).unwrap();
    let repository = git2::Repository::open(scratch.top()).unwrap();
    let tree = scratch.head_tree(&repository);
    let git = Git::at(scratch.place(), "test").unwrap().diff_index(Some(&index), tree).unwrap();
    assert_same(&own, &git, "git");
    assert_eq!(own.changes.len(), 1);
    assert_eq!((own.changes[0].path.as_slice(), own.changes[0].new), (&b"old"[..], None));
}

#[test]
fn paths_in_conflict_are_listed_apart() {
    let scratch = Scratch::new(Format::Sha1);
    scratch.write("both", "1\n");
    scratch.write("gone", "1\n");
    scratch.git(&["add", "."], "");
    scratch.commit();
    let id = |n: u8| format!("{n:02x}").repeat(20);
    let lines = format!(
        "0 {zero}\tboth\n100644 {} 1\tboth\n100644 {} 2\tboth\n100644 {} 3\tboth\n100644 {} 3\tdir/theirs\n100644 {} 0\tplain\n",
        id(1),
        id(2),
        id(3),
        id(4),
        id(5),
        zero = "0".repeat(40)
    );
    scratch.git(&["update-index", "--index-info"], &lines);
    let staged = scratch.agree();
    assert_eq!(staged.unmerged, [b"both".to_vec(), b"dir/theirs".to_vec()]);
    assert_eq!(staged.changes.len(), 1);
}

/// Whatever is done to an index file, the reader says something and stays in bounds: right, or an error.
#[test]
fn damaged_indexes_never_panic_nor_hang() {
    for (prepare, seed) in [("2", 1), ("4", 2), ("split", 3)] {
        let scratch = Scratch::new(Format::Sha1);
        let mut random = Random(seed);
        random_changes(&scratch, &mut random, 40);
        scratch.commit();
        if prepare == "split" {
            scratch.git(&["config", "splitIndex.maxPercentChange", "100"], "");
            scratch.git(&["update-index", "--split-index"], "");
        } else {
            scratch.git(&["update-index", "--index-version", prepare], "");
        }
        random_changes(&scratch, &mut random, 8);
        let index = scratch.top().join(".git/index");
        let good = std::fs::read(&index).unwrap();
        let whole = scratch.own(&index).unwrap();
        let damaged = scratch.top().join(".git/damaged");
        let mut refused = 0;
        for length in 0..good.len() {
            if length % 7 != 0 && length + 60 < good.len() {
                continue;
            }
            std::fs::write(&damaged, &good[..length]).unwrap();
            refused += usize::from(scratch.own(&damaged).is_err());
        }
        assert!(refused > 20, "{refused}");
        for _ in 0..1500 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(2) {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] = match random.below(4) {
                    0 => 0,
                    1 => 0xff,
                    2 => bytes[at] ^ (1 << random.below(8)),
                    _ => random.below(256) as u8,
                };
            }
            std::fs::write(&damaged, &bytes).unwrap();
            match scratch.own(&damaged) {
                Ok(staged) => assert!(staged.changes.is_sorted_by(|a, b| a.path < b.path)),
                Err(reason) => assert!(!reason.is_empty()),
            }
        }
        assert_eq!(scratch.own(&index).unwrap(), whole);
    }
}

#[test]
fn unknown_mandatory_extensions_are_declined_and_optional_ones_passed_over() {
    let scratch = Scratch::new(Format::Sha1);
    scratch.write("a", "x");
    scratch.git(&["add", "."], "");
    let good = std::fs::read(scratch.top().join(".git/index")).unwrap();
    let with = |name: &[u8]| {
        let mut bytes = good[..good.len() - 20].to_vec();
        bytes.extend(name);
        bytes.extend([0, 0, 0, 3, 1, 2, 3]);
        bytes.extend(&good[good.len() - 20..]);
        let path = scratch.top().join(".git/extended");
        std::fs::write(&path, bytes).unwrap();
        scratch.own(&path)
    };
    assert_eq!(with(b"XTRA").unwrap().changes.len(), 1);
    assert!(with(b"xtra").unwrap_err().contains("xtra"));
}

#[test]
fn paths_are_looked_up_in_plain_split_and_sparse_indexes() {
    let scratch = Scratch::new(Format::Sha1);
    for n in 0..300 {
        scratch.write(&format!("{}/f{n:03}", ["in", "out", "other/deep"][n % 3]), &n.to_string());
    }
    scratch.git(&["add", "."], "");
    scratch.commit();
    let look = || {
        let repository = git2::Repository::open(scratch.top()).unwrap();
        let store = Arc::new(Store::new(repository.commondir(), repository.object_format()));
        let trees = Trees::new(store, scratch.format);
        let git_dir: PathBuf = scratch.top().join(".git");
        let index = Index::open(&git_dir.join("index"), &git_dir, scratch.format).unwrap();
        let paths: [&[u8]; 9] = [
            b"out/f001",
            b"in/f000",
            b"no",
            b"other/deep/f299",
            b"other/deep",
            b"zz",
            b"in/f000",
            b"out/f002",
            b"",
        ];
        let found = super::lookup::in_index(&index, Some(&trees), &paths);
        found.map_err(|_| ()).unwrap().iter().map(Option::is_some).collect::<Vec<bool>>()
    };
    let expected = [true, true, false, true, false, false, true, false, false];
    assert_eq!(look(), expected);
    scratch.git(&["update-index", "--index-version", "4"], "");
    assert_eq!(look(), expected);
    scratch.git(&["update-index", "--split-index"], "");
    assert_eq!(look(), expected);
    scratch.git(&["update-index", "--no-split-index"], "");
    scratch.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"], "");
    assert!(scratch.git(&["ls-files", "--sparse"], "").lines().any(|l| l == "out/"));
    assert_eq!(look(), expected);
}

#[test]
fn directories_nested_without_end_are_left_to_others() {
    let scratch = Scratch::new(Format::Sha1);
    let blob = scratch.git(&["hash-object", "-w", "--stdin"], "x");
    // 700 levels stand for a tree that contains itself, which takes a forged object to make.
    let deep = "d/".repeat(700);
    scratch.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{deep}f")], "");
    let index = scratch.top().join(".git/index");
    assert!(scratch.own(&index).unwrap_err().contains("deep"));
    scratch.commit();
    assert_eq!(scratch.agree(), Staged::default());
    scratch.git(&["read-tree", "--empty"], "");
    assert!(scratch.own(&index).unwrap_err().contains("deep"));
}

/// Large indexes written for several threads hold two more extensions, and in version 4 names start anew in each block.
#[test]
fn large_indexes_in_blocks_agree() {
    for version in ["2", "4"] {
        let scratch = Scratch::new(Format::Sha1);
        scratch.git(&["config", "index.threads", "4"], "");
        let id = "1".repeat(40);
        let lines: String =
            (0..45_000).map(|n| format!("100644 {id}\td{}/e{}/file{n}\n", n % 97, n % 11)).collect();
        scratch.git(&["update-index", "--index-version", version], "");
        scratch.git(&["update-index", "--add", "--index-info"], &lines);
        let bytes = std::fs::read(scratch.top().join(".git/index")).unwrap();
        assert!(bytes.windows(4).any(|w| w == b"IEOT"));
        scratch.commit();
        let line = format!("100644 {}\td5/e3/file5\n", "2".repeat(40));
        scratch.git(&["update-index", "--add", "--index-info"], &line);
        assert_eq!(scratch.agree().changes.len(), 1);
    }
}
