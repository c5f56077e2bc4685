//! `unleak paths PATH…`: files and folders as they stand, and standard input.
//!
//! The trap: a path is reported as it was given, while allowances name it from the configuration's folder; both are worked
//! out once for each path that was asked for. A path that lies below another is not judged twice.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::configuration::Configuration;
use super::judge::{Terms, judge_by};
use crate::cli::Options;
use crate::engine::Engine;
use crate::finding::{Loss, Outcome};
use crate::git::{GitError, WorkTree};
use crate::report::Summary;
use crate::source::files::{Files, Filter, Root, StandardInput};
use crate::source::{Item, Sink, Stream};
use crate::watch::{Progress, Watch};

/// What the command line asks for.
pub(super) struct Request {
    /// As given; empty for the current folder.
    pub(super) paths: Vec<OsString>,
    /// `--exclude`.
    pub(super) exclude: Vec<String>,
    /// `--respect-gitignore`.
    pub(super) respect_gitignore: bool,
    /// `--max-file-size`, in bytes.
    pub(super) max_file_size: Option<u64>,
    /// `--skip-unreadable`.
    pub(super) skip_unreadable: bool,
    /// `--time-limit`.
    pub(super) time_limit: Option<Duration>,
}

/// Judges them, and gives the exit status.
///
/// # Errors
/// A wrong glob or configuration, and what the report meets.
pub(super) fn run(request: Request, options: &Options, started: Instant) -> anyhow::Result<u8> {
    let filter = Filter::new(&request.exclude, request.max_file_size, request.respect_gitignore)
        .map_err(|wrong| anyhow::anyhow!("cannot use {wrong}"))?;
    let watch = Watch::start(Progress::on_stderr(options.quiet), request.time_limit)?;
    let mut paths: Vec<PathBuf> = request.paths.into_iter().map(PathBuf::from).collect();
    let input = paths.iter().any(|path| path.as_os_str() == "-");
    paths.retain(|path| path.as_os_str() != "-");
    if paths.is_empty() && !input {
        paths.push(PathBuf::from("."));
    }
    let mut notes = Vec::new();
    let top = work_tree(&paths, &mut notes);
    let configuration =
        Configuration::of_work_tree(top.as_deref(), options)?.with_known_values(None, std::iter::empty());
    let files = Files::new(roots(&paths, top.as_deref()), filter, request.skip_unreadable);
    let summary = Summary {
        source: "paths",
        subject: if paths.is_empty() { "standard input" } else { "" },
        empty: "no file is there",
        notes,
        ..Summary::default()
    };
    let terms = Terms::watched(&watch, configuration, summary, Vec::new());
    let run = |engine: &Engine<'_>| -> (Outcome, Vec<String>) {
        let mut outcome = Outcome::default();
        if !paths.is_empty() {
            outcome.merge(engine.run_stream(&files));
        }
        // Last, since it may never end, and what was found before is then reported.
        if input {
            outcome.merge(engine.run_stream(&Input::read(&watch)));
        }
        crate::order::sort(&mut outcome.losses);
        outcome.losses.dedup();
        outcome.sort();
        (outcome, files.notes())
    };
    judge_by(run, terms, options, started)
}

/// The top of the work tree whose configuration counts: the one that all paths lie in, else the current folder's.
pub(super) fn work_tree(paths: &[PathBuf], notes: &mut Vec<String>) -> Option<PathBuf> {
    let mut ask = |folder: &Path| match WorkTree::holding(folder) {
        Ok(found) => found.map(|tree| tree.top),
        Err(GitError::NotOwned { reason }) => {
            notes.push(format!(
                "no configuration is read from the work tree, whose owner git does not trust: {reason}"
            ));
            None
        }
        Err(error) => {
            notes.push(format!("no configuration is read from the work tree: {error}"));
            None
        }
    };
    let folder = |path: &PathBuf| match path.metadata() {
        Ok(found) if found.is_dir() => Some(path.clone()),
        Ok(_) => path
            .parent()
            .map(|folder| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.into() }),
        Err(_) => None,
    };
    let mut folders: Vec<PathBuf> = paths.iter().filter_map(folder).collect();
    crate::order::sort(&mut folders);
    folders.dedup();
    // Asking git costs a process each: many named files usually lie in few folders.
    let mut tops: Vec<Option<PathBuf>> = Vec::new();
    for folder in &folders {
        let real = folder.canonicalize().ok();
        let known = tops.iter().flatten().find(|top| {
            real.as_ref().is_some_and(|real| {
                real.starts_with(top)
                    && !real
                        .ancestors()
                        .take_while(|above| above != top)
                        .any(|above| above.join(".git").exists())
            })
        });
        if known.is_none() {
            tops.push(ask(folder));
        }
    }
    match tops.as_slice() {
        [one] => one.clone(),
        _ => ask(Path::new(".")),
    }
}

/// The paths that were asked for, without those that lie below another.
fn roots(paths: &[PathBuf], top: Option<&Path>) -> Vec<Root> {
    let top = top.and_then(|top| top.canonicalize().ok());
    let real: Vec<Option<PathBuf>> = paths.iter().map(|path| path.canonicalize().ok()).collect();
    let judged_by_another = |at: usize| {
        let Some(own) = &real[at] else { return false };
        real.iter().enumerate().any(|(other, folder)| {
            let Some(folder) = folder.as_ref().filter(|_| other != at) else { return false };
            match own.strip_prefix(folder) {
                Ok(rest) if rest.as_os_str().is_empty() => other < at,
                // What stands in `.git` is only judged when it is asked for.
                Ok(rest) => !rest.components().any(|part| part.as_os_str() == ".git"),
                Err(_) => false,
            }
        })
    };
    let root = |at: usize| {
        let place = real[at].as_ref().zip(top.as_ref()).and_then(|(real, top)| {
            let place = real.strip_prefix(top).ok()?;
            Some(with_slashes(place.as_os_str().as_encoded_bytes()))
        });
        let shown = with_slashes(paths[at].as_os_str().as_encoded_bytes());
        let shown = if matches!(shown.as_slice(), b"." | b"./") { Vec::new() } else { shown };
        Root { real: paths[at].clone(), shown, place }
    };
    (0..paths.len()).filter(|at| !judged_by_another(*at)).map(root).collect()
}

fn with_slashes(path: &[u8]) -> Vec<u8> {
    let slash = |byte: &u8| if cfg!(windows) && *byte == b'\\' { b'/' } else { *byte };
    path.iter().map(slash).collect()
}

/// Standard input as a source of one item.
struct Input(std::sync::Mutex<Option<Result<Vec<u8>, Loss>>>);

impl Input {
    /// Reads it all. It is read on a thread of its own, since nothing wakes a reader that waits for a terminal.
    fn read(watch: &Watch) -> Self {
        let (sender, receiver) = mpsc::channel();
        let read = move || {
            let mut content = Vec::new();
            let result = std::io::stdin().lock().read_to_end(&mut content);
            // Nobody listens any more after an interrupt.
            let _ = sender.send(result.map(|_| content));
        };
        let fail = |reason: String| Loss { path: Some(b"-".to_vec()), reason };
        let result = match std::thread::Builder::new().name("standard input".to_owned()).spawn(read) {
            Err(error) => Err(fail(format!("cannot read it: {error}"))),
            Ok(_) => loop {
                match receiver.recv_timeout(Duration::from_millis(50)) {
                    Ok(Ok(content)) => break Ok(content),
                    Ok(Err(error)) => break Err(fail(format!("cannot read it: {error}"))),
                    Err(mpsc::RecvTimeoutError::Timeout) if watch.goes_on() => {}
                    Err(_) => break Err(fail("it did not end before the run did".to_owned())),
                }
            },
        };
        Self(std::sync::Mutex::new(Some(result)))
    }
}

impl Stream for Input {
    fn work(&self, sink: &mut dyn Sink) {
        let taken = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        match taken {
            Some(Ok(content)) => sink.judge(&Item::file(b"-".to_vec()), &mut StandardInput::new(content)),
            Some(Err(loss)) => sink.lose(loss),
            None => {}
        }
    }
}
