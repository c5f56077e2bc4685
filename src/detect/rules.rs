//! One face for built-in and custom rules.
//!
//! Hands on: [`RuleSet`], which knows every rule by its [`RuleId`], and compiles a regex on its rule's first hit. The trap:
//! a set must cost nothing to make when there are no custom rules, for it is made at every start.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

use super::builtin;
use super::prefilter::{self, Hint};
use super::rulefile::{Boundary, CHARSETS, Kind, MATCHERS, RuleSource, charset};
use super::tables::{ClassRow, ContextRow, List, Row, Tables, Text};
use crate::finding::Severity;

/// A rule of the set: the built-in ones first, then the custom ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u16);

/// All rules of a run.
#[derive(Debug, Default)]
pub struct RuleSet {
    custom: Option<Custom>,
    disabled: Vec<RuleId>,
}

#[derive(Debug)]
struct Custom {
    tables: Tables,
    keywords: AhoCorasick,
    regexes: Vec<OnceLock<Option<Regex>>>,
}

/// A regex of the set could not be compiled: the rules are broken, so nothing can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRule {
    /// Its id.
    pub rule: String,
}

static REGEXES: [OnceLock<Option<Regex>>; builtin::ROWS.len()] =
    [const { OnceLock::new() }; builtin::ROWS.len()];

/// One rule, as tables tell it.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    row: &'a Row,
    text: &'a str,
    lists: &'a [Text],
    classes: &'a [ClassRow],
}

impl RuleSet {
    /// The built-in rules and `custom` ones, without the `disabled` ids.
    ///
    /// # Errors
    /// When the custom keywords do not fit an automaton (thousands of megabytes of them).
    pub fn new(custom: &[RuleSource], disabled: &BTreeSet<&str>) -> Result<Self, aho_corasick::BuildError> {
        let mut set = Self::default();
        if !custom.is_empty() {
            let tables = Tables::new(custom);
            let keywords = tables.keywords.iter().map(|k| slice(&tables.text, k.text));
            let keywords = AhoCorasick::builder().ascii_case_insensitive(true).build(keywords)?;
            let regexes = tables.rows.iter().map(|_| OnceLock::new()).collect();
            set.custom = Some(Custom { tables, keywords, regexes });
        }
        if disabled.is_empty() {
            return Ok(set);
        }
        set.disabled = set.ids().filter(|id| disabled.contains(set.rule(*id).id())).collect();
        Ok(set)
    }

    /// Every rule's id, disabled ones too.
    pub fn ids(&self) -> impl Iterator<Item = RuleId> + use<> {
        let custom = self.custom.as_ref().map_or(0, |c| c.tables.rows.len());
        (0..builtin::ROWS.len() + custom).map(|index| RuleId(index as u16))
    }

    /// The ids of the rules that the configuration brought.
    pub fn custom_ids(&self) -> impl Iterator<Item = &str> {
        self.ids().skip(builtin::ROWS.len()).map(|id| self.rule(id).id())
    }

    /// The ids of the built-in rules.
    #[must_use]
    pub fn built_in_ids() -> Vec<&'static str> {
        builtin::ROWS.iter().map(|row| slice(builtin::TEXT, row.id)).collect()
    }

    /// True unless the configuration took it out.
    #[must_use]
    pub fn is_enabled(&self, id: RuleId) -> bool {
        self.disabled.is_empty() || !self.disabled.contains(&id)
    }

    /// The rule behind an id of this set.
    #[must_use]
    pub fn rule(&self, id: RuleId) -> Rule<'_> {
        let index = usize::from(id.0);
        match (&self.custom, index.checked_sub(builtin::ROWS.len())) {
            (Some(custom), Some(index)) => Rule {
                row: &custom.tables.rows[index],
                text: &custom.tables.text,
                lists: &custom.tables.lists,
                classes: &custom.tables.classes,
            },
            _ => Rule {
                row: &builtin::ROWS[index],
                text: builtin::TEXT,
                lists: &builtin::LISTS,
                classes: &builtin::CLASSES,
            },
        }
    }

    /// The rule with this name.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<RuleId> {
        self.ids().find(|candidate| self.rule(*candidate).id() == id)
    }

    /// The rule's regex, compiled on the first call.
    ///
    /// # Errors
    /// When it does not compile; the tests compile every built-in one.
    pub fn regex(&self, id: RuleId) -> Result<&Regex, BrokenRule> {
        let index = usize::from(id.0);
        let cell = match (&self.custom, index.checked_sub(builtin::ROWS.len())) {
            (Some(custom), Some(index)) => &custom.regexes[index],
            _ => &REGEXES[index],
        };
        let compile = || {
            let mut builder = regex::bytes::RegexBuilder::new(self.rule(id).regex());
            builder.unicode(false).size_limit(1 << 20).build().ok()
        };
        cell.get_or_init(compile).as_ref().ok_or_else(|| BrokenRule { rule: self.rule(id).id().to_owned() })
    }

    /// Calls `on_hit` with each rule that a keyword wakes and the keyword's place, built-in rules first; puts each sign of
    /// something encoded on `hints`.
    pub fn scan(
        &self,
        text: &[u8],
        hints: &mut Vec<Hint>,
        mut on_hit: impl FnMut(RuleId, std::ops::Range<usize>),
    ) {
        prefilter::scan(text, &mut Hits { on_hit: &mut on_hit, hints });
        if let Some(custom) = &self.custom {
            for hit in custom.keywords.find_overlapping_iter(text) {
                let rules = custom.tables.keywords[hit.pattern().as_usize()].rules;
                for &rule in run(&custom.tables.keyword_rules, rules) {
                    on_hit(RuleId(rule + builtin::ROWS.len() as u16), hit.range());
                }
            }
        }
    }
}

/// Turns keywords into the rules that they wake.
struct Hits<'a, F> {
    on_hit: &'a mut F,
    hints: &'a mut Vec<Hint>,
}

impl<F: FnMut(RuleId, std::ops::Range<usize>)> prefilter::Sink for Hits<'_, F> {
    fn keyword(&mut self, hit: prefilter::Hit) {
        let rules = builtin::KEYWORDS[usize::from(hit.keyword)].rules;
        for &rule in run(&builtin::KEYWORD_RULES, rules) {
            (self.on_hit)(RuleId(rule), hit.start..hit.end);
        }
    }

    fn encoded(&mut self, hint: Hint) {
        self.hints.push(hint);
    }
}

fn slice(text: &str, part: Text) -> &str {
    &text[part.at as usize..part.at as usize + usize::from(part.len)]
}

fn run<T>(table: &[T], list: List) -> &[T] {
    &table[list.at as usize..list.at as usize + usize::from(list.len)]
}

impl<'a> Rule<'a> {
    fn texts(self, list: List) -> impl Iterator<Item = &'a str> {
        let text = self.text;
        run(self.lists, list).iter().map(move |part| slice(text, *part))
    }

    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'a str {
        slice(self.text, self.row.id)
    }

    /// What it finds, in words.
    #[must_use]
    pub fn title(self) -> &'a str {
        slice(self.text, self.row.title)
    }

    /// Who issued it; empty when nobody in particular.
    #[must_use]
    pub fn provider(self) -> &'a str {
        slice(self.text, self.row.provider)
    }

    /// What it would give away.
    #[must_use]
    pub fn grants(self) -> &'a str {
        slice(self.text, self.row.grants)
    }

    /// Where it is revoked; empty when no page is known.
    #[must_use]
    pub fn revoke(self) -> &'a str {
        slice(self.text, self.row.revoke)
    }

    /// Where its format is documented.
    #[must_use]
    pub fn source(self) -> &'a str {
        slice(self.text, self.row.source)
    }

    /// The regex; empty for other matchers.
    #[must_use]
    pub fn regex(self) -> &'a str {
        slice(self.text, self.row.regex)
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self.row.severity {
            0 => Severity::Low,
            1 => Severity::Medium,
            2 => Severity::High,
            _ => Severity::Critical,
        }
    }

    /// How specific it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.row.kind {
            0 => Kind::Generic,
            1 => Kind::Context,
            _ => Kind::Specific,
        }
    }

    /// Which bytes may not touch the secret.
    #[must_use]
    pub fn boundary(self) -> Boundary {
        match self.row.boundary {
            0 => Boundary::None,
            1 => Boundary::Word,
            2 => Boundary::Token,
            _ => Boundary::Base64,
        }
    }

    /// Name of what finds it.
    #[must_use]
    pub fn matcher(self) -> &'static str {
        MATCHERS[usize::from(self.row.matcher)]
    }

    /// Bytes of the secret that are its format's public prefix.
    #[must_use]
    pub fn public(self) -> usize {
        usize::from(self.row.public)
    }

    /// Least entropy of what follows the prefix, in bits a byte.
    #[must_use]
    pub fn entropy(self) -> f64 {
        f64::from(self.row.entropy) / 100.0
    }

    /// The longest match of the regex in bytes.
    #[must_use]
    pub fn reach(self) -> usize {
        usize::from(self.row.reach)
    }

    /// Names of its checks.
    pub fn checks(self) -> impl Iterator<Item = &'a str> {
        self.texts(self.row.checks)
    }

    /// Its companion's rule, role and greatest distance in lines.
    #[must_use]
    pub fn pair(self) -> Option<(&'a str, &'a str, usize)> {
        let rule = slice(self.text, self.row.pair_rule);
        (!rule.is_empty())
            .then(|| (rule, slice(self.text, self.row.pair_role), usize::from(self.row.pair_lines)))
    }

    /// Shapes of what it finds.
    pub fn examples(self) -> impl Iterator<Item = &'a str> {
        self.texts(self.row.examples)
    }

    /// Shapes of what it must not find.
    pub fn counter_examples(self) -> impl Iterator<Item = &'a str> {
        self.texts(self.row.counter_examples)
    }

    /// Shapes of what a context rule finds: a name with its service, and a value of its set and lengths.
    pub fn context_shapes(self) -> Vec<String> {
        let Some(index) = usize::from(self.row.context).checked_sub(1) else { return Vec::new() };
        let row = &builtin::CONTEXTS[index];
        let set = charset_name(&builtin::CLASSES[usize::from(row.class)]);
        let service = words(row.services).next().unwrap_or_default();
        let name = words(row.names).next().unwrap_or("api_key");
        run(&builtin::LENGTHS, row.lengths)
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

    /// False when what follows the keyword already rules the regex out, so that it need not even be compiled.
    #[must_use]
    pub fn may_follow(self, text: &[u8], hit: &std::ops::Range<usize>) -> bool {
        let length = usize::from(self.row.guard_len);
        if length > 0 {
            let class = &self.classes[usize::from(self.row.guard_class)];
            let follows = text.get(hit.end..hit.end + length);
            if !follows.is_some_and(|bytes| bytes.iter().all(|b| holds(class, *b))) {
                return false;
            }
        }
        !self.row.keyword_starts_secret || !super::boundary::touches_before(self.boundary(), text, hit.start)
    }
}

/// The name of a class that a rule file gave by name.
fn charset_name(class: &ClassRow) -> &'static str {
    CHARSETS
        .iter()
        .find(|name| {
            let set = charset(name).unwrap_or_default();
            (0..=255u8).all(|byte| holds(class, byte) == set.contains(&byte))
        })
        .unwrap_or(&"hex")
}

fn holds(class: &ClassRow, byte: u8) -> bool {
    class[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
}

/// The rule for a value without a format of its own that stands beside a service's name: `name` is what it is assigned to,
/// `around` the text in which the service may be named (the line and the three before it, the value left out).
#[must_use]
pub fn context_rule(name: &[u8], value: &[u8], around: &[u8]) -> Option<RuleId> {
    // Few classes and lengths fit a value, so most of a thousand rows fall here for one comparison each.
    let fitting: Vec<bool> =
        builtin::CLASSES.iter().map(|class| value.iter().all(|byte| holds(class, *byte))).collect();
    let mut lower: Option<(Vec<u8>, Vec<u8>)> = None;
    let row = builtin::CONTEXTS.iter().find(|row| {
        if !fitting[usize::from(row.class)] || !has_length(row, value.len()) {
            return false;
        }
        let (low_name, low_around) =
            lower.get_or_insert_with(|| (name.to_ascii_lowercase(), around.to_ascii_lowercase()));
        let names = |word: &str| memchr::memmem::find(low_name, word.as_bytes()).is_some();
        let says = |word: &str| {
            starts_word(name, low_name, word.as_bytes()) || starts_word(around, low_around, word.as_bytes())
        };
        (row.names.len == 0 || words(row.names).any(names)) && words(row.services).any(says)
    })?;
    Some(RuleId(row.rule))
}

fn has_length(row: &ContextRow, length: usize) -> bool {
    run(&builtin::LENGTHS, row.lengths)
        .iter()
        .any(|(low, high)| (usize::from(*low)..=usize::from(*high)).contains(&length))
}

fn words(list: List) -> impl Iterator<Item = &'static str> {
    run(&builtin::LISTS, list).iter().map(|part| slice(builtin::TEXT, *part))
}

/// True when `part` opens a word of `text` (`lower` is its lower case): `heap` stands in `HeapKey` and `myHeapKey`, and not in
/// `namecheap`.
fn starts_word(text: &[u8], lower: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find_iter(lower, part).any(|at| {
        let Some(before) = at.checked_sub(1).map(|at| text[at]) else { return true };
        !before.is_ascii_alphabetic() || before.is_ascii_lowercase() && text[at].is_ascii_uppercase()
    })
}
