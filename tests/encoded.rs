//! Secrets that are written in another way: found, and told where the encoded text stands.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use harness::{Repo, filler, line, made, token};

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

/// Stages one line with an encoded token and gives what was found.
fn one(content: &str) -> harness::Judged {
    let repo = Repo::new();
    repo.stage("a.txt", content);
    repo.commit()
}

fn each(text: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

#[test]
fn hex_and_escapes_are_read() {
    let token = token(0);
    one(&format!("blob = {}\n", each(&token, |b| format!("{b:02x}")))).stopped_at(&["a.txt:1:8"]);
    one(&format!("x = b\"{}\"\n", each(&token, |b| format!("\\x{b:02x}")))).stopped_at(&["a.txt:1:7"]);
    one(&format!("x = \"{}\"\n", each(&token, |b| format!("\\u{b:04x}")))).stopped_at(&["a.txt:1:6"]);
    one(&format!("<p>{}</p>\n", each(&token, |b| format!("&#{b};")))).stopped_at(&["a.txt:1:4"]);
    one(&format!("<p>{}</p>\n", each(&token, |b| format!("&#x{b:x};")))).stopped_at(&["a.txt:1:4"]);
}

/// What is written byte by byte is known by the words in it.
#[test]
fn lists_of_bytes_octal_and_percent_signs_are_read() {
    let text = format!("MODE=fast\npassword = {}\n", made("bytes", "{base62:18}"));
    let array = |between: &str, broken: usize| {
        let bytes: Vec<String> = text.bytes().map(|b| format!("0x{b:02x}")).collect();
        let lines: Vec<String> = bytes.chunks(broken).map(|line| line.join(between)).collect();
        format!("unsigned char env[] = {{\n  {}\n}};\n", lines.join(",\n  "))
    };
    for (content, written) in [
        (array(", ", 12), "a list of bytes"),
        (array(",", 200), "a list of bytes"),
        (format!("{}\n", each(&text, |b| format!("{b:02x}:")).trim_end_matches(':')), "a list of bytes"),
        (format!("char *env = \"{}\";\n", each(&text, |b| format!("\\{b:03o}"))), "escapes"),
        (format!("next=/a?{}\n", each(&text, |b| format!("%{b:02X}"))), "percent signs"),
        (format!("next=/a?{}\n", each(&text, |b| format!("%{b:02x}"))), "percent signs"),
        (format!("x = {}\n", base64(&base64(&text))), "base64 in base64"),
    ] {
        let judged = one(&content);
        assert_eq!(judged.status, 1, "{content}{judged:#?}");
        assert!(judged.raw.contains(&format!("it is written in {written}")), "{content}{judged:#?}");
    }
    let url = format!("postgres://admin:{}@db.prod.internal/app", made("twice", "{base62:18}"));
    let percent =
        |text: &str| text.replace('%', "%25").replace(':', "%3A").replace('/', "%2F").replace('@', "%40");
    let judged = one(&format!("next=https://a.example/?b={}\n", percent(&percent(&url))));
    assert!(judged.raw.contains("percent signs in percent signs"), "{judged:#?}");
}

#[test]
fn bytes_that_say_nothing_raise_nothing() {
    let mut table = String::new();
    let hash = made("table", "{hex:2000}");
    for pair in hash.as_bytes().chunks(2) {
        table += &format!("0x{}, ", std::str::from_utf8(pair).unwrap());
    }
    let fingerprint: Vec<&str> =
        hash.as_bytes()[..64].chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    one(&format!("{table}\nFingerprint={}\npass: 0x70, 0x61, 0x73, 0x73\n", fingerprint.join(":"))).passes(1);
}

/// A traceback has a colour around every word, a log around some.
#[test]
fn terminal_colours_between_a_name_and_its_value_are_stepped_over() {
    let value = made("colour", "{base62:20}");
    for escape in ["\x1b", "\\u001b", "\\x1b", "\\033"] {
        let (off, blue) = (format!("{escape}[0m"), format!("{escape}[0;34m"));
        for line in [
            format!("{off}connect{blue}({off}{off}password{off}{blue}={off}{blue}'{value}'{off}{blue}){off}"),
            format!("{escape}[1;31mdb_password{off}: {escape}[38;5;28m{value}{off}"),
            format!("{off}export {off}API_KEY{blue}={off}{value}{off}"),
        ] {
            let judged = one(&format!("{line}\n"));
            assert_eq!(judged.places(), [format!("a.txt:1:{}", line.find(&value).unwrap() + 1)], "{line:?}");
        }
    }
}

#[test]
fn a_url_with_a_password_is_read_when_it_is_percent_encoded() {
    let password = made("percent", "{base62:18}");
    let url = format!("next=postgres%3A%2F%2Fadmin%3A{password}%40db.prod.internal%3A5432%2Fapp\n");
    let judged = one(&url);
    judged.stopped_at(&[&format!("a.txt:1:{}", url.find(&password).unwrap() + 1)]);
    assert!(!judged.stdout.contains(&password));
}

#[test]
fn quoted_printable_with_a_soft_break_in_the_token_is_read() {
    let token = token(1);
    let mail = format!(
        "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nHere it is=3D {}=\n{} bye\n",
        &token[..20],
        &token[20..]
    );
    let repo = Repo::new();
    repo.stage("a.eml", &mail);
    repo.commit().stopped_at(&["a.eml:4:15"]);
}

#[test]
fn a_literal_in_parts_is_joined() {
    let token = token(2);
    for (before, joint, after) in [
        ("t = \"", "\" + \"", "\"\n"),
        ("t = \"", "\" +\n    \"", "\"\n"),
        ("$t = '", "' . '", "';\n"),
        ("t = (\"", "\"\n     \"", "\")\n"),
        ("char *t = \"", "\"\n  \"", "\";\n"),
        ("t = '", "' \\\n  '", "'\n"),
    ] {
        let content = format!("{before}{}{joint}{}{after}", &token[..17], &token[17..]);
        let judged = one(&content);
        assert_eq!(judged.status, 1, "{content:?}: {judged:#?}");
        assert!(judged.raw.contains("parts that are joined"), "{content:?}: {judged:#?}");
    }
}

#[test]
fn an_archive_in_base64_is_opened() {
    let repo = Repo::new();
    repo.write("in.txt", line(3));
    let output =
        repo.command("sh").args(["-c", "gzip -9nc in.txt | base64 -w0; rm in.txt"]).output().unwrap();
    let written = String::from_utf8(output.stdout).unwrap();
    repo.stage("a.yml", format!("release: {written}\n"));
    let judged = repo.commit();
    judged.stopped_at(&["a.yml:1:10"]);
    assert!(judged.raw.contains("an archive in base64"), "{judged:#?}");
}

/// `H4sIA` is how base64 of gzip begins, and three bytes of chance.
#[test]
fn base64_that_only_begins_like_an_archive_is_no_limit() {
    let judged = one(&format!(
        "integrity: H4sIA{}\nsum = \"KLUv/{}\"\n",
        made("gzip", "{base64:59}"),
        made("zstd", "{base64:43}")
    ));
    assert_eq!((judged.status, judged.json["limits"].as_array().unwrap().len()), (0, 0), "{judged:#?}");
    // A real one that breaks off far behind its beginning is.
    let repo = Repo::new();
    let script = "seq 20000 | gzip -9nc | head -c 20000 | base64 -w0";
    let output = repo.command("sh").args(["-c", script]).output().unwrap();
    repo.stage("a.yml", format!("release: {}\n", String::from_utf8(output.stdout).unwrap()));
    let judged = repo.commit();
    let limits = judged.json["limits"].as_array().unwrap();
    assert!(limits.len() == 1 && limits[0]["reason"].as_str().unwrap().contains("cut short"), "{judged:#?}");
}

#[test]
fn what_powershell_is_given_encoded_is_read() {
    let wide: Vec<u8> = format!("$t = '{}'", token(5)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let judged = one(&format!("powershell -EncodedCommand {}\n", STANDARD.encode(wide)));
    assert_eq!(judged.status, 1, "{judged:#?}");
}

#[test]
fn a_key_block_in_base64_is_one_finding() {
    let body: String = STANDARD.encode(made("key", "{printable:1200}"));
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
    let kind = ["RSA", "PRIVATE", "KEY"].join(" ");
    let pem = format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"));
    let judged = one(&format!("key: {}\n", base64(&pem)));
    assert_eq!(judged.places(), ["a.txt:1:6"], "{judged:#?}");
}

/// Encodings over encodings: as deep as is stated, and no deeper.
#[test]
fn the_stated_depth_is_reached_and_told() {
    let mut text = format!("{{\n  \"token\": \"{}\"\n}}\n", token(6));
    for _ in 0..7 {
        text = format!("{{\n  \"data\": \"{}\"\n}}\n", base64(&text));
    }
    let judged = one(&text);
    assert_eq!((judged.status, judged.json["limits"].as_array().unwrap().len()), (1, 0), "{judged:#?}");
    for _ in 0..3 {
        text = format!("{{\n  \"data\": \"{}\"\n}}\n", base64(&text));
    }
    let judged = one(&text);
    assert!(judged.json["limits"][0]["reason"].as_str().unwrap().contains("8 layers"), "{judged:#?}");
}

#[test]
fn images_hashes_and_minified_code_raise_nothing() {
    let repo = Repo::new();
    let mut random = String::new();
    for n in 0..400 {
        random += &STANDARD.encode(
            made(&format!("image {n}"), "{b64:{printable:600}}")
                .as_bytes()
                .iter()
                .enumerate()
                .map(|(i, b)| b ^ (i as u8).wrapping_mul(151) ^ 0xA5)
                .collect::<Vec<u8>>(),
        );
    }
    let hashes: String = (0..2000)
        .map(|n| format!("\"pkg-{n}\": \"sha256:{}\",\n", made(&format!("hash {n}"), "{hex:64}")))
        .collect();
    let bytes: String = (0..4000u32).map(|n| format!("\\x{:02x}", n * 7919 % 256)).collect();
    repo.stage("a.html", format!("<img src=\"data:image/png;base64,{random}\">\n"));
    repo.stage("package.lock", hashes);
    repo.stage("a.min.js", format!("var a=\"{bytes}\";function b(c){{return c+\"a\"+\"b\"}}\n"));
    repo.commit().passes(3);
}
