//! The slow way: every blob under every path of every commit, and every message, whole, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use unleak::allow::{Allowances, Date};
use unleak::detect::RuleSet;
use unleak::engine::{Engine, Limits};
use unleak::finding::Loss;
use unleak::source::{Item, Reader, Source};

use super::repo::Repo;

/// Secret, path and rule; `true` when some version blocks.
pub(crate) type Secrets = BTreeMap<(Vec<u8>, String, String), bool>;

struct Everything {
    items: Vec<Item>,
    contents: Vec<Vec<u8>>,
}

impl Source for Everything {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn change_of(&self, item: usize) -> usize {
        item
    }

    fn reader(&self) -> Result<Box<dyn Reader + Send + '_>, Loss> {
        Ok(Box::new(Whole(self)))
    }
}

struct Whole<'a>(&'a Everything);

impl Reader for Whole<'_> {
    fn content(&mut self, item: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        judge(&self.0.contents[item]);
        Ok(())
    }

    fn name_is_added(&self, _: usize) -> bool {
        false
    }
}

/// Everything that references and the stash's reflog lead to.
pub(crate) fn secrets(repo: &Repo) -> Secrets {
    let mut commits: BTreeSet<String> = repo.git(&["rev-list", "--all"]).lines().map(str::to_owned).collect();
    let stash = repo.git_at(&repo.top(), &["rev-list", "-g", "refs/stash"], b"").stdout;
    commits.extend(String::from_utf8_lossy(&stash).lines().map(str::to_owned));
    let parents =
        repo.git(&[&["rev-list"], &commits.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
    commits.extend(parents.lines().map(str::to_owned));
    let mut everything = Everything { items: Vec::new(), contents: Vec::new() };
    let mut files: BTreeSet<(Vec<u8>, String)> = BTreeSet::new();
    for commit in &commits {
        for line in repo.git_with(&["ls-tree", "-r", "-z", commit], b"").split(|b| *b == 0) {
            let Some(tab) = line.iter().position(|b| *b == b'\t') else { continue };
            let head = String::from_utf8(line[..tab].to_vec()).unwrap();
            let mut words = head.split(' ').skip(1);
            if words.next() == Some("blob") {
                files.insert((line[tab + 1..].to_vec(), words.next().unwrap().to_owned()));
            }
        }
        let raw = repo.git_with(&["cat-file", "commit", commit], b"");
        let body = raw.windows(2).position(|w| w == b"\n\n").map_or(raw.len(), |at| at + 2);
        everything.items.push(Item::message("commit message"));
        everything.contents.push(raw[body..].to_vec());
    }
    let mut blobs: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let asked: String = files.iter().map(|(_, id)| format!("{id}\n")).collect();
    let answers = repo.git_with(&["cat-file", "--batch"], asked.as_bytes());
    let mut rest = answers.as_slice();
    while !rest.is_empty() {
        let end = rest.iter().position(|b| *b == b'\n').unwrap();
        let head = String::from_utf8(rest[..end].to_vec()).unwrap();
        let mut words = head.split(' ');
        let (id, size) = (words.next().unwrap(), words.nth(1).unwrap().parse::<usize>().unwrap());
        blobs.insert(id.to_owned(), rest[end + 1..end + 1 + size].to_vec());
        rest = &rest[end + 1 + size + 1..];
    }
    for (path, id) in files {
        everything.items.push(Item::file(path));
        everything.contents.push(blobs[&id].clone());
    }
    let rules = RuleSet::default();
    let allowances = Allowances::new(Vec::new(), Date::today());
    let engine = Engine {
        rules: &rules,
        blocks: unleak::judge::BLOCKS[1],
        allowances: &allowances,
        before: None,
        inline: true,
        limits: Limits::default(),
        watch: None,
    };
    let outcome = engine.run(&everything);
    assert_eq!(outcome.losses, []);
    let mut secrets = Secrets::new();
    for (finding, blocks) in
        outcome.findings.iter().map(|f| (f, true)).chain(outcome.shown.iter().map(|f| (f, false)))
    {
        let path = String::from_utf8_lossy(&finding.path).into_owned();
        *secrets.entry((finding.secret.0.clone(), path, finding.rule.clone())).or_insert(false) |= blocks;
    }
    secrets
}

/// What the program said, in the same form.
pub(crate) fn told(json: &serde_json::Value) -> Secrets {
    let mut secrets = Secrets::new();
    for (list, blocks) in [("findings", true), ("shown", false)] {
        for finding in json[list].as_array().unwrap() {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            // JSON writes bytes and line ends its own way; the reference's are put into the same form below.
            *secrets.entry((text("secret").into_bytes(), text("path"), text("rule"))).or_insert(false) |=
                blocks;
        }
    }
    secrets
}
