//! What a push publishes: pre-push where somebody works, pre-receive on a server.
//!
//! The trap: what another remote has, or a tracking ref of another name, is no excuse for this push; and a hook manager may
//! have taken away what git says on standard input, so that an empty one does not mean that nothing is pushed.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal as _, Read as _};
use std::time::Instant;

use anyhow::{Context as _, bail};

use super::configuration::Configuration;
use super::parts::{Part, Whole, judge_parts};
use crate::allow::FILE_NAME;
use crate::cli::Options;
use crate::finding::{CommitInfo, Loss};
use crate::git::{Blob, Change, ObjectId, Objects, Reach, Repository, Target, stdin_is_pipe};
use crate::report::{Remedy, Summary};
use crate::source::Source as _;
use crate::source::commits::Commits;
use crate::watch::{Progress, Watch};

/// One ref that a push changes.
struct Update {
    /// Its name where it is pushed to.
    name: Vec<u8>,
    /// What it will name; `None` when it is deleted.
    new: Option<ObjectId>,
    /// What it names there now.
    old: Option<ObjectId>,
    /// The name may be published for the first time.
    name_is_new: bool,
}

/// What is pushed, and what is there already.
struct Push {
    updates: Vec<Update>,
    /// What the receiving side has, besides what the refs name there now.
    known: Vec<ObjectId>,
    notes: Vec<String>,
    /// Judged where it arrives.
    server: bool,
}

/// `unleak hook pre-push REMOTE URL`.
pub(super) fn pre_push(arguments: &[OsString], options: &Options, started: Instant) -> anyhow::Result<u8> {
    let repository = Repository::open_from_env()?;
    let (name, address) = match arguments {
        [name, address, ..] => (Some(name.clone()), Some(address.clone())),
        [name] => (Some(name.clone()), None),
        [] => (variable("PRE_COMMIT_REMOTE_NAME"), variable("PRE_COMMIT_REMOTE_URL")),
    };
    let known = match (&name, address.as_ref().or(name.as_ref())) {
        (Some(name), Some(address)) => repository.known_to(name, address.as_encoded_bytes())?,
        _ => Vec::new(),
    };
    let mut notes = Vec::new();
    let input = standard_input()?;
    let updates = if !input.trim_ascii().is_empty() {
        pushed(&input)?
    } else if let Some(updates) = offered(&repository)? {
        updates
    } else if stdin_is_pipe() {
        // Either nothing is to be pushed, and then nothing is lost by judging more, or another reader was faster.
        notes.push(
            "standard input names nothing that is pushed, so all branches and tags were judged".to_owned(),
        );
        everything(&repository)?
    } else {
        bail!(
            "cannot tell what is pushed: git says it on standard input, which did not come through; let the hook manager \
             hand it on (lefthook: `use_stdin: true`)"
        );
    };
    judge(&repository, Push { updates, known, notes, server: false }, options, started)
}

/// In the stage pre-push of pre-commit and prek, whichever hook their entry names.
pub(super) fn through_framework(options: &Options, started: Instant) -> Option<anyhow::Result<u8>> {
    variable("PRE_COMMIT_REMOTE_NAME")?;
    Some(pre_push_offered(options, started))
}

fn pre_push_offered(options: &Options, started: Instant) -> anyhow::Result<u8> {
    let repository = Repository::open_from_env()?;
    let name = variable("PRE_COMMIT_REMOTE_NAME").unwrap_or_default();
    let address = variable("PRE_COMMIT_REMOTE_URL").unwrap_or_else(|| name.clone());
    let known = repository.known_to(&name, address.as_encoded_bytes())?;
    let updates = offered(&repository)?
        .context("cannot tell what is pushed: the framework names neither a local branch nor a range")?;
    judge(&repository, Push { updates, known, notes: Vec::new(), server: false }, options, started)
}

/// `unleak hook pre-receive`.
pub(super) fn pre_receive(options: &Options, started: Instant) -> anyhow::Result<u8> {
    if std::io::stdin().is_terminal() {
        bail!("cannot tell what is pushed: git says it on standard input; this is a hook for git to run");
    }
    let repository = Repository::open_from_env()?;
    let updates = received(&standard_input()?)?;
    judge(&repository, Push { updates, known: Vec::new(), notes: Vec::new(), server: true }, options, started)
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn standard_input() -> anyhow::Result<Vec<u8>> {
    let mut input = Vec::new();
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        stdin.lock().read_to_end(&mut input).context("cannot read what is pushed from standard input")?;
    }
    Ok(input)
}

/// `<local ref> <local oid> <remote ref> <remote oid>`; the first may hold blanks (`:/fix this`).
fn pushed(input: &[u8]) -> anyhow::Result<Vec<Update>> {
    lines(input, |line| {
        let mut words = line.rsplitn(4, |&b| b == b' ');
        let (old, name, new) = (words.next()?, words.next()?, words.next()?);
        words.next()?;
        update(name, old, new)
    })
}

/// `<old oid> <new oid> <ref>`.
fn received(input: &[u8]) -> anyhow::Result<Vec<Update>> {
    lines(input, |line| {
        let mut words = line.splitn(3, |&b| b == b' ');
        let (old, new) = (words.next()?, words.next()?);
        update(words.next()?, old, new)
    })
}

fn lines(input: &[u8], read: impl Fn(&[u8]) -> Option<Update>) -> anyhow::Result<Vec<Update>> {
    let lines = input.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            read(line).with_context(|| {
                let line = crate::report::escape(&line[..line.len().min(200)]);
                format!("cannot understand what is pushed: `{line}` is not what git says on standard input")
            })
        })
        .collect()
}

fn update(name: &[u8], old: &[u8], new: &[u8]) -> Option<Update> {
    let id = |hex: &[u8]| ObjectId::from_hex(hex).map(|id| (!id.is_zero()).then_some(id));
    let (old, new) = (id(old)?, id(new)?);
    Some(Update { name: name.to_vec(), new, old, name_is_new: old.is_none() })
}

/// The one ref of a push that pre-commit and prek tell about; `None` where they tell nothing.
fn offered(repository: &Repository) -> anyhow::Result<Option<Vec<Update>>> {
    let resolved = |name: &OsStr| -> anyhow::Result<ObjectId> {
        if let Some(id) = ObjectId::from_hex(name.as_encoded_bytes()) {
            return Ok(id);
        }
        let name = name.to_str().context("cannot judge the push: a revision's name is no UTF-8")?;
        Ok(repository.resolve(name)?)
    };
    let (from, to) = (variable("PRE_COMMIT_FROM_REF"), variable("PRE_COMMIT_TO_REF"));
    // A push from a first commit on has no range, only a branch.
    let Some(tip) = to.or_else(|| variable("PRE_COMMIT_LOCAL_BRANCH")) else { return Ok(None) };
    let name = variable("PRE_COMMIT_REMOTE_BRANCH").unwrap_or_default().into_encoded_bytes();
    let old = from.map(|from| resolved(&from)).transpose()?;
    let name_is_new = !name.is_empty();
    Ok(Some(vec![Update { name, new: Some(resolved(&tip)?), old, name_is_new }]))
}

/// All branches and tags, and HEAD.
fn everything(repository: &Repository) -> anyhow::Result<Vec<Update>> {
    let refs = repository.refs(&["refs/heads/", "refs/tags/"])?;
    let head = repository.head()?.map(|id| (b"HEAD".to_vec(), id));
    Ok(refs
        .into_iter()
        .chain(head)
        .map(|(name, id)| Update { name, new: Some(id), old: None, name_is_new: false })
        .collect())
}

/// A commit that a pushed ref names, with the configuration that it brings.
struct Tip {
    commit: ObjectId,
    seconds: i64,
    config: Option<Blob>,
}

/// A text that is published with the commits.
struct Said {
    kind: &'static str,
    text: Vec<u8>,
    /// The annotated tag that says it, and who made it.
    tag: Option<CommitInfo>,
}

/// What is pushed, followed to commits, texts and files.
#[derive(Default)]
struct Gathered {
    tips: Vec<Tip>,
    texts: Vec<Said>,
    files: Vec<Change>,
    losses: Vec<Loss>,
}

fn judge(repository: &Repository, push: Push, options: &Options, started: Instant) -> anyhow::Result<u8> {
    let Push { updates, known, notes, server } = push;
    // A first push to a new remote may publish a whole history.
    let watch = Watch::start(Progress::on_stderr(options.quiet), None)?;
    watch.phase("listing commits", 0);
    let objects = repository.objects()?;
    let without =
        known_commits(&objects, updates.iter().filter_map(|update| update.old).chain(known.clone()))?;
    let tags_there: Vec<ObjectId> = updates.iter().filter_map(|update| update.old).chain(known).collect();
    let mut gathered = gather(repository, &objects, &updates, &tags_there);
    // The newest configuration counts for what several refs reach.
    crate::order::sort_by_key(&mut gathered.tips, |tip| (std::cmp::Reverse(tip.seconds), tip.commit));
    gathered.tips.dedup_by_key(|tip| tip.commit);
    let Gathered { tips, texts, files, mut losses } = gathered;

    let own = if server { Some(Configuration::of_server(repository, options)?) } else { None };
    let trusts = own.as_ref().is_none_or(Configuration::trusts_pushed);
    let mut sources = Vec::new();
    let mut configurations = Vec::new();
    let mut walk = Reach { tips: Vec::new(), without, without_refs: server };
    for group in tips.chunk_by(|a, b| a.config == b.config || !trusts) {
        walk.tips = group.iter().map(|tip| tip.commit).collect();
        let mut source = Commits::new(repository);
        let commits = repository.commits(&walk)?;
        watch.phase("reading commits", commits.len() as u64);
        for commit in commits {
            // The engine then says that it was ended early.
            if !watch.goes_on() {
                break;
            }
            watch.step(1);
            if let Err(error) = source.add(&commit) {
                losses.push(Loss { path: None, reason: error.to_string() });
            }
        }
        walk.without.append(&mut walk.tips);
        configurations.push(match own {
            Some(_) if !trusts => None,
            _ => {
                let before = source.first_change_of(FILE_NAME.as_bytes()).map(|change| change.olds.first());
                let tip = group[0].config.as_ref();
                Some(Configuration::pushed(repository, tip, before, server, options)?)
            }
        });
        sources.push(source);
    }
    // What no commit brings goes to the first part, or makes one.
    if sources.is_empty() {
        configurations.push(match server {
            true => None,
            false => Some(Configuration::pushed(repository, None, None, false, options)?),
        });
        sources.push(Commits::new(repository));
    }
    sources[0].add_files(files);
    for Said { kind, text, tag } in texts {
        sources[0].add_text(kind, text, tag);
    }
    watch.phase("judging", sources.iter().map(|source| source.items().len() as u64).sum());
    let parts: Vec<Part<'_>> = sources
        .iter()
        .zip(&configurations)
        .filter_map(|(source, configuration)| {
            let configuration = configuration.as_ref().or(own.as_ref())?;
            Some(Part { source, configuration, inline: trusts })
        })
        .collect();
    let summary = Summary {
        source: "push",
        subject: "what is pushed",
        unit: "files and messages",
        empty: "the push publishes nothing new",
        stops: Some("push"),
        waits: true,
        notes: if sources.iter().all(Commits::is_empty) { Vec::new() } else { notes },
        ..Summary::default()
    };
    let remedy = if server { Remedy::Refused { trusts } } else { Remedy::Rewrite };
    let whole = Whole { losses, summary, may_warn: false, watch: Some(&watch), remedy: &|_| Ok(remedy) };
    judge_parts(&parts, whole, options, started)
}

/// The commits among what the receiving side has; what is not here cannot be walked from.
fn known_commits(objects: &Objects, ids: impl Iterator<Item = ObjectId>) -> anyhow::Result<Vec<ObjectId>> {
    let mut known = Vec::new();
    for id in ids {
        if objects.has(&id)?
            && let Target::Commit(commit) = objects.follow(&id)?.target
        {
            known.push(commit);
        }
    }
    crate::order::sort(&mut known);
    known.dedup();
    Ok(known)
}

/// Follows every pushed ref; what cannot be followed is a loss.
fn gather(repository: &Repository, objects: &Objects, updates: &[Update], there: &[ObjectId]) -> Gathered {
    let mut gathered = Gathered::default();
    for update in updates {
        let Some(new) = update.new else { continue };
        if update.name_is_new {
            gathered.texts.push(Said { kind: "ref name", text: update.name.clone(), tag: None });
        }
        if let Err(error) = gather_one(repository, objects, update, &new, there, &mut gathered) {
            gathered.losses.push(Loss { path: Some(update.name.clone()), reason: error.to_string() });
        }
    }
    gathered
}

fn gather_one(
    repository: &Repository,
    objects: &Objects,
    update: &Update,
    new: &ObjectId,
    there: &[ObjectId],
    gathered: &mut Gathered,
) -> Result<(), crate::git::GitError> {
    let named = objects.follow(new)?;
    for (tag, words) in named.tags {
        if !there.contains(&tag) {
            let by = CommitInfo::of_tag(tag.to_string(), &words.author, words.seconds);
            gathered.texts.push(Said { kind: "tag message", text: words.message, tag: Some(by) });
        }
    }
    match named.target {
        Target::Commit(commit) => gathered.tips.push(Tip {
            commit,
            seconds: objects.commit(&commit)?.seconds,
            config: repository.file_at(&commit, FILE_NAME.as_bytes())?,
        }),
        Target::Tree(tree) => gathered.files.extend(repository.all_of_tree(&tree)?),
        Target::Blob(id) => {
            let new = Some(Blob { id, mode: 0o100_644 });
            gathered.files.push(Change { path: update.name.clone(), new, olds: Vec::new() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn lines_are_read_as_git_writes_them() {
        let input = format!(
            "refs/heads/a {A} refs/heads/b {ZERO}\n(delete) {ZERO} refs/heads/c {A}\n:/fix this {A} refs/x {A}\n"
        );
        let updates = pushed(input.as_bytes()).expect("three lines");
        let told: Vec<_> = updates
            .iter()
            .map(|u| (u.name.as_slice(), u.new.is_some(), u.old.is_some(), u.name_is_new))
            .collect();
        assert_eq!(
            told,
            [
                (&b"refs/heads/b"[..], true, false, true),
                (b"refs/heads/c", false, true, false),
                (b"refs/x", true, true, false)
            ]
        );
        let updates = received(format!("{ZERO} {A} refs/tags/v 1\n").as_bytes()).expect("a line");
        assert_eq!((&updates[0].name[..], updates[0].name_is_new), (&b"refs/tags/v 1"[..], true));
    }

    #[test]
    fn what_git_does_not_write_is_an_error() {
        for input in ["x", "refs/heads/a abc refs/heads/b def\n", &format!("{A} refs/heads/b {A}\n")] {
            assert!(pushed(input.as_bytes()).is_err(), "{input}");
        }
        assert!(received(format!("{A} {A}\n").as_bytes()).is_err());
        assert!(pushed(b"").expect("nothing").is_empty());
    }
}
