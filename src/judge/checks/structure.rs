//! Tokens that hold no sum but have an inside: JSON, a macaroon, a snowflake, fixed bits.
//!
//! The trap: a structure is known from samples, and providers add fields; so only the parts without which the token
//! could not work are asked for.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::Check;
use super::OnFailure::{Drop, Lower};
use super::encoding::{base32, base58, base64, to_base32, to_base64};

/// PyPI `pypi-`: a macaroon, version 2, of a location, an identifier, caveats and a 32-byte signature.
/// Source: PyPI's "How do I use API tokens", libmacaroons' format 2.
pub(super) fn pypi(secret: &[u8]) -> Check {
    let Some(text) = secret.strip_prefix(b"pypi-") else { return Check::Unknown };
    Check::structure(base64(text).is_some_and(|bytes| macaroon(&bytes).is_some()), Drop)
}

const EOS: u8 = 0;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const VERIFICATION: u8 = 4;
const SIGNATURE: u8 = 6;

fn macaroon(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(&[2])?;
    skip_field(&mut rest, LOCATION)?;
    skip_field(&mut rest, IDENTIFIER)?;
    rest = rest.strip_prefix(&[EOS])?;
    while rest.first() != Some(&EOS) {
        if rest.first() == Some(&LOCATION) {
            skip_field(&mut rest, LOCATION)?;
        }
        skip_field(&mut rest, IDENTIFIER)?;
        if rest.first() == Some(&VERIFICATION) {
            skip_field(&mut rest, VERIFICATION)?;
        }
        rest = rest.strip_prefix(&[EOS])?;
    }
    rest = rest.strip_prefix(&[EOS])?;
    (skip_field(&mut rest, SIGNATURE)? == 32 && rest.is_empty()).then_some(())
}

/// Steps over a field of this kind and gives its length.
fn skip_field(rest: &mut &[u8], kind: u8) -> Option<usize> {
    let after = rest.strip_prefix(&[kind])?;
    let (&low, after) = after.split_first()?;
    // A length of two bytes at most: 16 KiB are more than any header takes.
    let (length, after) = match low {
        0..0x80 => (usize::from(low), after),
        _ => after
            .split_first()
            .filter(|(high, _)| **high < 0x80)
            .map(|(high, after)| (usize::from(low & 0x7f) | usize::from(*high) << 7, after))?,
    };
    *rest = after.get(length..)?;
    Some(length)
}

/// All after `pypi-`, whatever part of the fixed beginning stands already; filled from a hash.
pub(super) fn pypi_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let id = Sha256::digest(so_far);
    let mut bytes = vec![2, LOCATION, 8];
    bytes.extend(b"pypi.org");
    bytes.extend([IDENTIFIER, 32]);
    bytes.extend(id);
    bytes.extend([EOS, IDENTIFIER, 4]);
    bytes.extend(b"[99]");
    bytes.extend([EOS, EOS, SIGNATURE, 32]);
    bytes.extend(Sha256::digest(id));
    let mut text = to_base64(&bytes, true);
    while text.last() == Some(&b'=') {
        text.pop();
    }
    text.strip_prefix(so_far.strip_prefix(b"pypi-")?).map(<[u8]>::to_vec)
}

/// Sentry organisation `sntrys_`: base64 JSON with `iat`, `url`, `region_url`, `org`, then `_` and 43.
/// Source: Sentry's RFC 0091.
pub(super) fn sentry(secret: &[u8]) -> Check {
    let Some(text) = secret.strip_prefix(b"sntrys_") else { return Check::Unknown };
    let json = text.iter().rposition(|b| *b == b'_').map_or(text, |at| &text[..at]);
    let holds =
        object(json).is_some_and(|o| ["iat", "url", "region_url", "org"].iter().all(|k| o.contains_key(*k)));
    Check::structure(holds, Lower)
}

/// Grafana: `glc_` and base64 JSON with `o n k m`, or an API key `eyJrIjoi`, base64 JSON with `k n id`.
pub(super) fn grafana_cloud(secret: &[u8]) -> Check {
    let (json, keys): (_, &[&str]) = match secret.strip_prefix(b"glc_") {
        Some(json) => (json, &["o", "n", "k", "m"]),
        None => (secret, &["k", "n", "id"]),
    };
    Check::structure(object(json).is_some_and(|o| keys.iter().all(|k| o.contains_key(*k))), Lower)
}

/// The JSON object inside a base64 text; up to 16 KiB of text.
pub(super) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    let bytes = Some(text).filter(|t| t.len() <= 16 << 10).and_then(base64)?;
    serde_json::from_slice(&bytes).ok()
}

/// Discord bot: the first of three dotted parts is the base64 of the bot's decimal id.
pub(super) fn discord(secret: &[u8]) -> Check {
    let mut parts = secret.split(|b| *b == b'.');
    let (Some(id), 2) = (parts.next(), parts.count()) else { return Check::Unknown };
    // `mfa.` tokens of people hold no id, and have two parts.
    let snowflake = |id: &Vec<u8>| (17..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit);
    Check::structure(base64(id).as_ref().is_some_and(snowflake), Drop)
}

/// JFrog reference token: base64 of `reftkn:01:…`.
pub(super) fn jfrog_reference(secret: &[u8]) -> Check {
    let holds = base64(secret).is_some_and(|text| {
        let parts: Vec<&[u8]> = text.split(|b| *b == b':').collect();
        matches!(parts[..], [b"reftkn", b"01", time, token]
            if time.iter().all(u8::is_ascii_digit) && token.iter().all(u8::is_ascii_alphanumeric))
    });
    Check::structure(holds, Lower)
}

/// JFrog API key `AKCp` and 69: base58 of 54 bytes.
pub(super) fn jfrog_api_key(secret: &[u8]) -> Check {
    Check::structure(base58(secret).is_some_and(|bytes| bytes.len() == 54), Lower)
}

/// Jira, Confluence and Bitbucket data centre: 44 base64 characters that decode to an id from 1000 on, a colon and
/// random bytes.
pub(super) fn atlassian_data_centre(secret: &[u8]) -> Check {
    let holds = base64(secret).is_some_and(|bytes| {
        let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
        (4..=14).contains(&digits) && bytes[0] != b'0' && bytes.get(digits) == Some(&b':')
    });
    Check::structure(holds, Drop)
}

/// NuGet `oy2` and 43: base32 of `v4` and ten bytes none of which is zero, then of sixteen bytes; both halves end in
/// characters whose last bits are zero.
/// Source: NuGetGallery's ApiKeyV4.
pub(super) fn nuget(secret: &[u8]) -> Check {
    let Some((id, password)) = secret.split_at_checked(20).filter(|_| secret.len() == 46) else {
        return Check::Unknown;
    };
    let exact = |text: &[u8], bytes: &[u8]| to_base32(bytes).eq_ignore_ascii_case(text);
    let holds = base32(id).zip(base32(password)).is_some_and(|(id_bytes, password_bytes)| {
        id_bytes.starts_with(b"v4")
            && !id_bytes[2..].contains(&0)
            && exact(id, &id_bytes)
            && exact(password, &password_bytes)
    });
    Check::structure(holds, Lower)
}

/// All after `oy2`, filled from a hash.
pub(super) fn nuget_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let digest = Sha256::digest(so_far);
    let id: Vec<u8> = b"v4".iter().copied().chain(digest[..10].iter().map(|b| b | 1)).collect();
    let text = [to_base32(&id), to_base32(&digest[10..26])].concat().to_ascii_lowercase();
    text.strip_prefix(so_far).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::super::{OnFailure, run, tail};
    use super::*;

    const HOLDS: Option<Check> = Some(Check::Holds("structure holds"));

    fn fails(on_failure: OnFailure) -> Option<Check> {
        Some(Check::fails("structure does not parse", on_failure))
    }

    fn b64(bytes: &[u8]) -> String {
        String::from_utf8(to_base64(bytes, false)).unwrap()
    }

    #[test]
    fn a_pypi_token_is_a_whole_macaroon() {
        for so_far in ["pypi-", "pypi-AgEIcHlwaS5vcmc"] {
            let mut token = so_far.as_bytes().to_vec();
            token.extend(tail("pypi-macaroon", so_far.as_bytes()).unwrap());
            assert!(token.starts_with(b"pypi-AgEIcHlwaS5vcmc"));
            assert_eq!(run("pypi-macaroon", &token), HOLDS);
            assert_eq!(run("pypi-macaroon", &token[..token.len() - 6]), fails(Drop));
        }
        assert_eq!(tail("pypi-macaroon", b"pypi-Agxxx"), None);
    }

    #[test]
    fn a_macaroon_may_have_long_caveats_and_another_location() {
        let mut bytes = vec![2, 1, 13];
        bytes.extend(b"test.pypi.org");
        bytes.extend([2, 2, 7, 7, 0]);
        bytes.extend([2, 0xac, 0x02]);
        bytes.extend([b'c'; 300]);
        bytes.extend([0, 0, 6, 32]);
        bytes.extend([9; 32]);
        assert_eq!(run("pypi-macaroon", format!("pypi-{}", b64(&bytes)).as_bytes()), HOLDS);
    }

    #[test]
    fn json_inside_needs_its_keys() {
        let org = b64(br#"{"iat":1,"url":"u","region_url":"r","org":"o"}"#);
        assert_eq!(run("sentry-org-json", format!("sntrys_{org}_{}", "a".repeat(43)).as_bytes()), HOLDS);
        let org = b64(br#"{"iat":1}"#);
        assert_eq!(run("sentry-org-json", format!("sntrys_{org}_x").as_bytes()), fails(Lower));
        let cloud = b64(br#"{"o":"1","n":"n","k":"k","m":{"r":"eu"}}"#);
        assert_eq!(run("grafana-cloud-json", format!("glc_{cloud}").as_bytes()), HOLDS);
        let key = b64(br#"{"k":"k","n":"n","id":1}"#);
        assert_eq!(run("grafana-cloud-json", key.as_bytes()), HOLDS);
        assert_eq!(run("grafana-cloud-json", b"eyJrIjoiAAAA"), fails(Lower));
    }

    #[test]
    fn a_discord_token_begins_with_a_snowflake() {
        let token = |id: &[u8]| format!("{}.Gx2x1x.{}", b64(id).trim_end_matches('='), "q".repeat(38));
        assert_eq!(run("discord-snowflake", token(b"198622483471925248").as_bytes()), HOLDS);
        assert_eq!(run("discord-snowflake", token(b"19862248347192524x").as_bytes()), fails(Drop));
        assert_eq!(run("discord-snowflake", b"two.parts"), Some(Check::Unknown));
    }

    #[test]
    fn jfrog_and_data_centre_tokens_are_known_by_their_inside() {
        let token = b64(format!("reftkn:01:1700000000:{}", "aB3".repeat(9)).as_bytes());
        assert_eq!(run("jfrog-reftkn", token.as_bytes()), HOLDS);
        assert_eq!(run("jfrog-reftkn", b64(b"reftkn:09:x").as_bytes()), fails(Lower));
        assert_eq!(run("jfrog-akcp", &[b"AKCp".as_slice(), &[b'7'; 69]].concat()), HOLDS);
        assert_eq!(run("jfrog-akcp", b"AKCp7"), fails(Lower));
        let token = b64(b"123456789012:abcdefghijklmnopqrst");
        assert_eq!(token.len(), 44);
        assert_eq!(run("atlassian-dc-base64", token.as_bytes()), HOLDS);
        assert_eq!(
            run("atlassian-dc-base64", b64(b"023456789012:abcdefghijklmnopqrst").as_bytes()),
            fails(Drop)
        );
    }

    #[test]
    fn a_nuget_key_ends_both_halves_in_zero_bits() {
        let mut key = b"oy2".to_vec();
        key.extend(tail("nuget-bits", b"oy2").unwrap());
        assert_eq!(key.len(), 46);
        assert_eq!(run("nuget-bits", &key), HOLDS);
        key[45] = b'b';
        assert_eq!(run("nuget-bits", &key), fails(Lower));
    }
}
