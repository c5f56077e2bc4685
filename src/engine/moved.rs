//! Moved is not added: a secret that stood on a removed line of the same change is no news.

use std::collections::{HashMap, HashSet};

use aho_corasick::AhoCorasick;

use super::Pending;
use crate::detect::boundary::touches;
use crate::detect::rulefile::Boundary;
use crate::finding::Loss;
use crate::source::Reader;

/// Shorter parts of a secret of several lines say nothing.
const SHORTEST_LINE: usize = 4;

/// Takes out of `pending` what only moved.
pub(super) fn drop_moved(pending: &mut Vec<Pending>, reader: &mut dyn Reader) -> Result<(), Loss> {
    let mut lines: HashMap<Vec<u8>, usize> = HashMap::new();
    for one in pending.iter() {
        for line in secret_lines(&one.raw) {
            let next = lines.len();
            lines.entry(line.to_vec()).or_insert(next);
        }
    }
    let mut ordered: Vec<(&[u8], usize)> =
        lines.iter().map(|(line, index)| (line.as_slice(), *index)).collect();
    ordered.sort_by_key(|(_, index)| *index);
    let automaton = AhoCorasick::new(ordered.iter().map(|(line, _)| line))
        .map_err(|error| Loss { path: None, reason: format!("cannot tell what only moved: {error}") })?;
    let mut found: HashSet<usize> = HashSet::new();
    reader.removed(&mut |removed| {
        for hit in automaton.find_overlapping_iter(removed) {
            if !touches(Boundary::Word, removed, &hit.range()) {
                found.insert(hit.pattern().as_usize());
            }
        }
        found.len() < lines.len()
    })?;
    pending.retain(|one| {
        let mut parts = secret_lines(&one.raw).peekable();
        parts.peek().is_none() || !parts.all(|line| found.contains(&lines[line]))
    });
    Ok(())
}

/// The lines of a secret as they are looked for: without the blanks around them.
fn secret_lines(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    let several = memchr::memchr2(b'\n', b'\r', raw).is_some();
    raw.split(|byte| matches!(byte, b'\n' | b'\r'))
        .map(<[u8]>::trim_ascii)
        .filter(move |line| !line.is_empty() && (!several || line.len() >= SHORTEST_LINE))
}
