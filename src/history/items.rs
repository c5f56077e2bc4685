//! What is worth judging, as a source: each likely secret once a path, in the first blob that has it there; and messages.
//!
//! Hands on [`Items`], and takes the outcome back to say of each finding whether HEAD has it, which branches, and who took it
//! away ([`Items::finish`]). The trap: objects that nothing leads to are nobody's business without `--unreachable`, unless
//! something on the way could not be read: then they are judged, without a path.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher as _;

use super::attribution::{Attribution, Contents as _, First, MOST_PATHS};
use super::commits::NONE;
use super::scan::{LikelySecrets, Scanned};
use super::tips::{Named, Tips};
use crate::detect::RuleSet;
use crate::finding::{CommitInfo, Finding, Loss, Outcome};
use crate::git::pack::{self, Reading};
use crate::git::{GitError, Kind, ObjectId, Repository};
use crate::source::{Item, Parts, Reader, Source};
use crate::watch::Watch;

/// Likely secrets and messages of a repository.
pub struct Items<'a> {
    scanned: &'a Scanned,
    attribution: Attribution<'a, LikelySecrets>,
    watch: Option<&'a Watch>,
    /// Those of this round.
    items: Vec<Item>,
    places: Vec<Place>,
    /// Those of the round before.
    done: Vec<(Item, Place)>,
    /// What is only judged where the first version of its value at its path does not block.
    later: Vec<(Item, Place)>,
    /// For each commit's place, how early it comes.
    rank: Vec<u32>,
    in_head: Vec<bool>,
    head_tree: u32,
    /// The short names of branches, by their trees: there may be a million with few trees.
    branches: BTreeMap<u32, Vec<Vec<u8>>>,
    losses: Vec<Loss>,
    notes: Vec<String>,
}

/// What an item is.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The blob, commit or tag.
    number: u32,
    /// The commit's place, or [`NONE`].
    commit: u32,
    /// For a file that commits lead to.
    path: Option<u32>,
    /// The file's name is worth judging too.
    telling: bool,
    /// Of a later version the number of the value that it is judged for.
    value: u32,
}

impl<'a> Items<'a> {
    /// Finds out who introduced what. `unreachable` adds what only reflogs name, and nothing at all.
    pub fn new(
        scanned: &'a mut Scanned,
        rules: &'a RuleSet,
        repository: &Repository,
        named: Named,
        unreachable: bool,
        watch: Option<&'a Watch>,
    ) -> Self {
        let mut tips = scanned.tips(repository, named, unreachable);
        let mut tags = HashSet::new();
        let peeled: HashSet<u32> =
            tips.numbers().into_iter().map(|tip| scanned.commits.peel(tip, &mut tags)).collect();
        let reached = scanned.commits.reached(peeled.iter().copied());
        let order = scanned.commits.order(&reached);
        let head = tips.list.iter().find(|(_, name)| name == b"HEAD").map(|(number, _)| *number);
        let in_head = scanned.commits.reached(head);
        {
            let Scanned { trees, commits, lost, inventory, .. } = &mut *scanned;
            let interesting = |tree: u32| tree >= inventory.len() || lost.contains_key(&tree);
            let roots = order.iter().map(|place| commits.row(*place).tree);
            roots.chain(peeled.iter().copied()).for_each(|root| trees.look(root, &interesting));
        }
        let scanned: &Scanned = scanned;
        let objects = scanned.inventory.len();
        let mut attribution =
            Attribution::new(&scanned.trees, &scanned.likely, rules, &scanned.lost, objects, watch);
        attribution.follow(&scanned.commits, &order, &in_head);
        peeled.iter().filter(|tip| scanned.trees.is_known(**tip)).for_each(|tip| attribution.tree(*tip));
        let is_told = |reason: &String| scanned.losses.iter().any(|loss| loss.reason == *reason);
        let stopped = watch.and_then(Watch::stopped).filter(|reason| !is_told(reason));
        tips.losses.extend(stopped.map(|reason| Loss { path: None, reason }));
        if attribution.is_crowded {
            let reason =
                format!("cannot follow more than {MOST_PATHS} paths: directories name each other too often");
            tips.losses.push(Loss { path: None, reason });
        }
        let mut rank = vec![NONE; reached.len()];
        order.iter().enumerate().for_each(|(at, place)| rank[*place as usize] = at as u32);
        let tree_of =
            |number: u32| scanned.commits.place(number).map(|place| scanned.commits.row(place).tree);
        let mut items = Self {
            scanned,
            attribution,
            watch,
            items: Vec::new(),
            places: Vec::new(),
            done: Vec::new(),
            later: Vec::new(),
            rank,
            in_head,
            head_tree: head.and_then(tree_of).unwrap_or(NONE),
            branches: branches(&tips, tree_of),
            losses: Vec::new(),
            notes: Vec::new(),
        };
        items.losses(repository, &tips, &reached, &tags);
        items.collect(&tips, &reached, &tags, unreachable);
        items
    }

    /// What could not be looked at.
    #[must_use]
    pub fn lost(&self) -> &[Loss] {
        &self.losses
    }

    /// What a person should know.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    fn id(&self, number: u32) -> Option<ObjectId> {
        let after = number.checked_sub(self.scanned.inventory.len());
        match after {
            None => self.scanned.inventory.id(number),
            Some(at) => self.scanned.missing.get(at as usize).copied(),
        }
    }

    /// Why an object could not be read.
    fn loss(&self, number: u32, path: Option<Vec<u8>>) -> Option<Loss> {
        let id = self.id(number)?;
        let error = match self.scanned.lost.get(&number) {
            Some(reason) => GitError::ObjectUnreadable { id, reason: reason.clone() },
            None => GitError::ObjectMissing { id },
        };
        Some(Loss { path, reason: error.to_string() })
    }

    fn losses(&mut self, repository: &Repository, tips: &Tips, reached: &[bool], tags: &HashSet<u32>) {
        let scanned = self.scanned;
        let mut losses: Vec<Loss> = scanned.losses.iter().chain(&tips.losses).cloned().collect();
        if scanned.is_cut {
            // Nearly all would count as missing that was not come to.
            self.losses = losses;
            return;
        }
        let promised = repository.promises_objects();
        let mut not_here = tips.not_here;
        // Commits and tags on the way.
        let parents = (0..reached.len() as u32)
            .filter(|place| reached[*place as usize])
            .flat_map(|place| scanned.commits.parents(place).iter().copied());
        let named: HashSet<u32> = tips
            .numbers()
            .into_iter()
            .chain(parents)
            .chain(tags.iter().filter_map(|tag| scanned.commits.tags.get(tag).copied()))
            .collect();
        losses.extend(
            named.iter().filter(|n| scanned.lost.contains_key(n)).filter_map(|n| self.loss(*n, None)),
        );
        let shallow = repository.shallow().unwrap_or_default();
        let mut cut = false;
        for missing in &scanned.commits.missing {
            let place = scanned.commits.place(missing.by);
            let by = place.map_or(tags.contains(&missing.by), |place| reached[place as usize]);
            let is_cut =
                missing.is_parent && self.id(missing.by).is_some_and(|commit| shallow.contains(&commit));
            cut |= by && is_cut;
            if by && !is_cut && promised {
                not_here += 1;
            } else if by && !is_cut {
                losses.push(Loss {
                    path: None,
                    reason: GitError::ObjectMissing { id: missing.id }.to_string(),
                });
            }
        }
        for (&number, &(path, _)) in &self.attribution.unread {
            if promised && number >= scanned.inventory.len() {
                not_here += 1;
                continue;
            }
            let path = self.attribution.paths.bytes(path, &scanned.trees);
            losses.extend(self.loss(number, (!path.is_empty()).then_some(path)));
        }
        if not_here > 0 {
            losses.push(Loss {
                path: None,
                reason: format!(
                    "cannot judge {not_here} objects that are not here: this is a partial clone; fetch them with \
                     `git fetch --refetch --no-filter`"
                ),
            });
        }
        if cut {
            self.notes.push(
                "this clone is shallow: what came before its oldest commits is not here (`git fetch --unshallow`)"
                    .to_owned(),
            );
        }
        crate::order::sort(&mut losses);
        losses.dedup();
        self.losses = losses;
    }

    fn collect(&mut self, tips: &Tips, reached: &[bool], tags: &HashSet<u32>, unreachable: bool) {
        let scanned = self.scanned;
        // Where a way is broken, nobody knows what lies behind it.
        let all = unreachable || !self.losses.is_empty();
        let mut firsts: Vec<(u32, First)> =
            self.attribution.first.iter().map(|(&(_, path), first)| (path, *first)).collect();
        firsts.sort_unstable_by_key(|(path, first)| {
            (self.rank_of(first.commit), *path, first.blob, first.value)
        });
        let mut files: HashMap<(u32, u32), (u32, bool)> = HashMap::new();
        for (&(_, path), first) in &self.attribution.named {
            files.insert((first.blob, path), (first.commit, true));
        }
        let (mut values, mut later) = (HashSet::new(), Vec::new());
        for &(path, first) in &firsts {
            if values.insert((first.value, path)) {
                files.entry((first.blob, path)).or_insert((first.commit, false));
            } else {
                later.push((path, first));
            }
        }
        let item = |path: u32| Item::file(self.attribution.paths.bytes(path, &scanned.trees));
        let later = later
            .into_iter()
            .filter(|(path, first)| !files.contains_key(&(first.blob, *path)))
            .map(|(path, First { commit, blob, value })| {
                (item(path), Place { number: blob, commit, path: Some(path), telling: false, value })
            })
            .collect();
        let mut found: Vec<(Item, Place)> = files
            .iter()
            .map(|(&(blob, path), &(commit, telling))| {
                (item(path), Place { number: blob, commit, path: Some(path), telling, value: NONE })
            })
            .collect();
        self.later = later;
        let mut met: HashSet<u32> = self.attribution.met.clone();
        for (number, name) in &tips.list {
            let blob = scanned.commits.peel(*number, &mut HashSet::new());
            if !scanned.likely.likely(blob).is_empty() && met.insert(blob) {
                found.push((
                    Item::file(name.clone()),
                    Place { number: blob, commit: NONE, path: None, telling: false, value: NONE },
                ));
            }
        }
        let logged: HashSet<u32> = tips.logged.iter().copied().collect();
        for blob in scanned.likely.blobs() {
            if !met.contains(&blob) && (all || logged.contains(&blob)) {
                let name = format!("unreachable blob {}", hex(scanned.inventory.raw_id(blob)));
                found.push((
                    Item::file(name.into_bytes()),
                    Place { number: blob, commit: NONE, path: None, telling: false, value: NONE },
                ));
            }
        }
        for &number in &scanned.messages {
            let place = scanned.commits.place(number);
            let counts = place.map_or(tags.contains(&number), |place| reached[place as usize]);
            if counts || all {
                let name = if place.is_some() { "commit message" } else { "tag message" };
                found.push((
                    Item::message(name),
                    Place { number, commit: place.unwrap_or(NONE), path: None, telling: false, value: NONE },
                ));
            }
        }
        self.begin(found);
    }

    /// In the order of the packs, so that what objects are made from is at hand.
    fn begin(&mut self, mut round: Vec<(Item, Place)>) {
        crate::order::sort_by(&mut round, |a, b| (a.1.number, &a.0.path).cmp(&(b.1.number, &b.0.path)));
        round.dedup_by(|a, b| a.1.number == b.1.number && a.0 == b.0);
        let done = std::mem::take(&mut self.items).into_iter().zip(std::mem::take(&mut self.places));
        self.done.extend(done);
        (self.items, self.places) = round.into_iter().unzip();
    }

    /// After the first round: false when nothing is left. What blocks already in its first version needs no other; of the
    /// rest, a later version may block where the first did not.
    pub fn go_on(&mut self, outcome: &Outcome) -> bool {
        let paths: HashMap<&[u8], u32> = self
            .items
            .iter()
            .zip(&self.places)
            .filter_map(|(item, place)| Some((item.path.as_slice(), place.path?)))
            .collect();
        let value = |finding: &Finding| {
            let number = self.scanned.state.hash_one(&finding.secret.0);
            let value = self.scanned.likely.values.get(&number)?;
            Some((*value, *paths.get(finding.path.as_slice())?))
        };
        let blocked: HashSet<(u32, u32)> = outcome.findings.iter().filter_map(value).collect();
        let mut later = std::mem::take(&mut self.later);
        later.retain(|(_, place)| place.path.is_some_and(|path| !blocked.contains(&(place.value, path))));
        let any = !later.is_empty();
        self.begin(later);
        any
    }

    /// How early a commit comes; what no commit leads to comes last.
    fn rank_of(&self, commit: u32) -> u32 {
        self.rank.get(commit as usize).copied().unwrap_or(NONE)
    }

    /// Says of each finding what became of it, and keeps of each secret at a path what was introduced first.
    #[must_use]
    pub fn finish(&self, mut outcome: Outcome) -> Outcome {
        let places = || self.places.iter().chain(self.done.iter().map(|(_, place)| place));
        let ranks: HashMap<String, u32> = places()
            .filter_map(|place| {
                Some((self.id(self.commit_number(place.commit)?)?.to_string(), self.rank_of(place.commit)))
            })
            .collect();
        let paths: HashMap<&[u8], Place> = self
            .items
            .iter()
            .chain(self.done.iter().map(|(item, _)| item))
            .zip(places())
            .map(|(item, place)| (item.path.as_slice(), *place))
            .collect();
        let rank = |finding: &Finding| {
            finding.commit.as_ref().and_then(|commit| ranks.get(&commit.id).copied()).unwrap_or(NONE)
        };
        let key = |finding: &Finding| {
            (finding.secret.clone(), finding.path.clone(), finding.rule.clone(), finding.inside.clone())
        };
        // A finding that blocks says more than one that is only shown, whichever came first.
        let mut best: HashMap<_, (u8, u32)> = HashMap::new();
        let all = outcome.findings.iter().map(|f| (f, 0));
        let all = all.chain(outcome.shown.iter().map(|f| (f, 2)));
        for (finding, weight) in all.chain(outcome.allowed.iter().map(|a| (&a.finding, 1))) {
            let this = (weight, rank(finding));
            best.entry(key(finding))
                .and_modify(|known: &mut (u8, u32)| *known = (*known).min(this))
                .or_insert(this);
        }
        let is_first =
            |finding: &Finding, weight: u8| best.get(&key(finding)) == Some(&(weight, rank(finding)));
        outcome.findings.retain(|f| is_first(f, 0));
        outcome.shown.retain(|f| is_first(f, 2));
        outcome.allowed.retain(|a| is_first(&a.finding, 1));
        let findings = outcome.findings.iter_mut().chain(&mut outcome.shown);
        for finding in findings.chain(outcome.allowed.iter_mut().map(|a| &mut a.finding)) {
            self.what_became_of(finding, paths.get(finding.path.as_slice()));
        }
        outcome.coverage = self.scanned.coverage;
        outcome
    }

    fn what_became_of(&self, finding: &mut Finding, place: Option<&Place>) {
        let Some(place) = place.filter(|_| self.watch.is_none_or(Watch::goes_on)) else { return };
        let Some(path) = place.path else {
            // A message stays where its commit is.
            let commit = finding.commit.as_ref().and_then(|c| ObjectId::from_hex(c.id.as_bytes()));
            let number = commit.and_then(|id| self.scanned.inventory.find(id.as_bytes()));
            let at = number.and_then(|number| self.scanned.commits.place(number));
            finding.in_head = at.map(|place| self.in_head[place as usize]);
            return;
        };
        let number = self.scanned.state.hash_one(&finding.secret.0);
        let value = self.scanned.likely.values.get(&number).copied();
        let is_name = finding.position.is_none() && !finding.inside.whole;
        let stands = |tree: u32| match value {
            Some(value) if !is_name => self.attribution.stands_in(tree, path, value),
            // Of a name its being there counts; of what stands inside something else the same blob.
            _ => self.attribution.file_at(tree, path).is_some_and(|blob| is_name || blob == place.number),
        };
        let in_head = stands(self.head_tree);
        finding.in_head = Some(in_head);
        let holding = self.branches.iter().filter(|(tree, _)| stands(**tree));
        finding.since.branches = holding.flat_map(|(_, names)| names.iter().cloned()).collect();
        finding.since.branches.sort_unstable();
        if !in_head {
            let gone = value.and_then(|value| self.attribution.gone(value, path));
            let removed = gone.and_then(|place| self.commit_number(place));
            finding.since.removed = removed.and_then(|number| self.info(number, &mut Reading::default()));
        }
    }

    fn commit_number(&self, place: u32) -> Option<u32> {
        (place != NONE).then(|| self.scanned.commits.row(place).number)
    }

    /// Who made a commit or tag, and when.
    fn info(&self, number: u32, reading: &mut Reading) -> Option<CommitInfo> {
        let (kind, content) = read(self.scanned, number, reading).ok()?;
        let id = self.id(number)?.to_string();
        match kind {
            Kind::Commit => {
                let commit = pack::Commit::parse(&content)?;
                Some(CommitInfo::new(id, commit.author, commit.time))
            }
            Kind::Tag => {
                let tag = pack::Tag::parse(&content)?;
                Some(CommitInfo::of_tag(id, tag.tagger, tag.time))
            }
            _ => None,
        }
    }
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Branches here and of remotes.
fn branches(tips: &Tips, tree_of: impl Fn(u32) -> Option<u32>) -> BTreeMap<u32, Vec<Vec<u8>>> {
    let short = |name: &[u8]| {
        let name = name.strip_prefix(b"refs/heads/").or(name.strip_prefix(b"refs/remotes/"))?;
        Some(name.to_vec())
    };
    let mut branches: BTreeMap<u32, Vec<Vec<u8>>> = BTreeMap::new();
    for (number, name) in &tips.list {
        if let (Some(name), Some(tree)) = (short(name), tree_of(*number)) {
            branches.entry(tree).or_default().push(name);
        }
    }
    branches
}

fn read(scanned: &Scanned, number: u32, reading: &mut Reading) -> Result<(Kind, Vec<u8>), String> {
    let inventory = &scanned.inventory;
    inventory.read(number, reading).or_else(|reason| inventory.read_copy(number, reading).map_err(|_| reason))
}

impl Source for Items<'_> {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn change_of(&self, item: usize) -> usize {
        item
    }

    fn reader(&self) -> Result<Box<dyn Reader + Send + '_>, Loss> {
        Ok(Box::new(ItemsReader { items: self, reading: Reading::default(), kept: None }))
    }
}

struct ItemsReader<'a> {
    items: &'a Items<'a>,
    reading: Reading,
    /// What was handed on last.
    kept: Option<Vec<u8>>,
}

impl Reader for ItemsReader<'_> {
    fn content(&mut self, item: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        let number = self.items.places[item].number;
        let (kind, content) = read(self.items.scanned, number, &mut self.reading).map_err(|reason| {
            let path = Some(self.items.items[item].path.clone());
            let loss = |id| GitError::ObjectUnreadable { id, reason }.to_string();
            Loss { path, reason: self.items.id(number).map_or_else(String::new, loss) }
        })?;
        let content = match kind {
            Kind::Commit => pack::Commit::parse(&content).map_or(&[][..], |commit| commit.message).to_vec(),
            Kind::Tag => pack::Tag::parse(&content).map_or(&[][..], |tag| tag.message).to_vec(),
            Kind::Blob => content,
            Kind::Tree => return Ok(()),
        };
        judge(&content);
        self.kept = Some(content);
        Ok(())
    }

    fn keeps(&self) -> bool {
        true
    }

    fn kept(&mut self) -> Option<Vec<u8>> {
        self.kept.take()
    }

    fn parts(&self, item: usize) -> Parts {
        let place = self.items.places[item];
        // What a rule asks of a file for its name's sake is asked of all of it anyway; a message is short.
        self.items.scanned.likely.parts(place.number)
    }

    fn name_is_added(&self, item: usize) -> bool {
        self.items.places[item].telling
    }

    fn commit(&mut self, item: usize) -> Result<Option<CommitInfo>, Loss> {
        let place = self.items.places[item];
        let number = match place.path {
            None if place.commit == NONE && self.items.scanned.commits.tags.contains_key(&place.number) => {
                Some(place.number)
            }
            _ => self.items.commit_number(place.commit),
        };
        Ok(number.and_then(|number| self.items.info(number, &mut self.reading)))
    }
}
