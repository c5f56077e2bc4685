//! Paths looked up in the index.
//!
//! Hands on: [`in_index`]. The trap: a sparse index names whole directories, whose files stand in trees.

use super::index::{Fault, Index};
use super::staged::Trouble;
use super::tree::{DIRECTORY, Lookup, Trees};
use super::{Blob, ObjectId};

/// Looks paths up in an index, through the trees of directories that a sparse one does not spell out.
pub(super) fn in_index(
    index: &Index,
    trees: Option<&Trees>,
    paths: &[&[u8]],
) -> Result<Vec<Option<Blob>>, Trouble> {
    let mut order: Vec<usize> = (0..paths.len()).collect();
    crate::order::sort_by_key(&mut order, |&at| paths[at]);
    let mut found = vec![None; paths.len()];
    let mut walk = index.walk()?;
    for at in order {
        let path = paths[at];
        walk.seek_before(path)?;
        while let Some(entry) = walk.entry()
            && walk.name() < path
        {
            // A sparse directory sorts before what is in it; stay there while paths inside are asked for.
            if entry.mode == DIRECTORY && path.starts_with(walk.name()) {
                break;
            }
            walk.advance()?;
        }
        let Some(entry) = walk.entry() else { continue };
        let id = ObjectId::from_raw(entry.id);
        if entry.mode == DIRECTORY && path.starts_with(walk.name()) {
            let (Some(trees), Some(id)) = (trees, id) else {
                return Err(Fault("a sparse index is read by git here".to_owned()).into());
            };
            found[at] = Lookup::new(trees, id)?.find(&path[walk.name().len()..])?;
        } else if walk.name() == path && entry.stage == 0 && !entry.intent_to_add {
            found[at] = id.map(|id| Blob { id, mode: entry.mode });
        }
    }
    Ok(found)
}
