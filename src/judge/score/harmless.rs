//! Names whose token or key opens nothing: places in a list, one-time marks of a request, keys of a cache.
//!
//! Hands on the reason. The trap: most words before "token" or "key" say what it opens (`primaryKey` is Azure's word for a
//! secret), so only words that leave no doubt are listed.

use super::words::Words;
use crate::detect::assignment::Form;

/// Words before "token": where a list goes on, what changed since, or which request this is.
const OF_LISTS: [&str; 17] = [
    "next",
    "page",
    "pagination",
    "continuation",
    "starting",
    "previous",
    "prev",
    "scroll",
    "resume",
    "sync",
    "delta",
    "change",
    "idempotency",
    "dkim",
    "request",
    "action",
    "cursor",
];
/// Words before "key": where something is kept or put, not what opens it.
const OF_CACHES: [&str; 9] =
    ["cache", "cached", "sort", "partition", "foreign", "idempotency", "shortcut", "dedup", "routing"];

/// `echo $line | awk …` in backticks of a shell.
fn is_a_command(value: &[u8]) -> bool {
    const PROGRAMS: [&[u8]; 8] = [b"echo", b"awk", b"cat", b"grep", b"sed", b"openssl", b"head", b"date"];
    let Some(blank) = memchr::memchr(b' ', value) else { return false };
    let rest = &value[blank..];
    PROGRAMS.contains(&&value[..blank])
        && (rest.iter().any(|b| matches!(b, b'$' | b'|')) || rest.windows(2).any(|w| w == b" -"))
}

/// `artifact:1.2.3` of Maven and Gradle, behind the group's name.
fn is_a_package(value: &[u8]) -> bool {
    let Some(colon) = memchr::memrchr(b':', value) else { return false };
    let (name, version) = (&value[..colon], &value[colon + 1..]);
    let named = |b: &u8| b.is_ascii_lowercase() || matches!(b, b'-' | b'.' | b':' | b'_');
    name.len() >= 3
        && name.iter().all(named)
        && version.first().is_some_and(u8::is_ascii_digit)
        && version.contains(&b'.')
        && version.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

fn holds(value: &[u8], word: &[u8]) -> bool {
    value.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// Keys that are pressed, and ids of keys that anybody may have.
fn of_a_keyboard_or_ring(words: &Words, value: &[u8], form: Form) -> Option<&'static str> {
    const PRESSED: [&str; 10] = [
        "keycode",
        "keycodes",
        "keymap",
        "keysym",
        "keysyms",
        "keyboard",
        "keybinding",
        "keybindings",
        "keystroke",
        "keystrokes",
    ];
    const HELD: [&str; 6] = ["multi", "send", "detach", "hot", "arrow", "modifier"];
    const RING: [&str; 5] = ["recv", "receive", "fetch", "delete", "edit"];
    let one = |list: &[&str], word: &[u8]| list.iter().any(|w| w.as_bytes() == word);
    let (last, before) = (words.get(0), words.get(1));
    let key = matches!(last, b"key" | b"keys");
    // A test that types a password calls `send_keys("…")`.
    let pressed =
        last == b"sendkeys" || key && one(&HELD, before) && !value.iter().all(u8::is_ascii_hexdigit);
    if last.starts_with(b"key") && one(&PRESSED, last) || pressed && form != Form::Argument {
        return Some("keys of a keyboard");
    }
    let id = value.strip_prefix(b"0x").unwrap_or(value);
    let id = matches!(id.len(), 8 | 16 | 40) && id.iter().all(u8::is_ascii_hexdigit);
    let ring = one(&RING, before) || key && words.any(&["ppa", "apt", "gpg", "pgp"]);
    (id && key && ring).then_some("the id of a public key")
}

pub(super) fn why(words: &Words, name: &[u8], value: &[u8], form: Form) -> Option<&'static str> {
    // "Pass 'x' to it", "PASS: test 7": the verb, and what a test says.
    if name.eq_ignore_ascii_case(b"pass") && matches!(form, Form::Blank | Form::Prose)
        || matches!(name, b"PASS" | b"XPASS")
            && form == Form::Yaml
            && (value.contains(&b'/') || !value.iter().any(u8::is_ascii_digit))
    {
        return Some("a sentence or a test's result");
    }
    // `PWD` is POSIX's name for the folder that one is in, as an environment's print has it.
    if (name == b"OLDPWD" || name.eq_ignore_ascii_case(b"pwd")) && is_folder(value) {
        return Some("the path of a folder");
    }
    let flag = value.strip_prefix(b"--").or(value.strip_prefix(b"-")).unwrap_or_default();
    let flag = &flag[..flag.iter().position(|b| matches!(b, b' ' | b'=')).unwrap_or(flag.len())];
    if !flag.is_empty()
        && flag.len() < 24
        && (flag.len() == 1 || flag.iter().all(|b| b.is_ascii_lowercase() || *b == b'-'))
    {
        return Some("a flag");
    }
    // `--password=PASSWORD` in a command's help, in any language.
    if form == Form::Flag && value.iter().all(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-')) {
        return Some("a word for the value");
    }
    let capitals = value.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_punctuation());
    if words.any(&["psk"]) && (capitals || holds(value, b"psk")) {
        return Some("an algorithm's name");
    }
    let place = matches!(value, [b'/' | b'~', ..] | [b'.', b'/', ..])
        && value.iter().filter(|b| **b == b'/').count() > 1;
    let socket = matches!(words.get(0), b"sock" | b"socket");
    if place && (socket || super::name::is_setting(words)) {
        return Some("the name says that it is a file");
    }
    if value.iter().take(200).any(|b| b.is_ascii_control() && !b.is_ascii_whitespace()) {
        return Some("bytes that are no text");
    }
    if is_a_command(value) {
        return Some("a command whose output is meant");
    }
    if is_a_package(value) {
        return Some("a package and its version");
    }
    if words.get(0) == b"nonce" {
        return Some("the name says that it is used once");
    }
    let anybody = |mark: u8, word: &[u8]| memchr::memchr(mark, value).is_some() && holds(value, word);
    if anybody(b'y', b"anonymous") || anybody(b'v', b"anoncvs") {
        return Some("anybody may know it");
    }
    if let Some(reason) = of_a_keyboard_or_ring(words, value, form) {
        return Some(reason);
    }
    if ["credit", "credits", "error", "exception"].iter().any(|w| w.as_bytes() == words.get(0)) {
        return Some("the name says something else");
    }
    if value.starts_with(b"arn:aws") {
        return Some("the name of a resource");
    }
    if name.ends_with(b"PublicKeyToken") {
        return Some("the name says that it is public");
    }
    let label = words.any(&["label", "title", "forgot", "placeholder"]);
    if label && !value.iter().any(u8::is_ascii_digit) {
        return Some("the name says that people read it");
    }
    // Logs number sessions with a few hex digits; what lets somebody in has at least 64 bits.
    let hexadecimal = value.iter().all(u8::is_ascii_hexdigit);
    if words.get(0) == b"session" && value.len() < 16 && hexadecimal {
        return Some("a session's number");
    }
    let (last, before) = (words.get(0), words.get(1));
    let one = |list: &[&str], word: &[u8]| list.iter().any(|w| w.as_bytes() == word);
    if one(&["token", "tokens"], last) && one(&OF_LISTS, before) {
        return Some("the name says that it marks a place or a request");
    }
    let cached = words.iter().any(|word| word == b"cache" || word == b"cached");
    if one(&["key", "keys"], last) && (one(&OF_CACHES, before) || cached) {
        return Some("the name says where something is kept");
    }
    // AWS signs with a scope that names key, day, region and service.
    value
        .ends_with(b"/aws4_request")
        .then_some("the scope of a signature")
        .or_else(|| value.ends_with(b"%2Faws4_request").then_some("the scope of a signature"))
}

/// An absolute path of several parts: `/srv/app`, `C:\app`, `/c/app`.
fn is_folder(value: &[u8]) -> bool {
    let drive = value.len() > 3
        && value[0].is_ascii_alphabetic()
        && value[1] == b':'
        && matches!(value[2], b'/' | b'\\');
    let is_part = |b: &u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'/' | b'\\' | b'.' | b'_' | b'-' | b' ' | b':' | b'+')
    };
    (drive || value.starts_with(b"/") && value[1..].contains(&b'/')) && value.iter().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harmless(name: &str, value: &str, form: Form) -> bool {
        why(&Words::of(name.as_bytes()), name.as_bytes(), value.as_bytes(), form).is_some()
    }

    #[test]
    fn places_requests_and_caches_are_told_from_what_opens() {
        for name in [
            "NextToken",
            "nextPageToken",
            "ClientRequestToken",
            "cache_key",
            "self.cached_token_key",
            "sync-token",
            "KeyError",
        ] {
            assert!(harmless(name, "x7", Form::Entry), "{name}");
        }
        for name in ["token", "access_token", "primaryKey", "key", "api_key", "request_key", "client_token"] {
            assert!(!harmless(name, "x7", Form::Entry), "{name}");
        }
        assert!(harmless("credential", "AK/20110909/us-west-2/ec2/aws4_request", Form::Assigned));
    }

    #[test]
    fn sentences_results_of_tests_and_flags_are_no_values() {
        for folder in ["/srv/a1/i7/x", "/home/runner/work/app 2", "C:\\\\build\\\\7", "D:/a/1/s"] {
            assert!(
                harmless("PWD", folder, Form::Line) && harmless("OLDPWD", folder, Form::Line),
                "{folder}"
            );
        }
        assert!(harmless("SSH_AUTH_SOCK", "/tmp/ssh-a1B2c3/agent.12", Form::Line));
        assert!(!harmless("PWD", "/x7", Form::Line) && !harmless("DB_PASSWORD", "/srv/a1/i7", Form::Line));
        assert!(harmless("session", "07f062cec7b3", Form::Entry));
        assert!(!harmless("session", "07f062cec7b307f0", Form::Entry));
        assert!(harmless("LABEL_PASSWORD", "Wachtwoord", Form::Entry));
        assert!(!harmless("LABEL_PASSWORD", "Wacht7oord", Form::Entry));
        assert!(harmless("key", "arn:aws:kms:eu-west-3:0123:key/5", Form::Entry));
        assert!(harmless("Pass", "bulk_ops", Form::Blank));
        assert!(harmless("PASS", "ld-misc/defsym1", Form::Yaml));
        assert!(harmless("password", "--symmetric", Form::Blank));
        assert!(harmless("pass", "-I m4", Form::Assigned));
        assert!(!harmless("pass", "hunter2", Form::Yaml));
        assert!(!harmless("PASS", "hunter2", Form::Line));
        assert!(!harmless("password", "-Xk2!", Form::Assigned));
    }

    #[test]
    fn words_of_help_keys_that_are_pressed_and_ids_of_public_keys() {
        for (name, value, form) in [
            ("password", "WACHTWOORD", Form::Flag),
            ("ftp-password", "HESLO", Form::Flag),
            ("xkb_keycodes", "lk401bj", Form::Blank),
            ("SendKeys", "ma1GV4jy", Form::Blank),
            ("detach_keys", "ctrl-p,ctrl-q", Form::Assigned),
            ("recv-keys", "0123456789ABCDEF0123456789ABCDEF01234567", Form::Flag),
            ("ppa_key", "E1DF1F24", Form::Assigned),
            ("SN_kx_psk", "KxPSK", Form::Blank),
            ("private_key_file", "/tmp/a8x/identity", Form::Yaml),
            ("pass", "-anonymous@", Form::Assigned),
            ("password", "q\u{10}7x", Form::Assigned),
            ("Passwd", "awk '/x/{print $2}' list.txt", Form::Assigned),
            ("token", "jjwt-gson:0.11.2", Form::Yaml),
            ("oauth_nonce", "sTj7Ivg73u052eX", Form::Argument),
        ] {
            assert!(harmless(name, value, form), "{name} {value:?}");
        }
        for (name, value, form) in [
            ("password", "WACHTWOORD", Form::Yaml),
            ("password", "HESLO77", Form::Flag),
            ("password", "cat7 dog8", Form::Assigned),
            ("auth", "admin:1234.5x", Form::Yaml),
            ("send_keys", "ma1GV4jy", Form::Argument),
            ("function_key", "0123456789ABCDEF0123456789ABCDEF01234567", Form::Flag),
            ("psk", "lk401bj", Form::Line),
            ("private_key", "/a8x/identity", Form::Yaml),
        ] {
            assert!(!harmless(name, value, form), "{name} {value:?}");
        }
    }
}
