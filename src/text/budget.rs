//! What the inside of one item may cost: depth, bytes, members. Never time: the same input gives the same answer.
//!
//! Hands on: [`Limits`], the [`Budget`] that one item spends, and [`Metered`], through which everything that is unpacked is read.
//! The trap: a limit that was reached is told once an item, however often it is met.

use std::cell::{Cell, RefCell};
use std::io::Read;

/// How much may be made of one item. Nothing here limits what stands in an item as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many decoders may follow each other.
    pub depth: usize,
    /// Bytes made in all.
    pub bytes: u64,
    /// Members met in all.
    pub members: u64,
    /// How many times the item's own size may be made, once more than [`FREE`] was.
    pub ratio: u64,
    /// Bytes of a member that must be held whole: a zip in a zip has its directory at its end.
    pub held: usize,
}

/// So many bytes may be made of the smallest item.
pub const FREE: u64 = 64 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 8, bytes: 2 << 30, members: 200_000, ratio: 200, held: 256 << 20 }
    }
}

/// What is left for one item.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    bytes: Cell<u64>,
    members: Cell<u64>,
    spent: Cell<bool>,
    /// What was reached, in words.
    reached: RefCell<Vec<String>>,
}

impl Budget {
    /// For an item of `size` bytes.
    #[must_use]
    pub fn new(limits: Limits, size: u64) -> Self {
        let bytes = limits.bytes.min(size.saturating_mul(limits.ratio).max(FREE));
        Self {
            limits,
            bytes: Cell::new(bytes),
            members: Cell::new(limits.members),
            spent: Cell::new(false),
            reached: RefCell::default(),
        }
    }

    /// Whether a decoder may follow `depth` others.
    pub fn deeper(&self, depth: usize) -> bool {
        let may = depth < self.limits.depth;
        if !may {
            self.reach(format!("more than {} layers inside each other", self.limits.depth));
        }
        may
    }

    /// How many bytes may still be made.
    #[must_use]
    pub fn left(&self) -> usize {
        usize::try_from(self.bytes.get()).unwrap_or(usize::MAX)
    }

    /// How many bytes of a member may be held at once.
    #[must_use]
    pub fn held(&self) -> usize {
        self.limits.held
    }

    /// Takes what was made; false, and told, when there was not enough left.
    pub fn take(&self, bytes: usize) -> bool {
        let (bytes, left) = (bytes as u64, self.bytes.get());
        self.bytes.set(left.saturating_sub(bytes));
        if bytes > left {
            self.spent.set(true);
            self.reach("more bytes inside it than are searched".to_owned());
        }
        bytes <= left
    }

    /// Takes one member; false, and told, when there was none left.
    pub fn member(&self) -> bool {
        let left = self.members.get();
        self.members.set(left.saturating_sub(1));
        if left == 0 {
            self.spent.set(true);
            self.reach(format!("more than {} members", self.limits.members));
        }
        left > 0
    }

    /// True once bytes or members ran out: nothing more is unpacked.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.spent.get()
    }

    /// Notes a limit in words that go on after "not searched to its end: ".
    pub fn reach(&self, what: String) {
        let mut reached = self.reached.borrow_mut();
        // What a foreign file can make happen a million times is told a few times.
        if reached.len() < MOST_TOLD && !reached.contains(&what) {
            reached.push(what);
        }
    }

    /// How much was told until now.
    #[must_use]
    pub fn told(&self) -> usize {
        self.reached.borrow().len()
    }

    /// Takes back that something is damaged, where it was told since [`Budget::told`] said so much.
    pub fn untell_damage(&self, told: usize) {
        let mut at = 0;
        self.reached.borrow_mut().retain(|what| {
            at += 1;
            at <= told || !what.starts_with(DAMAGED)
        });
    }

    /// True when something was not searched to its end.
    #[must_use]
    pub fn has_reached(&self) -> bool {
        !self.reached.borrow().is_empty()
    }

    /// What was reached, in the order in which it was met.
    #[must_use]
    pub fn reached(self) -> Vec<String> {
        self.reached.into_inner()
    }
}

/// How it is told that a container cannot be read to its end.
pub(super) const DAMAGED: &str = "it is cut short or damaged";

/// Limits of one item that are listed.
const MOST_TOLD: usize = 20;

/// A reader whose bytes are taken from a budget; it fails when that is spent.
pub struct Metered<'a, R> {
    inner: R,
    budget: &'a Budget,
}

impl<'a, R: Read> Metered<'a, R> {
    /// Reads `inner` at the budget's cost.
    pub fn new(inner: R, budget: &'a Budget) -> Self {
        Self { inner, budget }
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.budget.is_spent() {
            return Err(std::io::Error::other("the budget is spent"));
        }
        let count = self.inner.read(buffer)?;
        if self.budget.take(count) { Ok(count) } else { Err(std::io::Error::other("the budget is spent")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_item_may_become_free_bytes_and_a_large_one_the_ratio() {
        assert_eq!(Budget::new(Limits::default(), 10).left() as u64, FREE);
        assert_eq!(Budget::new(Limits::default(), 1 << 20).left() as u64, 200 << 20);
        assert_eq!(Budget::new(Limits::default(), 1 << 40).left() as u64, 2 << 30);
    }

    #[test]
    fn a_metered_reader_fails_when_the_budget_is_spent_and_says_so_once() {
        let limits = Limits { bytes: 100, ..Limits::default() };
        let budget = Budget::new(limits, 1);
        for _ in 0..3 {
            let mut all = Vec::new();
            assert!(Metered::new(std::io::repeat(0), &budget).read_to_end(&mut all).is_err());
            assert!(all.len() <= 100);
        }
        assert_eq!(budget.reached().len(), 1);
    }
}
