//! A keyword, or a sign of something encoded, and how much of the text around it decides.
//!
//! Hands on [`Hit`], small, since a file may have thousands. The trap: in place of a rule's number there may be what is no rule, so
//! [`Hit::hint`] is asked first.

use std::ops::Range;

use crate::detect::reach::reach;
use crate::detect::writing::WRITINGS;
use crate::detect::{Hint, RuleId, RuleSet};

/// Keywords that depend on more than this stand in a list of their own, which is looked through at every change.
pub(super) const NEAR: usize = 1100;

/// In place of a rule, from here on: a sign of something encoded, with how it is written; and a content that holds others.
const ENCODED: u16 = 0xFF00;
pub(super) const CONTAINER: u16 = u16::MAX;

/// How far what does not decode may depend on the text around it.
const NOT_DECODED: usize = 8 << 10;

/// What is looked at beside something encoded.
const AROUND_ENCODED: usize = 512;

/// A keyword and what it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) at: u32,
    pub(super) len: u16,
    pub(super) rule: u16,
    pub(super) before: u32,
    pub(super) after: u32,
}

impl Hit {
    pub(super) fn new(rules: &RuleSet, rule: RuleId, text: &[u8], range: &Range<usize>) -> Self {
        let (before, after) = reach(rules, rule, text, range);
        Self {
            at: range.start as u32,
            len: range.len() as u16,
            rule: rule.0,
            before: before as u32,
            after: after as u32,
        }
    }

    /// A keyword of a text from which nothing is made: it is looked at once, and what it depends on never asked.
    pub(super) fn at_once(rule: RuleId, range: &Range<usize>) -> Self {
        Self { at: range.start as u32, len: range.len() as u16, rule: rule.0, before: 0, after: 0 }
    }

    /// A sign of something encoded. How far it goes is known once it was decoded.
    pub(super) fn encoded(hint: &Hint) -> Self {
        let far = (NOT_DECODED + AROUND_ENCODED) as u32;
        Self {
            at: hint.start as u32,
            len: (hint.end - hint.start) as u16,
            rule: ENCODED | (hint.writing as u16) << 2 | u16::from(hint.phase & 3),
            before: far,
            after: far,
        }
    }

    pub(super) fn is_encoded(self) -> bool {
        (ENCODED..CONTAINER).contains(&self.rule)
    }

    /// The sign that it was made of.
    pub(super) fn hint(self) -> Option<Hint> {
        let writing = *WRITINGS.get(usize::from(self.rule.checked_sub(ENCODED)? >> 2))?;
        let Range { start, end } = self.range();
        Some(Hint { writing, phase: (self.rule & 3) as u8, start, end })
    }

    /// How far what was decoded goes.
    pub(super) fn reaching(self, region: &Range<usize>) -> Self {
        let range = self.range();
        let before = range.start.saturating_sub(region.start) + AROUND_ENCODED;
        let after = region.end.saturating_sub(range.end) + AROUND_ENCODED;
        Self { before: before as u32, after: after as u32, ..self }
    }

    /// The same keyword in a changed text.
    pub(super) fn anew(self, rules: &RuleSet, text: &[u8]) -> Self {
        match self.hint() {
            Some(hint) => Self::encoded(&hint),
            None => Self::new(rules, RuleId(self.rule), text, &self.range()),
        }
    }

    /// True for what was looked at once, so that nobody asked how far it depends on what stands around.
    pub(super) fn depends_on_nothing(self) -> bool {
        self.before == 0 && self.after == 0
    }

    /// The part of the text that decides.
    pub(super) fn surroundings(self, len: usize) -> Range<usize> {
        let range = self.range();
        range.start.saturating_sub(self.before as usize)..len.min(range.end + self.after as usize)
    }

    pub(super) fn range(self) -> Range<usize> {
        self.at as usize..self.at as usize + usize::from(self.len)
    }

    /// True when what changed lies within what it depends on.
    pub(super) fn depends_on(self, zone: &Range<usize>) -> bool {
        let range = self.range();
        range.start <= zone.end + self.before as usize && zone.start <= range.end + self.after as usize
    }

    pub(super) fn is_near(self) -> bool {
        !self.is_encoded() && self.before as usize <= NEAR && self.after as usize <= NEAR
    }

    pub(super) fn key(self) -> (u32, u16, u16) {
        (self.at, self.len, self.rule)
    }
}
