//! One pattern of an allowlist: a glob, a regex or a stopword, compiled on the first question and kept.
//!
//! Hands on: [`Pattern`] and the checks that refuse a pattern which says nothing. The trap: a commit without a finding must
//! not pay for compiling, so the parser only reads the syntax; what then still fails to compile is an error at the question.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::glob;

/// A glob or regex and where it stands.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As it was written.
    pub text: String,
    /// Line in its file, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    kind: PatternKind,
    compiled: OnceLock<Result<Regex, String>>,
}

/// How a [`Pattern`] is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternKind {
    /// As in gitignore, on a path.
    Glob,
    /// Of the `regex` crate, on bytes, ASCII classes.
    Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.text) == (other.kind, &other.text)
    }
}

impl Pattern {
    /// A pattern that [`glob::check`] or [`check_regex`] had nothing against.
    #[must_use]
    pub fn new(kind: PatternKind, text: &str, (line, column): (usize, usize)) -> Self {
        Self { text: text.to_owned(), line, column, kind, compiled: OnceLock::new() }
    }

    /// Does it match? Globs match a whole path, regexes anywhere.
    ///
    /// # Errors
    /// When it is too large to compile; nothing is allowed then.
    pub fn is_match(&self, bytes: &[u8]) -> Result<bool, String> {
        let compiled = self.compiled.get_or_init(|| match self.kind {
            PatternKind::Glob => glob::compile(&self.text),
            PatternKind::Regex => RegexBuilder::new(&self.text)
                .unicode(false)
                .build()
                .map_err(|_| "this regex is too large to compile; make its repetitions smaller".to_owned()),
        });
        match compiled {
            Ok(regex) => Ok(regex.is_match(bytes)),
            Err(message) => Err(message.clone()),
        }
    }
}

/// What is wrong with a regex of an allowlist, and what to do; `None` when it may stand.
#[must_use]
pub(super) fn check_regex(regex: &str) -> Option<String> {
    let parsed = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(regex);
    let hir = match parsed {
        Ok(hir) => hir,
        // The error's own text repeats the regex, which may hold a secret.
        Err(regex_syntax::Error::Parse(error)) => {
            return Some(format!(
                "the regex does not parse at its byte {}: {}",
                error.span().start.offset + 1,
                error.kind()
            ));
        }
        Err(regex_syntax::Error::Translate(error)) => {
            return Some(format!(
                "the regex does not parse at its byte {}: {} (regexes here are on bytes, classes are ASCII)",
                error.span().start.offset + 1,
                error.kind()
            ));
        }
        Err(_) => return Some("the regex does not parse".to_owned()),
    };
    matches_all(&hir).then(|| {
        "this regex matches every value or nearly, so it would allow more than anybody means: write what is special about \
         the value, and anchor it with `^` and `$` (to try unleak without blocking, set `mode = \"warn\"`)"
            .to_owned()
    })
}

/// True when nothing in the regex asks for anything that not every secret has.
fn matches_all(hir: &Hir) -> bool {
    let properties = hir.properties();
    let whole = properties.look_set_prefix().contains(Look::Start)
        && properties.look_set_suffix().contains(Look::End);
    if whole {
        // Between both anchors a class of letters, or a length, says something.
        properties.maximum_len().is_none() && asks_nothing(hir, &|class| holds(class, b'!'..=b'~'), false)
    } else {
        asks_nothing(
            hir,
            &|class| holds(class, b'a'..=b'z') || holds(class, b'0'..=b'9') && holds(class, b'a'..=b'f'),
            true,
        )
    }
}

/// `wide` says which classes hold what any secret has; `skips` that a part which may be absent asks nothing.
fn asks_nothing(hir: &Hir, wide: &dyn Fn(&Class) -> bool, skips: bool) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(_) => false,
        HirKind::Class(class) => wide(class),
        HirKind::Repetition(repetition) => {
            (skips && repetition.min == 0) || asks_nothing(&repetition.sub, wide, skips)
        }
        HirKind::Capture(capture) => asks_nothing(&capture.sub, wide, skips),
        HirKind::Concat(parts) => parts.iter().all(|part| asks_nothing(part, wide, skips)),
        HirKind::Alternation(parts) => parts.iter().any(|part| asks_nothing(part, wide, skips)),
    }
}

fn holds(class: &Class, wanted: std::ops::RangeInclusive<u8>) -> bool {
    let within = |low: u32, high: u32| low <= u32::from(*wanted.start()) && u32::from(*wanted.end()) <= high;
    match class {
        Class::Bytes(class) => {
            class.ranges().iter().any(|r| within(u32::from(r.start()), u32::from(r.end())))
        }
        Class::Unicode(class) => {
            class.ranges().iter().any(|r| within(u32::from(r.start()), u32::from(r.end())))
        }
    }
}

/// What is wrong with a stopword; `None` when it may stand.
#[must_use]
pub(super) fn check_stopword(word: &str) -> Option<String> {
    (word.trim().len() < 3)
        .then(|| "a stopword has at least 3 bytes: a shorter one stands in nearly every secret".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_that_every_secret_matches_is_refused() {
        for regex in [
            "",
            ".*",
            ".+",
            ".",
            "^",
            "$",
            "x*",
            "^.*$",
            "^.+$",
            r"\S+",
            r"^\S{8,}$",
            r"[\s\S]",
            r"\w",
            r"\w{8,}",
            "[a-zA-Z0-9]+",
            "(a|)",
            "^test_|",
            "(?i)[a-z]",
            "^.*",
            r"\b",
            "(?s).*",
            "[^ ]+",
            "[a-z]*",
            "abc?|.+",
            "^(.|x)*$",
            "[0-9a-f]",
        ] {
            assert!(check_regex(regex).is_some(), "{regex}");
        }
    }

    #[test]
    fn a_regex_that_says_something_may_stand() {
        for regex in [
            "^test_",
            "example",
            r"^\d+$",
            "^[a-z]{1,20}$",
            "^[0-9a-f]{40}$",
            r"\d",
            "^$",
            "^x*$",
            "AKIA.*",
            "^.{1,8}$",
            "[!-/]",
            "é",
            "_test$",
            "(?i)dummy",
        ] {
            assert_eq!(check_regex(regex), None, "{regex}");
        }
    }

    #[test]
    fn an_error_shows_where_and_never_the_regex() {
        let message = check_regex("hunter2(").expect("wrong");
        assert!(message.contains("byte 8") && !message.contains("hunter2"), "{message}");
        let message = check_regex(r"hunter2[é]").expect("wrong");
        assert!(message.contains("ASCII") && !message.contains("hunter2"), "{message}");
    }

    #[test]
    fn a_regex_too_large_is_an_error_and_allows_nothing() {
        let huge = Pattern::new(PatternKind::Regex, "^((([a-z]{1000}){1000}){1000})x", (1, 1));
        assert!(huge.is_match(b"x").is_err());
    }

    #[test]
    fn bytes_that_are_no_text_match_too() {
        let any = Pattern::new(PatternKind::Regex, "^ab.c$", (1, 1));
        assert!(any.is_match(b"ab\xffc").expect("compiles"));
    }

    #[test]
    fn short_stopwords_are_refused() {
        assert!(["", " ", "a", "ab", " ab "].iter().all(|w| check_stopword(w).is_some()));
        assert_eq!(check_stopword("abc"), None);
    }
}
