//! Microsoft's identifiable keys: a signature at a fixed place and Marvin32 over the rest, seeded with the key's kind.
//!
//! Hands on the checks of Azure Storage, its sister services, the common annotated key and the old Azure DevOps
//! token. The trap: keys made before the scheme (2021 to 2024, by service) carry no signature and are unknown, not
//! wrong; and published test vectors of the annotated key do not all verify, so its sum is a bonus only.
//! Source: the `microsoft/security-utilities` library and dotnet's Marvin hash.

use sha2::{Digest, Sha256};

use super::Check;
use super::OnFailure::Lower;
use super::encoding::{base32, base64, to_base32, to_base64};

/// Kind names, as seeds, of each signature that has several or others than Storage's.
const KINDS: [(&[u8; 4], &[&[u8; 8]]); 7] = [
    (b"ACDb", &[b"MastRW00", b"Master00"]),
    (b"+ASb", &[b"Send0000", b"Access00", b"Master00"]),
    (b"AzCa", &[b"Access00", b"Master00"]),
    (b"AzSe", &[b"Query000", b"Master00", b"System00"]),
    (b"AzFu", &[b"Functi00", b"System00", b"Master00"]),
    (b"AIoT", &[b"IoTHub00", b"Access00", b"Master00"]),
    (b"+ACR", &[b"ACRDflt0"]),
];
const STORAGE: (&[u8; 4], &[&[u8; 8]]) = (b"+ASt", &[b"Default0"]);

/// Azure Storage account key: `+ASt` before the last six characters, then the sum.
pub(super) fn storage(secret: &[u8]) -> Check {
    signed(secret, &[STORAGE])
}

/// Cosmos, Service Bus, Redis, Search, Functions, IoT Hub and container registry keys.
pub(super) fn kind(secret: &[u8]) -> Check {
    signed(secret, &KINDS)
}

fn signed(secret: &[u8], kinds: &[(&[u8; 4], &[&[u8; 8]])]) -> Check {
    let text = secret.trim_ascii_end();
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let signature = text.len().checked_sub(10).map(|at| &text[at..at + 4]);
    let Some((_, seeds)) = kinds.iter().find(|(s, _)| signature == Some(s.as_slice())) else {
        return Check::Unknown;
    };
    let Some(bytes) = base64(text).filter(|b| b.len() > 4) else { return Check::Unknown };
    let (rest, sum) = bytes.split_at(bytes.len() - 4);
    Check::checksum(seeds.iter().any(|seed| marvin32(rest, seed).to_le_bytes() == sum), Lower)
}

/// The last six characters and the padding, where `so_far` ends in a signature.
pub(super) fn tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let signature = so_far.last_chunk::<4>()?;
    let (_, seeds) = KINDS.iter().chain([&STORAGE]).find(|(s, _)| *s == signature)?;
    let url_safe = signature == b"AzFu";
    // Where `so_far` is no whole number of bytes, the bits that it lacks are zero.
    let mut padded = so_far.to_vec();
    padded.extend((!so_far.len().is_multiple_of(4)).then_some(b'A'));
    let mut bytes = base64(&padded)?;
    bytes.truncate((so_far.len() * 6).div_ceil(8));
    let sum = marvin32(&bytes, seeds.first()?);
    bytes.extend(sum.to_le_bytes());
    let whole = to_base64(&bytes, url_safe);
    whole.strip_prefix(so_far).map(<[u8]>::to_vec)
}

/// Common annotated key (CASK): 84 base-62 characters, `JQQJ99` at 52, year and month at 58, provider at 76.
pub(super) fn cask(secret: &[u8]) -> Check {
    if secret.get(52..58) != Some(b"JQQJ99") || !matches!(secret.len(), 84 | 88) {
        return Check::Unknown;
    }
    let date = secret[58].is_ascii_alphabetic() && matches!(secret[59], b'A'..=b'L');
    let provider = secret[76..80].iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    let summed = base64(&secret[..84]).is_some_and(|b| {
        b.split_at_checked(60).is_some_and(|(rest, sum)| {
            sum.len() == 3 && marvin32(rest, b"Default0").to_le_bytes().starts_with(sum)
        })
    });
    match (summed, date && provider) {
        (true, _) => Check::Holds("checksum holds"),
        (false, true) => Check::Holds("its signature, date and provider stand where Azure puts them"),
        (false, false) => Check::fails("no date stands where Azure puts it", Lower),
    }
}

/// The last four characters of a common annotated key.
pub(super) fn cask_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let bytes = base64(so_far).filter(|b| b.len() == 60)?;
    Some(to_base64(&marvin32(&bytes, b"Default0").to_le_bytes()[..3], false))
}

/// Entra client secret, `NNN8Q~` and 34. Its last three characters are a sum in an alphabet that is not published, so
/// nothing can be said of it here.
pub(super) fn entra(_secret: &[u8]) -> Check {
    Check::Unknown
}

/// Bytes of the old Azure DevOps token that hold its sum.
const DEVOPS_SUM: [usize; 4] = [2, 7, 8, 22];
/// What the sum is combined with: personal tokens, application tokens.
const DEVOPS_MASKS: [u32; 2] = [0xe0b9_692d, 0x1019_f92e];

/// Azure DevOps, 52 base32 characters: four of its 32 bytes hold the CRC-32 of the other 28, masked.
/// Known from source only, and not in which order the four bytes stand, so either passes.
pub(super) fn devops(secret: &[u8]) -> Check {
    let Some(bytes) = base32(secret).filter(|b| secret.len() == 52 && b.len() == 32) else {
        return Check::Unknown;
    };
    let held = DEVOPS_SUM.map(|at| bytes[at]);
    let sum = devops_sum(&bytes);
    let holds = DEVOPS_MASKS.iter().any(|mask| {
        let sum = sum ^ mask;
        sum.to_le_bytes() == held || sum.to_be_bytes() == held
    });
    Check::checksum(holds, Lower)
}

fn devops_sum(bytes: &[u8]) -> u32 {
    let others: Vec<u8> =
        bytes.iter().enumerate().filter(|(at, _)| !DEVOPS_SUM.contains(at)).map(|(_, b)| *b).collect();
    crc32fast::hash(&others)
}

/// All that follows the first three characters at most, in lower case as the service writes it, filled from a hash of
/// them: the sum stands in the middle.
pub(super) fn devops_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Sha256::digest(so_far).to_vec();
    if so_far.len() > 3 {
        return None;
    }
    let mut text = to_base32(&bytes).to_ascii_lowercase();
    text[..so_far.len()].copy_from_slice(so_far);
    bytes = base32(&text)?;
    let sum = devops_sum(&bytes) ^ DEVOPS_MASKS[0];
    for (at, byte) in DEVOPS_SUM.into_iter().zip(sum.to_le_bytes()) {
        bytes[at] = byte;
    }
    Some(to_base32(&bytes).to_ascii_lowercase().split_off(so_far.len()))
}

/// Marvin32: the two halves of the state, xored. The seed is the kind's name read as a big-endian number.
fn marvin32(bytes: &[u8], kind: &[u8; 8]) -> u32 {
    let hash = marvin64(bytes, u64::from_be_bytes(*kind));
    (hash >> 32) as u32 ^ hash as u32
}

fn marvin64(bytes: &[u8], seed: u64) -> u64 {
    let (mut low, mut high) = (seed as u32, (seed >> 32) as u32);
    let mut mix = |word: u32| {
        low = low.wrapping_add(word);
        high ^= low;
        low = low.rotate_left(20).wrapping_add(high);
        high = high.rotate_left(9) ^ low;
        low = low.rotate_left(27).wrapping_add(high);
        high = high.rotate_left(19);
        u64::from(high) << 32 | u64::from(low)
    };
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        mix(u32::from_le_bytes(*word));
    }
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    mix(u32::from_le_bytes(last));
    mix(0)
}

#[cfg(test)]
mod tests {
    use super::super::{run, tail};
    use super::*;

    const HOLDS: Option<Check> = Some(Check::Holds("checksum holds"));
    const FAILS: Option<Check> = Some(Check::fails("checksum does not hold", Lower));

    fn filler(n: usize) -> String {
        "mQ3xT8kZ5w".chars().cycle().take(n).collect()
    }

    /// dotnet/runtime, MarvinTests.cs.
    #[test]
    fn marvin_agrees_with_dotnet() {
        let seed = 0x004f_b61a_001b_dbcc;
        for (bytes, hash) in [
            (b"".as_slice(), 0x30ed_35c1_00cd_3c7d),
            (b"\xaf", 0x48e7_3fc7_7d75_ddc1),
            (b"\xe7\x0f", 0xb5f6_e1fc_485d_bff8),
            (b"\x37\xf4\x95", 0xf0b0_7c78_9b8c_f7e8),
            (b"\x86\x42\xdc\x59", 0x7008_f2e8_7e9c_f556),
            (b"\xab\x42\x7e\xa8\xd1\x0f\xc7", 0xe118_47e4_f067_8c41),
        ] {
            assert_eq!(marvin64(bytes, seed), hash, "{bytes:x?}");
        }
    }

    #[test]
    fn signed_keys_of_every_length_are_generated_and_checked() {
        for (name, random, signature, length) in [
            ("azure-marvin-storage", 76, "+ASt", 88),
            ("azure-marvin-kind", 76, "ACDb", 88),
            ("azure-marvin-kind", 33, "+ASb", 44),
            ("azure-marvin-kind", 33, "AzCa", 44),
            ("azure-marvin-kind", 33, "AIoT", 44),
            ("azure-marvin-kind", 42, "AzSe", 52),
            ("azure-marvin-kind", 42, "+ACR", 52),
            ("azure-marvin-kind", 44, "AzFu", 56),
        ] {
            let mut key = format!("{}{signature}", filler(random)).into_bytes();
            let rest = tail(name, &key).unwrap();
            key.extend(rest);
            assert_eq!(key.len(), length, "{signature}");
            assert_eq!(run(name, &key), HOLDS, "{signature}");
            key[3] = if key[3] == b'B' { b'C' } else { b'B' };
            assert_eq!(run(name, &key), FAILS, "{signature}");
        }
    }

    #[test]
    fn a_key_without_signature_is_unknown() {
        let old = format!("{}==", filler(86));
        assert_eq!(run("azure-marvin-storage", old.as_bytes()), Some(Check::Unknown));
    }

    #[test]
    fn an_annotated_key_holds_by_its_sum_or_by_its_date() {
        let mut key = format!("{}JQQJ99AKACYeBjF{}AZDO", filler(52), filler(9)).into_bytes();
        assert_eq!(key.len(), 80);
        let rest = tail("azure-cask", &key).unwrap();
        key.extend(rest);
        assert_eq!(run("azure-cask", &key), HOLDS);
        key[0] = b'A';
        assert!(matches!(run("azure-cask", &key), Some(Check::Holds(reason)) if reason.contains("date")));
        key[59] = b'Z';
        assert!(matches!(run("azure-cask", &key), Some(Check::Fails { on_failure: Lower, .. })));
    }

    #[test]
    fn an_old_devops_token_holds_its_sum_in_its_middle() {
        let mut token = b"q7a".to_vec();
        token.extend(tail("azure-devops-crc32", b"q7a").unwrap());
        assert_eq!(token.len(), 52);
        assert_eq!(run("azure-devops-crc32", &token), HOLDS);
        token[20] = if token[20] == b'x' { b'y' } else { b'x' };
        assert_eq!(run("azure-devops-crc32", &token), FAILS);
        assert_eq!(run("azure-devops-crc32", &token[1..]), Some(Check::Unknown));
    }
}
