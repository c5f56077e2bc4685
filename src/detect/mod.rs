//! Detect.

pub mod block;
pub(crate) mod builtin;
pub mod prefilter;
pub mod regexfacts;
pub mod rulefile;
pub mod tables;
