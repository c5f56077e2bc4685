//! The commits and tags of a repository, in numbers.
//!
//! Hands on [`Commits`]: each commit's tree, parents and time, and the reachable ones in an order in which parents come first
//! and older ones before younger ones. The trap: a parent may be missing (a shallow clone, a damaged repository); the commit
//! then counts as one without it, and the caller is told.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use crate::git::ObjectId;
use crate::git::pack::{Commit, Inventory, Tag};

/// No object.
pub(super) const NONE: u32 = u32::MAX;

/// One commit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The commit's own number.
    pub(super) number: u32,
    /// Its tree's number, or [`NONE`] when that is not there.
    pub(super) tree: u32,
    time: i64,
    parents: (u32, u32),
}

/// All commits and tags.
#[derive(Default)]
pub(super) struct Commits {
    rows: Vec<Row>,
    /// Numbers of parents, [`NONE`] for one that is not there.
    parents: Vec<u32>,
    by_number: HashMap<u32, u32>,
    /// What each tag points at, [`NONE`] for what is not there.
    pub(super) tags: HashMap<u32, u32>,
    /// Objects that commits and tags name and that are not there.
    pub(super) missing: Vec<Missing>,
}

/// An object that is named and not there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missing {
    /// The number of who names it.
    pub(super) by: u32,
    /// What.
    pub(super) id: ObjectId,
    /// True when it is a commit's parent, which a shallow clone lacks.
    pub(super) is_parent: bool,
}

impl Commits {
    /// Adds a commit.
    pub(super) fn add(&mut self, inventory: &Inventory, number: u32, commit: &Commit<'_>) {
        let tree = inventory.find(commit.tree.as_bytes()).unwrap_or(NONE);
        if tree == NONE && !commit.tree.is_empty_tree() {
            self.missing.push(Missing { by: number, id: commit.tree, is_parent: false });
        }
        let first = self.parents.len() as u32;
        for parent in &commit.parents {
            let found = inventory.find(parent.as_bytes());
            if found.is_none() {
                self.missing.push(Missing { by: number, id: *parent, is_parent: true });
            }
            self.parents.push(found.unwrap_or(NONE));
        }
        let parents = (first, self.parents.len() as u32);
        self.rows.push(Row { number, tree, time: commit.time, parents });
    }

    /// Adds a tag.
    pub(super) fn add_tag(&mut self, inventory: &Inventory, number: u32, tag: &Tag<'_>) {
        let target = inventory.find(tag.target.as_bytes());
        if target.is_none() {
            self.missing.push(Missing { by: number, id: tag.target, is_parent: false });
        }
        // A tag that leads nowhere has a message all the same.
        self.tags.insert(number, target.unwrap_or(NONE));
    }

    /// Adds what another thread has read.
    pub(super) fn join(&mut self, other: Self) {
        let shift = self.parents.len() as u32;
        self.rows.extend(
            other
                .rows
                .into_iter()
                .map(|row| Row { parents: (row.parents.0 + shift, row.parents.1 + shift), ..row }),
        );
        self.parents.extend(other.parents);
        self.tags.extend(other.tags);
        self.missing.extend(other.missing);
    }

    /// To be called when all are there.
    pub(super) fn index(&mut self) {
        self.by_number = self.rows.iter().enumerate().map(|(at, row)| (row.number, at as u32)).collect();
    }

    /// The place of a commit among all.
    pub(super) fn place(&self, number: u32) -> Option<u32> {
        self.by_number.get(&number).copied()
    }

    /// The commit at a place.
    pub(super) fn row(&self, place: u32) -> &Row {
        &self.rows[place as usize]
    }

    /// The numbers of every commit.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().map(|row| row.number)
    }

    /// The numbers of its parents; [`NONE`] for one that is not there.
    pub(super) fn parents(&self, place: u32) -> &[u32] {
        let (from, to) = self.rows[place as usize].parents;
        &self.parents[from as usize..to as usize]
    }

    /// What a number leads to through tags, and the tags on the way; [`NONE`] behind a tag whose object is not there.
    pub(super) fn peel(&self, mut number: u32, tags: &mut HashSet<u32>) -> u32 {
        while let Some(&target) = self.tags.get(&number) {
            if !tags.insert(number) {
                break;
            }
            number = target;
        }
        number
    }

    /// True at the place of each commit that these reach.
    pub(super) fn reached(&self, tips: impl IntoIterator<Item = u32>) -> Vec<bool> {
        let mut reached = vec![false; self.rows.len()];
        let mut open: Vec<u32> = tips.into_iter().filter_map(|tip| self.place(tip)).collect();
        while let Some(place) = open.pop() {
            if std::mem::replace(&mut reached[place as usize], true) {
                continue;
            }
            open.extend(self.parents(place).iter().filter_map(|parent| self.place(*parent)));
        }
        reached
    }

    /// The places of those commits, parents before children, older ones first where both can be.
    pub(super) fn order(&self, reached: &[bool]) -> Vec<u32> {
        let known = |place: u32| self.parents(place).iter().filter_map(|parent| self.place(*parent));
        let mut waits = vec![0u32; self.rows.len()];
        let mut starts = vec![0u32; self.rows.len() + 1];
        let places = || (0..self.rows.len() as u32).filter(|place| reached[*place as usize]);
        for place in places() {
            for parent in known(place) {
                waits[place as usize] += 1;
                starts[parent as usize + 1] += 1;
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut filled = starts.clone();
        let mut children = vec![0u32; starts.last().copied().unwrap_or(0) as usize];
        for place in places() {
            for parent in known(place) {
                let slot = &mut filled[parent as usize];
                children[*slot as usize] = place;
                *slot += 1;
            }
        }
        let ready =
            |place: u32| Reverse((self.rows[place as usize].time, self.rows[place as usize].number, place));
        let mut heap: BinaryHeap<_> =
            places().filter(|place| waits[*place as usize] == 0).map(ready).collect();
        let mut order = Vec::new();
        while let Some(Reverse((_, _, place))) = heap.pop() {
            order.push(place);
            let (from, to) = (starts[place as usize] as usize, starts[place as usize + 1] as usize);
            for &child in &children[from..to] {
                waits[child as usize] -= 1;
                if waits[child as usize] == 0 {
                    heap.push(ready(child));
                }
            }
        }
        order
    }
}
