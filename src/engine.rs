//! The driver: takes each item of a source through prefilter, detect, judge, resolve and allow.
//!
//! Hands on: one [`Outcome`]. Items are spread over threads when there are many; a line diff, an earlier version or a
//! fingerprint is only asked for once a candidate exists. The trap: whatever cannot be judged is a loss, never a pass.

pub mod contents;
mod image;
mod inspect;
mod members;
mod moved;
mod pairs;
mod stream;
mod threads;

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use crate::allow::{Allowances, Inline, Question, inline_allows};
use crate::detect::{self, RuleSet};
use crate::finding::{Allowed, Finding, Inside, Loss, Outcome, Related, Secret, Since};
use crate::judge::{self, Judged};
use crate::source::{Item, Kind, Parts, Reader, Source};
use crate::text::container::{Container, sniff};
use crate::text::{Marked, Text, excerpt, notebook};
use crate::watch::Watch;
use pairs::Pairs;

use members::Place;

pub use crate::text::budget::{Budget, FREE, Limits};
pub use image::LAYER as IMAGE_LAYER;
pub use inspect::{Inspected, inspect, inspect_parts, inspect_piece, secrets_in};

/// What a run needs to know beside its source.
pub struct Engine<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// From which confidence on a candidate blocks.
    pub blocks: f64,
    /// What the team has allowed.
    pub allowances: &'a Allowances,
    /// The same before this change, to tell what the change itself allows; `None` when it allows nothing new.
    pub before: Option<&'a Allowances>,
    /// Whether comments in the content count.
    pub inline: bool,
    /// What the inside of an item may cost.
    pub limits: Limits,
    /// What a long run tells what was judged, and what may end it; `None` for a commit.
    pub watch: Option<&'a Watch>,
}

/// A candidate that would be reported, with what allow and the report need once the content is gone.
struct Pending {
    finding: Finding,
    /// Which item it stands in.
    item: usize,
    /// What it stands in: a message has no path that an allowance could name.
    kind: Kind,
    /// The path that an allowance would name, when the finding's says it in another way.
    place: Option<Vec<u8>>,
    blocks: bool,
    /// The secret as it stands in the content.
    raw: Vec<u8>,
    line: Arc<[u8]>,
    /// True when this change adds that line.
    line_is_added: bool,
    line_before: Option<Arc<[u8]>>,
    line_before_is_added: bool,
}

/// How many bytes of a line allow is shown around the secret, at least; inline comments further away are not seen.
const LINE_FOR_ALLOW: usize = 64 * 1024;

/// How much of a whole file that is a secret is looked for among what only moved.
const WHOLE_FOR_MOVED: usize = 64 * 1024;

#[derive(Default)]
struct Part {
    outcome: Outcome,
    pending: Vec<Pending>,
}

impl Engine<'_> {
    /// Judges every item of the source.
    #[must_use]
    pub fn run(&self, source: &dyn Source) -> Outcome {
        let items = source.items();
        let mut part = threads::spread(
            source,
            |reader, index, part| {
                self.item(&items[index], reader, index, part);
                if let Some(watch) = self.watch {
                    watch.step(1);
                }
            },
            || self.watch.is_none_or(Watch::goes_on),
        );
        part.outcome.losses.extend(self.stopped());
        if !part.pending.is_empty() {
            let settled = source.reader().and_then(|mut reader| {
                moved::drop_moved(&mut part.pending, source, &mut *reader, self.limits)?;
                for pending in &mut part.pending {
                    pending.finding.commit = reader.commit(pending.item)?;
                }
                Ok(())
            });
            if let Err(loss) = settled {
                part.outcome.losses.push(loss);
            }
        }
        self.settle(part)
    }

    /// That the run was ended early, as a loss.
    fn stopped(&self) -> Option<Loss> {
        Some(Loss { path: None, reason: self.watch?.stopped()? })
    }

    fn item(&self, item: &Item, reader: &mut dyn Reader, index: usize, part: &mut Part) {
        let path = item.place();
        if item.kind == Kind::File && reader.name_is_added(index) {
            self.name(item, index, part);
        }
        let mut likely = None;
        let mut inner = Part::default();
        let keeps = reader.keeps();
        let parts = reader.parts(index);
        let read = reader.content(index, &mut |content| {
            part.outcome.coverage.files += 1;
            part.outcome.coverage.bytes += content.len() as u64;
            if let Some(watch) = self.watch {
                watch.judged(content.len() as u64);
            }
            let budget = Budget::new(self.limits, content.len() as u64);
            let container = sniff(content);
            if let Some(container) = container {
                self.members(container, content, item, index, &budget, &mut inner);
            }
            // A tape archive that was read to its end has no byte that no member or header has: once is enough.
            if container == Some(Container::Tar) && !budget.has_reached() {
                return;
            }
            match self.inspect(content, parts, (item.kind == Kind::File).then_some(path), &budget) {
                Ok((inspected, whole)) if inspected.is_empty() && whole.is_empty() => {}
                Ok((mut inspected, whole)) => {
                    let mut judged = inspected.judge(self.rules, path);
                    if container.is_some() {
                        let to_its_end = !budget.has_reached();
                        self.beside_members(&inspected.text, &mut judged, &inner.pending, to_its_end);
                    }
                    if !whole.is_empty() || judged.iter().any(|j| j.confidence >= judge::SHOWN) {
                        // The content is borrowed from the reader, which is asked for more below.
                        likely = Some(((!keeps).then(|| content.to_vec()), judged, whole));
                    }
                }
                Err(broken) => part.outcome.losses.push(broken_rule(path, &broken)),
            }
            part.outcome.limits.extend(budget.reached().into_iter().map(|what| limit(path, &what)));
        });
        if let Err(loss) = read {
            part.outcome.losses.push(loss);
        }
        if !inner.pending.is_empty()
            && let Err(loss) = self.drop_old_members(&mut inner.pending, reader, &item.path, index)
        {
            part.outcome.losses.push(loss);
        }
        threads::add(part, inner);
        if let Some((copy, judged, whole)) = likely {
            let content = copy.or_else(|| reader.kept()).expect("a reader that keeps the content gives it");
            let text = Text::with_lines(&content);
            match reader.added(index, &text) {
                Ok(added) => {
                    let place = Place { item, index, inside: Inside::default(), lines_before: 0 };
                    self.report(&place, &text, &judged, &added, part);
                    if !added.is_empty() {
                        self.report_whole(&place, &text, &whole, part);
                    }
                }
                Err(loss) => part.outcome.losses.push(loss),
            }
        }
    }

    /// What is claimed in the content, and what a file of that path is for its name's sake.
    fn inspect<'c>(
        &self,
        content: &'c [u8],
        parts: Parts,
        file: Option<&[u8]>,
        budget: &Budget,
    ) -> Result<(Inspected<'c>, Vec<Judged>), detect::BrokenRule> {
        let mut inspected = inspect_parts(self.rules, content, parts, budget)?;
        let mut whole = Vec::new();
        if let Some(path) = file.filter(|path| !self.rules.files(path).is_empty()) {
            inspected.add(judge::file::candidates(self.rules, &inspected.text, path)?);
            whole = judge::file::whole(self.rules, &inspected.text, path)?;
        }
        Ok((inspected, whole))
    }

    /// Files that are secrets by being there; any change of one brings a new one.
    fn report_whole(&self, place: &Place<'_>, text: &Text<'_>, whole: &[Judged], part: &mut Part) {
        let Place { item, index, inside, .. } = place;
        for judged in whole {
            let mut finding = self.finding(&item.path, text, judged);
            finding.position = None;
            finding.inside = Inside { whole: true, ..inside.clone() };
            let line: Arc<[u8]> = Arc::default();
            part.pending.push(Pending {
                finding,
                item: *index,
                kind: item.kind,
                place: item.place.clone(),
                blocks: self.blocks(judged),
                raw: text.bytes[..text.bytes.len().min(WHOLE_FOR_MOVED)].to_vec(),
                line,
                line_is_added: true,
                line_before: None,
                line_before_is_added: false,
            });
        }
    }

    /// Judges a path as a text of its own.
    fn name(&self, item: &Item, index: usize, part: &mut Part) {
        let path = item.path.as_slice();
        match detect::detect(self.rules, path) {
            Ok(detected) if detected.candidates.is_empty() => {}
            Ok(detected) => {
                let text = Text::new(path);
                for judged in judge::judge(self.rules, &text, path, detected.candidates) {
                    if judged.confidence >= judge::SHOWN {
                        let mut finding = self.finding(path, &text, &judged);
                        finding.position = None;
                        let (blocks, raw) = (self.blocks(&judged), path[judged.secret].to_vec());
                        let line = path.into();
                        part.pending.push(Pending {
                            finding,
                            item: index,
                            kind: Kind::File,
                            place: item.place.clone(),
                            blocks,
                            raw,
                            line,
                            line_is_added: true,
                            line_before: None,
                            line_before_is_added: false,
                        });
                    }
                }
            }
            Err(broken) => part.outcome.losses.push(broken_rule(path, &broken)),
        }
    }

    fn report(
        &self,
        place: &Place<'_>,
        text: &Text<'_>,
        judged: &[Judged],
        added: &[Range<usize>],
        part: &mut Part,
    ) {
        let Place { item, index: item_index, inside, lines_before } = place;
        let path = item.path.as_slice();
        let all: Vec<Marked> = judged.iter().map(|j| self.marked(j)).collect();
        let is_added = |span: &Range<usize>| {
            let next = added.partition_point(|range| range.end <= span.start);
            added.get(next).is_some_and(|range| range.start < span.end)
        };
        let is_reported = |one: &Judged| one.confidence >= judge::SHOWN && is_added(&one.secret);
        let pairs = Pairs::new(self.rules, text, judged, self.blocks, is_reported);
        let name = inside.member.as_deref().unwrap_or(item.place());
        let is_notebook = item.kind == Kind::File && name.ends_with(b".ipynb");
        let mut notebook = is_notebook.then(|| notebook::Walk::new(&text.bytes));
        let (mut lines, mut before_lines) = (LineCopies::default(), LineCopies::default());
        for (index, one) in judged.iter().enumerate() {
            if !is_reported(one) || pairs.consumed.contains(&index) {
                continue;
            }
            let mut finding = self.finding(path, text, one);
            finding.inside = inside.clone();
            for joined in pairs.joined.get(&index).into_iter().flatten() {
                let place = text.position(&joined.span);
                finding.related.push(Related {
                    role: joined.role.clone(),
                    path: path.to_vec(),
                    line: place.line + lines_before,
                    column: place.column,
                });
            }
            let blocks = self.blocks(one);
            if let Some(place) = notebook.as_mut().and_then(|walk| walk.place(one.secret.start)) {
                if place.picture {
                    continue;
                }
                finding.inside.cell = Some(place.cell);
            }
            // What is only shown is told in one line, without its own.
            if blocks {
                let first_line = finding.position.map_or(1, |p| p.line);
                finding.excerpt = excerpt(text, first_line, &all[index], nearby(&all, index));
            }
            if let Some(position) = &mut finding.position {
                position.line += lines_before;
                position.end_line += lines_before;
            }
            finding.excerpt.iter_mut().for_each(|line| line.number += lines_before);
            let line = text.line_at(one.secret.start);
            let before = text.line_before(line.start);
            part.pending.push(Pending {
                item: *item_index,
                kind: item.kind,
                place: item.place.clone(),
                blocks,
                raw: text.bytes[standing(text, one)].to_vec(),
                line_is_added: is_added(&line),
                line_before_is_added: before.as_ref().is_some_and(is_added),
                line_before: before
                    .map(|before| before_lines.around(&text.bytes, &before, &(before.end..before.end))),
                line: lines.around(&text.bytes, &line, &one.secret),
                finding,
            });
        }
    }

    /// Whether a secret that is told stops the change.
    fn blocks(&self, judged: &Judged) -> bool {
        judged.confidence >= self.blocks
            || judged.confidence >= judge::SHOWN && self.rules.blocks(judged.rule)
    }

    fn marked(&self, judged: &Judged) -> Marked {
        let length = judged.secret.len();
        let rule = self.rules.rule(judged.rule);
        // Of what is encoded nothing is its format's public prefix.
        let public = if judged.encoded.is_some() { 0 } else { rule.public().min(length / 4) };
        Marked { span: judged.secret.clone(), public }
    }

    fn finding(&self, path: &[u8], text: &Text<'_>, judged: &Judged) -> Finding {
        let rule = self.rules.rule(judged.rule);
        let raw = || judge::normalised(&text.bytes[judged.secret.clone()]);
        let secret = judged.value.clone().unwrap_or_else(raw);
        Finding {
            // Filled in when it is known that the finding is reported: it costs a millisecond.
            fingerprint: String::new(),
            rule: rule.id().to_owned(),
            title: rule.title().to_owned(),
            grants: rule.grants().to_owned(),
            severity: judged.severity,
            confidence: judged.confidence,
            reasons: judged.reasons.clone(),
            public: rule.public().min(secret.len() / 4),
            secret: Secret(secret),
            path: path.to_vec(),
            position: Some(text.position(&judged.secret)),
            wide: text.wide_columns(&judged.secret),
            inside: Inside::default(),
            excerpt: Vec::new(),
            related: Vec::new(),
            revoke: (!rule.revoke().is_empty()).then(|| rule.revoke().to_owned()),
            commit: None,
            in_head: None,
            since: Since::default(),
        }
    }

    /// Asks allow, computes fingerprints, and sorts what remains into findings and shown.
    fn settle(&self, part: Part) -> Outcome {
        let Part { mut outcome, pending } = part;
        let secrets = pending.iter().map(|pending| pending.finding.secret.0.as_slice());
        let fingerprints = RefCell::new(threads::fingerprints(secrets));
        let fingerprint = |secret: &[u8]| -> String {
            let known = fingerprints.borrow().get(secret).cloned();
            known.unwrap_or_else(|| {
                let computed = crate::fingerprint::fingerprint(secret);
                fingerprints.borrow_mut().insert(secret.to_vec(), computed.clone());
                computed
            })
        };
        for mut pending in pending {
            let permission = match self.permission(&pending, &fingerprint) {
                Ok(permission) => permission,
                Err(Refusal::Comment(why)) => {
                    pending.finding.reasons.push(why);
                    None
                }
                Err(Refusal::Configuration(reason)) => {
                    outcome.losses.push(Loss { path: None, reason });
                    None
                }
            };
            let Pending { mut finding, blocks, .. } = pending;
            finding.fingerprint = fingerprint(&finding.secret.0);
            match permission {
                Some((by, by_this_change)) => outcome.allowed.push(Allowed { finding, by, by_this_change }),
                None if blocks => outcome.findings.push(finding),
                None => outcome.shown.push(finding),
            }
        }
        outcome.losses.dedup();
        outcome.sort();
        outcome
    }

    /// Which entry or comment lets it pass, in words, and whether this change brought that.
    fn permission(
        &self,
        pending: &Pending,
        fingerprint: &dyn Fn(&[u8]) -> String,
    ) -> Result<Option<(String, bool)>, Refusal> {
        let finding = &pending.finding;
        let own = || fingerprint(&finding.secret.0);
        let question = Question {
            rule: &finding.rule,
            path: (pending.kind == Kind::File).then(|| pending.place.as_deref().unwrap_or(&finding.path)),
            secret: &finding.secret.0,
            line: &pending.line,
            fingerprint: &own,
        };
        let by = self.allowances.allows(&question).map_err(|e| Refusal::Configuration(e.to_string()))?;
        if let Some(by) = by {
            let new = self.before.is_some_and(|before| by.is_new_against(Some(before), &question));
            return Ok(Some((by.words, new)));
        }
        if !self.inline || finding.position.is_none() {
            return Ok(None);
        }
        let custom: Vec<&str> = self.rules.custom_ids().collect();
        let said = inline_allows(
            pending.line_before.as_deref(),
            &pending.line,
            &finding.rule,
            &RuleSet::built_in_ids,
            &custom,
        );
        match said {
            Some(Inline::Allows { line_before: true }) => {
                Ok(Some(("a comment on the line before".to_owned(), pending.line_before_is_added)))
            }
            Some(Inline::Allows { line_before: false }) => {
                Ok(Some(("a comment on its line".to_owned(), pending.line_is_added)))
            }
            Some(Inline::Refused(why)) => Err(Refusal::Comment(why)),
            None => Ok(None),
        }
    }
}

/// Why an allowance does not count.
enum Refusal {
    /// A comment that was meant to allow something; said beside the finding.
    Comment(String),
    /// The configuration cannot be asked, so the verdict is unknown.
    Configuration(String),
}

fn limit(path: &[u8], what: &str) -> Loss {
    Loss { path: Some(path.to_vec()), reason: format!("not searched to its end: {what}") }
}

fn broken_rule(path: &[u8], broken: &detect::BrokenRule) -> Loss {
    let reason = format!("cannot judge it: the regex of rule `{}` does not compile", broken.rule);
    Loss { path: Some(path.to_vec()), reason }
}

/// What would stand on removed lines if the secret only moved: itself, or the lines' parts of what it is encoded in, since the
/// same text is written in another way where the group begins elsewhere.
fn standing(text: &Text<'_>, judged: &Judged) -> Range<usize> {
    let secret = judged.secret.clone();
    let Some(encoded) = &judged.encoded else { return secret };
    let first = text.line_at(secret.start);
    let last = text.line_at(secret.end.max(secret.start + 1) - 1);
    encoded.start.max(first.start).min(secret.start)..encoded.end.min(last.end).max(secret.end)
}

/// The secrets whose masks may meet the excerpt of one of them, itself too; `all` is ordered and free of overlaps.
fn nearby(all: &[Marked], index: usize) -> &[Marked] {
    let own = &all[index].span;
    let first = all.partition_point(|marked| marked.span.end + 2_000 <= own.start);
    let last = all.partition_point(|marked| marked.span.start < own.end + 2_000);
    &all[first..last]
}

/// Copies of lines for allow. Secrets that stand near each other on one line share a copy, or a long line full of them
/// would be copied for each.
#[derive(Default)]
struct LineCopies(Option<(Range<usize>, Arc<[u8]>)>);

impl LineCopies {
    /// The line, or of a long one what stands at least [`LINE_FOR_ALLOW`] bytes around the secret.
    fn around(&mut self, bytes: &[u8], line: &Range<usize>, secret: &Range<usize>) -> Arc<[u8]> {
        let start = (secret.start / LINE_FOR_ALLOW).saturating_sub(1) * LINE_FOR_ALLOW;
        let end = (secret.end / LINE_FOR_ALLOW + 2) * LINE_FOR_ALLOW;
        let range = line.start.max(start)..line.end.min(end);
        match &self.0 {
            Some((known, copy)) if *known == range => copy.clone(),
            _ => {
                let copy: Arc<[u8]> = bytes[range.clone()].into();
                self.0 = Some((range, copy.clone()));
                copy
            }
        }
    }
}
