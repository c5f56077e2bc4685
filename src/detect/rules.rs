//! One face for built-in and custom rules.
//!
//! Hands on: [`RuleSet`], which knows every rule by its [`RuleId`], and compiles a regex on its rule's first hit. The trap:
//! a set must cost nothing to make when there are no custom rules, for it is made at every start.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

use super::contexts::{self, Beside};
use super::details::Details;
use super::known::{Known, KnownValues};
use super::layer::{Layer, holds, run};
use super::prefilter::{self, Hint};
use super::rulefile::{Boundary, Kind, MATCHERS, RuleSource};
use super::tables::{KeywordRow, List, Row, Tables};
use super::writing::Writing;
use super::{Candidate, builtin, named};
use crate::finding::Severity;

/// A rule of the set: the built-in ones first, then the custom ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u16);

/// The rule of what this machine holds as a secret.
const KNOWN_RULE: &str = "known-value";

/// All rules of a run.
#[derive(Debug, Default)]
pub struct RuleSet {
    custom: Option<Custom>,
    disabled: Vec<RuleId>,
    blocking: Vec<RuleId>,
    known: Option<KnownValues>,
}

#[derive(Debug)]
struct Custom {
    tables: Tables,
    keywords: AhoCorasick,
    regexes: Vec<OnceLock<Option<Box<Regex>>>>,
}

/// The longest secret, in bytes, whose beginning a regex matches and whose end is walked to.
const LONGEST_REST: usize = 16 << 10;

/// A regex of the set could not be compiled: the rules are broken, so nothing can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRule {
    /// Its id.
    pub rule: String,
}

/// Boxed, or the empty cells would be five times as much of the binary.
static REGEXES: [OnceLock<Option<Box<Regex>>>; builtin::ROWS.len()] =
    [const { OnceLock::new() }; builtin::ROWS.len()];

/// One rule, as tables tell it.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    row: &'a Row,
    layer: Layer<'a>,
}

/// A companion that a rule names.
#[derive(Debug, Clone, Copy)]
pub struct Companion<'a> {
    /// Its rule's id; empty when it is known by its name.
    pub rule: &'a str,
    /// What it is to the secret.
    pub role: &'a str,
    /// How many lines away it may stand.
    pub lines: usize,
    names: List,
    layer: Layer<'a>,
}

impl<'a> Companion<'a> {
    /// Lower-case words, one of which its name contains.
    pub fn names(self) -> impl Iterator<Item = &'a str> {
        self.layer.texts(self.names)
    }
}

/// What a file rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct FileRule<'a> {
    /// A regex that the content must match; empty: none.
    pub evidence: &'a str,
    /// True when the values of a `NAME=value` file are judged.
    pub variables: bool,
    magic: List,
    layer: Layer<'a>,
}

impl<'a> FileRule<'a> {
    /// What the content may start with: an offset and bytes in hex.
    pub fn magic(self) -> impl Iterator<Item = (usize, &'a str)> {
        self.layer.texts(self.magic).filter_map(|text| {
            let (at, hex) = text.split_once(':')?;
            Some((at.parse().ok()?, hex))
        })
    }
}

/// Beginnings of tokens that people write before values of their own, too.
const PLAIN_WORDS: [&[u8]; 12] = [
    b"live", b"key", b"test", b"prd", b"prod", b"dev", b"api", b"app", b"secret", b"token", b"user",
    b"sandbox",
];

impl RuleSet {
    /// What sets these rules apart from others of the same program: equal texts, equal rules.
    #[must_use]
    pub fn identity(&self) -> String {
        let custom = self.custom.as_ref().map(|custom| &custom.tables);
        let disabled: Vec<&str> = self.disabled.iter().map(|id| self.rule(*id).id()).collect();
        format!("{custom:?} {disabled:?}")
    }

    /// The built-in rules and `custom` ones, without the `disabled` ids.
    ///
    /// # Errors
    /// When the custom keywords do not fit an automaton (thousands of megabytes of them).
    pub fn new(custom: &[RuleSource], disabled: &BTreeSet<&str>) -> Result<Self, aho_corasick::BuildError> {
        let mut set = Self::default();
        if !custom.is_empty() {
            let tables = Tables::new(custom);
            let keywords = tables.keywords.iter().map(|k| Layer::Custom(&tables).slice(k.text));
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

    /// The same, with rules whose findings block wherever they are told.
    #[must_use]
    pub fn with_blocking(mut self, block: &BTreeSet<&str>) -> Self {
        if !block.is_empty() {
            self.blocking = self.ids().filter(|id| block.contains(self.rule(*id).id())).collect();
        }
        self
    }

    /// True where the configuration asks for it, whatever the confidence.
    #[must_use]
    pub fn blocks(&self, id: RuleId) -> bool {
        self.blocking.contains(&id)
    }

    /// The same rules, which also look for what this machine holds as secrets.
    #[must_use]
    pub fn with_known(mut self, values: Vec<Known>) -> Self {
        self.known = KnownValues::new(values);
        self
    }

    /// Where known values stand; nothing when there are none.
    pub(super) fn known_in<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Candidate> + 'a {
        let rule = self.known.as_ref().and_then(|_| self.find(KNOWN_RULE)).filter(|id| self.is_enabled(*id));
        self.known.iter().flat_map(|known| known.find(text)).filter_map(move |block| {
            Some(Candidate { rule: rule?, secret: block.secret.clone(), found: None, block: Some(block) })
        })
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
        builtin::ROWS.iter().map(|row| Layer::BuiltIn.slice(row.id)).collect()
    }

    /// True unless the configuration took it out.
    #[must_use]
    pub fn is_enabled(&self, id: RuleId) -> bool {
        self.disabled.is_empty() || !self.disabled.contains(&id)
    }

    /// The tables, and the id of the first rule in each.
    pub(super) fn layers(&self) -> impl Iterator<Item = (Layer<'_>, u16)> {
        let custom = self.custom.as_ref().map(|custom| Layer::Custom(&custom.tables));
        let custom = custom.map(|layer| (layer, builtin::ROWS.len() as u16));
        std::iter::once((Layer::BuiltIn, 0)).chain(custom)
    }

    /// The rule behind an id of this set.
    #[must_use]
    pub fn rule(&self, id: RuleId) -> Rule<'_> {
        let index = usize::from(id.0);
        match (&self.custom, index.checked_sub(builtin::ROWS.len())) {
            (Some(custom), Some(index)) => {
                Rule { row: &custom.tables.rows[index], layer: Layer::Custom(&custom.tables) }
            }
            _ => Rule { row: &builtin::ROWS[index], layer: Layer::BuiltIn },
        }
    }

    /// True for a rule of the configuration.
    #[must_use]
    pub fn is_custom(&self, id: RuleId) -> bool {
        usize::from(id.0) >= builtin::ROWS.len()
    }

    /// The enabled rule for a value without a format of its own that stands beside a service's name, and whether the value
    /// has the form of that service's keys; without `any_form` it has.
    #[must_use]
    pub fn context(&self, beside: &Beside<'_>, any_form: bool) -> Option<(RuleId, bool)> {
        let best = self.layers().filter_map(|(layer, first)| {
            let enabled = |rule: u16| self.is_enabled(RuleId(first + rule));
            contexts::best(layer, beside, any_form, enabled)
                .map(|(rule, weight)| (weight, RuleId(first + rule)))
        });
        // The configuration's own rule wins a tie: the team knows its services.
        best.max_by_key(|(weight, id)| (*weight, id.0)).map(|(weight, id)| (id, weight.0))
    }

    /// A context of the service that is named beside a value, when the value cannot be any of the keys of the services named there.
    #[must_use]
    pub fn unlike(&self, beside: &Beside<'_>) -> Option<RuleId> {
        let mut found = None;
        for (layer, first) in self.layers() {
            match contexts::unlike(layer, beside, |rule| self.is_enabled(RuleId(first + rule))) {
                Some(Ok(rule)) => found = Some(RuleId(first + rule)),
                Some(Err(())) => return None,
                None => {}
            }
        }
        found
    }

    /// Whether built-in rules' tokens begin as the value does and are longer, all of those that begin so.
    #[must_use]
    pub fn cuts_short(&self, value: &[u8]) -> bool {
        // Most values have no such start, and the keywords are two thousand.
        if !value.iter().take(32).any(|byte| matches!(byte, b'_' | b'-' | b'.')) {
            return false;
        }
        let begins = |row: &&KeywordRow| {
            let text = Layer::BuiltIn.slice(row.text).as_bytes();
            text.len() >= 4
                && matches!(text[text.len() - 1], b'_' | b'-' | b'.')
                && !PLAIN_WORDS.contains(&&text[..text.len() - 1])
                && value.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text))
        };
        let mut tokens = builtin::KEYWORDS.iter().filter(begins).flat_map(|row| {
            let start = usize::from(row.text.len);
            run(&builtin::KEYWORD_RULES, row.rules).iter().map(move |id| (start, self.rule(RuleId(*id))))
        });
        let longer = |(start, rule): (usize, Rule<'_>)| {
            let behind = usize::from(rule.row.guard_len);
            rule.starts_with_keyword() && behind > 0 && value.len() < start + behind
        };
        tokens.next().is_some_and(longer) && tokens.all(longer)
    }

    /// Whether a value has the characters and the length of a context's keys.
    #[must_use]
    pub fn has_form_of(&self, id: RuleId, value: &[u8]) -> bool {
        self.layers().any(|(layer, first)| {
            id.0.checked_sub(first).is_some_and(|rule| contexts::has_form(layer, rule, value))
        })
    }

    /// What only a person asks for, for each rule by its id. Unpacks them all, so it is no call for a scan.
    #[must_use]
    pub fn details(&self) -> Vec<Details> {
        let mut text = String::new();
        let read = std::io::Read::read_to_string(
            &mut flate2::read::DeflateDecoder::new(builtin::DETAILS),
            &mut text,
        );
        read.expect("the build packed it");
        let mut details = Details::unpack(&text);
        if let Some(custom) = &self.custom {
            details.extend(Details::unpack(&custom.tables.details));
        }
        details
    }

    /// Every keyword and the rules that it wakes.
    pub fn keywords(&self) -> impl Iterator<Item = (&str, Vec<RuleId>)> {
        let built_in = builtin::KEYWORDS.iter().map(|row| {
            let rules = run(&builtin::KEYWORD_RULES, row.rules).iter().map(|rule| RuleId(*rule));
            (Layer::BuiltIn.slice(row.text), rules.collect())
        });
        let custom = self.custom.iter().flat_map(|custom| {
            custom.tables.keywords.iter().map(|row| {
                let rules = run(&custom.tables.keyword_rules, row.rules).iter();
                let rules = rules.map(|rule| RuleId(rule + builtin::ROWS.len() as u16));
                (Layer::Custom(&custom.tables).slice(row.text), rules.collect())
            })
        });
        built_in.chain(custom)
    }

    /// The rule with this name.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<RuleId> {
        self.ids().find(|candidate| self.rule(*candidate).id() == id)
    }

    /// The rule's regex (a file rule's evidence), compiled on the first call.
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
            let rule = self.rule(id);
            let evidence = || rule.file().map_or("", |file| file.evidence);
            let regex = if rule.regex().is_empty() { evidence() } else { rule.regex() };
            let mut builder = regex::bytes::RegexBuilder::new(regex);
            builder.unicode(false).size_limit(1 << 20).build().ok().map(Box::new)
        };
        cell.get_or_init(compile).as_deref().ok_or_else(|| BrokenRule { rule: self.rule(id).id().to_owned() })
    }

    /// Calls `on_hit` with each rule that a keyword wakes and the keyword's place, built-in rules first; puts each sign of
    /// something encoded on `hints`.
    pub fn scan(
        &self,
        text: &[u8],
        hints: &mut Vec<Hint>,
        mut on_hit: impl FnMut(RuleId, std::ops::Range<usize>),
    ) {
        prefilter::scan(text, &mut Hits { text, on_hit: &mut on_hit, hints });
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

/// The present id of a built-in rule that was once called `id`.
#[must_use]
pub fn renamed(id: &str) -> Option<&'static str> {
    let layer = Layer::BuiltIn;
    let at = layer.former().binary_search_by(|row| layer.slice(row.id).cmp(id)).ok()?;
    Some(layer.slice(layer.rows()[usize::from(layer.former()[at].rule)].id))
}

/// Escapes so near to each other are one text.
const NEXT_TO_EACH_OTHER: usize = 16;

/// Turns keywords into the rules that they wake.
struct Hits<'a, F> {
    text: &'a [u8],
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

    fn service(&mut self, service: u16, name: std::ops::Range<usize>) {
        // Names of services stand everywhere; few of them are given a value.
        if named::is_given_something(self.text, &name) {
            for &context in run(&builtin::SERVICE_CONTEXTS, builtin::SERVICES[usize::from(service)].contexts)
            {
                (self.on_hit)(RuleId(builtin::CONTEXTS[usize::from(context)].rule), name.clone());
            }
        }
    }

    fn encoded(&mut self, hint: Hint) {
        // A text that is escaped letter by letter is one sign, not a million.
        if let Some(last) = self.hints.last_mut()
            && last.writing == hint.writing
            && matches!(hint.writing, Writing::Backslash | Writing::Percent | Writing::Entity)
            && hint.start <= last.end + NEXT_TO_EACH_OTHER
        {
            last.end = last.end.max(hint.end);
            return;
        }
        self.hints.push(hint);
    }
}

impl<'a> Rule<'a> {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.layer.slice(self.row.id)
    }

    /// What it finds, in words.
    #[must_use]
    pub fn title(self) -> &'a str {
        self.layer.slice(self.row.title)
    }

    /// Who issued it; empty when nobody in particular.
    #[must_use]
    pub fn provider(self) -> &'a str {
        self.layer.slice(self.row.provider)
    }

    /// What it would give away.
    #[must_use]
    pub fn grants(self) -> &'a str {
        self.layer.slice(self.row.grants)
    }

    /// Where it is revoked; empty when no page is known.
    #[must_use]
    pub fn revoke(self) -> &'a str {
        self.layer.slice(self.row.revoke)
    }

    /// The regex; empty for other matchers.
    #[must_use]
    pub fn regex(self) -> &'a str {
        self.layer.slice(self.row.regex)
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
        self.layer.texts(self.row.checks)
    }

    /// True when it names something and opens nothing by itself.
    #[must_use]
    pub fn is_identifier(self) -> bool {
        self.row.identifier
    }

    /// Where a secret ends of which the regex matched no more than the beginning, `from..to`.
    #[must_use]
    pub fn rest(self, text: &[u8], from: usize, to: usize) -> usize {
        let Some(class) = usize::from(self.row.rest_class).checked_sub(1) else { return to };
        if self.row.rest_padded && text[from..to].ends_with(b"=") {
            return to;
        }
        let class = &self.layer.classes()[class];
        let limit = text.len().min(from + LONGEST_REST);
        let more = text[to..limit].iter().take_while(|byte| holds(class, **byte)).count();
        let end = to + more;
        let padding = if self.row.rest_padded { 2 } else { 0 };
        end + text[end..].iter().take(padding).take_while(|byte| **byte == b'=').count()
    }

    /// Its companions.
    pub fn companions(self) -> impl Iterator<Item = Companion<'a>> {
        let layer = self.layer;
        run(layer.pairs(), self.row.pairs).iter().map(move |pair| Companion {
            rule: layer.slice(pair.rule),
            role: layer.slice(pair.role),
            lines: usize::from(pair.lines),
            names: pair.names,
            layer,
        })
    }

    /// What it looks at, for a file rule.
    #[must_use]
    pub fn file(self) -> Option<FileRule<'a>> {
        let row = &self.layer.files()[usize::from(self.row.file).checked_sub(1)?];
        Some(FileRule {
            evidence: self.layer.slice(row.evidence),
            variables: row.variables,
            magic: row.magic,
            layer: self.layer,
        })
    }

    /// True when each keyword is what the secret starts with.
    #[must_use]
    pub fn starts_with_keyword(self) -> bool {
        self.row.keyword_starts_secret
    }

    /// False when what follows the keyword already rules the regex out, so that it need not even be compiled.
    #[must_use]
    pub fn may_follow(self, text: &[u8], hit: &std::ops::Range<usize>) -> bool {
        let length = usize::from(self.row.guard_len);
        if length > 0 {
            let class = &self.layer.classes()[usize::from(self.row.guard_class)];
            let follows = text.get(hit.end..hit.end + length);
            if !follows.is_some_and(|bytes| bytes.iter().all(|b| holds(class, *b))) {
                return false;
            }
        }
        !self.row.keyword_starts_secret || !super::boundary::touches_before(self.boundary(), text, hit.start)
    }
}
