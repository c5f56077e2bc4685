//! Joins a secret with what it is used with: a key with its id, a password with its user.
//!
//! Hands on each secret's companions. The trap: a companion that is told beside its secret is not told again, so it may only
//! be taken in by a secret that is reported itself, and that blocks where the companion would have blocked.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::detect::rules::Companion;
use crate::detect::{RuleSet, assignment};
use crate::judge::{self, Judged};
use crate::text::Text;

/// How many secrets on either side may be asked whether they are the other half of a pair.
const NEIGHBOURS: usize = 200;

/// How many bytes on either side are searched for a companion's name.
const REACH: usize = 4 << 10;

/// A companion of a secret.
pub(super) struct Joined {
    /// What it is to the secret.
    pub(super) role: String,
    /// Where it stands.
    pub(super) span: Range<usize>,
}

/// The companions of each secret by its index, and the indexes of those that need not be told by themselves.
pub(super) struct Pairs {
    pub(super) joined: HashMap<usize, Vec<Joined>>,
    pub(super) consumed: HashSet<usize>,
}

impl Pairs {
    /// Looks for the companions of every secret that `is_reported`.
    pub(super) fn new(
        rules: &RuleSet,
        text: &Text<'_>,
        judged: &[Judged],
        blocks: f64,
        is_reported: impl Fn(&Judged) -> bool,
    ) -> Self {
        let mut pairs = Self { joined: HashMap::new(), consumed: HashSet::new() };
        for (index, one) in judged.iter().enumerate() {
            if !is_reported(one) {
                continue;
            }
            for wanted in rules.rule(one.rule).companions() {
                let role = wanted.role.to_owned();
                let joined = if wanted.rule.is_empty() {
                    named(text, one, &wanted).map(|span| Joined { role, span })
                } else {
                    let found = beside(rules, text, judged, index, &wanted);
                    found.map(|companion| {
                        if one.confidence >= blocks || judged[companion].confidence < blocks {
                            pairs.consumed.insert(companion);
                        }
                        Joined { role, span: judged[companion].secret.clone() }
                    })
                };
                pairs.joined.entry(index).or_default().extend(joined);
            }
        }
        pairs
    }
}

/// The nearest secret that the companion's rule claims.
fn beside(
    rules: &RuleSet,
    text: &Text<'_>,
    judged: &[Judged],
    index: usize,
    wanted: &Companion<'_>,
) -> Option<usize> {
    let nearest = |others: &mut dyn Iterator<Item = usize>| -> Option<(usize, usize)> {
        let (mut distance, mut last) = (0, judged[index].secret.start);
        for at in others.take(NEIGHBOURS) {
            let here = judged[at].secret.start;
            let between = last.min(here)..last.max(here);
            distance += memchr::memchr_iter(text.line_end(), &text.bytes[between]).count();
            last = here;
            if distance > wanted.lines {
                return None;
            }
            if judged[at].confidence >= judge::SHOWN && rules.rule(judged[at].rule).id() == wanted.rule {
                return Some((distance, at));
            }
        }
        None
    };
    let left = nearest(&mut (0..index).rev());
    let right = nearest(&mut (index + 1..judged.len()));
    left.into_iter().chain(right).min().map(|(_, companion)| companion)
}

/// The value nearest to the secret that is assigned to one of the companion's names.
fn named(text: &Text<'_>, one: &Judged, wanted: &Companion<'_>) -> Option<Range<usize>> {
    let mut window = text.line_at(one.secret.start);
    for _ in 0..wanted.lines {
        window.start = text.line_before(window.start).map_or(window.start, |line| line.start);
        window.end = text.line_at((window.end + 1).min(text.bytes.len())).end;
    }
    window.start = window.start.max(one.secret.start.saturating_sub(REACH));
    window.end = window.end.min(one.secret.end + REACH).max(window.start);
    let lower = text.bytes[window.clone()].to_ascii_lowercase();
    let mut found = Vec::new();
    for name in wanted.names() {
        for at in memchr::memmem::find_iter(&lower, name.as_bytes()) {
            let at = window.start + at;
            assignment::find(&text.bytes, at..at + name.len(), &mut found);
        }
    }
    let apart = |value: &Range<usize>| value.end <= one.secret.start || value.start >= one.secret.end;
    let values = found.into_iter().map(|found| found.value).filter(|value| {
        apart(value) && value.len() >= 2 && judge::placeholder::why(&text.bytes[value.clone()]).is_none()
    });
    values.min_by_key(|value| (value.start.abs_diff(one.secret.start), value.start))
}
