//! What stands in commits, tags and trees, as borrowed bytes.
//!
//! Hands on [`Commit`], [`Tag`] and [`entries`] (git-hash-object(1) `-t`, and what `git fsck` asks of them). The trap: anybody can
//! write such objects by hand, so nothing here is taken for granted but lengths that were checked.

use super::super::ObjectId;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit<'a> {
    /// Its directory.
    pub tree: ObjectId,
    /// The commits before it.
    pub parents: Vec<ObjectId>,
    /// `Name <mail>`.
    pub author: &'a [u8],
    /// When it was committed, in seconds since 1970; 0 where it does not say.
    pub time: i64,
    /// What its author wrote.
    pub message: &'a [u8],
}

impl<'a> Commit<'a> {
    /// Reads it; `None` when it has no tree or an id that is none.
    #[must_use]
    pub fn parse(content: &'a [u8]) -> Option<Self> {
        let mut lines = Lines(content);
        let tree = ObjectId::from_hex(lines.next()?.strip_prefix(b"tree ")?)?;
        let mut commit = Self { tree, parents: Vec::new(), author: b"", time: 0, message: b"" };
        while let Some(line) = lines.next() {
            if line.is_empty() {
                break;
            }
            if let Some(hex) = line.strip_prefix(b"parent ") {
                commit.parents.push(ObjectId::from_hex(hex)?);
            } else if let Some(author) = line.strip_prefix(b"author ") {
                commit.author = person(author).0;
            } else if let Some(committer) = line.strip_prefix(b"committer ") {
                commit.time = person(committer).1;
            }
        }
        commit.message = lines.0;
        Some(commit)
    }
}

/// An annotated tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag<'a> {
    /// What it points at.
    pub target: ObjectId,
    /// Its name, without `refs/tags/`.
    pub name: &'a [u8],
    /// `Name <mail>`; empty in very old tags.
    pub tagger: &'a [u8],
    /// When it was made, in seconds since 1970; 0 where it does not say.
    pub time: i64,
    /// What its tagger wrote.
    pub message: &'a [u8],
}

impl<'a> Tag<'a> {
    /// Reads it; `None` when it points at nothing.
    #[must_use]
    pub fn parse(content: &'a [u8]) -> Option<Self> {
        let mut lines = Lines(content);
        let target = ObjectId::from_hex(lines.next()?.strip_prefix(b"object ")?)?;
        let mut tag = Self { target, name: b"", tagger: b"", time: 0, message: b"" };
        while let Some(line) = lines.next() {
            if line.is_empty() {
                break;
            }
            if let Some(name) = line.strip_prefix(b"tag ") {
                tag.name = name;
            } else if let Some(tagger) = line.strip_prefix(b"tagger ") {
                (tag.tagger, tag.time) = person(tagger);
            }
        }
        tag.message = lines.0;
        Some(tag)
    }
}

/// Lines without their ends; what is left of the content stands in it.
struct Lines<'a>(&'a [u8]);

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.0).unwrap_or(self.0.len());
        let line = &self.0[..end];
        self.0 = self.0.get(end + 1..).unwrap_or_default();
        Some(line)
    }
}

/// `Name <mail> SECONDS ZONE`: who, and when.
fn person(line: &[u8]) -> (&[u8], i64) {
    let end = line.iter().rposition(|b| *b == b'>').map_or(line.len(), |at| at + 1);
    let seconds = line[end..].split(|b| *b == b' ').find(|word| !word.is_empty()).unwrap_or_default();
    let seconds = std::str::from_utf8(seconds).ok().and_then(|word| word.parse().ok()).unwrap_or(0);
    (&line[..end], seconds)
}

/// An entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Where it starts in the tree.
    pub at: usize,
    /// `0o40000` for a directory, `0o160000` for a submodule.
    pub mode: u32,
    /// One name, without slashes.
    pub name: &'a [u8],
    /// The raw id.
    pub id: &'a [u8],
}

impl Entry<'_> {
    /// True for a directory.
    #[must_use]
    pub fn is_tree(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    /// True for a submodule, whose id is a commit of another repository.
    #[must_use]
    pub fn is_submodule(&self) -> bool {
        self.mode & 0o170_000 == 0o160_000
    }
}

/// The entries of a tree, in its order; an `Err` ends it where the bytes are no entry. `hash` is the length of an id.
pub fn entries(tree: &[u8], hash: usize) -> impl Iterator<Item = Result<Entry<'_>, usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= tree.len() {
            return None;
        }
        let start = at;
        at = tree.len();
        let rest = &tree[start..];
        let entry = (|| {
            let mut mode = 0;
            let mut digits = 0;
            while let Some(digit @ b'0'..=b'7') = rest.get(digits) {
                mode = mode << 3 | u32::from(digit - b'0');
                digits += 1;
                if digits > 7 {
                    return None;
                }
            }
            if digits == 0 || rest.get(digits) != Some(&b' ') {
                return None;
            }
            let name = &rest[digits + 1..];
            let name = &name[..memchr::memchr(0, name)?];
            let id_at = digits + 1 + name.len() + 1;
            let id = rest.get(id_at..id_at + hash)?;
            at = start + id_at + hash;
            Some(Entry { at: start, mode, name, id })
        })();
        Some(entry.ok_or(start))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_and_tags_are_taken_apart() {
        let id = "1".repeat(40);
        let text = format!(
            "tree {id}\nparent {id}\nparent {id}\nauthor A <a@b> 12 +0100\ncommitter B <b@c> 34 +0000\n\
             gpgsig -----BEGIN\n  x\n\nSubject\n\nBody\n"
        );
        let commit = Commit::parse(text.as_bytes()).unwrap();
        assert_eq!((commit.parents.len(), commit.author, commit.time), (2, &b"A <a@b>"[..], 34));
        assert_eq!(commit.message, b"Subject\n\nBody\n");
        let text = format!("object {id}\ntype commit\ntag v1\ntagger T <t@u> 56 +0000\n\nText");
        let tag = Tag::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (tag.name, tag.tagger, tag.time, tag.message),
            (&b"v1"[..], &b"T <t@u>"[..], 56, &b"Text"[..])
        );
        for broken in ["", "tree 12\n", "parent x", "tree", &format!("tree {id}\nparent 1\n")] {
            assert_eq!(Commit::parse(broken.as_bytes()), None, "{broken}");
        }
        let bare = Commit::parse(text_of(&id).as_bytes()).unwrap().message.len();
        assert_eq!(bare, 0);
    }

    fn text_of(id: &str) -> String {
        format!("tree {id}")
    }

    #[test]
    fn trees_end_where_they_are_damaged() {
        let mut tree = b"100644 a\0".to_vec();
        tree.extend([1; 20]);
        tree.extend(b"40000 dir\0");
        tree.extend([2; 20]);
        let names: Vec<_> = entries(&tree, 20).map(|e| e.map(|e| (e.name, e.is_tree()))).collect();
        assert_eq!(names, [Ok((&b"a"[..], false)), Ok((&b"dir"[..], true))]);
        for cut in 1..tree.len() {
            let last = entries(&tree[..cut], 20).last().unwrap();
            assert_eq!(last.is_err(), cut != 29, "cut to {cut}");
        }
        assert_eq!(entries(&[], 20).count(), 0);
        assert_eq!(entries(b"x", 20).last(), Some(Err(0)));
    }
}
