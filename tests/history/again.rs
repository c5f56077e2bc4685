//! A second run looks at what is new alone, and reports all the same.

use super::equality::grow;
use super::repo::{Repo, Said, made, token};

fn again(repo: &Repo) -> Said {
    repo.history_at(&repo.top(), &[])
}

/// What a run says that makes use of the last, held against one that does not.
fn says_the_same(repo: &Repo, what: &str) -> Said {
    let (with, without) = (again(repo), repo.history());
    assert_eq!(with.status, without.status, "{what}: {}", with.stderr);
    assert_eq!(with.json, without.json, "{what}");
    with
}

/// How many objects needed no look.
fn reused(said: &Said) -> usize {
    let line = said.stderr.lines().find(|line| line.contains("looked at before"));
    let word = line.and_then(|line| line.split_whitespace().find_map(|word| word.parse().ok()));
    word.unwrap_or(0)
}

#[test]
fn what_was_looked_at_is_not_looked_at_again() {
    let repo = Repo::new(&[]);
    grow(&repo, 7, 16);
    let first = says_the_same(&repo, "first");
    assert_eq!((first.status, reused(&first)), (1, 0), "{}", first.stderr);
    let second = says_the_same(&repo, "second");
    let objects: usize = repo.git(&["rev-list", "--all", "--count"]).parse().unwrap();
    assert!(reused(&second) > objects, "{} of more than {objects}: {}", reused(&second), second.stderr);
}

#[test]
fn what_is_new_is_found_and_what_is_gone_is_not() {
    let repo = Repo::new(&[]);
    repo.write("a", format!("token = \"{}\"\n", token(1))).commit("start");
    repo.git(&["checkout", "-q", "-b", "side"]);
    // The first place where a secret was met goes away, and the secret stays.
    repo.write("b", format!("one\ntoken = \"{}\"\n", token(2))).commit("side");
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(says_the_same(&repo, "first").json["findings"].as_array().unwrap().len(), 2);
    repo.write("c", format!("two\n\ntoken = \"{}\"\n", token(2))).commit("more");
    repo.write("d", format!("token = \"{}\"\n", token(3))).commit("new");
    assert_eq!(says_the_same(&repo, "new").json["findings"].as_array().unwrap().len(), 4);
    repo.git(&["branch", "-D", "side"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(says_the_same(&repo, "gone").json["findings"].as_array().unwrap().len(), 3);
    says_the_same(&repo, "gone, again");
}

#[test]
fn other_rules_look_at_everything() {
    let repo = Repo::new(&[]);
    repo.write("a", format!("token = \"{}\"\n{}\n", token(1), made("zz", "zz_{lower-alnum:16}")))
        .commit("start");
    assert_eq!(again(&repo).findings().len(), 1);
    let rule = "[[rules.custom]]\nid = \"zz\"\nregex = '(?<secret>zz_[0-9a-z]{16})'\nkeywords = [\"zz_\"]\n";
    repo.write(".unleak.toml", rule).commit("a rule");
    let said = says_the_same(&repo, "a rule");
    assert_eq!((said.findings().len(), reused(&said)), (2, 0), "{}", said.stderr);
    repo.write(".unleak.toml", "[rules]\ndisable = [\"github-token\"]\n").commit("none");
    let said = says_the_same(&repo, "a rule less");
    assert_eq!(reused(&said), 0, "{}", said.stderr);
}

#[test]
fn what_is_kept_holds_no_secret_and_is_not_trusted_when_it_is_damaged() {
    let repo = Repo::new(&[]);
    repo.write("a", format!("token = \"{}\"\n", token(1))).commit("start");
    let first = again(&repo);
    let kept = repo.top().join(".git/unleak/history");
    let bytes = std::fs::read(&kept).unwrap();
    for part in token(1).as_bytes().windows(5) {
        assert!(!bytes.windows(5).any(|window| window == part));
    }
    assert!(reused(&again(&repo)) > 0);
    for cut in [10, 40, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&kept, &bytes[..cut]).unwrap();
        let said = again(&repo);
        assert_eq!((said.status, &said.json, reused(&said)), (1, &first.json, 0), "{cut}: {}", said.stderr);
        assert_eq!(said.stderr.contains("damaged"), cut > 48, "{cut}: {}", said.stderr);
        assert_eq!(std::fs::read(&kept).unwrap().len(), bytes.len(), "it is written anew");
    }
    // One flipped bit, wherever.
    for at in (48..bytes.len()).step_by(7) {
        let mut bad = bytes.clone();
        bad[at] ^= 4;
        std::fs::write(&kept, &bad).unwrap();
        let said = again(&repo);
        assert_eq!((&said.json, reused(&said)), (&first.json, 0), "{at}: {}", said.stderr);
    }
}

#[test]
fn a_copy_of_a_repository_is_looked_at_anew() {
    let repo = Repo::new(&[]);
    repo.write("a", format!("token = \"{}\"\n", token(1))).commit("start");
    again(&repo);
    let copy = repo.beside("copy");
    let files = std::process::Command::new("cp").arg("-a").arg(repo.top()).arg(&copy).status().unwrap();
    assert!(files.success() && copy.join(".git/unleak/history").is_file());
    let said = repo.history_at(&copy, &[]);
    assert_eq!((said.findings().len(), reused(&said)), (1, 0), "{}", said.stderr);
}

#[test]
fn where_nothing_can_be_kept_everything_is_looked_at() {
    let repo = Repo::new(&[]);
    repo.write("a", format!("token = \"{}\"\n", token(1))).commit("start");
    repo.write(".git/unleak", "in the way");
    for _ in 0..2 {
        let said = says_the_same(&repo, "in the way");
        assert_eq!((said.status, reused(&said)), (1, 0));
        assert!(said.stderr.contains("cannot keep for the next run"), "{}", said.stderr);
    }
    std::fs::remove_file(repo.top().join(".git/unleak")).unwrap();
    repo.history();
    assert!(!repo.top().join(".git/unleak").exists(), "--no-cache keeps nothing");
}

#[test]
fn what_an_archive_holds_is_found_again() {
    let repo = Repo::new(&[]);
    let packed = |n: usize| {
        use std::io::Write as _;
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writeln!(gz, "token = \"{}\"", token(n)).unwrap();
        gz.finish().unwrap()
    };
    repo.write("a.gz", packed(1)).commit("one");
    repo.write("a.gz", packed(2)).commit("two");
    assert_eq!(says_the_same(&repo, "first").findings().len(), 2);
    repo.write("b.gz", packed(3)).commit("three");
    assert_eq!(says_the_same(&repo, "second").findings().len(), 3);
    assert_eq!(says_the_same(&repo, "third").findings().len(), 3);
}
