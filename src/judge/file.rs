//! Files that are secrets by being there: by name, and by content where content tells.
//!
//! Hands on candidates (values in files of a known form) and whole files. Only asked for paths that a file rule names.
//! The trap: such a file without anything in it, or with nothing but stand-ins, is none.

use std::ops::Range;

use super::{Judged, entropy, placeholder, state};
use crate::detect::rules::Rule;
use crate::detect::{BrokenRule, Candidate, Form, Found, RuleSet};
use crate::text::Text;

/// How much of a file is asked for evidence, in bytes.
const LOOKED_AT: usize = 1 << 20;

/// How many values one file may give.
const MOST_VALUES: usize = 1_000;

/// How a value is written that its file itself calls sensitive.
const MARKED: Form = Form::Entry;

/// The longest line of a `NAME=value` file that is looked at.
const LONGEST_LINE: usize = 4 << 10;

/// What content proves, and what a name alone lets one expect.
const BY_CONTENT: f64 = 0.95;
const BY_NAME: f64 = 0.85;

/// Values in a file that its rules find.
///
/// # Errors
/// When a rule's regex does not compile.
pub fn candidates(rules: &RuleSet, text: &Text<'_>, path: &[u8]) -> Result<Vec<Candidate>, BrokenRule> {
    let mut found = Vec::new();
    for id in rules.files(path) {
        let rule = rules.rule(id);
        if !rule.regex().is_empty() {
            let bytes = &text.bytes[..text.bytes.len().min(LOOKED_AT)];
            let captures = rules.regex(id)?.captures_iter(bytes);
            let secrets =
                captures.filter_map(|captures| captures.name("secret").map(|secret| secret.range()));
            let candidate = |secret| Candidate { rule: id, secret, found: None, block: None };
            found.extend(secrets.filter(|secret| !secret.is_empty()).take(MOST_VALUES).map(candidate));
        } else if rule.file().is_some_and(|file| file.variables) {
            let candidate = |(name, value): (Range<usize>, Range<usize>), form| Candidate {
                rule: id,
                secret: value.clone(),
                found: Some(Found { name, value, form }),
                block: None,
            };
            let (marked, lines) = if text.bytes.trim_ascii_start().starts_with(b"{") {
                (state::sensitive(&text.bytes), None)
            } else {
                (Vec::new(), Some(variables(&text.bytes)))
            };
            let lines = lines.into_iter().flatten().map(|pair| candidate(pair, Form::Line));
            let marked = marked.into_iter().map(|pair| candidate(pair, MARKED));
            found.extend(marked.chain(lines).take(MOST_VALUES));
        }
    }
    Ok(found)
}

/// The file itself, for the rules that judge it as a whole.
///
/// # Errors
/// When a rule's regex does not compile.
pub fn whole(rules: &RuleSet, text: &Text<'_>, path: &[u8]) -> Result<Vec<Judged>, BrokenRule> {
    let mut judged = Vec::new();
    for id in rules.files(path) {
        let rule = rules.rule(id);
        let Some(file) = rule.file().filter(|file| !file.variables && rule.regex().is_empty()) else {
            continue;
        };
        let bytes = &text.bytes[..text.bytes.len().min(LOOKED_AT)];
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let mut magic = file.magic().peekable();
        let by_magic = magic.peek().is_some();
        if by_magic && !magic.any(|(at, hex)| starts_with(bytes, at, hex)) {
            continue;
        }
        if !file.evidence.is_empty() && !rules.regex(id)?.is_match(bytes) {
            continue;
        }
        let by_content = by_magic || !file.evidence.is_empty();
        let reason = match by_content {
            true => "its name says what it is, and its content agrees",
            false => "its name says what it is",
        };
        let confidence = if by_content { BY_CONTENT } else { BY_NAME };
        let (confidence, reason) = super::material::lowered(path, confidence).unwrap_or((confidence, reason));
        judged.push(Judged {
            rule: id,
            secret: 0..text.bytes.len(),
            severity: rule.severity(),
            confidence,
            reasons: vec![reason.to_owned()],
            value: Some(digest(&text.bytes)),
            encoded: None,
        });
    }
    Ok(judged)
}

/// What stands for a whole file where a secret's bytes are asked for: its digest, since it may be of any size.
fn digest(content: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    use std::fmt::Write as _;
    let mut text = String::from("sha256:");
    for byte in sha2::Sha256::digest(content) {
        let _ = write!(text, "{byte:02x}");
    }
    text.into_bytes()
}

fn starts_with(content: &[u8], at: usize, hex: &str) -> bool {
    let Some(content) = content.get(at..at + hex.len() / 2) else { return false };
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or(0) as u8;
    hex.as_bytes()
        .chunks_exact(2)
        .zip(content)
        .all(|(pair, byte)| digit(pair[0]) << 4 | digit(pair[1]) == *byte)
}

/// The names and values of `NAME=value` lines, `export` and quotes off.
fn variables(text: &[u8]) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
    let mut start = 0;
    let lines = text.split(|byte| *byte == b'\n').map(move |line| {
        let at = start;
        start += line.len() + 1;
        (at, line)
    });
    lines.filter(|(_, line)| line.len() <= LONGEST_LINE).filter_map(|(at, line)| {
        let within = |part: &[u8]| part.as_ptr() as usize - line.as_ptr() as usize;
        let body = line.trim_ascii();
        let body = body.strip_prefix(b"export ").unwrap_or(body).trim_ascii_start();
        let equals = memchr::memchr(b'=', body)?;
        let (name, value) = (body[..equals].trim_ascii_end(), body[equals + 1..].trim_ascii_start());
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        if name.is_empty() || !name.iter().all(is_name) {
            return None;
        }
        let value = match value.first() {
            Some(quote @ (b'"' | b'\'')) => {
                let inner = &value[1..];
                &inner[..memchr::memchr(*quote, inner)?]
            }
            // A comment may follow behind a blank.
            _ => value.split(|byte| matches!(byte, b' ' | b'\t')).next().unwrap_or_default(),
        };
        let span = |part: &[u8]| {
            let from = at + within(part);
            from..from + part.len()
        };
        (!value.is_empty()).then(|| (span(name), span(value)))
    })
}

/// A value of an environment file: whether its name or its look says that it is a secret, and why. `None` for what is harmless.
pub(super) fn variable(rule: Rule<'_>, name: &[u8], value: &[u8], form: Form) -> Option<(f64, &'static str)> {
    const STEMS: [&[u8]; 14] = [
        b"pass",
        b"pwd",
        b"secret",
        b"token",
        b"apikey",
        b"api_key",
        b"private",
        b"credential",
        b"auth",
        b"_key",
        b"access_key",
        b"salt",
        b"dsn",
        b"webhook",
    ];
    /// What such a name says about a secret rather than holding one.
    const ABOUT: [&[u8]; 24] = [
        b"url",
        b"uri",
        b"host",
        b"port",
        b"path",
        b"file",
        b"name",
        b"user",
        b"region",
        b"ttl",
        b"timeout",
        b"enabled",
        b"expires",
        b"expiry",
        b"expiration",
        b"lifetime",
        b"length",
        b"size",
        b"type",
        b"method",
        b"mode",
        b"domain",
        b"public_key",
        b"publishable_key",
    ];
    let lower = name.to_ascii_lowercase();
    let holds = |word: &[u8]| memchr::memmem::find(&lower, word).is_some();
    let harmless = value.len() < 4
        // What sops has encrypted.
        || value.starts_with(b"ENC[")
        || placeholder::why(value).is_some()
        || value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'-' | b','))
        || HARMLESS.iter().any(|word| word.eq_ignore_ascii_case(value))
        || value.eq_ignore_ascii_case(name);
    if harmless {
        return None;
    }
    if form == MARKED {
        return Some((BY_CONTENT, "its file says that it is sensitive"));
    }
    if value.starts_with(b"/") || value.starts_with(b"./") || memchr::memmem::find(value, b"://").is_some() {
        return None;
    }
    let about = ABOUT.iter().any(|word| lower.ends_with(word));
    if !about && STEMS.iter().any(|stem| holds(stem)) {
        return Some((BY_NAME, "its name says secret, in a file that is made for them"));
    }
    let mixed = value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic);
    let token = value.len() >= 20
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-+/=.".contains(byte));
    (!about && mixed && token && entropy::shannon(value) >= rule.entropy().max(3.5))
        .then_some((0.6, "it is random, in a file that is made for secrets"))
}

/// Values that people write in environment files and that open nothing.
const HARMLESS: [&[u8]; 30] = [
    b"true",
    b"false",
    b"none",
    b"null",
    b"nil",
    b"yes",
    b"test",
    b"testing",
    b"local",
    b"localhost",
    b"development",
    b"production",
    b"staging",
    b"debug",
    b"info",
    b"warn",
    b"warning",
    b"error",
    b"password",
    b"secret",
    b"token",
    b"root",
    b"admin",
    b"user",
    b"postgres",
    b"mysql",
    b"guest",
    b"default",
    b"enabled",
    b"disabled",
];
