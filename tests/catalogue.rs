//! `unleak rules` and `unleak rules test` as people and machines meet them.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use harness::{Repo, UNLEAK};
use serde_json::Value;

/// Status, standard output and standard error of `unleak rules …`.
fn rules(repo: &Repo, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = repo.command(UNLEAK).arg("rules").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

const OWN: &str = r#"
[[rules.custom]]
id = "acme-token"
title = "Acme token"
regex = '(?<secret>acme_[a-z0-9]{32})'
keywords = ["acme_"]
examples = ['token = "acme_{lower-alnum:32}"']
counter_examples = ['acme_{lower-alnum:12}']

[[rules.context]]
id = "acme-key"
service = ["acme"]
charset = "base64="
length = "44"
entropy = 4.0

[[rules.file]]
id = "acme-store"
names = ["*.acme"]
evidence = "^ACME"
examples = ["ACME {base62:20}"]
counter_examples = ["EMCA {base62:20}"]
"#;

#[test]
fn all_rules_are_listed_by_provider_and_can_be_narrowed() {
    let repo = Repo::new();
    let (status, all, said) = rules(&repo, &[]);
    assert_eq!(status, Some(0));
    assert!(all.lines().count() > 1_000 && said.contains("rules; `unleak rules ID`"), "{said}");
    let (_, github, _) = rules(&repo, &["--provider", "github", "--severity", "critical"]);
    assert!(github.starts_with("GitHub\n") && github.contains("github-token"), "{github}");
    assert!(github.lines().skip(1).all(|line| line.contains("critical")), "{github}");
    let (_, files, _) = rules(&repo, &["--kind", "file", "keystore"]);
    assert!(files.contains("java-keystore") && !files.contains("github-token"), "{files}");
    let (status, nothing, said) = rules(&repo, &["nosuchthing"]);
    assert_eq!((status, nothing.as_str()), (Some(2), ""));
    assert!(said.contains("no rule fits"), "{said}");
}

#[test]
fn one_rule_is_shown_with_everything_and_a_masked_example() {
    let repo = Repo::new();
    let (status, shown, _) = rules(&repo, &["github-token"]);
    assert_eq!(status, Some(0));
    for part in ["severity", "critical", "ghp_", "regex", "github-crc32", "revoke at", "example", "ghp_…"] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    let (_, json, _) = rules(&repo, &["--format", "json", "github-token"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["id"], &json["severity"]), (&"github-token".into(), &"critical".into()));
    assert!(json["example"].as_str().unwrap().contains('…'), "{json}");
}

#[test]
fn machines_get_every_rule_and_no_example_is_found_by_unleak_itself() {
    let repo = Repo::new();
    let (_, json, _) = rules(&repo, &["--format", "json"]);
    let parsed: Value = serde_json::from_str(&json).unwrap();
    assert!(parsed["rules"].as_array().unwrap().len() > 1_500);
    let (_, lines, _) = rules(&repo, &["--format", "jsonl"]);
    assert_eq!(lines.lines().count(), parsed["rules"].as_array().unwrap().len());
    let examples: Vec<&str> =
        parsed["rules"].as_array().unwrap().iter().filter_map(|r| r["example"].as_str()).collect();
    assert!(examples.len() > 1_500);
    repo.stage("examples.txt", examples.join("\n\n\n\n\n"));
    let judged = repo.judge();
    let found = judged.json["findings"].as_array().unwrap();
    assert!(found.is_empty(), "{} are not masked, such as {}", found.len(), found[0]);
}

#[test]
fn own_rules_are_listed_first_and_tested_with_the_place_of_what_is_wrong() {
    let repo = Repo::new();
    repo.write(".unleak.toml", OWN);
    let (_, listed, _) = rules(&repo, &["acme"]);
    assert!(listed.starts_with("Rules of your own\n") && listed.contains("acme-store"), "{listed}");
    let (status, told, said) = rules(&repo, &["test", "acme-token", "acme-key", "acme-store"]);
    assert_eq!((status, told.as_str()), (Some(0), ""), "{said}");
    assert!(said.contains("tried 3 rules") && said.contains("all hold"), "{said}");

    repo.write(".unleak.toml", OWN.replace("acme_{lower-alnum:32}\"'", "acme_{lower-alnum:31}\"'"));
    let (status, told, said) = rules(&repo, &["test", "acme-token"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        told.starts_with(
            ".unleak.toml:7:13: rule `acme-token`: the example is found, but by another rule: generic-secret"
        ),
        "{told}"
    );
    let (_, json, _) = rules(&repo, &["--format", "jsonl", "test", "acme-token"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["line"], &json["column"]), (&7.into(), &13.into()));

    repo.write(".unleak.toml", OWN.replace("['acme_{lower-alnum:12}", "['acme_{lower-alnum:32}"));
    let (status, told, _) = rules(&repo, &["test", "acme-token"]);
    assert_eq!((status, told.lines().count()), (Some(1), 1), "{told}");
    assert!(told.starts_with(".unleak.toml:8:21: rule `acme-token`: the counter-example is found"), "{told}");

    let slow = "(?<secret>acme_[acegikmoqsuwyACEGIKMOQSUWY13579_]{900})";
    repo.write(".unleak.toml", OWN.replace("(?<secret>acme_[a-z0-9]{32})", slow));
    let (status, told, _) = rules(&repo, &["test", "acme-token"]);
    assert_eq!(status, Some(1));
    assert!(told.starts_with(".unleak.toml:5:9: rule `acme-token`: the regex is slow to compile"), "{told}");
}

#[test]
fn a_rule_that_cannot_be_read_is_told_with_its_place() {
    let repo = Repo::new();
    for (change, to, said) in [
        (
            "title =",
            "titel =",
            ".unleak.toml:4:1: unknown key `titel` in `rules.custom`; did you mean `title`?",
        ),
        (
            "(?<secret>acme",
            "(?:acme",
            ".unleak.toml:5:9: `rules.custom`: the regex needs exactly one named group",
        ),
        ("{32})'", "*)'", ".unleak.toml:5:9: `rules.custom`: the regex is unbounded"),
        (
            "[\"acme_\"]",
            "[\"acme_\", \"acne_\"]",
            ".unleak.toml:6:22: `rules.custom`: the regex cannot match keyword `acne_`",
        ),
        (
            "(?<secret>acme_",
            "(?<secret>[a-z]{4}_|acme_",
            ".unleak.toml:5:9: `rules.custom`: no keyword covers the regex",
        ),
        (
            "entropy = 4.0",
            "checks = [\"nosuch\"]",
            ".unleak.toml:15:10: `rules.context`: no check is called `nosuch`",
        ),
    ] {
        assert!(OWN.contains(change), "{change}");
        repo.write(".unleak.toml", OWN.replacen(change, to, 1));
        let (status, _, error) = rules(&repo, &["test"]);
        assert_eq!(status, Some(2), "{error}");
        assert!(error.contains(said), "{said} is missing in {error}");
    }
}
