//! JSON Web Tokens (RFC 7519): do header and claims parse, is the signature of the length its algorithm makes, and has
//! the token expired.
//!
//! The trap: a token past its `exp` opens nothing any more, but who signs with a clock far off does not exist either;
//! so an expired token is shown, never silently dropped.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::Check;
use super::OnFailure::Drop;
use super::encoding::date;
use super::hmac_sha256;
use super::structure::object;

pub(super) fn check(secret: &[u8]) -> Check {
    // A clock before 1970 says nothing about expiry.
    check_at(secret, SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs()))
}

fn check_at(secret: &[u8], now: u64) -> Check {
    let Some((header, claims, signature)) = parts(secret) else {
        return Check::structure(false, Drop);
    };
    let Some(algorithm) = header.get("alg").and_then(Value::as_str) else {
        return Check::fails("its header names no algorithm", Drop);
    };
    if algorithm.eq_ignore_ascii_case("none") {
        return Check::fails("it is not signed (alg none)", Drop);
    }
    if !signature_fits(algorithm, signature.len()) {
        return Check::fails("its signature is not of the length its algorithm makes", Drop);
    }
    if expiry(&claims).is_some_and(|exp| exp < now) {
        return Check::fails("it has expired", Drop);
    }
    if is_example(&claims) {
        return Check::fails("its claims are those of a published example", Drop);
    }
    if says_nothing(&claims) {
        return Check::fails("its claims name nobody and no time", Drop);
    }
    if algorithm == "HS256" && is_signed_by_everybody(secret) {
        return Check::fails("everybody can sign it: its key is a word of manuals", Drop);
    }
    if is_publishable(&claims) {
        return Check::fails("it is a key meant to be public (role anon)", Drop);
    }
    Check::Holds("header and claims parse")
}

type Object = Map<String, Value>;

/// Header, claims and the text of the signature.
fn parts(secret: &[u8]) -> Option<(Object, Object, &[u8])> {
    let mut parts = secret.splitn(3, |b| *b == b'.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    Some((object(header)?, object(claims)?, signature))
}

/// RFC 7518, RFC 8037, RFC 8812. RSA keys have 1,024 bits or more; an algorithm of nobody's list may be of any length.
fn signature_fits(algorithm: &str, length: usize) -> bool {
    match algorithm {
        "HS256" => length == 43,
        "HS384" => length == 64,
        "HS512" => length == 86,
        "ES256" | "ES256K" | "EdDSA" | "Ed25519" => length == 86 || length == 152,
        "ES384" => length == 128,
        "ES512" => length == 176,
        _ if algorithm.starts_with("RS") || algorithm.starts_with("PS") => length >= 171,
        _ => length >= 20,
    }
}

/// `exp` in seconds since the epoch; fractions are allowed by the standard and cut.
fn expiry(claims: &Object) -> Option<u64> {
    let exp = claims.get("exp")?;
    exp.as_u64().or_else(|| exp.as_f64().filter(|f| *f >= 0.0).map(|f| f as u64))
}

/// The subject on jwt.io's front page, under whatever key, and the fixed tokens of Supabase's local stack.
fn is_example(claims: &Object) -> bool {
    let is = |name: &str, value: &str| claims.get(name).is_some_and(|v| v == value);
    is("sub", "1234567890") && is("name", "John Doe") || is("iss", "supabase-demo")
}

/// No claim says who it is for or until when: a token of a test, since nothing could be opened with it.
fn says_nothing(claims: &Object) -> bool {
    const SAYING: [&str; 24] = [
        "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "id", "uid", "user", "email", "mail", "name",
        "login", "role", "scope", "scp", "key", "tenant", "account", "client", "project", "org", "session",
    ];
    let says = |name: &String| {
        let name = name.to_ascii_lowercase();
        SAYING.iter().any(|word| name.contains(word))
    };
    claims.len() <= 2
        && !claims.keys().any(says)
        && claims.values().all(|value| {
            value.is_number() || value.is_boolean() || value.as_str().is_some_and(|s| s.len() < 16)
        })
}

/// Signed with a key that manuals and generators print, so that it gives nothing which anybody could not make.
fn is_signed_by_everybody(secret: &[u8]) -> bool {
    const KEYS: [&str; 18] = [
        "secret",
        "your-256-bit-secret",
        "a-string-secret-at-least-256-bits-long",
        "your-secret-key",
        "your_secret_key",
        "your_jwt_secret",
        "jwt_secret",
        "mysecret",
        "my-secret",
        "my_secret",
        "supersecret",
        "test",
        "key",
        "password",
        "changeme",
        "shhhhh",
        "secretkey",
        "your-super-secret-jwt-token-with-at-least-32-characters-long",
    ];
    let Some(dot) = secret.iter().rposition(|b| *b == b'.') else { return false };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(&secret[dot + 1..]) else { return false };
    KEYS.iter().any(|key| hmac_sha256(key.as_bytes(), &secret[..dot]) == signature.as_slice())
}

/// Supabase's anonymous key, made to stand in web pages.
fn is_publishable(claims: &Object) -> bool {
    claims.get("iss").is_some_and(|iss| iss == "supabase")
        && claims.get("role").is_some_and(|role| role == "anon")
}

/// When it expires and who issued it, as far as the claims say.
pub(super) fn details(secret: &[u8]) -> Option<String> {
    let (_, claims, _) = parts(secret)?;
    let expires = match expiry(&claims) {
        Some(exp) => date(exp).map(|day| format!("expires {day}")),
        None => Some("never expires".to_string()),
    };
    let issuer = claims.get("iss").and_then(Value::as_str).map(|iss| {
        let plain: String = iss.chars().filter(char::is_ascii_graphic).take(100).collect();
        format!("issued by {plain}")
    });
    let said: Vec<String> = expires.into_iter().chain(issuer).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::encoding::to_base64;
    use super::*;

    fn token(header: &str, claims: &str, signature: usize) -> Vec<u8> {
        let part = |text: &str| {
            let mut out = to_base64(text.as_bytes(), true);
            out.retain(|b| *b != b'=');
            out
        };
        [part(header), part(claims), vec![b'x'; signature]].join(&b'.')
    }

    const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    #[track_caller]
    fn drops(secret: &[u8], word: &str) {
        let Check::Fails { reason, on_failure: Drop } = check_at(secret, 2_000) else {
            panic!("it must fail")
        };
        assert!(reason.contains(word), "{reason}");
    }

    #[test]
    fn a_token_holds_until_it_expires() {
        let secret = token(HS256, r#"{"sub":"1","exp":3000}"#, 43);
        assert_eq!(check_at(&secret, 2_000), Check::Holds("header and claims parse"));
        drops(&token(HS256, r#"{"sub":"1","exp":1000.5}"#, 43), "expired");
        let long = r#"{"data":"q8Lz0vT3kdQW91xx"}"#;
        assert_eq!(check_at(&token(HS256, long, 43), 2_000), Check::Holds("header and claims parse"));
    }

    #[test]
    fn unsigned_cut_and_public_tokens_are_dropped() {
        drops(&token(r#"{"alg":"none"}"#, "{}", 0), "not signed");
        drops(&token(HS256, "{}", 20), "length");
        drops(&token(r#"{"alg":"RS256"}"#, "{}", 43), "length");
        drops(&token(r#"{"typ":"JWT"}"#, "{}", 43), "algorithm");
        drops(&token(HS256, r#"{"iss":"supabase","role":"anon"}"#, 43), "public");
        drops(&token(HS256, r#"{"sub":"1234567890","name":"John Doe"}"#, 43), "example");
        drops(&token(HS256, r#"{"iss":"supabase-demo","role":"service_role"}"#, 43), "example");
        drops(&token(HS256, r#"{"some":"payload"}"#, 43), "nobody");
        drops(&token(HS256, "{}", 43), "nobody");
        drops(b"eyJhbGciOiJIUzI1NiJ9", "structure");
    }

    #[test]
    fn a_token_signed_with_a_manuals_key_is_dropped() {
        // RFC 4231, test case 2.
        let known = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(known[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        let unsigned = token(HS256, r#"{"sub":"1"}"#, 0);
        let sign = |key: &[u8]| {
            let message = &unsigned[..unsigned.len() - 1];
            [&unsigned, URL_SAFE_NO_PAD.encode(hmac_sha256(key, message)).as_bytes()].concat()
        };
        drops(&sign(b"secret"), "everybody");
        assert_eq!(check_at(&sign(b"q8Lz0vT3kd"), 2_000), Check::Holds("header and claims parse"));
    }

    #[test]
    fn details_say_expiry_and_issuer_without_control_characters() {
        let secret = token(HS256, r#"{"exp":1516239022,"iss":"https://a.example\u001b[2J"}"#, 43);
        assert_eq!(details(&secret).unwrap(), "expires 2018-01-18, issued by https://a.example[2J");
        assert_eq!(details(&token(HS256, "{}", 43)).unwrap(), "never expires");
    }
}
