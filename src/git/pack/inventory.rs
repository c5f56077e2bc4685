//! Every object of a repository, packed or loose, by number.
//!
//! Hands on [`Inventory`]: packs in the order of their names, in each the objects in the order in which they stand there, then
//! the loose ones by id. The same object in two places has two numbers; [`Inventory::find`] gives the first, and only that is
//! worth reading. The trap: a repack may take files away meanwhile. A mapped pack stays readable; packs are listed until two
//! lists are the same, and again when an object is not where it was.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::super::ObjectId;
use super::super::folder::entries;
use super::super::mapping::Mapping;
use super::super::store::{self, Kind, Unread};
use super::entry::{Body, Head, Inflater, LARGEST, TOO_LARGE, apply};
use super::forest::{Forest, NONE};
use super::index::PackIndex;

/// One mapped pack.
pub(super) struct Pack {
    pub(super) map: Mapping,
    pub(super) index: PackIndex,
    pub(super) forest: Forest,
    /// The number of its first object.
    pub(super) start: u32,
    /// Its index, by which it is known when packs are listed again.
    path: PathBuf,
}

/// How often packs are listed while others are being written, and again for objects that are gone.
const MOST_LISTS: usize = 10;
const MOST_LATE_LISTS: usize = 100;
/// How many lists without anything new say that an object is gone.
const MOST_QUIET_LISTS: usize = 3;

/// All objects of a repository.
pub struct Inventory {
    pub(super) packs: Vec<Pack>,
    pub(super) hash: usize,
    loose: Vec<(ObjectId, u16)>,
    loose_start: u32,
    folders: Vec<PathBuf>,
    slots: Slots,
    /// Numbers of objects that have another number too.
    copies: HashSet<u32>,
    losses: Vec<String>,
    late: Mutex<Late>,
}

/// What was listed again, since an object was not where it had been.
#[derive(Default)]
struct Late {
    packs: Vec<Pack>,
    /// How often since an object was found so.
    lists: usize,
}

/// A hash table from ids to numbers: the ids themselves stay in the mapped files.
struct Slots {
    /// A number and one, 0 for an empty slot, and 32 further bits of its id.
    slots: Vec<(u32, u32)>,
}

impl Slots {
    fn with_room_for(count: usize) -> Self {
        Self { slots: vec![(0, 0); (count * 2).next_power_of_two().max(16)] }
    }

    /// Ids are hashes already; anybody can make some that collide here, at the price of their own time.
    fn key(id: &[u8]) -> (usize, u32) {
        let word = |at: usize| id.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        ((word(0) as usize) | (word(8) as usize) << 32, word(4))
    }

    fn find(&self, id: &[u8], same: impl Fn(u32) -> bool) -> Result<u32, usize> {
        let (at, tag) = Self::key(id);
        let mask = self.slots.len() - 1;
        let mut at = at & mask;
        loop {
            let (number, known) = self.slots[at];
            if number == 0 {
                return Err(at);
            }
            if known == tag && same(number - 1) {
                return Ok(number - 1);
            }
            at = (at + 1) & mask;
        }
    }
}

impl Inventory {
    /// Maps the packs in these folders of objects and lists the loose ones.
    pub(in crate::git) fn open(folders: Vec<PathBuf>, hash: usize) -> Self {
        let mut losses = Vec::new();
        let mut opened: BTreeMap<(usize, PathBuf), Result<Option<Pack>, String>> = BTreeMap::new();
        let (mut loose, mut unread) = (Vec::new(), Vec::new());
        // Git writes a pack before it takes away what the pack holds. So nothing is missed where no pack came or went between
        // two lists of them, with the list of loose objects in between.
        for attempt in 0..MOST_LISTS {
            unread.clear();
            let listed = indexes(&folders, &mut unread);
            // A pack and its index are replaced one after the other.
            if attempt > 0 {
                opened.retain(|_, pack| pack.is_ok());
            }
            for (folder, path) in &listed {
                let key = (*folder, path.clone());
                opened.entry(key).or_insert_with(|| open_pack(path, hash));
            }
            loose.clear();
            for (number, folder) in folders.iter().enumerate() {
                list_loose(folder, number as u16, hash, &mut loose, &mut unread);
            }
            let is_whole = attempt >= 2 || opened.values().all(Result::is_ok);
            if is_whole && indexes(&folders, &mut Vec::new()) == listed {
                break;
            }
        }
        losses.extend(unread);
        let mut packs: Vec<Pack> = Vec::new();
        let mut start = 0u32;
        for ((_, path), pack) in opened {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match pack {
                // A pack that is gone was taken away by a repack, whose new one holds its objects.
                Ok(None) => {}
                Ok(Some(pack)) => match start.checked_add(pack.forest.len() as u32) {
                    Some(next) => {
                        packs.push(Pack { start, ..pack });
                        start = next;
                    }
                    None => losses.push(format!("cannot read {name}: there are too many objects")),
                },
                Err(reason) => losses.push(format!(
                    "cannot read {name}: {reason}; `git index-pack` makes a new index, `git fsck` tells more"
                )),
            }
        }
        loose.sort_unstable();
        loose.dedup_by_key(|(id, _)| *id);
        let slots = Slots::with_room_for(start as usize + loose.len());
        let copies = HashSet::new();
        let late = Mutex::default();
        let mut inventory =
            Self { packs, hash, loose, loose_start: start, folders, slots, copies, losses, late };
        for number in 0..inventory.len() {
            let id = inventory.raw_id(number);
            let at = match inventory.slots.find(id, |known| inventory.raw_id(known) == id) {
                // The first of several is the one.
                Ok(_) => {
                    inventory.copies.insert(number);
                    continue;
                }
                Err(at) => at,
            };
            inventory.slots.slots[at] = (number + 1, Slots::key(inventory.raw_id(number)).1);
        }
        inventory
    }

    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.loose_start + self.loose.len() as u32
    }

    /// True when the repository has no object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Packs that could not be read, in words.
    #[must_use]
    pub fn losses(&self) -> &[String] {
        &self.losses
    }

    /// Bytes of an id.
    #[must_use]
    pub fn hash_length(&self) -> usize {
        self.hash
    }

    /// The pack of a number and its entry there; `None` for a loose object.
    pub(super) fn pack_of(&self, number: u32) -> Option<(usize, u32)> {
        if number >= self.loose_start {
            return None;
        }
        let pack = self.packs.partition_point(|pack| pack.start <= number).checked_sub(1)?;
        Some((pack, number - self.packs[pack].start))
    }

    /// The raw id of a number.
    #[must_use]
    pub fn raw_id(&self, number: u32) -> &[u8] {
        match self.pack_of(number) {
            Some((pack, entry)) => {
                let pack = &self.packs[pack];
                pack.index.id(pack.forest.places[entry as usize] as usize)
            }
            None => self.loose.get((number - self.loose_start) as usize).map_or(&[], |(id, _)| id.as_bytes()),
        }
    }

    /// The id of a number.
    #[must_use]
    pub fn id(&self, number: u32) -> Option<ObjectId> {
        ObjectId::from_raw(self.raw_id(number))
    }

    /// The number of an object.
    #[must_use]
    pub fn find(&self, id: &[u8]) -> Option<u32> {
        self.slots.find(id, |number| self.raw_id(number) == id).ok()
    }

    /// True for the number under which [`Inventory::find`] knows its object: others are copies.
    #[must_use]
    pub fn is_first(&self, number: u32) -> bool {
        !self.copies.contains(&number)
    }

    /// The numbers of loose objects.
    #[must_use]
    pub fn loose(&self) -> std::ops::Range<u32> {
        self.loose_start..self.len()
    }

    /// Packed objects of which their pack does not tell what they are: it is damaged there.
    pub fn unknown(&self) -> impl Iterator<Item = u32> {
        (0..self.loose_start).filter(|number| self.kind(*number).is_none() && self.is_first(*number))
    }

    /// What a packed object is; `None` for a loose one, and where the pack does not tell.
    pub fn kind(&self, number: u32) -> Option<Kind> {
        let (pack, entry) = self.pack_of(number)?;
        self.packs[pack].forest.kind(entry)
    }

    /// Reads one object by itself: its chain of deltas from the bottom.
    ///
    /// # Errors
    /// What is wrong with it, in words that fit behind "cannot read object X: ".
    pub fn read(&self, number: u32, reader: &mut Reading) -> Result<(Kind, Vec<u8>), String> {
        let Some((pack, entry)) = self.pack_of(number) else {
            return self.read_loose(number, LARGEST).map_err(|unread| match unread {
                Unread::Large => TOO_LARGE.to_owned(),
                Unread::Broken(reason) => reason,
            });
        };
        self.packs[pack].read(entry, self.hash, reader)
    }

    /// Reads a loose object that has no more bytes than `largest`.
    pub(super) fn read_loose(&self, number: u32, largest: u64) -> Result<(Kind, Vec<u8>), Unread> {
        let (id, folder) = self.loose[(number - self.loose_start) as usize];
        store::read_loose(&self.folders[usize::from(folder)], &id, largest)
    }

    /// Reads a loose object of any size piece by piece.
    pub(super) fn stream_loose(
        &self,
        number: u32,
        piece: usize,
        take: &mut dyn FnMut(Kind, &[u8]),
    ) -> Result<Kind, String> {
        let (id, folder) = self.loose[(number - self.loose_start) as usize];
        store::stream_loose(&self.folders[usize::from(folder)], &id, piece, take)
    }

    /// Reads an object from another place than this, if there is one.
    ///
    /// # Errors
    /// Why none of them does.
    pub fn read_copy(&self, number: u32, reader: &mut Reading) -> Result<(Kind, Vec<u8>), String> {
        let id = self.raw_id(number);
        let mut why = "there is no other copy of it".to_owned();
        let packed =
            self.packs.iter().filter_map(|pack| Some(pack.start + pack.entry_at(pack.index.find(id)?)?));
        let loose = self.loose.binary_search_by(|(known, _)| known.as_bytes().cmp(id)).ok();
        for copy in packed.chain(loose.map(|at| self.loose_start + at as u32)).filter(|copy| *copy != number)
        {
            match self.read(copy, reader) {
                Ok(read) => return Ok(read),
                Err(reason) => why = reason,
            }
        }
        self.read_late(id, reader).unwrap_or(Err(why))
    }

    /// Reads an object from a pack that came after the others were listed, or from a file that did.
    fn read_late(&self, id: &[u8], reader: &mut Reading) -> Option<Result<(Kind, Vec<u8>), String>> {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        let known = ObjectId::from_raw(id)?;
        let loose = |folder: &PathBuf| store::read_loose(folder, &known, LARGEST).ok();
        let mut quiet = 0;
        loop {
            let packed = late
                .packs
                .iter()
                .find_map(|pack| pack.read(pack.entry_at(pack.index.find(id)?)?, self.hash, reader).ok());
            if let Some(read) = packed.or_else(|| self.folders.iter().find_map(loose)) {
                // Lists are only counted where they bring nothing: of what is missing there may be much.
                late.lists = 0;
                return Some(Ok(read));
            }
            // It may have been packed since it was looked for as a file, or the other way round.
            if late.lists == MOST_LATE_LISTS {
                return None;
            }
            late.lists += 1;
            let is_new = |path: &Path| self.packs.iter().chain(&late.packs).all(|pack| pack.path != path);
            let new = indexes(&self.folders, &mut Vec::new()).into_iter().filter(|(_, path)| is_new(path));
            let new: Vec<Pack> = new.filter_map(|(_, path)| open_pack(&path, self.hash).ok()?).collect();
            if new.is_empty() && self.folders.iter().all(|folder| loose(folder).is_none()) {
                quiet += 1;
                if quiet == MOST_QUIET_LISTS {
                    return None;
                }
            }
            late.packs.extend(new);
        }
    }

    /// The checksum by which each pack's content is known.
    pub fn pack_checksums(&self) -> impl Iterator<Item = &[u8]> {
        self.packs.iter().map(|pack| pack.index.pack_checksum())
    }
}

/// What one thread reads objects with.
pub struct Reading {
    inflater: Inflater,
    delta: Vec<u8>,
    ops: Vec<super::Op>,
}

impl Default for Reading {
    fn default() -> Self {
        Self { inflater: Inflater::new(), delta: Vec::new(), ops: Vec::new() }
    }
}

impl Pack {
    /// The entry of an object, by its place in the index.
    fn entry_at(&self, place: usize) -> Option<u32> {
        let offset = self.index.offset(place)?;
        Some(self.forest.offsets.binary_search(&offset).ok()? as u32)
    }

    /// Reads one object by itself.
    fn read(&self, entry: u32, hash: usize, reader: &mut Reading) -> Result<(Kind, Vec<u8>), String> {
        let kind = self.forest.kind(entry).ok_or("the objects that it is made from are not there")?;
        let mut chain = vec![entry];
        let mut bottom = entry;
        while self.forest.base(bottom) != NONE {
            bottom = self.forest.base(bottom);
            chain.push(bottom);
        }
        let mut content = Vec::new();
        for (step, &entry) in chain.iter().rev().enumerate() {
            if step == 0 {
                self.inflate(entry, hash, &mut reader.inflater, &mut content)?;
            } else {
                let Reading { inflater, delta, ops } = &mut *reader;
                self.inflate(entry, hash, inflater, delta)?;
                let mut made = Vec::new();
                apply(&content, delta, &mut made, ops)?;
                content = made;
            }
        }
        Ok((kind, content))
    }

    /// The header of an entry and the compressed bytes behind it.
    pub(super) fn entry(&self, entry: u32, hash: usize) -> Option<(Head<'_>, &[u8])> {
        let start = usize::try_from(self.forest.offsets[entry as usize]).ok()?;
        let bytes = self.map.get(start..self.forest.end(entry, &self.map, hash))?;
        let head = Head::parse(bytes, hash)?;
        Some((head, &bytes[head.data..]))
    }

    /// Inflates an entry: an object that is stored whole, or a delta's instructions.
    pub(super) fn inflate(
        &self,
        entry: u32,
        hash: usize,
        inflater: &mut Inflater,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let (head, packed) = self.entry(entry, hash).ok_or("its entry in the pack is damaged")?;
        inflater.inflate(packed, head.size, out)
    }

    /// How many bytes an object has that is stored whole.
    pub(super) fn whole_size(&self, entry: u32, hash: usize) -> Option<u64> {
        let (head, _) = self.entry(entry, hash)?;
        matches!(head.body, Body::Whole(_)).then_some(head.size)
    }
}

/// Maps a pack and its index; `None` when the pack is gone.
fn open_pack(path: &Path, hash: usize) -> Result<Option<Pack>, String> {
    let map = match Mapping::open(&path.with_extension("pack")) {
        Ok(map) => map,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let index = PackIndex::open(path, hash)?;
    if !map.starts_with(b"PACK") || !matches!(map.get(4..8), Some([0, 0, 0, 2 | 3])) {
        return Err("it is no pack of a known version".to_owned());
    }
    if map.len() < 12 + hash {
        return Err("it is cut short".to_owned());
    }
    let said = u32::from_be_bytes([map[8], map[9], map[10], map[11]]) as usize;
    if said != index.count() {
        return Err(format!("it has {said} objects and its index {}", index.count()));
    }
    if &map[map.len() - hash..] != index.pack_checksum() {
        return Err("it is cut short, or its index is another pack's".to_owned());
    }
    let forest = Forest::grow(&map, &index, hash);
    Ok(Some(Pack { map, index, forest, start: 0, path: path.to_owned() }))
}

/// The indexes of packs in these folders, by folder and name.
fn indexes(folders: &[PathBuf], unread: &mut Vec<String>) -> Vec<(usize, PathBuf)> {
    let mut paths = Vec::new();
    for (number, folder) in folders.iter().enumerate() {
        let all = entries(&folder.join("pack"), LIST, unread).map(|entry| (number, entry.path()));
        paths.extend(all.filter(|(_, path)| path.extension().is_some_and(|e| e == "idx")));
    }
    crate::order::sort(&mut paths);
    paths
}

/// What is told of a folder of objects that cannot be read.
const LIST: &str = "list a folder of objects";

fn list_loose(
    objects: &Path,
    folder: u16,
    hash: usize,
    loose: &mut Vec<(ObjectId, u16)>,
    unread: &mut Vec<String>,
) {
    for byte in 0..=255u8 {
        for entry in entries(&objects.join(format!("{byte:02x}")), LIST, unread) {
            let hex = [format!("{byte:02x}").as_bytes(), entry.file_name().as_encoded_bytes()].concat();
            // What is no id is a file that is being written.
            if let Some(id) = ObjectId::from_hex(&hex).filter(|id| id.as_bytes().len() == hash) {
                loose.push((id, folder));
            }
        }
    }
}
