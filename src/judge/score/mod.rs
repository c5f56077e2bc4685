//! How likely a value without a format of its own is a secret.
//!
//! Weighs what the value looks like, what its name promises and what kind of file it stands in. Confidence is a first
//! estimate, set by hand against labelled data; the learned judge takes this module's place. The trap: judge the
//! candidate, never its line, or a live key passed to a call goes free.

mod name;
mod pairs;

use crate::detect::{Form, Found};
use crate::judge::{entropy, placeholder};
use name::Promise;

/// What the scorer thinks of one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// 0 to 1.
    pub confidence: f64,
    /// Why.
    pub reason: &'static str,
}

const fn score(confidence: f64, reason: &'static str) -> Score {
    Score { confidence, reason }
}

/// Scores the value that `found` names.
#[must_use]
pub fn judge(text: &[u8], path: &[u8], found: &Found) -> Score {
    let value = &text[found.value.clone()];
    if let Some(reason) = placeholder::why(value) {
        return score(0.0, reason);
    }
    if matches!(found.form, Form::Url | Form::UrlUser) {
        return url_password(text, found);
    }
    if matches!(found.form, Form::Header | Form::Basic) {
        return if is_random(value) || found.form == Form::Basic {
            score(0.9, "it looks random and stands in an authorization header")
        } else {
            score(0.4, "it stands in an authorization header")
        };
    }
    let promise = name::promise(&text[found.name.clone()]);
    if promise == Promise::None {
        return score(0.0, "its name is about a secret, not of one");
    }
    if is_bare(found.form) && is_code(path) && !is_random(value) || is_expression(value, found.form) {
        return score(0.0, "it is code, not a value");
    }
    if let Some(reason) = other_thing(value) {
        return score(0.0, reason);
    }
    let random = is_random(value);
    match (promise, random) {
        (Promise::Strong, true) => score(0.92, "it looks random and its name says secret"),
        (Promise::Weak, true) => score(0.8, "it looks random and its name says key or token"),
        (Promise::Strong, false) => word_like(value, path),
        _ => score(0.1, "it looks like a word and its name is weak"),
    }
}

/// A password that a person chose: likely with digits or symbols in it, and in files that configure.
fn word_like(value: &[u8], path: &[u8]) -> Score {
    let digits = value.iter().any(u8::is_ascii_digit);
    let letters = value.iter().any(u8::is_ascii_alphabetic);
    let symbols = value.iter().any(|b| b.is_ascii_punctuation() && !b"_-. ".contains(b));
    let configures = !is_code(path) && !is_prose(path);
    if value.contains(&b' ') {
        return score(0.1, "it is a phrase");
    }
    if value.len() < 6 {
        return score(0.2, "it is short");
    }
    match (letters && digits, symbols) {
        (true, true) => score(0.8, "letters, digits and symbols, and its name says password"),
        (true, false) if value.len() >= 8 => score(0.7, "letters and digits, and its name says password"),
        (false, true) if letters && configures => score(0.6, "letters and symbols in a configuration file"),
        _ if configures => score(0.5, "a word in a configuration file, and its name says password"),
        _ => score(0.35, "it looks like a word, but its name says password"),
    }
}

fn url_password(text: &[u8], found: &Found) -> Score {
    let value = &text[found.value.clone()];
    let host_start = (found.value.end + 1).min(text.len());
    let host: Vec<u8> = text[host_start..]
        .iter()
        .take(128)
        .take_while(|b| b.is_ascii_alphanumeric() || b"-._".contains(b))
        .map(u8::to_ascii_lowercase)
        .collect();
    let user_length =
        text[..found.value.start - 1].iter().rev().take(128).take_while(|b| !b"/".contains(b)).count();
    let user = &text[found.value.start - 1 - user_length..found.value.start - 1];
    let local = [b"localhost".as_slice(), b"127.0.0.1", b"0.0.0.0", b"host", b"hostname", b"server"]
        .contains(&host.as_slice())
        || host.ends_with(b".local")
        || host.is_empty();
    let nobody = [b"example.com".as_slice(), b"example.org", b"example.net", b"example"]
        .iter()
        .any(|end| host.ends_with(end));
    let same = value == user
        || [
            b"pass".as_slice(),
            b"password",
            b"postgres",
            b"root",
            b"admin",
            b"guest",
            b"test",
            b"passwd",
            b"pwd",
            b"secret",
        ]
        .contains(&value);
    let braces = value.iter().any(|b| b"{}<>()$*".contains(b))
        && value.first().is_some_and(|b| b"{<($*%:".contains(b));
    match (local || nobody, same, is_random(value)) {
        _ if braces => score(0.0, "it refers to a value that stands elsewhere"),
        (true, true, _) => score(0.0, "an example's user and password on an example's host"),
        (false, true, _) => score(0.4, "a password that everybody knows"),
        (true, false, true) => score(0.6, "it looks random, on a local host"),
        (true, false, false) => score(0.35, "a password for a local host"),
        (false, false, _) if value.len() < 4 => score(0.4, "a short password in a URL"),
        (false, false, _) => score(0.9, "a password in a URL"),
    }
}

/// True when no person would make it up and no program would name a thing so.
fn is_random(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let upper = value.iter().filter(|b| b.is_ascii_uppercase()).count();
    let lower = value.iter().filter(|b| b.is_ascii_lowercase()).count();
    let odd = value.iter().filter(|b| !b.is_ascii_alphanumeric() && !b"+/=_-.".contains(b)).count();
    if value.len() < 12 || odd * 4 > value.len() || value.contains(&b' ') {
        return false;
    }
    let surprise = pairs::surprise(value);
    let bits = entropy::shannon(value);
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    if hex {
        return value.len() >= 20 && bits > 3.0 && digits > 0 && lower + upper > 0;
    }
    let mixed = usize::from(digits > 0) + usize::from(upper > 0) + usize::from(lower > 0);
    if value.len() >= 16 {
        surprise > 4.6 && bits > 3.0 && (mixed >= 2 || surprise > 5.6)
    } else {
        surprise > 5.2 && bits > 2.9 && mixed >= 2
    }
}

/// Forms in which nothing tells a value from an expression.
fn is_bare(form: Form) -> bool {
    matches!(form, Form::Line | Form::Yaml | Form::Inline | Form::Blank)
}

/// A call, a member access, an operator: something that is evaluated.
fn is_expression(value: &[u8], form: Form) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(value, part).is_some();
    let calls = has(b"(") || has(b"::") || has(b"->") || has(b"=>") || value.ends_with(b"[");
    let quoted = !is_bare(form);
    let dotted = !quoted
        && value.contains(&b'.')
        && value.split(|b| *b == b'.').all(|part| {
            part.first().is_some_and(u8::is_ascii_alphabetic)
                && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
        });
    (calls && !quoted)
        || dotted
        || has(b"process.env")
        || has(b"os.environ")
        || has(b"getenv")
        || has(b"ENV[")
        || has(b"secrets.")
}

/// What else a value may be: a path, a URL, a file name, a version, a hash that says so, a type.
fn other_thing(value: &[u8]) -> Option<&'static str> {
    let starts = |part: &[u8]| value.starts_with(part);
    if value.len() < 4 {
        return Some("it is too short");
    }
    if starts(b"/") && value.iter().filter(|b| **b == b'/').count() > 1
        || starts(b"./")
        || starts(b"../")
        || starts(b"~/")
        || value.get(1..3) == Some(b":\\")
    {
        return Some("it is a path");
    }
    if memchr::memmem::find(value, b"://").is_some() {
        return Some("it is a URL");
    }
    const HASHES: [&[u8]; 14] = [
        b"$2a$", b"$2b$", b"$2y$", b"$1$", b"$5$", b"$6$", b"$argon2", b"{SSHA}", b"pbkdf2", b"sha256:",
        b"sha512-", b"sha1-", b"sha256-", b"ENC[",
    ];
    if HASHES.iter().any(|h| starts(h))
        || starts(b"ENC(")
        || starts(b"AQICA")
        || starts(b"vault:")
        || starts(b"{cipher}")
    {
        return Some("it is a hash or encrypted");
    }
    if value.iter().filter(|b| **b >= 0x80).count() * 2 > value.len() {
        return Some("it is text in another script");
    }
    if value.iter().all(|b| b.is_ascii_digit() || b".:-/ ".contains(b)) && value.len() < 16 {
        return Some("it is a number, a date or a version");
    }
    let uuid = value.len() == 36 && [8, 13, 18, 23].iter().all(|&i| value[i] == b'-');
    if uuid {
        return Some("it is a UUID");
    }
    let dot = value.iter().rposition(|b| *b == b'.').map(|at| &value[at + 1..]);
    const ENDINGS: [&[u8]; 16] = [
        b"pem",
        b"key",
        b"crt",
        b"json",
        b"yml",
        b"yaml",
        b"txt",
        b"js",
        b"py",
        b"html",
        b"php",
        b"xml",
        b"png",
        b"svg",
        b"com",
        b"properties",
    ];
    if dot.is_some_and(|end| ENDINGS.contains(&end)) {
        return Some("it is the name of a file or host");
    }
    None
}

fn ending(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    name.iter().rposition(|b| *b == b'.').map_or(b"", |at| &name[at + 1..])
}

/// Files in which a value without quotes is an expression.
fn is_code(path: &[u8]) -> bool {
    const CODE: [&[u8]; 44] = [
        b"rs", b"py", b"js", b"mjs", b"cjs", b"ts", b"tsx", b"jsx", b"go", b"java", b"kt", b"kts", b"scala",
        b"c", b"h", b"cc", b"cpp", b"hpp", b"cs", b"rb", b"php", b"swift", b"m", b"mm", b"lua", b"pl", b"pm",
        b"ex", b"exs", b"erl", b"hs", b"ml", b"clj", b"dart", b"r", b"jl", b"sol", b"vue", b"svelte",
        b"groovy", b"css", b"scss", b"less", b"html",
    ];
    CODE.contains(&ending(path).to_ascii_lowercase().as_slice())
}

fn is_prose(path: &[u8]) -> bool {
    [b"md".as_slice(), b"rst", b"txt", b"adoc", b"org", b"tex", b"html", b"po", b"pot"]
        .contains(&ending(path).to_ascii_lowercase().as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(path: &str, name: &str, value: &str, form: Form) -> f64 {
        let text = format!("{name}={value}");
        let found = Found { name: 0..name.len(), value: name.len() + 1..text.len(), form };
        judge(text.as_bytes(), path.as_bytes(), &found).confidence
    }

    #[test]
    fn the_guides_leaks_block_and_references_do_not() {
        assert!(judged(".env", "API_KEY", "sk-live-abc123", Form::Line) >= 0.5);
        assert!(judged("Dockerfile", "API_KEY", "secret123", Form::Line) >= 0.5);
        assert!(judged("app.py", "os.environ['API_KEY", "sk-live-abc123", Form::Assigned) >= 0.5);
        for value in ["os.environ.get", "process.env.KEY", "getPassword()", "settings.PASSWORD", "password"] {
            assert!(judged("app.py", "password", value, Form::Line) < 0.3, "{value}");
        }
        assert!(judged("app.js", "token", "/var/run/secrets/token", Form::Assigned) < 0.3);
    }

    #[test]
    fn surprise_tells_random_from_words() {
        let random = pairs::surprise(b"q8Zx2Lp0vRt7Kw3m");
        let words = pairs::surprise(b"connection_string");
        assert!(random > 5.0 && words < 4.2, "{random} {words}");
    }
}
