//! What a key block's inside proves: PEM, OpenSSH, SSH2, PGP, PuTTY.
//!
//! The trap: a body that is whole but does not parse may be a format that is unknown here, so it only lowers; what is
//! cut or filled with words is an example.

use super::Check;
use super::OnFailure::{Drop, Lower};
use super::encoding::base64;
use crate::detect::block::key::{self, Verdict};

pub(super) fn pem(secret: &[u8]) -> Check {
    let inspection = key::inspect(secret);
    match inspection.verdict {
        Verdict::Whole if inspection.encrypted => Check::Holds("key parses; a passphrase protects it"),
        Verdict::Whole => Check::Holds("key parses"),
        Verdict::Truncated => Check::fails("key is cut short", Drop),
        Verdict::Placeholder => Check::fails("its body is a placeholder", Drop),
        Verdict::Odd => Check::fails("key does not parse", Lower),
    }
}

pub(super) fn pgp(secret: &[u8]) -> Check {
    pem(secret)
}

/// The fields of a key file: name, value, and the lines of base64 that follow.
struct Putty<'s> {
    fields: Vec<(&'s [u8], &'s [u8], Vec<u8>)>,
}

impl<'s> Putty<'s> {
    fn parse(secret: &'s [u8]) -> Self {
        let mut fields: Vec<(&[u8], &[u8], Vec<u8>)> = Vec::new();
        for line in secret.split(|b| *b == b'\n') {
            match (crate::detect::block::putty_field(line), fields.last_mut()) {
                (Some((name, value)), _) => fields.push((name, value, Vec::new())),
                (None, Some((.., body))) => body.extend(line),
                (None, None) => {}
            }
        }
        Self { fields }
    }

    fn field(&self, name: &[u8]) -> Option<&(&'s [u8], &'s [u8], Vec<u8>)> {
        self.fields.iter().find(|(n, ..)| *n == name)
    }

    fn lines(&self, name: &[u8]) -> Option<Vec<u8>> {
        let (_, count, body) = self.field(name)?;
        let count: usize = std::str::from_utf8(count).ok()?.parse().ok()?;
        // PuTTY writes 64 characters a line.
        base64(body).filter(|_| body.len().div_ceil(64) == count)
    }
}

/// PuTTY: the counted lines are there, and in an unencrypted file of version 3 the private MAC holds
/// (HMAC-SHA-256 with an empty key; source: PuTTY's manual, appendix "PPK file format").
pub(super) fn putty(secret: &[u8]) -> Check {
    let file = Putty::parse(secret);
    let (Some(public), Some(private)) = (file.lines(b"Public-Lines"), file.lines(b"Private-Lines")) else {
        return Check::fails("key is cut short", Drop);
    };
    let value = |name: &[u8]| file.field(name).map(|(_, value, _)| *value);
    let encryption = value(b"Encryption").unwrap_or_default();
    if encryption != b"none" {
        return Check::Holds("key file is whole; a passphrase protects it");
    }
    let (Some(algorithm), Some(mac)) = (value(b"PuTTY-User-Key-File-3"), value(b"Private-MAC")) else {
        return Check::Holds("key file is whole");
    };
    let mut signed = Vec::new();
    for part in [algorithm, encryption, value(b"Comment").unwrap_or_default(), &public, &private] {
        signed.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        signed.extend(part);
    }
    let expected: String = super::hmac_sha256(b"", &signed).iter().map(|b| format!("{b:02x}")).collect();
    Check::checksum(expected.as_bytes().eq_ignore_ascii_case(mac), Lower)
}

/// The key's kind and whether a passphrase protects it.
pub(super) fn details(secret: &[u8]) -> Option<String> {
    let (what, encrypted) = if secret.starts_with(b"PuTTY-") {
        let file = Putty::parse(secret);
        let algorithm = file.fields.first().map(|(_, value, _)| *value).unwrap_or_default();
        let plain = algorithm.len() <= 40 && algorithm.iter().all(u8::is_ascii_graphic);
        let algorithm = if plain { String::from_utf8_lossy(algorithm) } else { "unknown kind".into() };
        let encrypted = file.field(b"Encryption").is_some_and(|(_, value, _)| *value != b"none");
        (format!("PuTTY private key ({algorithm})"), encrypted)
    } else {
        let inspection = key::inspect(secret);
        (inspection.what, inspection.encrypted)
    };
    let what = if what.is_empty() { return None } else { what };
    Some(format!("{what}, {}", if encrypted { "encrypted" } else { "not encrypted" }))
}
