//! Which places of a text a rule claims; depends on content alone.
//!
//! Hands on: [`Candidate`]s. Keywords come first (`prefilter`); a rule's regex runs on a window around its keyword, merged
//! windows once, so that the work stays linear in a text full of keywords. The trap: a path never gets in here, so that
//! the result can be kept for each blob.

pub mod assignment;
pub mod block;
pub mod boundary;
pub(crate) mod builtin;
pub mod contexts;
pub mod details;
pub mod files;
pub mod header;
pub mod known;
mod layer;
pub mod logged;
pub mod named;
pub mod prefilter;
pub mod reach;
pub mod regexfacts;
pub mod rulefile;
pub mod rules;
pub mod tables;
pub mod url;
pub mod writing;

use std::ops::Range;

pub use assignment::{Form, Found};
pub use prefilter::Hint;
pub use rules::{BrokenRule, RuleId, RuleSet};
pub use writing::Writing;

/// A place that a rule claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which rule.
    pub rule: RuleId,
    /// The secret.
    pub secret: Range<usize>,
    /// The name beside it, for values without a format of their own.
    pub found: Option<Found>,
    /// What a walker took apart.
    pub block: Option<block::Block>,
}

/// How far merged windows may grow before they are searched: bounds what one search costs.
const WIDEST_WINDOW: usize = 64 * 1024;

/// What one text holds, by itself.
#[derive(Debug, Default)]
pub struct Detected {
    /// Every candidate of every enabled rule, sorted by place; the same secret of the same rule once.
    pub candidates: Vec<Candidate>,
    /// Where something may be encoded, in the order in which it was met.
    pub hints: Vec<Hint>,
}

impl Detected {
    /// True when nothing is left to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty() && self.hints.is_empty()
    }
}

/// Finds candidates and signs of something encoded.
///
/// # Errors
/// When a rule's regex does not compile.
pub fn detect(rules: &RuleSet, text: &[u8]) -> Result<Detected, BrokenRule> {
    let mut detection = Detection::new(rules, text);
    let mut hints = Vec::new();
    rules.scan(text, &mut hints, |rule, hit| detection.hit(rule, hit));
    hints.append(&mut detection.hints);
    Ok(Detected { candidates: detection.finish()?, hints })
}

/// What [`detect`] finds in these parts of a text, and whatever could meet that or stand in its place. What lies further away
/// is not looked at.
///
/// # Errors
/// When a rule's regex does not compile.
pub fn within(rules: &RuleSet, text: &[u8], parts: &[Range<usize>]) -> Result<Detected, BrokenRule> {
    let mut detection = Detection::new(rules, text);
    let mut hints = Vec::new();
    let wider = |around: usize| {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for part in parts {
            let range = part.start.saturating_sub(around)..text.len().min(part.end + around);
            match ranges.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => ranges.push(range),
            }
        }
        ranges
    };
    let near = wider(NEAR);
    for range in wider(block::LIMIT + NEAR) {
        let first = hints.len();
        rules.scan(&text[range.clone()], &mut hints, |rule, hit| {
            let hit = range.start + hit.start..range.start + hit.end;
            let at = near.partition_point(|part| part.end <= hit.start);
            let is_near = near.get(at).is_some_and(|part| part.start < hit.end);
            // Blocks go on for pages.
            if is_near || reach::most(rules, rule).is_none_or(|most| most > NEAR) {
                detection.hit(rule, hit);
            }
        });
        for hint in &mut hints[first..] {
            (hint.start, hint.end) = (range.start + hint.start, range.start + hint.end);
        }
    }
    hints.append(&mut detection.hints);
    Ok(Detected { candidates: detection.finish()?, hints })
}

/// How far around a part of a text is looked at, too: what is near on either side, of two that may meet.
const NEAR: usize = 12 << 10;

/// What [`detect`] finds at these keywords alone. They come in the order in which they stand.
///
/// # Errors
/// When a rule's regex does not compile.
pub fn at(
    rules: &RuleSet,
    text: &[u8],
    hits: impl IntoIterator<Item = (RuleId, Range<usize>)>,
) -> Result<Detected, BrokenRule> {
    let mut detection = Detection::new(rules, text);
    hits.into_iter().for_each(|(rule, hit)| detection.hit(rule, hit));
    let hints = std::mem::take(&mut detection.hints);
    Ok(Detected { candidates: detection.finish()?, hints })
}

/// Where, behind a token's prefix, a literal ends and the next begins with nothing but a joint between them.
fn joint(text: &[u8], reach: usize) -> Option<usize> {
    let body = text
        .iter()
        .take(reach)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
        .count();
    let quote = *text.get(body).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let between = text[body + 1..].iter().take(200).take_while(|byte| b" \t\r\n\\+.&".contains(byte)).count();
    (between > 0 && text.get(body + 1 + between) == Some(&quote)).then_some(body)
}

struct Detection<'a> {
    rules: &'a RuleSet,
    text: &'a [u8],
    /// Windows that may still grow, at most one a rule.
    windows: Vec<(RuleId, Range<usize>)>,
    candidates: Vec<Candidate>,
    /// What own code found at one hit; kept for its memory.
    found: Vec<Found>,
    /// Literals in parts.
    hints: Vec<Hint>,
    broken: Option<BrokenRule>,
}

impl<'a> Detection<'a> {
    fn new(rules: &'a RuleSet, text: &'a [u8]) -> Self {
        Self {
            rules,
            text,
            windows: Vec::new(),
            candidates: Vec::new(),
            found: Vec::new(),
            hints: Vec::new(),
            broken: None,
        }
    }

    fn hit(&mut self, id: RuleId, hit: Range<usize>) {
        if !self.rules.is_enabled(id) {
            return;
        }
        let rule = self.rules.rule(id);
        let find = match rule.matcher() {
            "assignment" => Some(assignment::find as fn(&[u8], Range<usize>, &mut Vec<Found>)),
            "header" => Some(header::find as fn(&[u8], Range<usize>, &mut Vec<Found>)),
            "logged" => Some(logged::find as fn(&[u8], Range<usize>, &mut Vec<Found>)),
            "url" => Some(url::find as fn(&[u8], Range<usize>, &mut Vec<Found>)),
            _ => None,
        };
        if let Some(find) = find {
            find(self.text, hit, &mut self.found);
            if self.found.is_empty() {
                return;
            }
            self.candidates.extend(self.found.drain(..).map(|found| Candidate {
                rule: id,
                secret: found.value.clone(),
                found: Some(found),
                block: None,
            }));
            return;
        }
        if rule.matcher() == "context" {
            let fits = |found: &Found| {
                let value = &self.text[found.value.clone()];
                self.rules.has_form_of(id, value) || named::looks_like_a_key(value)
            };
            self.candidates.extend(named::find(self.text, &hit).filter(fits).map(|found| Candidate {
                rule: id,
                secret: found.value.clone(),
                found: Some(found),
                block: None,
            }));
            return;
        }
        if let Some(walk) = block::walker(rule.matcher()) {
            if let Some(block) = walk(self.text, hit) {
                let secret = block.secret.clone();
                self.candidates.push(Candidate { rule: id, secret, found: None, block: Some(block) });
            }
            return;
        }
        if rule.starts_with_keyword()
            && let Some(joint) = joint(&self.text[hit.end..], rule.reach())
        {
            let at = hit.end + joint;
            self.hints.push(Hint { writing: Writing::Joined, phase: 0, start: at, end: at + 1 });
        }
        if !rule.may_follow(self.text, &hit) {
            return;
        }
        let around = rule.reach().saturating_sub(hit.len());
        let window = hit.start.saturating_sub(around)..self.text.len().min(hit.end + around);
        let Some(slot) = self.windows.iter().position(|(known, _)| *known == id) else {
            self.windows.push((id, window));
            return;
        };
        let open = &mut self.windows[slot].1;
        if window.start <= open.end && window.end - open.start <= WIDEST_WINDOW {
            open.end = open.end.max(window.end);
        } else {
            let closed = std::mem::replace(open, window);
            self.search(id, closed);
        }
    }

    fn search(&mut self, id: RuleId, window: Range<usize>) {
        let rule = self.rules.rule(id);
        let regex = match self.rules.regex(id) {
            Ok(regex) => regex,
            Err(broken) => {
                self.broken = Some(broken);
                return;
            }
        };
        // A secret that goes on behind its match may hold further ones, which are no news.
        let mut walked = 0;
        for captures in regex.captures_iter(&self.text[window.clone()]) {
            let Some(secret) = captures.name("secret") else { continue };
            let mut secret = window.start + secret.start()..window.start + secret.end();
            if secret.start < walked {
                continue;
            }
            let matched = secret.end;
            secret.end = rule.rest(self.text, secret.start, matched);
            walked = if secret.end > matched { secret.end } else { walked };
            // What the regex itself asks for beside the secret (`acme_(?<secret>…)`) makes it no part of something longer.
            let all = captures
                .get(0)
                .map_or(secret.clone(), |all| window.start + all.start()..window.start + all.end());
            let touched = |span: Range<usize>| boundary::touches(rule.boundary(), self.text, &span);
            let alone = !touched(secret.clone()) || (all != secret && !touched(all));
            if !secret.is_empty() && alone {
                self.candidates.push(Candidate { rule: id, secret, found: None, block: None });
            }
        }
    }

    fn finish(mut self) -> Result<Vec<Candidate>, BrokenRule> {
        for (id, window) in std::mem::take(&mut self.windows) {
            self.search(id, window);
        }
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        self.candidates.extend(self.rules.known_in(self.text));
        // What is assigned comes before the same value only mentioned.
        let mentioned = |c: &Candidate| c.found.as_ref().is_some_and(|found| found.form == Form::Mention);
        self.candidates.sort_by_key(|c| (c.secret.start, c.secret.end, c.rule, mentioned(c)));
        self.candidates.dedup_by(|a, b| a.rule == b.rule && a.secret == b.secret);
        Ok(self.candidates)
    }
}
