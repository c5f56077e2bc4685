//! `unleak allow FINGERPRINT [--path GLOB] [--expires DAY] --reason TEXT`: writes the entry and stages the file.
//!
//! The trap: staging the file would stage whatever else somebody changed in it, so when the index's and the work tree's copies
//! differ, nothing is written and nothing is staged. The argument may be the secret itself by mistake: it is never repeated.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::allow::edit::{Edit, NewEntry, add_entry, write_file};
use crate::allow::{Date, FILE_NAME, RuleIds, check_glob, printable};
use crate::fingerprint::is_fingerprint;
use crate::git::Repository;

/// What the command line asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// As a finding shows it.
    pub fingerprint: String,
    /// `--path`: a glob, relative to the repository's top.
    pub path: Option<String>,
    /// `--reason`.
    pub reason: String,
    /// `--expires`: `YYYY-MM-DD`.
    pub expires: Option<String>,
}

/// Allows one secret. Gives the line to print; nothing is written or staged when it fails, unless the error says so.
///
/// # Errors
/// Status 2: a wrong argument, a wrong configuration, copies that differ, or what git and the system refuse.
pub fn run(request: &Request, rules: RuleIds<'_>) -> anyhow::Result<String> {
    let today = Date::today();
    let new = checked(request, today)?;
    let repository = Repository::open_from_env()?;
    let top = repository.top().context("cannot allow anything in a bare repository: run this in a work tree")?;
    let path = top.join(FILE_NAME);
    let there = work_tree_copy(&path)?;
    same_as_staged(&repository, there.as_deref())?;
    let text = match there {
        Some(bytes) => String::from_utf8(bytes)
            .ok()
            .with_context(|| format!("cannot edit {FILE_NAME}: it is not UTF-8; save it as UTF-8"))?,
        None => String::new(),
    };
    let edit = add_entry(FILE_NAME, &text, &new, rules)
        .map_err(|error| anyhow::anyhow!("cannot add the entry to {FILE_NAME}:\n{error}"))?;
    match edit {
        Edit::Exists { line, expires: Some(day) } if day < today => bail!(
            "cannot allow it again: the entry in {FILE_NAME}:{line} expired on {day}; give that entry a new date, or remove it"
        ),
        Edit::Exists { line, expires } => {
            let until = expires.map(|day| format!(" until {day}")).unwrap_or_default();
            Ok(format!("{} is allowed already{until}, by {FILE_NAME}:{line}; nothing was changed", new.fingerprint))
        }
        Edit::Added { text, line } => {
            write_file(&path, &text).with_context(|| format!("cannot write {FILE_NAME}"))?;
            stage(&repository, &text)?;
            let place = new.path.map(|glob| format!(" in {}", printable(&glob)));
            let place = place.unwrap_or_default();
            let until = new.expires.map(|day| format!(" until {day}")).unwrap_or_default();
            Ok(format!("allowed {}{place}{until} in {FILE_NAME}:{line}, which is staged", new.fingerprint))
        }
    }
}

fn checked(request: &Request, today: Date) -> anyhow::Result<NewEntry> {
    if !is_fingerprint(&request.fingerprint) {
        bail!(
            "cannot allow this: a fingerprint is `u1-` and 20 hex digits, as a finding shows it (not the secret itself, which \
             now stands in your shell's history)"
        );
    }
    if request.reason.trim().is_empty() {
        bail!("cannot allow it without a reason: add --reason \"why this secret is fine\"");
    }
    if let Some(wrong) = request.path.as_deref().and_then(check_glob) {
        bail!("cannot use the glob of --path: {wrong}");
    }
    let expires = match &request.expires {
        None => None,
        Some(text) => Some(Date::parse(text).context("cannot use --expires: it is a day, like 2027-06-30")?),
    };
    if let Some(day) = expires.filter(|day| *day < today) {
        bail!("cannot use --expires: {day} has passed");
    }
    Ok(NewEntry {
        fingerprint: request.fingerprint.clone(),
        path: request.path.clone(),
        reason: request.reason.trim().to_owned(),
        expires,
    })
}

fn work_tree_copy(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => {
            let read = fs::read(path).with_context(|| format!("cannot read {FILE_NAME}"))?;
            Ok(Some(read))
        }
        Ok(_) => bail!(
            "cannot edit {FILE_NAME}: it is no plain file (git stages a symbolic link, not what it points to); replace it"
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot look at {FILE_NAME}")),
    }
}

fn staged_copy(repository: &Repository) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(entry) = repository.index_entry(FILE_NAME.as_bytes())? else { return Ok(None) };
    Ok(Some(repository.objects()?.blob(&entry.id)?.to_vec()))
}

/// Holds the two copies against each other, line ends aside: git may change those on the way.
fn same_as_staged(repository: &Repository, there: Option<&[u8]>) -> anyhow::Result<()> {
    let advice = match (staged_copy(repository)?, there) {
        (None, None) => return Ok(()),
        (Some(staged), Some(there)) if lf(&staged) == lf(there) => return Ok(()),
        (None, Some(_)) => "is not staged or committed yet: stage it",
        (Some(_), None) => "is in the index and not in the work tree: bring it back",
        (Some(_), Some(_)) => "has changes that are not staged: stage or undo them",
    };
    bail!(
        "cannot allow it: {FILE_NAME} {advice} and run this again (nothing was written or staged, since staging the file \
         would stage those changes too)"
    )
}

fn lf(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    for (at, byte) in text.iter().enumerate() {
        if *byte != b'\r' || text.get(at + 1) != Some(&b'\n') {
            plain.push(*byte);
        }
    }
    plain
}

/// Stages the file and sees that what is staged is what was written: a filter may have changed it.
fn stage(repository: &Repository, text: &str) -> anyhow::Result<()> {
    let what = || format!("cannot stage {FILE_NAME}: the entry is written, run `git add -- {FILE_NAME}` at the top");
    repository.stage(Path::new(FILE_NAME)).with_context(what)?;
    let staged = staged_copy(repository).with_context(what)?;
    if staged.is_none_or(|staged| lf(&staged) != lf(text.as_bytes())) {
        bail!("cannot rely on {FILE_NAME} as staged: git staged something else than what was written; look at `git diff`");
    }
    Ok(())
}
