//! Hides secrets in what is printed: the first bytes of a format's public prefix, then `…`.
//!
//! Hands on masked secrets and paths. The trap: a file's name can be the secret, so every path that the report prints,
//! of losses and companions too, goes through [`Paths`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use memchr::memmem;

use super::escape::{escape, for_json};
use crate::finding::{Finding, Outcome};

/// What stands for the rest of a secret.
pub(super) const ELLIPSIS: &str = "…";

/// A secret for a person: `public` first bytes (never more than a quarter, cut back to whole characters) and `…`; whole
/// when `show` is set. Nothing else of it, not even its length.
#[must_use]
pub fn masked(secret: &[u8], public: usize, show: bool) -> String {
    if show { escape(secret) } else { format!("{}{ELLIPSIS}", escape(prefix(secret, public))) }
}

/// The same for JSON. A secret that is UTF-8 is written as it is, so that a reader gets the value itself; bytes that are
/// no UTF-8 make the whole value escaped as paths are.
#[must_use]
pub(super) fn masked_json(secret: &[u8], public: usize, show: bool) -> String {
    let shown = if show { secret } else { prefix(secret, public) };
    let text = std::str::from_utf8(shown).map_or_else(|_| for_json(shown), str::to_owned);
    if show { text } else { text + ELLIPSIS }
}

/// The part of `secret` that may be shown: at most `public` bytes and a quarter, ending between characters.
#[must_use]
pub(super) fn prefix(secret: &[u8], public: usize) -> &[u8] {
    whole_characters(&secret[..public.min(secret.len() / 4)])
}

/// `bytes` without a character that their end cuts in two.
#[must_use]
pub(super) fn whole_characters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes,
        Err(error) => &bytes[..error.valid_up_to()],
    }
}

/// How paths are printed in one report: secrets that stand in names are masked in every path.
pub(super) struct Paths<'a> {
    /// Secrets found in names, each with its public prefix; the longest first, since one may hold another.
    secrets: Vec<(&'a [u8], usize)>,
}

impl<'a> Paths<'a> {
    /// Collects the secrets that were found in names; none when secrets are to be shown.
    pub(super) fn new(outcome: &'a Outcome, show_secrets: bool) -> Self {
        // A layer is told with the instruction that made it, which may name the secret.
        let in_name =
            |f: &&Finding| (f.position.is_none() || f.inside.layer.is_some()) && !f.secret.0.is_empty();
        let all =
            outcome.findings.iter().chain(&outcome.shown).chain(outcome.allowed.iter().map(|a| &a.finding));
        let set: BTreeSet<(&[u8], usize)> = if show_secrets {
            BTreeSet::new()
        } else {
            all.filter(in_name).map(|f| (f.secret.0.as_slice(), f.public)).collect()
        };
        let mut secrets = Vec::from_iter(set);
        crate::order::sort_by_key(&mut secrets, |(secret, _)| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// A path for a person.
    pub(super) fn human(&self, path: &[u8]) -> String {
        escape(&self.masked(path))
    }

    /// A path for JSON.
    pub(super) fn json(&self, path: &[u8]) -> String {
        for_json(&self.masked(path))
    }

    /// True when the path is printed as it is, so that it can be pasted.
    pub(super) fn is_plain(&self, path: &[u8]) -> bool {
        self.human(path).as_bytes() == path
    }

    /// Its bytes.
    pub(super) fn masked<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        let mut text = Cow::Borrowed(path);
        for &(secret, public) in &self.secrets {
            if memmem::find(&text, secret).is_none() {
                continue;
            }
            let mut new = Vec::with_capacity(text.len());
            let mut from = 0;
            for at in memmem::find_iter(&text, secret) {
                new.extend_from_slice(&text[from..at]);
                new.extend_from_slice(prefix(secret, public));
                new.extend_from_slice(ELLIPSIS.as_bytes());
                from = at + secret.len();
            }
            new.extend_from_slice(&text[from..]);
            text = Cow::Owned(new);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_public_prefix_and_no_more_than_a_quarter() {
        assert_eq!(masked(b"abc_0123456789abcdef", 4, false), "abc_…");
        assert_eq!(masked(b"abc_0123", 4, false), "ab…");
        assert_eq!(masked(b"hunter", 0, false), "…");
        assert_eq!(masked(b"", 3, false), "…");
    }

    #[test]
    fn shows_all_when_asked_and_still_no_control() {
        assert_eq!(masked(b"a\x1bb", 1, true), "a\\x1bb");
        assert_eq!(masked_json(b"a\\b", 1, true), "a\\b");
        assert_eq!(masked_json(b"a\\\xff", 1, true), "a\\\\\\xff");
    }

    #[test]
    fn never_cuts_a_character() {
        assert_eq!(masked("éé0123456789abcd".as_bytes(), 3, false), "é…");
        assert_eq!(masked_json("éé0123456789abcd".as_bytes(), 3, false), "é…");
    }
}
