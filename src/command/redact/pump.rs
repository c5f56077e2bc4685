//! Moves bytes from what is read, through the masks, to the standard streams, in the order in which they come.
//!
//! A thread for each input hands over what it read, so that a pause can be told from an end and two inputs keep their
//! order as well as can be. The trap: when an output is closed its input is closed too, or the writer would never know.

use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::redact::{Masks, Stream};

/// After this pause an unfinished line is a prompt.
const PAUSE: Duration = Duration::from_millis(100);

/// After this one it goes out whatever it is.
const STALL: Duration = Duration::from_secs(1);

/// How long a background process may keep a stream silent once the command itself has ended.
const LINGER: Duration = Duration::from_millis(500);

/// How much is read at once: a pipe holds 64 KiB.
const READ: usize = 128 << 10;

/// How many reads may wait: bounds the memory, and lets reading and judging overlap.
const WAITING: usize = 8;

/// How much of what waits is judged at once, in bytes.
const MOST_JOINED: usize = WAITING * READ;

/// Where an input's bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Stdout,
    Stderr,
}

impl Output {
    fn write(self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Stdout => {
                let mut out = std::io::stdout().lock();
                out.write_all(bytes)?;
                out.flush()
            }
            Self::Stderr => std::io::stderr().lock().write_all(bytes),
        }
    }
}

enum Event {
    Read(usize, Vec<u8>),
    End(usize, std::io::Result<()>),
}

struct Input {
    stream: Stream,
    output: Output,
    is_open: bool,
    /// Tells its thread that nobody reads any more.
    closed: Arc<AtomicBool>,
    /// When the last byte came, and what has been done about the pause since.
    since: Instant,
    paused: bool,
}

/// All inputs of a run.
pub(super) struct Pump<'m, 'a> {
    masks: &'m mut Masks<'a>,
    inputs: Vec<Input>,
    sender: SyncSender<Event>,
    receiver: Receiver<Event>,
    out: Vec<u8>,
    /// True once an output was closed by whoever read it.
    broken: bool,
}

impl<'m, 'a> Pump<'m, 'a> {
    pub(super) fn new(masks: &'m mut Masks<'a>) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        Self { masks, inputs: Vec::new(), sender, receiver, out: Vec::new(), broken: false }
    }

    /// Reads `source` in a thread of its own.
    pub(super) fn add(&mut self, source: impl Read + Send + 'static, output: Output) {
        let closed = Arc::new(AtomicBool::new(false));
        let (sender, index, is_closed) = (self.sender.clone(), self.inputs.len(), closed.clone());
        std::thread::spawn(move || read(source, index, &sender, &is_closed));
        self.inputs.push(Input {
            stream: Stream::default(),
            output,
            is_open: true,
            closed,
            since: Instant::now(),
            paused: false,
        });
    }

    /// Moves everything, until all inputs have ended, or `has_ended` says so and nothing came for a while.
    ///
    /// # Errors
    /// When something cannot be read, judged or written. A closed output is an error only when no command runs whose status
    /// tells more.
    pub(super) fn run(&mut self, has_ended: &mut dyn FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
        let mut last = Instant::now();
        while self.inputs.iter().any(|input| input.is_open) {
            match self.receiver.recv_timeout(self.patience()) {
                Ok(event) => {
                    last = Instant::now();
                    for event in self.with_what_waits(event) {
                        self.take(event)?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.pauses()?;
                    if last.elapsed() >= LINGER && has_ended()? {
                        break;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        for index in 0..self.inputs.len() {
            self.finish(index)?;
        }
        Ok(())
    }

    /// What was read of one input since, joined: a chunk of many lines costs less than its lines one by one.
    fn with_what_waits(&self, first: Event) -> impl Iterator<Item = Event> + use<> {
        let mut events = vec![first];
        let mut joined = 0;
        while joined < MOST_JOINED
            && let Ok(next) = self.receiver.try_recv()
        {
            joined += READ;
            match (events.last_mut(), next) {
                (Some(Event::Read(index, bytes)), Event::Read(same, more)) if *index == same => {
                    bytes.extend_from_slice(&more);
                }
                (_, next) => events.push(next),
            }
        }
        events.into_iter()
    }

    /// True once an output was closed.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// How long to wait for more before something else is to be done.
    fn patience(&self) -> Duration {
        let wait = |input: &Input| {
            let limit = if input.paused { STALL } else { PAUSE };
            limit.saturating_sub(input.since.elapsed())
        };
        let waiting = self.inputs.iter().filter(|input| input.is_open && input.stream.is_waiting());
        waiting.map(wait).min().unwrap_or(LINGER).max(Duration::from_millis(1))
    }

    fn take(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Read(index, bytes) => {
                let input = &mut self.inputs[index];
                (input.since, input.paused) = (Instant::now(), false);
                if input.closed.load(Ordering::Relaxed) {
                    return Ok(());
                }
                input.stream.push(&bytes, self.masks, &mut self.out)?;
                self.write(index)
            }
            Event::End(index, result) => {
                self.finish(index)?;
                self.inputs[index].is_open = false;
                result.context("cannot read")
            }
        }
    }

    fn pauses(&mut self) -> anyhow::Result<()> {
        for index in 0..self.inputs.len() {
            let input = &mut self.inputs[index];
            if !input.is_open || !input.stream.is_waiting() {
                continue;
            }
            let silent = input.since.elapsed();
            if silent >= STALL {
                input.stream.stall(self.masks, &mut self.out)?;
                input.since = Instant::now();
            } else if silent >= PAUSE && !input.paused {
                input.paused = true;
                input.stream.pause(self.masks, &mut self.out)?;
            }
            self.write(index)?;
        }
        Ok(())
    }

    fn finish(&mut self, index: usize) -> anyhow::Result<()> {
        if self.inputs[index].is_open {
            self.inputs[index].stream.finish(self.masks, &mut self.out)?;
        }
        self.write(index)
    }

    fn write(&mut self, index: usize) -> anyhow::Result<()> {
        let input = &mut self.inputs[index];
        let written = if self.out.is_empty() || input.closed.load(Ordering::Relaxed) {
            Ok(())
        } else {
            input.output.write(&self.out)
        };
        self.out.clear();
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                input.closed.store(true, Ordering::Relaxed);
                input.is_open = false;
                self.broken = true;
                Ok(())
            }
            other => other.context("cannot write"),
        }
    }
}

fn read(mut source: impl Read, index: usize, sender: &SyncSender<Event>, is_closed: &AtomicBool) {
    let mut buffer = vec![0; READ];
    let result = loop {
        match source.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(count) => {
                let sent = sender.send(Event::Read(index, buffer[..count].to_vec()));
                if sent.is_err() || is_closed.load(Ordering::Relaxed) {
                    return;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    // The receiver may be gone: then nobody waits for it.
    let _ = sender.send(Event::End(index, result));
}
