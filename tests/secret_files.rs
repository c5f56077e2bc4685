//! Files that are secrets by being there, pairs, and identifiers, through a real commit.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use harness::{Judged, Repo, made};

/// The rules that block, in the order of the report.
fn rules(judged: &Judged) -> Vec<String> {
    let findings = judged.json["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

fn shown(judged: &Judged) -> Vec<String> {
    let shown = judged.json["shown"].as_array().unwrap();
    shown.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_environment_file_with_a_secret_is_stopped_and_told_to_be_ignored() {
    let repo = Repo::new();
    repo.stage(".env", made("env", "APP_ENV=production\nDB_PASSWORD={lower:8}{digits:2}\n"));
    let judged = repo.commit();
    assert_eq!(judged.status, 1, "{}", judged.stderr);
    assert_eq!(rules(&judged), ["environment-file"]);
    assert!(judged.stderr.contains(".env is not in .gitignore"), "{}", judged.stderr);
    repo.stage(".gitignore", ".env\n");
    let judged = repo.commit();
    assert!(judged.stderr.contains(".env is in .gitignore and was added all the same"), "{}", judged.stderr);
}

#[test]
fn environment_files_without_a_secret_and_examples_pass() {
    let repo = Repo::new();
    let harmless = "# settings\nAPP_ENV=development\nDEBUG=true\nPORT=3000\nDB_HOST=localhost\nDB_PASSWORD=\nAPI_KEY=changeme\n\
                    JWT_SECRET=<your secret>\nTOKEN=${CI_TOKEN}\nAPP_NAME=\"my app\"\nLOG_LEVEL=info\nTOKEN_TTL=3600\n";
    repo.stage(".env", harmless).stage("deploy/prod.env", harmless).stage(".env.local", harmless);
    repo.stage(".npmrc", "registry=https://registry.npmjs.org/\nsave-exact=true\n").stage(".netrc", "");
    let judged = repo.commit();
    assert_eq!((judged.status, rules(&judged).len()), (0, 0), "{}", judged.stdout);
    assert_eq!(judged.committed, Some(true));
    // What stands in an example is left to the rules that judge any file.
    repo.stage(".env.example", made("env", "DB_PASSWORD={lower:8}{digits:2}\nWEATHER={base62:40}\n"));
    let judged = repo.judge();
    assert!(
        ![rules(&judged), shown(&judged)].concat().contains(&"environment-file".to_owned()),
        "{}",
        judged.raw
    );
}

#[test]
fn only_what_a_change_adds_to_an_environment_file_is_told() {
    let repo = Repo::new();
    let old = made("old", "DB_PASSWORD={lower:8}{digits:2}\n");
    repo.write(".env", &old).unjudged("old");
    repo.stage(".env", format!("{old}PORT=3000\n"));
    assert_eq!(repo.judge().status, 0);
    repo.stage(".env", format!("{old}{}", made("new", "MAIL_PASSWORD={lower:9}{digits:2}\n")));
    let judged = repo.judge();
    assert_eq!((judged.status, rules(&judged).len()), (1, 1));
    assert_eq!(judged.json["findings"][0]["line"], 2);
}

#[test]
fn credential_files_and_stores_are_stopped_each_with_its_reason() {
    let repo = Repo::new();
    let keystore = [b"\xfe\xed\xfe\xed\x00\x00\x00\x02".as_slice(), &[7; 200]].concat();
    repo.stage("app/release.keystore", keystore);
    repo.stage("home/.netrc", made("netrc", "machine api.corp.test login bob password {base62:16}\n"));
    repo.stage("home/.pgpass", made("pgpass", "db.corp.test:5432:app:bob:{base62:14}\n"));
    repo.stage("home/.git-credentials", made("git", "https://bob:{base62:24}@git.corp.test\n"));
    repo.stage("home/.bash_history", "ls\ncd /srv\n");
    repo.stage(
        "infra/terraform.tfstate",
        "{\"version\": 4, \"resources\": [{\"type\": \"aws_db_instance\"}]}\n",
    );
    repo.stage("web/.htpasswd", made("htpasswd", "bob:$apr1${base62:8}${base62:22}\n"));
    let judged = repo.commit();
    assert_eq!(judged.status, 1);
    let found = rules(&judged);
    for rule in [
        "java-keystore",
        "netrc-credentials",
        "pgpass-credentials",
        "git-credentials",
        "shell-history",
        "terraform-state",
        "password-hash-file",
    ] {
        assert!(found.contains(&rule.to_owned()), "{rule} is missing in {found:?}");
    }
    assert!(judged.stdout.contains("app/release.keystore (the whole file)"), "{}", judged.stdout);
    assert!(judged.stdout.contains("its name says what it is, and its content agrees"), "{}", judged.stdout);
    let whole =
        judged.json["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "java-keystore").unwrap();
    assert!(whole.get("line").is_none() && whole["fingerprint"].as_str().unwrap().starts_with("u1-"));
}

#[test]
fn names_without_such_content_pass() {
    let repo = Repo::new();
    repo.stage("a.keystore", "not one\n").stage("b.tfstate", "{\"version\": 4, \"resources\": []}\n");
    repo.stage("shadow", "the long shadow of the tree\n").stage("docs/login data", "how to log in\n");
    repo.stage("schema.sql", "CREATE TABLE users (id int, password varchar(60));\n")
        .stage(".bash_history", "\n");
    repo.stage("server.key", "a key to the map\n").stage("config", "port = 1\n");
    let judged = repo.commit();
    assert_eq!((judged.status, rules(&judged).len()), (0, 0), "{}", judged.stdout);
}

#[test]
fn a_keystore_that_only_moves_is_no_news() {
    let repo = Repo::new();
    let keystore: Vec<u8> =
        [b"\xfe\xed\xfe\xed\x00\x00\x00\x02".as_slice(), &(0..=255u8).collect::<Vec<u8>>()].concat();
    repo.write("old.jks", &keystore).unjudged("old");
    repo.git(&["mv", "old.jks", "new.jks"]);
    assert_eq!(repo.judge().status, 0);
}

#[test]
fn two_halves_in_any_format_are_one_finding_and_an_identifier_alone_does_not_block() {
    let sid = made("sid", "AC{hex:32}");
    let token = made("token", "{hex:32}");
    for text in [
        format!("TWILIO_ACCOUNT_SID={sid}\nTWILIO_AUTH_TOKEN={token}\n"),
        format!("twilio:\n  account_sid: {sid}\n  region: us1\n  auth_token: {token}\n"),
        format!("{{\"twilio_account_sid\": \"{sid}\",\n \"twilio_auth_token\": \"{token}\"}}\n"),
        format!("const twilio_account_sid = '{sid}', twilio_auth_token = '{token}';\n"),
    ] {
        let repo = Repo::new();
        repo.stage("settings.conf", &text);
        let judged = repo.judge();
        let findings = judged.json["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{text}{}", judged.stdout);
        assert_eq!(findings[0]["related"][0]["role"], "account SID", "{text}{}", judged.raw);
        assert!(shown(&judged).is_empty(), "{text}");
    }
    let repo = Repo::new();
    repo.stage("settings.conf", format!("TWILIO_ACCOUNT_SID={sid}\n"));
    let judged = repo.judge();
    assert_eq!((judged.status, shown(&judged)), (0, vec!["twilio-account-sid".to_owned()]));
    assert!(judged.stdout.contains("an identifier"), "{}", judged.stdout);
}

#[test]
fn a_companion_is_not_swallowed_by_a_secret_that_is_old() {
    let repo = Repo::new();
    let secret = made("secret", "aws_secret_access_key = {base64:40}\n");
    repo.write("credentials.ini", &secret).unjudged("old");
    repo.stage("credentials.ini", made("id", "aws_access_key_id = AKIA{base32:16}\n") + &secret);
    let judged = repo.judge();
    assert_eq!((judged.status, rules(&judged)), (1, vec!["aws-key-id".to_owned()]));
}

#[test]
fn a_password_is_told_with_its_user_and_a_client_secret_with_its_id() {
    let repo = Repo::new();
    repo.stage("a.yaml", made("a", "db:\n  username: shop\n  host: db1\n  password: {base62:18}\n"));
    repo.stage(
        "b.json",
        made("b", "{{\"client_id\": \"shop-web-1\",\n\"client_secret\": \"{base62:40}\"}}\n"),
    );
    let judged = repo.judge();
    let findings = judged.json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{}", judged.stdout);
    assert_eq!(
        (&findings[0]["related"][0]["role"], &findings[0]["related"][0]["line"]),
        (&"user".into(), &2.into())
    );
    assert_eq!(
        (&findings[1]["related"][0]["role"], &findings[1]["related"][0]["line"]),
        (&"id".into(), &1.into())
    );
}

#[test]
fn a_token_longer_than_any_regex_is_one_finding_with_all_of_it() {
    let repo = Repo::new();
    let token = made("long", "IQoJb3JpZ2luX2Vj{base64:1600}=="); // unleak:allow=generic-secret
    repo.stage("credentials.ini", format!("aws_session_token = {token}\n"));
    let judged = repo.judge();
    let findings = judged.json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{}", judged.stdout);
    assert_eq!(findings[0]["end_column"], 21 + token.len());
}

#[test]
fn a_commit_id_beside_the_word_aws_is_no_aws_key() {
    let repo = Repo::new();
    repo.stage("deploy.yaml", made("commit", "# aws\nkey: {hex:40}\ncache_key: {hex:40}\n"));
    let judged = repo.judge();
    let all = [rules(&judged), shown(&judged)].concat();
    assert!(!all.iter().any(|rule| rule.starts_with("aws")), "{all:?}");
}

#[test]
fn the_same_secret_at_several_places_is_told_once() {
    let repo = Repo::new();
    let line = made("same", "api_key = \"{base62:32}\"\n");
    repo.stage("a.py", format!("{line}x = 1\n{line}")).stage("b.py", &line);
    let judged = repo.judge();
    assert_eq!(judged.json["findings"].as_array().unwrap().len(), 3);
    assert_eq!(judged.stdout.matches("also at").count(), 2, "{}", judged.stdout);
    assert_eq!(judged.stdout.matches("generic-secret").count(), 1, "{}", judged.stdout);
}

#[test]
fn rules_of_ones_own_for_contexts_and_files_work_in_the_hook() {
    let repo = Repo::new();
    let config = "[[rules.context]]\nid = \"acme-key\"\nservice = [\"acmecorp\"]\ncharset = \"base64=\"\nlength = \"44\"\n\
                  pair = { names = [\"acme_user\"], role = \"user\" }\n\n\
                  [[rules.file]]\nid = \"acme-store\"\nnames = [\"*.acme\"]\nmagic = [\"4:cafe\"]\n";
    repo.write(".unleak.toml", config).unjudged("rules");
    repo.stage("a.py", made("acme", "acme_user = \"bob\"\nacmecorp_api_key = \"{base64=:44}\"\n"));
    repo.stage("b.acme", b"abcd\xca\xfe and more");
    let judged = repo.judge();
    assert_eq!(rules(&judged), ["acme-key", "acme-store"], "{}", judged.stdout);
    assert_eq!(judged.json["findings"][0]["related"][0]["role"], "user");
}
