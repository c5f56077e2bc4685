//! What a remote is known to have: the tracking refs of that remote and of no other.
//!
//! Hands on: [`Repository::known_to`]. The trap: a name is not a place. A remote may be fetched from one address and pushed
//! to another, two remotes may write the same tracking refs, and a mirror's refspec makes local branches look like the
//! remote's; in all of these a local ref proves nothing about the address that is pushed to.

use std::ffi::OsStr;

use super::{GitError, ObjectId, Repository};

/// Only refs below it are tracking refs: a refspec may name local branches as well.
const TRACKING: &str = "refs/remotes/";

impl Repository {
    /// What the remote at `address` had when it was last asked, by the tracking refs of the remote `name`; empty when there
    /// are none, or when they speak of another address.
    ///
    /// # Errors
    /// When git is not found, or the configuration or refs cannot be read.
    pub fn known_to(&self, name: &OsStr, address: &[u8]) -> Result<Vec<ObjectId>, GitError> {
        let git = self.git()?;
        let Some(fetched) = git.fetched_from(name)? else { return Ok(Vec::new()) };
        if place(&fetched) != place(address) {
            return Ok(Vec::new());
        }
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for entry in git.config_like(r"^remote\..*\.fetch$")? {
            let Some((key, value)) = split_at(&entry, b'\n') else { continue };
            let remote = key.strip_prefix(b"remote.").and_then(|rest| rest.strip_suffix(b".fetch"));
            let list = if remote == Some(name.as_encoded_bytes()) { &mut own } else { &mut others };
            list.extend(Pattern::of_refspec(value));
        }
        if own.is_empty() {
            return Ok(Vec::new());
        }
        let matches = |patterns: &[Pattern], name: &[u8]| patterns.iter().any(|p| p.matches(name));
        let mut known: Vec<ObjectId> = git
            .refs(&[TRACKING])?
            .into_iter()
            .filter(|(name, _)| matches(&own, name) && !matches(&others, name))
            .map(|(_, id)| id)
            .collect();
        crate::order::sort(&mut known);
        known.dedup();
        Ok(known)
    }
}

impl Repository {
    /// The refs below these prefixes, each with the object that it names (of an annotated tag, the tag).
    ///
    /// # Errors
    /// When git is not found or a ref cannot be read.
    pub fn refs(&self, prefixes: &[&str]) -> Result<Vec<(Vec<u8>, ObjectId)>, GitError> {
        self.git()?.refs(prefixes)
    }
}

/// The right side of a refspec: a name, or what stands before and after its star.
struct Pattern {
    before: Vec<u8>,
    after: Option<Vec<u8>>,
}

impl Pattern {
    /// `None` for a refspec that stores nothing below [`TRACKING`].
    fn of_refspec(refspec: &[u8]) -> Option<Self> {
        let (_, stored) = split_at(refspec.strip_prefix(b"+").unwrap_or(refspec), b':')?;
        if !stored.starts_with(TRACKING.as_bytes()) {
            return None;
        }
        Some(match split_at(stored, b'*') {
            Some((before, after)) => Self { before: before.to_vec(), after: Some(after.to_vec()) },
            None => Self { before: stored.to_vec(), after: None },
        })
    }

    fn matches(&self, name: &[u8]) -> bool {
        match &self.after {
            None => name == self.before,
            Some(after) => name.strip_prefix(&self.before[..]).is_some_and(|rest| rest.ends_with(after)),
        }
    }
}

fn split_at(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(byte, text)?;
    Some((&text[..at], &text[at + 1..]))
}

/// An address without how it is reached: `git@host:a/b.git`, `ssh://host/a/b` and `https://user@host/a/b/` are one place.
fn place(address: &[u8]) -> Vec<u8> {
    let scheme = memchr::memmem::find(address, b"://");
    let local = address.starts_with(b"/") || address.starts_with(b".") || address.starts_with(b"file://");
    let rest = scheme.map_or(address, |at| &address[at + 3..]);
    let mut place = rest.to_vec();
    if !local {
        // A user name ends at an `@` before the first slash; scp's form has a colon where others have a slash.
        let host_end = rest.iter().position(|&b| b == b'/').unwrap_or(rest.len());
        let host_start = memchr::memrchr(b'@', &rest[..host_end]).map_or(0, |at| at + 1);
        place = rest[host_start..].to_vec();
        if scheme.is_none()
            && let Some(colon) = place.iter().position(|&b| b == b':')
        {
            place[colon] = b'/';
        }
        let host_end = place.iter().position(|&b| b == b'/').unwrap_or(place.len());
        place[..host_end].make_ascii_lowercase();
    }
    while place.len() > 1 && place.ends_with(b"/") {
        place.pop();
    }
    if place.ends_with(b".git") {
        place.truncate(place.len() - 4);
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_several_addresses() {
        let same =
            ["git@Host.example:a/b.git", "ssh://git@host.example/a/b", "https://u:p@host.example/a/b.git/"];
        for address in same {
            assert_eq!(place(address.as_bytes()), b"host.example/a/b", "{address}");
        }
        assert_eq!(place(b"file:///srv/a.git"), place(b"/srv/a"));
        for other in [
            "git@host.example:a/c",
            "https://other.example/a/b",
            "/host.example/a/b",
            "https://host.example:8443/a/b",
        ] {
            assert_ne!(place(other.as_bytes()), b"host.example/a/b", "{other}");
        }
    }

    #[test]
    fn a_refspec_stands_for_tracking_refs_only() {
        let pattern = |refspec: &str| Pattern::of_refspec(refspec.as_bytes());
        let all = pattern("+refs/heads/*:refs/remotes/origin/*").expect("a pattern");
        assert!(all.matches(b"refs/remotes/origin/a/b") && !all.matches(b"refs/remotes/origins/a"));
        let one = pattern("refs/heads/main:refs/remotes/o/main").expect("a pattern");
        assert!(one.matches(b"refs/remotes/o/main") && !one.matches(b"refs/remotes/o/main2"));
        assert!(pattern("+refs/*:refs/*").is_none() && pattern("refs/heads/main").is_none());
    }
}
