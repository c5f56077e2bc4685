//! What a team allows, as it counts in a commit: the staged configuration, comments, and how each is told.
//!
//! The trap: an exception that grows. Each allowance is tried on what it is meant for and on what stands next to it.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use harness::{Judged, Repo, filler, line, made, token};

/// A repository with this configuration committed and `a.txt` (token 0) and `b.txt` (token 1) staged.
fn with(config: &str) -> Repo {
    let repo = Repo::new();
    repo.write(".unleak.toml", config).unjudged("configuration");
    repo.stage("a.txt", line(0)).stage("b.txt", line(1));
    repo
}

fn entry(n: usize, more: &str) -> String {
    let fingerprint = unleak::fingerprint::fingerprint(token(n).as_bytes());
    format!("[[allowlist.entry]]\nfingerprint = \"{fingerprint}\"\nreason = \"published\"\n{more}\n")
}

#[track_caller]
fn allowed(judged: &Judged, all: u64, by_this_change: u64) {
    let counts = (judged.count("allowed"), judged.count("allowed_by_this_change"));
    assert_eq!(counts, (all, by_this_change), "{judged:#?}");
}

#[test]
fn each_allowance_frees_what_it_names_and_nothing_beside_it() {
    let one = |text: &str| token(0)[..].contains(text).then(|| text.to_owned());
    let head = one(&token(0)[..12]).unwrap();
    for config in [
        entry(0, ""),
        entry(0, "path = \"*.txt\""),
        entry(0, "expires = 2999-01-01"),
        "[allowlist]\npaths = [\"a.txt\"]\n".to_owned(),
        format!("[allowlist]\nsecrets = [\"^{head}\"]\n"),
        format!("[allowlist]\nlines = ['= \"{head}']\n"),
        format!("[allowlist]\nstopwords = [\"{}\"]\n", head[4..].to_ascii_uppercase()),
        "[rules.allow.github-token]\npaths = [\"a.*\"]\n".to_owned(),
    ] {
        let judged = with(&config).commit();
        judged.stopped_at(&["b.txt:1:10"]);
        allowed(&judged, 1, 0);
    }
}

#[test]
fn an_allowance_for_something_else_frees_nothing() {
    for config in [
        entry(2, ""),
        entry(0, "path = \"docs/**\""),
        entry(0, "expires = 2020-01-01"),
        "[allowlist]\npaths = [\"docs/**\"]\n".to_owned(),
        "[rules.allow.aws-key-id]\npaths = [\"a.txt\"]\n".to_owned(),
        "[allowlist]\nsecrets = [\"token\"]\n".to_owned(),
    ] {
        let judged = with(&config).commit();
        judged.stopped_at(&["a.txt:1:10", "b.txt:1:10"]);
        allowed(&judged, 0, 0);
    }
}

#[test]
fn an_expired_entry_is_told() {
    with(&entry(0, "expires = 2020-01-01")).commit().says(&["unleak: note:", "expired", "2020-01-01"]);
}

#[test]
fn a_disabled_rule_finds_nothing_and_a_custom_rule_does() {
    let repo = Repo::new();
    let rule = "[rules]\ndisable = [\"github-token\"]\n[[rules.custom]]\nid = \"acme-token\"\n\
                keywords = [\"ACME_\"]\nregex = 'acme_(?<";
    repo.write(".unleak.toml", format!("{rule}{}>[a-z0-9]{{20}})'\n", "secret")).unjudged("configuration");
    repo.stage("a.txt", format!("see {}\n", token(0)));
    repo.commit().passes(1);
    repo.stage("b.txt", made("acme", "see acme_{lower-alnum:20} there\n"));
    let judged = repo.commit();
    judged.stopped_at(&["b.txt:1:10"]);
    assert_eq!(judged.json["findings"][0]["rule"], "acme-token");
    assert_eq!(judged.json["findings"][0]["severity"], "high");
}

#[test]
fn what_the_change_itself_allows_is_told() {
    let repo = Repo::new();
    repo.stage(".unleak.toml", entry(0, "")).stage("a.txt", line(0));
    let judged = repo.commit();
    allowed(judged.passes(2), 1, 1);
    judged.says(&["1 allowed (1 by this change itself)"]);
    repo.stage("c.txt", line(0));
    allowed(repo.commit().passes(1), 1, 0);
}

#[test]
fn a_configuration_that_is_not_staged_does_not_count_and_is_told() {
    let repo = Repo::new();
    repo.stage("a.txt", line(0)).write(".unleak.toml", entry(0, ""));
    repo.commit().stopped_at(&["a.txt:1:10"]).says(&["unleak: note:", "not staged", "git add .unleak.toml"]);
    repo.git(&["add", ".unleak.toml"]);
    repo.write(".unleak.toml", "wrong = 1\n");
    repo.commit().passes(2).says(&["differs from the staged one"]);
}

#[test]
fn a_wrong_configuration_stops_with_its_place_and_the_nearest_key() {
    for (config, words) in [
        ("[allowlist]\npath = [\"a.txt\"]\n", &[".unleak.toml:2:1:", "`path`", "`paths`"][..]),
        ("mode = \"wran\"\n", &[".unleak.toml:1:8:", "warn"]),
        ("\n\nstrictnes = \"strict\"\n", &[".unleak.toml:3:1:", "`strictness`"]),
        ("[allowlist]\nsecrets = [\"(\"]\n", &[".unleak.toml:2:12:", "`allowlist.secrets`"]),
        ("[allowlist]\nsecrets = [\"\"]\n", &[".unleak.toml:2:12:"]),
        ("[allowlist]\npaths = [\"!a\"]\n", &[".unleak.toml:2:10:"]),
        ("[rules]\ndisable = [\"github-tokn\"]\n", &[".unleak.toml:2:12:", "`github-token`"]),
        ("not toml\n", &[".unleak.toml:1:"]),
        ("[[allowlist.entry]]\nfingerprint = \"u1-0\"\nreason = \"x\"\n", &[".unleak.toml:2:15:"]),
    ] {
        let repo = Repo::new();
        repo.stage(".unleak.toml", config).stage("a.txt", filler(1));
        let judged = repo.commit();
        judged.fails(words);
        assert_eq!(judged.stdout, "");
    }
    let repo = Repo::new();
    repo.stage(".unleak.toml", b"mode = \"\xff\"\n").stage("a.txt", line(0));
    repo.commit().fails(&[".unleak.toml"]);
}

#[test]
#[cfg(unix)]
fn a_configuration_that_is_a_link_is_refused() {
    let repo = Repo::new();
    repo.write("other.toml", "mode = \"warn\"\n");
    std::os::unix::fs::symlink("other.toml", repo.top().join(".unleak.toml")).unwrap();
    repo.git(&["add", "-A"]);
    repo.commit().fails(&[".unleak.toml", "no regular file"]);
}

#[test]
fn warn_lets_secrets_pass_and_nothing_else() {
    let repo = with("mode = \"warn\"\n");
    let judged = repo.commit();
    assert_eq!((judged.status, judged.committed), (0, Some(true)), "{judged:#?}");
    assert_eq!(judged.places(), ["a.txt:1:10", "b.txt:1:10"]);
    judged.says(&["lets the commit pass"]);
    repo.stage(".unleak.toml", "mode = warn\n");
    repo.commit().fails(&[".unleak.toml:1:"]);
}

#[test]
fn comments_free_their_line_only() {
    let secret = |n: usize| line(n).trim_end().to_owned();
    let long = "x".repeat(1_000);
    for (text, places) in [
        (format!("{} # unleak:allow\n{}\n", secret(0), secret(1)), &["c.txt:2:10"][..]),
        (format!("{} # unleak:allow=github-token\n{}\n", secret(0), secret(1)), &["c.txt:2:10"]),
        (format!("{} # unleak:allow=aws-key-id\n", secret(0)), &["c.txt:1:10"]),
        (format!("{} # unleak:allow=github-tokn\n", secret(0)), &["c.txt:1:10"]),
        (format!("# unleak:allow-next-line\n{}\n{}\n", secret(0), secret(1)), &["c.txt:3:10"]),
        (format!("# unleak:allow\n{}\n", secret(0)), &["c.txt:2:10"]),
        (format!("{} # unleak:allowed\n", secret(0)), &["c.txt:1:10"]),
        (format!("{} {long} # unleak:allow\n", secret(0)), &["c.txt:1:10"]),
        (format!("{} {long} # unleak:allow=github-token\n{}\n", secret(0), secret(1)), &["c.txt:2:10"]),
    ] {
        let repo = Repo::new();
        repo.stage("c.txt", &text);
        let judged = repo.commit();
        judged.stopped_at(places);
        let free = text.matches("token = ").count() - places.len();
        allowed(&judged, free as u64, free as u64);
    }
}

#[test]
fn an_old_comment_is_no_allowance_of_this_change() {
    let repo = Repo::new();
    repo.write("c.txt", "# unleak:allow-next-line\nold\n").unjudged("old");
    repo.stage("c.txt", "# unleak:allow-next-line\n".to_owned() + &line(0));
    allowed(repo.commit().passes(1), 1, 0);
}

#[test]
fn a_user_file_adds_to_the_repositorys() {
    let repo = with(&entry(0, ""));
    let folder = repo.home("config/unleak");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), entry(1, "")).unwrap();
    allowed(repo.commit().passes(2), 2, 0);
    repo.stage("c.txt", line(2));
    std::fs::write(folder.join("config.toml"), "mod = 1\n").unwrap();
    repo.commit().fails(&["config.toml:1:1:", "`mode`"]);
}
