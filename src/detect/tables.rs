//! Rules as flat tables of numbers, with all text in one string.
//!
//! The build writes the built-in ones out as statics, custom ones are made from the configuration at run time; both look
//! the same to detect. Offsets instead of references, because each reference in a static is a relocation that the
//! dynamic linker would work off at every start. The trap: compiled by the build script too, so it uses nothing else of
//! this crate.

use super::rulefile::{Kind, RuleSource, charset};

/// A string in the tables' text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Text {
    /// Byte offset.
    pub at: u32,
    /// Length in bytes.
    pub len: u16,
}

/// A run of entries in one of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct List {
    /// Index of the first.
    pub at: u32,
    /// How many.
    pub len: u16,
}

/// One rule. Numbers only: see the module's head.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Stable id.
    pub id: Text,
    /// What it finds.
    pub title: Text,
    /// Who issued it.
    pub provider: Text,
    /// What it would give away.
    pub grants: Text,
    /// Where it is revoked.
    pub revoke: Text,
    /// Where its format is documented.
    pub source: Text,
    /// The regex; empty for other matchers.
    pub regex: Text,
    /// Index into `rulefile::SEVERITIES`.
    pub severity: u8,
    /// `rulefile::Kind` as a number.
    pub kind: u8,
    /// `rulefile::Boundary` as a number.
    pub boundary: u8,
    /// Index into `rulefile::MATCHERS`.
    pub matcher: u8,
    /// Bytes of the secret that are its public prefix.
    pub public: u8,
    /// Least entropy after the prefix, in hundredths of a bit a byte.
    pub entropy: u16,
    /// The longest match of the regex in bytes.
    pub reach: u16,
    /// Index of the class that must follow a keyword.
    pub guard_class: u16,
    /// How many bytes of it; 0: no guard.
    pub guard_len: u8,
    /// True when each keyword is what the secret starts with.
    pub keyword_starts_secret: bool,
    /// Names of checks, in `lists`.
    pub checks: List,
    /// The companion's rule id; empty: none.
    pub pair_rule: Text,
    /// What the companion is.
    pub pair_role: Text,
    /// How many lines away it may stand.
    pub pair_lines: u16,
    /// Examples, in `lists`.
    pub examples: List,
    /// Counter-examples, in `lists`.
    pub counter_examples: List,
    /// Index into `contexts` and one more; 0: no context.
    pub context: u16,
}

/// What a context rule looks for.
#[derive(Debug, Clone, Copy)]
pub struct ContextRow {
    /// Index of the rule.
    pub rule: u16,
    /// Words of the service, in `lists`.
    pub services: List,
    /// Words of the name, in `lists`.
    pub names: List,
    /// Index of the character class.
    pub class: u16,
    /// Allowed lengths, in `lengths`.
    pub lengths: List,
}

/// One keyword and the rules that it wakes.
#[derive(Debug, Clone, Copy)]
pub struct KeywordRow {
    /// Lower case.
    pub text: Text,
    /// Rules, in `keyword_rules`.
    pub rules: List,
}

/// A set of bytes.
pub type ClassRow = [u64; 4];

/// All tables, owned.
#[derive(Debug, Default)]
pub struct Tables {
    /// Rules.
    pub rows: Vec<Row>,
    /// Every string.
    pub text: String,
    /// Lists of strings.
    pub lists: Vec<Text>,
    /// Byte sets.
    pub classes: Vec<ClassRow>,
    /// Context rules.
    pub contexts: Vec<ContextRow>,
    /// Lengths, both ends included.
    pub lengths: Vec<(u16, u16)>,
    /// Keywords.
    pub keywords: Vec<KeywordRow>,
    /// Rule indexes that keywords refer to.
    pub keyword_rules: Vec<u16>,
}

impl Tables {
    /// Lays the rules out.
    #[must_use]
    pub fn new(rules: &[RuleSource]) -> Self {
        let mut tables = Self::default();
        for rule in rules {
            tables.add(rule);
        }
        let mut keywords: Vec<(&str, u16)> = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            keywords.extend(rule.keywords.iter().map(|k| (k.as_str(), narrow(index))));
        }
        keywords.sort_unstable();
        keywords.dedup();
        for same in keywords.chunk_by(|a, b| a.0 == b.0) {
            let at = tables.keyword_rules.len() as u32;
            tables.keyword_rules.extend(same.iter().map(|(_, rule)| rule));
            let text = tables.intern(same[0].0);
            tables.keywords.push(KeywordRow { text, rules: List { at, len: narrow(same.len()) } });
        }
        tables
    }

    fn intern(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return Text::default();
        }
        let at = self.text.find(text).unwrap_or_else(|| {
            self.text.push_str(text);
            self.text.len() - text.len()
        });
        Text { at: at as u32, len: narrow(text.len()) }
    }

    fn list(&mut self, texts: &[String]) -> List {
        let interned: Vec<Text> = texts.iter().map(|text| self.intern(text)).collect();
        let at = self.lists.len() as u32;
        self.lists.extend(interned);
        List { at, len: narrow(texts.len()) }
    }

    fn class(&mut self, bytes: &[u8]) -> u16 {
        let mut class = [0u64; 4];
        for byte in bytes {
            class[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
        let index = self.classes.iter().position(|known| *known == class).unwrap_or_else(|| {
            self.classes.push(class);
            self.classes.len() - 1
        });
        narrow(index)
    }

    fn add(&mut self, rule: &RuleSource) {
        let (guard_class, guard_len) =
            rule.facts.guard.as_ref().map_or((0, 0), |(bytes, count)| (self.class(bytes), *count));
        let context = rule.context.as_ref().map_or(0, |context| {
            let lengths = List { at: self.lengths.len() as u32, len: narrow(context.lengths.len()) };
            self.lengths.extend(&context.lengths);
            let row = ContextRow {
                rule: narrow(self.rows.len()),
                services: self.list(&context.services),
                names: self.list(&context.names),
                class: self.class(charset(&context.charset).unwrap_or_default()),
                lengths,
            };
            self.contexts.push(row);
            narrow(self.contexts.len())
        });
        let pair = rule.pair.as_ref();
        let row = Row {
            id: self.intern(&rule.id),
            title: self.intern(&rule.title),
            provider: self.intern(&rule.provider),
            grants: self.intern(&rule.grants),
            revoke: self.intern(&rule.revoke),
            source: self.intern(&rule.source),
            regex: self.intern(&rule.regex),
            severity: rule.severity,
            kind: match rule.kind {
                Kind::Generic => 0,
                Kind::Context => 1,
                Kind::Specific => 2,
            },
            boundary: rule.boundary as u8,
            matcher: rule.matcher,
            public: rule.public,
            entropy: rule.entropy,
            reach: narrow(rule.facts.longest),
            guard_class,
            guard_len,
            keyword_starts_secret: rule.facts.keyword_starts_secret,
            checks: self.list(&rule.checks),
            pair_rule: self.intern(pair.map_or("", |p| &p.rule)),
            pair_role: self.intern(pair.map_or("", |p| &p.role)),
            pair_lines: pair.map_or(0, |p| p.lines),
            examples: self.list(&rule.examples),
            counter_examples: self.list(&rule.counter_examples),
            context,
        };
        self.rows.push(row);
    }
}

/// Table sizes are far below these bounds; a table that outgrows one must not be cut silently.
fn narrow(number: usize) -> u16 {
    u16::try_from(number).expect("rule tables have fewer than 65,536 entries")
}
