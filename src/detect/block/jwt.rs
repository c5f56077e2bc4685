//! JSON Web Tokens in compact form: three runs of base64url with dots between, the first two JSON objects.
//!
//! The trap: `eyJ` opens any JSON object in base64, and a token's claims too; only the header's hit may find the token.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{Block, BlockKind};
use crate::finding::Secret;

const LONGEST_HEADER: usize = 4 << 10;
const LONGEST_PART: usize = 16 << 10;

/// The token whose header the hit begins.
#[must_use]
pub fn jwt(text: &[u8], hit: Range<usize>) -> Option<Block> {
    let start = hit.start;
    if !text.get(start..)?.starts_with(b"ey") && !text[start..].starts_with(b"ew") {
        return None;
    }
    if text[..start].last().is_some_and(in_part) && !escape_before(&text[..start]) {
        return None;
    }
    let header = part(text, start, LONGEST_HEADER)?;
    let claims = part(text, after_dot(text, header.end)?, LONGEST_PART)?;
    let signature = part(text, after_dot(text, claims.end)?, LONGEST_PART)?;
    object(&text[header])?.get("alg")?;
    object(&text[claims])?;
    let secret = start..signature.end;
    let value = Secret(text[secret.clone()].to_vec());
    Some(Block {
        span: secret.clone(),
        secret,
        kind: BlockKind::Jwt,
        encrypted: false,
        complete: true,
        value,
        detail: None,
    })
}

fn in_part(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The `n` of `\n` or the `D` of `%3D` is no part of a token.
fn escape_before(before: &[u8]) -> bool {
    match before {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
        [.., b'\\', b'u', b'0', b'0', _, _] => true,
        _ => false,
    }
}

fn part(text: &[u8], start: usize, longest: usize) -> Option<Range<usize>> {
    let length = text[start..].iter().take(longest + 1).take_while(|b| in_part(b)).count();
    (length <= longest).then_some(start..start + length)
}

fn after_dot(text: &[u8], at: usize) -> Option<usize> {
    (text.get(at) == Some(&b'.')).then_some(at + 1)
}

fn object(part: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
