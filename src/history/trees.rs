//! Which directories lead to the blobs of interest, from every tree of the repository.
//!
//! Hands on [`Trees`]: for each tree its directories, and which of its files are of interest. Trees are read in the order of
//! the pack, each once, and entries that a delta copies are taken from its base. Nothing walks from commit to commit: that would
//! open each tree by itself, at the end of its own chain of deltas. The trap: an entry is only the base's own when it starts
//! exactly where one started there, or bytes of an id could be read as an entry.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use crate::detect::{self, Candidate, RuleSet};
use crate::git::pack::{Entry, Inventory, Op, Seen, Visitor, entries};
use crate::git::{Kind, ObjectId};
use crate::judge;
use crate::watch::Watch;

/// Names of files and directories, by number.
#[derive(Default)]
pub(super) struct Names {
    numbers: HashMap<Vec<u8>, u32>,
    names: Vec<Vec<u8>>,
    telling: HashSet<u32>,
    /// Names that a rule is about, in some folder at least.
    ruled: HashSet<u32>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_vec());
        self.numbers.insert(name.to_vec(), number);
        number
    }

    /// True for a name that may hold a secret itself.
    pub(super) fn is_telling(&self, number: u32) -> bool {
        self.telling.contains(&number)
    }

    /// True for a name that some rule is about; whether in that folder, the path tells.
    pub(super) fn is_ruled(&self, number: u32) -> bool {
        self.ruled.contains(&number)
    }

    /// The name behind a number.
    pub(super) fn name(&self, number: u32) -> &[u8] {
        self.names.get(number as usize).map_or(&[], Vec::as_slice)
    }
}

/// An entry of a tree: the object's number and the number of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) object: u32,
    pub(super) name: u32,
}

/// What one tree leads to.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    tree: u32,
    directories: (u32, u32),
    files: (u32, u32),
}

/// Objects that are named and not there; they have numbers above those of the inventory.
#[derive(Default)]
pub(super) struct Missing {
    numbers: HashMap<ObjectId, u32>,
    pub(super) ids: Vec<ObjectId>,
}

/// What all threads share.
pub(super) struct Shared<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) rules: &'a RuleSet,
    /// One bit for each number: a blob that is of interest.
    pub(super) wanted: &'a [u64],
    pub(super) names: Mutex<Names>,
    pub(super) missing: Mutex<Missing>,
}

/// True when the bit of a number is set.
pub(super) fn bit(bits: &[u64], number: u32) -> bool {
    bits.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
}

/// Sets the bit of a number.
pub(super) fn set_bit(bits: &mut [u64], number: u32) {
    if let Some(word) = bits.get_mut(number as usize / 64) {
        *word |= 1 << (number % 64);
    }
}

/// What is known of an entry, for the trees that are made from its tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    at: u32,
    /// `PLAIN`, or the number of its object with [`TREE`] for a directory.
    object: u32,
    name: u32,
}

const PLAIN: u32 = u32::MAX;
const TREE: u32 = 1 << 31;

/// Reads trees; one for each thread.
pub(super) struct TreeReader<'a> {
    shared: &'a Shared<'a>,
    rows: Vec<Row>,
    directories: Vec<Edge>,
    files: Vec<Edge>,
    spare: Vec<Vec<Mark>>,
    /// What was said of names: of interest by itself, and to some rule.
    asked: HashMap<Vec<u8>, (bool, bool)>,
    watch: Option<&'a Watch>,
    pub(super) lost: Vec<(u32, String)>,
}

/// What one thread has read.
pub(super) struct Rows {
    rows: Vec<Row>,
    directories: Vec<Edge>,
    files: Vec<Edge>,
}

impl<'a> TreeReader<'a> {
    pub(super) fn new(shared: &'a Shared<'a>, watch: Option<&'a Watch>) -> Self {
        Self {
            shared,
            rows: Vec::new(),
            directories: Vec::new(),
            files: Vec::new(),
            spare: Vec::new(),
            asked: HashMap::new(),
            watch,
            lost: Vec::new(),
        }
    }

    /// What it has read.
    pub(super) fn finish(self) -> Rows {
        Rows { rows: self.rows, directories: self.directories, files: self.files }
    }

    /// Looks an entry up that no base has.
    fn look_up(&mut self, entry: &Entry<'_>) -> (u32, u32) {
        if entry.is_submodule() {
            return (PLAIN, 0);
        }
        let (telling, ruled) = if entry.is_tree() { (false, false) } else { self.ask(entry.name) };
        let found = self.shared.inventory.find(entry.id);
        let object = match found {
            Some(number) if entry.is_tree() => number | TREE,
            Some(number) if telling || ruled || bit(self.shared.wanted, number) => number,
            Some(_) => return (PLAIN, 0),
            None => match self.missing(entry.id) {
                Some(number) if entry.is_tree() => number | TREE,
                Some(number) => number,
                None => return (PLAIN, 0),
            },
        };
        let mut names = self.shared.names.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let name = names.number(entry.name);
        if telling {
            names.telling.insert(name);
        }
        if ruled {
            names.ruled.insert(name);
        }
        (object, name)
    }

    /// Whether a file's name may hold a secret itself, and whether a rule is about it; asked once a name.
    fn ask(&mut self, name: &[u8]) -> (bool, bool) {
        if let Some(known) = self.asked.get(name) {
            return *known;
        }
        let rules = self.shared.rules;
        let may_show = |candidate: &Candidate| judge::prospect(rules, name, candidate).is_some();
        // A rule that does not compile has ended the run before.
        let telling = detect::detect(rules, name).is_ok_and(|found| found.candidates.iter().any(may_show));
        let answer = (telling, rules.is_about(name));
        self.asked.insert(name.to_vec(), answer);
        answer
    }

    fn missing(&self, id: &[u8]) -> Option<u32> {
        let id = ObjectId::from_raw(id)?;
        // Git has the empty tree without storing it.
        if id.is_empty_tree() {
            return None;
        }
        let mut missing = self.shared.missing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(number) = missing.numbers.get(&id) {
            return Some(*number);
        }
        let number =
            self.shared.inventory.len().checked_add(missing.ids.len() as u32).filter(|n| *n < TREE)?;
        missing.ids.push(id);
        missing.numbers.insert(id, number);
        Some(number)
    }
}

/// Follows where the bytes of a tree stood in its base.
struct Origin<'a> {
    ops: std::slice::Iter<'a, Op>,
    /// The present step: where it starts and ends in the tree, and where it stood.
    start: usize,
    end: usize,
    from: Option<usize>,
}

impl Origin<'_> {
    /// Where `at..end` stood in the base, when it was copied in one piece.
    fn of(&mut self, at: usize, end: usize) -> Option<usize> {
        while self.end <= at {
            let (len, from) = match self.ops.next()? {
                Op::Copy { from, len } => (*len, Some(*from)),
                Op::Insert { len } => (*len, None),
            };
            self.start = self.end;
            self.end += len;
            self.from = from;
        }
        (end <= self.end).then_some(self.from? + at - self.start)
    }
}

impl Visitor for TreeReader<'_> {
    type State = Vec<Mark>;

    fn visit(&mut self, seen: Seen<'_, Vec<Mark>>) -> Vec<Mark> {
        let Seen { number, content, made, .. } = seen;
        let mut marks = self.spare.pop().unwrap_or_default();
        let (ops, base): (&[Op], &[Mark]) = made.as_ref().map_or((&[], &[]), |made| (made.ops, made.state));
        let mut origin = Origin { ops: ops.iter(), start: 0, end: 0, from: None };
        let mut next = 0;
        let (directories, files) = (self.directories.len() as u32, self.files.len() as u32);
        let mut entries = entries(content, self.shared.inventory.hash_length()).peekable();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(at) => {
                    self.lost.push((number, format!("it is damaged at byte {at}")));
                    break;
                }
            };
            let end = match entries.peek() {
                Some(Ok(next)) => next.at,
                Some(Err(at)) => *at,
                None => content.len(),
            };
            let known = origin.of(entry.at, end).and_then(|from| {
                if base.get(next).is_none_or(|mark| mark.at as usize != from) {
                    next = base.partition_point(|mark| (mark.at as usize) < from);
                }
                let mark = base.get(next).filter(|mark| mark.at as usize == from)?;
                next += 1;
                Some((mark.object, mark.name))
            });
            let (object, name) = known.unwrap_or_else(|| self.look_up(&entry));
            marks.push(Mark { at: entry.at as u32, object, name });
            if object != PLAIN {
                let edge = Edge { object: object & !TREE, name };
                if object & TREE != 0 { self.directories.push(edge) } else { self.files.push(edge) }
            }
        }
        self.rows.push(Row {
            tree: number,
            directories: (directories, self.directories.len() as u32),
            files: (files, self.files.len() as u32),
        });
        marks
    }

    fn recycle(&mut self, mut state: Vec<Mark>) {
        if self.spare.len() < 16 {
            state.clear();
            self.spare.push(state);
        }
    }

    fn piece(&mut self, number: u32, _: Kind, _: &[u8], last: bool) {
        if last {
            self.lost.push((number, "it is larger than a tree can be".to_owned()));
        }
    }

    fn lost(&mut self, number: u32, reason: String) {
        self.lost.push((number, reason));
    }

    fn stopped(&self) -> bool {
        self.watch.is_some_and(|watch| !watch.goes_on())
    }
}

/// All trees of a repository.
pub(super) struct Trees {
    /// Of each object's number the row and one; 0 for what is no tree.
    rows_of: Vec<u32>,
    rows: Vec<Row>,
    directories: Vec<Edge>,
    files: Vec<Edge>,
    names: Names,
    /// For each row: not looked at yet, leads nowhere, leads to something of interest.
    leads: Vec<Leads>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leads {
    Unknown,
    Nowhere,
    Somewhere,
}

impl Trees {
    /// Joins what the threads have read.
    pub(super) fn join(readers: Vec<Rows>, names: Names, objects: u32) -> Self {
        let mut trees = Self {
            rows_of: vec![0; objects as usize],
            rows: Vec::with_capacity(readers.iter().map(|r| r.rows.len()).sum()),
            directories: Vec::new(),
            files: Vec::new(),
            names,
            leads: Vec::new(),
        };
        for mut reader in readers {
            let (directories, files) = (trees.directories.len() as u32, trees.files.len() as u32);
            for row in reader.rows {
                trees.rows.push(Row {
                    tree: row.tree,
                    directories: (row.directories.0 + directories, row.directories.1 + directories),
                    files: (row.files.0 + files, row.files.1 + files),
                });
                if let Some(slot) = trees.rows_of.get_mut(row.tree as usize) {
                    *slot = trees.rows.len() as u32;
                }
            }
            trees.directories.append(&mut reader.directories);
            trees.files.append(&mut reader.files);
        }
        trees.leads = vec![Leads::Unknown; trees.rows.len()];
        trees
    }

    /// Names behind numbers.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    fn row(&self, tree: u32) -> Option<usize> {
        self.rows_of.get(tree as usize).and_then(|row| row.checked_sub(1)).map(|row| row as usize)
    }

    /// The directories in a tree.
    pub(super) fn directories(&self, tree: u32) -> &[Edge] {
        self.row(tree).map_or(&[], |row| {
            let (from, to) = self.rows[row].directories;
            &self.directories[from as usize..to as usize]
        })
    }

    /// The files of interest in a tree.
    pub(super) fn files(&self, tree: u32) -> &[Edge] {
        self.row(tree).map_or(&[], |row| {
            let (from, to) = self.rows[row].files;
            &self.files[from as usize..to as usize]
        })
    }

    /// True when the tree was read.
    pub(super) fn is_known(&self, tree: u32) -> bool {
        self.row(tree).is_some()
    }

    /// Finds out which trees under this one lead to a file of interest, or to a tree that could not be read (`interesting`
    /// says so); each is looked at once over all calls.
    pub(super) fn look(&mut self, root: u32, interesting: &dyn Fn(u32) -> bool) {
        let mut open = vec![(root, 0usize)];
        while let Some((tree, at)) = open.pop() {
            let Some(row) = self.row(tree) else { continue };
            if at == 0 {
                if self.leads[row] != Leads::Unknown {
                    continue;
                }
                // Until it is known better; trees cannot hold themselves, so nobody asks meanwhile.
                self.leads[row] = if self.files(tree).is_empty() { Leads::Nowhere } else { Leads::Somewhere };
            }
            match self.directories(tree).get(at) {
                Some(edge) => {
                    let child = edge.object;
                    open.push((tree, at + 1));
                    open.push((child, 0));
                }
                None => {
                    let any =
                        self.directories(tree).iter().any(|e| self.leads(e.object) || interesting(e.object));
                    if any {
                        self.leads[row] = Leads::Somewhere;
                    }
                }
            }
        }
    }

    /// True when [`Trees::look`] found that the tree leads to something of interest.
    pub(super) fn leads(&self, tree: u32) -> bool {
        self.row(tree).is_some_and(|row| self.leads[row] == Leads::Somewhere)
    }
}
