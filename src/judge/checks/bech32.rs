//! Bech32 (BIP-173), in which age writes its identities.
//!
//! The trap: age's keys are longer than BIP-173's 90 characters and upper case; the sum is the same.

use super::Check;
use super::OnFailure::Drop;

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// `AGE-SECRET-KEY-1…`, `AGE-SECRET-KEY-PQ-1…` and `AGE-PLUGIN-NAME-1…`.
/// Source: the age specification, C2SP.
pub(super) fn age(secret: &[u8]) -> Check {
    let text = secret.to_ascii_lowercase();
    let Some((prefix, data)) = split(&text) else { return Check::Unknown };
    Check::checksum(polymod(prefix, &data) == 1, Drop)
}

/// The six characters that end such a key.
pub(super) fn age_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let text = so_far.to_ascii_lowercase();
    let (prefix, mut data) = split(&text)?;
    data.extend([0; 6]);
    let sum = polymod(prefix, &data) ^ 1;
    let tail = (0..6).rev().map(|i| ALPHABET[(sum >> (5 * i)) as usize & 31]);
    Some(tail.map(|b| b.to_ascii_uppercase()).collect())
}

fn split(text: &[u8]) -> Option<(&[u8], Vec<u8>)> {
    let at = memchr::memrchr(b'1', text).filter(|_| text.starts_with(b"age-"))?;
    let value = |b: &u8| ALPHABET.iter().position(|a| a == b).map(|v| v as u8);
    Some((&text[..at], text[at + 1..].iter().map(value).collect::<Option<_>>()?))
}

fn polymod(prefix: &[u8], data: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = prefix.iter().map(|b| b >> 5);
    let low = prefix.iter().map(|b| b & 31);
    high.chain([0]).chain(low).chain(data.iter().copied()).fold(1, |sum, value| {
        let top = sum >> 25;
        let next = (sum & 0x1ff_ffff) << 5 ^ u32::from(value);
        (0..5).filter(|i| top >> i & 1 == 1).fold(next, |s, i| s ^ GENERATOR[i])
    })
}

#[cfg(test)]
mod tests {
    use super::super::{run, tail};
    use super::*;

    /// BIP-173's own valid and invalid strings.
    #[test]
    fn the_sum_is_that_of_the_specification() {
        let valid = |text: &[u8]| {
            let at = memchr::memrchr(b'1', text).unwrap();
            let data: Vec<u8> =
                text[at + 1..].iter().map(|b| ALPHABET.iter().position(|a| a == b).unwrap() as u8).collect();
            polymod(&text[..at], &data) == 1
        };
        assert!(valid(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"));
        assert!(valid(b"a12uel5l"));
        assert!(!valid(b"a12uel5p"));
    }

    #[test]
    fn an_identity_is_generated_and_checked() {
        let mut key = format!("AGE-SECRET-KEY-1{}", &"Q7XW2ZT9PRM4".repeat(5)[..52]).into_bytes();
        key.extend(tail("age-bech32", &key).unwrap());
        assert_eq!(key.len(), 74);
        assert_eq!(run("age-bech32", &key), Some(Check::Holds("checksum holds")));
        key[20] = b'L';
        assert_eq!(run("age-bech32", &key), Some(Check::fails("checksum does not hold", Drop)));
        assert_eq!(run("age-bech32", b"AGE-SECRET-KEY-1BIO"), Some(Check::Unknown));
    }
}
