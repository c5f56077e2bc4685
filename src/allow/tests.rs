//! The configuration as its author meets it: what is read, what is refused and how it is said, what allows what.

use std::cell::Cell;
use std::sync::Arc;

use super::*;
use crate::text::budget::Limits;

const FINGERPRINT: &str = "u1-0123456789abcdef0123";

fn built_in() -> Vec<&'static str> {
    vec!["github-token", "aws-key-id", "generic-password"]
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(".unleak.toml", Origin::Repository, text.as_bytes(), &built_in)
}

fn valid(text: &str) -> Config {
    parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// What is wrong with a text, as a person reads it.
fn wrong(text: &str) -> String {
    parse(text).map(|_| ()).expect_err(text).to_string()
}

fn entry(more: &str) -> String {
    format!(
        "[[allowlist.entry]]\nfingerprint = \"{FINGERPRINT}\"\nreason = \"published sample key\"\n{more}\n"
    )
}

const EVERY_KEY: &str = r#"
min_version = "0.1"
mode = "warn"
strictness = "strict"
[allowlist]
paths = ["tests/fixtures/**"]
secrets = ["^test_"]
lines = ["fixture:"]
stopwords = ["eXample"]
[[allowlist.entry]]
fingerprint = "u1-0123456789abcdef0123"
path = "docs/**"
reason = "published sample key"
expires = 2027-06-30
[rules]
disable = ["generic-password", "acme-token"]
[rules.allow.aws-key-id]
paths = ["docs/**"]
[[rules.allow.acme-token.entry]]
fingerprint = "u1-0123456789abcdef0123"
reason = "for one rule"
[[rules.custom]]
id = "acme-token"
title = "Acme token"
severity = "critical"
grants = "the coyote's account"
regex = 'acme_(?<secret>[a-z0-9]{32})'
keywords = ["acme_"]
boundary = "token"
public = 0
checks = []
entropy = 3
revoke = "https://acme.example/tokens"
source = "https://acme.example/docs"
kind = "specific"
pair = { rule = "github-token", role = "key id", lines = 3 }
examples = ['acme_{lower-alnum:32}']
counter_examples = ['acme_{lower-alnum:8}']
[limits]
exceeded = "block"
depth = 3
ratio = 1_000
members = 0x10
megabytes = 64
"#;

#[test]
fn every_key_is_read() {
    let config = valid(EVERY_KEY);
    assert_eq!(config.mode, Some(Mode::Warn));
    assert_eq!(config.strictness, Some(Strictness::Strict));
    assert_eq!(config.limits_exceeded, Some(Exceeded::Block));
    let limits = config.bounds.over(Limits::default());
    assert_eq!((limits.depth, limits.ratio, limits.members, limits.bytes), (3, 1000, 16, 64 << 20));
    assert_eq!(limits.held, Limits::default().held);
    assert_eq!(config.allowlist.paths[0].text, "tests/fixtures/**");
    assert_eq!((config.allowlist.secrets[0].line, config.allowlist.secrets[0].column), (7, 12));
    assert_eq!(config.allowlist.stopwords[0].folded, b"example");
    let entry = &config.allowlist.entries[0];
    assert_eq!((entry.line, entry.expires), (10, Date::parse("2027-06-30")));
    assert_eq!(config.disable, ["generic-password", "acme-token"]);
    assert_eq!(config.rule_allowlists["aws-key-id"].paths.len(), 1);
    assert_eq!(config.rule_allowlists["acme-token"].entries.len(), 1);
    let custom = &config.custom[0];
    assert_eq!((custom.rule.id.as_str(), custom.rule.severity, custom.line), ("acme-token", 3, 22));
}

#[test]
fn limits_are_whole_numbers_that_make_sense() {
    for text in [
        "depth = 0",
        "depth = 65",
        "ratio = -1",
        "members = 1.5",
        "megabytes = \"64\"",
        "members = 99999999999",
    ] {
        let said = wrong(&format!("[limits]\n{text}"));
        assert!(said.starts_with(".unleak.toml:2:") && said.contains("whole number"), "{text}: {said}");
    }
    let near = valid("[limits]\ndepth = 2").bounds.or(valid("[limits]\ndepth = 9\nmembers = 5").bounds);
    assert_eq!((near.depth, near.members, near.ratio), (Some(2), Some(5), None));
}

#[test]
fn an_empty_file_sets_nothing() {
    let config = valid("\u{feff}# nothing\r\n");
    assert_eq!((config.mode, config.strictness, config.limits_exceeded), (None, None, None));
    assert_eq!(config.allowlist, Allowlist::default());
}

#[test]
fn contexts_and_files_may_be_brought_too() {
    let config = valid(
        "[[rules.context]]\nid = \"acme-key\"\nservice = [\"acme\"]\ncharset = \"hex\"\nlength = \"32\"\n\
         pair = { names = [\"acme_user\"], role = \"user\" }\n\
         [[rules.file]]\nid = \"acme-store\"\nnames = [\"*.acme\"]\nmagic = [\"4:cafe\"]\n",
    );
    let ids: Vec<&str> = config.custom.iter().map(|custom| custom.rule.id.as_str()).collect();
    assert_eq!(ids, ["acme-key", "acme-store"]);
    for (text, said) in [
        (
            "[[rules.context]]\nid = \"a\"\nservice = [\"acme\"]\ncharset = \"hax\"\nlength = \"32\"",
            "4:11: `rules.context`: unknown charset",
        ),
        (
            "[[rules.file]]\nid = \"a\"\nname = [\"*.acme\"]",
            "3:1: unknown key `name` in `rules.file`; did you mean `names`?",
        ),
        (
            "[[rules.file]]\nid = \"a\"\nnames = [\"*\"]",
            "3:9: `rules.file`: `*`: a name with at most one `*`",
        ),
        (
            "[[rules.custom]]\nid = \"a\"\nkeywords = [\"acme_\"]\nregex = '(?<secret>acme_[a-z]{9})'\nchecks = [\"crc\"]",
            "5:10: `rules.custom`: no check is called `crc`",
        ),
        (
            "[[rules.custom]]\nid = \"a\"\nkeywords = [\"acme_\", \"acma_\"]\nregex = '(?<secret>acme_[a-z]{9})'",
            "3:22: `rules.custom`: the regex cannot match keyword `acma_`",
        ),
        (
            "[[rules.custom]]\nid = \"a\"\nkeywords = [\"acme_\"]\nregex = '(?<secret>acme_[a-z]{9})'\npair = { rule = \"aws-kee-id\", role = \"x\" }",
            "5:8: `rules.custom.pair` names the rule `aws-kee-id`, which does not exist; did you mean `aws-key-id`?",
        ),
        (
            "[[rules.custom]]\nid = \"a\"\nkeywords = [\"\"]\nregex = '(?<secret>acme_[a-z]{9})'",
            "3:13: `rules.custom`: keyword ``: 3 to 64 bytes",
        ),
    ] {
        let wrong = wrong(text);
        assert!(wrong.contains(said), "{said} is missing in {wrong}");
    }
}

#[test]
fn custom_rules_need_an_id_a_regex_and_keywords_only() {
    let config = valid(
        "[[rules.custom]]\nid = \"acme-token\"\nregex = 'acme_(?<secret>[a-z0-9]{32})'\nkeywords = [\"ACME_\"]\n",
    );
    assert_eq!(config.custom[0].rule.title, "acme-token");
    assert_eq!(crate::detect::rulefile::SEVERITIES[usize::from(config.custom[0].rule.severity)], "high");
}

#[test]
fn unknown_keys_are_named_with_place_and_nearest_key() {
    for (text, said) in [
        ("mdoe = \"warn\"", ".unleak.toml:1:1: unknown key `mdoe`; did you mean `mode`?"),
        (
            "\n[allowlist]\n  path = []",
            ".unleak.toml:3:3: unknown key `path` in `allowlist`; did you mean `paths`?",
        ),
        ("[alowlist]", ".unleak.toml:1:2: unknown key `alowlist`; did you mean `allowlist`?"),
        (
            "[rules]\ndisabled = []",
            ".unleak.toml:2:1: unknown key `disabled` in `rules`; did you mean `disable`?",
        ),
        (
            "[limits]\nx = 1",
            ".unleak.toml:2:1: unknown key `x` in `limits`; known here: exceeded, depth, ratio, members, megabytes",
        ),
    ] {
        assert_eq!(wrong(text), said, "{text}");
    }
    let text = entry("expire = 2027-06-30");
    assert_eq!(
        wrong(&text),
        ".unleak.toml:4:1: unknown key `expire` in `allowlist.entry`; did you mean `expires`?"
    );
    let text = "[[rules.custom]]\nid = \"a\"\nregx = 'x'\nkeywords = [\"acme_\"]\nregex = '(?<secret>acme_[a-z]{9})'";
    assert_eq!(wrong(text), ".unleak.toml:3:1: unknown key `regx` in `rules.custom`; did you mean `regex`?");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let said = wrong(
        "mode = \"of\"\nstrictness = 3\n[allowlist]\npaths = \"x\"\nsecrets = [\"(\", 1]\n[rules]\ndisable = [\"github-tokn\"]\n",
    );
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 6, "{said}");
    assert!(lines[0].starts_with(".unleak.toml:1:8: `mode` is one of block, warn"), "{said}");
    assert!(lines[1].starts_with(".unleak.toml:2:14: `strictness` takes a string"), "{said}");
    assert!(lines[2].starts_with(".unleak.toml:4:9: `allowlist.paths` takes an array of strings"), "{said}");
    assert!(
        lines[3].starts_with(".unleak.toml:5:12: `allowlist.secrets`: the regex does not parse"),
        "{said}"
    );
    assert!(lines[4].starts_with(".unleak.toml:5:17: `allowlist.secrets` takes strings"), "{said}");
    assert!(lines[5].contains("did you mean `github-token`?"), "{said}");
}

#[test]
fn values_that_cannot_be_meant_are_refused() {
    for text in [
        "min_version = 0.1",
        "min_version = \"one\"",
        "mode = \"Block\"",
        "[allowlist]\nstopwords = [\"\"]",
        "[allowlist]\nstopwords = [\"ab\"]",
        "[allowlist]\nsecrets = [\".*\"]",
        "[allowlist]\nlines = [\"\"]",
        "[allowlist]\npaths = [\"**\"]",
        "[allowlist]\npaths = [\"!a\"]",
        "[rules.allow.github-token]\npaths = [\"**\"]",
        "[rules.allow.nope]\npaths = [\"a\"]",
        "[rules]\nallow = []",
        "rules = 1",
        "allowlist = []",
        "[allowlist]\nentry = [1]",
        "[[limits]]\nexceeded = \"block\"",
        "[server]\ntrust_pushed = true",
        "[[rules.custom]]\nid = \"github-token\"\nkeywords = [\"acme_\"]\nregex = '(?<secret>acme_[a-z]{9})'",
        "[[rules.custom]]\nid = \"x\"\nkeywords = [\"acme_\"]\nregex = '(?<secret>acme_.*)'",
        "[[rules.custom]]\nid = \"x\"\nregex = '(?<secret>acme_[a-z]{9})'",
    ] {
        let said = wrong(text);
        assert!(said.starts_with(".unleak.toml:"), "{said}");
    }
    let twice = "[[rules.custom]]\nid = \"x\"\nkeywords = [\"acme_\"]\nregex = '(?<secret>acme_[a-z]{9})'\n"
        .repeat(2);
    assert!(wrong(&twice).contains("taken by another custom rule"));
}

#[test]
fn wrong_entries_are_refused() {
    let without =
        |key: &str| entry("").lines().filter(|l| !l.starts_with(key)).collect::<Vec<_>>().join("\n");
    assert!(wrong(&without("reason")).starts_with(".unleak.toml:1:1: `allowlist.entry` needs `reason`"));
    assert!(wrong(&without("fingerprint")).contains("needs `fingerprint`"));
    assert!(wrong(&entry("").replace("published sample key", " ")).contains("is empty"));
    assert!(wrong(&entry("expires = \"2027-06-30\"")).contains("without quotes"));
    assert!(wrong(&entry("expires = 2027-06-30T00:00:00Z")).contains("a day without a time"));
    assert!(wrong(&entry("expires = 12:00:00")).contains("a day without a time"));
    assert!(wrong(&entry("expires = 2027-02-30")).starts_with(".unleak.toml:4:"));
    assert!(wrong(&entry("path = \"**\"")).contains("wildcards alone"));
    assert!(wrong(&entry("path = [\"a\"]")).contains("`allowlist.entry.path` takes a string"));
}

#[test]
fn a_secret_in_the_wrong_key_is_not_repeated() {
    let secret = "hunter2hunter2";
    for text in [
        entry("").replace(FINGERPRINT, secret),
        format!("[allowlist]\nsecrets = [\"{secret}(\"]"),
        format!("[allowlist]\nsecrets = \"{secret}\""),
        format!("mode = \"{secret}\""),
        format!("mode = \"{secret}\n"),
        format!("[[rules.custom]]\nid = \"x\"\nkeywords = [\"acme_\"]\nregex = '{secret}('"),
    ] {
        let said = wrong(&text);
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn what_is_no_toml_is_said_with_its_place() {
    assert!(wrong("mode = \"block\"\nmode = \"warn\"").starts_with(".unleak.toml:2:1: this is not TOML"));
    assert!(wrong("a = [\n").starts_with(".unleak.toml:"));
    let utf16 = Config::parse("c", Origin::Repository, b"m\xff", &built_in).expect_err("no UTF-8");
    assert_eq!(utf16.to_string(), "c:1:2: the configuration is not UTF-8; save it as UTF-8");
    let large = vec![b'\n'; (1 << 20) + 1];
    assert!(Config::parse("c", Origin::Repository, &large, &built_in).is_err());
    assert!(parse(&"[".repeat(100_000)).is_err());
    assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
}

#[test]
fn an_older_unleak_says_so_and_nothing_else() {
    let said = wrong("new_key = 1\nmin_version = \"99.2\"\nmode = 7\n");
    let this = env!("CARGO_PKG_VERSION");
    assert_eq!(
        said,
        format!(
            ".unleak.toml:2:15: this configuration needs unleak 99.2.0 or newer, and this is {this}; update unleak"
        )
    );
    valid(&format!("min_version = \"{this}\""));
    valid("min_version = \"0\"");
}

#[test]
fn only_a_servers_file_has_a_server_table() {
    let text = b"[server]\ntrust_pushed = true";
    let server = Config::parse("s", Origin::Server, text, &built_in).expect("a configuration");
    assert_eq!(server.trust_pushed, Some(true));
    assert!(Config::parse("u", Origin::User, text, &built_in).is_err());
}

/// A question about `secret` in `path`, found by `github-token`.
fn allowed(texts: &[&str], path: Option<&[u8]>, secret: &[u8], line: &[u8]) -> Option<String> {
    let layers = texts.iter().map(|text| Arc::new(valid(text))).collect();
    let today = Date::parse("2027-06-30").expect("a date");
    let question =
        Question { rule: "github-token", path, secret, line, fingerprint: &|| FINGERPRINT.to_owned() };
    Allowances::new(layers, today).allows(&question).expect("an answer").map(|by| by.words)
}

#[test]
fn each_list_looks_at_its_own_part_only() {
    let path = Some(&b"docs/key.txt"[..]);
    let by = |text: &str| allowed(&[text], path, b"ghp_secret", b"token = ghp_secret # sample");
    assert_eq!(
        by("[allowlist]\npaths = [\"docs/**\"]").as_deref(),
        Some(".unleak.toml:2 allowlist.paths \"docs/**\"")
    );
    assert_eq!(by("[allowlist]\nsecrets = [\"^ghp_\"]").as_deref(), Some(".unleak.toml:2 allowlist.secrets"));
    assert_eq!(by("[allowlist]\nsecrets = [\"token\"]"), None, "a regex on the secret does not see the line");
    assert_eq!(by("[allowlist]\nsecrets = [\"docs\"]"), None, "nor the path");
    assert_eq!(by("[allowlist]\nlines = [\"# sample$\"]").as_deref(), Some(".unleak.toml:2 allowlist.lines"));
    assert_eq!(by("[allowlist]\nlines = [\"docs\"]"), None, "a line is not its path");
    assert_eq!(
        by("[allowlist]\nstopwords = [\"SECRET\"]").as_deref(),
        Some(".unleak.toml:2 allowlist.stopwords")
    );
    assert_eq!(by("[allowlist]\nstopwords = [\"sample\"]"), None, "a stopword stands in the secret");
    assert_eq!(by("[allowlist]\npaths = [\"Docs/**\"]"), None, "case counts");
}

#[test]
fn a_list_for_one_rule_allows_for_that_rule_only() {
    let by = |text: &str| allowed(&[text], Some(b"docs/a"), b"ghp_secret", b"");
    assert_eq!(
        by("[rules.allow.github-token]\npaths = [\"docs/\"]").as_deref(),
        Some(".unleak.toml:2 rules.allow.github-token.paths \"docs/\"")
    );
    assert_eq!(by("[rules.allow.aws-key-id]\npaths = [\"docs/\"]"), None);
}

#[test]
fn an_entry_allows_its_secret_and_only_in_its_path() {
    let by = |text: &str, path| allowed(&[text], path, b"x", b"");
    let everywhere = entry("");
    assert_eq!(
        by(&everywhere, Some(b"\xff/a")).as_deref(),
        Some(".unleak.toml:1 allowlist.entry \"published sample key\"")
    );
    assert!(by(&everywhere, None).is_some());
    let docs = entry("path = \"docs/**\"");
    assert!(by(&docs, Some(b"docs/\xff")).is_some());
    assert_eq!(by(&docs, Some(b"src/docs/a")), None);
    assert_eq!(by(&docs, None), None, "what stands in no file matches no glob");
    assert_eq!(by(&entry("").replace("0123", "9999"), Some(b"a")), None);
}

#[test]
fn an_expired_entry_allows_nothing_and_is_told() {
    let by = |day: &str| allowed(&[&entry(&format!("expires = {day}"))], Some(b"a"), b"x", b"");
    assert!(by("2027-06-30").is_some(), "the last day still counts");
    assert_eq!(by("2027-06-29"), None);
    let config = Arc::new(valid(&entry("expires = 2027-06-29")));
    let told = Allowances::new(vec![config], Date::parse("2027-06-30").expect("a date")).expired();
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with(&format!(
        ".unleak.toml:1: the entry {FINGERPRINT} \"published sample key\" expired on 2027-06-29"
    )));
}

#[test]
fn allowlists_of_all_layers_add_up() {
    let layers = ["[allowlist]\npaths = [\"a\"]", "[allowlist]\npaths = [\"b\"]"];
    assert!(allowed(&layers, Some(b"a"), b"x", b"").is_some());
    assert!(allowed(&layers, Some(b"b"), b"x", b"").is_some());
    assert_eq!(allowed(&layers, Some(b"c"), b"x", b""), None);
}

#[test]
fn a_fingerprint_is_only_asked_for_when_an_entry_needs_it() {
    let asked = Cell::new(0);
    let count = || {
        asked.set(asked.get() + 1);
        FINGERPRINT.to_owned()
    };
    let question =
        Question { rule: "github-token", path: None, secret: b"x", line: b"", fingerprint: &count };
    let ask = |text: &str| {
        let today = Date::parse("2027-06-30").expect("a date");
        Allowances::new(vec![Arc::new(valid(text))], today).allows(&question).expect("an answer")
    };
    ask("[allowlist]\npaths = [\"a\"]");
    ask(&entry("expires = 2020-01-01"));
    assert_eq!(asked.get(), 0);
    ask(&entry("").repeat(5));
    assert_eq!(asked.get(), 1);
}

#[test]
fn a_pattern_too_large_is_an_error_with_its_place() {
    let config = valid("[allowlist]\nsecrets = [\"^(((a[a-z]{1000}){1000}){1000})\"]");
    let question =
        Question { rule: "github-token", path: None, secret: b"x", line: b"", fingerprint: &String::new };
    let said =
        Allowances::new(vec![Arc::new(config)], Date::today()).allows(&question).expect_err("too large");
    assert!(said.to_string().starts_with(".unleak.toml:2:12: this regex is too large"), "{said}");
}

#[test]
fn an_allowance_that_the_change_itself_brings_is_told_from_one_that_was_there() {
    let today = Date::parse("2027-06-30").expect("a date");
    let read = |origin, text: &str| {
        let config = Config::parse("c", origin, text.as_bytes(), &built_in).expect("a configuration");
        Allowances::new(vec![Arc::new(config)], today)
    };
    let question = Question {
        rule: "github-token",
        path: Some(b"docs/a"),
        secret: b"x",
        line: b"",
        fingerprint: &|| FINGERPRINT.to_owned(),
    };
    let entry = entry("");
    let by = |origin| read(origin, &entry).allows(&question).expect("an answer").expect("allowed");
    let new = |before: Option<&str>| {
        let before = before.map(|text| read(Origin::Repository, text));
        by(Origin::Repository).is_new_against(before.as_ref(), &question)
    };
    assert!(new(None));
    assert!(new(Some("")));
    assert!(new(Some("[allowlist]\npaths = [\"src/\"]")));
    assert!(!new(Some(&format!("# moved by a line\n{entry}"))));
    assert!(!new(Some("[allowlist]\npaths = [\"docs/\"]")), "it was fine before, for another reason");
    assert!(!by(Origin::User).is_new_against(None, &question), "no change brings a user's own file");
}

#[test]
fn every_key_is_in_the_documentation() {
    fn walk(section: &keys::Section, documentation: &str) {
        for key in section.keys {
            assert!(
                documentation.contains(&format!("`{}`", key.name)),
                "docs/configuration.md lacks `{}`",
                key.name
            );
            match key.kind {
                keys::Kind::Table(inner)
                | keys::Kind::Tables(inner)
                | keys::Kind::ByRule(inner)
                | keys::Kind::Rules(inner) => {
                    walk(inner, documentation);
                }
                _ => {}
            }
        }
    }
    walk(&keys::TOP, include_str!("../../docs/configuration.md"));
}
