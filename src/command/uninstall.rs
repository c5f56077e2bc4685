//! `unleak uninstall`: takes away what `unleak install` put there, and puts back what stood there before.
//!
//! Hands on: the exit status, 0 or 2. The trap: with nothing to remove it is 0, so that it may be run twice.

use std::io::Write;

use crate::install::{global, hooks};

/// What the flags say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// `--global`.
    pub(super) global: bool,
    /// `--force`: also hooks of ours that were edited since.
    pub(super) force: bool,
}

/// Uninstalls, and says on `err` what is so now.
pub(super) fn run(options: Options, err: &mut dyn Write) -> u8 {
    let report =
        if options.global { global::uninstall(options.force) } else { hooks::uninstall(options.force) };
    super::install::say(report, err)
}
