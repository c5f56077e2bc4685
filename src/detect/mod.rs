//! Detect.

pub mod assignment;
pub(crate) mod builtin;
pub mod header;
pub mod prefilter;
pub mod regexfacts;
pub mod rulefile;
pub mod tables;
pub mod url;
