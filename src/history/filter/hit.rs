//! A keyword, or a sign of something encoded, and how much of the text around it decides.
//!
//! Hands on [`Hit`], small, since a file may have thousands. The trap: in place of a rule's number there may be what is no rule, so
//! [`Hit::hint`] is asked first.

use std::ops::Range;

use crate::detect::reach::{most, reach, reach_of_nothing};
use crate::detect::writing::WRITINGS;
use crate::detect::{Hint, RuleId, RuleSet};

/// Keywords that may depend on more than this stand in a list of their own, which is looked through at every change.
pub(super) const NEAR: usize = 10 << 10;

/// In place of a reach that nobody asked for yet: of a keyword from which something was made, and of one from which nothing was.
const UNKNOWN: u32 = u32::MAX;
const NOTHING: u32 = u32::MAX - 1;

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
    /// A keyword; how far it depends on the text around is measured when that changes.
    pub(super) fn new(rule: RuleId, range: &Range<usize>) -> Self {
        Self {
            at: range.start as u32,
            len: range.len() as u16,
            rule: rule.0,
            before: UNKNOWN,
            after: UNKNOWN,
        }
    }

    /// The same, of which it is known whether something was made of it.
    pub(super) fn looked_at(self, nothing: bool) -> Self {
        let unknown = if nothing { NOTHING } else { UNKNOWN };
        if self.is_encoded() { self } else { Self { before: unknown, after: unknown, ..self } }
    }

    /// With its reach, by the text in which it stands.
    pub(super) fn measured(self, rules: &RuleSet, text: &[u8]) -> Self {
        let measure = match self.before {
            UNKNOWN => reach,
            NOTHING => reach_of_nothing,
            _ => return self,
        };
        let (before, after) = measure(rules, RuleId(self.rule), text, &self.range());
        Self { before: before as u32, after: after as u32, ..self }
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
    pub(super) fn anew(self) -> Self {
        match self.hint() {
            Some(hint) => Self::encoded(&hint),
            None => self.looked_at(false),
        }
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

    /// True when all that it depends on is near, whatever the text.
    pub(super) fn is_near(self, rules: &RuleSet) -> bool {
        self.rule < ENCODED && most(rules, RuleId(self.rule)).is_some_and(|most| most <= NEAR)
    }

    pub(super) fn key(self) -> (u32, u16, u16) {
        (self.at, self.len, self.rule)
    }
}
