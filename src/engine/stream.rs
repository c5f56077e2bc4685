//! Judges what a stream meets, on as many threads as pay.

use super::{Engine, Part};
use crate::finding::{Loss, Outcome};
use crate::source::{Item, Reader, Sink, Stream};
use crate::watch::Watch;

/// More threads than this only wait for the disk.
const MOST_THREADS: usize = 16;

impl Engine<'_> {
    /// Judges every item that the stream meets.
    #[must_use]
    pub fn run_stream(&self, stream: &dyn Stream) -> Outcome {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let work = || {
            let mut sink = Judge { engine: self, part: Part::default() };
            stream.work(&mut sink);
            sink.part
        };
        let mut whole = Part::default();
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            super::threads::add(&mut whole, work());
            for other in others {
                match other.join() {
                    Ok(part) => super::threads::add(&mut whole, part),
                    // A panic is a bug, and must not pass for "nothing found".
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        whole.outcome.losses.extend(self.stopped());
        self.settle(whole)
    }
}

/// What one thread has judged.
struct Judge<'a> {
    engine: &'a Engine<'a>,
    part: Part,
}

impl Sink for Judge<'_> {
    fn judge(&mut self, item: &Item, reader: &mut dyn Reader) {
        self.engine.item(item, reader, 0, &mut self.part);
    }

    fn lose(&mut self, loss: Loss) {
        self.part.outcome.losses.push(loss);
    }

    fn limit(&mut self, limit: Loss) {
        self.part.outcome.limits.push(limit);
    }

    fn goes_on(&self) -> bool {
        self.engine.watch.is_none_or(Watch::goes_on)
    }
}
