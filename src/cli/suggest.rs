//! Guesses what a mistyped word was meant to be.

/// The candidate nearest to `word`, when it is near enough to be a slip: at most a third of the letters, two at most.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A long word is no slip, and its distance would cost.
    let most = if word.len() > 40 { 0 } else { (word.chars().count() / 3).clamp(1, 2) };
    candidates
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(slips, _)| *slips <= most)
        .min()
        .map(|near| near.1)
}

/// How many letters were added, left out, changed or swapped with the next.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (Vec::from_iter(a.chars().take(64)), Vec::from_iter(b.chars()));
    let mut rows = vec![Vec::from_iter(0..=b.len())];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let words = || ["install", "uninstall", "allow", "hook"].into_iter();
        assert_eq!(nearest("instal", words()), Some("install"));
        assert_eq!(nearest("isntall", words()), Some("install"));
        assert_eq!(nearest("alow", words()), Some("allow"));
        assert_eq!(nearest("hoko", words()), Some("hook"));
        assert_eq!(nearest("frobnicate", words()), None);
        assert_eq!(nearest("", words()), None);
        assert_eq!(nearest(&"x".repeat(100_000), words()), None);
    }
}
