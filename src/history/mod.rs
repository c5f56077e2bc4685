//! What already leaked: every object of a repository once, and who introduced what.
//!
//! Hands on [`Scanned`], what every blob and message may hold by its content alone, then [`Items`], a source of what is worth
//! judging: each likely secret once a path, in the first blob that has it there. The engine judges those as it judges
//! anything. The trap: most objects are never looked at whole (`filter`), so whatever is in doubt must end up in the items,
//! and what cannot be read in the losses.

mod attribution;
mod cache;
mod commits;
mod filter;
mod items;
mod scan;
mod tips;
mod trees;

pub(crate) use cache::fuzz as fuzz_cache;
pub use items::Items;
pub use scan::{Reused, Scanned};
pub use tips::Named;
