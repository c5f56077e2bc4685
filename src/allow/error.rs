//! What is wrong in a configuration, with its place.
//!
//! Hands on: [`ConfigError`], all problems of one file, and [`quoted`] for foreign words in messages. The trap: a
//! configuration may hold a secret where it does not belong, so values are never quoted, only keys, globs and rule ids.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// Everything that is wrong in one file: exit status 2. Its `Display` is a line a problem, `file:line:column: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// What messages call the file.
    pub file: String,
    /// At least one, in the order of the file.
    pub problems: Vec<ConfigProblem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            let ConfigProblem { line, column, message } = problem;
            write!(f, "{end}{}:{line}:{column}: {message}", printable(&self.file))?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Words of a file as one printable, bounded piece: controls and bidirectional overrides are escaped, quotes stay.
pub(crate) fn printable(text: &str) -> String {
    const MOST: usize = 120;
    let mut safe = String::new();
    for (index, c) in text.chars().enumerate() {
        match c {
            _ if index == MOST => {
                safe.push('…');
                break;
            }
            '"' | '\'' | '\\' => safe.push(c),
            _ => safe.extend(c.escape_debug()),
        }
    }
    safe
}

/// [`printable`] words between backticks.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", printable(text))
}

/// `; did you mean …?` with the nearest of the words, or what they are when none is near and they are few.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, candidate)| {
            *distance <= 1.max(candidate.chars().count().max(word.chars().count()) / 3)
        })
        .min();
    match near {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None if known.is_empty() || known.len() > 20 => String::new(),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// Edits between two words (insert, delete, replace, swap of neighbours); ASCII case and `-` for `_` cost nothing.
fn distance(a: &str, b: &str) -> usize {
    let fold = |word: &str| -> Vec<char> {
        // A key is short; a word that is not cannot be near one, and must not cost a large table.
        word.chars().take(64).map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
    };
    let (a, b) = (fold(a), fold(b));
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_named() {
        let keys = ["paths", "secrets", "lines", "stopwords", "entry"];
        assert_eq!(nearest("path", keys), "did you mean `paths`?");
        assert_eq!(nearest("stop-words", keys), "did you mean `stopwords`?");
        assert_eq!(nearest("Secrest", keys), "did you mean `secrets`?");
        assert_eq!(nearest("entires", ["entries", "wholly"]), "did you mean `entries`?");
        assert_eq!(nearest("zzzz", keys), "known here: paths, secrets, lines, stopwords, entry");
    }

    #[test]
    fn foreign_words_cannot_reach_a_terminal_raw() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}\u{9b}\n"), "`a\\u{1b}[31m\\u{202e}\\u{9b}\\n`");
        assert!(quoted(&"x".repeat(10_000)).chars().count() < 130);
    }
}
