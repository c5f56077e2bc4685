//! Sorting where it is not hot: one sort for all types.
//!
//! The standard library's stable sort is compiled anew for each type and each closure, six kilobytes a time; here a list of
//! indexes is sorted instead, and what they stand for is moved once. The trap: it asks for memory, so it is no sort for what is
//! done per file or candidate.

use std::cmp::Ordering;

/// Sorts what has an order of its own; equal ones keep their places.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts by what `key` makes of each; equal ones keep their places.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts by `compare`; equal ones keep their places.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if items.is_sorted_by(|a, b| compare(a, b) != Ordering::Greater) {
        return;
    }
    let mut order = sorted(items.len(), &|a, b| compare(&items[a], &items[b]));
    // Puts each in its place by swapping along; a place that is done leads to itself.
    for at in 0..order.len() {
        let mut here = at;
        while order[here] != at {
            let from = order[here];
            items.swap(here, from);
            order[here] = here;
            here = from;
        }
        order[here] = here;
    }
}

/// The indexes in order.
fn sorted(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        let mut state = 9u64;
        for length in 0..60 {
            let mut items: Vec<(u64, usize)> = (0..length)
                .map(|place| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    ((state >> 33) % 12, place)
                })
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by_key(&mut items, |(key, _)| *key);
            assert_eq!(items, expected);
            expected.sort_by(|a, b| b.cmp(a));
            sort_by(&mut items, |a, b| b.cmp(a));
            assert_eq!(items, expected);
            expected.sort();
            sort(&mut items);
            assert_eq!(items, expected);
        }
    }
}
