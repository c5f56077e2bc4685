//! Every form of repository, configuration, environment and text that could bend a verdict, one row each: the secret is
//! blocked at its place, the clean commit passes, nothing is altered, no program that the repository names is run.
//!
//! The trap: git itself runs filters and monitors while it commits, so the witness of foreign programs is asked about
//! unleak alone, run by itself on what is staged.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]
#![cfg(unix)]

mod harness;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::process::Command;

use harness::{Repo, UNLEAK, filler, line};

/// Where a row's commits are made, and under which variables.
#[derive(Default)]
struct Setting {
    /// Below the folder that holds the repository; empty for its top.
    folder: &'static str,
    /// A value of `%` is the folder that holds the repository; `None` takes the variable away.
    variables: Vec<(&'static str, Option<&'static str>)>,
}

type Prepare = fn(&Repo) -> Setting;

fn here() -> Setting {
    Setting::default()
}

fn within(folder: &'static str) -> Setting {
    Setting { folder, ..Setting::default() }
}

fn with(variables: &[(&'static str, Option<&'static str>)]) -> Setting {
    Setting { variables: variables.to_vec(), ..Setting::default() }
}

fn config(repo: &Repo, settings: &[(&str, &str)]) -> Setting {
    for (key, value) in settings {
        repo.git(&["config", key, value]);
    }
    here()
}

/// A program of the repository's that leaves a trace when it runs.
const SLY: &str = "#!/bin/sh\necho \"$0 $*\" >> \"$SLY\"\ncat \"$1\" 2>/dev/null\n";

impl Setting {
    fn top(&self, repo: &Repo) -> std::path::PathBuf {
        if self.folder.is_empty() { repo.top() } else { repo.beside(self.folder) }
    }

    fn command(&self, repo: &Repo, program: &str) -> Command {
        let mut command = repo.command(program);
        command.current_dir(self.top(repo)).env("SLY", repo.home("witness"));
        for (name, value) in &self.variables {
            match value {
                Some(value) => command
                    .env(name, value.replace('%', repo.beside("").to_str().unwrap().trim_end_matches('/'))),
                None => command.env_remove(name),
            };
        }
        command
    }

    fn git(&self, repo: &Repo, arguments: &[&str]) {
        let output = self.command(repo, "git").args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The four promises, for one row.
fn holds(name: &str, repo: &Repo, setting: &Setting, path: &str) {
    eprintln!("row: {name}");
    let file = setting.top(repo).join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let witness = repo.home("witness");
    let old = std::fs::read_to_string(&file).unwrap_or_default();
    for (content, status) in [(old.clone() + &line(0), 1), (old.clone() + "harmless\n", 0)] {
        std::fs::write(&file, content).unwrap();
        setting.git(repo, &["add", "-f", "--sparse", path]);
        let _ = std::fs::remove_file(&witness);
        let alone = setting.command(repo, UNLEAK).output().unwrap();
        let said = String::from_utf8_lossy(&alone.stderr).into_owned();
        assert_eq!(alone.status.code(), Some(status), "{name}: {said}");
        assert!(!witness.exists(), "{name}: ran {:?}", std::fs::read_to_string(&witness));
        let mut commit = setting.command(repo, "git");
        commit.args(["commit", "-q", "-m", "more"]);
        let judged = repo.judged_by(commit, "");
        if status == 1 {
            let number = old.lines().count() + 1;
            judged.stopped_at(&[&format!("{path}:{number}:10")]);
        } else {
            judged.passes(1);
        }
    }
}

#[test]
fn every_form_of_repository_keeps_the_promises() {
    let rows: &[(&str, Prepare)] = &[
        ("plain", |_| here()),
        ("index version 2", |r| {
            r.git(&["update-index", "--index-version=2"]);
            here()
        }),
        ("index version 3", |r| {
            // Only an entry with an extended flag makes git write version 3.
            r.git(&["update-index", "--skip-worktree", "b.txt"]);
            here()
        }),
        ("index version 4", |r| {
            r.git(&["update-index", "--index-version=4"]);
            here()
        }),
        ("split index", |r| {
            r.git(&["config", "core.splitIndex", "true"]);
            r.git(&["update-index", "--split-index"]);
            here()
        }),
        ("sparse checkout", |r| {
            r.write("src/x", "x\n").write("other/y", "y\n").unjudged("more");
            r.git(&["sparse-checkout", "set", "--no-sparse-index", "src"]);
            here()
        }),
        ("sparse index", |r| {
            r.write("src/x", "x\n").write("other/y", "y\n").unjudged("more");
            r.git(&["sparse-checkout", "set", "--sparse-index", "src"]);
            here()
        }),
        ("untracked cache", |r| {
            r.git(&["update-index", "--untracked-cache"]);
            config(r, &[("core.untrackedCache", "true")])
        }),
        ("feature.manyFiles", |r| config(r, &[("feature.manyFiles", "true")])),
        ("index.skipHash", |r| config(r, &[("index.skipHash", "true")])),
        ("index.threads", |r| {
            config(
                r,
                &[
                    ("index.threads", "4"),
                    ("index.recordEndOfIndexEntries", "true"),
                    ("index.recordOffsetTable", "true"),
                ],
            )
        }),
        ("extensions.worktreeConfig", |r| {
            config(r, &[("core.repositoryFormatVersion", "1"), ("extensions.worktreeConfig", "true")])
        }),
        ("extensions.noop", |r| {
            config(r, &[("core.repositoryFormatVersion", "1"), ("extensions.noop", "true")])
        }),
        ("extensions.preciousObjects", |r| {
            config(r, &[("core.repositoryFormatVersion", "1"), ("extensions.preciousObjects", "true")])
        }),
        ("old partial clone", |r| {
            config(
                r,
                &[
                    ("core.repositoryFormatVersion", "1"),
                    ("extensions.partialClone", "origin"),
                    ("remote.origin.url", "ext::sh sly"),
                    ("protocol.ext.allow", "always"),
                ],
            )
        }),
        ("new partial clone", |r| {
            config(
                r,
                &[
                    ("remote.origin.promisor", "true"),
                    ("remote.origin.partialCloneFilter", "blob:none"),
                    ("remote.origin.url", "ext::sh sly"),
                    ("protocol.ext.allow", "always"),
                ],
            )
        }),
        ("linked worktree", |r| {
            r.git(&["worktree", "add", "-q", r.beside("linked").to_str().unwrap()]);
            within("linked")
        }),
        ("linked worktree with relative paths", |r| {
            r.git(&["config", "worktree.useRelativePaths", "true"]);
            r.git(&["worktree", "add", "-q", "../linked"]);
            within("linked")
        }),
        ("separate git directory", |r| {
            r.git(&["init", "-q", "--separate-git-dir", r.beside("apart.git").to_str().unwrap()]);
            here()
        }),
        ("GIT_DIR and GIT_WORK_TREE", |_| {
            with(&[("GIT_DIR", Some("%/repo/.git")), ("GIT_WORK_TREE", Some("%/repo"))])
        }),
        ("relative GIT_DIR", |_| with(&[("GIT_DIR", Some(".git"))])),
        ("core.worktree", |r| config(r, &[("core.worktree", r.top().to_str().unwrap())])),
        ("GIT_INDEX_FILE", |r| {
            std::fs::copy(r.top().join(".git/index"), r.beside("other-index")).unwrap();
            with(&[("GIT_INDEX_FILE", Some("%/other-index"))])
        }),
        ("shallow", |r| {
            r.write("more", "x\n").unjudged("more");
            r.git(&["clone", "-q", "--depth=1", &format!("file://{}", r.top().display()), "../shallow"]);
            hooked(r, "shallow");
            within("shallow")
        }),
        ("alternates", |r| {
            r.git(&["clone", "-q", "--shared", ".", "../shared"]);
            hooked(r, "shared");
            within("shared")
        }),
        ("packed", |r| {
            r.git(&["gc", "-q"]);
            here()
        }),
        ("submodule", |r| {
            r.git(&["clone", "-q", ".", "../origin"]);
            r.git(&[
                "-c",
                "protocol.file.allow=always",
                "submodule",
                "add",
                "-q",
                r.beside("origin").to_str().unwrap(),
                "sub",
            ]);
            r.unjudged("submodule");
            for name in ["pre-commit", "pre-merge-commit"] {
                let hooks = r.top().join(".git/modules/sub/hooks");
                std::fs::create_dir_all(&hooks).unwrap();
                std::fs::copy(r.top().join(".git/hooks").join(name), hooks.join(name)).unwrap();
            }
            within("repo/sub")
        }),
        ("a replaced commit", |r| {
            r.write("a.txt", filler(20) + &line(0)).unjudged("with it");
            let with_it = r.git(&["rev-parse", "HEAD"]);
            r.git(&["reset", "-q", "--hard", "HEAD^"]);
            r.git(&["replace", "-f", "HEAD", with_it.trim()]);
            here()
        }),
        ("a grafted history", |r| {
            r.write("more", "x\n").unjudged("more");
            r.git(&["replace", "--graft", "HEAD"]);
            here()
        }),
    ];
    for (name, prepare) in rows {
        let repo = Repo::new();
        let setting = prepare(&repo);
        holds(name, &repo, &setting, if *name == "sparse index" { "src/x" } else { "a.txt" });
    }
}

/// Gives a clone the hooks of the repository.
fn hooked(repo: &Repo, folder: &str) {
    for name in ["pre-commit", "pre-merge-commit"] {
        let hooks = repo.beside(folder).join(".git/hooks");
        std::fs::create_dir_all(&hooks).unwrap();
        std::fs::copy(repo.top().join(".git/hooks").join(name), hooks.join(name)).unwrap();
    }
}

#[test]
fn no_configuration_bends_a_verdict() {
    let rows: &[&[(&str, &str)]] = &[
        &[("diff.external", "sh sly"), ("diff.trustExitCode", "true")],
        &[("diff.acme.textconv", "sh sly"), ("diff.acme.command", "sh sly"), ("diff.acme.binary", "true")],
        &[("diff.noprefix", "true")],
        &[("diff.mnemonicPrefix", "true")],
        &[("diff.srcPrefix", "x"), ("diff.dstPrefix", "y")],
        &[("color.ui", "always"), ("color.diff", "always")],
        &[("diff.renames", "copies"), ("diff.renameLimit", "1")],
        &[("diff.algorithm", "histogram"), ("diff.indentHeuristic", "false")],
        &[("diff.orderFile", "order")],
        &[("diff.context", "0"), ("diff.interHunkContext", "9"), ("diff.wordRegex", ".")],
        &[("diff.ignoreSubmodules", "all"), ("diff.submodule", "diff"), ("diff.relative", "true")],
        &[("core.pager", "sh sly"), ("pager.diff", "sh sly"), ("interactive.diffFilter", "sh sly")],
        &[("core.fsmonitor", "sh sly")],
        &[("core.attributesFile", "attributes"), ("core.excludesFile", "attributes")],
        &[("core.quotePath", "false"), ("core.precomposeUnicode", "true")],
        &[("core.ignoreCase", "true"), ("core.fileMode", "false"), ("core.symlinks", "false")],
        &[("core.autocrlf", "input"), ("core.safecrlf", "false"), ("core.eol", "crlf")],
        &[("core.bigFileThreshold", "1"), ("core.compression", "9"), ("core.looseCompression", "0")],
        &[("core.checkStat", "minimal"), ("core.trustctime", "false"), ("core.preloadIndex", "true")],
        &[("core.sshCommand", "sh sly"), ("core.gitProxy", "sh sly"), ("core.askPass", "sh sly")],
        &[("core.alternateRefsCommand", "sh sly"), ("core.hideRefs", "refs"), ("transfer.hideRefs", "refs")],
        &[("core.useReplaceRefs", "true"), ("core.commitGraph", "true"), ("core.multiPackIndex", "true")],
        &[("i18n.commitEncoding", "UTF-16"), ("i18n.logOutputEncoding", "latin1")],
        &[("status.showUntrackedFiles", "no"), ("submodule.recurse", "true"), ("grep.patternType", "perl")],
        &[("alias.diff-index", "!sh sly"), ("alias.cat-file", "!sh sly"), ("alias.rev-parse", "!sh sly")],
        &[
            ("trace2.eventTarget", "/dev/null"),
            ("advice.defaultBranchName", "false"),
            ("log.showSignature", "true"),
        ],
    ];
    // What libgit2 reads, and what git reads for unleak.
    for by_git in [false, true] {
        for settings in rows {
            let repo = Repo::new();
            repo.write("sly", SLY).write("order", "b*\n").write("attributes", "* diff=acme -text binary\n");
            repo.write(".gitattributes", "*.txt diff=acme\n").unjudged("sly");
            config(&repo, settings);
            if by_git {
                config(
                    &repo,
                    &[("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin")],
                );
            }
            holds(&format!("{settings:?}, by git: {by_git}"), &repo, &here(), "a.txt");
        }
    }
}

#[test]
fn no_variable_bends_a_verdict() {
    let rows: &[&[(&str, Option<&str>)]] = &[
        &[("GIT_EXTERNAL_DIFF", Some("sh sly"))],
        &[("GIT_PAGER", Some("sh sly")), ("PAGER", Some("sh sly")), ("GIT_PAGER_IN_USE", Some("1"))],
        &[("GIT_DIFF_OPTS", Some("-u0"))],
        &[
            ("GIT_CONFIG_COUNT", Some("2")),
            ("GIT_CONFIG_KEY_0", Some("diff.external")),
            ("GIT_CONFIG_VALUE_0", Some("sh sly")),
            ("GIT_CONFIG_KEY_1", Some("core.fsmonitor")),
            ("GIT_CONFIG_VALUE_1", Some("sh sly")),
        ],
        &[(
            "GIT_CONFIG_PARAMETERS",
            Some("'diff.external=sh sly' 'core.fsmonitor=sh sly' 'color.ui=always'"),
        )],
        &[
            ("GIT_CONFIG_NOSYSTEM", Some("1")),
            ("GIT_CONFIG_GLOBAL", Some("/dev/null")),
            ("GIT_AUTHOR_NAME", Some("a")),
            ("GIT_AUTHOR_EMAIL", Some("a@b.c")),
            ("GIT_COMMITTER_NAME", Some("a")),
            ("GIT_COMMITTER_EMAIL", Some("a@b.c")),
        ],
        &[("HOME", None), ("XDG_CONFIG_HOME", None)],
        &[("HOME", Some("/nonexistent"))],
        &[("LC_ALL", Some("tr_TR.UTF-8")), ("LANG", Some("de_DE.ISO-8859-1")), ("LANGUAGE", Some("fr"))],
        &[("LC_ALL", None), ("LANG", None)],
        &[("TERM", Some("dumb")), ("TZ", Some("Pacific/Kiritimati")), ("COLUMNS", Some("1"))],
        &[("GIT_LITERAL_PATHSPECS", Some("1"))],
        &[("GIT_ICASE_PATHSPECS", Some("1"))],
        &[("GIT_GLOB_PATHSPECS", Some("1"))],
        &[("GIT_NOGLOB_PATHSPECS", Some("1"))],
        &[("GIT_ATTR_SOURCE", Some("HEAD")), ("GIT_ATTR_NOSYSTEM", Some("1"))],
        &[("GIT_REPLACE_REF_BASE", Some("refs/heads/"))],
        &[("GIT_OPTIONAL_LOCKS", Some("1")), ("GIT_FLUSH", Some("1"))],
        &[("GIT_NAMESPACE", Some("other"))],
        &[("GIT_CEILING_DIRECTORIES", Some("%"))],
        &[("GIT_DISCOVERY_ACROSS_FILESYSTEM", Some("1")), ("GIT_PREFIX", Some("d/"))],
        &[
            ("GIT_SSH_COMMAND", Some("sh sly")),
            ("GIT_ASKPASS", Some("sh sly")),
            ("GIT_EDITOR", Some("true")),
            ("GIT_ALLOW_PROTOCOL", Some("ext")),
        ],
        &[("GIT_TRACE2_EVENT", Some("/dev/null")), ("GIT_TEST_FSMONITOR", Some("sly"))],
        &[("GIT_DEFAULT_HASH", Some("sha256")), ("GIT_DEFAULT_REF_FORMAT", Some("reftable"))],
        &[("GIT_INDEX_VERSION", Some("4"))],
        &[("GIT_MERGE_VERBOSITY", Some("5")), ("GIT_REFLOG_ACTION", Some("x"))],
        &[("GITHEAD_0123456789012345678901234567890123456789", Some("gone"))],
    ];
    for by_git in [false, true] {
        for variables in rows {
            let repo = Repo::new();
            repo.write("sly", SLY).unjudged("sly");
            // Without a home there is no name for the author but the repository's own.
            config(&repo, &[("user.name", "a"), ("user.email", "a@b.c")]);
            if by_git {
                config(
                    &repo,
                    &[("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin")],
                );
            }
            holds(&format!("{variables:?}, by git: {by_git}"), &repo, &with(variables), "a.txt");
        }
    }
}

#[test]
fn lines_that_look_like_a_diff_or_like_nothing_hide_no_secret() {
    let around: [(&str, &str); 12] = [
        ("--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n", "\\ No newline at end of file\n"),
        ("diff --git a/x b/x\nindex 0000000..1111111\nBinary files a/x and b/x differ\n", ""),
        ("-----\n", "+++++\n"),
        ("<<<<<<< HEAD\n", "=======\n>>>>>>> side\n"),
        ("\0\0\0", "\0"),
        ("GIT binary patch\nliteral 0\nHcmV?d00001\n\n", ""),
        ("# unleak:allow", "x\n"),
        ("unleak:allow-next-lines\n", ""),
        ("-- >8 --\n# Everything below it will be ignored.\n", ""),
        ("\u{feff}", ""),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", ""),
        ("\x1b[8m", "\x1b[0m"),
    ];
    for (before, after) in around {
        let repo = Repo::new();
        let content = format!("{before}\n{}{after}", line(0));
        repo.stage("a.txt", &content);
        let number = content[..content.find("token").unwrap()].matches('\n').count() + 1;
        repo.commit().stopped_at(&[&format!("a.txt:{number}:10")]);
        repo.stage("a.txt", format!("{before}\nnothing\n{after}"));
        repo.commit().passes(1);
    }
}

#[test]
fn names_reach_neither_a_terminal_nor_a_ci_log_as_commands() {
    let names: [&[u8]; 10] = [
        b"::error::x",
        b"::set-output name=a::b",
        b"##vso[task.setvariable variable=a]b",
        b"##[group]x",
        b"new\n::error::x",
        b"cr\r::stop-commands::x",
        b"\x1b]8;;http://x\x1b\\y\x1b]8;;\x1b\\",
        b"%0A::warning::x",
        b"##teamcity[message text='x']",
        b"\xc2\x85::error::x",
    ];
    for name in names {
        let repo = Repo::new();
        let path = Path::new(OsStr::from_bytes(name)).to_path_buf();
        repo.write(&path, line(0));
        repo.git(&[OsString::from("--literal-pathspecs"), "add".into(), "--".into(), path.into()]);
        let judged = repo.commit();
        assert_eq!((judged.status, judged.places().len()), (1, 1), "{judged:#?}");
        for output in [&judged.stdout, &judged.stderr, &judged.raw] {
            let commands = |l: &str| {
                let l = l.trim_start();
                l.starts_with("::") || l.contains("##vso[") || l.contains("##[") || l.contains("##teamcity[")
            };
            assert!(!output.split(['\n', '\r', '\u{85}']).any(commands), "{name:?}: {output:?}");
        }
    }
}

#[test]
fn a_name_of_four_thousand_bytes_is_judged() {
    let repo = Repo::new();
    repo.stage("small", line(0));
    let blob = repo.git(&["rev-parse", ":small"]);
    let long = vec!["d".repeat(190); 21].join("/");
    assert!(long.len() >= 4_000);
    // Longer than the file system takes; the index takes it.
    repo.git(&["rm", "-q", "--cached", "-f", "small"]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{},{long}", blob.trim())]);
    let judged = repo.judge();
    judged.stopped_at(&[&format!("{long}:1:10")]);
}

#[test]
fn a_name_that_is_no_utf8_keeps_its_place() {
    let repo = Repo::new();
    let path = std::path::PathBuf::from(OsString::from_vec(b"caf\xe9/\xff\\x".to_vec()));
    repo.stage(path, filler(2) + &line(0));
    repo.commit().stopped_at(&["caf\\xe9/\\xff\\\\x:3:10"]);
}
