//! The spellings of encoded text as a table.

use crate::rulefile::{Kind, RuleSource};
use crate::spelling::{SpellingRow, spellings};

/// Severities from here on (`high`) have their prefixes looked for in encoded text.
const LEAST_SEVERITY: u8 = 2;

pub(crate) struct Spellings {
    pub(crate) rows: Vec<SpellingRow>,
    pub(crate) text: Vec<u8>,
}

impl Spellings {
    pub(crate) fn new(rules: &[RuleSource]) -> Self {
        let mut text = Vec::new();
        let mut rows = Vec::new();
        for spelling in spellings(&prefixes(rules)) {
            rows.push(SpellingRow {
                at: u16::try_from(text.len()).expect("spellings have fewer than 65,536 bytes"),
                len: u8::try_from(spelling.text.len()).expect("a spelling is short"),
                writing: spelling.writing,
                phase: spelling.phase,
                exact: spelling.exact,
            });
            text.extend(&spelling.text);
        }
        Self { rows, text }
    }

    /// The text of each row.
    pub(crate) fn texts(&self) -> Vec<&[u8]> {
        self.rows.iter().map(|row| &self.text[usize::from(row.at)..][..usize::from(row.len)]).collect()
    }
}

/// What tokens begin with, in the case in which their regexes have it.
fn prefixes(rules: &[RuleSource]) -> Vec<String> {
    let worth = |rule: &&RuleSource| {
        rule.kind == Kind::Specific && rule.severity >= LEAST_SEVERITY && rule.facts.keyword_starts_secret
    };
    let mut prefixes: Vec<String> = Vec::new();
    for rule in rules.iter().filter(worth) {
        let folded = rule.regex.to_ascii_lowercase();
        for keyword in rule.keywords.iter().filter(|keyword| keyword.len() >= 4) {
            prefixes.extend(
                folded.find(keyword.as_str()).map(|at| rule.regex[at..at + keyword.len()].to_owned()),
            );
        }
    }
    prefixes.sort();
    prefixes.dedup();
    prefixes
}
