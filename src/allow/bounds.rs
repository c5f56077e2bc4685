//! The numbers of `[limits]`: what a team lets the inside of one item cost.
//!
//! Hands on [`Limits`] in which they stand in for the built-in ones. The trap: they bound what is unpacked, never what stands in
//! a file as it is.

use crate::text::budget::Limits;

/// The numbers that a configuration sets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// `limits.depth`
    pub depth: Option<u32>,
    /// `limits.ratio`
    pub ratio: Option<u32>,
    /// `limits.members`
    pub members: Option<u32>,
    /// `limits.megabytes`
    pub megabytes: Option<u32>,
}

impl Bounds {
    /// These, and where they say nothing `others`.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            depth: self.depth.or(others.depth),
            ratio: self.ratio.or(others.ratio),
            members: self.members.or(others.members),
            megabytes: self.megabytes.or(others.megabytes),
        }
    }

    /// The limits with these numbers in place of their own.
    #[must_use]
    pub fn over(self, limits: Limits) -> Limits {
        Limits {
            depth: self.depth.map_or(limits.depth, |depth| depth as usize),
            ratio: self.ratio.map_or(limits.ratio, u64::from),
            members: self.members.map_or(limits.members, u64::from),
            bytes: self.megabytes.map_or(limits.bytes, |megabytes| u64::from(megabytes) << 20),
            held: limits.held,
        }
    }
}
