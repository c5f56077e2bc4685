//! What is told of each finding: who introduced it, whether it is there still, who took it away.

use super::repo::{Repo, token};

fn find<'a>(said: &'a super::repo::Said, secret: &str, path: &str) -> &'a serde_json::Value {
    said.findings()
        .iter()
        .find(|f| f["secret"] == secret && f["path"] == path)
        .unwrap_or_else(|| panic!("{secret} at {path} is not among {:#?}", said.json))
}

#[test]
fn a_secret_that_came_and_went_says_when() {
    let repo = Repo::new(&[]);
    repo.write("a.txt", "one\n").commit("start");
    let came = repo.write("a.txt", format!("one\ntoken = \"{}\"\n", token(1))).commit("came");
    repo.write("a.txt", format!("one\ntwo\ntoken = \"{}\"\n", token(1))).commit("moved a line");
    repo.git(&["branch", "old"]);
    let gone = repo.write("a.txt", "one\ntwo\n").commit("gone");
    repo.write("b.txt", format!("token = \"{}\"\n", token(2))).commit("stays");
    let said = repo.history();
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert_eq!(said.findings().len(), 2, "{:#?}", said.json);
    let old = find(&said, &token(1), "a.txt");
    assert_eq!(old["commit"], came.as_str());
    assert_eq!(old["author"], "a <a@example.invalid>");
    assert_eq!((&old["line"], &old["in_head"]), (&2.into(), &false.into()));
    assert_eq!(old["removed_by"], gone.as_str());
    assert_eq!(old["branches"], serde_json::json!(["old"]));
    let new = find(&said, &token(2), "b.txt");
    assert_eq!(new["in_head"], true);
    assert_eq!(new["branches"], serde_json::json!(["main"]));
    assert!(new.get("removed_by").is_none());
}

#[test]
fn introducing_commits_are_those_of_git_log() {
    let repo = Repo::new(&[]);
    for n in 0..30 {
        let path = format!("dir{}/file{}.py", n % 3, n % 5);
        let old = std::fs::read_to_string(repo.top().join(&path)).unwrap_or_default();
        repo.write(&path, format!("{old}line {n}\ntoken = \"{}\"\n", token(300 + n))).commit("more");
        if n % 7 == 6 {
            repo.git(&["mv", &path, &format!("moved{n}.py")]);
            repo.commit("move");
        }
    }
    let said = repo.history();
    assert!(said.findings().len() >= 30);
    for finding in said.findings() {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let added = repo.git(&[
            "log",
            "--reverse",
            "--format=%H",
            "--no-renames",
            "-S",
            &text("secret"),
            "--",
            &text("path"),
        ]);
        assert_eq!(added.lines().next(), Some(text("commit").as_str()), "{finding:#}");
    }
}

#[test]
fn a_renamed_folder_has_its_secret_under_both_names() {
    let repo = Repo::new(&[]);
    repo.write("old/a/b.txt", format!("token = \"{}\"\n", token(3))).commit("start");
    repo.git(&["mv", "old", "new"]);
    let moved = repo.commit("rename");
    let said = repo.history();
    let (old, new) = (find(&said, &token(3), "old/a/b.txt"), find(&said, &token(3), "new/a/b.txt"));
    assert_eq!((&old["in_head"], &old["removed_by"]), (&false.into(), &moved.as_str().into()));
    assert_eq!((&new["in_head"], &new["commit"]), (&true.into(), &moved.as_str().into()));
    assert_eq!(old["fingerprint"], new["fingerprint"]);
}

#[test]
fn what_nothing_reaches_is_found_when_asked_for() {
    let repo = Repo::new(&[]);
    repo.write("a.txt", "one\n").commit("start");
    repo.write("a.txt", format!("token = \"{}\"\n", token(4))).commit("oops");
    repo.git(&["reset", "-q", "--hard", "HEAD^"]);
    repo.git_with(&["hash-object", "-w", "--stdin"], format!("token = \"{}\"\n", token(5)).as_bytes());
    assert_eq!(repo.history().status, 0);
    let said = repo.history_at(&repo.top(), &["--unreachable"]);
    assert_eq!((said.status, said.findings().len()), (1, 2), "{:#?}", said.json);
    find(&said, &token(4), "a.txt");
}

#[test]
fn an_empty_repository_has_nothing_to_judge() {
    let said = Repo::new(&[]).history();
    assert_eq!((said.status, said.losses().len()), (0, 0), "{}", said.stderr);
}
