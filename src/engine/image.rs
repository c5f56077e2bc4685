//! Takes the images of a store through the stages: each layer once, member by member, then the configuration.
//!
//! The trap: whether a file is still visible is only known when the layers above are read, so it is filled in at the end.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;

use super::contents::{self, Leaf};
use super::members::Place;
use super::{Engine, Part, limit};
use crate::finding::{Inside, Layer, Loss, Outcome};
use crate::source::Item;
use crate::source::image::{Image, LayerPart, Missing, Store, Words, clean, images};
use crate::text::budget::{Budget, Limits};
use crate::text::container::{Container, EntryKind, decompress, head, sniff, tar_entries};
use crate::watch::Watch;

/// What one layer may cost unless the configuration says otherwise: layers are large by nature, so only what one unpacks to, against its size, says bomb.
pub const LAYER: Limits =
    Limits { depth: 8, bytes: 64 << 30, members: 5_000_000, ratio: 200, held: 256 << 20 };

/// What a file that a later layer deletes is called there (OCI layer.md, "Whiteouts").
const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

/// The names in one layer, hashed: what is asked is only whether it has one.
type Names = Rc<HashSet<u64>>;

/// Findings `from..to` stand in this file of the layer.
struct Stretch {
    from: usize,
    to: usize,
    layer: String,
    file: Vec<u8>,
}

impl Engine<'_> {
    /// Judges every image of a store; `name` is what the report calls it. The limits are those of a layer, [`LAYER`] as a rule.
    #[must_use]
    pub fn run_image(&self, store: &Store, name: &[u8]) -> Outcome {
        let item = Item::file(name.to_vec());
        let mut part = Part::default();
        let mut missing = Vec::new();
        let lose = |reason: String| Loss { path: Some(name.to_vec()), reason };
        if let Some(why) = store.damage() {
            part.outcome.losses.push(lose(format!("cannot read it to its end: {why}")));
        }
        match images(store, &mut missing) {
            Ok(images) => self.images(&images, store, &item, &mut part, &mut missing),
            Err(why) => part.outcome.losses.push(lose(format!("cannot read the image: {why}"))),
        }
        let missing = missing.into_iter();
        let losses = missing.map(|Missing { part, reason }| lose(format!("cannot judge {part}: {reason}")));
        part.outcome.losses.extend(losses);
        part.outcome.losses.extend(self.stopped());
        part.outcome.losses.dedup();
        self.settle(part)
    }

    fn images(
        &self,
        images: &[Image],
        store: &Store,
        item: &Item,
        part: &mut Part,
        missing: &mut Vec<Missing>,
    ) {
        let mut read: HashMap<Vec<u8>, Names> = HashMap::new();
        let mut stretches = Vec::new();
        let mut configurations = HashSet::new();
        for image in images {
            for layer in &image.layers {
                if !read.contains_key(&layer.part) && self.watch.is_none_or(Watch::goes_on) {
                    let names = self.layer(layer, store, item, part, &mut stretches, missing);
                    read.insert(layer.part.clone(), Rc::new(names));
                }
            }
            // An index may name one image more than once.
            if configurations.insert(&image.config) {
                for words in &image.texts {
                    self.words(image, words, item, part);
                }
            }
        }
        for stretch in &stretches {
            let visible = images.iter().any(|image| is_visible(image, stretch, &read));
            for pending in &mut part.pending[stretch.from..stretch.to] {
                if let Some(layer) = &mut pending.finding.inside.layer {
                    layer.visible = visible;
                }
            }
        }
    }

    /// Judges what stands in one layer and gives the names in it.
    fn layer(
        &self,
        layer: &LayerPart,
        store: &Store,
        item: &Item,
        part: &mut Part,
        stretches: &mut Vec<Stretch>,
        missing: &mut Vec<Missing>,
    ) -> HashSet<u64> {
        let mut names = HashSet::new();
        let called = if layer.digest.is_empty() {
            String::from_utf8_lossy(&layer.part).into_owned()
        } else {
            layer.digest.clone()
        };
        let mut lose = |reason: String| missing.push(Missing { part: called.clone(), reason });
        let (mut blob, size) = match store.part(&layer.part) {
            Ok(Some(blob)) => blob,
            Ok(None) => {
                lose("the layer is not in the image".to_owned());
                return names;
            }
            Err(reason) => {
                lose(reason);
                return names;
            }
        };
        let place = Layer { digest: called.clone(), instruction: layer.instruction.clone(), visible: true };
        let budget = Budget::new(self.limits, size);
        let (head, error) = head(&mut blob);
        if let Some(error) = error {
            lose(error.to_string());
            return names;
        }
        let kind = sniff(&head);
        let mut blob = std::io::Read::chain(head.as_slice(), blob);
        let mut each = |entry: crate::text::container::Entry<'_>| {
            if !budget.member() || self.watch.is_some_and(|watch| !watch.goes_on()) {
                return false;
            }
            let name = clean(&entry.name);
            if entry.kind != EntryKind::Folder {
                names.insert(hashed(&name));
            }
            if entry.kind == EntryKind::File {
                let from = part.pending.len();
                part.outcome.coverage.files += 1;
                part.outcome.coverage.bytes += entry.size;
                if let Some(watch) = self.watch {
                    watch.judged(entry.size);
                }
                contents::content(&name, entry.content, &budget, &mut |leaf| {
                    self.layered(leaf, &place, item, &budget, part);
                });
                let to = part.pending.len();
                if from < to {
                    stretches.push(Stretch { from, to, layer: called.clone(), file: name });
                }
            }
            !budget.is_spent()
        };
        let walked = match kind {
            Some(Container::Tar) => tar_entries(&mut blob, &mut each),
            Some(kind @ (Container::Gzip | Container::Bzip2 | Container::Xz | Container::Zstd)) => {
                decompress(kind, &mut blob, &budget)
                    .and_then(|mut stream| tar_entries(&mut stream, &mut each))
            }
            // An empty layer, or what is attached to an image and no layer at all.
            _ => {
                contents::content(b"", &mut blob, &budget, &mut |leaf| {
                    self.layered(leaf, &place, item, &budget, part);
                });
                Ok(())
            }
        };
        if let Err(why) = walked
            && !budget.is_spent()
        {
            lose(why);
        }
        let told = |what: String| limit(&item.path, &format!("{what}, in layer {called}"));
        part.outcome.limits.extend(budget.reached().into_iter().map(told));
        names
    }

    fn layered(&self, leaf: &Leaf<'_>, layer: &Layer, item: &Item, budget: &Budget, part: &mut Part) {
        let member = (!leaf.name.is_empty()).then(|| leaf.name.to_vec());
        let inside = Inside { member, layer: Some(layer.clone()), ..Inside::default() };
        let place = Place { item, index: 0, inside, lines_before: leaf.lines_before };
        self.leaf(leaf, &place, budget, part);
    }

    /// Judges a text of the configuration.
    fn words(&self, image: &Image, words: &Words, item: &Item, part: &mut Part) {
        let bytes = words.text.as_bytes();
        let budget = Budget::new(self.limits, bytes.len() as u64);
        let leaf =
            Leaf { name: words.name.as_bytes(), bytes, lines_before: 0, until: bytes.len(), whole: true };
        let layer =
            Layer { digest: image.config.clone(), instruction: words.instruction.clone(), visible: true };
        part.outcome.coverage.bytes += bytes.len() as u64;
        self.layered(&leaf, &layer, item, &budget, part);
        part.outcome.limits.extend(budget.reached().into_iter().map(|what| limit(&item.path, &what)));
    }
}

/// False when a layer above deletes or replaces the file, in every image that has its layer.
fn is_visible(image: &Image, stretch: &Stretch, read: &HashMap<Vec<u8>, Names>) -> bool {
    let own = |layer: &LayerPart| {
        if layer.digest.is_empty() {
            layer.part == stretch.layer.as_bytes()
        } else {
            layer.digest == stretch.layer
        }
    };
    let Some(at) = image.layers.iter().rposition(own) else { return false };
    let above = image.layers[at + 1..].iter().filter_map(|layer| read.get(&layer.part));
    let mut hiding = vec![hashed(&stretch.file), hashed(&whiteout(&stretch.file))];
    let mut folder = stretch.file.as_slice();
    while let Some(slash) = memchr::memrchr(b'/', folder) {
        folder = &folder[..slash];
        hiding.push(hashed(folder));
        hiding.push(hashed(&whiteout(folder)));
        hiding.push(hashed(&[folder, b"/", OPAQUE].concat()));
    }
    hiding.push(hashed(OPAQUE));
    !above.into_iter().any(|names| hiding.iter().any(|name| names.contains(name)))
}

/// `a/b` is deleted by `a/.wh.b`.
fn whiteout(name: &[u8]) -> Vec<u8> {
    let last = memchr::memrchr(b'/', name).map_or(0, |slash| slash + 1);
    [&name[..last], WHITEOUT, &name[last..]].concat()
}

fn hashed(name: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
