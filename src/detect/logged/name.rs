//! Which names say that their value is a secret, and whether a name in a call is handed over whole.
//!
//! The trap: `password_hash`, `token_type`, `max_tokens` and `csrf_token` say nothing of the kind, and a bare `token` is a
//! lexer's as often as a service's: the message beside it decides.

use std::ops::Range;

/// The longest name that is looked at, in bytes.
const LONGEST: usize = 48;

/// Words behind the one that says it, which leave the value what it is.
const BEHIND: [&str; 9] = ["value", "val", "str", "string", "text", "plain", "plaintext", "raw", "env"];

/// Words that are a secret by themselves.
const ALONE: [&str; 8] =
    ["password", "passwd", "passphrase", "passcode", "pwd", "secret", "apikey", "secretkey"];

/// What stands before `key` when it is a secret one.
const KEYS: [&str; 8] = ["api", "secret", "private", "access", "signing", "encryption", "master", "account"];

/// What stands before `token` when it lets somebody in.
const TOKENS: [&str; 36] = [
    "access", "auth", "api", "bearer", "refresh", "session", "jwt", "oauth", "oauth2", "github", "gitlab",
    "slack", "bot", "secret", "user", "admin", "login", "service", "deploy", "registry", "npm", "pypi",
    "vault", "client", "app", "personal", "private", "id", "gh", "ci", "telegram", "discord", "security",
    "device", "hf", "sas",
];

/// What stands before `pass` when it is a password.
const PASSES: [&str; 11] =
    ["db", "user", "admin", "mysql", "smtp", "root", "login", "ftp", "ssh", "redis", "postgres"];

/// Words that make the whole name something else.
const HARMLESS: [&str; 62] = [
    "hash",
    "hashed",
    "encrypted",
    "masked",
    "redacted",
    "obfuscated",
    "hidden",
    "public",
    "has",
    "is",
    "no",
    "missing",
    "invalid",
    "need",
    "needs",
    "require",
    "required",
    "requires",
    "use",
    "using",
    "enable",
    "enabled",
    "disable",
    "forgot",
    "csrf",
    "xsrf",
    "next",
    "page",
    "continuation",
    "cancel",
    "cancellation",
    "pagination",
    "sort",
    "partition",
    "cache",
    "num",
    "max",
    "min",
    "total",
    "count",
    "len",
    "type",
    "field",
    "prompt",
    "label",
    "file",
    "path",
    "url",
    "error",
    "err",
    "policy",
    "hint",
    "expired",
    "valid",
    "should",
    "fake",
    "dummy",
    "example",
    "mock",
    "sample",
    "lexer",
    "salt",
];

/// Members and calls behind a name that hand the same value on.
const SAME: [&str; 14] = [
    "tostring",
    "to_string",
    "to_s",
    "str",
    "as_str",
    "decode",
    "trim",
    "strip",
    "unwrap",
    "expose_secret",
    "clone",
    "value",
    "inspect",
    "getvalue",
];

/// The name around a keyword, when it may be handed to a call: most are keys of a table or words of a text.
pub(super) fn around(text: &[u8], hit: &Range<usize>) -> Option<Range<usize>> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let behind = text[hit.end..].iter().take(LONGEST).take_while(is_part).count();
    let end = hit.end + behind;
    // getApiKey()
    let is_asked = text[end..].starts_with(b"()");
    if !is_asked
        && !matches!(
            text.get(end).copied().unwrap_or(b'\n'),
            b')' | b','
                | b'}'
                | b'.'
                | b'"'
                | b'\''
                | b']'
                | b' '
                | b'\n'
                | b'\r'
                | b'!'
                | b':'
                | b'+'
                | b';'
                | b'?'
                | b'='
        )
    {
        return None;
    }
    let before = text[..hit.start].iter().rev().take(LONGEST).take_while(is_part).count();
    (before + hit.len() + behind <= LONGEST).then(|| hit.start - before..end)
}

/// Lower-case words of a name: `apiKey`, `API_KEY`, `api_key` are the same.
fn words(name: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = b'_';
    for (index, &byte) in name.iter().enumerate() {
        let next_is_lower = name.get(index + 1).is_some_and(u8::is_ascii_lowercase);
        let starts = byte.is_ascii_uppercase()
            && (last.is_ascii_lowercase() || last.is_ascii_digit() || next_is_lower);
        if byte == b'_' || byte == b'$' {
            last = b'_';
            continue;
        }
        if starts || last == b'_' || words.is_empty() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(byte.to_ascii_lowercase() as char);
        }
        last = byte;
    }
    words
}

/// True when the last words of the name at this place say secret, and none of the others takes it back.
pub(super) fn says_secret(text: &[u8], name: &Range<usize>) -> bool {
    let before = &text[..name.start];
    let is_member = before.ends_with(b".") || before.ends_with(b"->");
    let name = &text[name.clone()];
    // `AccessToken` is a class; as a member it is a field.
    let pascal = name.first().is_some_and(u8::is_ascii_uppercase) && name.iter().any(u8::is_ascii_lowercase);
    if pascal && !is_member {
        return false;
    }
    let mut words = words(name);
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| BEHIND.contains(&word.as_str()) || word.bytes().all(|b| b.is_ascii_digit()))
    {
        words.pop();
    }
    if words.iter().any(|word| HARMLESS.contains(&word.as_str())) {
        return false;
    }
    let Some((last, before)) = words.split_last() else { return false };
    let before = before.last().map_or("", String::as_str);
    match last.as_str() {
        "key" => KEYS.contains(&before),
        // The name of a variable of the environment.
        "token" => {
            before.is_empty()
                || before == "get"
                || TOKENS.contains(&before)
                || name.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
        }
        "pass" => PASSES.contains(&before),
        last => ALONE.contains(&last) || last.ends_with("password"),
    }
}

/// Words of those who read languages: their tokens are no secrets.
const OF_PARSERS: [&str; 17] = [
    "expect",
    "pars",
    "syntax",
    "lex",
    "grammar",
    "keyword",
    "identifier",
    "operator",
    "eof",
    "line",
    "column",
    "position",
    "offset",
    "kind",
    "next",
    "current",
    "stream",
];

/// True for a bare `token` that its message calls one too, without a word of a parser's: `"token: %s", token`, `{ token }`.
pub(super) fn is_announced(bytes: &[u8], own: &Range<usize>, call: &Range<usize>) -> bool {
    if !matches!(bytes[own.clone()].to_ascii_lowercase().as_slice(), b"token" | b"gettoken" | b"get_token") {
        return true;
    }
    let message = String::from_utf8_lossy(&bytes[call.clone()]).to_ascii_lowercase();
    let shorthand = bytes[..own.start].trim_ascii_end().ends_with(b"{")
        && bytes[own.end..].trim_ascii_start().starts_with(b"}");
    let named = message.matches("token").count() > 1;
    let quoted = shorthand && bytes[own.start - 1] == b' ';
    (named || quoted) && !OF_PARSERS.iter().any(|word| message.contains(word))
}

/// True when the name at `own` is an expression, in or outside of a string, and nothing is asked about it.
pub(super) fn is_printed(bytes: &[u8], own: &Range<usize>, call: &Range<usize>) -> bool {
    let quote = open_quote(bytes, call.start, own.start);
    let chain = chain_start(bytes, own.start, call.start);
    let before = &bytes[..chain];
    let sigil = bytes[chain] == b'$';
    let word: Vec<u8> = bytes[call.clone()]
        .iter()
        .take_while(|b| !b.is_ascii_whitespace())
        .map(u8::to_ascii_lowercase)
        .collect();
    let shell = word == b"echo" || word == b"printf" || word.starts_with(b"write-") || word == b"logger";
    match quote {
        None => {
            if shell && before.ends_with(b"${") {
                return is_whole(&bytes[own.end..], true);
            }
            // ${{ secrets.NAME }}
            if shell && bytes[chain..].starts_with(b"secrets.") && before.trim_ascii_end().ends_with(b"${{") {
                return bytes[own.end..].trim_ascii_start().starts_with(b"}}");
            }
            if shell && !sigil || comment_between(&bytes[call.start..own.start]) {
                return false;
            }
            let before = before.trim_ascii_end();
            let open = before.last().is_none_or(|b| {
                matches!(b, b'(' | b',' | b'+' | b'{' | b'[' | b'=' | b':' | b'&' | b'*' | b'%' | b'.')
            });
            let spoken = before.len() < chain
                && before.last().is_some_and(u8::is_ascii_alphanumeric)
                && before.len() == call.start + word.len();
            // tracing's `?name`
            let open = open || before.ends_with(b"=>") || bytes[..chain].ends_with(b"(?");
            let asked = before.ends_with(b"!=") || before.ends_with(b"==") || before.ends_with(b"&&");
            (open || spoken || before.last() == Some(&b'"') && shell)
                && !asked
                && is_whole(&bytes[own.end..], false)
        }
        Some(at) => {
            let quote = bytes[at];
            let last = before.last();
            // config["password"], getenv("PASSWORD")
            if last == Some(&quote)
                && chain == own.start
                && bytes.get(own.end) == Some(&quote)
                && before.len() == at + 1
            {
                let opener = &bytes[..at];
                let subscript = opener.ends_with(b"[")
                    && opener.len() > 1
                    && (opener[opener.len() - 2].is_ascii_alphanumeric()
                        || matches!(opener[opener.len() - 2], b'_' | b')'));
                let asked_for = [&b"getenv("[..], b"environ.get(", b"env(", b"ENV.fetch("]
                    .iter()
                    .any(|call| opener.ends_with(call));
                let close = bytes.get(own.end + 1);
                return (subscript && close == Some(&b']') || asked_for && close == Some(&b')'))
                    && is_whole(&bytes[own.end + 2..], false);
            }
            let before_brace = before.strip_suffix(b"{");
            let interpolated = match before_brace {
                // ${name}, #{name}, {$name}; f"{name}", $"{name}", println!("{name}")
                Some(before) => {
                    before.ends_with(b"$") && quote != b'\''
                        || before.ends_with(b"#") && quote == b'"'
                        || sigil && quote == b'"'
                        || is_formatted(&bytes[..at])
                        || bytes[call.clone()]
                            .iter()
                            .position(|b| *b == b'(')
                            .is_some_and(|open| bytes[..call.start + open].ends_with(b"!"))
                }
                None => sigil && quote != b'\'',
            };
            interpolated && is_whole(&bytes[own.end..], true)
        }
    }
}

/// `f"`, `rf'`, `$"`, `$@"`, also of three quotes.
fn is_formatted(before_quote: &[u8]) -> bool {
    let bytes = before_quote
        .strip_suffix(b"\"\"")
        .or_else(|| before_quote.strip_suffix(b"''"))
        .unwrap_or(before_quote);
    let prefix = bytes.iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
    let letters = &bytes[bytes.len() - prefix..];
    letters.len() <= 2 && letters.iter().any(|b| matches!(b, b'f' | b'F'))
        || matches!(bytes.last(), Some(b'$' | b'@'))
}

/// The opening quote of the string in which `to` stands.
fn open_quote(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    let mut open: Option<usize> = None;
    let mut at = from;
    while at < to {
        match (open, bytes[at]) {
            (_, b'\\') => at += 1,
            (None, b'"' | b'\'' | b'`') => open = Some(at),
            (Some(start), byte) if byte == bytes[start] => open = None,
            _ => {}
        }
        at += 1;
    }
    open
}

/// Where the dotted expression begins whose last part is the name.
fn chain_start(bytes: &[u8], name: usize, least: usize) -> usize {
    let mut start = name;
    while start > least {
        let byte = bytes[start - 1];
        let arrow = byte == b'>' && start > 1 && bytes[start - 2] == b'-'
            || byte == b'-' && bytes.get(start) == Some(&b'>');
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'@') || arrow) {
            break;
        }
        start -= 1;
    }
    start
}

fn comment_between(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b" // ").is_some() || memchr::memmem::find(bytes, b" # ").is_some()
}

/// True when what follows the name takes nothing from it and asks nothing about it.
fn is_whole(after: &[u8], in_string: bool) -> bool {
    let after = after.strip_prefix(b"()").unwrap_or(after);
    if let Some(rest) = after.strip_prefix(b".").or_else(|| after.strip_prefix(b"?.")) {
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let member = String::from_utf8_lossy(&rest[..length]).to_ascii_lowercase();
        if length == 0 {
            // A full stop behind `$name` in a text.
            return in_string;
        }
        if !SAME.contains(&member.as_str()) {
            return false;
        }
        return is_whole(&rest[length..], in_string);
    }
    if in_string {
        return match after.first() {
            None
            | Some(b'}' | b' ' | b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b'!' | b'=' | b')' | b'\r') => {
                true
            }
            // A format; in a shell `:+` and a number cut it.
            Some(b':') => !matches!(after.get(1), Some(b'+' | b'0'..=b'9')),
            _ => false,
        };
    }
    let trimmed = after.trim_ascii_start();
    match trimmed.first() {
        None | Some(b')' | b',' | b'+' | b']' | b'}' | b';' | b'%' | b'"') => !trimmed.starts_with(b"+="),
        _ => false,
    }
}
