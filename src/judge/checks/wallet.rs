//! Keys of wallets: mnemonics (BIP-39), private keys (WIF), extended keys (BIP-32) and Ethereum addresses (EIP-55).
//!
//! The trap: an Ethereum private key is any 32 bytes below the curve's order and carries no sum; only an address in
//! mixed case does.

use super::Check;
use super::OnFailure::Drop;
use super::encoding::{base58, base58check};

/// 12, 15, 18, 21 or 24 English words, of which the last few bits are the SHA-256 of the rest.
pub(super) fn bip39(secret: &[u8]) -> Check {
    let Ok(text) = std::str::from_utf8(secret) else { return Check::Unknown };
    let words: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if !matches!(words.len(), 12 | 15 | 18 | 21 | 24) {
        return Check::Unknown;
    }
    let mnemonic = words.join(" ");
    Check::checksum(bip39::Mnemonic::parse_in_normalized(bip39::Language::English, &mnemonic).is_ok(), Drop)
}

/// Wallet import format: version 0x80 (main) or 0xEF (test), 32 bytes, 0x01 for a compressed key.
pub(super) fn wif(secret: &[u8]) -> Check {
    if !matches!(secret.len(), 51 | 52) || base58(secret).is_none() {
        return Check::Unknown;
    }
    let holds = base58check(secret).is_some_and(|key| {
        matches!(key.first(), Some(0x80 | 0xef)) && (key.len() == 33 || key.len() == 34 && key[33] == 1)
    });
    Check::checksum(holds, Drop)
}

/// `xprv`, `yprv`, `zprv`, `tprv` and their public halves: base58check of 78 bytes.
pub(super) fn extended_key(secret: &[u8]) -> Check {
    let shaped = secret.len() == 111 && matches!(secret.get(1..4), Some(b"prv" | b"pub"));
    if !shaped || base58(secret).is_none() {
        return Check::Unknown;
    }
    Check::checksum(base58check(secret).is_some_and(|key| key.len() == 78), Drop)
}

/// An address in mixed case (EIP-55), or a private key, which must lie between 1 and secp256k1's order.
pub(super) fn ethereum(secret: &[u8]) -> Check {
    let hex = secret.strip_prefix(b"0x").unwrap_or(secret);
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return Check::Unknown;
    }
    match hex.len() {
        40 if mixed_case(hex) => Check::checksum(eip55(hex), Drop),
        64 if !below_order(hex) => Check::fails("no private key is that large or zero", Drop),
        _ => Check::Unknown,
    }
}

fn mixed_case(hex: &[u8]) -> bool {
    hex.iter().any(u8::is_ascii_lowercase) && hex.iter().any(u8::is_ascii_uppercase)
}

fn below_order(hex: &[u8]) -> bool {
    const ORDER: &[u8; 64] = b"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    hex.to_ascii_lowercase().as_slice() < ORDER.as_slice() && hex.iter().any(|b| *b != b'0')
}

/// A letter is upper case where the Keccak-256 of the lower-case address has a digit of 8 or more.
fn eip55(hex: &[u8]) -> bool {
    let hash = keccak256_of_one_block(&hex.to_ascii_lowercase());
    hex.iter().enumerate().all(|(at, b)| {
        let digit = hash[at / 2] >> (if at % 2 == 0 { 4 } else { 0 }) & 15;
        !b.is_ascii_alphabetic() || b.is_ascii_uppercase() == (digit >= 8)
    })
}

/// Keccak-256 with the original padding, of fewer than 136 bytes, which is all that an address needs.
fn keccak256_of_one_block(text: &[u8]) -> [u8; 32] {
    const RATE: usize = 136;
    debug_assert!(text.len() < RATE);
    let mut block = [0u8; 200];
    block[..text.len()].copy_from_slice(text);
    block[text.len()] = 1;
    block[RATE - 1] |= 0x80;
    let mut state = [0u64; 25];
    for (lane, bytes) in state.iter_mut().zip(block.as_chunks::<8>().0) {
        *lane = u64::from_le_bytes(*bytes);
    }
    keccak::Keccak::new().with_f1600(|f1600| f1600(&mut state));
    let mut hash = [0; 32];
    for (bytes, lane) in hash.as_chunks_mut::<8>().0.iter_mut().zip(state) {
        *bytes = lane.to_le_bytes();
    }
    hash
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::super::run;
    use super::*;

    const HOLDS: Option<Check> = Some(Check::Holds("checksum holds"));
    const FAILS: Option<Check> = Some(Check::fails("checksum does not hold", Drop));

    /// Base58check, encoded independently of the decoder: long division on big-endian bytes.
    fn base58check_of(payload: &[u8]) -> Vec<u8> {
        let sum = Sha256::digest(Sha256::digest(payload));
        let mut number = [payload, &sum[..4]].concat();
        let mut out = Vec::new();
        while number.iter().any(|b| *b != 0) {
            let mut rest = 0u32;
            for byte in &mut number {
                let value = rest << 8 | u32::from(*byte);
                *byte = (value / 58) as u8;
                rest = value % 58;
            }
            out.push(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[rest as usize]);
        }
        out.reverse();
        out
    }

    #[track_caller]
    fn both_ways(name: &str, secret: &[u8]) {
        assert_eq!(run(name, secret), HOLDS);
        let mut altered = secret.to_vec();
        altered[9] = if altered[9] == b'x' { b'y' } else { b'x' };
        assert_eq!(run(name, &altered), FAILS);
        assert_eq!(run(name, b"0OIl"), Some(Check::Unknown));
    }

    #[test]
    fn wallet_import_format_holds_a_version_a_key_and_a_sum() {
        both_ways("wif", &base58check_of(&[&[0x80], [7; 32].as_slice(), &[1]].concat()));
        both_ways("wif", &base58check_of(&[&[0x80], [7; 32].as_slice()].concat()));
    }

    #[test]
    fn an_extended_key_is_78_bytes_with_a_sum() {
        let key = base58check_of(&[b"\x04\x88\xad\xe4".as_slice(), &[5; 74]].concat());
        assert!(key.starts_with(b"xprv"), "{}", key.escape_ascii());
        both_ways("extended-key", &key);
    }

    /// BIP-39's first vector, and the same with its last two words changed.
    #[test]
    fn a_mnemonic_ends_in_its_own_sum() {
        let abandon = "abandon ".repeat(11);
        assert_eq!(run("bip39", format!("{abandon}about").as_bytes()), HOLDS);
        assert_eq!(run("bip39", format!("{abandon}abandon").as_bytes()), FAILS);
        assert_eq!(
            run("bip39", format!("\"{}\"", format!("{abandon}about").replace(' ', "\", \"")).as_bytes()),
            HOLDS
        );
        assert_eq!(run("bip39", b"only three words"), Some(Check::Unknown));
    }

    /// EIP-55's own addresses.
    #[test]
    fn the_case_of_an_ethereum_address_is_its_sum() {
        assert_eq!(run("ethereum", b"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), HOLDS);
        assert_eq!(run("ethereum", b"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"), HOLDS);
        assert_eq!(run("ethereum", b"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), FAILS);
        assert_eq!(run("ethereum", b"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), Some(Check::Unknown));
    }

    #[test]
    fn a_private_key_lies_below_the_order_of_the_curve() {
        assert!(matches!(run("ethereum", &[b'f'; 64]), Some(Check::Fails { on_failure: Drop, .. })));
        assert!(matches!(run("ethereum", &[b'0'; 64]), Some(Check::Fails { on_failure: Drop, .. })));
        assert_eq!(run("ethereum", &[b'a'; 64]), Some(Check::Unknown));
    }
}
