//! Moved is not added: a secret that stood on a removed line of the same change is no news.

use std::collections::{HashMap, HashSet};

use aho_corasick::AhoCorasick;

use super::Pending;
use super::contents::contents;
use crate::detect::boundary::touches;
use crate::detect::rulefile::Boundary;
use crate::finding::Loss;
use crate::source::{Reader, Source};
use crate::text::Text;
use crate::text::budget::{Budget, Limits};
use crate::text::container::{Input, sniff};

/// Shorter parts of a secret of several lines say nothing.
const SHORTEST_LINE: usize = 4;

/// Takes out of `pending` what only moved. Each item's change is asked apart: what one commit adds and a later one removes
/// did not move.
pub(super) fn drop_moved(
    pending: &mut Vec<Pending>,
    source: &dyn Source,
    reader: &mut dyn Reader,
    limits: Limits,
) -> Result<(), Loss> {
    crate::order::sort_by_key(pending, |one| source.change_of(one.item));
    let mut kept = Vec::with_capacity(pending.len());
    for group in pending.chunk_by(|a, b| source.change_of(a.item) == source.change_of(b.item)) {
        kept.extend(stays(group, source.change_of(group[0].item), reader, limits)?);
    }
    let mut kept = kept.into_iter();
    pending.retain(|_| kept.next().unwrap_or(true));
    Ok(())
}

/// Which of one change's secrets are new in it.
fn stays(
    group: &[Pending],
    change: usize,
    reader: &mut dyn Reader,
    limits: Limits,
) -> Result<Vec<bool>, Loss> {
    let mut lines: HashMap<Vec<u8>, usize> = HashMap::new();
    for one in group {
        for line in secret_lines(&one.raw) {
            let next = lines.len();
            lines.entry(line.to_vec()).or_insert(next);
        }
    }
    let mut ordered: Vec<(&[u8], usize)> =
        lines.iter().map(|(line, index)| (line.as_slice(), *index)).collect();
    crate::order::sort_by_key(&mut ordered, |(_, index)| *index);
    let automaton = AhoCorasick::new(ordered.iter().map(|(line, _)| line))
        .map_err(|error| Loss { path: None, reason: format!("cannot tell what only moved: {error}") })?;
    let mut found: HashSet<usize> = HashSet::new();
    let mut look = |removed: &[u8]| {
        for hit in automaton.find_overlapping_iter(removed) {
            if !touches(Boundary::Word, removed, &hit.range()) {
                found.insert(hit.pattern().as_usize());
            }
        }
        found.len() < lines.len()
    };
    reader.removed(change, &mut |removed| {
        // A whole archive that is gone: what stood in its members may stand elsewhere now.
        if let Some(container) = sniff(removed) {
            let budget = Budget::new(limits, removed.len() as u64);
            contents(container, Input::Whole(removed), b"", &budget, &mut |leaf| {
                look(&Text::new(leaf.bytes).bytes);
            });
        }
        look(removed)
    })?;
    let is_new = |one: &Pending| {
        let mut parts = secret_lines(&one.raw).peekable();
        parts.peek().is_none() || !parts.all(|line| found.contains(&lines[line]))
    };
    Ok(group.iter().map(is_new).collect())
}

/// The lines of a secret as they are looked for: without the blanks around them.
fn secret_lines(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    let several = memchr::memchr2(b'\n', b'\r', raw).is_some();
    raw.split(|byte| matches!(byte, b'\n' | b'\r'))
        .map(<[u8]>::trim_ascii)
        .filter(move |line| !line.is_empty() && (!several || line.len() >= SHORTEST_LINE))
}
