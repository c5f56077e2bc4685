//! PuTTY's private key files, versions 1 to 3: named fields, one a line, and counted lines of base64.
//!
//! Hands on the block as its file holds it. The trap: only `Private-Lines` holds the secret, and a file that stops
//! before it is worth nothing.

use std::ops::Range;

use super::lines::{Line, Lines};
use super::{Block, BlockKind, LIMIT};
use crate::finding::Secret;

const NAME: &[u8] = b"PuTTY-User-Key-File-";
/// A 16,384-bit RSA key takes 150 lines.
const MOST_LINES: usize = 400;
/// Version 3 has ten fields; and a first line is `NAME3: ecdsa-sha2-nistp256` at its longest.
const MOST_FIELDS: usize = 12;
const LONGEST_FIRST_LINE: usize = 64;

/// The key file whose first line the hit begins.
pub(super) fn walk(text: &[u8], hit: Range<usize>) -> Option<Block> {
    let start = hit.start;
    if !text.get(start..)?.starts_with(NAME) {
        return None;
    }
    let first = &text[start..text.len().min(start + LONGEST_FIRST_LINE)];
    memchr::memchr3(b'\n', b'\r', b'\\', first)?;
    let mut lines = Lines::new(text, start, start, LIMIT);
    let mut value: Vec<Vec<u8>> = Vec::new();
    let (mut end, mut encrypted, mut private, mut complete) = (start, false, 0, false);
    for _ in 0..MOST_FIELDS {
        let Some(Line { text, end: line_end }) = lines.next_line() else { break };
        let Some((name, field)) = split_field(&text) else { break };
        encrypted |= name == b"Encryption" && field != b"none";
        let counted = matches!(name, b"Public-Lines" | b"Private-Lines").then(|| number(field));
        let is_private = name == b"Private-Lines";
        complete = matches!(name, b"Private-MAC" | b"Private-Hash");
        value.push(text.clone());
        end = line_end;
        if complete {
            break;
        }
        for _ in 0..counted.unwrap_or(Some(0))? {
            let Some(line) = lines.next_line().filter(|line| is_base64(&line.text)) else { break };
            private += if is_private { line.text.len() } else { 0 };
            value.push(line.text);
            end = line.end;
        }
    }
    // An Ed25519 key's private half is 36 bytes.
    if private < 40 {
        return None;
    }
    let secret = start..end;
    let value = Secret(value.join(&b'\n'));
    Some(Block {
        span: secret.clone(),
        secret,
        kind: BlockKind::Putty,
        encrypted,
        complete,
        value,
        detail: None,
    })
}

/// Name and value of `Name: value`.
pub(crate) fn split_field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr::memchr(b':', line).filter(|at| (1..=24).contains(at))?;
    let name = &line[..colon];
    let shaped = name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    shaped.then(|| (name, line[colon + 1..].trim_ascii()))
}

fn number(field: &[u8]) -> Option<usize> {
    std::str::from_utf8(field).ok()?.parse().ok().filter(|count| *count <= MOST_LINES)
}

fn is_base64(line: &[u8]) -> bool {
    !line.is_empty() && line.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}
