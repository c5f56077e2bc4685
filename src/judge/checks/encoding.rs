//! The encodings that tokens are written in, decoded leniently enough for what people paste and bounded by the input.
//!
//! Hands on plain functions. The trap: numbers are written with a fixed count of digits, and what does not fit is cut.

pub(super) use crate::detect::block::base64::{decode as base64, encode as to_base64};

const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A number in base 62, left-padded with `0` to `N` digits; digits above those are cut.
pub(super) fn base62<const N: usize>(number: u32) -> [u8; N] {
    digits(number, BASE62)
}

/// A number in lower-case base 36, left-padded with `0` to `N` digits; digits above those are cut.
pub(super) fn base36<const N: usize>(number: u32) -> [u8; N] {
    digits(number, BASE36)
}

fn digits<const N: usize>(mut number: u32, alphabet: &[u8]) -> [u8; N] {
    let mut out = [alphabet[0]; N];
    for slot in out.iter_mut().rev() {
        *slot = alphabet[number as usize % alphabet.len()];
        number /= u32::try_from(alphabet.len()).unwrap_or(1);
    }
    out
}

/// Decodes RFC 4648 base32 in either case, without padding; left-over bits are dropped.
pub(super) fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut held) = (0u32, 0);
    for &b in text {
        let value = match b.to_ascii_lowercase() {
            c @ b'a'..=b'z' => c - b'a',
            c @ b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

/// Encodes RFC 4648 base32 in upper case, without padding.
pub(super) fn to_base32(bytes: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = Vec::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut bits, mut held) = (0u32, 0);
    for &b in bytes {
        bits = bits << 8 | u32::from(b);
        held += 8;
        while held >= 5 {
            held -= 5;
            out.push(ALPHABET[(bits >> held) as usize & 31]);
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        out.push(ALPHABET[(bits << (5 - held)) as usize & 31]);
    }
    out
}

/// Decodes Bitcoin's base58; quadratic, so only up to 200 characters.
pub(super) fn base58(text: &[u8]) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    if text.len() > 200 {
        return None;
    }
    let mut little_endian: Vec<u8> = Vec::new();
    for b in text {
        let mut carry = ALPHABET.iter().position(|a| a == b)? as u32;
        for byte in &mut little_endian {
            carry += u32::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            little_endian.push(carry as u8);
        }
    }
    let zeros = text.iter().take_while(|&&b| b == b'1').count();
    little_endian.extend(std::iter::repeat_n(0, zeros));
    little_endian.reverse();
    Some(little_endian)
}

/// Decodes base58check: the payload when the last four bytes are the double SHA-256 of it.
pub(super) fn base58check(text: &[u8]) -> Option<Vec<u8>> {
    use sha2::{Digest, Sha256};
    let mut bytes = base58(text)?;
    let payload = bytes.len().checked_sub(4)?;
    let sum = Sha256::digest(Sha256::digest(&bytes[..payload]));
    (sum[..4] == bytes[payload..]).then(|| {
        bytes.truncate(payload);
        bytes
    })
}

/// `1970-01-01` and so on, of seconds since the epoch, UTC; `None` after the year 9999.
pub(super) fn date(seconds: u64) -> Option<String> {
    // Civil from days, counted in eras of 400 years that begin on 1 March of year 0.
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year <= 9999).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_round_trips_and_ignores_case() {
        assert_eq!(to_base32(b"foobar"), b"MZXW6YTBOI");
        assert_eq!(base32(b"mzxw6ytboi").unwrap(), b"foobar");
        assert_eq!(base32(b"mz1"), None);
    }

    #[test]
    fn base58_keeps_leading_zeros() {
        assert_eq!(base58(b"11233QC4").unwrap(), [0, 0, 0x28, 0x7f, 0xb4, 0xcd]);
        assert_eq!(base58(b"0"), None);
    }

    #[test]
    fn numbers_are_padded_and_cut() {
        assert_eq!(&base62::<6>(61), b"00000z");
        assert_eq!(&base62::<6>(u32::MAX), b"4gfFC3");
        assert_eq!(&base36::<7>(u32::MAX), b"1z141z3");
    }

    #[test]
    fn dates_know_leap_years() {
        assert_eq!(date(0).unwrap(), "1970-01-01");
        assert_eq!(date(951_782_400).unwrap(), "2000-02-29");
        assert_eq!(date(1_516_239_022).unwrap(), "2018-01-18");
        assert_eq!(date(u64::MAX), None);
    }
}
