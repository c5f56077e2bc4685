//! What people and machines see, whole and line by line.
//!
//! The trap: times and fingerprints differ or say nothing, so they are replaced before texts are compared.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use harness::{Judged, Repo, filler, line, made};
use serde_json::Value;
use snapbox::{assert_data_eq, str};

/// Both streams as a terminal shows them, times and fingerprints replaced.
fn seen(judged: &Judged) -> String {
    let all = format!("{}{}", judged.stdout, judged.stderr);
    let mut text = String::new();
    for line in all.lines() {
        let line = match line.split_once("u1-") {
            Some((before, rest)) => format!("{before}u1-…{}", &rest[20..]),
            None => line.to_owned(),
        };
        let timed = |end: &str| line.contains(end).then(|| line.rfind(" (")).flatten().zip(line.rfind(end));
        match timed(" ms)").or_else(|| timed(" s)")) {
            Some((from, to)) => {
                text += &format!("{} (TIME{}", &line[..from], &line[to + line[to..].find(')').unwrap()..]);
            }
            None => text += &line,
        }
        text.push('\n');
    }
    text
}

#[test]
fn one_finding() {
    let repo = Repo::new();
    repo.stage("src/app.py", filler(2) + &line(0));
    assert_data_eq!(
        seen(&repo.commit()),
        str![[r#"
critical[github-token]: GitHub personal access token
  --> src/app.py:3:10
   |
 3 | token = "ghp_…"
   |          ^^^^^
   = why: checksum holds; it has the format of one
   = gives away: everything its owner may do on GitHub within the token's scopes
   = revoke at: https://github.com/settings/tokens

unleak: found 1 secret in 1 file, 65 bytes of staged changes (TIME): commit blocked

To fix it:
  1. unstage it: git restore --staged src/app.py
  2. move the value into the environment or a secrets manager
  3. revoke what was ever pushed or shared: taking it out does not undo that
If it is no secret: unleak allow u1-… --reason "…"
To skip all checks once: git commit --no-verify

"#]]
    );
}

#[test]
fn several_findings() {
    let repo = Repo::new();
    repo.stage("a.txt", line(0) + &line(1)).stage("b.txt", line(0));
    assert_data_eq!(
        seen(&repo.commit()),
        str![[r#"
critical[github-token]: GitHub personal access token
  --> a.txt:1:10
   |
 1 | token = "ghp_…"
   |          ^^^^^
   = why: checksum holds; it has the format of one
   = gives away: everything its owner may do on GitHub within the token's scopes
   = revoke at: https://github.com/settings/tokens
   = also at: b.txt:1:10
   = fingerprint: u1-…

critical[github-token]: GitHub personal access token
  --> a.txt:2:10
   |
 2 | token = "ghp_…"
   |          ^^^^^
   = why: checksum holds; it has the format of one
   = gives away: everything its owner may do on GitHub within the token's scopes
   = revoke at: https://github.com/settings/tokens
   = fingerprint: u1-…

unleak: found 2 secrets at 3 places in 2 files, 153 bytes of staged changes (TIME): commit blocked

To fix it:
  1. unstage them: git restore --staged a.txt b.txt
  2. move the values into the environment or a secrets manager
  3. revoke what was ever pushed or shared: taking it out does not undo that
If it is no secret: unleak allow FINGERPRINT --reason "…"
To skip all checks once: git commit --no-verify

"#]]
    );
}

#[test]
fn a_clean_change() {
    let repo = Repo::new();
    repo.stage("a.txt", filler(30));
    assert_data_eq!(
        seen(&repo.commit()),
        str![[r#"
unleak: nothing found in 1 file, 231 bytes of staged changes (TIME)

"#]]
    );
}

#[test]
fn nothing_staged() {
    assert_data_eq!(
        seen(&Repo::new().judge()),
        str![[r#"
unleak: nothing is staged, so there was nothing to judge

"#]]
    );
}

#[test]
fn an_allowed_secret() {
    let repo = Repo::new();
    repo.stage("a.txt", line(0).trim_end().to_owned() + " # unleak:allow published\n");
    assert_data_eq!(
        seen(&repo.commit()),
        str![[r#"
unleak: nothing found in 1 file, 76 bytes of staged changes, 1 allowed (1 by this change itself) (TIME)

"#]]
    );
}

#[test]
fn a_wrong_configuration() {
    let repo = Repo::new();
    repo.stage(".unleak.toml", "[allowlist]\npath = [\"docs/**\"]\n\n[rules]\ndisabled = []\n");
    assert_data_eq!(
        seen(&repo.commit()),
        str![[r#"
unleak: .unleak.toml:2:1: unknown key `path` in `allowlist`; did you mean `paths`?
.unleak.toml:5:1: unknown key `disabled` in `rules`; did you mean `disable`?

"#]]
    );
}

#[test]
fn a_loss() {
    let repo = Repo::new();
    repo.write("loose.txt", line(0));
    let judged = repo.judge_with(&["hook", "pre-commit", "gone.txt", "loose.txt"]);
    assert_data_eq!(
        seen(&judged),
        str![[r#"
critical[github-token]: GitHub personal access token
  --> loose.txt:1:10
   |
 1 | token = "ghp_…"
   |          ^^^^^
   = why: checksum holds; it has the format of one
   = gives away: everything its owner may do on GitHub within the token's scopes
   = revoke at: https://github.com/settings/tokens

unleak: not judged: gone.txt: cannot read it: No such file or directory (os error 2)
unleak: found 1 secret in 1 file, 51 bytes of staged changes and named files (TIME), but 1 thing not judged: a commit would be blocked

To fix it:
  1. unstage it: git restore --staged loose.txt
  2. move the value into the environment or a secrets manager
  3. revoke what was ever pushed or shared: taking it out does not undo that
If it is no secret: unleak allow u1-… --reason "…"
To skip all checks once: git commit --no-verify

"#]]
    );
}

#[test]
fn a_secret_in_the_first_commit_below_the_top() {
    let repo = Repo::empty();
    repo.stage("sub/app.py", line(0));
    let mut command = repo.command("git");
    command.current_dir(repo.top().join("sub")).args(["commit", "-q", "-m", "more"]);
    assert_data_eq!(
        seen(&repo.judged_by(command, "")),
        str![[r#"
critical[github-token]: GitHub personal access token
  --> sub/app.py:1:10
   |
 1 | token = "ghp_…"
   |          ^^^^^
   = why: checksum holds; it has the format of one
   = gives away: everything its owner may do on GitHub within the token's scopes
   = revoke at: https://github.com/settings/tokens

unleak: found 1 secret in 1 file, 51 bytes of staged changes (TIME): commit blocked

To fix it:
  1. unstage it: git rm --cached :/sub/app.py
  2. move the value into the environment or a secrets manager
  3. revoke what was ever pushed or shared: taking it out does not undo that
If it is no secret: unleak allow u1-… --reason "…"
To skip all checks once: git commit --no-verify

"#]]
    );
}

/// Every key of the contract, and no other: users' scripts stand on them.
#[test]
fn the_json_contract_key_by_key() {
    let repo = Repo::new();
    let key_id = made("key id", "AKIA{base32:16}");
    let key = made("key", "{base64:40}");
    repo.stage("aws.ini", format!("aws_access_key_id = {key_id}\naws_secret_access_key = {key}\n"));
    repo.stage("b.txt", filler(2) + &line(0));
    let judged = repo.judge_with(&["hook", "pre-commit", "gone.txt"]);
    let json = &judged.json;
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(json), "findings limits losses schema shown summary tool");
    assert_eq!((&json["schema"], &json["limits"]), (&1.into(), &Value::Array(Vec::new())));
    assert_eq!(json["tool"]["name"], "unleak");
    assert_eq!(json["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(keys(&json["tool"]), "name version");
    assert_eq!(keys(&json["losses"][0]), "path reason");
    assert_eq!(
        keys(&json["summary"]),
        "allowed allowed_by_this_change bytes complete files findings shown source"
    );
    assert_eq!((&json["summary"]["source"], &json["summary"]["complete"]), (&"staged".into(), &false.into()));
    assert_eq!((judged.count("files"), judged.count("findings")), (2, 2));

    let pair = &json["findings"][0];
    assert_eq!(
        keys(pair),
        "column confidence end_column end_line fingerprint line path reasons related revoke rule secret severity title"
    );
    assert_eq!(keys(&pair["related"][0]), "column line path role");
    assert_eq!((&pair["related"][0]["line"], &pair["related"][0]["column"]), (&1.into(), &21.into()));

    let token = &json["findings"][1];
    assert_eq!(
        keys(token),
        "column confidence end_column end_line fingerprint line path reasons revoke rule secret severity title"
    );
    let text = |key: &str| token[key].as_str().unwrap().to_owned();
    assert_eq!(text("fingerprint"), unleak::fingerprint::fingerprint(harness::token(0).as_bytes()));
    assert_eq!((text("rule"), text("severity")), ("github-token".to_owned(), "critical".to_owned()));
    assert_eq!((text("path"), text("secret")), ("b.txt".to_owned(), "ghp_…".to_owned()));
    assert!(text("revoke").starts_with("https://"), "{token}");
    let place = ["line", "column", "end_line", "end_column"].map(|key| token[key].as_u64().unwrap());
    assert_eq!(place, [3, 10, 3, 50]);
    assert_eq!(token["confidence"], 1.0);
    assert!(judged.raw.ends_with("}\n") && judged.raw.starts_with("{\"schema\":1,"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let repo = Repo::new();
    for n in 0..8 {
        repo.write(format!("f{n}"), line(n));
    }
    repo.git(&["add", "-A"]);
    let first = repo.judge();
    assert_eq!(first.count("findings"), 8);
    assert_eq!(repo.judge().raw, first.raw);
}
