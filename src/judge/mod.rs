//! Is it real? Depends on place too: path, neighbours, the format's own proof.
//!
//! Hands on: [`Judged`] candidates, one for each secret. The trap: a candidate that is judged a placeholder still wins over
//! a more general rule on the same bytes, or the general one would report it after all.

pub mod checks;
pub mod entropy;
pub mod explain;
pub mod file;
pub mod known;
pub mod logged;
mod material;
mod named;
pub mod placeholder;
mod present;
pub mod published;
pub mod resolve;
pub mod score;
mod state;

use std::ops::Range;

use checks::{Check, OnFailure};

use crate::detect::block::BlockKind;
use crate::detect::contexts::Beside;
use crate::detect::rulefile::Kind;
use crate::detect::rules::Rule;
use crate::detect::{Candidate, Form, Found, RuleId, RuleSet};
use crate::finding::Severity;
use crate::text::Text;

pub use crate::detect::block::normalised;
pub use score::{BLOCKS, SHOWN};

/// A secret with its judgement.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The rule that claims it.
    pub rule: RuleId,
    /// Its place.
    pub secret: Range<usize>,
    /// What it gives away.
    pub severity: Severity,
    /// 0 to 1.
    pub confidence: f64,
    /// Why.
    pub reasons: Vec<String>,
    /// The secret after decoding, where it is written in another way than it is.
    pub value: Option<Vec<u8>>,
    /// The encoded part of the text that it stands in.
    pub encoded: Option<Range<usize>>,
}

/// What is left of the confidence in a key that a passphrase protects: told, not stopped.
const ENCRYPTED: f64 = 0.4;

/// The confidence in a value that this machine holds as a secret: no proof, since the person may have put anything there.
const KNOWN: f64 = 0.99;
/// The confidence in a value of a service's form that stands near the service's name and a word such as "key", and is
/// assigned to nothing.
const MENTIONED: f64 = 0.6;
/// The same where the value is shorter than [`SHORT`]: versions and names look alike.
const SHORT_MENTIONED: f64 = 0.3;
const SHORT: usize = 16;
/// The confidence in a random value that is mentioned so and has not the form of the service's keys.
const OTHER_FORM: f64 = 0.2;
const OTHER_FORM_REASON: &str =
    "it looks random, and a service is named beside it whose keys have another form";

/// The least entropy, in bits a byte, of what may be a service's key.
const LEAST_ENTROPY: f64 = 2.8;

/// How far around an assignment its service may be named: the line and three lines before.
const LINES_AROUND: usize = 3;

/// Judges candidates of one text and lets the most specific win where they overlap.
#[must_use]
pub fn judge(rules: &RuleSet, text: &Text<'_>, path: &[u8], candidates: Vec<Candidate>) -> Vec<Judged> {
    let (known, candidates): (Vec<Candidate>, Vec<Candidate>) = candidates.into_iter().partition(is_known);
    let file = score::File::of(path);
    let judged: Vec<Judged> = candidates.into_iter().filter_map(|c| one(rules, text, &file, c)).collect();
    let mut winners = winners(rules, judged);
    for known in known {
        vouch(rules, known, &mut winners);
    }
    winners
}

/// Lets the most specific win where judged candidates overlap.
#[must_use]
pub fn winners(rules: &RuleSet, judged: Vec<Judged>) -> Vec<Judged> {
    // A call that prints a secret holds no value of its own: it neither hides one nor is hidden by what is none.
    let is_call = |j: &Judged| rules.rule(j.rule).matcher() == logged::MATCHER;
    if judged.iter().any(is_call) {
        let (calls, values): (Vec<Judged>, Vec<Judged>) = judged.into_iter().partition(is_call);
        return logged::beside(winners(rules, values), calls);
    }
    let ranked: Vec<_> = judged
        .iter()
        .map(|j| {
            let rank = resolve::Rank {
                kind: rules.rule(j.rule).kind(),
                formatted: !matches!(rules.rule(j.rule).matcher(), "context" | "assignment"),
                proven: j.confidence >= 1.0,
                length: j.secret.len(),
                confidence: j.confidence,
            };
            (j.secret.clone(), rank)
        })
        .collect();
    let mut judged: Vec<Option<Judged>> = judged.into_iter().map(Some).collect();
    resolve::winners(&ranked).into_iter().filter_map(|index| judged[index].take()).collect()
}

/// What a candidate's content says of it, whatever its path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Prospect {
    /// As much under every path.
    Anywhere(f64),
    /// More or less, by its path.
    By(score::Standing),
}

impl Prospect {
    /// The confidence under a path; less than [`judge`] gives only where both are at least [`SHOWN`].
    #[must_use]
    pub fn under(&self, path: &score::PathWeights) -> f64 {
        match self {
            Self::Anywhere(confidence) => *confidence,
            Self::By(standing) => standing.under(path),
        }
    }
}

fn is_known(candidate: &Candidate) -> bool {
    candidate.block.as_ref().is_some_and(|block| block.kind == BlockKind::Known)
}

/// What this machine holds as a secret is one wherever it stands. A rule that claims the same place keeps it, since it can
/// say what it gives away and where it is revoked.
fn vouch(rules: &RuleSet, known: Candidate, winners: &mut Vec<Judged>) {
    let known = told_known(rules, known);
    let overlaps = |j: &&mut Judged| j.secret.start < known.secret.end && known.secret.start < j.secret.end;
    match winners.iter_mut().find(overlaps) {
        Some(winner) if winner.secret == known.secret && winner.confidence >= SHOWN => {
            winner.confidence = winner.confidence.max(KNOWN);
            winner.reasons.splice(0..0, known.reasons);
        }
        // A longer claim that is as sure (a key block, a token) holds this value too.
        Some(winner) if winner.confidence >= KNOWN => {}
        Some(winner) => *winner = known,
        None => {
            let at = winners.partition_point(|j| j.secret.start < known.secret.start);
            winners.insert(at, known);
        }
    }
}

/// What is to be made of a candidate without its path; `None` when no path whatever would let it be shown.
#[must_use]
pub fn prospect(rules: &RuleSet, text: &[u8], candidate: &Candidate) -> Option<Prospect> {
    let rule = rules.rule(candidate.rule);
    let confidence = match (&candidate.found, &candidate.block) {
        // A rule of certain files is asked where those are.
        (Some(_), _) if rule.file().is_some() => 1.0,
        (Some(found), _) if matches!(found.form, Form::Mention | Form::Named) => {
            mentioned(rules, text, candidate, found)
        }
        (Some(found), _) => {
            let standing = score::standing(text, found)?;
            return (standing.most() >= SHOWN).then_some(Prospect::By(standing));
        }
        // What this machine holds is one wherever it stands.
        (None, Some(block)) if block.kind == BlockKind::Known => KNOWN,
        (None, Some(block)) => prefixed(rule, &block.value.0).0,
        (None, None) => prefixed(rule, &text[candidate.secret.clone()]).0,
    };
    (confidence >= SHOWN).then_some(Prospect::Anywhere(confidence))
}

pub(crate) use score::rules_out_the_pair;

/// What is only mentioned counts by what is named around it: no more of the text is looked at.
fn mentioned(rules: &RuleSet, text: &[u8], candidate: &Candidate, found: &Found) -> f64 {
    if entropy::shannon(&text[found.value.clone()]) <= LEAST_ENTROPY {
        return 0.0;
    }
    let from = found.name.start.min(found.value.start).saturating_sub(400);
    let part = &text[from..text.len().min(found.value.end.max(found.name.end) + 200)];
    let moved = |range: &Range<usize>| range.start - from..range.end - from;
    let here = Found { name: moved(&found.name), value: moved(&found.value), form: found.form };
    let here = Candidate { secret: moved(&candidate.secret), found: Some(here), ..candidate.clone() };
    one(rules, &Text::with_lines(part), &score::File::of(b""), here).map_or(0.0, |judged| judged.confidence)
}

/// The judgement of a known value by itself.
fn told_known(rules: &RuleSet, known: Candidate) -> Judged {
    let Candidate { rule, secret, block, .. } = known;
    let (value, reasons) =
        block.map_or((None, Vec::new()), |b| (Some(b.value.0), b.detail.into_iter().collect()));
    Judged {
        rule,
        secret,
        severity: rules.rule(rule).severity(),
        confidence: KNOWN,
        reasons,
        value,
        encoded: None,
    }
}

fn one(rules: &RuleSet, text: &Text<'_>, file: &score::File<'_>, candidate: Candidate) -> Option<Judged> {
    let Candidate { rule: id, secret, found, block } = candidate;
    let rule = rules.rule(id);
    let mut judged = Judged {
        rule: id,
        secret,
        severity: rule.severity(),
        confidence: 0.0,
        reasons: Vec::new(),
        value: None,
        encoded: None,
    };
    if let Some(found) = found {
        if rule.matcher() == logged::MATCHER {
            (judged.confidence, judged.reasons) = logged::judge(&text.bytes, file.path, &found)?;
        } else if rule.file().is_some() {
            // What an environment file says in the open is left to the other rules.
            let (name, value) = (&text.bytes[found.name], &text.bytes[found.value]);
            let (confidence, reason) = self::file::variable(rule, name, value, found.form)?;
            judged.confidence = confidence;
            judged.reasons = vec![reason.to_owned()];
        } else if found.form == Form::Named {
            (judged.confidence, judged.reasons) = named::judge(rule, text, file, &found);
            if !rules.has_form_of(id, &text.bytes[found.value.clone()]) {
                // It must not stand in the way of what another rule says.
                (judged.confidence >= OTHER_FORM && score::is_random(&text.bytes[found.value]))
                    .then_some(())?;
                judged.confidence = OTHER_FORM;
                judged.reasons = vec![OTHER_FORM_REASON.to_owned()];
            }
        } else {
            assigned(rules, text, file, &found, &mut judged);
        }
        return Some(judged);
    }
    let Some(block) = block else {
        let value = &text.bytes[judged.secret.clone()];
        (judged.confidence, judged.reasons) = prefixed(rule, value);
        // A rule that asks for a name and takes any value behind it.
        if rule.kind() == Kind::Context && judged.confidence < 0.9 {
            if score::is_reference(value) || value.starts_with(b"@") {
                judged.confidence = 0.0;
                judged.reasons = vec!["a reference".to_owned()];
            } else if score::words_in_a_test(file, value) {
                judged.confidence = judged.confidence.min(OTHER_FORM);
                judged.reasons = vec!["words in a test or example".to_owned()];
            }
        }
        return Some(judged);
    };
    (judged.confidence, judged.reasons) = prefixed(rule, &block.value.0);
    judged.severity = block.severity(judged.severity);
    if block.encrypted {
        judged.confidence = judged.confidence.min(ENCRYPTED);
        judged.reasons = vec!["a passphrase protects it".to_owned()];
    } else if !block.complete && judged.confidence < 1.0 {
        judged.confidence = judged.confidence.min(0.2);
        judged.reasons = vec!["its end is missing: an excerpt or an example".to_owned()];
    }
    // A service account names the project that it opens.
    if block.kind != BlockKind::ServiceAccount
        && let Some((confidence, reason)) = material::lowered(file.path, judged.confidence)
    {
        judged.confidence = confidence;
        judged.reasons = vec![reason.to_owned()];
    }
    judged.reasons.extend(block.detail);
    judged.value = Some(block.value.0);
    Some(judged)
}

/// A value beside a name: the scorer decides, and a service named near makes it that service's key.
fn assigned(rules: &RuleSet, text: &Text<'_>, file: &score::File<'_>, found: &Found, judged: &mut Judged) {
    let value = &text.bytes[found.value.clone()];
    let mentioned = found.form == Form::Mention;
    if !mentioned {
        let score = score::judge_in(&text.bytes, file, found);
        judged.confidence = score.confidence;
        judged.reasons = score.reasons.iter().map(|reason| (*reason).to_owned()).collect();
        if found.form == Form::Jwk
            && let Some((confidence, reason)) = material::lowered(file.path, judged.confidence)
        {
            judged.confidence = confidence;
            judged.reasons = vec![reason.to_owned()];
            return;
        }
        if judged.confidence < SHOWN {
            return;
        }
    }
    let line = text.line_at(found.value.start);
    let mut start = line.start;
    for _ in 0..LINES_AROUND {
        start = text.line_before(start).map_or(start, |before| before.start);
    }
    // Long lines are cut: what is named a page away says nothing. The value itself names no service.
    let start = start.max(found.name.start.saturating_sub(300)).min(found.value.start);
    let after = &text.bytes[found.value.end..line.end.clamp(found.value.end, found.value.end + 100)];
    let around = [&text.bytes[start..found.value.start], after].concat();
    let beside = Beside {
        name: &text.bytes[found.name.clone()],
        value,
        around: &around,
        own_line: line.start.saturating_sub(start),
    };
    let any_form = mentioned && score::is_random(value);
    let Some((id, fits)) = rules.context(&beside, any_form) else {
        // Connection strings and credentials in base64 hold passwords, whatever host they name.
        if !matches!(found.form, Form::Mention | Form::Url | Form::UrlUser | Form::Basic | Form::Jwk) {
            told_only(rules, &beside, judged);
        }
        return;
    };
    // Asked last, since hardly any text names a service.
    if mentioned
        && (placeholder::why(value).is_some()
            || published::published(value).is_some()
            || names_a_commit(text, &found.value))
    {
        return;
    }
    if !fits {
        other_form(rules, id, judged);
        return;
    }
    let rule = rules.rule(id);
    if entropy::shannon(value) <= rule.entropy().max(LEAST_ENTROPY) {
        return;
    }
    judged.rule = id;
    judged.severity = rule.severity();
    let before = match mentioned {
        false => judged.confidence.max(0.85),
        // Names in code have the form of keys whose service says little of them.
        true if value.len() < SHORT || !score::is_random(value) => SHORT_MENTIONED,
        true => MENTIONED,
    };
    let (confidence, mut reasons) = proven(rule, value, before, Vec::new());
    judged.confidence = confidence;
    reasons.push("it has the form of this service's keys, and the service is named beside it".to_owned());
    judged.reasons = reasons;
}

/// Lowers what a name alone says to be a key, and what cannot be the key that the name asks for: a token that is cut short, or a
/// value that is no key of the service named. It is told, since a service's keys may have more forms than are known.
fn told_only(rules: &RuleSet, beside: &Beside<'_>, judged: &mut Judged) {
    let lower = beside.name.to_ascii_lowercase();
    let password =
        ["pass", "pwd", "psw"].iter().any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some());
    let reason = if !password && rules.cuts_short(beside.value) {
        "it begins as a token of a known form does, and is too short for one"
    } else if !password && let Some(id) = rules.unlike(beside) {
        judged.rule = id;
        judged.severity = rules.rule(id).severity();
        "a service is named beside it whose keys have another form"
    } else {
        return;
    };
    judged.confidence = judged.confidence.min(OTHER_FORM);
    judged.reasons = vec![reason.to_owned()];
}

/// What looks like a key and is only mentioned beside a service whose keys are known in another form: providers change their
/// forms, and rules are written from what they say today. It is shown.
fn other_form(rules: &RuleSet, id: RuleId, judged: &mut Judged) {
    judged.rule = id;
    judged.severity = rules.rule(id).severity();
    judged.confidence = OTHER_FORM;
    judged.reasons = vec![OTHER_FORM_REASON.to_owned()];
}

/// A commit's id beside a forge's name, as change logs are full of: the text of a link, part of a path, or called a commit.
fn names_a_commit(text: &Text<'_>, value: &Range<usize>) -> bool {
    if !text.bytes[value.clone()].iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let before = text.bytes[..value.start].last();
    let line = text.line_at(value.start);
    let near = line.start.max(value.start.saturating_sub(200))..line.end.min(value.end + 200);
    matches!(before, Some(b'[' | b'/' | b'@'))
        || memchr::memmem::find(&text.bytes[near].to_ascii_lowercase(), b"commit").is_some()
}

/// A token with a format of its own: its proof, or how it looks.
fn prefixed(rule: Rule<'_>, secret: &[u8]) -> (f64, Vec<String>) {
    let mut reasons = Vec::new();
    let confidence = match rule.kind() {
        Kind::Specific => 0.95,
        Kind::Context => 0.85,
        Kind::Generic => 0.6,
    };
    if let Some(reason) = published::published(secret) {
        return (0.0, vec![reason.to_owned()]);
    }
    if rule.regex().is_empty() {
        reasons.insert(0, "it is written as a whole".to_owned());
    } else {
        let body = secret.get(rule.public()..).unwrap_or(secret);
        if let Some(reason) = placeholder::why(body).or_else(|| placeholder::why(secret)) {
            // Whoever types a key by hand types so, for an example or for a service of their own.
            let confidence = if reason == placeholder::SEQUENCE { SHOWN } else { 0.0 };
            return (confidence, vec![reason.to_owned()]);
        }
        if entropy::shannon(body) < rule.entropy() {
            return (0.1, vec!["it is too regular to be random".to_owned()]);
        }
        let reason = match rule.file() {
            Some(_) => "it stands where such a file keeps its secret",
            None => "it has the format of one",
        };
        reasons.insert(0, reason.to_owned());
    }
    proven(rule, secret, confidence, reasons)
}

/// What the rule's checks and its nature make of a confidence.
fn proven(
    rule: Rule<'_>,
    secret: &[u8],
    mut confidence: f64,
    mut reasons: Vec<String>,
) -> (f64, Vec<String>) {
    for name in rule.checks() {
        reasons.extend(checks::details(name, secret));
        match checks::run(name, secret) {
            Some(Check::Holds(reason)) => {
                confidence = 1.0;
                reasons.insert(0, reason.to_owned());
            }
            Some(Check::Fails { reason, on_failure: OnFailure::Drop }) => {
                return (SHOWN, vec![reason.to_owned()]);
            }
            Some(Check::Fails { reason, on_failure: OnFailure::Lower }) => {
                confidence *= 0.75;
                reasons.push(reason.to_owned());
            }
            Some(Check::Unknown) | None => {}
        }
    }
    if rule.is_identifier() {
        confidence = confidence.min(SHOWN);
        reasons.insert(0, "it is an identifier, which opens nothing by itself".to_owned());
    }
    (confidence, reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_ruled_out_only_where_nothing_else_was_asked() {
        let out = |text: &str, name: &str, value: &str, form| {
            let at = |part: &str| text.find(part).map(|at| at..at + part.len()).expect("the text has it");
            rules_out_the_pair(text.as_bytes(), &Found { name: at(name), value: at(value), form })
        };
        assert!(out("password = 'changeme'", "password", "changeme", Form::Assigned));
        let (key, word) = ("kq2Lw7", "pw_gecos");
        for (text, name, value, form) in [
            (format!("acme = '{key}'"), "acme", key, Form::Named),
            (format!("x('DB_PASSWORD', '{word}')"), "DB_PASSWORD", word, Form::Argument),
            (format!("\"struct passwd\" \"{word}\""), "passwd", word, Form::Blank),
            (format!("PASS: {word}\nPASS: {word}\n"), "PASS", word, Form::Yaml),
        ] {
            assert!(!out(&text, name, value, form), "{text}");
        }
    }

    #[test]
    fn ids_of_commits_are_no_tokens() {
        let id = "c584d1cbc34b788977b36f17cd57ab2212f1230e";
        for line in [
            format!("- add check ([{id}](https://github.com/o/r))"),
            format!("see https://github.com/o/r/tree/{id}"),
            format!("GitHub token check, commit {id}"),
        ] {
            let at = line.find(id).unwrap_or_default();
            assert!(names_a_commit(&Text::with_lines(line.as_bytes()), &(at..at + id.len())), "{line}");
        }
        let line = format!("GitHub token {id}");
        assert!(!names_a_commit(&Text::with_lines(line.as_bytes()), &(13..13 + id.len())));
    }
}
