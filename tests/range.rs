//! `unleak range`: every commit is asked, each against its own parents, and in CI the range is found without being named.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use harness::{Judged, Repo, UNLEAK, feed, filler, line, token};

fn range(repo: &Repo, arguments: &[&str]) -> Judged {
    repo.judge_with(&[&["range"], arguments].concat())
}

/// The id of a revision.
fn id(repo: &Repo, revision: &str) -> String {
    repo.git(&["rev-parse", revision]).trim().to_owned()
}

/// Runs it in a folder as a CI service does, with these variables.
fn in_ci(repo: &Repo, folder: &Path, variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = repo.command(UNLEAK);
    for foreign in ["TF_BUILD", "BITBUCKET_BUILD_NUMBER", "JENKINS_URL"] {
        command.env_remove(foreign);
    }
    let output = command.current_dir(folder).args(["range", "--format=json"]).envs(variables.iter().copied());
    let Output { status, stdout, stderr } = output.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn what_one_commit_adds_and_the_next_removes_is_found() {
    let repo = Repo::new();
    repo.write("old", line(0)).unjudged("before");
    repo.write("a", filler(3) + &line(1)).unjudged("adds");
    let adds = id(&repo, "HEAD");
    repo.write("a", filler(3)).write("old", filler(1) + &line(0)).unjudged("removes and shifts");
    let judged = range(&repo, &["HEAD~2..HEAD"]);
    judged.stopped_at(&["a:4:10"]);
    assert_eq!(judged.json["findings"][0]["commit"], adds.as_str());
    assert_eq!(judged.json["findings"][0]["author"], "a <a@example.invalid>");
    range(&repo, &["HEAD~2...HEAD"]).stopped_at(&["a:4:10"]);
    range(&repo, &["HEAD~2.."]).stopped_at(&["a:4:10"]);
    range(&repo, &["HEAD~1..HEAD"]).passes(3);
    range(&repo, &["HEAD"]).passes(3);
    range(&repo, &["HEAD~1"]).stopped_at(&["a:4:10"]);
    range(&repo, &["HEAD..HEAD"]).passes(0).says(&["no commit is in the range"]);
    range(&repo, &["HEAD~3..HEAD~2", "HEAD~2..HEAD", "HEAD~1"]).stopped_at(&["a:4:10", "old:1:10"]);
}

#[test]
fn messages_are_judged() {
    let repo = Repo::new();
    repo.unjudged(&format!("use {} for now", token(0)));
    let judged = range(&repo, &["HEAD~1..HEAD"]);
    judged.stopped_at(&["commit message:1:5"]);
}

#[test]
fn of_a_merge_only_what_no_parent_has_counts() {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("side", line(0)).unjudged("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("main", line(1)).unjudged("main");
    let before = id(&repo, "HEAD");
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.write("evil", line(2)).unjudged("merge");
    range(&repo, &["HEAD^1..HEAD", "^side"]).fails(&["cannot find the commit"]);
    range(&repo, &["HEAD"]).stopped_at(&["evil:1:10"]);
    range(&repo, &[&format!("{before}..HEAD")]).stopped_at(&["evil:1:10", "side:1:10"]);
}

#[test]
fn commits_come_on_standard_input_too() {
    let repo = Repo::new();
    repo.write("a", line(0))
        .unjudged("a")
        .write("b", line(1))
        .unjudged("b")
        .write("c", line(2))
        .unjudged("c");
    let run = |input: &str| {
        let mut command = repo.command(UNLEAK);
        command.args(["range", "--stdin", "--format=json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let Output { status, stdout, stderr } = feed(&mut command, input);
        let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
        (status.code(), text)
    };
    let (status, text) = run(&format!("{}\n\n{}\r\n", id(&repo, "HEAD"), id(&repo, "HEAD~2")));
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("\"path\":\"a\"")
            && text.contains("\"path\":\"c\"")
            && !text.contains("\"path\":\"b\""),
        "{text}"
    );
    let (status, text) = run("");
    assert!(status == Some(0) && text.contains("\"files\":0"), "{text}");
    for wrong in ["deadbeef\n", "--all\n", "\u{1b}[31m\n"] {
        let (status, text) = run(wrong);
        assert!(status == Some(2) && text.contains("cannot find the commit"), "{text}");
    }
}

#[test]
fn a_day_leaves_older_commits_out() {
    let repo = Repo::new();
    let dated = |path: &str, n: usize, day: &str| {
        repo.write(path, line(n));
        repo.git(&["add", "-A"]);
        let mut command = repo.command("git");
        command.args(["commit", "-q", "--no-verify", "-m", path]);
        let date = format!("{day}T00:00:00Z");
        assert!(
            command
                .env("GIT_COMMITTER_DATE", &date)
                .env("GIT_AUTHOR_DATE", &date)
                .status()
                .unwrap()
                .success()
        );
    };
    dated("old", 0, "2020-02-28");
    dated("that-day", 1, "2020-02-29");
    dated("new", 2, "2020-03-01");
    range(&repo, &["--since", "2020-02-29", "HEAD~3..HEAD"]).stopped_at(&["new:1:10", "that-day:1:10"]);
    range(&repo, &["--since", "2020-03-01", "HEAD~3..HEAD"]).stopped_at(&["new:1:10"]);
    range(&repo, &["--since", "soon", "HEAD~1..HEAD"]).fails(&["cannot use --since"]);
    // Alone it is about all that HEAD reaches; the first commit is of today.
    let judged = range(&repo, &["--since", "2020-02-29"]);
    assert_eq!(judged.places(), ["new:1:10", "that-day:1:10"]);
}

#[test]
fn the_tips_configuration_counts_for_all_its_commits() {
    let repo = Repo::new();
    repo.write("docs/a", line(0)).unjudged("a");
    repo.write(".unleak.toml", "[allowlist]\npaths = [\"docs/**\"]\n").unjudged("allow");
    let judged = range(&repo, &["HEAD~2..HEAD"]);
    judged.passes(4);
    assert_eq!((judged.count("allowed"), judged.count("allowed_by_this_change")), (1, 1));
    range(&repo, &["HEAD~2..HEAD~1"]).stopped_at(&["docs/a:1:10"]);
    // What the tip of one range does not allow is found.
    range(&repo, &["HEAD~2..HEAD", "HEAD~2..HEAD~1"]).stopped_at(&["docs/a:1:10"]);
}

#[test]
fn what_is_not_there_is_said() {
    let repo = Repo::new();
    range(&repo, &["gone..HEAD"]).fails(&["cannot find the commit `gone`"]);
    range(&repo, &["--", "-x..HEAD"]).fails(&["cannot find the commit `-x`"]);
    let (status, _, stderr) = in_ci(&repo, &repo.top(), &[]);
    assert_eq!(status, Some(2));
    assert!(stderr.contains("cannot tell which commits are meant: give a range such as"), "{stderr}");
}

/// A clone beside the repository; what it is cloned from is named as a URL, so that git makes it shallow.
fn clone(repo: &Repo, name: &str, arguments: &[&str]) -> std::path::PathBuf {
    let (from, to) = (format!("file://{}", repo.top().display()), repo.home(name));
    repo.git(&[&["clone", "-q"], arguments, &[from.as_str(), to.to_str().unwrap()]].concat());
    to
}

#[test]
fn a_shallow_clone_that_cuts_the_range_is_said_and_one_that_does_not_is_fine() {
    let repo = Repo::new();
    repo.write("a", line(0))
        .unjudged("a")
        .write("b", line(1))
        .unjudged("b")
        .write("c", line(2))
        .unjudged("c");
    let base = id(&repo, "HEAD~2");
    let judge = |folder: &Path, range: &str| {
        let output = repo
            .command(UNLEAK)
            .current_dir(folder)
            .args(["range", "--format=json", range])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    };
    let deep = clone(&repo, "deep", &["--depth=3"]);
    let (status, text) = judge(&deep, &format!("{base}..HEAD"));
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("\"findings\":2"), "{text}");
    let cut = clone(&repo, "cut", &["--depth=2"]);
    let (status, text) = judge(&cut, &format!("{base}..HEAD"));
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("it is not in this shallow clone"), "{text}");
    // What the commits within it add is told all the same.
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_EVENT_PATH", "../event"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_REF_NAME", "main"),
    ];
    let tip = id(&repo, "HEAD");
    fs::write(repo.home("event"), format!(r#"{{"before":"{base}","after":"{tip}"}}"#)).unwrap();
    let (status, out, err) = in_ci(&repo, &cut, &variables);
    assert_eq!(status, Some(2), "{out} {err}");
    assert!(
        out.contains("\"path\":\"c\"")
            && !out.contains("\"path\":\"b\"")
            && out.contains("\"complete\":false"),
        "{out}"
    );
    assert!(
        err.contains("the clone is shallow and cuts the range") && err.contains("`fetch-depth: 0`"),
        "{err}"
    );
}

#[test]
fn ci_services_need_no_range() {
    let repo = Repo::new();
    repo.write("main", line(0)).unjudged("on main");
    let base = id(&repo, "HEAD");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("one", line(1)).unjudged("one").write("two", line(2)).unjudged("two");
    let (first, tip) = (id(&repo, "HEAD~1"), id(&repo, "HEAD"));
    let folder = clone(&repo, "ci", &[]);
    let event = |text: &str| fs::write(repo.home("event"), text).unwrap();
    let zeros = "0".repeat(40);
    let check = |variables: &[(&str, &str)], found: &[&str], said: &[&str]| {
        let (status, out, err) = in_ci(&repo, &folder, variables);
        assert_eq!(status, Some(i32::from(!found.is_empty())), "{variables:?} {out} {err}");
        for path in ["main", "one", "two"] {
            assert_eq!(
                out.contains(&format!("\"path\":\"{path}\"")),
                found.contains(&path),
                "{variables:?} {out} {err}"
            );
        }
        for words in said {
            assert!(err.contains(words), "{words:?} is not said: {err}");
        }
    };
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_PATH", "../event"),
        ("GITHUB_SHA", &tip),
        ("GITHUB_REF", "refs/heads/topic"),
        ("GITHUB_REF_NAME", "topic"),
        ("GITHUB_BASE_REF", "main"),
    ];
    let with = |name: &'static str| [&github[..], &[("GITHUB_EVENT_NAME", name)]].concat();
    event(&format!(r#"{{"pull_request":{{"base":{{"sha":"{base}"}},"head":{{"sha":"{tip}"}}}}}}"#));
    let from =
        format!("note: GitHub: a pull request, 2 commits up to {}, from {} on", &tip[..12], &base[..12]);
    check(&with("pull_request"), &["one", "two"], &[&from]);
    event("{}");
    check(&with("pull_request"), &["one", "two"], &["from origin/main on"]);
    event(&format!(r#"{{"before":"{first}","after":"{tip}"}}"#));
    check(&with("push"), &["two"], &["a push to topic, 1 commit"]);
    event(&format!(r#"{{"before":"{zeros}","after":"{tip}","created":true}}"#));
    check(&with("push"), &["one", "two"], &["2 commits", "those that no other branch has"]);
    // A forced push: what stood there before was thrown away.
    let gone = "1".repeat(40);
    event(&format!(r#"{{"before":"{gone}","after":"{tip}","forced":true}}"#));
    check(
        &with("push"),
        &["one", "two"],
        &["those that no other branch has (111111111111 is not in this clone)"],
    );
    event(&format!(r#"{{"before":"{tip}","after":"{zeros}","deleted":true}}"#));
    check(&with("push"), &[], &["the push took topic away"]);
    let (status, _, err) = in_ci(&repo, &folder, &with("schedule"));
    assert!(status == Some(2) && err.contains("GitHub's event `schedule` names none"), "{err}");

    check(
        &[
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_SHA", &tip),
            ("CI_COMMIT_BEFORE_SHA", &zeros),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base),
        ],
        &["one", "two"],
        &["GitLab: a merge request"],
    );
    check(
        &[("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_COMMIT", &tip), ("BITBUCKET_BRANCH", "topic")],
        &["one", "two"],
        &["Bitbucket: a push to topic"],
    );
    check(
        &[
            ("TF_BUILD", "True"),
            ("BUILD_SOURCEVERSION", &tip),
            ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
        ],
        &["one", "two"],
        &["Azure: a pull request"],
    );
    check(
        &[("JENKINS_URL", "x"), ("GIT_COMMIT", &tip), ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", &first)],
        &["two"],
        &["Jenkins: a push"],
    );
    check(
        &[("CIRCLECI", "true"), ("CIRCLE_SHA1", &tip), ("CIRCLE_BRANCH", "topic")],
        &["one", "two"],
        &["CircleCI: a push to topic"],
    );
    // A clone of one branch alone: all that is there.
    let alone = clone(&repo, "alone", &["--single-branch"]);
    let circle = [("CIRCLECI", "true"), ("CIRCLE_SHA1", &tip), ("CIRCLE_BRANCH", "topic")];
    let (status, out, err) = in_ci(&repo, &alone, &circle);
    assert!(status == Some(1) && out.contains("\"path\":\"main\""), "{out}");
    assert!(err.contains("all that it reaches: no other branch is in this clone"), "{err}");
}
