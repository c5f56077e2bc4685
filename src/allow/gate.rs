//! What the engine asks: comments first, then the configurations, then whether this very change brought the allowance.
//!
//! Hands on: [`Gate`], and after a run its notes and losses. The trap: HEAD's configuration is only read when something was
//! allowed by a file, so a clean commit pays nothing for it.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::allowances::{Allowances, Question};
use super::check::RuleIds;
use super::error::{ConfigError, printable};
use super::inline::{Inline, inline_allows};
use crate::engine::{self, Allow, Permission};
use crate::finding::Loss;

/// All that may allow a finding in one run.
pub struct Gate<'a> {
    now: &'a Allowances,
    before: &'a (dyn Fn() -> Option<Allowances> + Sync),
    read_before: OnceLock<Option<Allowances>>,
    built_in: RuleIds<'a>,
    custom: Vec<&'a str>,
    trust_comments: bool,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    notes: BTreeSet<String>,
    errors: Vec<ConfigError>,
}

impl<'a> Gate<'a> {
    /// `now` holds the configurations that count. `before` reads those of the state that the change starts from (HEAD), and
    /// gives `None` when there are none or they cannot be read: everything is then this change's. `built_in` are the ids of
    /// the built-in rules.
    #[must_use]
    pub fn new(
        now: &'a Allowances,
        before: &'a (dyn Fn() -> Option<Allowances> + Sync),
        built_in: RuleIds<'a>,
    ) -> Self {
        Self {
            custom: now.custom_ids().collect(),
            now,
            before,
            read_before: OnceLock::new(),
            built_in,
            trust_comments: true,
            told: Mutex::default(),
        }
    }

    /// On a server, comments in what is pushed allow nothing.
    #[must_use]
    pub fn without_comments(mut self) -> Self {
        self.trust_comments = false;
        self
    }

    /// What a person should read after the run: entries that expired, comments that allow nothing.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        self.now.expired().into_iter().chain(told.notes.iter().cloned()).collect()
    }

    /// Patterns that turned out not to compile: what they would have said is not known.
    #[must_use]
    pub fn losses(&self) -> Vec<Loss> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.errors
            .iter()
            .map(|error| Loss { path: Some(error.file.clone().into_bytes()), reason: error.to_string() })
            .collect()
    }

    fn tell(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Allow for Gate<'_> {
    fn permits(&self, asked: &engine::Question<'_>) -> Option<Permission> {
        if self.trust_comments {
            match inline_allows(asked.line_before, asked.line, asked.rule, self.built_in, &self.custom) {
                Some(Inline::Allows { line_before }) => {
                    let by = if line_before { "unleak:allow-next-line" } else { "unleak:allow" };
                    // A comment on an added line came with it.
                    return Some(Permission { by: format!("comment {by}"), by_this_change: true });
                }
                Some(Inline::Refused(why)) => {
                    let path = printable(&String::from_utf8_lossy(asked.path));
                    self.tell(|told| {
                        told.notes.insert(format!("{path}: {why}"));
                    });
                }
                None => {}
            }
        }
        let question = Question {
            rule: asked.rule,
            path: Some(asked.path),
            secret: asked.secret,
            line: asked.line,
            fingerprint: asked.fingerprint,
        };
        match self.now.allows(&question) {
            Ok(None) => None,
            Ok(Some(by)) => {
                let before = self.read_before.get_or_init(self.before);
                let by_this_change = by.is_new_against(before.as_ref(), &question);
                Some(Permission { by: by.words, by_this_change })
            }
            Err(error) => {
                self.tell(|told| {
                    if !told.errors.contains(&error) {
                        told.errors.push(error);
                    }
                });
                None
            }
        }
    }
}
