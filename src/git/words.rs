//! What commits and annotated tags say: their messages, who wrote them, and what a tag names.
//!
//! Hands on: [`Words`], [`Named`]. The trap: all of it is foreign bytes, in whatever encoding; a header may be missing.

use super::store::Kind;
use super::{GitError, ObjectId, Objects};

/// A chain of tags longer than any real one is a forged one.
const MOST_TAGS: usize = 32;

/// What a commit or an annotated tag says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The message, as it stands.
    pub message: Vec<u8>,
    /// `Name <mail>` of the author or tagger, bytes; empty when there is none.
    pub author: Vec<u8>,
    /// When it was committed or tagged, in seconds since 1970; 0 when it does not say.
    pub seconds: i64,
}

/// What stands at the end of a chain of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A commit.
    Commit(ObjectId),
    /// A directory, without a commit.
    Tree(ObjectId),
    /// A file's content, without a name.
    Blob(ObjectId),
}

/// What an id leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The annotated tags on the way, outermost first.
    pub tags: Vec<(ObjectId, Words)>,
    /// Where they lead.
    pub target: Target,
}

impl Objects {
    /// What a commit says.
    ///
    /// # Errors
    /// When it is missing, cannot be read, or is no commit.
    pub fn commit(&self, id: &ObjectId) -> Result<Words, GitError> {
        let (kind, content) = self.object(id)?;
        match kind {
            Kind::Commit => Ok(Words::parse(&content)),
            other => Err(GitError::ObjectUnreadable {
                id: *id,
                reason: format!("it is a {}, not a commit", other.name()),
            }),
        }
    }

    /// Follows annotated tags to what they name.
    ///
    /// # Errors
    /// When an object is missing or cannot be read, or a tag names nothing.
    pub fn follow(&self, id: &ObjectId) -> Result<Named, GitError> {
        let (mut tags, mut id) = (Vec::new(), *id);
        let unreadable = |id, reason: &str| GitError::ObjectUnreadable { id, reason: reason.to_owned() };
        for _ in 0..MOST_TAGS {
            let (kind, content) = self.object(&id)?;
            let target = match kind {
                Kind::Commit => Target::Commit(id),
                Kind::Tree => Target::Tree(id),
                Kind::Blob => Target::Blob(id),
                Kind::Tag => {
                    let next = header(&content, b"object ").and_then(ObjectId::from_hex);
                    let next = next.ok_or_else(|| unreadable(id, "it is a tag that names nothing"))?;
                    tags.push((id, Words::parse(&content)));
                    id = next;
                    continue;
                }
            };
            return Ok(Named { tags, target });
        }
        Err(unreadable(id, "tags name tags without end"))
    }

    /// True when the object is here.
    ///
    /// # Errors
    /// When it is here and cannot be read.
    pub fn has(&self, id: &ObjectId) -> Result<bool, GitError> {
        match self.object(id) {
            Ok(_) => Ok(true),
            Err(GitError::ObjectMissing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Words {
    /// Reads a commit or tag object.
    pub(super) fn parse(content: &[u8]) -> Self {
        // A header goes on in lines that begin with a blank, so an empty line is always the end of them.
        let message = memchr::memmem::find(content, b"\n\n").map_or(&[][..], |at| &content[at + 2..]);
        let author = header(content, b"author ").or_else(|| header(content, b"tagger ")).unwrap_or_default();
        let dated = header(content, b"committer ").unwrap_or(author);
        let end = memchr::memrchr(b'>', author).map_or(author.len(), |at| at + 1);
        let after = memchr::memrchr(b'>', dated).map_or(&[][..], |at| &dated[at + 1..]);
        let seconds = after.split(|&b| b == b' ').find(|word| !word.is_empty()).unwrap_or_default();
        Self {
            message: message.to_vec(),
            author: author[..end].to_vec(),
            seconds: std::str::from_utf8(seconds).ok().and_then(|s| s.parse().ok()).unwrap_or(0),
        }
    }
}

/// The rest of the first line before the message that begins so.
fn header<'a>(content: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    let lines = content.split(|&b| b == b'\n').take_while(|line| !line.is_empty());
    lines.into_iter().find_map(|line| line.strip_prefix(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_the_headers_and_is_not_cut() {
        let text =
            b"tree 1\nauthor A > B <a@b> 12 +0100\ncommitter C <c@d> 1700000000 +0000\ngpgsig x\n \n y\n\n\
                     subject\n\nbody\n";
        let words = Words::parse(text);
        assert_eq!(words.message, b"subject\n\nbody\n");
        assert_eq!((&words.author[..], words.seconds), (&b"A > B <a@b>"[..], 1_700_000_000));
        let tag = Words::parse(b"object 2\ntype commit\ntagger T <t@x> 5 +0000\n\nv1\n");
        assert_eq!((&tag.author[..], tag.seconds, &tag.message[..]), (&b"T <t@x>"[..], 5, &b"v1\n"[..]));
    }

    #[test]
    fn broken_objects_say_little_and_do_no_harm() {
        for text in [&b""[..], b"\n", b"\n\n", b"author\n\nx", b"author <\ncommitter >\n\n", b"tree 1"] {
            let words = Words::parse(text);
            assert_eq!(words.seconds, 0, "{text:?}");
        }
        // No header is looked for in the message.
        assert_eq!(Words::parse(b"tree 1\n\nauthor A <a> 1 +0000\n").author, b"");
    }
}
