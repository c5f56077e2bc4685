//! Key blocks made by code, in every dress that people put them into. Nothing here is a key: bodies are a counter's
//! hash in the right structure.

use sha2::{Digest, Sha256};

use super::*;
use crate::judge::checks::{Check, OnFailure, details, run};

fn random(length: usize) -> Vec<u8> {
    (0u32..).flat_map(|n| Sha256::digest(n.to_be_bytes())).map(|b| b | 1).take(length).collect()
}

/// A DER element.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let mut out = vec![tag];
    match content.len() {
        0..128 => out.push(length[1]),
        128..256 => out.extend([0x81, length[1]]),
        _ => out.extend([0x82, length[0], length[1]]),
    }
    out.extend(content);
    out
}

fn rsa() -> Vec<u8> {
    let integer = |length| der(2, &[&[0x40], random(length).as_slice()].concat());
    let parts = [vec![2, 1, 0], integer(128), vec![2, 3, 1, 0, 1], integer(127)];
    der(0x30, &[parts.concat(), (0..5).flat_map(|_| integer(63)).collect()].concat())
}

fn pkcs8() -> Vec<u8> {
    let algorithm = der(0x30, &der(6, &[0x2b, 0x65, 0x70]));
    der(0x30, &[vec![2, 1, 0], algorithm, der(4, &der(4, &random(32)))].concat())
}

fn encrypted_pkcs8() -> Vec<u8> {
    let algorithm = der(0x30, &[der(6, &random(9)), der(0x30, &der(4, &random(8)))].concat());
    der(0x30, &[algorithm, der(4, &random(160))].concat())
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn open_ssh(cipher: &[u8]) -> Vec<u8> {
    let public = [string(b"ssh-ed25519"), string(&random(32))].concat();
    let private =
        [b"same".as_slice(), b"same", &public, &string(&random(64)), &string(b"me@here"), b"\x01\x02"]
            .concat();
    let mut out = b"openssh-key-v1\0".to_vec();
    for part in [cipher, if cipher == b"none" { b"none" } else { b"bcrypt" }, b""] {
        out.extend(string(part));
    }
    out.extend([0, 0, 0, 1]);
    out.extend([string(&public), string(&private)].concat());
    out
}

fn wrapped(bytes: &[u8], width: usize) -> String {
    let text = String::from_utf8(base64::encode(bytes, false)).unwrap();
    text.as_bytes().chunks(width).map(|l| std::str::from_utf8(l).unwrap()).collect::<Vec<_>>().join("\n")
}

fn marker(word: &str, label: &str) -> String {
    format!("-----{word} {label}-----")
}

fn block_of(label: &str, headers: &str, bytes: &[u8]) -> String {
    let width = if label.starts_with("OPENSSH") { 70 } else { 64 };
    format!("{}\n{headers}{}\n{}", marker("BEGIN", label), wrapped(bytes, width), marker("END", label))
}

fn rsa_block() -> String {
    block_of("RSA PRIVATE KEY", "", &rsa())
}

const KEYWORD: &str = concat!("-----", "BEGIN");

#[track_caller]
fn find(walker: Walker, text: &str, keyword: &str) -> Option<Block> {
    let at = text.find(keyword).expect("the keyword stands in the text");
    walker(text.as_bytes(), at..at + keyword.len())
}

#[track_caller]
fn found(text: &str) -> Block {
    find(pem, text, KEYWORD).unwrap_or_else(|| panic!("nothing found in\n{}", &text[..text.len().min(4_000)]))
}

/// Every dress gives the same value as the file itself.
#[track_caller]
fn same_as_file(dressed: &str) {
    let block = found(dressed);
    let value = String::from_utf8(block.value.0.clone()).unwrap();
    assert_eq!(value, rsa_block(), "in\n{dressed}");
    assert!(block.complete);
    assert!(dressed.as_bytes()[block.secret.start..].starts_with(b"-----"));
    assert!(dressed.as_bytes()[..block.secret.end].ends_with(b"KEY-----"));
}

#[test]
fn a_key_has_one_value_in_every_dress() {
    let key = rsa_block();
    let quoted = |line: &str, end: &str| format!("  \"{line}{end}");
    same_as_file(&key);
    same_as_file(&format!("{key}\n"));
    same_as_file(&key.replace('\n', "\r\n"));
    same_as_file(&key.replace('\n', "\r"));
    same_as_file(&format!("key: |\n    {}\nnext: 1\n", key.replace('\n', "\n    ")));
    same_as_file(&format!("\t{}", key.replace('\n', "\t\n\t")));
    same_as_file(&format!("# {}", key.replace('\n', "\n# ")));
    same_as_file(&format!(" * {}", key.replace('\n', "\n * ")));
    same_as_file(&format!("+{}", key.replace('\n', "\n+")));
    same_as_file(&format!("{{\"key\": \"{}\\n\", \"other\": 1}}", key.replace('\n', "\\n")));
    same_as_file(&format!("'{}'", key.replace('\n', "\\r\\n")));
    same_as_file(&format!("\"{{\\\"key\\\": \\\"{}\\\\n\\\"}}\"", key.replace('\n', "\\\\n")));
    same_as_file(&format!(
        "\"{}\"",
        key.replace('\n', "\\u000a").replace('/', "\\/").replace('=', "\\u003d")
    ));
    same_as_file(&format!("\"\\n{}\"", key.replace('\n', "\\n\\\n")));
    same_as_file(&format!("KEY=\"{key}\"\n"));
    same_as_file(&format!("KEY={}", key.replace('\n', "\\n")));
    same_as_file(&format!("KEY=\"{}\"", key.replace('\n', " ")));
    same_as_file(&format!("s = \"\"\"{key}\"\"\"\n"));
    let c: Vec<String> = key.lines().map(|line| quoted(line, "\\n\"")).collect();
    same_as_file(&format!("char *key =\n{};\n", c.join("\n")));
    same_as_file(&c.join(" +\n").replace('"', "'"));
    let array: Vec<String> = key.lines().map(|line| quoted(line, "\"")).collect();
    same_as_file(&format!("[{}].join('\\n')", array.join(",\n")));
    let basic: Vec<String> = key.lines().map(|line| format!("key = key & \"{line}\" & vbCrLf")).collect();
    same_as_file(&basic.join("\n"));
    let url = key.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").replace('\n', "%0A");
    same_as_file(&url.replace(' ', "%20"));
    same_as_file(&url.replace(' ', "+"));
    same_as_file(&format!("<key>{}</key>", key.replace('\n', "&#10;")));
    same_as_file(&format!("<key>{}</key>", key.replace('\n', "&#xA;")));
}

/// What a log puts before each line: a container's name, a time that goes on, a colour.
#[test]
fn a_key_in_a_log_has_the_same_value() {
    let key = rsa_block();
    same_as_file(&format!("app-1  | {}\napp-1  | ready\n", key.replace('\n', "\napp-1  | ")));
    same_as_file(&format!("\x1b[36mapp |\x1b[0m {}\n", key.replace('\n', "\n\x1b[36mapp |\x1b[0m ")));
    let stamped: Vec<String> = key
        .lines()
        .enumerate()
        .map(|(n, line)| format!("2026-01-01T00:00:{n:02}.1234567Z {line}\n"))
        .collect();
    same_as_file(&format!("2026-01-01T00:00:00.1234567Z $ cat key\n{}", stamped.concat()));
}

#[test]
fn a_key_without_line_ends_is_wrapped_as_its_file_would_be() {
    let key = rsa_block();
    let lines: Vec<&str> = key.lines().collect();
    let body = lines[1..lines.len() - 1].concat();
    same_as_file(&format!("\"{}\\n{body}\\n{}\"", lines[0], lines[lines.len() - 1]));
    same_as_file(&format!("{}{body}{}", lines[0], lines[lines.len() - 1]));
}

#[test]
fn the_base64_of_a_key_file_gives_the_same_value() {
    let text = String::from_utf8(base64::encode(rsa_block().as_bytes(), false)).unwrap();
    let text = format!("client-key-data: {text}\nnext: x\n");
    let block = find(pem, &text, "LS0tLS1CRUdJTi").unwrap();
    assert_eq!(block.value.0, rsa_block().as_bytes());
    assert_eq!(&text[block.secret.end..], "\nnext: x\n");
    assert_eq!(find(pgp, &text, "LS0tLS1CRUdJTi"), None);
}

#[test]
fn normalising_is_the_same_for_every_dress_and_changes_nothing_twice() {
    let key = rsa_block();
    for dressed in [key.clone(), key.replace('\n', "\\n"), format!("   {}\r\n", key.replace('\n', "\r\n   "))]
    {
        assert_eq!(normalised(dressed.as_bytes()), key.as_bytes());
    }
    assert_eq!(normalised(b"  one\r\n\ttwo \n\n three"), b"one\ntwo \n\nthree");
}

#[test]
fn every_form_is_told_by_its_inside() {
    let legacy = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n";
    let dsa: Vec<u8> = (0..6).flat_map(|_| der(2, &random(20))).collect();
    let ec = [vec![2, 1, 1], der(4, &random(32)), der(0xa0, &der(6, &random(8)))].concat();
    for (label, headers, bytes, encrypted, kind) in [
        ("RSA PRIVATE KEY", "", rsa(), false, BlockKind::Pem),
        ("DSA PRIVATE KEY", "", der(0x30, &dsa), false, BlockKind::Pem),
        ("EC PRIVATE KEY", "", der(0x30, &ec), false, BlockKind::Pem),
        ("PRIVATE KEY", "", pkcs8(), false, BlockKind::Pem),
        ("ANY PRIVATE KEY", "", pkcs8(), false, BlockKind::Pem),
        ("ENCRYPTED PRIVATE KEY", "", encrypted_pkcs8(), true, BlockKind::Pem),
        ("RSA PRIVATE KEY", legacy, random(608), true, BlockKind::Pem),
        ("OPENSSH PRIVATE KEY", "", open_ssh(b"none"), false, BlockKind::OpenSsh),
        ("OPENSSH PRIVATE KEY", "", open_ssh(b"aes256-ctr"), true, BlockKind::OpenSsh),
    ] {
        let text = block_of(label, headers, &bytes);
        let block = found(&text);
        assert_eq!((block.kind, block.encrypted), (kind, encrypted), "{label}");
        assert_eq!(block.value.0, text.as_bytes(), "{label}");
        assert_eq!(block.severity(Severity::Critical) == Severity::Medium, encrypted);
        assert!(
            matches!(run("pem", &block.value.0), Some(Check::Holds(r)) if r.contains("passphrase") == encrypted)
        );
        let said = details("pem", &block.value.0).unwrap();
        assert!(said.ends_with(if encrypted { ", encrypted" } else { ", not encrypted" }), "{said}");
    }
    let ssh = block_of("OPENSSH PRIVATE KEY", "", &open_ssh(b"none"));
    assert_eq!(details("pem", ssh.as_bytes()).unwrap(), "OpenSSH private key (ssh-ed25519), not encrypted");
}

#[test]
fn encrypted_headers_survive_lost_line_ends() {
    let headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,0011223344556677\n\n";
    let text = block_of("RSA PRIVATE KEY", headers, &random(608));
    let flat = text.replace("\n\n", "\n").replace('\n', " ");
    for dressed in [text.replace('\n', "\\n"), format!("\"{flat}\"")] {
        let block = found(&dressed);
        assert!(block.encrypted);
        assert_eq!(block.value.0, text.as_bytes(), "{dressed}");
    }
}

#[test]
fn ssh2_keys_have_four_hyphens_and_continued_headers() {
    let blob = |cipher: &[u8]| {
        let inner = [
            string(b"if-modn{sign{rsa-pkcs1-sha1},encrypt{rsa-pkcs1v2-oaep}}"),
            string(cipher),
            string(&random(300)),
        ];
        let inner = inner.concat();
        [
            0x3f6f_f9eb_u32.to_be_bytes().as_slice(),
            &u32::try_from(inner.len() + 8).unwrap().to_be_bytes(),
            &inner,
        ]
        .concat()
    };
    for (cipher, encrypted) in [(b"none".as_slice(), false), (b"3des-cbc", true)] {
        let text = format!(
            "---- {} SSH2 ENCRYPTED PRIVATE KEY ----\nSubject: me\nComment: \"2048-bit \\\nrsa\"\n{}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n",
            "BEGIN",
            wrapped(&blob(cipher), 70)
        );
        let block = find(pem, &text, concat!("---- ", "BEGIN")).unwrap();
        assert_eq!((block.kind, block.encrypted, block.complete), (BlockKind::OpenSsh, encrypted, true));
        assert!(matches!(run("pem", &block.value.0), Some(Check::Holds(_))));
        assert_eq!(normalised(text.as_bytes()), block.value.0);
    }
}

/// A version 4 secret-key packet with RSA numbers and this string-to-key usage.
fn pgp_packet(usage: u8) -> Vec<u8> {
    let number = |length: u16| [(length * 8).to_be_bytes().as_slice(), &random(usize::from(length))].concat();
    let body = [[4, 1, 2, 3, 4, 1].as_slice(), &number(128), &number(3), &[usage], &number(128), &number(64)]
        .concat();
    [&[0x95], u16::try_from(body.len()).unwrap().to_be_bytes().as_slice(), &body].concat()
}

#[test]
fn pgp_keys_are_told_by_their_first_packet_and_their_sum() {
    for (usage, encrypted) in [(0, false), (254, true)] {
        let bytes = pgp_packet(usage);
        let sum = String::from_utf8(base64::encode(&key::crc24(&bytes), false)).unwrap();
        let label = "PGP PRIVATE KEY BLOCK";
        let with_sum = |sum: &str| {
            format!(
                "{}\nVersion: GnuPG v1.4 - test\nComment: a, b\n\n{}\n={sum}\n{}",
                marker("BEGIN", label),
                wrapped(&bytes, 64),
                marker("END", label)
            )
        };
        let text = with_sum(&sum);
        for dressed in [text.clone(), format!("\"{}\\n\"", text.replace('\n', "\\n"))] {
            let block = find(pgp, &dressed, KEYWORD).unwrap();
            assert_eq!(block.value.0, text.as_bytes());
            assert_eq!((block.encrypted, block.complete), (encrypted, true));
        }
        assert!(matches!(run("pgp", text.as_bytes()), Some(Check::Holds(_))));
        let wrong = Some(Check::Fails { reason: "key does not parse", on_failure: OnFailure::Lower });
        assert_eq!(run("pgp", with_sum("AAAA").as_bytes()), wrong);
        assert_eq!(find(pem, &text, KEYWORD), None);
    }
    assert_eq!(key::crc24(b"123456789"), [0x21, 0xcf, 0x02]);
}

#[test]
fn cut_and_filled_bodies_are_examples_and_odd_ones_only_lower() {
    let key = rsa_block();
    let lines: Vec<&str> = key.lines().collect();
    let fails = |text: &str| match run("pem", &found(text).value.0) {
        Some(Check::Fails { reason, on_failure }) => (reason, on_failure),
        other => panic!("{other:?}"),
    };
    let cut = [&lines[..4], &lines[lines.len() - 1..]].concat().join("\n");
    assert_eq!(fails(&cut), ("key is cut short", OnFailure::Drop));
    let dots = format!("{}\n...\n{}", lines[..3].join("\n"), lines[lines.len() - 1]);
    assert_eq!(fails(&dots), ("key is cut short", OnFailure::Drop));
    assert!(!found(&dots).complete);
    let filled = format!("{}\n{}\n{}", lines[0], "AbCdEfGh".repeat(8), lines[lines.len() - 1]);
    assert_eq!(fails(&filled), ("its body is a placeholder", OnFailure::Drop));
    let mut bytes = rsa();
    bytes[5] = 0x1f;
    assert_eq!(fails(&block_of("RSA PRIVATE KEY", "", &bytes)), ("key does not parse", OnFailure::Lower));
    let ssh = open_ssh(b"none");
    let cut = block_of("OPENSSH PRIVATE KEY", "", &ssh[..ssh.len() - 50]);
    assert_eq!(fails(&cut), ("key is cut short", OnFailure::Drop));
    let mut ssh = ssh;
    ssh[43] = 0xee;
    assert_eq!(fails(&block_of("OPENSSH PRIVATE KEY", "", &ssh)), ("key does not parse", OnFailure::Lower));
}

#[test]
fn a_whole_key_without_its_end_line_is_a_key() {
    let key = rsa_block();
    let text = format!("{}\n\nmore text\n", key[..key.rfind('\n').unwrap()].trim_end());
    let block = found(&text);
    assert!(!block.complete);
    assert!(matches!(run("pem", &block.value.0), Some(Check::Holds(_))));
    assert_eq!(&text[block.secret.end..], "\n\nmore text\n");
}

#[test]
fn what_is_no_private_key_is_declined() {
    let label = "PRIVATE KEY";
    for text in [
        block_of("CERTIFICATE", "", &rsa()),
        block_of("PUBLIC KEY", "", &rsa()),
        block_of("RSA PUBLIC KEY", "", &rsa()),
        format!(
            "if text.contains(\"{}\") {{ return \"privateKeyOfTheServiceAccountThatIsUsedHere\"; }}",
            marker("BEGIN", label)
        ),
        format!("{}\n${{PRIVATE_KEY}}\n{}", marker("BEGIN", label), marker("END", label)),
        format!("{}\n...\n{}", marker("BEGIN", label), marker("END", label)),
        format!("{}\nMIIEpAIBAAKCAQEA\n{}", marker("BEGIN", label), marker("END", label)),
        format!(
            "the line {} begins a key that must never be committed to a repository at all",
            marker("BEGIN", label)
        ),
        format!("{KEYWORD} "),
        format!("{KEYWORD} PRIVATE KEY"),
        KEYWORD.to_string(),
    ] {
        assert_eq!(find(pem, &text, KEYWORD), None, "{text}");
        assert_eq!(find(pgp, &text, KEYWORD), None, "{text}");
    }
}

#[test]
fn reading_stops_at_the_limit() {
    let body = wrapped(&random(100_000), 64);
    let end = marker("END", "PRIVATE KEY");
    let text = format!("{}\nMIMB////{body}\n{end}", marker("BEGIN", "PRIVATE KEY"));
    let block = found(&text);
    assert!((LIMIT - 64..=LIMIT).contains(&block.secret.len()), "{}", block.secret.len());
    assert!(!block.complete);
}

/// A text full of beginnings costs no more than its bytes: minutes here when each hit reads on to the limit.
#[test]
fn beginnings_without_end_are_cheap() {
    let begin = marker("BEGIN", "PRIVATE KEY");
    let line = "Qk3x".repeat(16);
    for (unit, keyword, walker) in [
        (format!("\"{begin}\" '{line}' "), KEYWORD, pem as Walker),
        (format!("\"{line}\" '{begin}' "), KEYWORD, pem),
        (format!("{begin}\n{line}\n"), KEYWORD, pem),
        ("LS0tLS1CRUdJTi".to_owned(), "LS0tLS1CRUdJTi", pem),
        ("PuTTY-User-Key-File-2: ".to_owned(), "PuTTY-User-Key-File", putty),
        ("PuTTY-User-Key-File-2: x\n".to_owned(), "PuTTY-User-Key-File", putty),
        ("eyJ".to_owned(), "eyJ", jwt),
        ("eyJ.".to_owned(), "eyJ", jwt),
    ] {
        let text = unit.repeat(2_000_000 / unit.len());
        let started = std::time::Instant::now();
        for at in memchr::memmem::find_iter(text.as_bytes(), keyword) {
            let _ = walker(text.as_bytes(), at..at + keyword.len());
        }
        // Not how fast: a walker that goes to the end of the text from each beginning takes many minutes for this.
        assert!(
            started.elapsed().as_secs() < 120,
            "{} took {:?}",
            &unit[..unit.len().min(40)],
            started.elapsed()
        );
    }
}

#[test]
fn no_cut_of_any_dress_panics() {
    let key = rsa_block();
    for text in [
        key.replace('\n', "\\r\\n"),
        key.replace('\n', "&#10;"),
        key.replace('\n', "%0A"),
        format!("\"{key}\" +"),
    ] {
        for end in 0..text.len() {
            let cut = &text.as_bytes()[..end];
            for walker in [pem, pgp, putty, jwt, service_account] {
                let _ = walker(cut, 0..end.min(10));
            }
            let _ = run("pem", cut);
        }
    }
}

fn putty_file(version: u8, encryption: &str, private: &[u8], mac: &str) -> String {
    format!(
        "PuTTY-User-Key-File-{version}: ssh-ed25519\nEncryption: {encryption}\nComment: me here\nPublic-Lines: 2\n{}\nPrivate-Lines: 1\n{}\nPrivate-MAC: {mac}",
        wrapped(&random(51), 64),
        wrapped(private, 64)
    )
}

#[test]
fn putty_files_are_whole_and_version_3_proves_itself() {
    let private = random(36);
    let mut signed = Vec::new();
    for part in [b"ssh-ed25519".as_slice(), b"none", b"me here", &random(51), &private] {
        signed.extend(string(part));
    }
    // HMAC with an empty key, written out (RFC 2104).
    let inner = Sha256::digest([[0x36; 64].as_slice(), &signed].concat());
    let mac: String =
        Sha256::digest([[0x5c; 64].as_slice(), &inner].concat()).iter().map(|b| format!("{b:02x}")).collect();
    let text = putty_file(3, "none", &private, &mac);
    for dressed in [text.clone(), text.replace('\n', "\r\n"), format!("\"{}\"", text.replace('\n', "\\n"))] {
        let block = find(putty, &dressed, "PuTTY-User-Key-File").unwrap();
        assert_eq!(block.value.0, text.as_bytes());
        assert_eq!((block.encrypted, block.complete), (false, true));
    }
    assert_eq!(run("putty", text.as_bytes()), Some(Check::Holds("checksum holds")));
    let other = putty_file(3, "none", &random(35), &mac);
    assert!(matches!(
        run("putty", other.as_bytes()),
        Some(Check::Fails { on_failure: OnFailure::Lower, .. })
    ));
    assert_eq!(details("putty", text.as_bytes()).unwrap(), "PuTTY private key (ssh-ed25519), not encrypted");
}

#[test]
fn putty_files_with_a_passphrase_or_a_hole_are_told_apart() {
    let text = putty_file(2, "aes256-cbc", &random(48), "00");
    let block = find(putty, &text, "PuTTY-User-Key-File").unwrap();
    assert!(block.encrypted);
    assert!(matches!(run("putty", &block.value.0), Some(Check::Holds(r)) if r.contains("passphrase")));
    let cut = &text[..text.find("Private-Lines").unwrap()];
    assert_eq!(find(putty, cut, "PuTTY-User-Key-File"), None);
    let fewer = text.replace("Public-Lines: 2", "Public-Lines: 9");
    assert!(matches!(run("putty", fewer.as_bytes()), Some(Check::Fails { on_failure: OnFailure::Drop, .. })));
}

fn token(header: &str, claims: &str) -> String {
    let part = |bytes: &[u8]| {
        String::from_utf8(base64::encode(bytes, true)).unwrap().trim_end_matches('=').to_string()
    };
    format!("{}.{}.{}", part(header.as_bytes()), part(claims.as_bytes()), part(&random(32)))
}

#[test]
fn a_token_is_found_at_its_header_only() {
    let token = token(r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"sub":"1234"}"#);
    for text in [
        token.clone(),
        format!("Authorization: Bearer {token}\n"),
        format!("\"\\n{token}\""),
        format!("t%3D{token}&x=1"),
    ] {
        let block = find(jwt, &text, "eyJ").unwrap();
        assert_eq!(block.value.0, token.as_bytes(), "{text}");
        assert_eq!(&text[block.secret.clone()], token);
        let claims = text.rfind(".eyJ").unwrap() + 1;
        assert_eq!(jwt(text.as_bytes(), claims..claims + 3), None);
    }
    assert_eq!(find(jwt, &format!("abc{token}"), "eyJ"), None);
}

#[test]
fn json_in_base64_that_is_no_token_is_declined() {
    let header = token(r#"{"typ":"JWT"}"#, "{}");
    let parts: Vec<&str> = header.split('.').collect();
    for text in [
        header.clone(),
        parts[0].to_string(),
        parts[..2].join("."),
        format!("{}.{}.", parts[0], "A".repeat(20_000)),
    ] {
        assert_eq!(find(jwt, &text, "eyJ"), None, "{text}");
    }
}

#[test]
fn a_service_account_is_its_private_key_and_says_whose() {
    let pem_text = block_of("PRIVATE KEY", "", &pkcs8());
    let json = format!(
        "{{\n  \"type\": \"service_account\",\n  \"project_id\": \"p\",\n  \"private_key_id\": \"0a\",\n  \"private_key\": \"{}\\n\",\n  \"client_email\": \"bot@p.iam.gserviceaccount.com\"\n}}",
        pem_text.replace('\n', "\\n")
    );
    for text in [json.clone(), json.replace('\n', "")] {
        let block = find(service_account, &text, "service_account").unwrap();
        assert_eq!(block.kind, BlockKind::ServiceAccount);
        assert_eq!(block.value.0, pem_text.as_bytes());
        assert_eq!(block.detail.as_deref(), Some("account bot@p.iam.gserviceaccount.com"));
        assert_eq!(found(&text).value, block.value);
    }
    let without_key = json.replace(&pem_text.replace('\n', "\\n"), "<your key>");
    assert_eq!(find(service_account, &without_key, "service_account"), None);
}
