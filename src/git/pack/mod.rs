//! Own reading of packs, for what reads every object: history.
//!
//! Hands on [`Inventory`], every object by number, and [`walk`], which shows them all, each delta's base read once. Own code
//! because this is the hot path: libgit2 and git resolve each object's chain of deltas for itself, and tell nobody what a
//! delta inserts. The trap: nothing here is trusted; what cannot be read is told, and may be read another way.

mod entry;
mod forest;
mod index;
mod inventory;
mod parse;
mod walk;

pub use entry::Op;
pub use inventory::{Inventory, Reading};
pub use parse::{Commit, Entry, Tag, entries};
pub use walk::{Made, Seen, Visitor, walk};

/// Whatever a delta says, what it makes is what its steps say.
pub(crate) fn fuzz_delta(data: &[u8]) {
    let (base, delta) = crate::fuzzing::halves(data);
    let (mut out, mut ops) = (Vec::new(), Vec::new());
    // The size of the base is hard to guess.
    let mut sized = Vec::new();
    let mut size = base.len();
    while size > 0x7f {
        sized.push(size as u8 | 0x80);
        size >>= 7;
    }
    sized.push(size as u8);
    sized.extend_from_slice(delta);
    if entry::apply(base, &sized, &mut out, &mut ops).is_err() {
        return;
    }
    let mut at = 0;
    for op in ops {
        match op {
            Op::Insert { len } => at += len,
            Op::Copy { from, len } => {
                assert_eq!(out[at..at + len], base[from..from + len]);
                at += len;
            }
        }
    }
    assert_eq!(at, out.len());
}

/// An index of either version and format: what it lists lies within it, and damage is no more than that.
pub(crate) fn fuzz_index(data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else { return };
    let hash = if choice & 1 == 0 { 20 } else { 32 };
    super::fuzzing::with_folder(|folder| {
        let path = folder.join("pack.idx");
        std::fs::write(&path, data).expect("a folder for temporary files");
        let Ok(index) = index::PackIndex::open(&path, hash) else { return };
        // Each object takes more than its id.
        assert!(index.count() <= data.len() / hash);
        assert_eq!(index.pack_checksum().len(), hash);
        for place in 0..index.count() {
            let id = index.id(place);
            assert_eq!(id.len(), hash);
            if let Some(found) = index.find(id) {
                assert_eq!(index.id(found), id);
            }
            let _ = index.offset(place);
        }
        assert!(index.id(index.count() + data.len()).is_empty() && index.offset(data.len()).is_none());
    });
}

/// An entry inflates to what it says or to nothing; what stands in commits, tags and trees lies within them.
pub(crate) fn fuzz_entry(data: &[u8]) {
    let mut inflater = entry::Inflater::new();
    let mut out = Vec::new();
    if let Some(head) = entry::Head::parse(data, 20)
        && head.size < 1 << 20
        && inflater.inflate(&data[head.data..], head.size, &mut out).is_ok()
    {
        assert_eq!(out.len() as u64, head.size);
    }
    for content in [data, &out] {
        let words = super::words::Words::parse(content);
        assert!(content.ends_with(&words.message) && words.author.len() <= content.len());
        if let Some(commit) = Commit::parse(content) {
            assert!(content.ends_with(commit.message));
        }
        if let Some(tag) = Tag::parse(content) {
            assert!(content.ends_with(tag.message));
        }
        for hash in [20, 32] {
            let mut end = 0;
            for entry in entries(content, hash).map_while(Result::ok) {
                assert!(entry.at >= end && entry.id.len() == hash && !entry.name.contains(&0));
                end = entry.at + entry.name.len() + hash;
            }
            assert!(end <= content.len());
        }
    }
}
