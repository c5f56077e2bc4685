//! `[[context]]`: a value without a prefix, which means something only beside its service's name.

use std::ops::Range;

use toml::de::DeTable;

use super::{Defaults, Fields, Kind, Problem, RuleSource, charset, common, matcher, padded, problem};

/// What a `[[context]]` entry adds to a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Lower-case words, one of which must stand near.
    pub services: Vec<String>,
    /// As written: a name of [`charset`], perhaps with padding.
    pub charset: String,
    /// Lengths in bytes, both ends included.
    pub lengths: Vec<(u16, u16)>,
    /// Lower-case words, one of which the assigned name must contain; empty: any.
    pub names: Vec<String>,
}

/// The keys that a `[[context]]` may have.
pub const CONTEXT_KEYS: [&str; 17] = [
    "id",
    "title",
    "severity",
    "grants",
    "service",
    "names",
    "charset",
    "length",
    "identifier",
    "checks",
    "entropy",
    "revoke",
    "source",
    "pair",
    "former",
    "examples",
    "counter_examples",
];

/// Parses one `[[context]]` (or `[[rules.context]]`) table; `span` is where it stands.
///
/// # Errors
/// Every problem found, each with its place.
pub fn parse_context(
    table: &DeTable<'_>,
    span: Range<usize>,
    defaults: &Defaults<'_>,
) -> Result<RuleSource, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut fields = Fields::new(table, span.clone(), &mut problems);
    let mut rule = common(&mut fields, defaults);
    rule.kind = Kind::Context;
    rule.matcher = matcher("context");
    let mut services = fields.texts("service");
    let mut names = fields.texts("names");
    for word in services.iter_mut().chain(&mut names) {
        word.make_ascii_lowercase();
    }
    let charset_span = fields.span("charset");
    let charset_name = fields.text("charset").unwrap_or_default();
    let length_span = fields.span("length");
    let length = fields.text("length").unwrap_or_default();
    fields.finish(&CONTEXT_KEYS);

    if services.is_empty() || services.iter().any(|s| folded(s).trim_end_matches('_').len() < 3) {
        problem(&mut problems, &span, "`service`: at least one word of three letters or digits, or more");
    }
    if charset(padded(&charset_name).0).is_none() {
        problem(
            &mut problems,
            &charset_span,
            "unknown charset (hex, base62, lower-alnum, base64url, base64=, …)",
        );
    }
    let lengths = parse_lengths(&length);
    if lengths.is_empty() {
        problem(
            &mut problems,
            &length_span,
            "`length` is written \"32\", \"20-40\" or \"32,64\", from 8 to 512",
        );
    }
    rule.context = Some(Context { services, charset: charset_name, lengths, names });
    if problems.is_empty() { Ok(rule) } else { Err(problems) }
}

/// A word as the tables hold it, to be found in a text without what people put between words: `Air-Table` is `airtable`. A
/// `_` at the end stays: the word must end there.
#[must_use]
pub fn folded(word: &str) -> String {
    let mut bare: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    bare.make_ascii_lowercase();
    if word.ends_with('_') {
        bare.push('_');
    }
    bare
}

fn parse_lengths(text: &str) -> Vec<(u16, u16)> {
    let ranges: Option<Vec<(u16, u16)>> = text
        .split(',')
        .map(|part| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
            (8 <= low && low <= high && high <= 512).then_some((low, high))
        })
        .collect();
    ranges.unwrap_or_default()
}

impl Context {
    /// Shapes of what it finds: a name with its service, and a value of its set and lengths.
    #[must_use]
    pub fn shapes(&self) -> Vec<String> {
        let service = self.services.first().map_or("", |word| word.trim_end_matches('_'));
        let name = self.names.first().map_or("api_key", String::as_str);
        // A value may be printable, and yet no quote or brace should stand in an example.
        let set = if self.charset == "printable" { "base62" } else { &self.charset };
        self.lengths
            .iter()
            .flat_map(|(low, high)| {
                let value =
                    if set == "uuid" { "{uuid}".to_owned() } else { format!("{{{set}:{low}-{high}}}") };
                let mut shapes = vec![format!("# {service}\n{name}: '{value}'")];
                if service.chars().all(char::is_alphanumeric) {
                    shapes.push(format!("{service}_{name} = \"{value}\""));
                }
                shapes
            })
            .collect()
    }
}
