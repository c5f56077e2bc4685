//! What a name says of its value: a password, a token, a key; or an identifier, a label, a path.

use super::features::{Active, Group};
use super::vocabulary::{LISTED, NAMED, PASSWORDS};
pub(super) use super::words::Words;
use super::words::is_one;

fn is_password(word: &[u8]) -> bool {
    PASSWORDS.binary_search_by(|one| one.as_bytes().cmp(word)).is_ok()
        || word.ends_with(b"password")
        || word.ends_with(b"passwd")
        || word.ends_with(b"pwd")
        || word.ends_with("密码".as_bytes())
}

/// Why a name says that its value is no secret, whatever it looks like.
pub(super) fn innocent(words: &Words, value: &[u8]) -> Option<&'static str> {
    const HASHES: [&str; 12] = [
        "hash",
        "digest",
        "fingerprint",
        "thumbprint",
        "checksum",
        "sha",
        "md",
        "keyhash",
        "passwordhash",
        "hashes",
        "shasum",
        "hashed",
    ];
    let last = words.get(0);
    if words.any(&["websocket"]) && last == b"key" {
        return Some("the name says that it is public");
    }
    let ends = |list: &[&str]| is_one(last, list);
    if last == b"authenticate" {
        return Some("a server's challenge");
    }
    if words.any(&["encrypted", "sealed"]) {
        return Some("the name says that it is encrypted");
    }
    if ends(&HASHES) || words.any(&["hashed"]) {
        return Some("the name says that it is a hash");
    }
    if words.any(&["public", "pub", "pubkey", "publickey"])
        && !words.any(&["private", "secret", "password", "pwd"])
        && last.ends_with(b"key")
    {
        return Some("the name says that it is public");
    }
    if ends(&["username", "user", "email", "author", "authors", "userid", "uid"]) && words.count > 1
        || last == b"author"
    {
        return Some("the name says that it is a user");
    }
    let names_an_id = ends(&["id", "ids"]) || last.ends_with(b"guid") || last.ends_with(b"uuid");
    (names_an_id && super::value::uuid(value)).then_some("the name says that it is an id")
}

/// The name's last word says that the value is about a secret, and is none: an id, a file, an address, a number.
pub(super) fn is_setting(words: &Words) -> bool {
    const SETTINGS: u32 = 0b11_1111 | 1 << 18;
    LISTED.of(words.get(0)).endings & SETTINGS != 0
}

/// What kind of secret a name says: 1 password, 2 secret, 3 and 4 token, 5 and 6 key, 0 none.
pub(super) fn kind_of(name: &[u8]) -> usize {
    kind(&Words::of(name))
}

/// What kind of secret the name says, 0 for none; see the names beside.
pub(super) fn kind(words: &Words) -> usize {
    let last = words.get(0);
    let before = words.get(1);
    let one = is_one;
    if is_password(last) {
        return 1;
    }
    if last == b"secret" || last.ends_with(b"secret") || last.starts_with(b"geheim") {
        return 2;
    }
    if last == b"token" || last.ends_with(b"token") && last.len() < 14 {
        return if one(
            before,
            &[
                "access", "auth", "api", "bearer", "refresh", "secret", "bot", "github", "session", "oauth",
                "id", "personal", "user",
            ],
        ) {
            3
        } else {
            4
        };
    }
    if one(
        last,
        &[
            "apikey",
            "secretkey",
            "authkey",
            "accesskey",
            "privatekey",
            "apitoken",
            "authtoken",
            "accesstoken",
        ],
    ) {
        return 5;
    }
    if last == b"key" {
        return match before {
            b"api" | b"secret" | b"private" | b"access" | b"auth" | b"master" | b"encryption" | b"app"
            | b"license" | b"account" | b"service" | b"signing" => 5,
            b"consumer" | b"client" | b"shared" | b"storage" | b"session" | b"jwt" | b"hmac" => 6,
            b"public" | b"primary" | b"foreign" | b"cache" | b"sort" | b"partition" | b"hot"
            | b"shortcut" => 7,
            b"" => 8,
            _ => 9,
        };
    }
    if one(last, &["schluessel", "schlüssel", "chave", "llave", "jeton", "cle", "clé", "chiave"]) {
        return 9;
    }
    if one(last, &["auth", "authorization", "credential", "credentials", "creds", "cred", "authentication"]) {
        return 10;
    }
    if one(last, &["passwords", "secrets", "tokens"]) || last == b"keys" {
        return 11;
    }
    if one(last, &["base", "value", "string", "default", "env", "text", "data", "plain", "b", "str", "raw"])
        && words
            .iter()
            .skip(1)
            .take(2)
            .any(|w| is_password(w) || w == b"secret" || w == b"key" || w == b"token")
    {
        return 12;
    }
    if words.iter().any(|w| is_password(w) || w == b"secret") {
        return 13;
    }
    if words.any(&["token", "apikey", "bearer"]) {
        return 14;
    }
    if words.any(&[
        "key",
        "auth",
        "cred",
        "credentials",
        "oauth",
        "chave",
        "llave",
        "schluessel",
        "cle",
        "clé",
        "chiave",
    ]) {
        return 15;
    }
    0
}

/// Adds the features of the name; returns what kind of secret it says.
pub(super) fn look(words: &Words, name: &[u8], active: &mut Active) -> usize {
    let kind = kind(words);
    active.add(Group::Kind, kind);
    let last = words.get(0);
    let endings = LISTED.of(last).endings;
    active.add(Group::Ending, if endings == 0 { 0 } else { endings.trailing_zeros() as usize + 1 });
    let named = words.iter().fold(0, |named, word| named | LISTED.of(word).named);
    for n in (0..NAMED.len()).filter(|n| named >> n & 1 != 0) {
        active.add(Group::NameWord, n);
    }
    if words.count == 1 {
        active.add(Group::NameWord, 21);
    }
    if words.count >= 5 {
        active.add(Group::NameWord, 22);
    }
    let upper = name.iter().filter(|b| b.is_ascii_uppercase()).count();
    let lower = name.iter().filter(|b| b.is_ascii_lowercase()).count();
    let style = if name.iter().any(|b| *b >= 0x80) {
        0
    } else if lower == 0 {
        1
    } else if upper == 0 {
        if name.contains(&b'.') {
            2
        } else if name.contains(&b'_') {
            3
        } else if name.contains(&b'-') {
            4
        } else {
            5
        }
    } else {
        6 + usize::from(name.first().is_some_and(u8::is_ascii_uppercase))
    };
    active.add(Group::NameStyle, style);
    kind
}

/// 1 when the value equals the name or its last word, 2 when words of the name stand in it, 3 when it stands in the name.
pub(super) fn relation(words: &Words, name: &[u8], value: &[u8]) -> usize {
    if value.len() > 64 {
        return 0;
    }
    // Names are short, but nothing keeps them from being long.
    let (mut name_room, mut value_room, mut spilled) = ([0; 160], [0; 64], Vec::new());
    let name_room = if name.len() <= name_room.len() {
        &mut name_room[..]
    } else {
        spilled.resize(name.len(), 0);
        &mut spilled[..]
    };
    let (n, v) = (folded(name, name_room), folded(value, &mut value_room));
    if n == v || words.get(0) == v {
        return 1;
    }
    let contains = |text: &[u8], part: &[u8]| {
        part.len() >= 3 && text.windows(part.len()).any(|w| w[0] == part[0] && w == part)
    };
    if words.iter().any(|w| w.len() >= 4 && contains(v, w)) {
        return 2;
    }
    if contains(n, v) { 3 } else { 0 }
}

/// Letters and digits in lower case; there is room for all.
fn folded<'a>(text: &[u8], room: &'a mut [u8]) -> &'a [u8] {
    let mut length = 0;
    for byte in text.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        room[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    &room[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_take_the_secret_away() {
        for name in
            ["encrypted_key", "password_hash", "hashedToken", "rsaPublicKey", "AUTH_USERNAME", "author"]
        {
            assert!(innocent(&Words::of(name.as_bytes()), b"x1y2z3a4").is_some(), "{name}");
        }
        for name in ["password", "client_secret", "private_key", "user_password", "hash_key", "login"] {
            assert_eq!(innocent(&Words::of(name.as_bytes()), b"x1y2z3a4"), None, "{name}");
        }
    }

    fn says(name: &str) -> usize {
        kind(&Words::of(name.as_bytes()))
    }

    #[test]
    fn the_last_word_speaks() {
        for name in [
            "password",
            "DB_PASSWORD",
            "userPassword",
            "spring.datasource.password",
            "pwd",
            "mysql_root_passwd",
            "密码",
        ] {
            assert_eq!(says(name), 1, "{name}");
        }
        assert_eq!(says("clientSecret"), 2);
        assert_eq!(says("accessToken"), 3);
        for name in ["API_KEY", "apikey", "X-Api-Key", "privateKey", "awsSecretAccessKey"] {
            assert_eq!(says(name), 5, "{name}");
        }
        assert_eq!(says("primaryKey"), 7);
        assert_eq!(says("key"), 8);
        assert_eq!(says("passwordField"), 13);
        assert_eq!(says("monkey"), 0);
    }

    #[test]
    fn a_value_like_its_name() {
        let of = |name: &[u8], value: &[u8]| relation(&Words::of(name), name, value);
        assert_eq!(of(b"db_password", b"password"), 1);
        assert_eq!(of(b"password", b"my-password-1"), 2);
        assert_eq!(of(b"my_long_pwd", b"gpw"), 3);
        assert_eq!(of(b"password", b"hunter2"), 0);
    }
}
