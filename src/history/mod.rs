//! History.

mod filter;

use crate::detect::RuleSet;
use crate::git::pack::{Inventory, Made, Visitor, walk};
use crate::git::{Kind, Repository};
use filter::{Filter, Marks};

struct Scan<'a> {
    filter: Filter<'a>,
    blobs: usize,
    likely: usize,
    bytes: u64,
    mode: u8,
}

impl Visitor for Scan<'_> {
    type State = Marks;
    fn visit(&mut self, _n: u32, kind: Kind, content: &[u8], made: Option<Made<'_, Marks>>) -> Marks {
        self.bytes += content.len() as u64;
        self.blobs += 1;
        if kind != Kind::Blob || self.mode == 0 {
            return Marks::default();
        }
        let marks = match made {
            Some(made) if self.mode == 2 => self.filter.made(content, made.state, made.base.len(), made.ops),
            _ => self.filter.whole(content),
        };
        self.likely += usize::from(!marks.likely.is_empty());
        marks
    }
    fn recycle(&mut self, state: Marks) {
        self.filter.recycle(state);
    }
    fn piece(&mut self, _n: u32, _k: Kind, _p: &[u8], _l: bool) {}
    fn lost(&mut self, n: u32, r: String) {
        eprintln!("lost {n} {r}");
    }
}

/// Tries it.
pub fn probe() {
    let mode: u8 = std::env::var("MODE").ok().and_then(|m| m.parse().ok()).unwrap_or(2);
    let t = std::time::Instant::now();
    let repository = Repository::open_from_env().expect("opens");
    let inventory: Inventory = repository.inventory();
    eprintln!("inventory {} {:?}", inventory.len(), t.elapsed());
    let rules = RuleSet::default();
    let threads: u32 = std::env::var("THREADS").ok().and_then(|m| m.parse().ok()).unwrap_or(2);
    let mut scans: Vec<Scan<'_>> = (0..threads)
        .map(|n| Scan { filter: Filter::new(&rules, n, threads), blobs: 0, likely: 0, bytes: 0, mode })
        .collect();
    walk(&inventory, &[Kind::Blob, Kind::Commit, Kind::Tag], &|_| true, &mut scans);
    let sum = |f: fn(&Scan<'_>) -> u64| scans.iter().map(f).sum::<u64>();
    eprintln!("blobs {} likely {} bytes {} {:?}", sum(|s| s.blobs as u64), sum(|s| s.likely as u64), sum(|s| s.bytes), t.elapsed());
}
