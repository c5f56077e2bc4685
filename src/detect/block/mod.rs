//! Own-code walkers for secrets that no small regex can hold: key blocks in all the ways people paste them, JSON Web
//! Tokens, service accounts.
//!
//! Hands on a [`Block`]: where it stands and its decoded value, by content alone. The trap: a walker is called on every
//! hit of its keyword, so each declines after a few bytes unless the shape goes on, and none reads further than
//! [`LIMIT`].

mod armour;
pub(crate) mod base64;
mod jwt;
pub(crate) mod key;
mod lines;
mod putty;

use std::ops::Range;

use crate::finding::{Secret, Severity};

pub use jwt::jwt;
pub(crate) use putty::split_field as putty_field;

/// How many bytes of source one block may take, escapes and indentation included.
pub const LIMIT: usize = 64 << 10;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// PKCS#1, PKCS#8, SEC 1, DSA and whatever else says `PRIVATE KEY`.
    Pem,
    /// OpenSSH's own format, and that of the older commercial SSH.
    OpenSsh,
    /// An OpenPGP secret key.
    Pgp,
    /// PuTTY's `.ppk`.
    Putty,
    /// A signed JSON Web Token.
    Jwt,
    /// The private key in a Google service account's JSON.
    ServiceAccount,
    /// A value that this machine holds as a secret.
    Known,
}

/// A secret found by a walker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The whole construct.
    pub span: Range<usize>,
    /// The part of it that is the secret, to mask and to locate.
    pub secret: Range<usize>,
    /// What it is.
    pub kind: BlockKind,
    /// True when a passphrase protects it.
    pub encrypted: bool,
    /// False when its end is missing.
    pub complete: bool,
    /// The secret after decoding: LF line ends, no leading blanks, however the source writes it.
    pub value: Secret,
    /// What else a person wants to know, e.g. the account it belongs to; printable ASCII.
    pub detail: Option<String>,
}

impl Block {
    /// How bad this one is under a rule of that severity: what a passphrase protects is medium at most.
    #[must_use]
    pub fn severity(&self, of_rule: Severity) -> Severity {
        if self.encrypted { of_rule.min(Severity::Medium) } else { of_rule }
    }
}

/// A walker: the text and where a keyword stands in it.
pub type Walker = fn(&[u8], Range<usize>) -> Option<Block>;

/// The walker that a rule file calls by this name; `None` when there is none.
#[must_use]
pub fn walker(name: &str) -> Option<Walker> {
    Some(match name {
        "jwt" => jwt,
        "pem" => pem,
        "pgp" => pgp,
        "putty" => putty,
        "service-account" => service_account,
        _ => return None,
    })
}

/// A private key of any label but PGP's, OpenSSH's and SSH2's among them, at a hit anywhere in its `BEGIN` line, or at
/// the base64 of one (`LS0tLS1CRUdJTi`).
#[must_use]
pub fn pem(text: &[u8], hit: Range<usize>) -> Option<Block> {
    armour::walk(text, hit, |kind| kind != BlockKind::Pgp)
}

/// A PGP private key block, likewise.
#[must_use]
pub fn pgp(text: &[u8], hit: Range<usize>) -> Option<Block> {
    armour::walk(text, hit, |kind| kind == BlockKind::Pgp)
}

/// A PuTTY private key at its first line's `PuTTY-User-Key-File`.
#[must_use]
pub fn putty(text: &[u8], hit: Range<usize>) -> Option<Block> {
    putty::walk(text, hit)
}

/// How far around a hit the parts of a service account's JSON may stand.
const ACCOUNT_REACH: usize = 6 << 10;

/// The private key of a Google service account, at a hit on `service_account`, `private_key` or the like: a key block
/// near it, and within [`ACCOUNT_REACH`] the account's own mail address and type.
#[must_use]
pub fn service_account(text: &[u8], hit: Range<usize>) -> Option<Block> {
    use memchr::memmem;
    let from = hit.start.saturating_sub(ACCOUNT_REACH);
    let near = &text[from..text.len().min(hit.end + ACCOUNT_REACH)];
    memmem::find(near, b"service_account")?;
    let mail_end = memmem::find(near, b".gserviceaccount.com")? + b".gserviceaccount.com".len();
    let in_mail = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'.' | b'-' | b'_');
    let mail_start = mail_end - near[..mail_end].iter().rev().take_while(in_mail).count();
    let mail = String::from_utf8_lossy(&near[mail_start..mail_end]).into_owned();
    memmem::find_iter(near, b"private_key").find_map(|name| {
        let after = name + b"private_key".len();
        let begin = memmem::find(&near[after..near.len().min(after + 64)], b"-----BEGIN")? + after + from;
        let block = pem(text, begin..begin + b"-----BEGIN".len())?;
        let detail = (mail.len() <= 128).then(|| format!("account {mail}"));
        Some(Block { kind: BlockKind::ServiceAccount, detail, ..block })
    })
}

/// The form of a multi-line secret that its fingerprint is made of: a key block as it would stand in a file of its own,
/// anything else with LF line ends and without leading blanks. Applied twice, it changes nothing more.
#[must_use]
pub fn normalised(secret: &[u8]) -> Vec<u8> {
    let blanks = |b: &u8| matches!(b, b' ' | b'\t');
    if let Some(at) = memchr::memmem::find(secret, b"BEGIN")
        && let Some(block) = armour::walk(secret, at..at + 5, |_| true)
    {
        return block.value.0;
    }
    let mut out = Vec::with_capacity(secret.len());
    for (number, line) in secret.split(|b| *b == b'\n').enumerate() {
        if number > 0 {
            out.push(b'\n');
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        out.extend(&line[line.iter().take_while(|b| blanks(b)).count()..]);
    }
    out
}

#[cfg(test)]
mod tests;
