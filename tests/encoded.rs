//! Secrets that are written in another way: found, and told where the encoded text stands.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use harness::{Repo, filler, line, token};

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

#[test]
fn base64_of_a_token_is_found_at_each_alignment() {
    for before in ["", ":", "::", "abc: ", "user:"] {
        let repo = Repo::new();
        let written = base64(&format!("{before}{}\n", token(0)));
        repo.stage("a.yml", format!("{}data: {written}\n", filler(2)));
        let at = 7 + before.len() * 4 / 3;
        repo.commit().stopped_at(&[&format!("a.yml:3:{at}")]);
    }
}

#[test]
fn base64url_without_padding_is_found() {
    let repo = Repo::new();
    repo.stage("a.txt", format!("state={}\n", URL_SAFE_NO_PAD.encode(format!("??>>{}", token(1)))));
    repo.commit().stopped_at(&["a.txt:1:12"]);
}

#[test]
fn base64_in_wrapped_lines_is_told_on_its_line() {
    let repo = Repo::new();
    let text = filler(20) + &line(2) + &filler(20);
    let written = base64(&text);
    let wrapped: Vec<&str> = written.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
    let wide = format!("env: |\n  {}\n", wrapped.join("\n  "));
    let at = text.find("ghp_").unwrap() * 4 / 3;
    repo.stage("a.yml", wide);
    repo.commit().stopped_at(&[&format!("a.yml:{}:{}", 2 + at / 64, 3 + at % 64)]);
}

#[test]
fn base64_in_base64_is_found() {
    let repo = Repo::new();
    let json = format!("{{\n  \"token\": \"{}\"\n}}\n", token(3));
    repo.stage("a.txt", format!("x = {}\n", base64(&base64(&json))));
    let judged = repo.commit();
    judged.stopped_at(&["a.txt:1:29"]);
    assert!(judged.raw.contains("base64 in base64"), "{judged:#?}");
}

#[test]
fn a_token_encoded_elsewhere_in_the_change_only_moved() {
    let repo = Repo::new();
    let written = format!("data: {}\n", base64(&line(4)));
    repo.write("old.yml", written.clone()).unjudged("old");
    repo.git(&["rm", "-q", "old.yml"]);
    repo.stage("new.yml", format!("{}{written}", filler(3)));
    repo.commit().passes(1);
}
