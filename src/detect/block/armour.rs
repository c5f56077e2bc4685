//! Private keys between `-----BEGIN … PRIVATE KEY-----` and `-----END …-----` (RFC 7468, RFC 1421, RFC 4880, SSH2).
//!
//! Hands on the block as it would stand in a file of its own. The trap: `BEGIN` lines stand alone in code that looks for
//! keys, so a block needs a body of some length, and certificates and public keys are declined at the label.

use std::ops::Range;

use super::lines::Lines;
use super::{Block, BlockKind, LIMIT, key};
use crate::finding::Secret;

/// The base64 of `-----BEGIN`, as in a kubeconfig's `client-key-data`.
const BASE64_BEGIN: &[u8] = b"LS0tLS1CRUdJTi";
/// The shortest private key in DER is 34 bytes (46 characters); less is a stump that tells nobody anything.
const LEAST_BODY: usize = 40;
/// No key is wrapped so tightly that none of its lines is that long; words of prose or code never are.
const LEAST_LINE: usize = 32;
const LONGEST_LABEL: usize = 48;

/// The block whose `BEGIN` line the hit touches, if its kind is wanted.
pub(super) fn walk(text: &[u8], hit: Range<usize>, wanted: fn(BlockKind) -> bool) -> Option<Block> {
    if text.get(hit.clone()).is_some_and(|word| word.starts_with(BASE64_BEGIN)) {
        return walk_base64(text, hit.start, wanted);
    }
    let begin = Begin::near(text, hit)?;
    let kind = kind_of(&begin.label).filter(|kind| wanted(*kind))?;
    let body = Body::read(text, &begin)?;
    let value = body.render(&begin.label);
    let key::Inspection { encrypted, verdict, .. } = key::inspect(&value);
    let complete = body.end_label.is_some();
    // A `BEGIN` line in a program, and whatever strings come after it.
    if !complete && !matches!(verdict, key::Verdict::Whole | key::Verdict::Truncated) {
        return None;
    }
    let secret = begin.start..body.end;
    Some(Block {
        span: secret.clone(),
        secret,
        kind,
        encrypted,
        complete,
        value: Secret(value),
        detail: None,
    })
}

/// A whole key file in base64, on one line.
fn walk_base64(text: &[u8], start: usize, wanted: fn(BlockKind) -> bool) -> Option<Block> {
    let is_base64 = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    // The middle of a run would be walked again from each of its hits.
    if text[..start].last().is_some_and(|b| is_base64(&b) && *b != b'=') {
        return None;
    }
    let length = text[start..].iter().take(LIMIT).take_while(is_base64).count();
    let inner = super::base64::decode(&text[start..start + length])?;
    let block = walk(&inner, 0..10.min(inner.len()), wanted)?;
    let secret = start..start + length;
    Some(Block { span: secret.clone(), secret, ..block })
}

/// What the label says it is; `None` for what is no private key.
fn kind_of(label: &[u8]) -> Option<BlockKind> {
    match label {
        b"PGP PRIVATE KEY BLOCK" => Some(BlockKind::Pgp),
        b"OPENSSH PRIVATE KEY" | b"SSH2 ENCRYPTED PRIVATE KEY" | b"SSH2 PRIVATE KEY" => {
            Some(BlockKind::OpenSsh)
        }
        _ if label.ends_with(b"PRIVATE KEY") => Some(BlockKind::Pem),
        _ => None,
    }
}

/// A `BEGIN` line.
struct Begin {
    /// Of its first hyphen.
    start: usize,
    /// With single blanks.
    label: Vec<u8>,
    /// After its last hyphen.
    after: usize,
}

impl Begin {
    fn near(text: &[u8], hit: Range<usize>) -> Option<Self> {
        let hit = hit.start.min(text.len())..hit.end.min(text.len());
        let from = hit.start.saturating_sub(LONGEST_LABEL);
        let word = memchr::memmem::rfind(&text[from..hit.end], b"BEGIN")? + from;
        let mut start = word;
        if separator_before(&text[..start]) == 1 {
            start -= 1;
        }
        let hyphens = text[..start].iter().rev().take(6).take_while(|b| **b == b'-').count();
        if hyphens < 4 {
            return None;
        }
        let (label, after) = label(text, word + b"BEGIN".len())?;
        Some(Self { start: start - hyphens, label, after })
    }
}

fn separator_before(text: &[u8]) -> usize {
    usize::from(text.last() == Some(&b' '))
}

/// The words up to the closing hyphens, and where those end. Blanks may be written as in a URL.
fn label(text: &[u8], from: usize) -> Option<(Vec<u8>, usize)> {
    let mut label = Vec::new();
    let mut at = from;
    while label.len() <= LONGEST_LABEL {
        let rest = &text[at..];
        let blank = match rest {
            [b' ' | b'+', ..] => 1,
            [b'%', b'2', b'0', ..] => 3,
            [b'-', b'-', b'-', b'-', ..] => {
                let hyphens = rest.iter().take(5).take_while(|b| **b == b'-').count();
                return Some((label.trim_ascii().to_vec(), at + hyphens));
            }
            [b'A'..=b'Z' | b'0'..=b'9', ..] => 0,
            _ => return None,
        };
        label.push(if blank == 0 { rest[0] } else { b' ' });
        at += blank.max(1);
    }
    None
}

/// What stands between the two lines.
struct Body {
    headers: Vec<Vec<u8>>,
    lines: Vec<Vec<u8>>,
    end_label: Option<Vec<u8>>,
    end: usize,
}

impl Body {
    fn read(text: &[u8], begin: &Begin) -> Option<Self> {
        let mut source = Lines::new(text, begin.start, begin.after, LIMIT);
        let mut body = Self { headers: Vec::new(), lines: Vec::new(), end_label: None, end: begin.after };
        let mut whole = true;
        while whole && let Some(line) = source.next_line() {
            let blank = line.text.is_empty();
            whole = body.take(line.text);
            if whole && !blank {
                body.end = body.end.max(line.end);
            }
        }
        if let Some((label, end)) = end_marker(text, source.at()).filter(|_| whole) {
            body.end_label = Some(label);
            body.end = end;
        }
        let wide = body.lines.iter().any(|line| line.len() >= LEAST_LINE);
        (wide && body.lines.iter().map(Vec::len).sum::<usize>() >= LEAST_BODY).then_some(body)
    }

    /// Adds a line; false when it cannot belong to a key.
    fn take(&mut self, line: Vec<u8>) -> bool {
        let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        if line.is_empty() {
            return true;
        }
        if self.lines.is_empty() {
            if self.headers.last().is_some_and(|header| header.ends_with(b"\\")) {
                self.headers.push(line);
                return true;
            }
            let name = line.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
            if name > 0 && line.get(name) == Some(&b':') {
                return self.take_header(line);
            }
        }
        if !line.iter().all(|b| is_base64(b) || *b == b' ' || *b == b'\t') {
            return false;
        }
        // Blanks stand in a key whose line ends were lost on its way through a variable; else they are prose.
        let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).collect();
        let prose = words.len() > 1 && words.iter().all(|word| word.len() < LEAST_LINE);
        self.lines.extend(words.iter().filter(|_| !prose).map(|word| word.to_vec()));
        !prose
    }

    /// A header, or both headers of an encrypted key and its body when their line ends became blanks.
    fn take_header(&mut self, line: Vec<u8>) -> bool {
        let Some(second) = memchr::memmem::find(&line, b" DEK-Info: ") else {
            self.headers.push(line);
            return true;
        };
        self.headers.push(line[..second].trim_ascii().to_vec());
        let info = &line[second + 1..];
        let value = b"DEK-Info: ".len();
        let end = memchr::memchr(b' ', &info[value..]).map_or(info.len(), |at| value + at);
        self.headers.push(info[..end].to_vec());
        self.take(info[end..].trim_ascii().to_vec())
    }

    /// As a file holds it: 64 characters a line (70 for OpenSSH) unless the source has lines of its own.
    fn render(&self, label: &[u8]) -> Vec<u8> {
        let width = if label.starts_with(b"OPENSSH") { 70 } else { 64 };
        let mut parts: Vec<Vec<u8>> = vec![[b"-----BEGIN ", label, b"-----"].concat()];
        if !self.headers.is_empty() {
            parts.extend(self.headers.iter().cloned());
            parts.push(Vec::new());
        }
        if self.lines.iter().any(|line| line.len() > 80) {
            let sum = self.lines.last().filter(|line| line.len() == 5 && line[0] == b'=');
            let joined = self.lines[..self.lines.len() - usize::from(sum.is_some())].concat();
            parts.extend(joined.chunks(width).map(<[u8]>::to_vec));
            parts.extend(sum.cloned());
        } else {
            parts.extend(self.lines.iter().cloned());
        }
        if let Some(end_label) = &self.end_label {
            parts.push([b"-----END ", end_label.as_slice(), b"-----"].concat());
        }
        parts.join(&b'\n')
    }
}

/// `-----END …-----` at this place: its label and where it ends.
fn end_marker(text: &[u8], at: usize) -> Option<(Vec<u8>, usize)> {
    let rest = text.get(at..)?;
    let hyphens = rest.iter().take_while(|b| **b == b'-').count();
    let rest = &rest[hyphens..];
    let blank = usize::from(rest.first() == Some(&b' '));
    if hyphens < 4 || !rest[blank..].starts_with(b"END") {
        return None;
    }
    label(text, at + hyphens + blank + b"END".len())
}
