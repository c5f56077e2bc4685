//! Spreads items over threads when there are enough of them to pay for the threads.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Part;
use crate::fingerprint::fingerprint;
use crate::source::{Reader, Source};

/// Below this many items one thread is faster than starting another (a thread costs about as much as ten small files).
const WORTH_A_THREAD: usize = 32;

/// More threads than this only fight over the object store's locks.
const MOST_THREADS: usize = 8;

/// Judges all items, as long as `goes_on` says so.
pub(super) fn spread(
    source: &dyn Source,
    judge: impl Fn(&mut dyn Reader, usize, &mut Part) + Sync,
    goes_on: impl Fn() -> bool + Sync,
) -> Part {
    let count = source.items().len();
    let threads = if count < WORTH_A_THREAD {
        1
    } else {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        cores.min(MOST_THREADS).min(count / (WORTH_A_THREAD / 2))
    };
    let mut whole = Part::default();
    if count == 0 {
        return whole;
    }
    let mut readers = Vec::new();
    for _ in 0..threads {
        match source.reader() {
            Ok(reader) => readers.push(reader),
            Err(loss) => {
                whole.outcome.losses.push(loss);
                return whole;
            }
        }
    }
    let next = AtomicUsize::new(0);
    let work = |mut reader: Box<dyn Reader + Send + '_>| {
        let mut part = Part::default();
        loop {
            let item = next.fetch_add(1, Ordering::Relaxed);
            if item >= count || !goes_on() {
                return part;
            }
            judge(&mut *reader, item, &mut part);
        }
    };
    let own = readers.pop();
    std::thread::scope(|scope| {
        let others: Vec<_> = readers.into_iter().map(|reader| scope.spawn(|| work(reader))).collect();
        if let Some(reader) = own {
            add(&mut whole, work(reader));
        }
        for other in others {
            match other.join() {
                Ok(part) => add(&mut whole, part),
                // A panic is a bug, and must still block the commit.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    whole
}

pub(super) fn add(whole: &mut Part, part: Part) {
    whole.outcome.merge(part.outcome);
    whole.pending.extend(part.pending);
}

/// Below this many secrets their fingerprints are made one by one, as each is asked for: one takes a third of a millisecond.
const WORTH_SHARING: usize = 8;

/// The fingerprints of many secrets, made on all cores; none when they are few.
pub(super) fn fingerprints<'a>(secrets: impl Iterator<Item = &'a [u8]>) -> HashMap<Vec<u8>, String> {
    let secrets: Vec<&[u8]> = secrets.collect::<BTreeSet<_>>().into_iter().collect();
    if secrets.len() < WORTH_SHARING {
        return HashMap::new();
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        while let Some(secret) = secrets.get(next.fetch_add(1, Ordering::Relaxed)) {
            made.push((secret.to_vec(), fingerprint(secret)));
        }
        made
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(work)).collect();
        let mut made: HashMap<_, _> = work().into_iter().collect();
        for other in others {
            match other.join() {
                Ok(part) => made.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        made
    })
}
