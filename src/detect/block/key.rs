//! What is inside a private key: kind, whether a passphrase protects it, and whether it is whole.
//!
//! Hands on an [`Inspection`] of a block's normalised value. The trap: an encrypted body proves nothing but its wrapping,
//! and a truncated key is an example in nearly every case, so the two are told apart from a key that is odd.

use der::{Decode, Header, Reader, SliceReader, Tag, asn1::AnyRef};

use super::base64;

/// How much of a key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It parses from end to end.
    Whole,
    /// It begins as a key and stops early.
    Truncated,
    /// Its body is no key's: too few different characters, or words.
    Placeholder,
    /// It has a body, which does not parse.
    Odd,
}

/// What a look inside tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inspection {
    /// True when a passphrase protects it.
    pub(crate) encrypted: bool,
    /// How much of it is there.
    pub(crate) verdict: Verdict,
    /// For people: `RSA private key`, `OpenSSH private key (ssh-ed25519)`.
    pub(crate) what: String,
}

/// Looks into a block between `BEGIN` and `END` lines, normalised.
pub(crate) fn inspect(value: &[u8]) -> Inspection {
    let mut lines = value.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.next().unwrap_or_default();
    let label = first.strip_prefix(b"-----BEGIN ").and_then(|l| l.strip_suffix(b"-----")).unwrap_or_default();
    let mut lines: Vec<&[u8]> = lines.take_while(|line| !line.starts_with(b"-----END")).collect();
    let headers: Vec<&[u8]> = match lines.iter().position(|line| line.is_empty()) {
        Some(blank) => {
            let body = lines.split_off(blank + 1);
            std::mem::replace(&mut lines, body)
        }
        None => Vec::new(),
    };
    let sum = lines.pop_if(|line| line.len() == 5 && line[0] == b'=');
    let body = lines.concat();
    let says_encrypted = headers.iter().any(|h| h.starts_with(b"Proc-Type:") && h.ends_with(b"ENCRYPTED"));
    let mut inspection = Inspection {
        encrypted: says_encrypted || label == b"ENCRYPTED PRIVATE KEY",
        verdict: Verdict::Placeholder,
        what: name_of(label),
    };
    if is_placeholder(&body) {
        return inspection;
    }
    inspection.verdict = Verdict::Odd;
    // Four characters hold three bytes; one alone, where a key was cut, holds none.
    let even = body.len() - usize::from(body.len() % 4 == 1);
    let Some(bytes) = base64::decode(&body[..even]) else { return inspection };
    match label {
        b"OPENSSH PRIVATE KEY" => openssh(&bytes, &mut inspection),
        b"SSH2 ENCRYPTED PRIVATE KEY" | b"SSH2 PRIVATE KEY" => ssh2(&bytes, &mut inspection),
        b"PGP PRIVATE KEY BLOCK" => pgp(&bytes, sum, &mut inspection),
        _ if says_encrypted => {
            // RFC 1421: whole cipher blocks, of 8 bytes at least.
            inspection.verdict =
                if bytes.len().is_multiple_of(8) { Verdict::Whole } else { Verdict::Truncated };
        }
        _ => inspection.verdict = der(&bytes, label),
    }
    inspection
}

/// `RSA private key`: the label in words, without what is said apart.
fn name_of(label: &[u8]) -> String {
    let words = String::from_utf8_lossy(label).into_owned();
    let named = words.split(' ').filter(|word| *word != "ENCRYPTED").map(|word| match word {
        "PRIVATE" | "KEY" | "ANY" | "BLOCK" => word.to_ascii_lowercase(),
        "OPENSSH" => "OpenSSH".to_owned(),
        _ => word.to_owned(),
    });
    named.collect::<Vec<_>>().join(" ")
}

/// Random base64 of a key's length uses some forty different characters; filler uses few.
fn is_placeholder(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    body.iter().for_each(|b| seen[usize::from(*b)] = true);
    let lower = body.to_ascii_lowercase();
    let words = [b"example".as_slice(), b"placeholder", b"redacted", b"yourprivatekey", b"privatekeyhere"];
    seen.iter().filter(|s| **s).count() < 20
        || words.iter().any(|w| memchr::memmem::find(&lower, w).is_some())
}

fn der(bytes: &[u8], label: &[u8]) -> Verdict {
    let Ok(mut reader) = SliceReader::new(bytes) else { return Verdict::Odd };
    let Ok(header) = Header::decode(&mut reader) else { return Verdict::Odd };
    if header.tag() != Tag::Sequence {
        return Verdict::Odd;
    }
    let length = u32::from(header.length());
    let there = u32::from(reader.remaining_len());
    if there < length {
        return Verdict::Truncated;
    }
    let mut tags = Vec::new();
    let Ok(inside) = reader.read_slice(header.length()) else { return Verdict::Truncated };
    // Padding of a few zero bytes after the key is what some tools write.
    let padded = reader.remaining_len() < der::Length::new(16);
    let Ok(mut reader) = SliceReader::new(inside) else { return Verdict::Odd };
    while !reader.is_finished() {
        match AnyRef::decode(&mut reader) {
            Ok(part) => tags.push(der::Tagged::tag(&part)),
            Err(_) => return Verdict::Odd,
        }
    }
    let integers = tags.iter().take_while(|tag| **tag == Tag::Integer).count();
    let fits = match label {
        b"RSA PRIVATE KEY" => integers >= 9,
        b"DSA PRIVATE KEY" => integers >= 6,
        b"EC PRIVATE KEY" => tags.starts_with(&[Tag::Integer, Tag::OctetString]),
        b"PRIVATE KEY" => tags.starts_with(&[Tag::Integer, Tag::Sequence, Tag::OctetString]),
        b"ENCRYPTED PRIVATE KEY" => tags == [Tag::Sequence, Tag::OctetString],
        _ => true,
    };
    if fits && padded { Verdict::Whole } else { Verdict::Odd }
}

/// No field of a key is longer: a length above it is no sign of a cut, but of bytes that are no key.
const LONGEST_FIELD: usize = 16 << 10;

/// Reads SSH's length-prefixed fields (RFC 4251).
#[derive(Clone)]
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes)
    }

    fn string(&mut self) -> Option<&'b [u8]> {
        let count = self.number()?;
        self.take(usize::try_from(count).ok()?)
    }
}

/// Source: OpenSSH's PROTOCOL.key.
fn openssh(bytes: &[u8], inspection: &mut Inspection) {
    let Some(rest) = bytes.strip_prefix(b"openssh-key-v1\0") else { return };
    let mut fields = Fields(rest);
    let Some(cipher) = fields.string() else {
        inspection.verdict = Verdict::Truncated;
        return;
    };
    inspection.encrypted = cipher != b"none";
    match openssh_kind(&mut fields, inspection.encrypted) {
        Ok(kind) => {
            inspection.verdict = Verdict::Whole;
            if kind.len() <= 40 && kind.iter().all(u8::is_ascii_graphic) {
                inspection.what = format!("{} ({})", inspection.what, String::from_utf8_lossy(kind));
            }
        }
        Err(verdict) => inspection.verdict = verdict,
    }
}

/// The kind of the last key in a file of which the cipher has been read.
fn openssh_kind<'b>(fields: &mut Fields<'b>, encrypted: bool) -> Result<&'b [u8], Verdict> {
    let string = |fields: &mut Fields<'b>| {
        let long = fields.clone().number().is_some_and(|n| n as usize > LONGEST_FIELD);
        fields.string().ok_or(if long { Verdict::Odd } else { Verdict::Truncated })
    };
    string(fields)?;
    string(fields)?;
    let keys = fields.number().ok_or(Verdict::Truncated)?;
    let mut kind: &[u8] = b"";
    for _ in 0..keys.min(16) {
        kind = Fields(string(fields)?).string().ok_or(Verdict::Odd)?;
    }
    let private = string(fields)?;
    // Two equal numbers tell the reader that the passphrase was right.
    if encrypted || private.get(..4) == private.get(4..8) { Ok(kind) } else { Err(Verdict::Odd) }
}

/// The older commercial format: magic, whole length, type, cipher, blob.
fn ssh2(bytes: &[u8], inspection: &mut Inspection) {
    let mut fields = Fields(bytes);
    if fields.number() != Some(0x3f6f_f9eb) {
        return;
    }
    let length = fields.number();
    let cipher = fields.string().and_then(|_| fields.string());
    inspection.encrypted = cipher.is_none_or(|cipher| cipher != b"none");
    let whole = length.and_then(|l| usize::try_from(l).ok()).is_some_and(|l| l <= bytes.len());
    inspection.verdict = if whole && fields.string().is_some() { Verdict::Whole } else { Verdict::Truncated };
}

/// RFC 4880, RFC 9580: the first packet is a secret key; its string-to-key usage says whether it is encrypted.
fn pgp(bytes: &[u8], sum: Option<&[u8]>, inspection: &mut Inspection) {
    let packet = pgp_packet(bytes);
    let Some((tag, body, whole)) = packet.filter(|(tag, ..)| matches!(tag, 5 | 7)) else { return };
    let summed = sum.and_then(|s| base64::decode(&s[1..])).is_none_or(|s| s == crc24(bytes));
    inspection.encrypted = pgp_usage(body).is_some_and(|usage| usage != 0);
    inspection.what = if tag == 5 { "PGP private key block" } else { "PGP private subkey block" }.to_string();
    inspection.verdict = match (whole, summed) {
        (true, true) => Verdict::Whole,
        (true, false) => Verdict::Odd,
        (false, _) => Verdict::Truncated,
    };
}

/// Tag and body of the first packet, and whether all of it is there.
fn pgp_packet(bytes: &[u8]) -> Option<(u8, &[u8], bool)> {
    let (&head, rest) = bytes.split_first()?;
    let wide = |bytes: &[u8]| bytes.iter().fold(0usize, |n, b| n << 8 | usize::from(*b));
    let (tag, length, after) = if head & 0xc0 == 0xc0 {
        match *rest.first()? {
            one @ 0..=191 => (head & 0x3f, usize::from(one), 1),
            two @ 192..=223 => {
                (head & 0x3f, ((usize::from(two) - 192) << 8) + usize::from(*rest.get(1)?) + 192, 2)
            }
            255 => (head & 0x3f, wide(rest.get(1..5)?), 5),
            _ => return None,
        }
    } else if head & 0xc0 == 0x80 {
        let size = 1 << (head & 3);
        (head >> 2 & 15, wide(rest.get(..size).filter(|_| size < 8)?), size)
    } else {
        return None;
    };
    let body = rest.get(after..)?;
    Some((tag, &body[..length.min(body.len())], body.len() >= length))
}

/// The octet after the public half: 0 when the secret half is in clear.
fn pgp_usage(body: &[u8]) -> Option<u8> {
    let mut fields = Fields(body);
    let version = fields.take(1)?[0];
    fields.take(4)?;
    match version {
        3 => fields.take(2).map(|_| ())?,
        4 => {}
        5 | 6 => {
            fields.take(1)?;
            let public = fields.number()?;
            fields.take(usize::try_from(public).ok()?)?;
            return fields.take(1).map(|usage| usage[0]);
        }
        _ => return None,
    }
    let oid = |fields: &mut Fields<'_>| {
        let length = usize::from(fields.take(1)?[0]);
        fields.take(length).map(|_| ())
    };
    let numbers = |fields: &mut Fields<'_>, count: usize| {
        (0..count).try_for_each(|_| {
            let bits = fields.take(2)?;
            let bits = usize::from(bits[0]) << 8 | usize::from(bits[1]);
            fields.take(bits.div_ceil(8)).map(|_| ())
        })
    };
    match fields.take(1)?[0] {
        1..=3 => numbers(&mut fields, 2)?,
        16 => numbers(&mut fields, 3)?,
        17 => numbers(&mut fields, 4)?,
        18 => {
            oid(&mut fields)?;
            numbers(&mut fields, 1)?;
            oid(&mut fields)?;
        }
        19 | 22 => {
            oid(&mut fields)?;
            numbers(&mut fields, 1)?;
        }
        25 | 27 => fields.take(32).map(|_| ())?,
        26 => fields.take(56).map(|_| ())?,
        28 => fields.take(57).map(|_| ())?,
        _ => return None,
    }
    fields.take(1).map(|usage| usage[0])
}

pub(super) fn crc24(bytes: &[u8]) -> [u8; 3] {
    let sum = bytes.iter().fold(0xb7_04ce_u32, |sum, b| {
        (0..8).fold(
            sum ^ u32::from(*b) << 16,
            |s, _| if s & 0x80_0000 == 0 { s << 1 } else { s << 1 ^ 0x186_4cfb },
        ) & 0xff_ffff
    });
    [(sum >> 16) as u8, (sum >> 8) as u8, sum as u8]
}
