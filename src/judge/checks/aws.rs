//! The account number inside an AWS access key id: a fact to show, not a proof.
//!
//! The trap: ids made before 2019 (`AKIAI…`, `AKIAJ…`) hold no account, and what they decode to means nothing.

use super::encoding::base32;

/// The account of a 20-character key id: bits 7 to 46 of the first six bytes of the base32 after the four-letter
/// prefix. `None` for older ids and for anything that is no key id.
pub(super) fn account(secret: &[u8]) -> Option<u64> {
    let (prefix, rest) = secret.split_at_checked(4)?;
    let known = prefix.starts_with(b"A") && prefix.iter().all(u8::is_ascii_uppercase);
    if !known || rest.len() != 16 || matches!(rest[0], b'I' | b'J') {
        return None;
    }
    let bytes = base32(rest)?;
    let first = bytes.get(..6)?.iter().fold(0u64, |n, &b| n << 8 | u64::from(b));
    let account = first >> 7 & ((1 << 40) - 1);
    (account < 1_000_000_000_000).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::super::encoding::to_base32;
    use super::super::{Check, details, run};

    fn key_id(account: u64) -> Vec<u8> {
        let number = 1 << 47 | account << 7 | 0x55;
        let mut id = b"AKIA".to_vec();
        id.extend(to_base32(&[&number.to_be_bytes()[2..], b"\x12\x34\x56\x78"].concat()));
        id
    }

    #[test]
    fn the_account_number_is_shown_with_its_leading_zeros() {
        let id = key_id(1_234_567_890);
        assert_eq!(id.len(), 20);
        assert_eq!(details("aws-account", &id).as_deref(), Some("AWS account 001234567890"));
        assert_eq!(run("aws-account", &id), Some(Check::Unknown));
    }

    #[test]
    fn older_ids_hold_no_account() {
        let mut id = key_id(42);
        id[4] = b'J';
        assert_eq!(details("aws-account", &id), None);
    }
}
