//! Own reading of packs, for what reads every object: history.
//!
//! Hands on [`Inventory`], every object by number, and [`walk`], which shows them all, each delta's base read once. Own code
//! because this is the hot path: libgit2 and git resolve each object's chain of deltas for itself, and tell nobody what a
//! delta inserts. The trap: nothing here is trusted; what cannot be read is told, and may be read another way.

mod entry;
mod forest;
mod index;
mod inventory;
mod parse;
mod walk;

pub use entry::Op;
pub use inventory::{Inventory, Reading};
pub use parse::{Commit, Entry, Tag, entries};
pub use walk::{Made, Visitor, walk};
