//! The spellings of encoded text and the names of services as a table.

use crate::rulefile::{Kind, RuleSource};
use crate::spelling::{SERVICE, SpellingRow, names_itself, spellings};
use crate::tables::Tables;

/// Severities from here on (`high`) have their prefixes looked for in encoded text.
const LEAST_SEVERITY: u8 = 2;

pub(crate) struct Spellings {
    pub(crate) rows: Vec<SpellingRow>,
    pub(crate) text: Vec<u8>,
}

impl Spellings {
    pub(crate) fn new(rules: &[RuleSource], tables: &Tables) -> Self {
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
        for (index, service) in tables.services.iter().enumerate() {
            if names_itself(word(tables, index)) {
                rows.push(SpellingRow {
                    at: u16::try_from(index).expect("fewer than 65,536 services"),
                    len: u8::try_from(service.word.len).expect("a name is short"),
                    writing: SERVICE,
                    phase: 0,
                    exact: false,
                });
            }
        }
        Self { rows, text }
    }

    /// The text of each row.
    pub(crate) fn texts<'a>(&'a self, tables: &'a Tables) -> Vec<&'a [u8]> {
        let text = |row: &SpellingRow| match row.writing {
            SERVICE => word(tables, usize::from(row.at)).as_bytes(),
            _ => &self.text[usize::from(row.at)..][..usize::from(row.len)],
        };
        self.rows.iter().map(text).collect()
    }
}

/// The name of a service.
fn word(tables: &Tables, service: usize) -> &str {
    let word = tables.services[service].word;
    &tables.text[word.at as usize..][..usize::from(word.len)]
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
