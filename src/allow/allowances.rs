//! Asks the configurations, the repository's first, whether anything allows a finding.
//!
//! Hands on: [`Allowances`] and [`AllowedBy`], which names the entry in words. The trap: to tell a change that brings its own
//! allowance, ask the configuration of HEAD the same question ([`AllowedBy::is_new_against`]); line numbers prove nothing.

use std::sync::Arc;

use super::config::{Allowlist, Config, Entry, Origin};
use super::date::Date;
use super::error::{ConfigError, ConfigProblem, printable};
use super::pattern::Pattern;

/// A finding, as far as an allowlist looks at it.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// Path bytes relative to the configuration's folder (for the user's file: to the repository's top); `None` for what
    /// stands in no file, such as a commit message: then no glob matches.
    pub path: Option<&'a [u8]>,
    /// The secret after decoding.
    pub secret: &'a [u8],
    /// The whole line on which the secret starts, without its end.
    pub line: &'a [u8],
    /// Gives the secret's fingerprint; only called when there are entries, and worth keeping for the report.
    pub fingerprint: &'a dyn Fn() -> String,
}

/// What allowed a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedBy {
    /// The entry in words, safe to print: `.unleak.toml:12 allowlist.entry "published sample key"`.
    pub words: String,
    /// Whose file it stands in.
    pub origin: Origin,
}

/// All configurations that apply in one run.
#[derive(Debug, Clone)]
pub struct Allowances {
    layers: Vec<Arc<Config>>,
    today: Date,
}

impl Allowances {
    /// Of the layers, the most specific first: the repository's (or the server's), then the user's.
    #[must_use]
    pub fn new(layers: Vec<Arc<Config>>, today: Date) -> Self {
        Self { layers, today }
    }

    /// The first entry of any layer that allows it.
    ///
    /// # Errors
    /// When a pattern is too large to compile: the verdict is then unknown, so the status is 2.
    pub fn allows(&self, question: &Question<'_>) -> Result<Option<AllowedBy>, ConfigError> {
        for config in &self.layers {
            let for_rule = config.rule_allowlists.get(question.rule);
            let lists = [
                (Some(&config.allowlist), "allowlist".to_owned()),
                (for_rule, format!("rules.allow.{}", question.rule)),
            ];
            for (list, name) in lists {
                let Some(list) = list else { continue };
                if let Some(entry) = self.allowed_in(list, question, config)? {
                    let words = format!("{}:{} {name}.{}", printable(&config.name), entry.line, entry.what);
                    return Ok(Some(AllowedBy { words, origin: config.origin }));
                }
            }
        }
        Ok(None)
    }

    /// Entries of any layer whose last day has passed, in words. They allow nothing.
    #[must_use]
    pub fn expired(&self) -> Vec<String> {
        let mut told = Vec::new();
        for config in &self.layers {
            let all =
                config.rule_allowlists.values().chain([&config.allowlist]).flat_map(|list| &list.entries);
            let mut lines: Vec<(&Entry, Date)> = all
                .filter_map(|entry| Some((entry, entry.expires.filter(|day| *day < self.today)?)))
                .collect();
            crate::order::sort_by_key(&mut lines, |(entry, _)| entry.line);
            told.extend(lines.into_iter().map(|(entry, day)| {
                format!(
                    "{}:{}: the entry {} \"{}\" expired on {day} and allows nothing any more; remove it or give it a new date",
                    printable(&config.name),
                    entry.line,
                    entry.fingerprint,
                    printable(&entry.reason)
                )
            }));
        }
        told
    }

    fn allowed_in(
        &self,
        list: &Allowlist,
        question: &Question<'_>,
        config: &Config,
    ) -> Result<Option<Reason>, ConfigError> {
        let asked = |pattern: &Pattern, bytes: &[u8]| {
            pattern.is_match(bytes).map_err(|message| ConfigError {
                file: config.name.clone(),
                problems: vec![ConfigProblem { line: pattern.line, column: pattern.column, message }],
            })
        };
        if let Some(path) = question.path {
            for pattern in &list.paths {
                if asked(pattern, path)? {
                    let what = format!("paths \"{}\"", printable(&pattern.text));
                    return Ok(Some(Reason { what, line: pattern.line }));
                }
            }
        }
        if let Some(word) = list.stopwords.iter().find(|word| contains_folded(question.secret, &word.folded))
        {
            return Ok(Some(Reason { what: "stopwords".to_owned(), line: word.line }));
        }
        for (key, patterns, bytes) in
            [("secrets", &list.secrets, question.secret), ("lines", &list.lines, question.line)]
        {
            for pattern in patterns {
                if asked(pattern, bytes)? {
                    return Ok(Some(Reason { what: key.to_owned(), line: pattern.line }));
                }
            }
        }
        let mut fingerprint = None;
        for entry in list.entries.iter().filter(|entry| entry.expires.is_none_or(|day| day >= self.today)) {
            if *fingerprint.get_or_insert_with(question.fingerprint) != entry.fingerprint {
                continue;
            }
            let there = match (&entry.path, question.path) {
                (None, _) => true,
                (Some(glob), Some(path)) => asked(glob, path)?,
                (Some(_), None) => false,
            };
            if there {
                return Ok(Some(Reason {
                    what: format!("entry \"{}\"", printable(&entry.reason)),
                    line: entry.line,
                }));
            }
        }
        Ok(None)
    }
}

impl AllowedBy {
    /// True when the change being judged brought this allowance: it stands in the repository's file, and HEAD's version
    /// (`None`: there is none, or it cannot be read) does not allow the same.
    #[must_use]
    pub fn is_new_against(&self, head: Option<&Allowances>, question: &Question<'_>) -> bool {
        self.origin == Origin::Repository
            && !head.is_some_and(|head| head.allows(question).is_ok_and(|by| by.is_some()))
    }
}

/// What allowed it within one list.
struct Reason {
    what: String,
    line: usize,
}

/// Does `text` contain `folded`, which is in lower case, in any ASCII case?
fn contains_folded(text: &[u8], folded: &[u8]) -> bool {
    text.windows(folded.len().max(1)).any(|window| window.eq_ignore_ascii_case(folded))
}
