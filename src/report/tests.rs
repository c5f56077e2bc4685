//! What people and machines see, on outcomes made by hand. `SNAPSHOTS=overwrite cargo test --lib report::` writes the
//! snapshots anew; look at them before they are committed.

use std::io;
use std::time::Duration;

use snapbox::{Data, assert_data_eq, file};

use super::*;
use crate::finding::{
    Allowed, Cell, Coverage, ExcerptLine, Finding, Inside, Layer, Loss, Mask, Outcome, Position, Related,
    Secret, Severity, Since,
};

/// A token as its rule knows it, made here so that none stands in the source.
fn token(tail: char) -> String {
    format!("{}{}", "ghp_", tail.to_string().repeat(36))
}

fn masked_line(number: usize, text: &[u8], secret: &[u8], public: usize) -> ExcerptLine {
    let at = memchr::memmem::find(text, secret).expect("the secret stands on the line");
    let mask = Mask { span: at..at + secret.len(), public, primary: true };
    ExcerptLine { number, text: text.to_vec(), skipped: 0, cut: false, masks: vec![mask] }
}

fn on_line(path: &[u8], number: usize, text: &[u8], secret: &[u8]) -> Finding {
    let line = masked_line(number, text, secret, 4);
    let column = line.masks[0].span.start + 1;
    let end_column = column + secret.len();
    let position = Position { line: number, column, end_line: number, end_column };
    Finding {
        fingerprint: "u1-4f0c2b7a9d1e83560acb".to_owned(),
        rule: "github-token".to_owned(),
        title: "GitHub personal access token".to_owned(),
        grants: "everything its owner may do on GitHub within the token's scopes".to_owned(),
        severity: Severity::Critical,
        confidence: 1.0,
        reasons: vec!["its checksum holds".to_owned()],
        secret: Secret(secret.to_vec()),
        public: 4,
        path: path.to_vec(),
        position: Some(position),
        wide: None,
        inside: Inside::default(),
        excerpt: vec![line],
        related: Vec::new(),
        revoke: Some("https://github.com/settings/tokens".to_owned()),
        commit: None,
        in_head: None,
        since: Since::default(),
    }
}

fn github(path: &str, number: usize) -> Finding {
    let token = token('a');
    on_line(path.as_bytes(), number, format!("TOKEN = \"{token}\"").as_bytes(), token.as_bytes())
}

fn password(path: &str, number: usize) -> Finding {
    let secret = ["correct", "-horse-", "battery"].concat();
    let text = format!("    db.connect(user=\"app\", password=\"{secret}\")");
    let mut finding = on_line(path.as_bytes(), number, text.as_bytes(), secret.as_bytes());
    finding.excerpt[0].masks[0].public = 0;
    Finding {
        fingerprint: "u1-00aa11bb22cc33dd44ee".to_owned(),
        rule: "generic-password".to_owned(),
        title: "password in an assignment".to_owned(),
        grants: String::new(),
        severity: Severity::Medium,
        confidence: 0.8734,
        reasons: vec!["assigned to `password`".to_owned(), "reads like a passphrase".to_owned()],
        public: 0,
        revoke: None,
        ..finding
    }
}

fn three_files(findings: Vec<Finding>) -> Outcome {
    Outcome { findings, coverage: Coverage { files: 3, bytes: 1834 }, ..Outcome::default() }
}

fn summary(status: u8) -> Summary {
    Summary {
        unit: "",
        source: "staged",
        subject: "staged changes",
        empty: "nothing is staged",
        status,
        stops: Some("commit"),
        waits: true,
        remedy: Remedy::Unstage { first_commit: false, below_top: false },
        elapsed: Duration::from_micros(2_400),
        notes: Vec::new(),
    }
}

fn printed(outcome: &Outcome, summary: &Summary, style: &Style) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    human(&mut out, &mut err, outcome, summary, style).expect("a vector takes all");
    let text = |bytes| String::from_utf8(bytes).expect("the report is UTF-8");
    format!("stdout:\n{}stderr:\n{}", text(out), text(err))
}

/// What every report must hold to, whatever was put in it.
fn seen(outcome: &Outcome, summary: &Summary, style: &Style) -> String {
    let text = printed(outcome, summary, style);
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "a CI command: {line}");
        assert!(!line.contains("##["), "a CI command: {line}");
        assert!(!line.ends_with(' '), "trailing blanks: {line:?}");
    }
    assert!(!text.chars().any(|c| c != '\n' && escape::needs_escape(c)), "a control character: {text:?}");
    if !style.show_secrets {
        for finding in outcome.findings.iter().chain(&outcome.shown) {
            let secret = String::from_utf8_lossy(&finding.secret.0);
            assert!(!text.contains(&*secret), "a whole secret: {text}");
        }
    }
    text
}

fn compare(text: &str, snapshot: Data) {
    // Raw: backslashes and `[..]` mean themselves here.
    assert_data_eq!(text.to_owned(), snapshot.raw());
}

#[test]
fn one_finding() {
    let text = seen(&three_files(vec![github("src/app.py", 3)]), &summary(1), &Style::default());
    compare(&text, file!["../../tests/snapshots/report/one.txt"]);
}

#[test]
fn several_findings() {
    let mut with_pair = github("src/app.py", 30);
    with_pair.related =
        vec![Related { role: "key id".to_owned(), path: b"src/app.py".to_vec(), line: 29, column: 10 }];
    let outcome = three_files(vec![with_pair, password("src/it's here.py", 7)]);
    compare(
        &seen(&outcome, &summary(1), &Style::default()),
        file!["../../tests/snapshots/report/several.txt"],
    );
}

#[test]
fn the_same_secret_in_many_places_is_told_once() {
    let mut findings = vec![github("a.py", 3), github("a.py", 9), github("b.py", 1)];
    compare(
        &seen(&three_files(findings.clone()), &summary(1), &Style::default()),
        file!["../../tests/snapshots/report/places.txt"],
    );
    findings.extend((1..=9).map(|line| github("c.py", line)));
    let outcome = three_files(findings);
    let text = seen(&outcome, &summary(1), &Style::default());
    assert!(text.contains("= also at: 6 more places (--verbose lists them)"), "{text}");
    let text = seen(&outcome, &summary(1), &Style { verbose: true, ..Style::default() });
    assert!(text.contains("= also at: c.py:9:10") && !text.contains("more places"), "{text}");
}

#[test]
fn a_long_line_is_cut_around_the_secret() {
    let token = token('a');
    let text = format!("{}TOKEN = \"{token}\";{}", "var x=1;".repeat(30), "日本語();".repeat(30));
    let mut finding = on_line(b"dist/app.min.js", 1, text.as_bytes(), token.as_bytes());
    finding.excerpt[0].cut = true;
    let text = seen(&three_files(vec![finding]), &summary(1), &Style::default());
    for line in text.lines().take_while(|line| *line != "stderr:") {
        assert!(terminal::text_columns(line) <= 80, "too wide: {line}");
    }
    compare(&text, file!["../../tests/snapshots/report/long-line.txt"]);
}

#[test]
fn control_characters_are_printed_as_what_they_are() {
    let token = token('a');
    let text = format!("\t\x1b[2J\u{202e}##vso[task.x]日本 = '{token}' \x07\r");
    let finding = on_line(b"::error::\n\x1b]0;x\x07/\xff.py", 3, text.as_bytes(), token.as_bytes());
    let mut outcome = three_files(vec![finding]);
    outcome.losses = vec![Loss { path: Some(b"::a\n".to_vec()), reason: "x\n::error::y\x1b[0m".to_owned() }];
    let summary = Summary { notes: vec!["##[group]\n".to_owned()], ..summary(2) };
    compare(&seen(&outcome, &summary, &Style::default()), file!["../../tests/snapshots/report/controls.txt"]);
}

#[test]
fn what_is_shown_is_brief() {
    let mut outcome = three_files(Vec::new());
    outcome.shown = (1..=8).map(|line| password("src/app.py", line)).collect();
    compare(&seen(&outcome, &summary(0), &Style::default()), file!["../../tests/snapshots/report/shown.txt"]);
}

#[test]
fn losses_limits_and_notes_take_a_line_each() {
    let mut outcome = three_files(Vec::new());
    let loss = |path: &str, reason: &str| Loss { path: Some(path.into()), reason: reason.to_owned() };
    outcome.losses = vec![loss("gone.txt", "its content is not in the repository: run `git fsck`")];
    outcome.limits = vec![loss("a.zip", "holds more than 10,000 members: the rest was not looked at")];
    let notes = vec!["an entry of .unleak.toml expired on 2026-06-30: u1-00aa11bb22cc33dd44ee".to_owned()];
    let summary = Summary { notes, ..summary(2) };
    compare(&seen(&outcome, &summary, &Style::default()), file!["../../tests/snapshots/report/losses.txt"]);
    let quiet = seen(&outcome, &summary, &Style { quiet: true, ..Style::default() });
    assert!(quiet.contains("not judged: gone.txt") && quiet.contains("commit blocked"), "{quiet}");
    assert!(!quiet.contains("note:"), "{quiet}");
}

#[test]
fn clean_is_one_line_and_quiet_is_none() {
    let text = seen(&three_files(Vec::new()), &summary(0), &Style::default());
    assert_eq!(text, "stdout:\nstderr:\nunleak: nothing found in 3 files, 1.8 KB of staged changes (2 ms)\n");
    let quiet = Style { quiet: true, ..Style::default() };
    assert_eq!(seen(&three_files(Vec::new()), &summary(0), &quiet), "stdout:\nstderr:\n");
}

#[test]
fn nothing_staged_is_not_called_nothing_found() {
    let text = seen(&Outcome::default(), &summary(0), &Style::default());
    assert_eq!(text, "stdout:\nstderr:\nunleak: nothing is staged, so there was nothing to judge\n");
    // Not even one file could be judged: that is no empty change.
    let losses = vec![Loss { path: None, reason: "the index is cut short".to_owned() }];
    let text = seen(&Outcome { losses, ..Outcome::default() }, &summary(2), &Style::default());
    assert!(!text.contains("nothing to judge") && text.contains("1 thing not judged"), "{text}");
}

#[test]
fn what_was_allowed_is_counted_and_on_demand_named() {
    let mut outcome = three_files(Vec::new());
    let by = ".unleak.toml:7 (published sample key)".to_owned();
    outcome.allowed = vec![Allowed { finding: github("docs/a.md", 3), by, by_this_change: true }];
    let text = seen(&outcome, &summary(0), &Style::default());
    assert!(text.contains(", 1 allowed (1 by this change itself) (2 ms)"), "{text}");
    let text = seen(&outcome, &summary(0), &Style { verbose: true, ..Style::default() });
    assert!(
        text.contains("allowed: docs/a.md:3:10: GitHub personal access token, by .unleak.toml:7"),
        "{text}"
    );
}

#[test]
fn mode_warn_says_that_it_lets_the_commit_pass() {
    let text = seen(&three_files(vec![github("a.py", 3)]), &summary(0), &Style::default());
    assert!(text.contains("(2 ms): mode = \"warn\" lets the commit pass"), "{text}");
}

#[test]
fn the_way_to_unstage_can_be_pasted() {
    let advice = |paths: &[&str], first_commit, below_top| {
        let findings = paths.iter().map(|path| github(path, 3)).collect();
        let summary = Summary { remedy: Remedy::Unstage { first_commit, below_top }, ..summary(1) };
        let text = printed(&three_files(findings), &summary, &Style::default());
        let line = text.lines().find(|line| line.starts_with("  1. ")).expect("the first step").to_owned();
        line.split_once("unstage ").expect("a command").1.split_once(": ").expect("a command").1.to_owned()
    };
    assert_eq!(advice(&["a b.py"], false, false), "git restore --staged 'a b.py'");
    assert_eq!(advice(&["it's.py"], true, false), r"git rm --cached 'it'\''s.py'");
    assert_eq!(advice(&["$(id).py", "-x", ":y"], false, false), "git restore --staged '$(id).py' ./-x ./:y");
    assert_eq!(advice(&["a.py"], false, true), "git restore --staged :/a.py");
    assert_eq!(advice(&["a\nb"], false, false), "git restore --staged PATH");
    assert_eq!(advice(&["a", "b", "c", "d"], false, false), "git restore --staged PATH");
}

#[test]
fn a_secret_in_a_name_is_masked_wherever_the_name_stands() {
    let token = token('b');
    let path = format!("keys/{token}.txt");
    let mut named = github(&path, 3);
    named.secret = Secret(token.clone().into_bytes());
    (named.position, named.excerpt) = (None, Vec::new());
    let mut outcome = three_files(vec![github(&path, 3), named]);
    outcome.losses = vec![Loss { path: Some(path.into_bytes()), reason: "too large".to_owned() }];
    let text = seen(&outcome, &summary(2), &Style::default());
    assert!(text.contains("--> keys/ghp_….txt:3:10"), "{text}");
    assert!(text.contains("git restore --staged PATH"), "{text}");
    let mut bytes = Vec::new();
    json(&mut bytes, &mut io::sink(), &outcome, &summary(2), &Style::default()).expect("a vector takes all");
    assert!(!String::from_utf8_lossy(&bytes).contains(&token));
}

#[test]
fn a_place_inside_a_file_is_named_and_its_layer_told_without_the_secret() {
    let mut member = github("app.jar", 3);
    member.inside.member = Some(b"conf/\x1bapp.properties".to_vec());
    let mut cell = github("talk.ipynb", 30);
    cell.inside.cell = Some(Cell { number: 4, part: "output", line: 2 });
    let mut layer = github("image.tar", 1);
    layer.inside.layer = Some(Layer {
        digest: "sha256:0a1b".to_owned(),
        instruction: format!("ENV TOKEN={}", token('a')),
        visible: false,
    });
    let outcome = three_files(vec![member, cell, layer]);
    let (out, _) = machine(|out, err| {
        human(out, err, &outcome, &summary(1), &Style { verbose: true, ..Style::default() })?;
        json(out, err, &outcome, &summary(1), &Style::default())
    });
    for said in [
        "app.jar!conf/\\x1bapp.properties:3:10",
        "talk.ipynb:30:10 (cell 4, output, line 2)",
        "image.tar:1:10 (layer sha256:0a1b, deleted by a later layer and",
        "\"cell\":4,\"cell_part\":\"output\",\"cell_line\":2",
        "\"layer\":\"sha256:0a1b\",\"layer_instruction\":\"ENV TOKEN=ghp_…\",\"layer_visible\":false",
        "\"member\":\"conf/",
    ] {
        assert!(out.contains(said), "{said} is missing in {out}");
    }
    assert!(!out.contains(&token('a')));
}

#[test]
fn other_values_on_the_line_are_masked_and_wrong_masks_do_no_harm() {
    let (token, other) = (token('a'), "hunter2hunter2");
    let text = format!("{token} {other} {token}");
    let mut finding = on_line(b"a", 1, text.as_bytes(), token.as_bytes());
    let second = Mask { span: 41..55, public: 0, primary: false };
    // Past the end, overlapping, inverted, inside the other.
    let wrong = [41..9_000, 30..45, std::ops::Range { start: 99, end: 12 }, 2..3].map(|span| Mask {
        span,
        public: 99,
        primary: false,
    });
    finding.excerpt[0].masks.push(second);
    let shown = seen(&three_files(vec![finding.clone()]), &summary(1), &Style::default());
    assert!(shown.contains(" 1 | ghp_… … ghp_…\n"), "{shown}");
    finding.excerpt[0].masks.extend(wrong);
    let shown = seen(&three_files(vec![finding]), &summary(1), &Style::default());
    assert!(!shown.contains("hunter"), "{shown}");
}

#[test]
fn secrets_are_whole_when_asked_for() {
    let style = Style { show_secrets: true, ..Style::default() };
    let text = seen(&three_files(vec![github("a.py", 3)]), &summary(1), &style);
    assert!(text.contains(&token('a')), "{text}");
    assert!(text.contains(&"^".repeat(40)), "{text}");
}

#[test]
fn colours_and_links_stay_off_the_other_stream() {
    let surface = Surface { color: true, hyperlinks: true, width: 80 };
    let outcome = three_files(vec![github("a.py", 3)]);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let style = Style { out: surface, ..Style::default() };
    human(&mut out, &mut err, &outcome, &summary(1), &style).expect("a vector takes all");
    let out = String::from_utf8(out).expect("the report is UTF-8");
    assert!(out.contains("\x1b]8;;https://github.com/settings/tokens\x1b\\"), "{out}");
    assert!(out.contains("\x1b[") && !err.contains(&0x1b));
}

fn machine(write: impl Fn(&mut dyn io::Write, &mut dyn io::Write) -> io::Result<()>) -> (String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    write(&mut out, &mut err).expect("a vector takes all");
    let text = |bytes| String::from_utf8(bytes).expect("the report is UTF-8");
    (text(out), text(err))
}

#[test]
fn json_is_the_contract_to_the_byte() {
    let mut with_pair = github("src/app.py", 3);
    with_pair.related =
        vec![Related { role: "key id".to_owned(), path: b"src/app.py".to_vec(), line: 2, column: 10 }];
    let mut odd = password("x", 7);
    odd.path = b"C:\\\xff\x1b\xc2\x9b##[x].py".to_vec();
    let mut outcome = three_files(vec![with_pair]);
    outcome.shown = vec![odd];
    outcome.losses = vec![Loss { path: Some(b"gone.txt".to_vec()), reason: "it is gone".to_owned() }];
    outcome.limits = vec![Loss { path: None, reason: "too deep".to_owned() }];
    let by = "an entry".to_owned();
    outcome.allowed = vec![Allowed { finding: github("b", 1), by, by_this_change: true }];
    let (summary, style) = (summary(2), Style::default());
    let (out, err) = machine(|out, err| json(out, err, &outcome, &summary, &style));
    assert_eq!(
        out,
        concat!(
            r#"{"schema":1,"tool":{"name":"unleak","version":""#,
            env!("CARGO_PKG_VERSION"),
            r#""},"findings":["#,
            "\n",
            r#"{"fingerprint":"u1-4f0c2b7a9d1e83560acb","rule":"github-token","title":"GitHub personal access token","#,
            r#""severity":"critical","confidence":1.0,"reasons":["its checksum holds"],"secret":"ghp_…","#,
            r#""path":"src/app.py","line":3,"column":10,"end_line":3,"end_column":50,"#,
            r#""related":[{"role":"key id","path":"src/app.py","line":2,"column":10}],"#,
            r#""revoke":"https://github.com/settings/tokens"}"#,
            "\n],\"shown\":[\n",
            r#"{"fingerprint":"u1-00aa11bb22cc33dd44ee","rule":"generic-password","title":"password in an assignment","#,
            r#""severity":"medium","confidence":0.873,"reasons":["assigned to `password`","reads like a passphrase"],"#,
            r#""secret":"…","path":"C:\\\\\\xff\u001b\u009b#\u0023[x].py","line":7,"column":38,"end_line":7,"end_column":59}"#,
            "\n],\"losses\":[\n",
            r#"{"path":"gone.txt","reason":"it is gone"}"#,
            "\n],\"limits\":[\n",
            r#"{"reason":"too deep"}"#,
            "\n],",
            r#""summary":{"source":"staged","complete":false,"files":3,"bytes":1834,"#,
            r#""findings":1,"shown":1,"allowed":1,"allowed_by_this_change":1}}"#,
            "\n"
        )
    );
    assert_eq!(err, "unleak: not judged: gone.txt: it is gone\nunleak: limit reached: too deep\n");
    let value: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(value["shown"][0]["path"], "C:\\\\\\xff\u{1b}\u{9b}##[x].py");
}

#[test]
fn json_of_a_clean_run_has_every_key() {
    let (out, err) =
        machine(|out, err| json(out, err, &three_files(Vec::new()), &summary(0), &Style::default()));
    assert_eq!(
        out,
        concat!(
            r#"{"schema":1,"tool":{"name":"unleak","version":""#,
            env!("CARGO_PKG_VERSION"),
            r#""},"findings":[],"shown":[],"losses":[],"limits":[],"#,
            r#""summary":{"source":"staged","complete":true,"files":3,"bytes":1834,"#,
            r#""findings":0,"shown":0,"allowed":0,"allowed_by_this_change":0}}"#,
            "\n"
        )
    );
    assert_eq!(err, "");
}

#[test]
fn jsonl_is_a_finding_a_line_and_nothing_else() {
    let mut outcome = three_files(vec![github("a.py", 3), password("b.py", 7)]);
    outcome.shown = vec![password("c.py", 1)];
    let (out, err) = machine(|out, err| jsonl(out, err, &outcome, &summary(1), &Style::default()));
    let paths: Vec<String> = out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["path"].to_string())
        .collect();
    assert_eq!(paths, ["\"a.py\"", "\"b.py\""]);
    assert!(err.starts_with("unleak: found 2 secrets in 3 files"), "{err}");
}

#[test]
fn a_confidence_below_one_is_never_told_as_one() {
    for (value, told) in [(1.0, 1.0), (0.99999, 0.999), (0.5, 0.5), (0.0, 0.0), (-1.0, 0.0), (f64::NAN, 0.0)]
    {
        assert!((json::confidence(value) - told).abs() < 1e-9, "{value}");
    }
}

/// A pipe whose reader is gone.
struct Closed;

impl io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn a_closed_pipe_comes_back_as_one() {
    let (outcome, summary, style) = (three_files(vec![github("a.py", 3)]), summary(1), Style::default());
    for report in [human, json, jsonl] {
        let error = report(&mut Closed, &mut io::sink(), &outcome, &summary, &style).expect_err("closed");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        let error = report(&mut io::sink(), &mut Closed, &outcome, &summary, &style).expect_err("closed");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
