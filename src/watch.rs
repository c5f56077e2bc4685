//! A long command: what it shows while it runs, and what ends it early.
//!
//! Hands on [`Watch`], which the work tells what was judged and asks whether to go on. Ctrl-C, SIGTERM and a time limit make
//! the answer no: what was found until then is reported, as incomplete. The trap: nothing here may be set up for a commit
//! hook, which is over before a thread or a signal handler has paid for itself; so the engine is given one or none.

use std::io::{IsTerminal, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::report::progress;

/// A quick run shows no progress at all.
const BEFORE_THE_FIRST: Duration = Duration::from_millis(400);

/// Between two drawings on a terminal.
const ON_A_TERMINAL: Duration = Duration::from_millis(120);

/// Between two lines in a log: often enough for services that end a job which says nothing.
const IN_A_LOG: Duration = Duration::from_secs(30);

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Not at all.
    Silent,
    /// One line that is drawn over and taken away at the end.
    Drawn,
    /// A line of a log now and then.
    Logged,
}

impl Progress {
    /// Drawn on a terminal that understands it, logged elsewhere, silent when nothing but findings is wanted.
    #[must_use]
    pub fn on_stderr(quiet: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Self::Silent,
            (false, true) if !dumb => Self::Drawn,
            (false, _) => Self::Logged,
        }
    }
}

/// What has been done so far.
#[derive(Debug, Default)]
struct Counts {
    files: AtomicU64,
    bytes: AtomicU64,
    done: AtomicU64,
    total: AtomicU64,
    phase: Mutex<&'static str>,
}

/// Ends the thread that shows progress.
#[derive(Debug, Default)]
struct End {
    over: Mutex<bool>,
    rung: Condvar,
}

/// Watches over one long run. Dropped, it takes its line off the terminal.
#[derive(Debug)]
pub struct Watch {
    counts: Arc<Counts>,
    interrupted: Arc<AtomicBool>,
    limit: Option<Duration>,
    deadline: Option<Instant>,
    late: AtomicBool,
    end: Arc<End>,
    shown_by: Mutex<Option<JoinHandle<()>>>,
}

impl Watch {
    /// Starts to watch: from now on the first SIGINT or SIGTERM is only noted, and a second ends the process with status 2.
    ///
    /// # Errors
    /// When the system refuses the signal handlers or the thread.
    pub fn start(progress: Progress, limit: Option<Duration>) -> std::io::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // In this order, so that the first signal still finds the flag unset.
            signal_hook::flag::register_conditional_shutdown(signal, 2, Arc::clone(&interrupted))?;
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        let mut watch = Self::quiet(interrupted, limit);
        if progress != Progress::Silent {
            let (counts, end) = (Arc::clone(&watch.counts), Arc::clone(&watch.end));
            let show = move || show(progress, &counts, &end);
            let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(show)?;
            watch.shown_by = Mutex::new(Some(thread));
        }
        Ok(watch)
    }

    fn quiet(interrupted: Arc<AtomicBool>, limit: Option<Duration>) -> Self {
        Self {
            counts: Arc::default(),
            interrupted,
            limit,
            deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
            late: AtomicBool::new(false),
            end: Arc::default(),
            shown_by: Mutex::default(),
        }
    }

    /// Whether to go on. Cheap enough to ask before each file.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        if self.interrupted.load(Ordering::Relaxed) || self.late.load(Ordering::Relaxed) {
            return false;
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.late.store(true, Ordering::Relaxed);
            return false;
        }
        true
    }

    /// Why the run ended early, as the reason of a loss; `None` when nobody was told to stop.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Some(
                "interrupted: what was found until then is reported, and the rest is not judged".to_owned(),
            );
        }
        let limit = self.limit.filter(|_| self.late.load(Ordering::Relaxed))?;
        Some(format!(
            "the time limit of {} s was reached: what was found until then is reported, and the rest is not judged",
            limit.as_secs()
        ))
    }

    /// Notes that a file or object of so many bytes was judged.
    pub fn judged(&self, bytes: u64) {
        self.counts.files.fetch_add(1, Ordering::Relaxed);
        self.counts.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Notes bytes of a file that is judged piece by piece.
    pub fn bytes(&self, bytes: u64) {
        self.counts.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Begins a part of the work, named as in `judging objects`, of so many steps; 0 when that is not known.
    pub fn phase(&self, name: &'static str, total: u64) {
        *self.counts.phase.lock().unwrap_or_else(PoisonError::into_inner) = name;
        self.counts.done.store(0, Ordering::Relaxed);
        self.counts.total.store(total, Ordering::Relaxed);
    }

    /// Notes that so many steps of the phase are done.
    pub fn step(&self, steps: u64) {
        self.counts.done.fetch_add(steps, Ordering::Relaxed);
    }
}

impl Watch {
    /// Takes the line off the terminal, before anything else is written there.
    pub fn end(&self) {
        *self.end.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.end.rung.notify_all();
        if let Some(thread) = self.shown_by.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Its panic would be a bug in drawing, which must not change what was found.
            let _ = thread.join();
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end();
    }
}

/// Shows progress until it is over. What stderr refuses is let be: the report will meet the same error.
fn show(progress: Progress, counts: &Counts, end: &End) {
    let (first, between) = match progress {
        Progress::Drawn => (BEFORE_THE_FIRST, ON_A_TERMINAL),
        _ => (IN_A_LOG, IN_A_LOG),
    };
    let mut wait = first;
    let mut drawn = false;
    let mut over = end.over.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let (guard, _) =
            end.rung.wait_timeout_while(over, wait, |over| !*over).unwrap_or_else(PoisonError::into_inner);
        over = guard;
        let mut err = std::io::stderr().lock();
        if *over {
            if drawn {
                let _ = err.write_all(b"\r\x1b[K");
            }
            return;
        }
        let line = progress::line(&progress::Done {
            phase: *counts.phase.lock().unwrap_or_else(PoisonError::into_inner),
            files: counts.files.load(Ordering::Relaxed),
            bytes: counts.bytes.load(Ordering::Relaxed),
            done: counts.done.load(Ordering::Relaxed),
            total: counts.total.load(Ordering::Relaxed),
        });
        let _ = match progress {
            Progress::Drawn => write!(err, "\r{line}\x1b[K"),
            _ => writeln!(err, "{line}"),
        };
        drawn = progress == Progress::Drawn;
        wait = between;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_or_a_deadline_ends_the_run_and_says_why() {
        let flag = Arc::new(AtomicBool::new(false));
        let watch = Watch::quiet(Arc::clone(&flag), Some(Duration::from_secs(3600)));
        assert!(watch.goes_on() && watch.stopped().is_none());
        flag.store(true, Ordering::Relaxed);
        assert!(!watch.goes_on());
        assert!(watch.stopped().is_some_and(|why| why.starts_with("interrupted")));
        let late = Watch::quiet(Arc::default(), Some(Duration::ZERO));
        assert!(!late.goes_on());
        assert!(late.stopped().is_some_and(|why| why.starts_with("the time limit of 0 s")));
        assert!(Watch::quiet(Arc::default(), None).goes_on());
    }
}
