//! Reads every object once, over threads.
//!
//! Hands on [`Scanned`]: which blobs and messages may hold a secret, the commits, and the trees that lead to those blobs. The
//! trap: an object may be damaged in one pack and whole in another, so each that is lost is tried elsewhere.

use std::collections::{HashMap, HashSet};
use std::hash::RandomState;
use std::sync::Mutex;

use super::attribution::Contents;
use super::cache::{Cache, Met, Place, Reuse};
use super::commits::Commits;
use super::filter::{Filter, Marks};
use super::trees::{Missing, Names, Shared, TreeReader, Trees, bit, set_bit};
use crate::detect::{BrokenRule, RuleSet};
use crate::engine::Limits;
use crate::finding::{Coverage, Loss};
use crate::git::pack::{self, Inventory, Reading, Seen, Visitor, walk};
use crate::git::{Kind, ObjectId, Repository};
use crate::judge::score::PathWeights;
use crate::judge::{Prospect, SHOWN};
use crate::source::Parts;
use crate::watch::Watch;

/// More threads than this only fight over memory.
const MOST_THREADS: usize = 8;
/// How much of a piece is searched again with the next.
const OVERLAP: usize = 128 << 10;

/// A repository whose objects have all been looked at.
pub struct Scanned {
    pub(super) inventory: Inventory,
    pub(super) commits: Commits,
    pub(super) trees: Trees,
    pub(super) likely: LikelySecrets,
    /// Commits and tags whose messages may hold a secret.
    pub(super) messages: Vec<u32>,
    /// Numbers of objects that could not be read, and why.
    pub(super) lost: HashMap<u32, String>,
    /// Objects that are named and not there; their numbers follow those of the inventory.
    pub(super) missing: Vec<ObjectId>,
    pub(super) losses: Vec<Loss>,
    /// True when not every object was come to, so that what is not known says nothing.
    pub(super) is_cut: bool,
    pub(super) state: RandomState,
    /// What was looked at, now or before.
    pub coverage: Coverage,
    /// What an earlier run had looked at.
    pub reused: Reused,
    /// What the next run need not look at, where that is more than before.
    to_keep: Option<Cache>,
}

/// What came of keeping for the next run what one has looked at.
#[derive(Debug, Default)]
pub struct Reused {
    /// How many blobs and messages needed no look.
    pub objects: u64,
    /// What a person should know: that something is not used, or cannot be kept.
    pub notes: Vec<String>,
}

/// Which blobs hold which likely secrets.
#[derive(Default)]
pub(super) struct LikelySecrets {
    blobs: HashMap<u32, (u32, u32, Parts)>,
    /// The name under which each is carried on, and the number of its value.
    list: Vec<(u32, u32)>,
    /// Numbers of values.
    pub(super) values: HashMap<u64, u32>,
    /// By the name under which it is carried on.
    prospects: HashMap<u32, Prospect>,
    /// By the same, where it was met first.
    met: HashMap<u32, Met>,
}

impl Contents for LikelySecrets {
    fn likely(&self, blob: u32) -> &[(u32, u32)] {
        self.blobs.get(&blob).map_or(&[], |(from, to, _)| &self.list[*from as usize..*to as usize])
    }

    fn is_shown(&self, likely: u32, path: &PathWeights) -> bool {
        self.prospects.get(&likely).is_none_or(|prospect| prospect.under(path) >= SHOWN)
    }
}

impl LikelySecrets {
    pub(super) fn blobs(&self) -> impl Iterator<Item = u32> {
        self.blobs.keys().copied()
    }

    /// In which parts of a blob its likely secrets are.
    pub(super) fn parts(&self, blob: u32) -> Parts {
        self.blobs.get(&blob).map_or(Parts::ALL, |(_, _, parts)| *parts)
    }

    fn join(scans: &mut [Scan<'_>]) -> Self {
        let mut joined = Self::default();
        // Threads that met the same gave it two names: the first counts.
        let mut names = HashMap::new();
        let mut known = HashMap::new();
        for scan in scans.iter_mut() {
            scan.filter.forget();
            for value in std::mem::take(&mut scan.filter.values) {
                let name = *names.entry(value.surroundings).or_insert(value.id);
                let next = joined.values.len() as u32;
                let number = *joined.values.entry(value.number).or_insert(next);
                joined.prospects.entry(name).or_insert(value.prospect);
                joined.met.entry(name).or_insert(value.met);
                known.insert(value.id, (name, number));
            }
        }
        for scan in scans {
            let shift = joined.list.len() as u32;
            let ids = std::mem::take(&mut scan.list);
            joined.list.extend(ids.into_iter().map(|id| known.get(&id).copied().unwrap_or((id, u32::MAX))));
            for (blob, from, to, parts) in std::mem::take(&mut scan.blobs) {
                joined.blobs.insert(blob, (from + shift, to + shift, parts));
            }
        }
        joined
    }
}

/// What one thread finds.
struct Scan<'a> {
    inventory: &'a Inventory,
    filter: Filter<'a>,
    watch: Option<&'a Watch>,
    commits: Commits,
    /// Blobs with likely secrets, each with its part of the list.
    blobs: Vec<(u32, u32, u32, Parts)>,
    list: Vec<u32>,
    messages: Vec<u32>,
    lost: Vec<(u32, String)>,
    coverage: Coverage,
    /// The end of the last piece, and how many pieces' likely secrets there are.
    tail: Vec<u8>,
    pieces: Vec<u32>,
    /// What need not be looked at.
    reuse: &'a Reuse,
    /// Blobs that were looked at, with their sizes; commits and tags likewise.
    sizes: Vec<(u32, u32)>,
    said: Vec<u32>,
    /// Likely secrets that were met again where the last run met them, with their names in this one.
    again: HashMap<Met, u32>,
}

/// What a scan knows of a blob, for those made from it.
struct Known {
    marks: Marks,
    /// Its part of the list.
    list: (u32, u32),
}

impl<'a> Scan<'a> {
    fn new(inventory: &'a Inventory, reuse: &'a Reuse, filter: Filter<'a>, watch: Option<&'a Watch>) -> Self {
        Self {
            inventory,
            filter,
            watch,
            commits: Commits::default(),
            blobs: Vec::new(),
            list: Vec::new(),
            messages: Vec::new(),
            lost: Vec::new(),
            coverage: Coverage::default(),
            tail: Vec::new(),
            pieces: Vec::new(),
            reuse,
            sizes: Vec::new(),
            said: Vec::new(),
            again: HashMap::new(),
        }
    }

    fn count(&mut self, bytes: usize) {
        self.coverage.files += 1;
        self.coverage.bytes += bytes as u64;
        if let Some(watch) = self.watch {
            watch.judged(bytes as u64);
        }
    }

    fn message(&mut self, number: u32, message: &[u8]) {
        if bit(&self.reuse.messages, number) {
            return;
        }
        self.said.push(number);
        self.filter.blob = number;
        let marks = self.filter.whole(message, false);
        if !marks.likely.is_empty() {
            self.messages.push(number);
        }
        self.filter.recycle(marks);
    }

    fn blob(&mut self, seen: &Seen<'_, Known>) -> Known {
        let Seen { number, content, made, is_base, .. } = seen;
        self.count(content.len());
        self.filter.blob = *number;
        let marks = match made {
            Some(made) => self.filter.made(content, &made.state.marks, made.base.len(), made.ops, *is_base),
            None => self.filter.whole(content, *is_base),
        };
        let list = self.note(*number, &marks, content.len(), made.as_ref().map(|made| made.state));
        if let Ok(size) = u32::try_from(content.len()) {
            self.sizes.push((*number, size));
        }
        if bit(&self.reuse.again, *number) {
            self.again.extend(marks.met(*number));
        }
        Known { marks, list }
    }

    /// Writes down what is likely; in the base's own words where they are the same.
    fn note(&mut self, number: u32, marks: &Marks, length: usize, base: Option<&Known>) -> (u32, u32) {
        if marks.likely.is_empty() {
            return (0, 0);
        }
        let ids = || marks.likely.iter().map(|likely| likely.id);
        let same = base.filter(|base| base.marks.likely.iter().map(|likely| likely.id).eq(ids()));
        let (from, to) = match same {
            Some(base) => base.list,
            None => {
                let from = self.list.len() as u32;
                self.list.extend(ids());
                (from, self.list.len() as u32)
            }
        };
        self.blobs.push((number, from, to, marks.parts(length)));
        (from, to)
    }
}

impl Visitor for Scan<'_> {
    type State = Known;

    fn visit(&mut self, seen: Seen<'_, Known>) -> Known {
        let Seen { number, kind, content, .. } = seen;
        let nothing = Known { marks: Marks::default(), list: (0, 0) };
        match kind {
            Kind::Blob => return self.blob(&seen),
            Kind::Commit => match pack::Commit::parse(content) {
                Some(commit) => {
                    self.commits.add(self.inventory, number, &commit);
                    self.message(number, commit.message);
                }
                None => self.lost.push((number, "it is damaged".to_owned())),
            },
            Kind::Tag => match pack::Tag::parse(content) {
                Some(tag) => {
                    self.commits.add_tag(self.inventory, number, &tag);
                    self.message(number, tag.message);
                }
                None => self.lost.push((number, "it is damaged".to_owned())),
            },
            Kind::Tree => {}
        }
        nothing
    }

    fn recycle(&mut self, state: Known) {
        self.filter.recycle(state.marks);
    }

    fn piece(&mut self, number: u32, kind: Kind, piece: &[u8], last: bool) {
        if kind != Kind::Blob {
            if last {
                self.lost.push((number, "it is larger than such an object can be".to_owned()));
            }
            return;
        }
        if last {
            self.tail.clear();
            self.coverage.files += 1;
            let ids = std::mem::take(&mut self.pieces);
            if !ids.is_empty() {
                let from = self.list.len() as u32;
                self.list.extend(ids);
                self.blobs.push((number, from, self.list.len() as u32, Parts::ALL));
            }
            return;
        }
        self.coverage.bytes += piece.len() as u64;
        if let Some(watch) = self.watch {
            watch.bytes(piece.len() as u64);
        }
        self.tail.extend_from_slice(piece);
        let window = std::mem::take(&mut self.tail);
        self.filter.blob = number;
        let marks = self.filter.whole(&window, false);
        self.pieces.extend(marks.likely.iter().map(|likely| likely.id));
        self.filter.recycle(marks);
        self.tail = window;
        let done = self.tail.len().saturating_sub(OVERLAP);
        self.tail.drain(..done);
    }

    fn lost(&mut self, number: u32, reason: String) {
        self.tail.clear();
        self.pieces.clear();
        self.lost.push((number, reason));
    }

    fn stopped(&self) -> bool {
        self.filter.broken.is_some() || self.watch.is_some_and(|watch| !watch.goes_on())
    }
}

/// Adds blobs that need no look; false where a likely secret was not met where it is said to be.
fn add_known(reuse: &Reuse, scans: &mut [Scan<'_>]) -> bool {
    let again: HashMap<Met, u32> =
        scans.iter_mut().flat_map(|scan| std::mem::take(&mut scan.again)).collect();
    let Some(scan) = scans.first_mut() else { return reuse.likely.is_empty() };
    for (blob, likely, parts) in &reuse.likely {
        let from = scan.list.len() as u32;
        for met in likely {
            let Some(id) = again.get(&reuse.met[*met as usize]) else { return false };
            scan.list.push(*id);
        }
        scan.blobs.push((*blob, from, scan.list.len() as u32, *parts));
    }
    true
}

/// What the next run need not look at.
fn keep(
    inventory: &Inventory,
    likely: &LikelySecrets,
    mut sizes: Vec<(u32, u32)>,
    said: &[u32],
    telling: &[u32],
) -> Cache {
    sizes.sort_unstable();
    let place = |blob: u32| Some(sizes.binary_search_by_key(&blob, |(number, _)| *number).ok()? as u32);
    let mut cache = Cache { hash: inventory.hash_length(), ..Cache::default() };
    let mut numbers: HashMap<u32, u32> = HashMap::new();
    for (&blob, &(from, to, parts)) in &likely.blobs {
        let Some(at) = place(blob) else { continue };
        let number = |(name, _): &(u32, u32)| {
            if let Some(known) = numbers.get(name) {
                return Some(*known);
            }
            let met = likely.met.get(name)?;
            let number = cache.met.len() as u32;
            cache.met.push(Met { blob: place(met.blob)?, ..*met });
            numbers.insert(*name, number);
            Some(number)
        };
        // What was met first in a message, or in pieces, cannot be met there again: its blobs are looked at again.
        let list: Option<Vec<u32>> = likely.list[from as usize..to as usize].iter().map(number).collect();
        cache.likely.push((at, list.unwrap_or_default(), parts));
    }
    cache.likely.sort_unstable_by_key(|(at, _, _)| *at);
    cache.blobs = sizes.iter().flat_map(|(blob, _)| inventory.raw_id(*blob)).copied().collect();
    cache.sizes = sizes.iter().map(|(_, size)| *size).collect();
    let telling: HashSet<u32> = telling.iter().copied().collect();
    for (at, number) in said.iter().enumerate() {
        cache.messages.extend_from_slice(inventory.raw_id(*number));
        if telling.contains(number) {
            cache.telling.push(at as u32);
        }
    }
    cache
}

impl Scanned {
    /// Looks at every object of the repository, and into encoded ones as far as `limits` let it.
    ///
    /// # Errors
    /// When a rule does not compile.
    pub fn new(
        repository: &Repository,
        rules: &RuleSet,
        limits: Limits,
        keep: bool,
        watch: Option<&Watch>,
    ) -> Result<Self, BrokenRule> {
        let place = keep.then(|| Place::of(repository, rules, limits)).flatten();
        let mut notes = Vec::new();
        let cache = place.as_ref().map_or_else(Cache::default, |place| {
            place.load().unwrap_or_else(|why| {
                notes.push(why);
                Cache::default()
            })
        });
        let mut scanned = match Self::scan(repository, rules, limits, &cache, watch)? {
            Some(scanned) => scanned,
            // It does not say of this repository what it says: all is looked at.
            None => match Self::scan(repository, rules, limits, &Cache::default(), watch)? {
                Some(scanned) => scanned,
                None => unreachable!("nothing was to be met again"),
            },
        };
        drop(cache);
        if let (Some(place), Some(new)) = (place, scanned.to_keep.take())
            && let Err(error) = place.store(&new)
        {
            notes.push(format!("cannot keep for the next run what this one has looked at: {error}"));
        }
        scanned.reused.notes = notes;
        Ok(scanned)
    }

    /// `None` when the cache is wrong.
    fn scan(
        repository: &Repository,
        rules: &RuleSet,
        limits: Limits,
        cache: &Cache,
        watch: Option<&Watch>,
    ) -> Result<Option<Self>, BrokenRule> {
        let inventory = repository.inventory();
        let reuse = Reuse::of(cache, &inventory);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let state = RandomState::new();
        if let Some(watch) = watch {
            watch.phase("looking at objects", 0);
        }
        let mut scans: Vec<Scan<'_>> = (0..threads)
            .map(|n| {
                let filter = Filter::new(rules, limits, &state, n as u32, threads as u32);
                Scan::new(&inventory, &reuse, filter, watch)
            })
            .collect();
        let first = |number: u32| inventory.is_first(number);
        let new = |number: u32| first(number) && !bit(&reuse.blobs, number);
        walk(&inventory, &[Kind::Blob, Kind::Commit, Kind::Tag], &new, &mut scans);
        let mut lost = HashMap::new();
        let mut reading = Reading::default();
        let mut trees_again = Vec::new();
        if let Some(scan) = scans.first_mut() {
            let why = "what it is made from is not there";
            scan.lost.extend(inventory.unknown().map(|number| (number, why.to_owned())));
        }
        for scan in &mut scans {
            for (number, reason) in std::mem::take(&mut scan.lost) {
                match inventory.read_copy(number, &mut reading) {
                    Ok((Kind::Tree, _)) => trees_again.push((number, reason)),
                    Ok((kind, content)) => {
                        let seen = Seen { number, kind, content: &content, made: None, is_base: false };
                        let state = scan.visit(seen);
                        scan.recycle(state);
                    }
                    Err(_) => {
                        lost.insert(number, reason);
                    }
                }
            }
            // What the copy made worse.
            lost.extend(std::mem::take(&mut scan.lost));
        }
        if let Some(broken) = scans.iter_mut().find_map(|scan| scan.filter.broken.take()) {
            return Err(broken);
        }
        if !add_known(&reuse, &mut scans) && watch.is_none_or(Watch::goes_on) {
            return Ok(None);
        }
        let kept = scans.iter().map(|scan| scan.sizes.len() + scan.said.len()).sum::<usize>();
        let known = reuse.sizes.len() + reuse.said.len();
        let likely = LikelySecrets::join(&mut scans);
        let mut commits = Commits::default();
        let mut messages = reuse.telling.clone();
        let mut coverage = Coverage::default();
        coverage.files += reuse.sizes.len() as u64;
        coverage.bytes += reuse.sizes.iter().map(|(_, size)| u64::from(*size)).sum::<u64>();
        let (mut sizes, mut said) = (reuse.sizes.clone(), reuse.said.clone());
        for scan in scans {
            sizes.extend(scan.sizes);
            said.extend(scan.said);
            commits.join(scan.commits);
            messages.extend(scan.messages);
            coverage.files += scan.coverage.files;
            coverage.bytes += scan.coverage.bytes;
        }
        commits.index();
        let mut losses: Vec<Loss> =
            inventory.losses().iter().map(|reason| Loss { path: None, reason: reason.clone() }).collect();
        let mut wanted = vec![0u64; inventory.len() as usize / 64 + 1];
        likely.blobs().chain(lost.keys().copied()).for_each(|blob| set_bit(&mut wanted, blob));
        if let Some(watch) = watch {
            watch.phase("reading directories", 0);
        }
        let shared = Shared {
            inventory: &inventory,
            rules,
            wanted: &wanted,
            names: Mutex::new(Names::default()),
            missing: Mutex::new(Missing::default()),
        };
        let mut readers: Vec<TreeReader<'_>> =
            (0..threads).map(|_| TreeReader::new(&shared, watch)).collect();
        walk(&inventory, &[Kind::Tree], &first, &mut readers);
        if let Some(reader) = readers.first_mut() {
            reader.lost.extend(trees_again);
        }
        for reader in &mut readers {
            for (number, reason) in std::mem::take(&mut reader.lost) {
                match inventory.read_copy(number, &mut reading) {
                    Ok((Kind::Tree, content)) => {
                        let kind = Kind::Tree;
                        let seen = Seen { number, kind, content: &content, made: None, is_base: false };
                        let state = reader.visit(seen);
                        reader.recycle(state);
                    }
                    // A loose object that moved since it was looked at: what it is was only found out now.
                    Ok(_) => {}
                    Err(_) => {
                        lost.insert(number, reason);
                    }
                }
            }
        }
        let rows = readers.into_iter().map(TreeReader::finish).collect();
        let Shared { names, missing, .. } = shared;
        let names = names.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let missing = missing.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let trees = Trees::join(rows, names, inventory.len() + missing.ids.len() as u32);
        let stopped = watch.and_then(Watch::stopped);
        let is_cut = stopped.is_some();
        if let Some(reason) = stopped {
            losses.push(Loss { path: None, reason });
        }
        // Where nothing is new, what is kept is as good.
        let again = reuse.again.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        let is_whole = watch.is_none_or(Watch::goes_on);
        let to_keep = (is_whole && kept > again).then(|| keep(&inventory, &likely, sizes, &said, &messages));
        Ok(Some(Self {
            inventory,
            commits,
            trees,
            likely,
            messages,
            lost,
            missing: missing.ids,
            losses,
            is_cut,
            state,
            coverage,
            reused: Reused { objects: known as u64, notes: Vec::new() },
            to_keep,
        }))
    }
}
