//! What the inside of one item may cost: depth, bytes, members. Never time: the same input gives the same answer.
//!
//! Hands on: [`Limits`], and the [`Budget`] that one item spends. The trap: a limit that was reached is told once an item,
//! however often it is met.

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
}

/// So many bytes may be made of the smallest item.
pub const FREE: u64 = 64 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 8, bytes: 2 << 30, members: 200_000, ratio: 200 }
    }
}

/// What is left for one item.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    bytes: u64,
    members: u64,
    /// What was reached, in words.
    reached: Vec<String>,
}

impl Budget {
    /// For an item of `size` bytes.
    #[must_use]
    pub fn new(limits: Limits, size: u64) -> Self {
        let bytes = limits.bytes.min(size.saturating_mul(limits.ratio).max(FREE));
        Self { limits, bytes, members: limits.members, reached: Vec::new() }
    }

    /// Whether a decoder may follow `depth` others.
    pub fn deeper(&mut self, depth: usize) -> bool {
        let may = depth < self.limits.depth;
        if !may {
            self.reach(format!("more than {} layers inside each other", self.limits.depth));
        }
        may
    }

    /// How many bytes may still be made.
    #[must_use]
    pub fn left(&self) -> usize {
        usize::try_from(self.bytes).unwrap_or(usize::MAX)
    }

    /// Takes what was made; false, and told, when there was not enough left.
    pub fn take(&mut self, bytes: usize) -> bool {
        let enough = bytes as u64 <= self.bytes;
        self.bytes = self.bytes.saturating_sub(bytes as u64);
        if !enough {
            self.reach("more bytes inside it than are searched".to_owned());
        }
        enough
    }

    /// Takes one member; false, and told, when there was none left.
    pub fn member(&mut self) -> bool {
        let enough = self.members > 0;
        self.members = self.members.saturating_sub(1);
        if !enough {
            self.reach(format!("more than {} members", self.limits.members));
        }
        enough
    }

    /// Notes a limit in words that go on after "not searched to its end: ".
    pub fn reach(&mut self, what: String) {
        if !self.reached.contains(&what) {
            self.reached.push(what);
        }
    }

    /// What was reached, in the order in which it was met.
    #[must_use]
    pub fn reached(self) -> Vec<String> {
        self.reached
    }
}
