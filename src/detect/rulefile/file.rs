//! `[[file]]`: a file that is a secret by being there, known by its name and, where content tells, by its content.
//!
//! The trap: names are compared in lower case and only `*` is special in them, once a name, so that a path costs one
//! look-up and a few comparisons.

use std::ops::Range;

use toml::de::DeTable;

use super::super::regexfacts::{LONGEST_MATCH, bounded};
use super::{Defaults, Fields, Kind, Problem, RuleSource, common, matcher, problem};

/// What a `[[file]]` entry adds to a rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileSource {
    /// Which files: one of these must fit the path.
    pub names: Vec<NamePattern>,
    /// Which not.
    pub except: Vec<NamePattern>,
    /// What the content starts with: one of these, where there are any.
    pub magic: Vec<Magic>,
    /// A regex that the content must match for the whole file to count; empty: none.
    pub evidence: String,
    /// True when it is the values of a `NAME=value` file that are judged.
    pub variables: bool,
}

/// A file's name in lower case, perhaps with its folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamePattern {
    /// What stands before the `*`, or all of it.
    pub start: String,
    /// What stands behind the `*`; `None` without one.
    pub end: Option<String>,
    /// The folder that the file is in; empty: any.
    pub folder: String,
}

/// Bytes at a place of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Magic {
    /// Their offset.
    pub at: u16,
    /// In hex, lower case.
    pub hex: String,
}

/// The keys that a `[[file]]` may have.
pub const FILE_KEYS: [&str; 19] = [
    "id",
    "title",
    "severity",
    "grants",
    "names",
    "except",
    "magic",
    "evidence",
    "regex",
    "rest",
    "variables",
    "checks",
    "entropy",
    "revoke",
    "source",
    "pair",
    "former",
    "examples",
    "counter_examples",
];

/// Parses one `[[file]]` (or `[[rules.file]]`) table; `span` is where it stands.
///
/// # Errors
/// Every problem found, each with its place.
pub fn parse_file_rule(
    table: &DeTable<'_>,
    span: Range<usize>,
    defaults: &Defaults<'_>,
) -> Result<RuleSource, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut fields = Fields::new(table, span.clone(), &mut problems);
    let mut rule = common(&mut fields, defaults);
    rule.matcher = matcher("file");
    let spans = ["names", "except", "magic", "evidence", "regex"].map(|key| fields.span(key));
    let [names_span, except_span, magic_span, evidence_span, regex_span] = spans;
    let (names, except) = (fields.texts("names"), fields.texts("except"));
    let magic = fields.texts("magic");
    let evidence = fields.text("evidence").unwrap_or_default();
    rule.regex = fields.text("regex").unwrap_or_default();
    rule.rest = fields.rest(rule.regex.is_empty());
    let variables = fields.flag("variables");
    fields.finish(&FILE_KEYS);

    let mut patterns = |texts: &[String], span: &Range<usize>| -> Vec<NamePattern> {
        let parse = |text: &String| {
            let pattern = NamePattern::parse(text);
            if pattern.is_none() {
                let message = format!(
                    "`{text}`: a name with at most one `*` and two more bytes, perhaps with its folder: `.netrc`, `*.jks`, `.aws/credentials`"
                );
                problem(&mut problems, span, &message);
            }
            pattern
        };
        texts.iter().filter_map(parse).collect()
    };
    let mut file = FileSource {
        names: patterns(&names, &names_span),
        except: patterns(&except, &except_span),
        evidence,
        variables,
        ..FileSource::default()
    };
    for text in &magic {
        match Magic::parse(text) {
            Some(magic) => file.magic.push(magic),
            None => {
                let message = format!("`{text}`: bytes in hex, perhaps at an offset: `feedfeed`, `0:3082`");
                problem(&mut problems, &magic_span, &message);
            }
        }
    }
    if names.is_empty() {
        problem(&mut problems, &span, "a file rule needs `names`: without one it would run on every file");
    }
    if !rule.regex.is_empty() {
        match bounded(&rule.regex) {
            Ok(longest) => rule.facts.longest = longest.min(LONGEST_MATCH),
            Err(message) => problem(&mut problems, &regex_span, &message),
        }
    }
    if !file.evidence.is_empty()
        && let Err(error) =
            regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(&file.evidence)
    {
        problem(&mut problems, &evidence_span, &format!("the regex does not parse: {error}"));
    }
    let ways = [!rule.regex.is_empty(), file.variables, !file.evidence.is_empty() || !file.magic.is_empty()];
    if ways.iter().filter(|way| **way).count() > 1 {
        let message =
            "a file is judged by `regex`, or by `variables`, or as a whole (by `magic` and `evidence`)";
        problem(&mut problems, &span, message);
    }
    // A token with a format of its own is told as what it is, in such a file too.
    rule.kind = match (file.variables, rule.regex.is_empty()) {
        (true, _) => Kind::Generic,
        (false, false) => Kind::Context,
        (false, true) => Kind::Specific,
    };
    rule.file = Some(file);
    if problems.is_empty() { Ok(rule) } else { Err(problems) }
}

impl NamePattern {
    /// Reads `.netrc`, `*.jks`, `id_rsa*`, `.aws/credentials`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (folder, name) = text.rsplit_once('/').unwrap_or(("", &text));
        let (start, end) = match name.split_once('*') {
            Some((start, end)) => (start, Some(end)),
            None => (name, None),
        };
        let fixed = start.len() + end.map_or(0, str::len);
        let plain = !folder.contains(['*', '/']) && end.is_none_or(|end| !end.contains('*'));
        (plain && fixed >= 3).then(|| Self {
            start: start.to_owned(),
            end: end.map(str::to_owned),
            folder: folder.to_owned(),
        })
    }

    /// As it is written.
    #[must_use]
    pub fn text(&self) -> String {
        let folder = if self.folder.is_empty() { String::new() } else { format!("{}/", self.folder) };
        match &self.end {
            Some(end) => format!("{folder}{}*{end}", self.start),
            None => format!("{folder}{}", self.start),
        }
    }
}

impl Magic {
    fn parse(text: &str) -> Option<Self> {
        let (at, hex) = text.split_once(':').unwrap_or(("0", text));
        let well_formed = hex.len() >= 4
            && hex.len() % 2 == 0
            && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        Some(Self { at: at.parse().ok()?, hex: hex.to_owned() }).filter(|_| well_formed)
    }
}
