//! Laid out in ARCHITECTURE.md.

pub mod checks;
pub mod entropy;
