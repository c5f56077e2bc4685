//! Says of each candidate how it was judged: what weighed how much, which checks ran, and which rule won where two claim a
//! place.
//!
//! The trap: it must say what [`judge`](super::judge()) does, so it asks the same functions, and only looks to the end where they
//! gave up early.

use super::checks::{self, Check};
use super::{Judged, SHOWN, is_known, judge, one, score, told_known};
use crate::detect::{Candidate, Form, Found, RuleId, RuleSet};
use crate::text::Text;

/// A candidate with everything that was said of it.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Its judgement.
    pub judged: Judged,
    /// Name and form of a value that has no format of its own.
    pub found: Option<Found>,
    /// What weighed how much, in 1/1000 nat, the most first; empty where nothing is weighed.
    pub weights: Vec<(&'static str, i32)>,
    /// The checks that its rule names, with their answers.
    pub checks: Vec<(String, Check)>,
    /// The rule that has the place instead.
    pub overruled_by: Option<RuleId>,
}

/// Explains candidates of one text, in their order.
#[must_use]
pub fn explain(rules: &RuleSet, text: &Text<'_>, path: &[u8], candidates: Vec<Candidate>) -> Vec<Explained> {
    let winners = judge(rules, text, path, candidates.clone());
    let file = score::File::of(path);
    let explained = candidates.into_iter().filter_map(|candidate| {
        let (found, known) = (candidate.found.clone(), is_known(&candidate));
        let value = candidate.block.as_ref().map(|block| block.value.0.clone());
        let mut judged =
            if known { told_known(rules, candidate) } else { one(rules, text, &file, candidate)? };
        let mut weights = Vec::new();
        // What is only mentioned, or has a service's form beside its name, is not weighed.
        let weighed = |found: &&Found| !matches!(found.form, Form::Mention | Form::Named);
        if let Some(found) = found.as_ref().filter(weighed) {
            let score = score::judge(&text.bytes, path, found);
            if judged.confidence < SHOWN {
                judged.confidence = score.confidence;
                judged.reasons = score.reasons.iter().map(|reason| (*reason).to_owned()).collect();
            }
            weights = score.weights;
        }
        let rule = rules.rule(judged.rule);
        let secret = value.unwrap_or_else(|| text.bytes[judged.secret.clone()].to_vec());
        let checks =
            rule.checks().filter_map(|name| Some((name.to_owned(), checks::run(name, &secret)?))).collect();
        let overlaps = |w: &&Judged| w.secret.start < judged.secret.end && judged.secret.start < w.secret.end;
        let own = |w: &Judged| w.rule == judged.rule && w.secret == judged.secret;
        let overruled_by = match winners.iter().find(overlaps) {
            Some(winner) if winners.iter().any(own) || own(winner) => None,
            Some(winner) => Some(winner.rule),
            None => None,
        };
        // A known value that another rule reports raises that one.
        if let Some(winner) = winners.iter().find(|w| own(w)) {
            judged = winner.clone();
        }
        Some(Explained { judged, found, weights, checks, overruled_by })
    });
    explained.collect()
}
