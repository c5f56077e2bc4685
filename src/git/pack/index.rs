//! Reads a pack's `.idx`: which object stands at which offset.
//!
//! Hands on [`PackIndex`], over a mapped file, versions 1 and 2 (gitformat-pack(5)). The trap: libgit2 1.9 dies on some
//! damaged ones, so every number in here is held against the file's length before it is used.

use std::path::Path;

use super::super::mapping::Mapping;

/// `\377tOc`, by which version 2 starts; version 1 has no mark.
const MARK: &[u8] = b"\xfftOc";
const FANOUT: usize = 256 * 4;

/// A mapped index of one pack.
pub(super) struct PackIndex {
    map: Mapping,
    hash: usize,
    count: usize,
    fanout_at: usize,
    /// Version 1 has an offset before each id.
    first: bool,
}

impl PackIndex {
    /// Maps it and checks its lengths; `hash` is 20 or 32.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(super) fn open(path: &Path, hash: usize) -> Result<Self, String> {
        let map = Mapping::open(path).map_err(|error| error.to_string())?;
        Self::over(map, hash)
    }

    fn over(map: Mapping, hash: usize) -> Result<Self, String> {
        let first = !map.starts_with(MARK);
        if !first && map.get(4..8) != Some(&[0, 0, 0, 2]) {
            return Err("its index is of an unknown version".to_owned());
        }
        let fanout_at = if first { 0 } else { 8 };
        let mut index = Self { map, hash, count: 0, fanout_at, first };
        let mut last = 0;
        for byte in 0..256 {
            let next = index.word(fanout_at + byte * 4).ok_or("its index is cut short")?;
            if next < last {
                return Err("its index is damaged".to_owned());
            }
            last = next;
        }
        index.count = last as usize;
        let row = if first { hash + 4 } else { hash + 8 };
        let least = index.count.checked_mul(row).and_then(|n| n.checked_add(fanout_at + FANOUT + 2 * hash));
        if least.is_none_or(|least| index.map.len() < least) {
            return Err("its index is cut short".to_owned());
        }
        Ok(index)
    }

    fn word(&self, at: usize) -> Option<u32> {
        let bytes = self.map.get(at..at + 4)?;
        Some(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// How many objects the pack has.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The id at a place of the sorted list; empty beyond its end.
    pub(super) fn id(&self, place: usize) -> &[u8] {
        let table = self.fanout_at + FANOUT;
        let at = if self.first { table + place * (self.hash + 4) + 4 } else { table + place * self.hash };
        self.map.get(at..at + self.hash).unwrap_or_default()
    }

    /// Where that object starts in the pack; `None` when the index is damaged.
    pub(super) fn offset(&self, place: usize) -> Option<u64> {
        let table = self.fanout_at + FANOUT;
        if self.first {
            return self.word(table + place * (self.hash + 4)).map(u64::from);
        }
        let offsets = table + self.count * (self.hash + 4);
        let offset = self.word(offsets + place * 4)?;
        if offset >> 31 == 0 {
            return Some(u64::from(offset));
        }
        // Beyond 2 GiB: a place in a second table of 8-byte offsets.
        let at = offsets + self.count * 4 + (offset & 0x7fff_ffff) as usize * 8;
        let bytes = self.map.get(at..at + 8)?;
        Some(u64::from_be_bytes(bytes.try_into().ok()?))
    }

    /// The place of an id in the sorted list.
    pub(super) fn find(&self, id: &[u8]) -> Option<usize> {
        let byte = usize::from(*id.first()?);
        let before = if byte == 0 { 0 } else { self.word(self.fanout_at + (byte - 1) * 4)? as usize };
        let (mut low, mut high) = (before, self.word(self.fanout_at + byte * 4)? as usize);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The pack's checksum, which the index repeats: it names the pack's content.
    pub(super) fn pack_checksum(&self) -> &[u8] {
        let end = self.map.len() - self.hash;
        &self.map[end - self.hash..end]
    }
}
