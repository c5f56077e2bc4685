//! Says why a value stands in for a secret rather than being one: `<YOUR_KEY>`, `${VAR}`, `changeme`, `xxxx`, `…EXAMPLE`.
//!
//! Asked for the tokens of every rule too. The trap: a long random token holds `xxx` or `1234` by chance, so what is
//! looked for inside grows with the length around it.

use super::present::Present;

/// Words that, standing alone or between marks, mean "put yours here".
const WORDS: [&[u8]; 38] = [
    b"changeme",
    b"changeit",
    b"change_me",
    b"change-me",
    b"replaceme",
    b"replace_me",
    b"replace-me",
    b"redacted",
    b"masked",
    b"placeholder",
    b"example",
    b"undefined",
    b"null",
    b"none",
    b"todo",
    b"tbd",
    b"fixme",
    b"insert",
    b"dummy",
    b"hidden",
    b"removed",
    b"censored",
    b"omitted",
    b"filtered",
    b"sanitized",
    b"scrubbed",
    b"truncated",
    b"yourpassword",
    b"yoursecret",
    b"yourtoken",
    b"yourkey",
    b"mypassword",
    b"enteryour",
    b"putyour",
    b"fakekey",
    b"notasecret",
    b"not-a-secret",
    b"topsecret",
];

/// Words that mark a value as an example wherever they stand between word boundaries.
const MARKS: [&[u8]; 17] = [
    b"examplekey",
    b"example",
    b"placeholder",
    b"changeme",
    b"redacted",
    b"your",
    b"dummy",
    b"sample",
    b"replace",
    b"insert",
    b"xxxx",
    b"change",
    b"fake",
    b"todo",
    b"here",
    b"masked",
    b"mock",
];

/// A stretch that follows the alphabet, the digits or a keyboard's row.
pub const SEQUENCE: &str = "a sequence of characters";

/// The reason for which `value` is no secret, or none when it may be one.
#[must_use]
pub fn why(value: &[u8]) -> Option<&'static str> {
    let length = value.len();
    if length == 0 {
        return Some("empty");
    }
    let present = Present::of(value);
    if let Some(reason) = template(value, &present) {
        return Some(reason);
    }
    if typed_number(value) {
        return Some("a number with its type");
    }
    let letters = value.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    if letters == 0
        && value.iter().all(|b| b.is_ascii_punctuation() || *b == b' ')
        && repeated(value) * 2 >= length
    {
        return Some("masked");
    }
    let run = repeated(value);
    // Eight alike are chance in no token; in a short value four are most of it.
    if run >= 8 || run == length && length > 1 || run >= 4 && run * 3 >= length {
        return Some("one character repeated");
    }
    if (present.has(b'*') || present.has(0xE2)) && masked_with_stars(value) {
        return Some("masked");
    }
    if length >= 6 && periodic(value) {
        return Some("a repeated piece");
    }
    let walk = sequential(value);
    if walk >= 10 || walk >= 5 && walk * 3 >= length * 2 {
        return Some(SEQUENCE);
    }
    let mut folded = [0u8; 64];
    let n = fold(value, &mut folded);
    let folded = &folded[..n];
    let first = folded.first();
    if WORDS.iter().any(|w| w.first() == first && (*w == folded || fold_equal(w, folded))) {
        return Some("a placeholder word");
    }
    marked(value, &present)
}

/// `503317506u32`: constants of generated code are called after passwords too.
fn typed_number(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count();
    let types = ["8", "16", "32", "64", "128", "size"];
    let (letter, width) = match &value[digits..] {
        [letter @ (b'u' | b'i' | b'f'), width @ ..] => (*letter, width),
        _ => return false,
    };
    digits > 0 && types.iter().any(|known| known.as_bytes() == width) && (letter != b'f' || width != b"size")
}

/// Letters and digits in lower case, marks left off.
fn fold(value: &[u8], into: &mut [u8; 64]) -> usize {
    let mut n = 0;
    for byte in value.iter().filter(|b| b.is_ascii_alphanumeric()) {
        if n == into.len() {
            return 0;
        }
        into[n] = byte.to_ascii_lowercase();
        n += 1;
    }
    n
}

fn fold_equal(word: &[u8], folded: &[u8]) -> bool {
    word.iter().filter(|b| b.is_ascii_alphanumeric()).eq(folded.iter())
}

/// `${VAR}`, `{{ x }}`, `<x>`, `%s`, `$(x)`, `%VAR%`, `#{x}`, `$VAR`, `[[x]]`, `__X__`, `@x@`.
fn template(value: &[u8], present: &Present) -> Option<&'static str> {
    let has = |piece: &[u8]| present.has_all(piece) && value.windows(piece.len()).any(|w| w == piece);
    let (first, last) = (*value.first()?, *value.last()?);
    if has(b"${") || has(b"#{") || has(b"{{") || has(b"$(") || has(b"<%") || has(b"{%") || has(b"}}") {
        return Some("a template");
    }
    if value.len() > 4
        && matches!(first, b'%' | b'@' | b'#')
        && value[1] == first
        && value.ends_with(&[first, first])
    {
        return Some("a template");
    }
    let inside = value.get(1..value.len() - 1).unwrap_or_default();
    let word = |part: &[u8]| {
        !part.is_empty()
            && part.iter().all(|b| b.is_ascii_alphanumeric() || b"_-. :/,'|".contains(b) || *b >= 0x80)
    };
    match (first, last) {
        (b'<', b'>') | (b'[', b']') | (b'{', b'}') | (b'%', b'%') if word(inside) => {
            return Some("a placeholder in brackets");
        }
        (b'@', b'@') if word(inside) => return Some("a template"),
        (b'<', b'>') if inside.starts_with(b"<") && inside.ends_with(b">") => {
            return Some("a placeholder in brackets");
        }
        _ => {}
    }
    if has(b"&lt;") || value.starts_with(b"<") && word(&value[1..]) {
        return Some("a placeholder in brackets");
    }
    if first == b'$' {
        let name = value.get(1..).unwrap_or_default();
        let name = name.strip_prefix(b"env:").unwrap_or(name);
        let variable = name.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let plain = variable > 0 && !name[0].is_ascii_digit();
        let only = variable == name.len() || matches!(name[variable], b'-' | b'[' | b'.' | b':' | b'(');
        let one_case = !name[..variable].iter().any(u8::is_ascii_lowercase)
            || !name[..variable].iter().any(u8::is_ascii_digit);
        if plain && only && one_case {
            return Some("a variable");
        }
        if name.len() == 1 && name[0].is_ascii_digit() {
            return Some("a variable");
        }
    }
    if first == b'{' && (last == b'}' || value[1..].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')) {
        return Some("a template");
    }
    // %s, %d, %(name)s, {0}
    if value.len() <= 24
        && (present.has(b'%') || present.has(b'{'))
        && (formats(value) || value.windows(3).any(|w| w[0] == b'{' && w[2] == b'}'))
        && value.iter().filter(|b| b.is_ascii_alphanumeric()).count() < 14
    {
        return Some("a format string");
    }
    if value.starts_with(b"__") && value.ends_with(b"__") && value.len() > 4 && word(inside) {
        return Some("a placeholder in brackets");
    }
    if has(b"...") || has("…".as_bytes()) {
        return Some("shortened");
    }
    None
}

/// True at `%s` and its kin, unless letters or digits stand on both sides: that is a password with a percent sign.
fn formats(value: &[u8]) -> bool {
    let alone = |byte: Option<&u8>| !byte.is_some_and(u8::is_ascii_alphanumeric);
    value.windows(2).enumerate().any(|(at, pair)| match pair {
        [b'%', b'('] => true,
        [b'%', b's' | b'd' | b'v' | b'q' | b'@'] => {
            alone(at.checked_sub(1).and_then(|before| value.get(before))) || alone(value.get(at + 2))
        }
        _ => false,
    })
}

/// The longest run of one byte, case folded.
fn repeated(value: &[u8]) -> usize {
    let mut best = 1;
    let mut run = 1;
    for pair in value.windows(2) {
        if pair[0].eq_ignore_ascii_case(&pair[1]) {
            run += 1;
            best = best.max(run);
        } else {
            run = 1;
        }
    }
    best
}

/// `ab***`, `****1234`, `[•••]`: four stars, bullets or crosses in a row.
fn masked_with_stars(value: &[u8]) -> bool {
    value.windows(3).any(|w| w == b"***") || value.windows(6).any(|w| w == "••".as_bytes())
}

/// The whole value is one piece of at most four bytes over and over, at least three times.
fn periodic(value: &[u8]) -> bool {
    (1..=4).any(|period| value.len() >= period * 3 && value[period..].iter().zip(value).all(|(a, b)| a == b))
}

/// The key to the right of each on a keyboard, 0 for none.
static NEXT_KEY: [u8; 128] = {
    let rows: [&[u8]; 4] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm", b"1234567890"];
    let mut next = [0; 128];
    let mut row = 0;
    while row < rows.len() {
        let mut at = 1;
        while at < rows[row].len() {
            next[rows[row][at - 1] as usize] = rows[row][at];
            at += 1;
        }
        row += 1;
    }
    next
};

/// The longest stretch in which each character follows the one before (`abcdef`, `12345`, `fedcba`, `qwerty`), in bytes.
fn sequential(value: &[u8]) -> usize {
    let follows = |a: u8, b: u8| {
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        let alike = a.is_ascii_alphabetic() == b.is_ascii_alphabetic();
        if !a.is_ascii_alphanumeric() || !b.is_ascii_alphanumeric() || !alike {
            return false;
        }
        a.abs_diff(b) == 1 || NEXT_KEY[usize::from(a)] == b
    };
    let mut best = 1;
    let mut run = 1;
    for pair in value.windows(2) {
        // abc123 goes on: a run may step from letters to digits.
        let step = pair[0].is_ascii_alphanumeric()
            && (pair[1] == b'1' || pair[1] == b'0' || pair[1].eq_ignore_ascii_case(&b'a'))
            && run >= 3;
        if follows(pair[0], pair[1]) || step {
            run += 1;
            best = best.max(run);
        } else {
            run = 1;
        }
    }
    best
}

/// A word of [`MARKS`] between boundaries (another kind of character, a change of case, an end) makes an example of a
/// value in which words are more than chance.
fn marked(value: &[u8], present: &Present) -> Option<&'static str> {
    // AWS writes it into the middle of its examples' tokens; seven capitals in a row are no chance.
    if present.has_all(b"example") && value.windows(7).any(|w| w == b"EXAMPLE") {
        return Some("an example");
    }
    let boundary = |at: usize| {
        at == 0 || at == value.len() || {
            let (a, b) = (value[at - 1], value[at]);
            !a.is_ascii_alphabetic()
                || !b.is_ascii_alphabetic()
                || a.is_ascii_lowercase() && b.is_ascii_uppercase()
        }
    };
    for mark in MARKS {
        if value.len() < mark.len() || !present.has_all(mark) {
            continue;
        }
        for at in 0..=value.len() - mark.len() {
            if !value[at..at + mark.len()].eq_ignore_ascii_case(mark) {
                continue;
            }
            let joined = value[at..at + mark.len()]
                .windows(2)
                .all(|w| w[0].is_ascii_lowercase() == w[1].is_ascii_lowercase())
                || value[at].is_ascii_uppercase()
                    && value[at + 1..at + mark.len()].iter().all(u8::is_ascii_lowercase);
            let strong = mark.len() >= 7 && joined;
            let whole = boundary(at) && boundary(at + mark.len()) && joined;
            // AKIA…EXAMPLE: seven letters in one case at the end are no chance.
            if strong && (whole || at + mark.len() == value.len() || value.len() < 24) {
                return Some("an example");
            }
            let marks = value.iter().filter(|b| matches!(b, b'_' | b'-' | b' ' | b'.')).count();
            if whole
                && mark.len() >= 4
                && (marks > 0 || value.len() <= 24)
                && value.len() <= 40
                && !value.iter().any(|b| matches!(b, b'+' | b'='))
            {
                return Some("a placeholder");
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_its_type_is_no_secret_and_digits_alone_may_be() {
        for value in ["503317506u32", "153i32", "1_000usize", "2f64"] {
            assert_eq!(why(value.as_bytes()), Some("a number with its type"), "{value}");
        }
        for value in ["503317506", "153u33", "u32", "12u32x"] {
            assert_ne!(why(value.as_bytes()), Some("a number with its type"), "{value}");
        }
    }

    #[test]
    fn a_verb_in_a_password_is_no_format_string() {
        for value in ["key-%s", "%s/token", "user%d", "%d:%s", "id=%v&"] {
            assert_eq!(why(value.as_bytes()), Some("a format string"), "{value}");
        }
        let mut random = crate::shape::Random::new("a password with a percent sign", 0);
        let password = crate::shape::generate("{base62:5}%v{base62:5}", &mut random).expect("a shape");
        assert_ne!(why(&password), Some("a format string"));
    }

    #[test]
    fn stand_ins_are_named() {
        for value in [
            "<YOUR_KEY>",
            "${VAR}",
            "{{ secret }}",
            "$(pass show x)",
            "$PASSWORD",
            "%s",
            "%(password)s",
            "changeme",
            "change_me",
            "CHANGE-ME",
            "your-api-key-here",
            "YOUR_API_KEY",
            "xxxxxxxx",
            "XXXX-XXXX",
            "********",
            "abc***",
            "...",
            "sk-...",
            "12345678",
            "abcdefgh",
            "qwertyuiop",
            "abcabcabc",
            "[redacted]",
            "REDACTED",
            "<password>",
            "example",
            "my-example-token",
            "%PASSWORD%",
            "#{pass}",
            "__TOKEN__",
            "$env:TOKEN",
            "abc123",
            "123456",
            "00000000000000000000",
            "{password}",
            "@secret@",
            "insert-token-here",
            "PLACEHOLDER_VALUE",
            "••••••",
        ] {
            assert!(why(value.as_bytes()).is_some(), "{value}");
        }
        let aws = format!("AKIA{}EXAMPLE", "IOSFODNN7");
        assert!(why(aws.as_bytes()).is_some());
    }

    #[test]
    fn secrets_are_left_alone() {
        for value in [
            "supersecret",
            "hunter2",
            "Winter2024!",
            "correcthorsebattery",
            "secret123",
            "sk-live-abc123",
            "Tr0ub4dor&3",
            "pa$$w0rd!",
            "q8#Lz!0v",
            "$ecureMe1",
            "aXxxZ81kPqT0",
            "9f8e7d6c5b4a39281706",
        ] {
            assert_eq!(why(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn random_tokens_pass() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut state = 0x9E37_79B9_7F4A_7C15u64;
        for _ in 0..20_000 {
            let token: Vec<u8> = (0..40)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    alphabet[(state >> 33) as usize % alphabet.len()]
                })
                .collect();
            assert_eq!(why(&token), None, "{}", String::from_utf8_lossy(&token));
        }
    }
}
