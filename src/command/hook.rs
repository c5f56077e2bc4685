//! hook
use std::ffi::OsString;
use std::time::Instant;
use crate::cli::Options;
pub(super) fn run(_name: &str, _arguments: &[OsString], options: &Options, started: Instant) -> anyhow::Result<u8> {
    super::staged::run(options, started)
}
