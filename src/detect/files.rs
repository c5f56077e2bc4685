//! Which rules look at a file for its name's sake.
//!
//! Asked for every path that is judged, so it must cost next to nothing: one binary search and a few comparisons.

use super::layer::{Layer, run};
use super::rules::{RuleId, RuleSet};
use super::tables::NameRow;

/// The longest name of a file that is looked up, in bytes; file systems allow no longer one.
const LONGEST_NAME: usize = 255;

impl RuleSet {
    /// The enabled file rules whose names fit the path, in the rules' order.
    #[must_use]
    pub fn files(&self, path: &[u8]) -> Vec<RuleId> {
        let mut found = Vec::new();
        let (folder, name) = match memchr::memrchr(b'/', path) {
            Some(slash) => (&path[..slash], &path[slash + 1..]),
            None => (&path[..0], path),
        };
        if name.len() > LONGEST_NAME {
            return found;
        }
        let mut lower = [0u8; LONGEST_NAME];
        let lower = &mut lower[..name.len()];
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        let parent = &folder[memchr::memrchr(b'/', folder).map_or(0, |slash| slash + 1)..];
        for (layer, first) in self.layers() {
            let from = found.len();
            fitting(layer, lower, parent, |file| {
                let row = &layer.files()[usize::from(file)];
                let id = RuleId(first + row.rule);
                let except = run(layer.names(), row.except);
                let excepted = except.iter().any(|name| fits(layer, name, lower, parent));
                if !excepted && self.is_enabled(id) && !found[from..].contains(&id) {
                    found.push(id);
                }
            });
        }
        found.sort_unstable();
        found
    }

    /// True when some rule is about files of this name, in whatever folder.
    #[must_use]
    pub fn is_about(&self, name: &[u8]) -> bool {
        let lower = name.to_ascii_lowercase();
        name.len() <= LONGEST_NAME
            && self.layers().any(|(layer, _)| {
                let (names, _) = layer.name_counts();
                layer.names()[..names].iter().any(|row| name_fits(layer, row, &lower))
            })
    }
}

fn fitting(layer: Layer<'_>, name: &[u8], parent: &[u8], mut found: impl FnMut(u16)) {
    let (names, exact) = layer.name_counts();
    let (exact, open) = layer.names()[..names].split_at(exact);
    let from = exact.partition_point(|row| layer.slice(row.start).as_bytes() < name);
    let same = exact[from..].iter().take_while(|row| layer.slice(row.start).as_bytes() == name);
    same.chain(open).filter(|row| fits(layer, row, name, parent)).for_each(|row| found(row.file));
}

fn fits(layer: Layer<'_>, row: &NameRow, name: &[u8], parent: &[u8]) -> bool {
    name_fits(layer, row, name)
        && (row.folder.len == 0 || layer.slice(row.folder).as_bytes().eq_ignore_ascii_case(parent))
}

fn name_fits(layer: Layer<'_>, row: &NameRow, name: &[u8]) -> bool {
    let (start, end) = (layer.slice(row.start).as_bytes(), layer.slice(row.end).as_bytes());
    if row.open {
        name.len() >= start.len() + end.len() && name.ends_with(end) && name.starts_with(start)
    } else {
        name == start
    }
}
