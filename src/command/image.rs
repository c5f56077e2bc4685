//! `unleak image FILE|DIR|-`: container images as they are stored, every layer of them.
//!
//! The trap: an image's own files never configure the run; allowances are those of the work tree that one stands in.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::configuration::Configuration;
use super::judge::{Terms, judge_by};
use super::paths::work_tree;
use crate::cli::Options;
use crate::engine::{Engine, IMAGE_LAYER};
use crate::finding::Loss;
use crate::report::Summary;
use crate::source::image::Store;
use crate::watch::{Progress, Watch};

/// Judges the image, and gives the exit status.
///
/// # Errors
/// A wrong configuration, and what the report meets.
pub(super) fn run(
    path: OsString,
    time_limit: Option<Duration>,
    options: &Options,
    started: Instant,
) -> anyhow::Result<u8> {
    let watch = Watch::start(Progress::on_stderr(options.quiet), time_limit)?;
    let mut notes = Vec::new();
    let top = work_tree(&[], &mut notes);
    let configuration = Configuration::of_work_tree(top.as_deref(), options)?;
    let summary = Summary {
        source: "image",
        subject: "the image",
        empty: "the image has no file",
        notes,
        ..Summary::default()
    };
    let path = PathBuf::from(path);
    let name = path.as_os_str().as_encoded_bytes();
    let mut losses = Vec::new();
    let limits = configuration.limits(IMAGE_LAYER);
    let store = Store::open(&path, limits)
        .map_err(|why| {
            let reason = format!("cannot read the image: {why}");
            losses.push(Loss { path: Some(name.to_vec()), reason });
        })
        .ok();
    let terms = Terms::watched(&watch, configuration, summary, losses);
    let run = |engine: &Engine<'_>| {
        let engine = Engine { limits, ..*engine };
        let outcome = store.as_ref().map(|store| engine.run_image(store, name)).unwrap_or_default();
        (outcome, Vec::new())
    };
    judge_by(run, terms, options, started)
}
