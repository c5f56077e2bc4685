//! Who introduced what: follows blobs of interest from commit to commit, without reading an object.
//!
//! Hands on [`Attribution`]: for each likely secret and path the first commit and blob, and when each secret went away again. The
//! trap: a merge introduces only what no parent has, and takes away only what all of them have.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::commits::{Commits, NONE};
use super::trees::{Edge, Trees};
use crate::detect::RuleSet;
use crate::judge::score::{PathWeights, path_weights};
use crate::watch::Watch;

/// Paths, by number; 0 is the top.
pub(super) struct Paths {
    numbers: HashMap<(u32, u32), u32>,
    /// Parent and name.
    steps: Vec<(u32, u32)>,
}

impl Paths {
    fn child(&mut self, parent: u32, name: u32) -> u32 {
        let next = self.steps.len() as u32;
        let number = *self.numbers.entry((parent, name)).or_insert(next);
        if number == next {
            self.steps.push((parent, name));
        }
        number
    }

    /// The numbers of the names that make up a path, from the top.
    pub(super) fn names(&self, mut path: u32) -> Vec<u32> {
        let mut names = Vec::new();
        while path != 0 {
            let (parent, name) = self.steps[path as usize];
            names.push(name);
            path = parent;
        }
        names.reverse();
        names
    }

    /// The bytes of a path.
    pub(super) fn bytes(&self, path: u32, trees: &Trees) -> Vec<u8> {
        let names = self.names(path);
        let names: Vec<&[u8]> = names.iter().map(|name| trees.names().name(*name)).collect();
        names.join(&b'/')
    }
}

/// What the blobs of interest hold.
pub(super) trait Contents {
    /// The likely secrets in a blob, each as the name under which it is carried on and the number of its value.
    fn likely(&self, blob: u32) -> &[(u32, u32)];

    /// Whether it is worth showing under a path.
    fn is_shown(&self, likely: u32, path: &PathWeights) -> bool;
}

/// Where something was first met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct First {
    /// The commit's place, or [`NONE`] where none leads to it.
    pub(super) commit: u32,
    /// The blob.
    pub(super) blob: u32,
    /// The number of the value.
    pub(super) value: u32,
}

/// When a value left a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gone {
    commit: u32,
    /// In a commit that HEAD reaches; from a path where all parents had it.
    weight: u8,
}

/// What is known of where blobs of interest stand.
pub(super) struct Attribution<'a, C> {
    trees: &'a Trees,
    contents: &'a C,
    rules: &'a RuleSet,
    pub(super) paths: Paths,
    /// Likely secret and path.
    pub(super) first: HashMap<(u32, u32), First>,
    /// What each path says.
    weights: HashMap<u32, PathWeights>,
    /// Paths whose names some rule is about, and whether in that folder.
    ruled: HashMap<u32, bool>,
    /// Blob and path where the file's name matters by itself.
    pub(super) named: HashMap<(u32, u32), First>,
    /// Blob and path of those that could not be read, and trees likewise.
    pub(super) unread: HashMap<u32, (u32, u32)>,
    /// Blobs that were met.
    pub(super) met: HashSet<u32>,
    gone: HashMap<(u32, u32), Gone>,
    lost: &'a HashMap<u32, String>,
    /// Numbers from here on are of objects that are missing.
    objects: u32,
    now: u32,
    in_head: bool,
    watch: Option<&'a Watch>,
    /// There were more paths than are followed.
    pub(super) is_crowded: bool,
}

/// How many paths are followed. A tree may name another one many times, and that one too: a few objects make more paths than
/// a computer holds.
pub(super) const MOST_PATHS: usize = 1 << 20;

impl<'a, C: Contents> Attribution<'a, C> {
    pub(super) fn new(
        trees: &'a Trees,
        contents: &'a C,
        rules: &'a RuleSet,
        lost: &'a HashMap<u32, String>,
        objects: u32,
        watch: Option<&'a Watch>,
    ) -> Self {
        Self {
            trees,
            contents,
            rules,
            paths: Paths { numbers: HashMap::new(), steps: vec![(0, 0)] },
            first: HashMap::new(),
            weights: HashMap::new(),
            ruled: HashMap::new(),
            named: HashMap::new(),
            unread: HashMap::new(),
            lost,
            objects,
            met: HashSet::new(),
            gone: HashMap::new(),
            now: NONE,
            in_head: false,
            watch,
            is_crowded: false,
        }
    }

    /// Follows the commits, which come with parents first.
    pub(super) fn follow(&mut self, commits: &Commits, order: &[u32], in_head: &[bool]) {
        for &place in order {
            self.now = place;
            self.in_head = in_head[place as usize];
            let tree_of = |parent: &u32| commits.place(*parent).map(|place| commits.row(place).tree);
            let olds: Vec<u32> = commits.parents(place).iter().filter_map(tree_of).collect();
            self.compare(commits.row(place).tree, &olds, 0, 0);
        }
        self.now = NONE;
        self.in_head = false;
    }

    /// Takes a tree that no commit leads to.
    pub(super) fn tree(&mut self, tree: u32) {
        self.compare(tree, &[], 0, 0);
    }

    fn compare(&mut self, new: u32, olds: &[u32], path: u32, depth: usize) {
        // Deeper than git itself follows.
        if olds.contains(&new) || depth > 2048 {
            return;
        }
        self.is_crowded |= self.paths.steps.len() > MOST_PATHS;
        if self.is_crowded || self.watch.is_some_and(|watch| !watch.goes_on()) {
            return;
        }
        if new != NONE && !self.trees.is_known(new) {
            self.unread.entry(new).or_insert((path, self.now));
            return;
        }
        let trees = self.trees;
        let (first, others) = olds.split_first().map_or((NONE, olds), |(first, others)| (*first, others));
        let elsewhere = |list: fn(&Trees, u32) -> &[Edge], name: u32| -> Vec<u32> {
            let find = |old: &u32| list(trees, *old).iter().find(|edge| edge.name == name);
            others.iter().map(|old| find(old).map_or(NONE, |edge| edge.object)).collect()
        };
        for (name, new, old) in differences(trees, trees.files(new), trees.files(first), b"") {
            let mut olds = elsewhere(Trees::files, name);
            if !olds.contains(&new) {
                if !self.is_root(first, others) {
                    olds.push(old);
                }
                self.changed(path, name, new, &olds);
            }
        }
        let leading = |edges: &'a [Edge]| -> Vec<Edge> {
            let leads = |edge: &&Edge| trees.leads(edge.object) || !trees.is_known(edge.object);
            edges.iter().filter(leads).copied().collect()
        };
        for (name, new, old) in
            differences(trees, &leading(trees.directories(new)), &leading(trees.directories(first)), b"/")
        {
            let mut olds = elsewhere(Trees::directories, name);
            if !self.is_root(first, others) {
                olds.push(old);
            }
            let path = self.paths.child(path, name);
            self.compare(new, &olds, path, depth + 1);
        }
    }

    fn is_root(&self, first: u32, others: &[u32]) -> bool {
        first == NONE && others.is_empty()
    }

    /// True when a file's name matters at that path.
    fn is_telling(&mut self, path: u32, name: u32) -> bool {
        let names = self.trees.names();
        if names.is_telling(name) || !names.is_ruled(name) {
            return names.is_telling(name);
        }
        let (rules, paths, trees) = (self.rules, &self.paths, self.trees);
        *self.ruled.entry(path).or_insert_with(|| !rules.files(&paths.bytes(path, trees)).is_empty())
    }

    /// A file of interest that is not what it was in any parent.
    fn changed(&mut self, path: u32, name: u32, new: u32, olds: &[u32]) {
        let path = self.paths.child(path, name);
        let contents = self.contents;
        let now = if new == NONE { &[][..] } else { contents.likely(new) };
        if new != NONE {
            let first = First { commit: self.now, blob: new, value: NONE };
            if new >= self.objects || self.lost.contains_key(&new) {
                self.unread.entry(new).or_insert((path, self.now));
            } else if self.is_telling(path, name) {
                self.named.entry((new, path)).or_insert(first);
            }
            self.met.insert(new);
        }
        if !now.is_empty() {
            let (paths, trees) = (&self.paths, self.trees);
            let weights = self.weights.entry(path).or_insert_with(|| path_weights(&paths.bytes(path, trees)));
            for &(likely, value) in now {
                let known = self.first.entry((likely, path));
                if matches!(known, Entry::Vacant(_)) && contents.is_shown(likely, weights) {
                    known.or_insert(First { commit: self.now, blob: new, value });
                }
            }
        }
        let has = |blob: u32, value: u32| blob != NONE && contents.likely(blob).iter().any(|l| l.1 == value);
        for &old in olds.iter().filter(|old| **old != NONE) {
            for &(_, value) in contents.likely(old) {
                if now.iter().any(|l| l.1 == value) {
                    continue;
                }
                let by_all = olds.iter().all(|old| has(*old, value));
                let weight = u8::from(self.in_head) * 2 + u8::from(by_all);
                let gone = Gone { commit: self.now, weight };
                self.gone
                    .entry((value, path))
                    .and_modify(|known| {
                        if weight >= known.weight {
                            *known = gone;
                        }
                    })
                    .or_insert(gone);
            }
        }
    }

    /// The commit that took a value from a path.
    pub(super) fn gone(&self, value: u32, path: u32) -> Option<u32> {
        self.gone.get(&(value, path)).map(|gone| gone.commit).filter(|commit| *commit != NONE)
    }

    /// True when the file at a path of that tree holds the value.
    pub(super) fn stands_in(&self, tree: u32, path: u32, value: u32) -> bool {
        let holds = |blob: u32| self.contents.likely(blob).iter().any(|l| l.1 == value);
        self.file_at(tree, path).is_some_and(holds)
    }

    /// The file of interest at a path of that tree.
    pub(super) fn file_at(&self, tree: u32, path: u32) -> Option<u32> {
        let names = self.paths.names(path);
        let (file, folders) = names.split_last()?;
        let find =
            |edges: &[Edge], name: u32| edges.iter().find(|edge| edge.name == name).map(|edge| edge.object);
        let mut tree = tree;
        for &name in folders {
            match find(self.trees.directories(tree), name) {
                Some(next) if self.trees.leads(next) => tree = next,
                _ => return None,
            }
        }
        find(self.trees.files(tree), *file)
    }
}

/// The names at which two trees differ, with what stands there in each. Both are in git's order, that of the names' bytes, as
/// if `end` stood behind each; what is out of order counts as different.
fn differences(trees: &Trees, new: &[Edge], old: &[Edge], end: &[u8]) -> Vec<(u32, u32, u32)> {
    let bytes = |edge: &Edge| trees.names().name(edge.name).iter().chain(end);
    let mut different = Vec::new();
    let (mut n, mut o) = (0, 0);
    loop {
        match (new.get(n), old.get(o)) {
            (None, None) => return different,
            (Some(a), Some(b)) if a.name == b.name => {
                if a.object != b.object {
                    different.push((a.name, a.object, b.object));
                }
                (n, o) = (n + 1, o + 1);
            }
            (Some(a), Some(b)) if bytes(a).lt(bytes(b)) => {
                different.push((a.name, a.object, NONE));
                n += 1;
            }
            (Some(a), None) => {
                different.push((a.name, a.object, NONE));
                n += 1;
            }
            (_, Some(b)) => {
                different.push((b.name, NONE, b.object));
                o += 1;
            }
        }
    }
}
