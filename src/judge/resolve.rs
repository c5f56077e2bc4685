//! One secret, one finding: where candidates overlap, the most specific rule wins.

use std::ops::Range;

use crate::detect::rulefile::Kind;

/// What decides between two candidates that overlap, greatest first.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rank {
    /// How specific the rule is.
    pub kind: Kind,
    /// True for a rule with a regex or structure of its own, false for a value that only its name gives away.
    pub formatted: bool,
    /// True when a checksum or structure proves it.
    pub proven: bool,
    /// Bytes of the secret: a block beats what stands in it.
    pub length: usize,
    /// As judged.
    pub confidence: f64,
}

/// The indexes of the winners, by place. Earlier candidates win ties.
#[must_use]
pub fn winners(candidates: &[(Range<usize>, Rank)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|&index| candidates[index].0.start);
    let end = |index: usize| candidates[index].0.end.max(candidates[index].0.start + 1);
    let mut winners = Vec::new();
    let mut from = 0;
    // Nearly every candidate stands alone; only those that touch are compared.
    while from < order.len() {
        let mut until = from + 1;
        let mut reach = end(order[from]);
        while until < order.len() && candidates[order[until]].0.start < reach {
            reach = reach.max(end(order[until]));
            until += 1;
        }
        match &mut order[from..until] {
            [alone] => winners.push(*alone),
            several => among(candidates, several, &mut winners),
        }
        from = until;
    }
    winners
}

/// The winners among candidates that touch.
fn among(candidates: &[(Range<usize>, Rank)], order: &mut [usize], winners: &mut Vec<usize>) {
    order.sort_by(|&a, &b| {
        candidates[b].1.partial_cmp(&candidates[a].1).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(&b))
    });
    // Winners by their start, so that only the neighbours have to be asked.
    let mut taken: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    for &index in order.iter() {
        let span = &candidates[index].0;
        let overlaps = taken
            .range(..span.end.max(span.start + 1))
            .next_back()
            .is_some_and(|(_, &winner)| candidates[winner].0.end > span.start);
        if !overlaps {
            taken.insert(span.start, index);
        }
    }
    winners.extend(taken.into_values());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(kind: Kind, length: usize, confidence: f64) -> Rank {
        Rank { kind, formatted: kind != Kind::Generic, proven: confidence >= 1.0, length, confidence }
    }

    #[test]
    fn a_specific_rule_beats_a_generic_one_even_when_it_says_placeholder() {
        let generic = (4..20, rank(Kind::Generic, 16, 0.9));
        let specific = (6..18, rank(Kind::Specific, 12, 0.0));
        assert_eq!(winners(&[generic, specific]), [1]);
    }

    /// All at once, without a look at which touch.
    fn all_at_once(candidates: &[(Range<usize>, Rank)]) -> Vec<usize> {
        let mut winners = Vec::new();
        among(candidates, &mut (0..candidates.len()).collect::<Vec<_>>(), &mut winners);
        winners
    }

    #[test]
    fn those_that_touch_are_all_that_has_to_be_compared() {
        let mut state = 7u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for round in 0..2_000 {
            let candidates: Vec<_> = (0..random(12))
                .map(|_| {
                    let start = random(40) as usize;
                    let length = random(10) as usize;
                    let kind = if random(2) == 0 { Kind::Generic } else { Kind::Specific };
                    (start..start + length, rank(kind, length, random(3) as f64 / 2.0))
                })
                .collect();
            assert_eq!(winners(&candidates), all_at_once(&candidates), "round {round}: {candidates:?}");
        }
    }

    #[test]
    fn a_block_beats_what_stands_in_it_and_strangers_stay() {
        let block = (0..900, rank(Kind::Specific, 900, 0.9));
        let inner = (100..120, rank(Kind::Specific, 20, 0.95));
        let later = (901..920, rank(Kind::Generic, 19, 0.5));
        assert_eq!(winners(&[inner, block, later]), [1, 2]);
    }
}
