//! Globs as in gitignore, without `!`: which paths they match, and which ones say nothing.
//!
//! Hands on: [`check`] for the parser, [`compile`] for the first question. A glob becomes a regex on bytes, so that names of
//! any bytes are matched in linear time. The trap: a folder's name stands for everything in it, at any depth when the glob
//! has no slash before its end.

use std::fmt::Write as _;

use regex::bytes::{Regex, RegexBuilder};

/// What is wrong with a glob, and what to do; `None` when it may stand.
#[must_use]
pub fn check(glob: &str) -> Option<String> {
    if glob.trim().is_empty() {
        return Some("an empty glob matches nothing; remove it".to_owned());
    }
    if glob.starts_with('!') {
        return Some(
            "globs here have no `!`: list what is allowed; a name that begins with `!` is written `\\\\!`"
                .to_owned(),
        );
    }
    if glob.bytes().all(|b| matches!(b, b'*' | b'?' | b'/' | b'.')) && glob.contains(['*', '?']) {
        return Some(
            "a glob of wildcards alone allows more than anybody means: name a folder or a kind of file (to try unleak \
             without blocking, set `mode = \"warn\"`)"
                .to_owned(),
        );
    }
    if glob == "/" || glob.split('/').any(|part| matches!(part, "." | "..")) {
        return Some("paths are relative to the configuration's folder, without `.` and `..`".to_owned());
    }
    if glob.contains("//") {
        return Some("no path has an empty name in it: write `/` for `//`".to_owned());
    }
    if glob.len() > 1_000 {
        return Some("a glob has at most 1,000 bytes".to_owned());
    }
    translate(glob).err()
}

/// The matcher of a glob.
///
/// # Errors
/// What is wrong with it.
pub(super) fn compile(glob: &str) -> Result<Regex, String> {
    let regex = translate(glob)?;
    RegexBuilder::new(&regex)
        .unicode(false)
        .build()
        .map_err(|_| "this glob is too large to compile; split it".to_owned())
}

fn translate(glob: &str) -> Result<String, String> {
    // What gitignore calls a folder: with a slash at its end it matches only what is inside.
    let (body, only_inside) = glob.strip_suffix('/').map_or((glob, false), |body| (body, true));
    let body_bytes = body.as_bytes();
    let anchored = body.contains('/');
    let mut regex = String::from("(?s-u)^");
    if !anchored {
        regex.push_str("(?:.*/)?");
    }
    let mut at = usize::from(body.starts_with('/'));
    while let Some(&byte) = body_bytes.get(at) {
        match byte {
            b'*' => {
                let end = at + body_bytes[at..].iter().take_while(|b| **b == b'*').count();
                let starts_name = at == 0 || body_bytes[at - 1] == b'/';
                // `**` spans folders only between slashes; anywhere else it is `*`.
                match (end - at >= 2 && starts_name, body_bytes.get(end)) {
                    (true, Some(b'/')) => {
                        regex.push_str("(?:.*/)?");
                        at = end + 1;
                    }
                    (true, None) if anchored => {
                        regex.push_str(".+");
                        at = end;
                    }
                    _ => {
                        regex.push_str("[^/]*");
                        at = end;
                    }
                }
            }
            b'?' => {
                regex.push_str("[^/]");
                at += 1;
            }
            b'[' => at = class(body, at, &mut regex)?,
            b'\\' => {
                let Some(&next) = body_bytes.get(at + 1) else {
                    return Err("a glob cannot end with a single `\\`".to_owned());
                };
                literal(next, &mut regex);
                at += 2;
            }
            _ => {
                literal(byte, &mut regex);
                at += 1;
            }
        }
    }
    regex.push_str(if only_inside { "/.+$" } else { "(?:/.*)?$" });
    Ok(regex)
}

fn literal(byte: u8, regex: &mut String) {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_') {
        regex.push(char::from(byte));
    } else {
        // Writing to a string cannot fail.
        let _ = write!(regex, "\\x{byte:02x}");
    }
}

/// A class `[…]` that starts at `at`; gives the place after it. A class never matches a slash.
fn class(glob: &str, at: usize, regex: &mut String) -> Result<usize, String> {
    const UNCLOSED: &str = "a `[` has no `]`; a literal one is written `\\\\[`";
    let bytes = glob.as_bytes();
    let mut at = at + 1;
    let negated = matches!(bytes.get(at), Some(b'!' | b'^'));
    at += usize::from(negated);
    let mut set = [false; 256];
    let first = at;
    loop {
        match bytes.get(at) {
            None => return Err(UNCLOSED.to_owned()),
            Some(b']') if at > first => break,
            Some(b'[') if bytes.get(at + 1) == Some(&b':') => {
                // From behind the colon on: in `[:]` the same one would open and close.
                let end = memchr::memmem::find(&bytes[at + 2..], b":]").ok_or(UNCLOSED)?;
                let name = &glob[at + 2..at + 2 + end];
                let holds = named_class(name).ok_or_else(|| {
                    "an unknown class: known are alnum, alpha, blank, cntrl, digit, graph, lower, print, punct, space, \
                     upper, xdigit"
                        .to_owned()
                })?;
                (0..=127).filter(holds).for_each(|b| set[usize::from(b)] = true);
                at += end + 4;
            }
            Some(_) => {
                let (low, next) = class_byte(bytes, at)?;
                if bytes.get(next) == Some(&b'-') && bytes.get(next + 1).is_some_and(|b| *b != b']') {
                    let (high, next) = class_byte(bytes, next + 1)?;
                    if high < low {
                        return Err("a range in `[…]` runs backwards".to_owned());
                    }
                    (low..=high).for_each(|b| set[usize::from(b)] = true);
                    at = next;
                } else {
                    set[usize::from(low)] = true;
                    at = next;
                }
            }
        }
    }
    let mut members = String::new();
    for byte in 0..=255_u8 {
        if set[usize::from(byte)] != negated && byte != b'/' {
            let _ = write!(members, "\\x{byte:02x}");
        }
    }
    if members.is_empty() {
        return Err("a `[…]` that nothing matches".to_owned());
    }
    let _ = write!(regex, "[{members}]");
    Ok(at + 1)
}

fn class_byte(bytes: &[u8], at: usize) -> Result<(u8, usize), String> {
    let (byte, next) = match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\\'), Some(byte)) => (*byte, at + 2),
        (Some(byte), _) => (*byte, at + 1),
        (None, _) => return Err("a `[` has no `]`".to_owned()),
    };
    // Byte by byte, one letter of two bytes would become two letters.
    if byte.is_ascii() { Ok((byte, next)) } else { Err("only ASCII may stand in `[…]`".to_owned()) }
}

fn named_class(name: &str) -> Option<fn(&u8) -> bool> {
    Some(match name {
        "alnum" => u8::is_ascii_alphanumeric,
        "alpha" => u8::is_ascii_alphabetic,
        "blank" => |b| matches!(b, b' ' | b'\t'),
        "cntrl" => u8::is_ascii_control,
        "digit" => u8::is_ascii_digit,
        "graph" => u8::is_ascii_graphic,
        "lower" => u8::is_ascii_lowercase,
        "print" => |b| matches!(b, b' '..=b'~'),
        "punct" => u8::is_ascii_punctuation,
        "space" => |b| matches!(b, b' ' | b'\t'..=b'\r'),
        "upper" => u8::is_ascii_uppercase,
        "xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, path: &[u8]) -> bool {
        assert_eq!(check(glob), None, "{glob}");
        compile(glob).expect("a glob").is_match(path)
    }

    #[test]
    fn they_match_as_gitignore_does() {
        for (glob, yes, no) in [
            ("docs", &["docs", "docs/a", "x/docs/a/b"][..], &["docs2", "mydocs", "Docs"][..]),
            ("docs/", &["docs/a", "x/docs/a"], &["docs", "x/docs"]),
            ("/docs", &["docs", "docs/a"], &["x/docs"]),
            ("docs/**", &["docs/a", "docs/a/b"], &["docs", "x/docs/a"]),
            ("docs/*", &["docs/a", "docs/a/b"], &["docs", "x/docs/a"]),
            ("*.md", &["a.md", "x/y/a.md", "a.md/inside"], &["a.mdx", "md"]),
            ("src/*.rs", &["src/a.rs"], &["src/x/a.rs", "a.rs"]),
            ("**/fixtures/*.pem", &["fixtures/a.pem", "x/y/fixtures/a.pem"], &["fixtures/x/a.pem"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b/c"], &["ab", "a/xb"]),
            ("a**b", &["ab", "axxb", "q/axb"], &["a/b"]),
            ("file?.txt", &["file1.txt"], &["file.txt", "file/.txt", "file10.txt"]),
            ("[a-c]x[!0-9]", &["axz", "cx_"], &["dxz", "ax1", "ax/"]),
            ("[]x]y", &["]y", "xy"], &["y"]),
            ("[[:digit:]]a", &["1a"], &["aa"]),
            ("{a,b}", &["{a,b}"], &["a", "b"]),
            ("a\\*b", &["a*b"], &["axb"]),
            ("with space", &["with space"], &["withspace"]),
            ("a.b+c$", &["a.b+c$"], &["axb+c$"]),
            ("é*", &["été", "é"], &["e"]),
            ("\\!x", &["!x"], &["x"]),
            ("#x", &["#x"], &["x"]),
        ] {
            for path in yes {
                assert!(matches(glob, path.as_bytes()), "{glob} should match {path}");
            }
            for path in no {
                assert!(!matches(glob, path.as_bytes()), "{glob} should not match {path}");
            }
        }
    }

    #[test]
    fn names_are_bytes() {
        assert!(matches("docs/**", b"docs/\xff\xfe\n\x1b"));
        assert!(matches("a?c", b"a\xffc"));
        assert!(!matches("a?c", b"a/c"));
    }

    #[test]
    fn a_glob_that_says_nothing_is_refused() {
        for glob in [
            "",
            " ",
            "*",
            "**",
            "***",
            "**/*",
            "/**",
            "/*",
            "*/",
            "*/*",
            "?*",
            "*.*",
            ".*",
            "**/",
            "!a",
            "/",
            "./a",
            "a/../b",
            "a//b",
            "[a",
            "[",
            "[[:what:]]",
            "a\\",
            "[z-a]",
            "[é]",
        ] {
            assert!(check(glob).is_some(), "{glob}");
        }
    }

    #[test]
    fn an_endless_star_glob_costs_linear_time() {
        let glob = "*a".repeat(300);
        assert!(!matches(&glob, "a".repeat(299).as_bytes()));
    }
}
