//! Reads all wanted objects of a repository, each delta's base once: down the delta trees, over threads.
//!
//! Hands on [`walk`], which shows a [`Visitor`] each object with its base and how it was made from it. A base is kept only
//! while something is still to be made from it: the child with most under it goes last, in its parent's place, so that no more
//! contents are held at a time than the logarithm of the tree's size. The trap: an object that is not wanted itself may be
//! the base of one that is.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::store::{Kind, Unread};
use super::Op;
use super::entry::{Inflater, apply};
use super::inventory::{Inventory, Pack};

/// What a visitor is shown of an object.
pub struct Seen<'a, S> {
    /// Its number.
    pub number: u32,
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub content: &'a [u8],
    /// How it was made, where its base was visited too.
    pub made: Option<Made<'a, S>>,
    /// True when objects are made from it: only then is what the visitor says of it asked for.
    pub is_base: bool,
}

/// How an object was made from another one.
pub struct Made<'a, S> {
    /// What the visitor said of the base.
    pub state: &'a S,
    /// The base.
    pub base: &'a [u8],
    /// The steps, in the object's order.
    pub ops: &'a [Op],
}

/// Sees objects; one for each thread.
pub trait Visitor: Send {
    /// What is kept of a base for those made from it.
    type State;

    /// An object.
    fn visit(&mut self, seen: Seen<'_, Self::State>) -> Self::State;

    /// A state that is not needed any more.
    fn recycle(&mut self, _state: Self::State) {}

    /// A piece of an object that is stored whole and too large for memory; `last` is told with an empty piece.
    fn piece(&mut self, number: u32, kind: Kind, piece: &[u8], last: bool);

    /// An object that cannot be read, and why.
    fn lost(&mut self, number: u32, reason: String);

    /// True when no more is to be read.
    fn stopped(&self) -> bool {
        false
    }
}

/// Objects that are stored whole are handed on in pieces from this size on.
const STREAMED_FROM: u64 = 128 << 20;
/// How large the pieces are.
const PIECE: usize = 4 << 20;
/// How many delta trees, or loose objects, a thread takes at a time.
const TAKEN: usize = 64;

/// Shows every wanted object to one of the visitors. `wanted` is asked for each number; `kinds` are those read.
pub fn walk<V: Visitor>(
    inventory: &Inventory,
    kinds: &[Kind],
    wanted: &(dyn Fn(u32) -> bool + Sync),
    visitors: &mut [V],
) {
    let mut roots: Vec<(u32, u32)> = Vec::new();
    let mut counts: Vec<Vec<u32>> = Vec::new();
    for (at, pack) in inventory.packs.iter().enumerate() {
        let of_kind = |entry| pack.forest.kind(entry).is_some_and(|kind| kinds.contains(&kind));
        let count = pack.forest.count(|entry| of_kind(entry) && wanted(pack.start + entry));
        roots.extend(
            pack.forest.roots().filter(|root| count[*root as usize] > 0).map(|root| (at as u32, root)),
        );
        counts.push(count);
    }
    let loose: Vec<u32> = inventory.loose().filter(|number| wanted(*number)).collect();
    let next = AtomicUsize::new(0);
    let total = roots.len() + loose.len();
    let work = |visitor: &mut V| {
        let mut walker = Walker { inventory, kinds, wanted, buffers: Buffers::default() };
        loop {
            let from = next.fetch_add(TAKEN, Ordering::Relaxed);
            if from >= total || visitor.stopped() {
                return;
            }
            for at in from..total.min(from + TAKEN) {
                match roots.get(at) {
                    Some(&(pack, root)) => {
                        walker.tree(&inventory.packs[pack as usize], &counts[pack as usize], root, visitor);
                    }
                    None => walker.loose(loose[at - roots.len()], visitor),
                }
            }
        }
    };
    let Some((own, others)) = visitors.split_first_mut() else { return };
    std::thread::scope(|scope| {
        let others: Vec<_> = others.iter_mut().map(|visitor| scope.spawn(|| work(visitor))).collect();
        work(own);
        for other in others {
            // A panic is a bug, and must end in a status that blocks.
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

struct Walker<'a> {
    inventory: &'a Inventory,
    kinds: &'a [Kind],
    wanted: &'a (dyn Fn(u32) -> bool + Sync),
    buffers: Buffers,
}

struct Buffers {
    inflater: Inflater,
    delta: Vec<u8>,
    ops: Vec<Op>,
    spare: Vec<Vec<u8>>,
}

impl Default for Buffers {
    fn default() -> Self {
        Self { inflater: Inflater::new(), delta: Vec::new(), ops: Vec::new(), spare: Vec::new() }
    }
}

/// Memory that is kept for the next object rather than given back.
const KEPT: usize = 4 << 20;

impl Buffers {
    fn take(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    fn give(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() <= KEPT && self.spare.len() < 16 {
            self.spare.push(buffer);
        }
    }
}

/// An object from which others are still to be made.
struct Frame<S> {
    content: Vec<u8>,
    state: Option<S>,
    /// What is to be made from it, the largest part first: taken from the end.
    children: Vec<u32>,
}

impl Walker<'_> {
    fn tree<V: Visitor>(&mut self, pack: &Pack, counts: &[u32], root: u32, visitor: &mut V) {
        let hash = self.inventory.hash;
        let Some(kind) = pack.forest.kind(root) else { return };
        let streamed = pack.whole_size(root, hash).is_some_and(|size| size > STREAMED_FROM);
        if streamed {
            self.stream(pack, counts, root, kind, visitor);
            if counts[root as usize] <= u32::from((self.wanted)(pack.start + root)) {
                return;
            }
        }
        let mut content = self.buffers.take();
        if let Err(reason) = pack.inflate(root, hash, &mut self.buffers.inflater, &mut content) {
            self.lose(pack, counts, root, reason, visitor);
            return;
        }
        let below = children(pack, counts, root);
        let state = (!streamed && (self.wanted)(pack.start + root)).then(|| {
            let (number, is_base) = (pack.start + root, !below.is_empty());
            visitor.visit(Seen { number, kind, content: &content, made: None, is_base })
        });
        let mut stack = vec![Frame { content, state, children: below }];
        while let Some(frame) = stack.last_mut() {
            let Some(child) = frame.children.pop() else {
                if let Some(frame) = stack.pop() {
                    self.buffers.give(frame.content);
                    frame.state.into_iter().for_each(|state| visitor.recycle(state));
                }
                continue;
            };
            if visitor.stopped() {
                return;
            }
            let mut content = self.buffers.take();
            let Buffers { inflater, delta, ops, .. } = &mut self.buffers;
            let mut ops = std::mem::take(ops);
            let made = pack
                .inflate(child, hash, inflater, delta)
                .and_then(|()| apply(&frame.content, delta, &mut content, &mut ops));
            if let Err(reason) = made {
                self.buffers.ops = ops;
                self.buffers.give(content);
                self.lose(pack, counts, child, reason, visitor);
                continue;
            }
            let made = frame.state.as_ref().map(|state| Made { state, base: &frame.content, ops: &ops });
            let below = children(pack, counts, child);
            let (number, is_base) = (pack.start + child, !below.is_empty());
            let state = (self.wanted)(number)
                .then(|| visitor.visit(Seen { number, kind, content: &content, made, is_base }));
            self.buffers.ops = ops;
            let next = Frame { content, state, children: below };
            if frame.children.is_empty() {
                // Nothing more is made from the parent.
                let parent = std::mem::replace(frame, next);
                self.buffers.give(parent.content);
                parent.state.into_iter().for_each(|state| visitor.recycle(state));
            } else {
                stack.push(next);
            }
        }
    }

    fn stream<V: Visitor>(&mut self, pack: &Pack, counts: &[u32], root: u32, kind: Kind, visitor: &mut V) {
        let number = pack.start + root;
        if !(self.wanted)(number) {
            return;
        }
        let Some((head, packed)) = pack.entry(root, self.inventory.hash) else { return };
        let mut take = |piece: &[u8]| visitor.piece(number, kind, piece, false);
        match self.buffers.inflater.stream(packed, head.size, PIECE, &mut take) {
            Ok(()) => visitor.piece(number, kind, &[], true),
            Err(reason) => self.lose(pack, counts, root, reason, visitor),
        }
    }

    /// An entry that cannot be read takes all that is made from it along.
    fn lose<V: Visitor>(&self, pack: &Pack, counts: &[u32], entry: u32, reason: &str, visitor: &mut V) {
        let mut open = vec![(entry, reason)];
        while let Some((entry, reason)) = open.pop() {
            let number = pack.start + entry;
            if (self.wanted)(number) {
                visitor.lost(number, reason.to_owned());
            }
            let made = pack.forest.children(entry).filter(|child| counts[*child as usize] > 0);
            open.extend(made.map(|child| (child, "an object that it is made from cannot be read")));
        }
    }

    fn loose<V: Visitor>(&mut self, number: u32, visitor: &mut V) {
        match self.inventory.read_loose(number, STREAMED_FROM) {
            Ok((kind, content)) if self.kinds.contains(&kind) => {
                let state =
                    visitor.visit(Seen { number, kind, content: &content, made: None, is_base: false });
                visitor.recycle(state);
            }
            Ok(_) => {}
            Err(Unread::Broken(reason)) => visitor.lost(number, reason),
            Err(Unread::Large) => {
                let mut take = |kind, piece: &[u8]| {
                    if self.kinds.contains(&kind) {
                        visitor.piece(number, kind, piece, false);
                    }
                };
                match self.inventory.stream_loose(number, PIECE, &mut take) {
                    Ok(kind) if self.kinds.contains(&kind) => visitor.piece(number, kind, &[], true),
                    Ok(_) => {}
                    Err(reason) => visitor.lost(number, reason),
                }
            }
        }
    }
}

/// The wanted children of an entry, with the one first that has most under it.
fn children(pack: &Pack, counts: &[u32], entry: u32) -> Vec<u32> {
    let mut children: Vec<u32> =
        pack.forest.children(entry).filter(|child| counts[*child as usize] > 0).collect();
    let largest = (0..children.len()).max_by_key(|at| counts[children[*at] as usize]);
    if let Some(largest) = largest {
        children.swap(0, largest);
    }
    children
}
