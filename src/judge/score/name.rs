//! What the name says that a value stands beside.

/// What kind of secret a name announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    /// A word that means nothing else: `password`, `client_secret`, `api_key`.
    Strong,
    /// A word that often means something else: `key`, `token`, `auth`.
    Weak,
    /// A name about a secret rather than of one, or no such word at all.
    None,
}

/// Last words that make a name one about a secret.
const ABOUT: [&str; 86] = [
    "id",
    "ids",
    "name",
    "names",
    "type",
    "types",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "dir",
    "url",
    "uri",
    "urls",
    "field",
    "fields",
    "label",
    "length",
    "len",
    "size",
    "count",
    "expires",
    "expiry",
    "expiration",
    "ttl",
    "policy",
    "format",
    "prefix",
    "suffix",
    "class",
    "column",
    "index",
    "header",
    "placeholder",
    "hint",
    "error",
    "errors",
    "message",
    "title",
    "help",
    "regex",
    "pattern",
    "param",
    "params",
    "var",
    "arn",
    "alias",
    "version",
    "input",
    "form",
    "page",
    "button",
    "text",
    "description",
    "desc",
    "provider",
    "manager",
    "store",
    "storage",
    "service",
    "endpoint",
    "host",
    "enabled",
    "required",
    "valid",
    "reset",
    "strength",
    "min",
    "max",
    "usage",
    "kind",
    "map",
    "list",
    "ref",
    "algorithm",
    "alg",
    "env",
    "method",
    "mode",
    "status",
    "limit",
    "limits",
    "handler",
    "callback",
    "info",
];

/// Words before `key` that make it no secret.
const INNOCENT_KEYS: [&str; 28] = [
    "public",
    "primary",
    "foreign",
    "sort",
    "cache",
    "partition",
    "row",
    "range",
    "unique",
    "group",
    "index",
    "pub",
    "translation",
    "i18n",
    "lang",
    "object",
    "storage",
    "map",
    "hot",
    "event",
    "menu",
    "config",
    "setting",
    "registry",
    "publishable",
    "hash",
    "order",
    "site",
];

/// Words before `key` that make it one.
const SECRET_KEYS: [&str; 22] = [
    "api",
    "secret",
    "private",
    "access",
    "auth",
    "encryption",
    "encrypt",
    "crypt",
    "signing",
    "sign",
    "master",
    "account",
    "service",
    "app",
    "application",
    "client",
    "shared",
    "subscription",
    "license",
    "security",
    "secure",
    "webhook",
];

/// The words of a name, lower case: split at punctuation and where case changes.
fn words(name: &[u8]) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = vec![Vec::new()];
    for (at, &byte) in name.iter().enumerate() {
        let before = at.checked_sub(1).map(|i| name[i]);
        let after = name.get(at + 1);
        let starts = byte.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                || before.is_some_and(|b| b.is_ascii_uppercase())
                    && after.is_some_and(u8::is_ascii_lowercase));
        if starts || !(byte.is_ascii_alphanumeric() || byte >= 0x80) {
            words.push(Vec::new());
        }
        if byte.is_ascii_alphanumeric() || byte >= 0x80 {
            if let Some(word) = words.last_mut() {
                word.push(byte.to_ascii_lowercase());
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|known| known.as_bytes() == word)
}

/// What a name announces.
pub(super) fn promise(name: &[u8]) -> Promise {
    let words = words(name);
    // `password2`, `API_KEY_1`, `token_prod`: what a number or a place ends with does not change what it is.
    let trailing = |word: &[u8]| {
        word.iter().all(u8::is_ascii_digit)
            || is_one_of(
                word,
                &[
                    "prod",
                    "production",
                    "dev",
                    "staging",
                    "live",
                    "test",
                    "old",
                    "new",
                    "default",
                    "value",
                    "base64",
                    "b64",
                ],
            )
    };
    let end = words.iter().rposition(|word| !trailing(word)).map_or(0, |at| at + 1);
    let words = &words[..end];
    let Some(last) = words.last() else { return Promise::None };
    let last = last.strip_suffix(b"s").filter(|w| w.len() > 3 && !w.ends_with(b"s")).unwrap_or(last);
    let before = words.len().checked_sub(2).map(|at| words[at].as_slice());
    if is_one_of(last, &ABOUT) {
        return Promise::None;
    }
    let contains = |part: &str| memchr::memmem::find(last, part.as_bytes()).is_some();
    if is_one_of(
        last,
        &[
            "password",
            "passwd",
            "pwd",
            "passphrase",
            "pw",
            "pass",
            "userpass",
            "passwort",
            "contrasena",
            "senha",
            "motdepasse",
        ],
    ) || contains("password") && !contains("less")
        || contains("passwd")
    {
        return Promise::Strong;
    }
    if last.ends_with(b"secret")
        || last.ends_with(b"apikey")
        || last.ends_with(b"secretkey")
        || last.ends_with(b"accesskey")
        || last.ends_with(b"privatekey")
    {
        return Promise::Strong;
    }
    if last.ends_with(b"key") {
        return match before {
            Some(before) if is_one_of(before, &SECRET_KEYS) => Promise::Strong,
            Some(before) if is_one_of(before, &INNOCENT_KEYS) => Promise::None,
            _ if last == b"key" || last == b"authkey" => Promise::Weak,
            _ => Promise::None,
        };
    }
    if last.ends_with(b"token")
        || last == b"auth"
        || last == b"authorization"
        || last == b"credential"
        || last == b"cred"
    {
        let innocent = before.is_some_and(|b| {
            is_one_of(
                b,
                &[
                    "csrf",
                    "xsrf",
                    "cancellation",
                    "cancel",
                    "page",
                    "next",
                    "continuation",
                    "syntax",
                    "parse",
                    "current",
                ],
            )
        });
        return if innocent { Promise::None } else { Promise::Weak };
    }
    if last == b"pass" || last.ends_with(b"pwd") { Promise::Strong } else { Promise::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_what_they_say() {
        for name in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "spring.datasource.password",
            "client_secret",
            "API_KEY",
            "apiKey",
            "x-api-key",
            "clientSecret",
            "AWS_SECRET_ACCESS_KEY",
            "pwd",
            "password2",
        ] {
            assert_eq!(promise(name.as_bytes()), Promise::Strong, "{name}");
        }
        for name in ["token", "authToken", "key", "access_token", "Authorization"] {
            assert_eq!(promise(name.as_bytes()), Promise::Weak, "{name}");
        }
        for name in [
            "password_field",
            "tokenType",
            "keyboard",
            "monkey",
            "primary_key",
            "publicKey",
            "csrf_token",
            "secret_name",
            "passenger",
            "authors",
        ] {
            assert_eq!(promise(name.as_bytes()), Promise::None, "{name}");
        }
    }
}
