use super::*;
use crate::allow::{Config, Date, Origin};
use crate::shape::{Random, generate};
use std::sync::Arc;

fn made(shape: &str) -> String {
    String::from_utf8(generate(shape, &mut Random::new("redact", 3)).expect("a shape")).expect("text")
}

fn token() -> String {
    made("ghp_{base62:30}{check:github-crc32}")
}

fn key_block() -> String {
    let body: Vec<String> = (0..12)
        .map(|n| String::from_utf8(generate("{base64:64}", &mut Random::new("key", n)).unwrap()).unwrap())
        .collect();
    ["-----BEGIN ", "PRIVATE KEY-----\n", &body.join("\n"), "\nab==\n-----END ", "PRIVATE KEY-----\n"]
        .concat()
}

struct Run {
    rules: RuleSet,
    allowances: Allowances,
}

impl Run {
    fn new(configuration: &str) -> Self {
        let config = Config::parse(
            ".unleak.toml",
            Origin::Repository,
            configuration.as_bytes(),
            &RuleSet::built_in_ids,
        );
        let config = Arc::new(config.expect("a configuration"));
        let custom: Vec<_> = config.custom.iter().map(|custom| custom.rule.clone()).collect();
        let rules = RuleSet::new(&custom, &Default::default()).expect("rules");
        Self { rules, allowances: Allowances::new(vec![config], Date::today()) }
    }

    fn masks(&self) -> Masks<'_> {
        Masks::new(&self.rules, judge::BLOCKS[1], &self.allowances)
    }
}

/// Feeds the pieces, a stall after each when `stalls`, and gives what came out after each and at the end.
fn steps(masks: &mut Masks<'_>, pieces: &[&[u8]], stalls: bool) -> Vec<String> {
    let mut stream = Stream::default();
    let mut steps = Vec::new();
    let mut out = Vec::new();
    for piece in pieces {
        stream.push(piece, masks, &mut out).expect("judged");
        if stalls {
            stream.pause(masks, &mut out).expect("judged");
            stream.stall(masks, &mut out).expect("judged");
        }
        steps.push(String::from_utf8_lossy(&std::mem::take(&mut out)).into_owned());
    }
    stream.finish(masks, &mut out).expect("judged");
    steps.push(String::from_utf8_lossy(&out).into_owned());
    steps
}

fn all(text: &str) -> String {
    let run = Run::new("");
    steps(&mut run.masks(), &[text.as_bytes()], false).concat()
}

#[test]
fn a_secret_has_one_mask_wherever_it_stands() {
    let (one, other) = (token(), made("x{base62:1}ghp_{base62:30}{check:github-crc32}")[2..].to_owned());
    let text = format!("a {one} b\n{other}\nagain {one}, inside=x{one}x\n");
    assert_eq!(
        all(&text),
        "a [github-token#1] b\n[github-token#2]\nagain [github-token#1], inside=x[github-token#1]x\n"
    );
}

#[test]
fn what_is_no_secret_comes_out_as_it_went_in() {
    let bytes: Vec<u8> = (0..=255u8).cycle().take(70_000).collect();
    let run = Run::new("");
    let mut masks = run.masks();
    let (mut stream, mut out) = (Stream::default(), Vec::new());
    for piece in bytes.chunks(977) {
        stream.push(piece, &mut masks, &mut out).expect("judged");
        stream.pause(&mut masks, &mut out).expect("judged");
    }
    stream.finish(&mut masks, &mut out).expect("judged");
    assert!(out == bytes);
}

#[test]
fn the_split_into_pieces_does_not_matter() {
    let text = format!("start\nTOKEN={}\n{}password: \"{}\"\nend", token(), key_block(), made("{base62:20}"));
    let whole = all(&text);
    assert!(!whole.contains(&token()) && !whole.contains("MII") && whole.ends_with("end"), "{whole}");
    for size in [1, 7, 64, 500] {
        let run = Run::new("");
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        assert_eq!(steps(&mut run.masks(), &pieces, false).concat(), whole, "{size}");
    }
}

#[test]
fn a_line_goes_out_when_it_is_whole_and_a_prompt_after_a_pause() {
    let run = Run::new("");
    let mut masks = run.masks();
    assert_eq!(steps(&mut masks, &[b"one\ntw", b"o\n"], false), ["one\n", "two\n", ""]);
    let (mut stream, mut out) = (Stream::default(), Vec::new());
    stream.push(b"Continue? [y/N] ", &mut masks, &mut out).expect("judged");
    assert!(out.is_empty());
    stream.pause(&mut masks, &mut out).expect("judged");
    assert_eq!(out, b"Continue? [y/N] ");
    stream.push(b"half-a-wo", &mut masks, &mut out).expect("judged");
    stream.pause(&mut masks, &mut out).expect("judged");
    assert_eq!(out, b"Continue? [y/N] ", "a word that may go on waits");
    stream.stall(&mut masks, &mut out).expect("judged");
    assert_eq!(out, b"Continue? [y/N] half-a-wo");
}

#[test]
fn a_pause_inside_a_secret_gives_nothing_of_it_away() {
    let token = token();
    let run = Run::new("");
    let (first, second) = token.split_at(25);
    // Enough of it to be told.
    let steps_taken = steps(&mut run.masks(), &[format!("t {token}").as_bytes(), b"\nx\n"], true);
    assert_eq!(steps_taken, ["t [github-token#1]", "\nx\n", ""]);
    // Known from the environment, half of it before the pause.
    let mut masks = run.masks();
    assert!(masks.add_variable("GH", token.as_bytes()));
    let steps_taken = steps(&mut masks, &[first.as_bytes(), second.as_bytes(), b"\n"], true);
    assert_eq!(steps_taken.concat(), "[env:GH]\n");
}

#[test]
fn a_key_that_stalls_is_masked_line_by_line() {
    let block = key_block();
    let lines: Vec<&[u8]> = block.as_bytes().split_inclusive(|byte| *byte == b'\n').collect();
    let run = Run::new("");
    let out = steps(&mut run.masks(), &[&lines[..], &[&b"after\n"[..]]].concat(), true);
    assert_eq!(out[0], ["-----BEGIN ", "PRIVATE KEY-----\n"].concat());
    assert_eq!(out[1], "[private-key]\n");
    assert_eq!(out[out.len() - 2], "after\n");
    assert!(!lines[1..13].iter().any(|line| out.concat().contains(std::str::from_utf8(line).unwrap())));
}

#[test]
fn a_key_without_its_end_is_masked_at_the_end_of_the_input() {
    let block = key_block();
    let cut = &block[..400];
    let out = all(&format!("x\n{cut}"));
    assert!(out.starts_with("x\n-----BEGIN") && !out.contains(&cut[100..140]), "{out}");
}

#[test]
fn a_line_without_end_takes_bounded_memory_and_hides_what_stands_at_a_seam() {
    let run = Run::new("");
    let mut masks = run.masks();
    let (mut stream, mut out) = (Stream::default(), Vec::new());
    let filler = "lorem ipsum ".repeat(1000);
    let token = token();
    for n in 0..600 {
        // The length differs each time, so that secrets stand at every place of a seam.
        stream.push(&filler.as_bytes()[..12_000 - n % 37], &mut masks, &mut out).expect("judged");
        stream.push(format!(" {token} ").as_bytes(), &mut masks, &mut out).expect("judged");
        assert!(stream.buffer.len() < stream::LONGEST + 200_000);
    }
    stream.finish(&mut masks, &mut out).expect("judged");
    let out = String::from_utf8(out).expect("text");
    assert_eq!((out.matches("[github-token#1]").count(), out.contains("ghp_")), (600, false));
}

#[test]
fn the_environment_is_known_in_every_form() {
    let run = Run::new("");
    let mut masks = run.masks();
    let value = "p&ss \"w0rd\"/long";
    assert!(masks.add_variable("APP_PASSWORD", value.as_bytes()));
    assert!(!masks.add_variable("SHORT", b"abc"));
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("me:{value}"));
    let text = format!(
        "{value}\n?p=p%26ss%20%22w0rd%22%2Flong&x\n{{\"p\": \"p&ss \\\"w0rd\\\"/long\"}}\nBasic {basic}\nabc\n"
    );
    let out = steps(&mut masks, &[text.as_bytes()], false).concat();
    assert!(
        out.starts_with(
            "[env:APP_PASSWORD]\n?p=[env:APP_PASSWORD]&x\n{\"p\": \"[env:APP_PASSWORD]\"}\nBasic "
        ),
        "{out}"
    );
    assert!(out.ends_with("\nabc\n") && !out.contains(&basic[8..basic.len() - 6]), "{out}");
}

#[test]
fn encoded_secrets_are_masked_as_they_are_written() {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let token = token();
    let login = encode(&format!("user:{token}"));
    let out = all(&format!("state={login}; done\n"));
    assert_eq!(out, format!("state={}[github-token#1]; done\n", &login[..6]), "{out}");
    let url = format!("next=https%3A%2F%2Fapi.example.org%2F%3Ftoken%3D{token}%26page%3D2 ok\n");
    let out = all(&url);
    assert!(!out.contains(&token) && out.ends_with("%26page%3D2 ok\n"), "{out}");
    let escaped: String = token.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    assert_eq!(all(&format!("{{\"t\":\"{escaped}\"}}\n")), "{\"t\":\"[github-token#1]\"}\n");
    // JSON in JSON, and the same secret told by one mask however it is written.
    let inner = format!("{{\"password\":\"{}\"}}", made("{base62:24}"));
    let out = all(&format!("{{\"body\":\"{}\"}}\n{login}\n{token}\n", inner.replace('"', "\\\"")));
    assert!(out.contains("\\\"password\\\":\\\"[generic-password#1]\\\""), "{out}");
    assert!(out.contains("[github-token#1]\n[github-token#1]\n"), "{out}");
    // A whole document in base64 keeps what is no secret.
    let document = encode(&format!("{{\n  \"user\": \"bob\",\n  \"token\": \"{token}\"\n}}\n"));
    let out = all(&format!("payload: {document}\n"));
    assert!(
        out.starts_with(&format!("payload: {}", &document[..32])) && out.contains("[github-token#1]"),
        "{out}"
    );
}

#[test]
fn text_that_only_looks_encoded_comes_out_as_it_went_in() {
    let noise = made("H4sIA{base64:400}");
    let hash = made("{hex:64}");
    let text = format!("data:image/png;base64,{noise}\nsha256:{hash} 100%25 done \\x41\\u0041 &#65;\n");
    assert_eq!(all(&text), text);
}

#[test]
fn what_is_allowed_stays_and_custom_rules_count() {
    let token = token();
    let run = Run::new(&format!(
        "[allowlist]\nsecrets = [\"^{}\"]\n[[rules.custom]]\nid = \"acme\"\nregex = 'acme_(?<secret>[a-z0-9]{{32}})'\nkeywords = [\"acme_\"]\n",
        &token[..12]
    ));
    let own = made("acme_{lower-alnum:32}");
    let out = steps(&mut run.masks(), &[format!("{token} {own}\n").as_bytes()], false).concat();
    assert_eq!(out, format!("{token} acme_[acme#1]\n"));
}

#[test]
fn many_secrets_are_counted_once_each() {
    let run = Run::new("");
    let mut masks = run.masks();
    let line = format!("{}\n", token());
    steps(&mut masks, &[line.repeat(50).as_bytes()], false);
    assert_eq!(masks.counts(), (1, 50));
}
