//! Tokens that end in a CRC-32 (IEEE, as zlib counts it) or a hash of what stands before.
//!
//! Hands on a check and a generating half for each provider. The trap: providers differ in what is summed (with or
//! without the prefix) and in how the sum is written; each function says so.

use sha2::{Digest, Sha256};

use super::OnFailure::{Drop, Lower};
use super::encoding::{base36, base62, to_base32, to_base64};
use super::{Check, OnFailure};

/// GitHub `ghp_ gho_ ghu_` and 36: six base-62 digits of the sum over the 30 after the prefix.
/// `ghr_` and 76: the same over 70, seen once only. `ghs_` carries none: two documented samples fail.
/// Source: GitHub's "Behind GitHub's new authentication token formats" for the algorithm.
pub(super) fn github(secret: &[u8]) -> Check {
    match secret.split_at_checked(4) {
        Some((b"ghp_" | b"gho_" | b"ghu_", body)) => base62_sum(body, 30, Drop),
        Some((b"ghr_", body)) => base62_sum(body, 70, Lower),
        _ => Check::Unknown,
    }
}

/// npm: `npm_` and 36, as GitHub's.
pub(super) fn npm(secret: &[u8]) -> Check {
    secret.strip_prefix(b"npm_").map_or(Check::Unknown, |body| base62_sum(body, 30, Drop))
}

/// Vercel `vcp_ vci_ vca_ vcr_ vck_` and 56, the sum over 50.
pub(super) fn vercel(secret: &[u8]) -> Check {
    match secret.split_at_checked(4) {
        Some((b"vcp_" | b"vci_" | b"vca_" | b"vcr_" | b"vck_", body)) => base62_sum(body, 50, Drop),
        _ => Check::Unknown,
    }
}

/// Polar `polar_…_` and 43: six base-62 digits of the sum over the 37 after the prefix.
/// Source: `generate_token` in `server/polar/kit/crypto.py` of Polar's own repository.
pub(super) fn polar(secret: &[u8]) -> Check {
    polar_body(secret).map_or(Check::Unknown, |body| base62_sum(body, 37, Lower))
}

pub(super) fn polar_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    polar_body(so_far).map(|body| base62::<6>(crc32fast::hash(body)).to_vec())
}

/// What stands behind the last `_`: the kinds differ in how many they have.
fn polar_body(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"polar_").and_then(|kind| kind.rsplit(|&b| b == b'_').next())
}

fn base62_sum(body: &[u8], summed: usize, on_failure: OnFailure) -> Check {
    if body.len() != summed + 6 || !body.iter().all(u8::is_ascii_alphanumeric) {
        return Check::Unknown;
    }
    let (text, sum) = body.split_at(summed);
    Check::checksum(base62::<6>(crc32fast::hash(text)) == sum, on_failure)
}

/// The six digits for GitHub, npm and Vercel: over all after the four bytes of prefix.
pub(super) fn base62_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let (_, body) = so_far.split_at_checked(4)?;
    Some(base62::<6>(crc32fast::hash(body)).to_vec())
}

/// GitHub `github_pat_` 22 `_` 59: the last 8 are the first 8 of the base32 SHA-256 of everything before them.
pub(super) fn github_fine_grained(secret: &[u8]) -> Check {
    if !secret.starts_with(b"github_pat_") || secret.len() != 93 {
        return Check::Unknown;
    }
    let (text, sum) = secret.split_at(85);
    Check::checksum(sha256_base32(text).eq_ignore_ascii_case(sum), Lower)
}

pub(super) fn github_fine_grained_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    so_far.starts_with(b"github_pat_").then(|| sha256_base32(so_far))
}

fn sha256_base32(text: &[u8]) -> Vec<u8> {
    let mut out = to_base32(&Sha256::digest(text));
    out.truncate(8);
    out
}

/// GitLab's routable tokens, `…payload.01.` and two base-36 digits of its length: seven base-36 digits of the sum over
/// all before them, prefix included. The classic 20 characters carry none.
/// Source: GitLab's "Routable tokens" design document.
pub(super) fn gitlab(secret: &[u8]) -> Check {
    let Some(marker) = memchr::memmem::rfind(secret, b".01.") else { return Check::Unknown };
    if secret.len() != marker + 4 + 2 + 7 {
        return Check::Unknown;
    }
    let (text, sum) = secret.split_at(secret.len() - 7);
    Check::checksum(base36::<7>(crc32fast::hash(text)) == sum, Lower)
}

pub(super) fn gitlab_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let marker = memchr::memmem::rfind(so_far, b".01.")?;
    let mut whole = so_far.to_vec();
    if so_far.len() == marker + 4 {
        // The prefix of a personal token ends at its first hyphen; the payload is what its length counts.
        let payload = memchr::memchr(b'-', &so_far[..marker]).map_or(0, |at| at + 1);
        whole.extend(base36::<2>(u32::try_from(marker - payload).ok()?));
    }
    let sum = base36::<7>(crc32fast::hash(&whole));
    whole.extend(sum);
    Some(whole.split_off(so_far.len()))
}

/// Atlassian cloud `ATATT3xFfGF0…=`, Bitbucket `ATCTT3xFfGN0…=` and `ATBB`: eight upper-case hex digits of the sum over
/// all before them.
pub(super) fn atlassian(secret: &[u8]) -> Check {
    let known = [b"ATATT".as_slice(), b"ATCTT", b"ATBB"].iter().any(|p| secret.starts_with(p));
    let Some(at) = secret.len().checked_sub(8).filter(|_| known) else { return Check::Unknown };
    let (text, sum) = secret.split_at(at);
    // Without `=` before the digits it is of a form that is not known here.
    if secret.starts_with(b"ATATT") && !text.ends_with(b"=") {
        return Check::Unknown;
    }
    Check::checksum(hex_upper(crc32fast::hash(text)) == sum, Drop)
}

pub(super) fn atlassian_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    Some(hex_upper(crc32fast::hash(so_far)))
}

/// Grafana `glsa_` 32 `_` 8: hex of the little-endian bytes of the sum over `glsa_` and the 32.
pub(super) fn grafana(secret: &[u8]) -> Check {
    if !secret.starts_with(b"glsa_") || secret.len() != 46 || secret[37] != b'_' {
        return Check::Unknown;
    }
    Check::checksum(
        hex_lower(crc32fast::hash(&secret[..37]).swap_bytes()).eq_ignore_ascii_case(&secret[38..]),
        Lower,
    )
}

pub(super) fn grafana_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let text = so_far.strip_suffix(b"_").filter(|t| t.len() == 37)?;
    Some(hex_lower(crc32fast::hash(text).swap_bytes()))
}

/// Cloudflare `cfut_ cfat_ cfk_`, 40 and 8: hex of the sum over the 40.
pub(super) fn cloudflare(secret: &[u8]) -> Check {
    match cloudflare_body(secret).map(|body| body.split_at_checked(40)) {
        Some(Some((text, sum))) if sum.len() == 8 => {
            Check::checksum(hex_lower(crc32fast::hash(text)).eq_ignore_ascii_case(sum), Lower)
        }
        _ => Check::Unknown,
    }
}

pub(super) fn cloudflare_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    cloudflare_body(so_far).map(|text| hex_lower(crc32fast::hash(text)))
}

fn cloudflare_body(text: &[u8]) -> Option<&[u8]> {
    [b"cfut_".as_slice(), b"cfat_", b"cfk_"].iter().find_map(|p| text.strip_prefix(*p))
}

/// Confluent `cflt`, 54 and 6: unpadded base64 of the little-endian bytes of the sum over the 54.
pub(super) fn confluent(secret: &[u8]) -> Check {
    match secret.strip_prefix(b"cflt").map(|body| body.split_at_checked(54)) {
        Some(Some((text, sum))) if sum.len() == 6 => Check::checksum(confluent_sum(text) == sum, Lower),
        _ => Check::Unknown,
    }
}

pub(super) fn confluent_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    so_far.strip_prefix(b"cflt").map(confluent_sum)
}

fn confluent_sum(text: &[u8]) -> Vec<u8> {
    let mut out = to_base64(&crc32fast::hash(text).to_le_bytes(), false);
    out.truncate(6);
    out
}

/// Zuplo `zpka_` 32 `_` 8: hex of the sum over the 32.
/// Source: Zuplo's "API key format" page.
pub(super) fn zuplo(secret: &[u8]) -> Check {
    match secret.strip_prefix(b"zpka_").map(|body| body.split_at_checked(32)) {
        Some(Some((text, [b'_', sum @ ..]))) if sum.len() == 8 => {
            Check::checksum(hex_lower(crc32fast::hash(text)).eq_ignore_ascii_case(sum), Drop)
        }
        _ => Check::Unknown,
    }
}

pub(super) fn zuplo_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let text = so_far.strip_prefix(b"zpka_")?.strip_suffix(b"_")?;
    Some(hex_lower(crc32fast::hash(text)))
}

fn hex_lower(sum: u32) -> Vec<u8> {
    format!("{sum:08x}").into_bytes()
}

fn hex_upper(sum: u32) -> Vec<u8> {
    format!("{sum:08X}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::{run, tail};
    use super::*;

    /// An independent CRC-32, bit by bit, so that the tests do not lean on the crate that the checks use.
    fn crc(text: &[u8]) -> u32 {
        !text.iter().fold(u32::MAX, |sum, &b| {
            (0..8).fold(sum ^ u32::from(b), |s, _| if s & 1 == 1 { s >> 1 ^ 0xedb8_8320 } else { s >> 1 })
        })
    }

    fn radix(mut n: u32, alphabet: &str, width: usize) -> String {
        let mut out = String::new();
        while n > 0 {
            out.insert(0, alphabet.as_bytes()[n as usize % alphabet.len()] as char);
            n /= u32::try_from(alphabet.len()).unwrap();
        }
        format!("{out:0>width$}")
    }

    fn radix62(text: &str) -> String {
        let digits: String = ('0'..='9').chain('A'..='Z').chain('a'..='z').collect();
        radix(crc(text.as_bytes()), &digits, 6)
    }

    fn filler(n: usize) -> String {
        "9aZ4kQ7".chars().cycle().take(n).collect()
    }

    /// Passes as it is, is generated by the tail, and fails as told when its first random byte is altered.
    #[track_caller]
    fn both_ways(name: &str, token: &str, tail_len: usize, random: usize, on_failure: OnFailure) {
        assert_eq!(run(name, token.as_bytes()), Some(Check::Holds("checksum holds")));
        let (so_far, rest) = token.split_at(token.len() - tail_len);
        assert_eq!(tail(name, so_far.as_bytes()).as_deref(), Some(rest.as_bytes()));
        let mut altered = token.as_bytes().to_vec();
        altered[random] = if altered[random] == b'q' { b'r' } else { b'q' };
        assert_eq!(run(name, &altered), Some(Check::fails("checksum does not hold", on_failure)));
    }

    #[test]
    fn the_reference_crc_is_the_standard_one() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn github_classic_and_npm_and_vercel_sum_what_follows_the_prefix() {
        let body = filler(30);
        for prefix in ["ghp", "gho", "ghu"] {
            both_ways("github-crc32", &format!("{prefix}_{body}{}", radix62(&body)), 6, 5, Drop);
        }
        both_ways("npm-crc32", &format!("npm_{body}{}", radix62(&body)), 6, 5, Drop);
        let long = filler(70);
        both_ways("github-crc32", &format!("ghr_{long}{}", radix62(&long)), 6, 5, Lower);
        let vercel = filler(50);
        both_ways("vercel-crc32", &format!("vck_{vercel}{}", radix62(&vercel)), 6, 5, Drop);
    }

    #[test]
    fn polar_sums_what_follows_the_last_underscore() {
        let body = filler(37);
        for prefix in ["polar_oat", "polar_at_u"] {
            both_ways(
                "polar-crc32",
                &format!("{prefix}_{body}{}", radix62(&body)),
                6,
                prefix.len() + 1,
                Lower,
            );
        }
        assert_eq!(polar(b"polar_oat_short"), Check::Unknown);
    }

    #[test]
    fn github_forms_without_a_sum_are_unknown() {
        let body = filler(36);
        for token in [format!("ghs_{body}"), format!("ghp_{body}1"), filler(40)] {
            assert_eq!(github(token.as_bytes()), Check::Unknown);
        }
    }

    #[test]
    fn a_fine_grained_token_ends_in_its_own_hash() {
        let so_far = format!("github_pat_11{}_{}", filler(20), filler(51));
        let digest = Sha256::digest(so_far.as_bytes());
        let number = digest[..5].iter().fold(0u64, |n, &b| n << 8 | u64::from(b));
        let sum: String = (0..8)
            .rev()
            .map(|i| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(number >> (5 * i)) as usize & 31] as char)
            .collect();
        both_ways("github-pat-sha256", &format!("{so_far}{sum}"), 8, 14, Lower);
    }

    #[test]
    fn a_routable_gitlab_token_is_summed_with_its_prefix() {
        let text = format!("glpat-{}.01.11", filler(37));
        let sum = radix(crc(text.as_bytes()), "0123456789abcdefghijklmnopqrstuvwxyz", 7);
        both_ways("gitlab-routable-crc32", &format!("{text}{sum}"), 9, 8, Lower);
        both_ways("gitlab-routable-crc32", &format!("{text}{sum}"), 7, 8, Lower);
        assert_eq!(gitlab(format!("glpat-{}", filler(20)).as_bytes()), Check::Unknown);
    }

    #[test]
    fn hex_sums_differ_in_what_they_cover_and_how_they_are_written() {
        let text = format!("ATATT3xFfGF0{}=", filler(170));
        both_ways("atlassian-crc32", &format!("{text}{:08X}", crc(text.as_bytes())), 8, 20, Drop);
        let text = format!("ATBB{}", filler(24));
        both_ways("atlassian-crc32", &format!("{text}{:08X}", crc(text.as_bytes())), 8, 20, Drop);
        let text = format!("glsa_{}", filler(32));
        let bytes = crc(text.as_bytes()).to_le_bytes();
        let sum: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        both_ways("grafana-crc32", &format!("{text}_{sum}"), 8, 9, Lower);
        let text = filler(40);
        both_ways("cloudflare-crc32", &format!("cfut_{text}{:08x}", crc(text.as_bytes())), 8, 9, Lower);
        let text = filler(32);
        both_ways("zuplo-crc32", &format!("zpka_{text}_{:08x}", crc(text.as_bytes())), 8, 9, Drop);
    }

    #[test]
    fn confluent_writes_its_sum_in_base64() {
        let text = filler(54);
        let bytes = crc(text.as_bytes()).to_le_bytes();
        let number = bytes.iter().fold(0u64, |n, &b| n << 8 | u64::from(b)) << 4;
        let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"+/").collect();
        let sum: String = (0..6).rev().map(|i| alphabet[(number >> (6 * i)) as usize & 63] as char).collect();
        both_ways("confluent-crc32", &format!("cflt{text}{sum}"), 6, 9, Lower);
    }
}
