//! hook
use crate::cli::Options;
use std::ffi::OsString;
use std::time::Instant;
pub(super) fn run(
    _name: &str,
    _arguments: &[OsString],
    options: &Options,
    started: Instant,
) -> anyhow::Result<u8> {
    super::staged::run(options, started)
}
