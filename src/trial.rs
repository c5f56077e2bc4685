//! Tries a rule's own examples: made from their shapes, through detect and judge.
//!
//! Hands on what went wrong, for `unleak rules test` and the tests of the built-in rules. The trap: the values that it makes
//! look like secrets, so what it says holds them masked or not at all.

use crate::detect::details::Details;
use crate::detect::{self, BrokenRule, RuleId, RuleSet};
use crate::judge::{self, BLOCKS, Judged};
use crate::report::masked;
use crate::shape::{Random, generate};
use crate::text::Text;

/// How many values are made of each shape.
const ROUNDS: u64 = 3;

/// A regex that is larger than this when compiled takes milliseconds to compile, in a hook that has two. The largest of
/// the built-in ones has 154 KiB, half of them have less than 8.
const LARGEST_PROGRAM: usize = 192 << 10;

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The example that it is about.
    pub about: About,
    /// What is wrong and what to do.
    pub message: String,
}

/// Which part of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The rule as a whole.
    Rule,
    /// Its regex.
    Regex,
    /// An example, by its place.
    Example(usize),
    /// A counter-example, by its place.
    CounterExample(usize),
}

/// What a rule set makes of a text that stands in a file of that path.
///
/// # Errors
/// When a rule's regex does not compile.
pub fn judged(rules: &RuleSet, path: &str, content: &[u8]) -> Result<Vec<Judged>, BrokenRule> {
    let text = Text::with_lines(content);
    let mut candidates = detect::detect(rules, &text.bytes)?.candidates;
    candidates.extend(judge::file::candidates(rules, &text, path.as_bytes())?);
    let mut judged = judge::judge(rules, &text, path.as_bytes(), candidates);
    judged.extend(judge::file::whole(rules, &text, path.as_bytes())?);
    Ok(judged)
}

/// A path that a file rule looks at, or a configuration's.
#[must_use]
pub fn path(rules: &RuleSet, id: RuleId, details: &Details) -> String {
    if rules.rule(id).matcher() == crate::judge::logged::MATCHER {
        return "src/app.py".to_owned();
    }
    let name = details.names.first().filter(|_| rules.rule(id).file().is_some());
    name.map_or_else(|| "config/settings.conf".to_owned(), |name| name.replace('*', "a"))
}

/// A value of the rule's `index`th example; the same one every time.
///
/// # Errors
/// What is wrong with the shape.
pub fn example(id: &str, shape: &str, round: u64, index: usize) -> Result<Vec<u8>, String> {
    generate(shape, &mut Random::new(id, round * 100 + index as u64))
}

/// Tries one rule.
#[must_use]
pub fn try_rule(rules: &RuleSet, id: RuleId, details: &Details) -> Vec<Failure> {
    let rule = rules.rule(id);
    let mut failures = Vec::new();
    if let Some(message) = regex_trouble(rules, id) {
        failures.push(Failure { about: About::Regex, message });
        return failures;
    }
    let path = path(rules, id, details);
    let mut fail = |about, message| {
        if !failures.iter().any(|known: &Failure| known.about == about) {
            failures.push(Failure { about, message });
        }
    };
    for round in 0..ROUNDS {
        for (index, shape) in details.examples.iter().enumerate() {
            let about = About::Example(index);
            match example(rule.id(), shape, round, index) {
                Err(message) => fail(about, message),
                Ok(value) => {
                    if let Some(message) = not_found(rules, id, &path, &value) {
                        fail(about, message);
                    }
                }
            }
        }
        for (index, shape) in details.counter_examples.iter().enumerate() {
            let about = About::CounterExample(index);
            match example(rule.id(), shape, round, index) {
                Err(message) => fail(about, message),
                Ok(value) => {
                    let found = judged(rules, &path, &value).unwrap_or_default();
                    let blocking = found.iter().find(|j| j.rule == id && j.confidence >= BLOCKS[1]);
                    if let Some(one) = blocking {
                        let reasons = one.reasons.join("; ");
                        fail(about, format!("the counter-example is found and would block ({reasons})"));
                    }
                }
            }
        }
    }
    failures
}

/// Why an example is not found by its own rule; `None` when it is.
fn not_found(rules: &RuleSet, id: RuleId, path: &str, value: &[u8]) -> Option<String> {
    let found = match judged(rules, path, value) {
        Ok(found) => found,
        Err(broken) => return Some(format!("the regex of rule `{}` does not compile", broken.rule)),
    };
    if let Some(own) = found.iter().find(|j| j.rule == id) {
        let reasons = own.reasons.join("; ");
        return (own.confidence < judge::SHOWN)
            .then(|| format!("the example is taken for no secret ({reasons})"));
    }
    let mut others: Vec<&str> = found.iter().map(|j| rules.rule(j.rule).id()).collect();
    others.dedup();
    Some(if !rules.is_enabled(id) {
        "the rule is disabled, so its examples are not found".to_owned()
    } else if others.is_empty() {
        "the example is not found; mind what may touch the secret (`boundary`)".to_owned()
    } else {
        format!("the example is found, but by another rule: {}", others.join(", "))
    })
}

/// What is wrong with a rule's regex once it is compiled.
fn regex_trouble(rules: &RuleSet, id: RuleId) -> Option<String> {
    let rule = rules.rule(id);
    let regex =
        if rule.regex().is_empty() { rule.file().map_or("", |file| file.evidence) } else { rule.regex() };
    if regex.is_empty() {
        return None;
    }
    let compiled =
        |limit: usize| regex::bytes::RegexBuilder::new(regex).unicode(false).size_limit(limit).build();
    match compiled(LARGEST_PROGRAM) {
        Ok(_) => None,
        Err(regex::Error::CompiledTooBig(_)) => Some(format!(
            "the regex is slow to compile: it is larger than {} KiB when compiled; make large classes and counts smaller",
            LARGEST_PROGRAM >> 10
        )),
        Err(error) => {
            Some(format!("the regex does not compile: {}", error.to_string().lines().last().unwrap_or("")))
        }
    }
}

/// An example of what the rule finds, its secret masked: what a person may be shown.
#[must_use]
pub fn shown_example(rules: &RuleSet, id: RuleId, details: &Details) -> Option<Vec<u8>> {
    let shape = details.examples.first()?;
    let value = example(rules.rule(id).id(), shape, 0, 0).ok()?;
    let mut found = judged(rules, &path(rules, id, details), &value).ok()?;
    // Whole files have no secret in them that could be masked.
    found.retain(|one| one.secret != (0..value.len()) || rules.rule(one.rule).file().is_none());
    let mut text = Vec::new();
    let mut at = 0;
    for one in &found {
        let secret = &value[one.secret.clone()];
        text.extend_from_slice(&value[at..one.secret.start]);
        text.extend(masked(secret, rules.rule(one.rule).public().min(secret.len() / 4), false).bytes());
        at = one.secret.end;
    }
    if found.is_empty() {
        return Some(shape.as_bytes().to_vec());
    }
    text.extend_from_slice(&value[at..]);
    Some(text)
}
