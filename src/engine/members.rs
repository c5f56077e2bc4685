//! Judges what stands in the members of a container, each as the file that it would be.
//!
//! Hands on: pending findings that name their member. The trap: nothing of a member is kept but its findings, so whether an
//! earlier version of the container had them is asked by the secret and the member's name.

use std::collections::HashSet;

use super::contents::{Leaf, WITHIN, contents};
use super::{Engine, Part, Pending, broken_rule};
use crate::detect::boundary::touches;
use crate::detect::rulefile::{Boundary, Kind};
use crate::finding::{Inside, Loss};
use crate::judge::{self, Judged};
use crate::source::{Item, Parts, Reader};
use crate::text::Text;
use crate::text::budget::Budget;
use crate::text::container::{Container, Input, sniff};

/// Where a part of a member stands.
pub(super) struct Place<'a> {
    /// The item that holds it.
    pub(super) item: &'a Item,
    /// The item's number in its source.
    pub(super) index: usize,
    /// The member, the layer.
    pub(super) inside: Inside,
    /// Lines of the member before what is judged.
    pub(super) lines_before: usize,
}

impl Engine<'_> {
    /// Judges the members of a container.
    pub(super) fn members(
        &self,
        container: Container,
        content: &[u8],
        item: &Item,
        index: usize,
        budget: &Budget,
        part: &mut Part,
    ) {
        contents(container, Input::Whole(content), &item.path, budget, &mut |leaf| {
            let inside = Inside { member: Some(leaf.name.to_vec()), ..Inside::default() };
            let place = Place { item, index, inside, lines_before: leaf.lines_before };
            self.leaf(leaf, &place, budget, part);
        });
    }

    /// Judges one part of a member; all of it is taken as new.
    pub(super) fn leaf(&self, leaf: &Leaf<'_>, place: &Place<'_>, budget: &Budget, part: &mut Part) {
        let path = [place.item.place(), &[WITHIN], leaf.name].concat();
        // What a file is for its name's sake is told from its beginning.
        let innermost = leaf.name.rsplit(|byte| *byte == WITHIN).next().unwrap_or_default();
        let file = Some(innermost).filter(|_| leaf.lines_before == 0);
        let (mut inspected, whole) = match self.inspect(leaf.bytes, Parts::ALL, file, budget) {
            Ok((inspected, whole)) if inspected.is_empty() && whole.is_empty() => return,
            Ok(found) => found,
            Err(broken) => {
                part.outcome.losses.push(broken_rule(&path, &broken));
                return;
            }
        };
        let mut judged = inspected.judge(self.rules, &path);
        judged.retain(|one| one.secret.start < leaf.until);
        if judged.iter().any(|one| one.confidence >= judge::SHOWN) {
            let text = &inspected.text;
            let all = 0..text.bytes.len();
            self.report(place, text, &judged, std::slice::from_ref(&all), part);
        }
        self.report_whole(place, &inspected.text, &whole, part);
    }

    /// Of what was found in the bytes of a container as they stand, what no member has: an archive that lies hides nothing.
    pub(super) fn beside_members(
        &self,
        text: &Text<'_>,
        judged: &mut Vec<Judged>,
        members: &[Pending],
        searched_to_its_end: bool,
    ) {
        let known: HashSet<&[u8]> = members.iter().map(|one| one.finding.secret.0.as_slice()).collect();
        judged.retain(|one| {
            let raw = || judge::normalised(&text.bytes[one.secret.clone()]);
            let value = one.value.clone().unwrap_or_else(raw);
            let specific = self.rules.rule(one.rule).kind() == Kind::Specific;
            !known.contains(value.as_slice()) && (specific || !searched_to_its_end)
        });
    }

    /// Takes out what stood in the member of the same name before this change.
    ///
    /// # Errors
    /// When an earlier version cannot be read.
    pub(super) fn drop_old_members(
        &self,
        members: &mut Vec<Pending>,
        reader: &mut dyn Reader,
        path: &[u8],
        index: usize,
    ) -> Result<(), Loss> {
        let mut old = vec![false; members.len()];
        reader.before(index, &mut |content| {
            let Some(container) = sniff(content) else { return };
            let budget = Budget::new(self.limits, content.len() as u64);
            contents(container, Input::Whole(content), path, &budget, &mut |leaf| {
                for (pending, old) in members.iter().zip(&mut old) {
                    let same = pending.finding.inside.member.as_deref() == Some(leaf.name);
                    *old |= same && stands(&pending.raw, leaf.bytes);
                }
            });
        })?;
        let mut old = old.into_iter();
        members.retain(|_| !old.next().unwrap_or(false));
        Ok(())
    }
}

/// Whether a secret stands in a content by itself.
fn stands(raw: &[u8], content: &[u8]) -> bool {
    let text = Text::new(content);
    memchr::memmem::find_iter(&text.bytes, raw)
        .any(|at| !touches(Boundary::Word, &text.bytes, &(at..at + raw.len())))
}
