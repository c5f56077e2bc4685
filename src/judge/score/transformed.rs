//! What is a secret no more, or never was: hashes, encrypted and public values, numbers, escapes, published examples.
//!
//! Hands on the reason. The trap: each of these is a shape of its own, so a value must have all of it; half a likeness is
//! for the weights to judge.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Standard base64 with or without padding.
static BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is a secret no more: hashed, encrypted; or was never text: numbers, versions, escaped bytes.
pub(super) fn why(value: &[u8]) -> Option<&'static str> {
    const HASHES: [&[u8]; 18] = [
        b"sha1$",
        b"md5$",
        b"sha256$",
        b"$y$",
        b"$gy$",
        b"{CRYPT}",
        b"$2a$",
        b"$2b$",
        b"$2y$",
        b"$1$",
        b"$5$",
        b"$6$",
        b"$apr1$",
        b"$argon2",
        b"pbkdf2",
        b"{SSHA",
        b"{SHA",
        b"{bcrypt}",
    ];
    const ENCRYPTED: [&[u8]; 7] =
        [b"ENC[", b"ENC(", b"$ANSIBLE_VAULT", b"!vault", b"vault:v1:", b"{cipher}", b"age-encryption"];
    const DIGESTS: [&[u8]; 7] = [b"SHA256:", b"MD5:", b"sha1-", b"sha256", b"sha384-", b"sha512", b"md5:"];
    let starts = |list: &[&[u8]]| list.iter().any(|p| value.starts_with(p));
    if starts(&HASHES) {
        return Some("a password hash");
    }
    if starts(&ENCRYPTED) || is_sealed(value) {
        return Some("encrypted");
    }
    if starts(&DIGESTS) && value.len() > 24 {
        return Some("a digest");
    }
    let numbers = value.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'/' | b':' | b','));
    if numbers && !value.iter().all(u8::is_ascii_digit) {
        return Some("a number, date or version");
    }
    if is_timestamp(value) {
        return Some("a number, date or version");
    }
    let hexadecimal = value.strip_prefix(b"0x").or(value.strip_prefix(b"0X"));
    if hexadecimal.is_some_and(|h| h.len() <= 16 && h.iter().all(u8::is_ascii_hexdigit)) {
        return Some("a number, date or version");
    }
    if [&b"yes"[..], b"no", b"true", b"false", b"null", b"nil", b"none", b"undefined"]
        .iter()
        .any(|w| w.eq_ignore_ascii_case(value))
    {
        return Some("a type or constant");
    }
    // IANA's registry of SASL mechanisms; the others are words.
    let mechanism = value.strip_suffix(b"-PLUS").unwrap_or(value);
    if mechanism.starts_with(b"SCRAM-SHA-") && mechanism.len() < 15
        || [&b"CRAM-MD5"[..], b"DIGEST-MD5", b"XOAUTH2", b"OAUTHBEARER"].contains(&mechanism)
    {
        return Some("a mechanism's name");
    }
    // Words of another language: labels of a translated interface.
    let foreign = value.iter().any(|b| *b >= 0x80)
        && !value.iter().any(|b| b.is_ascii_digit() || (b.is_ascii_punctuation() && !b".,:'?!-".contains(b)));
    if foreign && value.iter().any(u8::is_ascii_alphabetic) {
        return Some("words of another language");
    }
    // abc-12-Xyz names an element in an Interface Builder document.
    if value.len() == 10
        && value[3] == b'-'
        && value[6] == b'-'
        && value.iter().filter(|b| b.is_ascii_alphanumeric()).count() == 8
    {
        return Some("an element's id");
    }
    let at = value.iter().position(|b| *b == b'@').unwrap_or(0);
    let domain = &value[at..];
    let host = |b: &u8| b.is_ascii_lowercase() || matches!(b, b'.' | b'-' | b'@');
    let tld = domain.iter().rposition(|b| *b == b'.').map_or(0, |n| domain.len() - n - 1);
    if at > 0
        && (2..=4).contains(&tld)
        && domain.iter().all(host)
        && value[..at].iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._+-".contains(b))
    {
        return Some("a mail address");
    }
    if value.windows(2).any(|w| w == b"\\w" || w == b"\\d" || w == b"\\W" || w == b"\\s" || w == b"[^") {
        return Some("a regular expression");
    }
    if percent_encoded(value) {
        return Some("escaped bytes");
    }
    if counting(value) {
        return Some("bytes that count up");
    }
    if public_key(value) {
        return Some("a public key or certificate");
    }
    if unsigned_token(value) {
        return Some("a web token without a signature");
    }
    if let Some(reason) = encoded(value) {
        return Some(reason);
    }
    if published(value) {
        return Some("a published example");
    }
    let escapes = value.windows(2).filter(|w| w == b"\\x").count();
    if escapes >= 2 && escapes * 5 >= value.len() {
        return Some("escaped bytes");
    }
    None
}

/// Mostly `%41`: an encoded text, not a secret that holds a sign.
fn percent_encoded(value: &[u8]) -> bool {
    let escapes = value
        .windows(3)
        .filter(|w| w[0] == b'%' && w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit())
        .count();
    escapes >= 2 && escapes * 6 >= value.len()
}

/// Hex bytes each of which is one more than the last: `00010203…`, the usual test key.
fn counting(value: &[u8]) -> bool {
    if value.len() < 12 || !value.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let digit = |b: u8| (b as char).to_digit(16).unwrap_or(0);
    let byte = |p: &[u8]| digit(p[0]) * 16 + digit(p[1]);
    let steps =
        value.chunks_exact(2).zip(value[2..].chunks_exact(2)).filter(|(a, b)| byte(a) + 1 == byte(b)).count();
    steps * 4 >= value.len() / 2 * 3
}

/// A digest of a file: hex of a digest's length under a file's name, or in a file that lists digests. `.key` is no file's
/// ending here: properties are called `acme.api.key`.
pub(super) fn file_digest(name: &[u8], value: &[u8], path: &[u8]) -> bool {
    const EXTENSIONS: [&str; 43] = [
        "rs", "c", "h", "cc", "cpp", "go", "py", "js", "ts", "jsx", "tsx", "mjs", "rb", "java", "kt", "cs",
        "php", "swift", "m", "sh", "pl", "pem", "crt", "cer", "der", "pub", "p8", "pk8", "p12", "json",
        "toml", "yml", "yaml", "xml", "md", "txt", "html", "css", "list", "stderr", "stdout", "lock", "snap",
    ];
    let digest =
        matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit);
    if !digest {
        return false;
    }
    let extension = name.rsplit(|b| *b == b'.').next().unwrap_or_default();
    let file = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    name.contains(&b'.') && EXTENSIONS.iter().any(|e| e.as_bytes() == extension)
        || file == b".cargo-checksum.json"
        || file.ends_with(b".lock")
        || file.ends_with(b".sum")
        || file.ends_with(b"-lock.json")
}

/// DER in base64 whose first element is a sequence: a public key (SubjectPublicKeyInfo, RFC 5280) or a certificate. A
/// private key begins with its version, an integer.
fn public_key(value: &[u8]) -> bool {
    // A literal of several lines may begin with the escape of its first line end.
    let start = value.iter().position(|b| !(b.is_ascii_whitespace() || *b == b'\\')).unwrap_or(0);
    let value = &value[start..];
    if ssh_public(value) {
        return true;
    }
    if value.len() < 40 || value[0] != b'M' {
        return false;
    }
    let Ok(head) = BASE64.decode(&value[..16]) else { return false };
    let content = match head[1] {
        0x82 => 4,
        0x81 => 3,
        length if length < 0x80 => 2,
        _ => return false,
    };
    head[0] == 0x30 && head[content] == 0x30
}

/// The base64 of an SSH public key (RFC 4253, 6.6): the length of its type's name, then the name.
fn ssh_public(value: &[u8]) -> bool {
    let Some(Ok(head)) = value.get(..16).map(|head| BASE64.decode(head)) else { return false };
    head.starts_with(&[0, 0, 0])
        && (head[4..].starts_with(b"ssh-")
            || head[4..].starts_with(b"ecdsa-s")
            || head[4..].starts_with(b"sk-"))
}

/// Part of a JSON Web Token: a header alone, or header and claims with a signature too short to be one.
fn unsigned_token(value: &[u8]) -> bool {
    if memchr::memmem::find(value, b"eyJ").is_none() {
        return false;
    }
    let parts: Vec<&[u8]> = value.split(|b| *b == b'.').collect();
    let decoded = |part: &[u8]| URL_SAFE_NO_PAD.decode(part).ok().filter(|json| json.starts_with(b"{\""));
    let says = |json: &[u8], word: &[u8]| memchr::memmem::find(json, word).is_some();
    match parts.as_slice() {
        [alone] => decoded(alone).is_some_and(|json| says(&json, b"\"alg\":") && json.len() < 120),
        [.., last] => {
            parts.len() <= 3
                && (parts.len() < 3 || last.len() < 20)
                && parts.iter().any(|part| decoded(part).is_some())
        }
        [] => false,
    }
}

/// Base64 of words, or of credentials whose password is a placeholder.
fn encoded(value: &[u8]) -> Option<&'static str> {
    if value.len() < 8 || value.len() > 120 {
        return None;
    }
    let text = BASE64.decode(value).ok()?;
    let text = text.trim_ascii();
    if text.len() < 5 || text.iter().any(|b| *b < 0x20 || *b == 0x7F) {
        return None;
    }
    if !text.is_ascii() {
        // Of what is random, one in thousands has a colon and a usual word behind it.
        let password = text.rsplit(|b| *b == b':').next().filter(|part| part.len() < text.len())?;
        return super::is_usual(password).then_some("credentials of an example");
    }
    let (covered, letters) = super::language::coverage(text);
    if covered == letters && letters == text.len() && letters < 12 {
        return Some("a word in base64");
    }
    let spaces = text.iter().filter(|b| **b == b' ').count();
    let said = letters >= 6 && covered * 10 >= letters * 8 && !text.iter().any(u8::is_ascii_digit);
    if spaces >= 2 || spaces == 1 && said {
        return Some("words in base64");
    }
    let colon = text.iter().position(|b| *b == b':')?;
    let (user, password) = (&text[..colon], &text[colon + 1..]);
    // A key that is sent for a user without a password.
    let key = password.is_empty() && user.len() >= 16 && user.iter().any(u8::is_ascii_digit);
    let password = if key { user } else { password };
    let usual = super::is_usual(password);
    (!user.is_empty() && (password.is_empty() || usual || super::placeholder::why(password).is_some()))
        .then_some("credentials of an example")
}

/// FNV-1a hashes of values that specifications print: RFC 5849, 6749, 6750, 7515, 7520, 7617, 8037, OpenID Connect Core; FIPS 197's keys;
/// the key that Flask's manual prints, and the one that OpenSSL signs its FIPS module with. Hashes, so that
/// this file holds nothing that looks like a secret.
static PUBLISHED: [u64; 51] = [
    0x9331_5325_77C8_E784,
    0x9D18_ACDC_DD4F_E44E,
    0x9C65_476A_A311_67AF,
    0x3C36_FD2B_0DD2_C078,
    0x961D_1599_2B9F_EB22,
    0x798C_149A_9450_627F,
    0xDFBE_2F23_0969_3DB1,
    0x89DD_EB84_45BC_BCAE,
    0x0B86_3736_38D1_36A4,
    0x03B3_433F_2C47_D86F,
    0x0586_33E2_FFE8_CD27,
    0x0AB5_0E41_2AB9_81A4,
    0x105E_4DD7_63A8_12BC,
    0x15B0_7405_A882_D3FF,
    0x1A0C_68F5_9410_1637,
    0x1A7B_78BE_56F3_054D,
    0x2305_8D5B_6C49_7F47,
    0x268C_162F_0C1D_CB48,
    0x273F_5E02_3867_BA98,
    0x30AA_8188_BB02_3E35,
    0x36EC_79CF_E49D_42FA,
    0x3C0D_8E9D_B0E6_BEA8,
    0x3E6E_0BA1_E1BB_8300,
    0x4F45_9807_254F_1EE7,
    0x55E6_407F_D6EE_A643,
    0x60BC_A9A8_E7E7_80A0,
    0x67AB_3A67_5357_02FF,
    0x6F26_BF24_AC3A_6E5E,
    0x740B_30FF_A00D_2323,
    0x76F0_7E1E_430F_318E,
    0x846B_2A1E_2FAD_7FCB,
    0x95C3_261D_F329_9471,
    0x9617_EA56_85AE_57EA,
    0x9BB9_3D89_924C_F35D,
    0xA222_6750_F45D_E093,
    0xA7C6_D4C1_BC3F_AB49,
    0xB674_AAE4_DA2A_ACF9,
    0xB889_B508_2305_D321,
    0xBB65_956C_4B8B_34BF,
    0xBD79_4F36_308D_D919,
    0xC865_4E3E_44E8_9106,
    0xD697_8750_D175_2D71,
    0xD7BA_480F_B3BB_167E,
    0xD9AD_86AD_3724_159B,
    0xDB9D_9A01_5CA5_096C,
    0xDC8D_8CA0_6454_72E9,
    0xE43F_A415_EA85_9DC1,
    0xE8B8_2398_B006_FA7A,
    0xECC1_A447_4851_BC28,
    0xEE04_25AC_21B0_3B65,
    0xF1C7_4FB0_C339_78DA,
];

fn published(value: &[u8]) -> bool {
    let hexadecimal = value.iter().all(u8::is_ascii_hexdigit);
    let folded = |b: &u8| if hexadecimal { b.to_ascii_lowercase() } else { *b };
    let hash = value
        .iter()
        .map(folded)
        .fold(0xCBF2_9CE4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01B3));
    PUBLISHED.contains(&hash)
}

/// What `kubeseal` makes: the length of an RSA block of 256 or 512 bytes, that block, and what it encrypts. A password may
/// begin like that, and is not that long.
fn is_sealed(value: &[u8]) -> bool {
    matches!(value, [b'A', b'g' | b'Q', b'A'..=b'D', ..]) && value.len() > 300
}

/// `2026-01-02T03:04:05Z` and its kin of ISO 8601.
fn is_timestamp(value: &[u8]) -> bool {
    let form = b"0000-00-00T00:00";
    let digit_or = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        other => byte == other,
    };
    value.len() >= form.len()
        && value.len() <= 40
        && value.iter().zip(form).all(digit_or)
        && value[form.len()..]
            .iter()
            .all(|b| b.is_ascii_digit() || b" :.,+-Zz".contains(b) || b"UTCGMT".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_secret_any_more() {
        let spki = format!("MFkwEwYHKoZIzj0CAQ{}", "YIKoZIzj0DAQcDQgAEabcdefgh");
        for value in [
            "$2b$12$KIXq1wJ8pT9m2Yb4sZ0n5u",
            "{SSHA}abcdefgh",
            "ENC[AES256_GCM,data:x]",
            "1.302.175",
            "2024-01-31",
            "0x80090033",
            "yes",
            "%3A%40%2F",
            "000102030405060708090a0b0c0d0e0f",
            "aGVsbG8K",
            "[^\\W\\d]\\w*",
            "Passwort ungültig",
            "eBZ-O6-RzO",
            "someone@corp.io",
            "2026-01-02T03:04:05.678+01:00",
            "2026-01-02 03:04",
            "\\x66\\x6f\\x6f",
            &spki,
            "bm90IG15IHJlYWwgdGhpbmc=",
            "dXNlcjpwYXNzd29yZA==",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIn0.sig",
            "\\\nAAAAB3NzaC1yc2EAAAABIwAAAIEAv9q8mWkP0sXcT4dLh2Zr",
        ] {
            assert!(why(value.as_bytes()).is_some(), "{value}");
        }
    }

    #[test]
    fn digests_of_files() {
        let hex = "8c69".repeat(16);
        assert!(file_digest(b"src/token.rs", hex.as_bytes(), b"x.json"));
        assert!(file_digest(b"AUTH", hex.as_bytes(), b"v/x/.cargo-checksum.json"));
        assert!(!file_digest(b"token", hex.as_bytes(), b"x.json"));
        assert!(!file_digest(b"api.key", b"not-a-digest", b"x.json"));
    }

    #[test]
    fn what_only_looks_a_little_like_it_stays() {
        let basic = BASE64.encode("ops:rT7vLq2xW");
        let key = format!("MIIEpAIBAAKCAQEA{}", "4qTrblG1QjselyiQQnMnyjJHH2h");
        for value in [
            "$ecret$12",
            "ENCoder77",
            "20240131",
            "0xdeadbeefdeadbeefdeadbeef",
            "pässw0rd!",
            "abc-12-Xyzw",
            "me@home",
            &key,
            &basic,
        ] {
            assert_eq!(why(value.as_bytes()), None, "{value}");
        }
    }
}
