//! Offline proof: what a token's own checksum or structure says about it.
//!
//! Hands on a [`Check`] by the name that a rule file gives under `checks`, and the facts that a format carries. The
//! trap: a wrong belief about a checksum is a missed secret, so only a failure that many samples confirm may
//! [`OnFailure::Drop`] a candidate, and a form that a check does not know is [`Check::Unknown`], never a failure.

mod aws;
mod azure;
mod bech32;
mod blocks;
mod crc;
mod encoding;
mod jwt;
mod money;
mod names;
mod structure;
mod wallet;

pub use names::NAMES;

use pbkdf2::hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// RFC 2104.
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is right");
    mac.chain_update(message).finalize().into_bytes().into()
}

/// What a check says of one secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The format proves itself; the reason is for people.
    Holds(&'static str),
    /// It does not.
    Fails {
        /// Why, for people.
        reason: &'static str,
        /// What may follow from it.
        on_failure: OnFailure,
    },
    /// The check does not apply, for example to an older form without a checksum.
    Unknown,
}

/// What a failed check may do to a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// It goes to `shown`, with the reason.
    Drop,
    /// Its confidence is lowered; it may still block.
    Lower,
}

impl Check {
    const fn fails(reason: &'static str, on_failure: OnFailure) -> Self {
        Self::Fails { reason, on_failure }
    }

    /// The usual end of a checksum: it holds, or it fails with this consequence.
    const fn checksum(holds: bool, on_failure: OnFailure) -> Self {
        if holds { Self::Holds("checksum holds") } else { Self::fails("checksum does not hold", on_failure) }
    }

    /// The usual end of a structure: it parses, or it fails with this consequence.
    const fn structure(holds: bool, on_failure: OnFailure) -> Self {
        if holds {
            Self::Holds("structure holds")
        } else {
            Self::fails("structure does not parse", on_failure)
        }
    }
}

/// Runs the check of that name on a secret as a rule's group `secret` holds it; `None` when no check has that name.
#[must_use]
pub fn run(name: &str, secret: &[u8]) -> Option<Check> {
    Some(match name {
        "age-bech32" => bech32::age(secret),
        "atlassian-crc32" => crc::atlassian(secret),
        "atlassian-dc-base64" => structure::atlassian_data_centre(secret),
        "aws-account" => Check::Unknown,
        "azure-cask" => azure::cask(secret),
        "azure-devops-crc32" => azure::devops(secret),
        "azure-marvin-kind" => azure::kind(secret),
        "azure-marvin-storage" => azure::storage(secret),
        "bip39" => wallet::bip39(secret),
        "card-luhn" => money::card(secret),
        "cloudflare-crc32" => crc::cloudflare(secret),
        "confluent-crc32" => crc::confluent(secret),
        "discord-snowflake" => structure::discord(secret),
        "entra-marvin" => azure::entra(secret),
        "ethereum" => wallet::ethereum(secret),
        "extended-key" => wallet::extended_key(secret),
        "github-crc32" => crc::github(secret),
        "github-pat-sha256" => crc::github_fine_grained(secret),
        "gitlab-routable-crc32" => crc::gitlab(secret),
        "grafana-cloud-json" => structure::grafana_cloud(secret),
        "grafana-crc32" => crc::grafana(secret),
        "iban" => money::iban(secret),
        "jfrog-akcp" => structure::jfrog_api_key(secret),
        "jfrog-reftkn" => structure::jfrog_reference(secret),
        "jwt" => jwt::check(secret),
        "npm-crc32" => crc::npm(secret),
        "nuget-bits" => structure::nuget(secret),
        "pem" => blocks::pem(secret),
        "pgp" => blocks::pgp(secret),
        "polar-crc32" => crc::polar(secret),
        "putty" => blocks::putty(secret),
        "pypi-macaroon" => structure::pypi(secret),
        "sentry-org-json" => structure::sentry(secret),
        "vercel-crc32" => crc::vercel(secret),
        "wif" => wallet::wif(secret),
        "zuplo-crc32" => crc::zuplo(secret),
        _ => return None,
    })
}

/// What must follow `so_far` for the check of that name to hold: the generating half, with which tests and
/// `unleak rules test` make examples. `None` when no check has that name, when it generates nothing, or when
/// `so_far` is not the beginning of such a token.
#[must_use]
pub fn tail(name: &str, so_far: &[u8]) -> Option<Vec<u8>> {
    match name {
        "age-bech32" => bech32::age_tail(so_far),
        "atlassian-crc32" => crc::atlassian_tail(so_far),
        "azure-cask" => azure::cask_tail(so_far),
        "azure-devops-crc32" => azure::devops_tail(so_far),
        "azure-marvin-kind" | "azure-marvin-storage" => azure::tail(so_far),
        "card-luhn" => money::card_tail(so_far),
        "cloudflare-crc32" => crc::cloudflare_tail(so_far),
        "confluent-crc32" => crc::confluent_tail(so_far),
        "github-crc32" | "npm-crc32" | "vercel-crc32" => crc::base62_tail(so_far),
        "github-pat-sha256" => crc::github_fine_grained_tail(so_far),
        "gitlab-routable-crc32" => crc::gitlab_tail(so_far),
        "grafana-crc32" => crc::grafana_tail(so_far),
        "nuget-bits" => structure::nuget_tail(so_far),
        "polar-crc32" => crc::polar_tail(so_far),
        "pypi-macaroon" => structure::pypi_tail(so_far),
        "zuplo-crc32" => crc::zuplo_tail(so_far),
        _ => None,
    }
}

/// What a secret's own bytes say that a person wants to know: the AWS account, a token's expiry and issuer, a key's
/// kind. Only printable ASCII, at most 200 bytes. `None` when there is nothing to say.
#[must_use]
pub fn details(name: &str, secret: &[u8]) -> Option<String> {
    match name {
        "aws-account" => aws::account(secret).map(|id| format!("AWS account {id:012}")),
        "jwt" => jwt::details(secret),
        "pem" | "pgp" | "putty" => blocks::details(secret),
        _ => None,
    }
}
