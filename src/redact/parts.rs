//! Judges what is handed on at once, in parts on threads of their own when there is enough of it.
//!
//! Hands on what blocks, by place. The trap: a secret may stand where two parts meet, so each part is judged with what stands
//! around it, and answers only for what begins in it.

use std::ops::Range;

use super::stream::CONTEXT;
use crate::detect::{BrokenRule, RuleSet, block};
use crate::engine::{Budget, Limits, inspect_piece};
use crate::judge::Judged;

/// Less is judged faster than a thread is started.
const WORTH_A_THREAD: usize = 96 << 10;

/// More threads wait for the reader.
const MOST_THREADS: usize = 4;

/// How far behind its end a part is judged: more than the longest value that stands beside a name.
const BEHIND: usize = 4 << 10;

/// What may be made of encoded text in one part: a log is no place for archives.
const LIMITS: Limits = Limits { depth: 8, bytes: 16 << 20, members: 1_000, ratio: 20, held: 16 << 20 };

/// Everything in `bytes` that blocks.
///
/// # Errors
/// When a rule's regex does not compile.
pub(super) fn judge(rules: &RuleSet, blocks: f64, bytes: &[u8]) -> Result<Vec<Judged>, BrokenRule> {
    let parts = bytes.len() / WORTH_A_THREAD;
    if parts < 2 {
        return part(rules, blocks, bytes, 0..bytes.len());
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let ranges = cut(bytes, parts.min(cores).min(MOST_THREADS));
    std::thread::scope(|scope| {
        let mut ranges = ranges.into_iter();
        let own = ranges.next().unwrap_or_default();
        let others: Vec<_> =
            ranges.map(|range| scope.spawn(move || part(rules, blocks, bytes, range))).collect();
        let mut all = part(rules, blocks, bytes, own)?;
        for other in others {
            match other.join() {
                Ok(judged) => all.extend(judged?),
                // A panic is a bug, and must not pass for "nothing to mask".
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(all)
    })
}

/// As many parts, cut at line ends where there are any.
fn cut(bytes: &[u8], parts: usize) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut ranges = Vec::with_capacity(parts);
    for part in 1..=parts {
        let near = bytes.len() * part / parts;
        let line = memchr::memrchr(b'\n', &bytes[start..near]).map(|end| start + end + 1);
        let end =
            if part == parts { bytes.len() } else { line.filter(|end| near - end < CONTEXT).unwrap_or(near) };
        ranges.push(start..end);
        start = end;
    }
    ranges
}

/// What begins in one part.
fn part(rules: &RuleSet, blocks: f64, bytes: &[u8], range: Range<usize>) -> Result<Vec<Judged>, BrokenRule> {
    let start = range.start.saturating_sub(CONTEXT);
    // As the stream's own context, it begins with a line.
    let line = memchr::memchr(b'\n', &bytes[start..range.start]).map_or(start, |end| start + end + 1);
    let start = if start == 0 { 0 } else { line };
    // A key block that may have begun is judged to its end.
    let tail = &bytes[range.end.saturating_sub(block::LIMIT).max(start)..range.end];
    let key = memchr::memmem::find(tail, b"PRIVATE KEY").is_some();
    let behind = if key { block::LIMIT } else { BEHIND };
    let seen = &bytes[start..bytes.len().min(range.end + behind)];
    let budget = Budget::new(LIMITS, seen.len() as u64);
    // A log has no path of its own that would say anything.
    let mut judged = inspect_piece(rules, seen, &budget)?.judge(rules, b"");
    judged.retain_mut(|one| {
        one.secret = one.secret.start + start..one.secret.end + start;
        one.encoded = one.encoded.take().map(|region| region.start + start..region.end + start);
        one.confidence >= blocks && range.contains(&one.secret.start)
    });
    Ok(judged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_all_of_it_and_end_with_lines() {
        let text = "a line of some length\n".repeat(30_000);
        let ranges = cut(text.as_bytes(), 3);
        assert_eq!((ranges.len(), ranges[0].start, ranges[2].end), (3, 0, text.len()));
        assert!(
            ranges.windows(2).all(|two| two[0].end == two[1].start && text[..two[0].end].ends_with('\n'))
        );
        let whole = vec![b'x'; 1 << 20];
        assert_eq!(cut(&whole, 2), [0..1 << 19, 1 << 19..1 << 20]);
    }

    #[test]
    fn what_stands_where_parts_meet_is_told_once() {
        let made = |n: u64| {
            let mut random = crate::shape::Random::new("parts", n);
            crate::shape::generate("ghp_{base62:30}{check:github-crc32}", &mut random).expect("a shape")
        };
        let rules = RuleSet::default();
        // A secret every few bytes, so that one stands on each seam whatever the number of threads.
        let mut text = Vec::new();
        for n in 0..9_000 {
            text.extend(made(n % 50));
            text.push(if n % 3 == 0 { b'\n' } else { b' ' });
        }
        let parted = judge(&rules, 0.5, &text).expect("judged");
        let whole = part(&rules, 0.5, &text, 0..text.len()).expect("judged");
        assert_eq!(whole.len(), 9_000);
        assert_eq!(parted, whole);
    }
}
