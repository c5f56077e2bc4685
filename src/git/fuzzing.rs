//! What a fuzzer feeds to this room's own readers: the index and its extensions, loose objects, trees.
//!
//! Hands on one function a reader, each of which panics where a promise is broken. The trap: a split index is two files
//! that name each other by a checksum, which no fuzzer guesses, so the second is put in its place here.

use std::cell::OnceCell;

use super::ObjectId;
use super::id::Format;
use super::index::{CacheTree, Index, Node, bitmap};
use super::store::inflate;
use super::tree::Entries;
use crate::fuzzing::halves;

/// An index of either format, alone or split: entries come in the file's number, names are never empty beyond reason.
pub(crate) fn index(data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else { return };
    let format = if choice & 1 == 0 { Format::Sha1 } else { Format::Sha256 };
    let (shared, own) = if choice & 2 == 0 { (&[][..], data) } else { halves(data) };
    with_folder(|folder| {
        let path = folder.join("index");
        std::fs::write(&path, own).expect("a folder for temporary files");
        let hash = format.length();
        let mut second = None;
        if let Some(id) = linked(own, hash)
            && shared.len() > hash
        {
            let hex: String = id.iter().map(|b| format!("{b:02x}")).collect();
            let file = folder.join(format!("sharedindex.{hex}"));
            let body = &shared[..shared.len() - hash];
            std::fs::write(&file, [body, id].concat()).expect("a folder for temporary files");
            second = Some(file);
        }
        if let Ok(index) = Index::open(&path, folder, format) {
            walk(&index, data.len());
            if let Ok(Some(tree)) = index.cache_tree() {
                descend(&tree, tree.root(), 0);
            }
        }
        if let Some(file) = second {
            std::fs::remove_file(file).expect("it was written above");
        }
    });
}

fn walk(index: &Index, length: usize) {
    let Ok(mut walk) = index.walk() else { return };
    let mut entries = 0;
    while let Some(entry) = walk.entry() {
        assert!(ObjectId::from_raw(entry.id).is_some() && entry.stage < 4);
        entries += 1;
        // An entry takes more than forty bytes; both files together have no more.
        assert!(entries <= length / 40 + 1, "more entries than bytes");
        let name = walk.name().len();
        assert!(name <= length * 2);
        if walk.advance().is_err() {
            return;
        }
    }
}

/// The id in the `link` extension, wherever those four bytes stand.
fn linked(own: &[u8], hash: usize) -> Option<&[u8]> {
    let at = memchr::memmem::find(own, b"link")?;
    own.get(at + 8..at + 8 + hash)
}

/// A cache tree by itself.
pub(crate) fn cache_tree(data: &[u8]) {
    for hash in [20, 32] {
        if let Ok(tree) = CacheTree::parse(data, hash) {
            descend(&tree, tree.root(), 0);
        }
    }
}

fn descend(tree: &CacheTree<'_>, node: Node, level: usize) {
    assert!(tree.valid(node).is_none_or(|(id, _)| !id.is_empty()));
    // Own recursion, so own bound.
    if level < 64 {
        for (_, child) in tree.children(node).iter().take(64) {
            descend(tree, child, level + 1);
        }
    }
}

/// The bitmaps of a split index: ascending positions below the count.
pub(crate) fn ewah(data: &[u8]) {
    let Some((count, data)) = data.split_first_chunk::<2>() else { return };
    let count = u32::from(u16::from_le_bytes(*count));
    if let Ok((set, rest)) = bitmap(data, count) {
        assert!(set.is_sorted() && set.iter().all(|&position| position < count));
        assert!(rest.len() <= data.len());
    }
}

/// A loose object: never more content than it says; and what is packed reads back.
pub(crate) fn loose_object(data: &[u8]) {
    use std::io::Write as _;
    drop(inflate(data));
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let written = write!(encoder, "blob {}\0", data.len()).and_then(|()| encoder.write_all(data));
    let packed = written.and_then(|()| encoder.finish()).expect("memory");
    let (_, content) = inflate(&packed).expect("a whole object");
    assert_eq!(content, data);
    // The header alone is hard to guess once it is packed.
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).expect("memory");
    drop(inflate(&encoder.finish().expect("memory")));
}

/// A tree's entries end, and have names.
pub(crate) fn tree(data: &[u8]) {
    for format in [Format::Sha1, Format::Sha256] {
        let mut entries = Entries::new(data, format.length(), format.empty_tree());
        let mut count = 0;
        while let Ok(Some(entry)) = entries.step() {
            assert!(!entry.name.is_empty() && !entry.name.contains(&0));
            count += 1;
        }
        assert!(count <= data.len() / 20);
    }
}

/// A folder of this thread's own, kept between runs and gone with the thread.
pub(super) fn with_folder(run: impl FnOnce(&std::path::Path)) {
    thread_local! {
        static FOLDER: OnceCell<tempfile::TempDir> = const { OnceCell::new() };
    }
    FOLDER.with(|folder| {
        run(folder.get_or_init(|| tempfile::tempdir().expect("a folder for temporary files")).path());
    });
}
