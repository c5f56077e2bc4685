//! One configuration file: `.unleak.toml`, the user's own, or a server's.
//!
//! Hands on: [`Config`], owned and checked, with the place of everything that allows something. Nothing is compiled here, so
//! a commit without a finding pays for reading TOML only. The trap: `min_version` comes before everything else, or an
//! older unleak would complain about keys that it is too old to know.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::bounds::Bounds;
use super::check::{Brought, Checker, Places, RuleIds, custom_tables, date, rule_problems, version, whole};
use super::date::Date;
use super::error::{ConfigError, ConfigProblem};
use super::keys::TOP;
use super::pattern::{Pattern, PatternKind};
use crate::detect::rulefile::{Defaults, RuleSource, parse_context, parse_file_rule, parse_rule};
use crate::detect::rules::renamed;

/// The file's name, at the repository's top.
pub const FILE_NAME: &str = ".unleak.toml";

/// A configuration larger than this is refused: it would cost every commit.
const MOST_BYTES: usize = 1 << 20;

/// How many problems one error lists.
const MOST_PROBLEMS: usize = 50;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `.unleak.toml`, or the file that `--config` names in its place.
    Repository,
    /// The user's own.
    User,
    /// The file that the server's `unleak.config` names.
    Server,
}

/// What a finding does to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// It blocks.
    #[default]
    Block,
    /// It is printed and passes.
    Warn,
}

/// How sure a finding must be to block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// Very.
    Relaxed,
    /// As tuned.
    #[default]
    Balanced,
    /// Less.
    Strict,
}

/// What a limit that was reached inside a container does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exceeded {
    /// It is said and listed.
    #[default]
    Report,
    /// It is said and listed, and the status is 2.
    Block,
}

macro_rules! words {
    ($type:ident: $($variant:ident = $word:literal),+) => {
        impl $type {
            /// The value that a configuration, flag or variable spells so.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
words!(Mode: Block = "block", Warn = "warn");
words!(Strictness: Relaxed = "relaxed", Balanced = "balanced", Strict = "strict");
words!(Exceeded: Report = "report", Block = "block");

/// One file's content. A single value that the file does not set is `None`.
#[derive(Debug, Clone)]
pub struct Config {
    /// What messages call the file.
    pub name: String,
    /// Whose file it is.
    pub origin: Origin,
    /// `mode`
    pub mode: Option<Mode>,
    /// `strictness`
    pub strictness: Option<Strictness>,
    /// `limits.exceeded`
    pub limits_exceeded: Option<Exceeded>,
    /// The numbers of `[limits]`.
    pub bounds: Bounds,
    /// `known.enabled`
    pub known: Option<bool>,
    /// `known.files`, the user's own file only.
    pub known_files: Vec<String>,
    /// `known.command`, likewise.
    pub known_command: Vec<String>,
    /// `server.trust_pushed`, a server's file only.
    pub trust_pushed: Option<bool>,
    /// `[allowlist]`
    pub allowlist: Allowlist,
    /// `rules.disable`: ids of rules that exist.
    pub disable: Vec<String>,
    /// `rules.block`: ids of rules whose findings block however unsure they are.
    pub block: Vec<String>,
    /// `[rules.allow.ID]`
    pub rule_allowlists: BTreeMap<String, Allowlist>,
    /// `[[rules.custom]]`, `[[rules.context]]` and `[[rules.file]]`
    pub custom: Vec<CustomRule>,
    /// Names of rules that have another one now, each with its line.
    pub renamed: Vec<Renamed>,
}

/// A rule that the file calls by a former name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// As it is written.
    pub old: String,
    /// What it is called now.
    pub new: &'static str,
    /// Line in the file, from 1.
    pub line: usize,
}

/// What is fine, for all rules or for one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Allowlist {
    /// Globs on the path.
    pub paths: Vec<Pattern>,
    /// Regexes on the secret alone.
    pub secrets: Vec<Pattern>,
    /// Regexes on the whole line.
    pub lines: Vec<Pattern>,
    /// Parts of secrets.
    pub stopwords: Vec<Stopword>,
    /// Single secrets.
    pub entries: Vec<Entry>,
}

impl Allowlist {
    fn extend(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.secrets.extend(other.secrets);
        self.lines.extend(other.lines);
        self.stopwords.extend(other.stopwords);
        self.entries.extend(other.entries);
    }
}

/// A text that makes a secret fine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopword {
    /// ASCII letters in lower case.
    pub folded: Vec<u8>,
    /// Line in its file, from 1.
    pub line: usize,
}

/// One secret that is fine.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Of the secret.
    pub fingerprint: String,
    /// Where it is fine; everywhere without.
    pub path: Option<Pattern>,
    /// Why.
    pub reason: String,
    /// The last day on which it is.
    pub expires: Option<Date>,
    /// Line of its header in the file, from 1.
    pub line: usize,
}

/// A rule that the configuration brings.
#[derive(Debug, Clone)]
pub struct CustomRule {
    /// As a rule file would have it.
    pub rule: RuleSource,
    /// Where its parts stand.
    pub places: RulePlaces,
    /// Line of its header in the file, from 1.
    pub line: usize,
}

/// Lines and columns of a rule's parts, from 1, for those who test it.
#[derive(Debug, Clone, Default)]
pub struct RulePlaces {
    /// `regex` or `evidence`.
    pub regex: Option<(usize, usize)>,
    /// Each of `examples`.
    pub examples: Vec<(usize, usize)>,
    /// Each of `counter_examples`.
    pub counter_examples: Vec<(usize, usize)>,
}

impl RulePlaces {
    fn new(table: &DeTable<'_>, places: &Places) -> Self {
        let all = |key: &str| -> Vec<(usize, usize)> {
            let array = table.get(key).and_then(|value| value.get_ref().as_array());
            array.into_iter().flat_map(|array| array.iter()).map(|v| places.of(v.span().start)).collect()
        };
        let regex = table.get("regex").or_else(|| table.get("evidence"));
        Self {
            regex: regex.map(|value| places.of(value.span().start)),
            examples: all("examples"),
            counter_examples: all("counter_examples"),
        }
    }
}

impl Config {
    /// Reads one file. `name` is what messages call it, `rules` the ids of the built-in rules.
    ///
    /// # Errors
    /// Everything that is wrong in it, each with its place; when the file asks for a newer unleak, that alone.
    pub fn parse(name: &str, origin: Origin, bytes: &[u8], rules: RuleIds<'_>) -> Result<Self, ConfigError> {
        let places = Places::new(bytes);
        let error = |problems: Vec<(usize, String)>| {
            let problems = problems.into_iter().take(MOST_PROBLEMS).map(|(at, message)| {
                let (line, column) = places.of(at);
                ConfigProblem { line, column, message }
            });
            ConfigError { file: name.to_owned(), problems: problems.collect() }
        };
        if bytes.len() > MOST_BYTES {
            return Err(error(vec![(
                0,
                "the configuration is larger than 1 MiB, which every commit would pay for".into(),
            )]));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| {
            error(vec![(e.valid_up_to(), "the configuration is not UTF-8; save it as UTF-8".to_owned())])
        })?;
        let (parsed, syntax) = DeTable::parse_recoverable(text);
        let top = parsed.get_ref();
        if let Some((at, message)) = too_old(top) {
            return Err(error(vec![(at, message)]));
        }
        let mut checker = Checker::new(top, rules);
        for wrong in &syntax {
            let message = format!("this is not TOML: {}", wrong.message().replace('\n', "; "));
            checker.problem(wrong.span().map_or(0, |span| span.start), message);
        }
        if syntax.is_empty() {
            checker.table(top, &TOP, "", &parsed.span());
            refuse_foreign_tables(top, origin, &mut checker);
        }
        let mut custom = Vec::new();
        let defaults = Defaults { checks: crate::judge::checks::NAMES, ..Defaults::default() };
        if syntax.is_empty() {
            for (kind, table, span) in custom_tables(top) {
                let line = places.of(span.start).0;
                let parsed = match kind {
                    Brought::Rule => parse_rule(table, span.clone(), &defaults),
                    Brought::Context => parse_context(table, span.clone(), &defaults),
                    Brought::File => parse_file_rule(table, span.clone(), &defaults),
                };
                match parsed {
                    Ok(rule) => {
                        checker.free_id(kind, &rule.id, span.start);
                        for pair in rule.pairs.iter().filter(|pair| !pair.rule.is_empty()) {
                            let at = table.get("pair").map_or(span.start, |value| value.span().start);
                            checker.rule_id(&pair.rule, at, &format!("{}.pair", kind.name()));
                        }
                        custom.push(CustomRule { rule, places: RulePlaces::new(table, &places), line });
                    }
                    Err(problems) => checker.problems.extend(rule_problems(kind, table, problems)),
                }
            }
        }
        if !checker.problems.is_empty() {
            crate::order::sort(&mut checker.problems);
            return Err(error(checker.problems));
        }
        Ok(Self { custom, ..extract(name, origin, top, &places) })
    }
}

/// What an unleak that is too old for the file says.
fn too_old(top: &DeTable<'_>) -> Option<(usize, String)> {
    let value = top.get("min_version")?;
    let wanted = version(value.get_ref().as_str()?)?;
    let this = env!("CARGO_PKG_VERSION");
    // A pre-release of 0.2.0 knows what 0.2.0 knows.
    let own = version(this.split(['-', '+']).next().unwrap_or(this))?;
    (wanted > own).then(|| {
        let [major, minor, patch] = wanted;
        let message =
            format!("this configuration needs unleak {major}.{minor}.{patch} or newer, and this is {this}; update unleak");
        (value.span().start, message)
    })
}

/// Only a server's own file may say what a server trusts: a push could change any other.
fn refuse_foreign_tables(top: &DeTable<'_>, origin: Origin, checker: &mut Checker<'_>) {
    if origin != Origin::Server
        && let Some((key, _)) = top.get_key_value("server")
    {
        checker.problem(
            key.span().start,
            "`server` belongs in the server's own file, which its git config names as `unleak.config`; remove it here",
        );
    }
    // What was cloned may not name what is read or run on this machine.
    let known =
        top.get("known").and_then(|value| value.get_ref().as_table()).filter(|_| origin != Origin::User);
    for name in ["files", "command"] {
        if let Some((key, _)) = known.and_then(|table| table.get_key_value(name)) {
            let message = format!(
                "`known.{name}` belongs in your own file, $XDG_CONFIG_HOME/unleak/config.toml; remove it here"
            );
            checker.problem(key.span().start, message);
        }
    }
}

/// Takes over a table that has been checked.
fn extract(name: &str, origin: Origin, top: &DeTable<'_>, places: &Places) -> Config {
    let text = |table: Option<&DeTable<'_>>, key: &str| {
        table.and_then(|t| t.get(key)).and_then(|v| v.get_ref().as_str()).map(str::to_owned)
    };
    let inner = |key: &str| top.get(key).and_then(|value| value.get_ref().as_table());
    let rules = inner("rules");
    let mut former = Vec::new();
    let mut present = |id: &str, at: usize| match renamed(id) {
        Some(new) => {
            former.push(Renamed { old: id.to_owned(), new, line: places.of(at).0 });
            new.to_owned()
        }
        None => id.to_owned(),
    };
    let mut ids = |key: &str| -> Vec<String> {
        rules.map(|rules| strings(rules, key).map(|(id, at)| present(id, at)).collect()).unwrap_or_default()
    };
    let (disable, block) = (ids("disable"), ids("block"));
    let by_rule = rules.and_then(|rules| rules.get("allow")).and_then(|allow| allow.get_ref().as_table());
    let mut rule_allowlists: BTreeMap<String, Allowlist> = BTreeMap::new();
    for (id, value) in by_rule.into_iter().flatten() {
        let Some(table) = value.get_ref().as_table() else { continue };
        // The old and the new name of a rule may both be there.
        let list = rule_allowlists.entry(present(id.get_ref(), id.span().start)).or_default();
        list.extend(allowlist(table, places));
    }
    Config {
        name: name.to_owned(),
        origin,
        mode: text(Some(top), "mode").and_then(|word| Mode::parse(&word)),
        strictness: text(Some(top), "strictness").and_then(|word| Strictness::parse(&word)),
        limits_exceeded: text(inner("limits"), "exceeded").and_then(|word| Exceeded::parse(&word)),
        bounds: inner("limits").map(bounds).unwrap_or_default(),
        known: inner("known").and_then(|t| t.get("enabled")).and_then(|v| v.get_ref().as_bool()),
        known_files: inner("known").map(|t| texts(t, "files")).unwrap_or_default(),
        known_command: inner("known").map(|t| texts(t, "command")).unwrap_or_default(),
        trust_pushed: inner("server").and_then(|s| s.get("trust_pushed")).and_then(|v| v.get_ref().as_bool()),
        allowlist: inner("allowlist").map(|table| allowlist(table, places)).unwrap_or_default(),
        disable,
        block,
        rule_allowlists,
        renamed: former,
        custom: Vec::new(),
    }
}

fn bounds(table: &DeTable<'_>) -> Bounds {
    let number = |key: &str| table.get(key).and_then(|value| whole(value.get_ref()));
    Bounds {
        depth: number("depth"),
        ratio: number("ratio"),
        members: number("members"),
        megabytes: number("megabytes"),
    }
}

fn allowlist(table: &DeTable<'_>, places: &Places) -> Allowlist {
    let patterns = |key: &str, kind: PatternKind| -> Vec<Pattern> {
        strings(table, key).map(|(text, at)| Pattern::new(kind, text, places.of(at))).collect()
    };
    let entries = table.get("entry").and_then(|value| value.get_ref().as_array());
    Allowlist {
        paths: patterns("paths", PatternKind::Glob),
        secrets: patterns("secrets", PatternKind::Regex),
        lines: patterns("lines", PatternKind::Regex),
        stopwords: strings(table, "stopwords")
            .map(|(word, at)| Stopword {
                folded: word.to_ascii_lowercase().into_bytes(),
                line: places.of(at).0,
            })
            .collect(),
        entries: entries
            .into_iter()
            .flat_map(|array| array.iter())
            .filter_map(|value| Some(entry(value.get_ref().as_table()?, value.span().start, places)))
            .collect(),
    }
}

fn entry(table: &DeTable<'_>, at: usize, places: &Places) -> Entry {
    let text = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str()).unwrap_or_default();
    Entry {
        fingerprint: text("fingerprint").to_owned(),
        path: table.get("path").and_then(|value| {
            Some(Pattern::new(PatternKind::Glob, value.get_ref().as_str()?, places.of(value.span().start)))
        }),
        reason: text("reason").to_owned(),
        expires: table.get("expires").and_then(|value| date(value.get_ref())),
        line: places.of(at).0,
    }
}

fn texts(table: &DeTable<'_>, key: &str) -> Vec<String> {
    strings(table, key).map(|(text, _)| text.to_owned()).collect()
}

fn strings<'t>(table: &'t DeTable<'_>, key: &str) -> impl Iterator<Item = (&'t str, usize)> {
    let array = table.get(key).and_then(|value| value.get_ref().as_array());
    array.into_iter().flat_map(|array| array.iter()).filter_map(|value| match value.get_ref() {
        DeValue::String(text) => Some((text.as_ref(), value.span().start)),
        _ => None,
    })
}
