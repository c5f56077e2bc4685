//! Real repositories of every form, each read in a process of its own, as a hook reads them.
//!
//! A case prepares a repository, then starts this test binary again in a folder and an environment (`probe`), which
//! opens the repository and writes down what it says; the case holds that against git's own plumbing. The trap: a
//! variable that this process sets for itself would reach the other tests, so only children get any.

#![allow(clippy::unwrap_used, reason = "a failed preparation is a failed test")]

mod damage;
mod harness;
mod hooks;

use std::path::{Path, PathBuf};

use harness::Scratch;
use unleak::git::{Change, GitError, Repository};

/// What `probe` answers, line by line.
fn answers() -> Result<Vec<String>, GitError> {
    let repository = Repository::open_from_env()?;
    let mut lines = Vec::new();
    lines.push(format!(
        "reader {}",
        if repository.read_by_git_because().is_some() { "git" } else { "libgit2" }
    ));
    lines.push(format!("hooks {}", repository.hooks_dir()?.display()));
    if let Some(questions) = std::env::var_os("UNLEAK_ASK") {
        for question in questions.to_string_lossy().split('\n') {
            lines.push(ask(&repository, question).unwrap_or_else(|e| format!("error {e}")));
        }
        return Ok(lines);
    }
    let staged = repository.staged()?;
    lines.extend(staged.changes.iter().map(raw));
    lines.extend(staged.unmerged.iter().map(|p| format!("unmerged {}", p.escape_ascii())));
    let objects = repository.objects()?;
    for change in &staged.changes {
        if let Some(new) = change.new.filter(|n| !n.is_submodule()) {
            lines.push(format!(
                "{} holds {}",
                change.path.escape_ascii(),
                objects.blob(&new.id)?.escape_ascii()
            ));
            assert_eq!(repository.index_entry(&change.path)?, Some(new));
        }
        for old in change.olds.iter().filter(|o| !o.is_submodule()) {
            let content = objects.old_blob(&old.id)?;
            let content = content.map_or("nothing".to_owned(), |c| c.escape_ascii().to_string());
            lines.push(format!("{} held {content}", change.path.escape_ascii()));
        }
    }
    Ok(lines)
}

/// One question about revisions, configuration or staging.
fn ask(repository: &Repository, question: &str) -> Result<String, GitError> {
    let words: Vec<&str> = question.split(' ').collect();
    Ok(match words[..] {
        ["resolve", revision] => repository.resolve(revision)?.to_string(),
        ["base", a, b] => {
            repository.merge_base(&repository.resolve(a)?, &repository.resolve(b)?)?.to_string()
        }
        ["between", a, b] => {
            let changes = repository.between(&repository.resolve(a)?, &repository.resolve(b)?)?;
            changes.iter().map(raw).collect::<Vec<_>>().join("; ")
        }
        ["config", key] => format!("{:?}", repository.config_string(key)?),
        ["stage", path] => {
            repository.stage(Path::new(path))?;
            format!("{:?}", repository.index_entry(path.as_bytes())?.map(|b| b.id))
        }
        _ => panic!("{question}"),
    })
}

/// As `git diff-index --raw` writes it, without the status.
fn raw(change: &Change) -> String {
    let side = |blob: Option<unleak::git::Blob>| match blob {
        Some(blob) => format!("{:06o} {}", blob.mode, blob.id),
        None => "nothing".to_owned(),
    };
    let olds: Vec<_> = change.olds.iter().map(|&o| side(Some(o))).collect();
    format!("{}: {} -> {}", change.path.escape_ascii(), olds.join(", "), side(change.new))
}

/// Runs in a child only: its parent names the file to write to.
#[test]
#[ignore = "started by the other tests"]
fn probe() {
    let Some(file) = std::env::var_os("UNLEAK_PROBE") else { return };
    let text = match answers() {
        Ok(lines) => lines.join("\n"),
        Err(error) => format!("error {error}\nkind {error:?}"),
    };
    std::fs::write(file, text).unwrap();
}

/// The usual three changes, read by `reader`.
fn usual(scratch: &Scratch, folder: &str, variables: &[(&str, &str)], reader: &str) {
    let said = scratch.agrees(folder, variables, reader);
    for line in ["d1/f1 holds changed\\n", "d1/f1 held 1\\n", "d1/new holds new\\n", "d2/f2 held 2\\n"] {
        assert!(said.iter().any(|l| l == line), "{line} in {said:?}");
    }
    assert_eq!(said.iter().filter(|l| l.contains(" -> ")).count(), 3, "{said:?}");
}

#[test]
fn plain_sha256_and_reftable_repositories_say_the_same() {
    for (options, reader) in [
        (&[][..], "libgit2"),
        (&["--object-format=sha256"], "libgit2"),
        (&["--ref-format=reftable"], "git"),
        (&["--ref-format=reftable", "--object-format=sha256"], "git"),
    ] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.stage("repo");
        usual(&scratch, "repo", &[], reader);
        usual(&scratch, "repo/d1", &[], reader);
    }
}

#[test]
fn nothing_committed_yet_makes_everything_new() {
    for (options, reader) in [(&[][..], "libgit2"), (&["--ref-format=reftable"], "git")] {
        let scratch = Scratch::new();
        std::fs::create_dir(scratch.path("repo")).unwrap();
        scratch.git("repo", &[&["init", "-q"], options].concat());
        assert_eq!(scratch.agrees("repo", &[], reader).len(), 2);
        scratch.write("repo/a/b", "x");
        scratch.git("repo", &["add", "."]);
        let said = scratch.agrees("repo", &[], reader);
        assert!(said.iter().any(|l| l == "a/b holds x"), "{said:?}");
    }
}

#[test]
fn linked_and_separate_work_trees_are_read_in_their_own_index() {
    let scratch = Scratch::new();
    scratch.repository(&[]);
    scratch.git("repo", &["worktree", "add", "-q", "../linked"]);
    scratch.stage("linked");
    usual(&scratch, "linked", &[], "libgit2");
    assert_eq!(scratch.agrees("repo", &[], "libgit2").len(), 2);
    // As git calls a hook there, and as a hook that went into a sub-directory does.
    let git_dir = scratch.git("linked", &["rev-parse", "--absolute-git-dir"]);
    usual(
        &scratch,
        "linked",
        &[("GIT_DIR", &git_dir), ("GIT_INDEX_FILE", &format!("{git_dir}/index"))],
        "libgit2",
    );
    usual(
        &scratch,
        "linked/d1",
        &[("GIT_DIR", &git_dir), ("GIT_INDEX_FILE", &format!("{git_dir}/index"))],
        "libgit2",
    );
    scratch.git("repo", &["init", "-q", "--separate-git-dir", "../elsewhere"]);
    scratch.stage("repo");
    usual(&scratch, "repo", &[], "libgit2");
    let hooks =
        |said: Vec<String>| said.iter().find_map(|l| l.strip_prefix("hooks ").map(PathBuf::from)).unwrap();
    let shared = scratch.path("elsewhere/hooks").canonicalize().unwrap();
    assert_eq!(hooks(scratch.probe("repo", &[])), shared);
}

#[test]
fn linked_work_trees_without_libgit2_are_read_from_below_their_top() {
    let scratch = Scratch::new();
    scratch.repository(&["--ref-format=reftable"]);
    scratch.git("repo", &["worktree", "add", "-q", "../linked"]);
    scratch.stage("linked");
    let git_dir = scratch.git("linked", &["rev-parse", "--absolute-git-dir"]);
    let index = format!("{git_dir}/index");
    for folder in ["linked", "linked/d1"] {
        usual(&scratch, folder, &[], "git");
        usual(&scratch, folder, &[("GIT_DIR", &git_dir), ("GIT_INDEX_FILE", &index)], "git");
    }
}

#[test]
fn relative_work_trees_are_read() {
    let scratch = Scratch::new();
    scratch.repository(&[]);
    let output = scratch.try_git("repo", &["worktree", "add", "-q", "--relative-paths", "../linked"], &[]);
    if !output.status.success() {
        // Gits before 2.48 write absolute ones; the two files are what the option changes.
        scratch.git("repo", &["worktree", "add", "-q", "../linked"]);
        scratch.write("linked/.git", "gitdir: ../repo/.git/worktrees/linked\n");
        scratch.write("repo/.git/worktrees/linked/gitdir", "../../../../linked/.git\n");
    }
    scratch.stage("linked");
    usual(&scratch, "linked", &[], "libgit2");
}

#[test]
fn named_git_directories_and_work_trees_are_honoured() {
    let scratch = Scratch::new();
    scratch.repository(&[]);
    scratch.stage("repo");
    std::fs::create_dir(scratch.path("away")).unwrap();
    let (git_dir, top) = (scratch.path("repo/.git"), scratch.path("repo"));
    let (git_dir, top) = (git_dir.to_str().unwrap(), top.to_str().unwrap());
    usual(&scratch, "away", &[("GIT_DIR", git_dir), ("GIT_WORK_TREE", top)], "libgit2");
    usual(&scratch, "repo", &[("GIT_DIR", ".git")], "libgit2");
    usual(&scratch, "repo", &[("GIT_DIR", ".git"), ("GIT_WORK_TREE", ".")], "libgit2");
    usual(&scratch, "repo/d1", &[("GIT_DIR", "../.git"), ("GIT_WORK_TREE", "..")], "libgit2");
    usual(
        &scratch,
        "away",
        &[("GIT_DIR", "../repo/.git"), ("GIT_INDEX_FILE", "../repo/.git/index")],
        "libgit2",
    );
}

#[test]
fn a_relative_index_is_meant_from_the_top() {
    for (options, reader) in [(&[][..], "libgit2"), (&["--ref-format=reftable"], "git")] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.stage("repo");
        let variables = [("GIT_INDEX_FILE", ".git/index")];
        let said = scratch.probe("repo/d1", &variables);
        assert_eq!(said[0], format!("reader {reader}"));
        assert_eq!(said.iter().filter(|l| l.contains(" -> ")).count(), 3, "{said:?}");
        usual(&scratch, "repo", &variables, reader);
        std::fs::rename(scratch.path("repo/.git/index"), scratch.path("repo/.git/next-index-1.lock"))
            .unwrap();
        usual(&scratch, "repo", &[("GIT_INDEX_FILE", ".git/next-index-1.lock")], reader);
        let said = scratch.probe("repo", &variables);
        assert!(
            said[0].starts_with("error cannot judge the staged change: the index that GIT_INDEX_FILE"),
            "{said:?}"
        );
        // Without the variable git means that everything was removed, and so do we.
        let said = scratch.agrees("repo", &[], reader);
        assert_eq!(said.iter().filter(|l| l.ends_with("-> nothing")).count(), 21);
    }
}

#[test]
fn split_sparse_and_old_indexes_are_read_by_libgit2_and_own_code() {
    for version in ["2", "4"] {
        let scratch = Scratch::new();
        scratch.repository(&[]);
        scratch.git("repo", &["update-index", "--index-version", version]);
        scratch.git("repo", &["update-index", "--untracked-cache"]);
        scratch.stage("repo");
        usual(&scratch, "repo", &[], "libgit2");
        scratch.git("repo", &["update-index", "--split-index"]);
        usual(&scratch, "repo", &[], "libgit2");
        scratch.git("repo", &["update-index", "--no-split-index"]);
        scratch.git("repo", &["sparse-checkout", "set", "--cone", "--sparse-index", "d1"]);
        usual(&scratch, "repo", &[], "libgit2");
    }
}

#[test]
fn replaced_objects_are_read_as_they_are() {
    for (options, reader) in [(&[][..], "libgit2"), (&["--ref-format=reftable"], "git")] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.stage("repo");
        let changed = scratch.git("repo", &["rev-parse", ":d1/f1"]);
        scratch.write("repo/innocent", "innocent\n");
        let innocent = scratch.git("repo", &["hash-object", "-w", "innocent"]);
        scratch.git("repo", &["replace", &changed, &innocent]);
        let tree = scratch.git("repo", &["write-tree"]);
        let commit = scratch.git("repo", &["commit-tree", &tree, "-m", "x"]);
        scratch.git("repo", &["replace", "HEAD", &commit]);
        usual(&scratch, "repo", &[], reader);
    }
}

#[test]
fn shallow_clones_alternates_and_submodules_are_read() {
    let scratch = Scratch::new();
    scratch.repository(&[]);
    scratch.write("repo/top", "second\n");
    scratch.git("repo", &["commit", "-q", "-a", "-m", "second"]);
    let url = format!("file://{}", scratch.path("repo").display());
    scratch.git(".", &["clone", "-q", "--depth=1", &url, "shallow"]);
    scratch.stage("shallow");
    usual(&scratch, "shallow", &[], "libgit2");
    scratch.git(".", &["clone", "-q", "--shared", "repo", "borrowing"]);
    scratch.stage("borrowing");
    usual(&scratch, "borrowing", &[], "libgit2");
    scratch.git("repo", &["-c", "protocol.file.allow=always", "submodule", "add", "-q", "../shallow", "sub"]);
    let said = scratch.agrees("repo", &[], "libgit2");
    assert!(said.iter().any(|l| l.starts_with("sub:  -> 160000 ")), "{said:?}");
    scratch.stage("repo/sub");
    usual(&scratch, "repo/sub", &[], "libgit2");
    scratch.git("repo", &["commit", "-q", "-m", "sub"]);
    // What a submodule hides from `git status` by its settings is staged all the same.
    scratch.git("repo", &["config", "-f", ".gitmodules", "submodule.sub.ignore", "all"]);
    scratch.git("repo/sub", &["commit", "-q", "-m", "x"]);
    scratch.git("repo", &["add", "-f", "sub"]);
    let said = scratch.probe("repo", &[]);
    assert!(said.iter().any(|l| l.starts_with("sub: 160000 ")), "{said:?}");
}

#[test]
fn partial_clones_new_and_old_fetch_nothing() {
    let scratch = Scratch::new();
    scratch.repository(&[]);
    scratch.git("repo", &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", scratch.path("repo").display());
    for (name, reader) in [("new", "libgit2"), ("old", "git")] {
        scratch.git(".", &["clone", "-q", "--no-checkout", "--filter=blob:none", &url, name]);
        if name == "old" {
            scratch.git(name, &["config", "core.repositoryFormatVersion", "1"]);
            scratch.git(name, &["config", "extensions.partialClone", "origin"]);
        }
        scratch.git(name, &["read-tree", "HEAD"]);
        scratch.write(&format!("{name}/d1/f1"), "changed\n");
        scratch.git(name, &["add", "d1/f1"]);
        let said = scratch.agrees(name, &[], reader);
        assert!(said.iter().any(|l| l == "d1/f1 holds changed\\n"), "{said:?}");
        assert!(said.iter().any(|l| l == "d1/f1 held nothing"), "{said:?}");
    }
}

#[test]
fn no_repository_and_bare_repositories_are_told() {
    let scratch = Scratch::new();
    let said = scratch.probe(
        ".",
        &[("GIT_CEILING_DIRECTORIES", scratch.folder.path().parent().unwrap().to_str().unwrap())],
    );
    assert!(said[0].starts_with("error cannot open a git repository here"), "{said:?}");
    std::fs::create_dir(scratch.path("bare")).unwrap();
    scratch.git("bare", &["init", "-q", "--bare"]);
    let said = scratch.probe("bare", &[]);
    assert!(said[0].contains("bare repository"), "{said:?}");
    assert!(said[1].starts_with("kind Bare"), "{said:?}");
}

/// Nothing that configuration or environment names is run, whoever reads.
#[test]
fn nothing_that_the_repository_names_is_run() {
    for (options, reader) in [(&[][..], "libgit2"), (&["--ref-format=reftable"], "git")] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.write("repo/.gitattributes", "* diff=bad filter=bad\n");
        scratch.git("repo", &["add", ".gitattributes"]);
        scratch.git("repo", &["commit", "-q", "-m", "attributes"]);
        scratch.stage("repo");
        let trap = format!("touch {}", scratch.path("was-run").display());
        for key in [
            "core.fsmonitor",
            "core.pager",
            "diff.external",
            "diff.bad.command",
            "diff.bad.textconv",
            "filter.bad.clean",
            "filter.bad.smudge",
            "filter.bad.process",
            "core.sshCommand",
            "core.editor",
            "core.alternateRefsCommand",
            "core.askPass",
            "pager.diff-index",
            "alias.diff-index",
            "alias.cat-file",
        ] {
            scratch.git("repo", &["config", key, &trap]);
        }
        for (key, value) in [
            ("diff.noprefix", "true"),
            ("color.ui", "always"),
            ("diff.relative", "true"),
            ("diff.ignoreSubmodules", "all"),
        ] {
            scratch.git("repo", &["config", key, value]);
        }
        let said = scratch.probe(
            "repo",
            &[
                ("GIT_EXTERNAL_DIFF", &trap),
                ("GIT_PAGER", &trap),
                ("GIT_CONFIG_COUNT", "1"),
                ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
                ("GIT_CONFIG_VALUE_0", &trap),
            ],
        );
        assert_eq!(said[0], format!("reader {reader}"));
        assert_eq!(said.iter().filter(|l| l.contains(" -> ")).count(), 3, "{said:?}");
        assert!(!scratch.path("was-run").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_stranger_s_repository_is_opened_when_git_trusts_it_and_refused_otherwise() {
    let scratch = Scratch::new();
    scratch.repository(&[]);
    scratch.stage("repo");
    fn give(folder: &Path) -> bool {
        let children = std::fs::read_dir(folder)
            .map(|d| d.flatten().filter(|e| e.path().is_dir()).all(|e| give(&e.path())));
        children.unwrap_or(true) && std::os::unix::fs::chown(folder, Some(4242), None).is_ok()
    }
    // Only root can make a repository somebody else's.
    if !give(&scratch.path("repo")) {
        return;
    }
    let said = scratch.probe("repo", &[]);
    assert!(said[1].starts_with("kind NotOwned"), "{said:?}");
    assert!(said[0].contains("git config --global --add safe.directory"), "{said:?}");
    let top = scratch.folder.path().canonicalize().unwrap();
    // Git's rule is the wider one.
    scratch.write("gitconfig", &format!("[safe]\n\tdirectory = {}/*\n", top.display()));
    usual(&scratch, "repo", &[], "libgit2");
    scratch.write("gitconfig", &format!("[safe]\n\tdirectory = {}/repo\n", top.display()));
    usual(&scratch, "repo", &[], "libgit2");
}

#[cfg(unix)]
#[test]
fn odd_names_pass_through_whole() {
    use std::os::unix::ffi::OsStrExt;
    for (options, reader) in [(&[][..], "libgit2"), (&["--ref-format=reftable"], "git")] {
        let scratch = Scratch::new();
        scratch.repository(options);
        let names: [&[u8]; 8] =
            [b"-dash", b"a\nb", b"q\"uote", b"ta\tb", b"esc\x1b[31m", b"inv\xff\xfe", b":(top)x", b"*"];
        for name in names {
            std::fs::write(scratch.path("repo").join(std::ffi::OsStr::from_bytes(name)), b"odd").unwrap();
        }
        scratch.git("repo", &["add", "-A"]);
        let said = scratch.probe("repo", &[]);
        assert_eq!(said[0], format!("reader {reader}"));
        for name in names {
            let line = format!("{} holds odd", name.escape_ascii());
            assert!(said.contains(&line), "{line} in {said:?}");
        }
    }
}

#[test]
fn revisions_ranges_configuration_and_staging_go_the_way_of_git() {
    for options in [&[][..], &["--object-format=sha256"], &["--ref-format=reftable"]] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.git("repo", &["tag", "-a", "-m", "x", "v1"]);
        scratch.git("repo", &["checkout", "-q", "-b", "side"]);
        scratch.stage("repo");
        scratch.git("repo", &["commit", "-q", "-m", "side"]);
        scratch.git("repo", &["checkout", "-q", "-f", "main"]);
        scratch.git("repo", &["commit", "-q", "--allow-empty", "-m", "main"]);
        scratch.git("repo", &["checkout", "-q", "--orphan", "alone"]);
        scratch.git("repo", &["commit", "-q", "--allow-empty", "-m", "alone"]);
        scratch.git("repo", &["checkout", "-q", "-f", "main"]);
        scratch.git("repo", &["config", "unleak.config", "a b\"c"]);
        let config = scratch.path("repo/.git/config");
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, text + "[unleak]\n\talone\n").unwrap();
        scratch.write("repo/d3/staged", "staged\n");
        let id = |revision: &str| scratch.git("repo", &["rev-parse", &format!("{revision}^{{commit}}")]);
        let whole = id("side");
        let tree = scratch.git("repo", &["rev-parse", "side^{tree}"]);
        let questions = [
            "resolve HEAD",
            "resolve v1",
            "resolve side~1",
            &format!("resolve {}", &whole[..10]),
            &format!("resolve {whole}"),
            "resolve refs/heads/side",
            "resolve nothing",
            "resolve --all",
            &format!("resolve {tree}"),
            &format!("resolve {}", "1".repeat(whole.len())),
            "base side main",
            "base side alone",
            "between main side",
            "between side side",
            "config unleak.config",
            "config unleak.nothing",
            "config unleak.alone",
            "stage d3/staged",
            "stage d3/missing",
        ];
        let said = scratch.probe("repo", &[("UNLEAK_ASK", &questions.join("\n"))]);
        let said = &said[said.len() - questions.len()..];
        let unknown = |name: &str| format!("error cannot find the commit `{name}`");
        assert_eq!(said[0], id("main"));
        assert_eq!(said[1], id("v1"));
        assert_eq!(said[2], id("v1"));
        assert_eq!((&said[3], &said[4], &said[5]), (&whole, &whole, &whole));
        assert!(said[6].starts_with(&unknown("nothing")), "{}", said[6]);
        assert!(said[7].starts_with(&unknown("--all")), "{}", said[7]);
        assert!(said[8].starts_with(&unknown(&tree)), "{}", said[8]);
        assert!(
            said[9].starts_with(&unknown("111111")) || said[9].starts_with("error cannot find"),
            "{}",
            said[9]
        );
        assert_eq!(said[10], id("v1"));
        assert!(said[11].contains("no common ancestor"), "{}", said[11]);
        let expected = scratch.git("repo", &["diff-tree", "-r", "--no-abbrev", "main", "side"]);
        assert_eq!(said[12].split("; ").count(), expected.lines().count());
        for (ours, theirs) in said[12].split("; ").zip(expected.lines()) {
            let (head, path) = theirs.split_once('\t').unwrap();
            let words: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
            assert!(ours.starts_with(&format!("{path}: ")), "{ours} {theirs}");
            assert!(words[2].starts_with("0000") || ours.contains(words[2]), "{ours} {theirs}");
            assert!(words[3].starts_with("0000") || ours.contains(words[3]), "{ours} {theirs}");
        }
        assert_eq!(said[13], "");
        assert_eq!(said[14], "Some(\"a b\\\"c\")");
        assert_eq!((said[15].as_str(), said[16].as_str()), ("None", "Some(\"\")"));
        assert_eq!(said[17], format!("Some({})", scratch.git("repo", &["hash-object", "d3/staged"])));
        assert!(said[18].contains("`git add` failed"), "{}", said[18]);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_whose_name_is_no_utf8_is_no_obstacle() {
    use std::os::unix::ffi::OsStrExt;
    let scratch = Scratch::new();
    scratch.repository(&[]);
    scratch.git("repo", &["gc", "-q"]);
    scratch.stage("repo");
    let odd = scratch.path("").join(std::ffi::OsStr::from_bytes(b"od\xff"));
    std::fs::rename(scratch.path("repo"), &odd).unwrap();
    std::os::unix::fs::symlink(&odd, scratch.path("repo")).unwrap();
    let said = scratch.probe("repo", &[]);
    assert_eq!(said.iter().filter(|l| l.contains(" -> ")).count(), 3, "{said:?}");
}
