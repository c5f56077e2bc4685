//! Values that stand for a secret instead of being one.
//!
//! Hands on the reason, in words. The trap: a random token may hold the letters of `test` by chance, so a word counts only
//! where it fills a good part of the value or is set off by punctuation.

/// Words that people write where a secret goes. Lower case.
const WORDS: [&str; 41] = [
    "example",
    "changeme",
    "change",
    "replace",
    "insert",
    "enter",
    "your",
    "yours",
    "placeholder",
    "dummy",
    "sample",
    "fake",
    "redacted",
    "masked",
    "hidden",
    "removed",
    "censored",
    "secret-here",
    "here",
    "todo",
    "fixme",
    "tbd",
    "none",
    "null",
    "nil",
    "undefined",
    "empty",
    "default",
    "xxx",
    "foo",
    "foobar",
    "bar",
    "baz",
    "mysecret",
    "mypassword",
    "mytoken",
    "notarealkey",
    "not-real",
    "invalid",
    "goes",
    "put",
];

/// Whole values that are nobody's secret. Lower case.
const WHOLE: [&str; 44] = [
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "apikey",
    "api_key",
    "api-key",
    "credentials",
    "credential",
    "auth",
    "user",
    "username",
    "string",
    "str",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "test",
    "tests",
    "testing",
    "value",
    "abc",
    "abc123",
    "text",
    "number",
    "required",
    "optional",
    "login",
    "bearer",
    "basic",
    "s3cr3t",
    "secretkey",
    "secret_key",
    "accesskey",
    "mypass",
    "passphrase",
    "name",
    "p@ssw0rd",
];

/// Why the value is a placeholder; `None` when it may be real.
#[must_use]
pub fn why(value: &[u8]) -> Option<&'static str> {
    let trimmed = value.trim_ascii();
    if trimmed.is_empty() {
        return Some("it is empty");
    }
    if is_reference(trimmed) {
        return Some("it refers to a value that stands elsewhere");
    }
    if is_repeated(trimmed) {
        return Some("it repeats or counts up characters");
    }
    let lower = trimmed.to_ascii_lowercase();
    if WHOLE.iter().any(|word| word.as_bytes() == lower) || holds_word(&lower) {
        return Some("it says that it is a placeholder");
    }
    None
}

/// `${VAR}`, `$VAR`, `{{ x }}`, `<your key>`, `%(name)s`, `%s`, `@Value@`, `#{x}`, `[key]`, `***`.
fn is_reference(value: &[u8]) -> bool {
    let inside = |open: &[u8], close: &[u8]| value.starts_with(open) && value.ends_with(close);
    let variable = |rest: &[u8]| {
        !rest.is_empty() && rest.iter().all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(b))
    };
    let upper = |rest: &[u8]| variable(rest) && !rest.iter().any(u8::is_ascii_lowercase);
    value.strip_prefix(b"$").is_some_and(|rest| {
        upper(rest) && !rest[0].is_ascii_digit() || rest.first() == Some(&b'{') || rest.first() == Some(&b'(')
    }) || inside(b"{{", b"}}")
        || inside(b"{", b"}")
        || inside(b"<", b">")
        || inside(b"#{", b"}")
        || inside(b"[", b"]")
        || inside(b"%(", b")s")
        || inside(b"%", b"%") && value.len() > 2
        || inside(b"__", b"__") && value.len() > 4
        || inside(b"@", b"@") && value.len() > 2
        || memchr::memmem::find(value, b"${").is_some()
        || memchr::memmem::find(value, b"{{").is_some()
        || memchr::memmem::find(value, b"<%").is_some()
        || matches!(value, b"%s" | b"%v" | b"%d" | b"%r" | b"%q" | b"{}" | b"?")
}

/// One or two characters over and over, or a run along the alphabet, digits or keyboard.
fn is_repeated(value: &[u8]) -> bool {
    let core: Vec<u8> =
        value.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    if core.is_empty() {
        return value.iter().all(|b| b"*.-_#x? ".contains(b) || *b >= 0x80) || value.len() < 4;
    }
    let mut seen = [false; 256];
    core.iter().for_each(|b| seen[usize::from(*b)] = true);
    let distinct = seen.iter().filter(|s| **s).count();
    if core.len() >= 6 && (distinct <= 2 || distinct == 3 && core.len() >= 12) {
        return true;
    }
    // A tail of the same letter: `AKIAXXXXXXXXXXXX`.
    let last = core[core.len() - 1];
    let run = core.iter().rev().take_while(|b| **b == last).count();
    if run >= 6 && run * 2 >= core.len() || value.iter().filter(|b| **b == b'*').count() * 2 > value.len() {
        return true;
    }
    if value.windows(3).any(|w| w == b"...") || memchr::memmem::find(value, "…".as_bytes()).is_some() {
        return true;
    }
    let steps = |step: i16| core.windows(2).filter(|w| i16::from(w[1]) - i16::from(w[0]) == step).count();
    let walks = steps(1).max(steps(-1));
    if core.len() >= 8 && walks * 4 >= (core.len() - 1) * 3 {
        return true;
    }
    const KEYBOARD: [&[u8]; 3] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];
    KEYBOARD.iter().any(|row| core.len() >= 5 && row.starts_with(&core[..core.len().min(row.len())]))
}

/// A placeholder's word that fills half of the value, or stands between punctuation.
fn holds_word(lower: &[u8]) -> bool {
    let separator = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric());
    WORDS.iter().any(|word| {
        let word = word.as_bytes();
        memchr::memmem::find_iter(lower, word).any(|at| {
            let alone = separator(at.checked_sub(1).and_then(|i| lower.get(i)))
                && separator(lower.get(at + word.len()));
            let letters = lower.iter().filter(|b| b.is_ascii_alphanumeric()).count();
            (alone && (lower.len() <= 48 || word.len() >= 6)) || word.len() >= 4 && word.len() * 2 > letters
                // Seven letters do not turn up in the right order by chance: 41 words in 36^7.
                || word.len() >= 7
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told() {
        for value in [
            "<YOUR_KEY>",
            "changeme",
            "change-me",
            "${VAR}",
            "$DB_PASSWORD",
            "{{ secrets.TOKEN }}",
            "%(password)s",
            "xxxxxxxxxxxx",
            "****",
            "your-api-key-here",
            "AKIAIOSFODNN7EXAMPLE",
            "REDACTED",
            "abcdefghijkl",
            "1234567890",
            "password",
            "sk_test_xxxxxxxxxxxxxxxx",
            "00000000-0000-0000-0000-000000000000",
            "...",
            "qwerty",
            "my_dummy_token",
            "#{password}",
            "@db.password@",
            "INSERT_TOKEN",
            "ghp_XXXXXXXXXXXXXXXXXXXXXXXX",
        ] {
            assert!(why(value.as_bytes()).is_some(), "{value}");
        }
    }

    #[test]
    fn real_looking_values_are_not() {
        for value in [
            "supersecret",
            "sk-live-abc123",
            "secret123",
            "hunter2",
            "Winter2024!",
            "correcthorsebattery",
            "$ecr3t!pw",
        ] {
            assert_eq!(why(value.as_bytes()), None, "{value}");
        }
    }
}
