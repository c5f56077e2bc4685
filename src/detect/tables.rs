//! Rules as flat tables of numbers, with all text in one string.
//!
//! The build writes the built-in ones out as statics, custom ones are made from the configuration at run time; both look
//! the same to detect. Offsets instead of references, because each reference in a static is a relocation that the
//! dynamic linker would work off at every start. The trap: compiled by the build script too, so it uses nothing else of
//! this crate.

use super::details::Details;
use super::rulefile::{Kind, NamePattern, RuleSource, charset, folded, padded};

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
    /// True when it opens nothing by itself.
    pub identifier: bool,
    /// Index of the class by which a secret goes on behind the regex, and one more; 0: it does not.
    pub rest_class: u16,
    /// True when `=` may end that.
    pub rest_padded: bool,
    /// Names of checks, in `lists`.
    pub checks: List,
    /// Companions, in `pairs`.
    pub pairs: List,
    /// Index into `files` and one more; 0: no file rule.
    pub file: u16,
}

/// A companion.
#[derive(Debug, Clone, Copy)]
pub struct PairRow {
    /// Its rule's id; empty: known by its name.
    pub rule: Text,
    /// Words of its name, in `lists`.
    pub names: List,
    /// What it is.
    pub role: Text,
    /// How many lines away it may stand.
    pub lines: u16,
}

/// What a context rule looks for.
#[derive(Debug, Clone, Copy)]
pub struct ContextRow {
    /// Index of the rule.
    pub rule: u16,
    /// Words of the name, in `lists`.
    pub names: List,
    /// Index into `forms`.
    pub form: u16,
}

/// Forms are looked up by a value's length below this.
pub const SHORT_FORMS: usize = 65;

/// What the keys of one or more services look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormRow {
    /// Index of the character class.
    pub class: u16,
    /// True when `=` may end the value.
    pub padded: bool,
    /// Allowed lengths, in `lengths`.
    pub lengths: List,
}

/// A word that names a service, and the contexts that it may open. Sorted by the word.
#[derive(Debug, Clone, Copy)]
pub struct ServiceRow {
    /// Folded, see [`folded`].
    pub word: Text,
    /// Contexts, in `service_contexts`.
    pub contexts: List,
}

/// What a file rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct FileRow {
    /// Index of the rule.
    pub rule: u16,
    /// Names that do not count, in `names`.
    pub except: List,
    /// What the content starts with, in `lists`: `OFFSET:HEX`.
    pub magic: List,
    /// What the content must match.
    pub evidence: Text,
    /// True when the values of a `NAME=value` file are judged.
    pub variables: bool,
}

/// A file's name. The exact ones come first, sorted by `start`.
#[derive(Debug, Clone, Copy)]
pub struct NameRow {
    /// Before the `*`, or all of it.
    pub start: Text,
    /// Behind the `*`.
    pub end: Text,
    /// True when it has a `*`.
    pub open: bool,
    /// The folder; empty: any.
    pub folder: Text,
    /// Index into `files`.
    pub file: u16,
}

/// An id that a rule had before. Sorted by the id.
#[derive(Debug, Clone, Copy)]
pub struct FormerRow {
    /// The former id.
    pub id: Text,
    /// Index of the rule.
    pub rule: u16,
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
    /// Forms of their keys; no two are alike.
    pub forms: Vec<FormRow>,
    /// For each length below [`SHORT_FORMS`] the forms that allow it, a bit each.
    pub short_forms: Vec<u64>,
    /// Lengths, both ends included.
    pub lengths: Vec<(u16, u16)>,
    /// Words of services.
    pub services: Vec<ServiceRow>,
    /// Context indexes that services refer to.
    pub service_contexts: Vec<u16>,
    /// Companions.
    pub pairs: Vec<PairRow>,
    /// File rules.
    pub files: Vec<FileRow>,
    /// Names of files; behind the first `file_names` the excepted ones.
    pub names: Vec<NameRow>,
    /// How many of `names` are names to look for.
    pub file_names: usize,
    /// How many of them have no `*`.
    pub exact_names: usize,
    /// Ids that rules had before.
    pub former: Vec<FormerRow>,
    /// What only a person asks for, packed.
    pub details: String,
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
        tables.details = Details::pack(rules);
        tables.add_short_forms();
        tables.add_services(rules);
        tables.add_names(rules);
        let mut former: Vec<(&str, u16)> = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            former.extend(rule.former.iter().map(|id| (id.as_str(), narrow(index))));
        }
        former.sort_unstable();
        for (id, rule) in former {
            let id = tables.intern(id);
            tables.former.push(FormerRow { id, rule });
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

    fn form(&mut self, set: &str, lengths: &[(u16, u16)]) -> u16 {
        let (set, padded) = padded(set);
        let class = self.class(&charset(set).unwrap_or_default());
        let known = self.lengths.windows(lengths.len()).position(|known| known == lengths);
        let at = known.unwrap_or_else(|| {
            self.lengths.extend(lengths);
            self.lengths.len() - lengths.len()
        });
        let lengths = List { at: at as u32, len: narrow(lengths.len()) };
        let row = FormRow { class, padded, lengths };
        let index = self.forms.iter().position(|known| *known == row).unwrap_or_else(|| {
            self.forms.push(row);
            self.forms.len() - 1
        });
        narrow(index)
    }

    fn add_short_forms(&mut self) {
        let row = self.forms.len().div_ceil(64);
        self.short_forms = vec![0; row * SHORT_FORMS];
        for (index, form) in self.forms.iter().enumerate() {
            for (low, high) in &self.lengths[form.lengths.at as usize..][..usize::from(form.lengths.len)] {
                for length in usize::from(*low)..SHORT_FORMS.min(usize::from(*high) + 1) {
                    self.short_forms[length * row + index / 64] |= 1 << (index % 64);
                }
            }
        }
    }

    fn add_services(&mut self, rules: &[RuleSource]) {
        let contexts = rules.iter().filter_map(|rule| rule.context.as_ref());
        let mut words: Vec<(String, u16)> = Vec::new();
        for (index, context) in contexts.enumerate() {
            words.extend(context.services.iter().map(|word| (folded(word), narrow(index))));
        }
        words.sort_unstable();
        words.dedup();
        for same in words.chunk_by(|a, b| a.0 == b.0) {
            let contexts = List { at: self.service_contexts.len() as u32, len: narrow(same.len()) };
            self.service_contexts.extend(same.iter().map(|(_, context)| context));
            let word = self.intern(&same[0].0);
            self.services.push(ServiceRow { word, contexts });
        }
    }

    fn add_names(&mut self, rules: &[RuleSource]) {
        let files: Vec<_> = rules.iter().filter_map(|rule| rule.file.as_ref()).collect();
        let mut names: Vec<(&NamePattern, u16)> = Vec::new();
        for (index, file) in files.iter().enumerate() {
            names.extend(file.names.iter().map(|name| (name, narrow(index))));
        }
        names.sort_by_key(|(name, file)| (name.end.is_some(), *name, *file));
        self.exact_names = names.iter().filter(|(name, _)| name.end.is_none()).count();
        self.file_names = names.len();
        for (name, file) in names {
            self.add_name(name, file);
        }
        for (index, file) in files.iter().enumerate() {
            self.files[index].except = List { at: self.names.len() as u32, len: narrow(file.except.len()) };
            for name in &file.except {
                self.add_name(name, narrow(index));
            }
        }
    }

    fn add_name(&mut self, name: &NamePattern, file: u16) {
        let row = NameRow {
            start: self.intern(&name.start),
            end: self.intern(name.end.as_deref().unwrap_or("")),
            open: name.end.is_some(),
            folder: self.intern(&name.folder),
            file,
        };
        self.names.push(row);
    }

    fn add(&mut self, rule: &RuleSource) {
        let (guard_class, guard_len) =
            rule.facts.guard.as_ref().map_or((0, 0), |(bytes, count)| (self.class(bytes), *count));
        if let Some(context) = &rule.context {
            let row = ContextRow {
                rule: narrow(self.rows.len()),
                names: self.list(&context.names.iter().map(|word| folded(word)).collect::<Vec<_>>()),
                form: self.form(&context.charset, &context.lengths),
            };
            self.contexts.push(row);
        }
        let pairs = List { at: self.pairs.len() as u32, len: narrow(rule.pairs.len()) };
        for pair in &rule.pairs {
            let row = PairRow {
                rule: self.intern(&pair.rule),
                names: self.list(&pair.names),
                role: self.intern(&pair.role),
                lines: pair.lines,
            };
            self.pairs.push(row);
        }
        let file = rule.file.as_ref().map_or(0, |file| {
            let magic: Vec<String> =
                file.magic.iter().map(|magic| format!("{}:{}", magic.at, magic.hex)).collect();
            let row = FileRow {
                rule: narrow(self.rows.len()),
                except: List::default(),
                magic: self.list(&magic),
                evidence: self.intern(&file.evidence),
                variables: file.variables,
            };
            self.files.push(row);
            narrow(self.files.len())
        });
        let (rest, rest_padded) = padded(&rule.rest);
        let rest_class = charset(rest).map_or(0, |bytes| self.class(&bytes) + 1);
        let row = Row {
            id: self.intern(&rule.id),
            title: self.intern(&rule.title),
            provider: self.intern(&rule.provider),
            grants: self.intern(&rule.grants),
            revoke: self.intern(&rule.revoke),
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
            identifier: rule.identifier,
            rest_class,
            rest_padded,
            checks: self.list(&rule.checks),
            pairs,
            file,
        };
        self.rows.push(row);
    }
}

/// Table sizes are far below these bounds; a table that outgrows one must not be cut silently.
fn narrow(number: usize) -> u16 {
    u16::try_from(number).expect("rule tables have fewer than 65,536 entries")
}
