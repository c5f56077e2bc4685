//! Judge.

pub mod placeholder;
pub mod score;
