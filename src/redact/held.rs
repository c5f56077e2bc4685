//! Tells whether a text ends inside a private key of several lines, which only its last line makes whole.
//!
//! Hands on where such a block begins. The trap: a log may quote the first line of a key in a sentence; then what follows
//! looks like no key, and nothing must be held.

use std::ops::Range;

/// First lines of headers that stand in a key block above its body.
const HEADERS: [&[u8]; 12] = [
    b"Proc-Type:",
    b"DEK-Info:",
    b"Version:",
    b"Comment:",
    b"Encryption:",
    b"Public-Lines:",
    b"Private-Lines:",
    b"Private-Hash:",
    b"Key-Derivation:",
    b"Argon2-",
    b"Subject:",
    b"Hash:",
];

/// The last word of a line of a key's body has at least so many characters.
const LEAST_BODY: usize = 16;

/// And at most so many, when its lines were joined.
const MOST_BODY: usize = 8192;

/// Where the line starts that opens a block whose end is not there yet.
pub(super) fn open_block(text: &[u8]) -> Option<usize> {
    let pem = memchr::memmem::find_iter(text, b"PRIVATE KEY").filter(|at| is_begin(text, *at)).last();
    let putty = memchr::memmem::find_iter(text, b"PuTTY-User-Key-File-").last();
    let at = pem.max(putty)?;
    let opener = line_around(text, at);
    let after = &text[at..opener.end];
    let closed = |line: &[u8]| closes(line) || memchr::memmem::find(line, b"PRIVATE KEY").is_some();
    // A key on one line, its line ends escaped, is whole or broken by itself.
    let rest = after.iter().position(|byte| *byte == b'-').map_or(0, |dashes| {
        after[dashes..].iter().filter(|byte| !matches!(byte, b'-' | b' ' | b'\r' | b'"')).count()
    });
    if pem == Some(at) && rest > 4 {
        return None;
    }
    let mut short = false;
    for line in lines(text, opener.end) {
        if closed(line) {
            return None;
        }
        if is_body(line) {
            continue;
        }
        // The last line of a body may be of any length.
        if short || !is_base64(last_word(line)) {
            return None;
        }
        short = true;
    }
    Some(opener.start)
}

/// True when a line ends a block.
pub(super) fn closes(line: &[u8]) -> bool {
    memchr::memmem::find(line, b"-----END ").is_some() || memchr::memmem::find(line, b"Private-MAC").is_some()
}

/// True when a line may stand in a key block, whatever a log puts before it.
pub(super) fn is_body(line: &[u8]) -> bool {
    let word = last_word(line);
    word.is_empty()
        || (LEAST_BODY..=MOST_BODY).contains(&word.len()) && is_base64(word)
        || HEADERS.iter().any(|header| memchr::memmem::find(line, header).is_some())
}

fn last_word(line: &[u8]) -> &[u8] {
    line.trim_ascii().rsplit(u8::is_ascii_whitespace).next().unwrap_or_default()
}

fn is_base64(word: &[u8]) -> bool {
    word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

fn is_begin(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(24)..at];
    memchr::memmem::rfind(before, b"BEGIN ")
        .is_some_and(|begin| memchr::memchr(b'\n', &before[begin..]).is_none())
}

fn line_around(text: &[u8], at: usize) -> Range<usize> {
    let start = memchr::memrchr2(b'\n', b'\r', &text[..at]).map_or(0, |end| end + 1);
    start..memchr::memchr2(b'\n', b'\r', &text[at..]).map_or(text.len(), |end| at + end)
}

/// The lines behind the one that ends at `end`, without what is not ended yet.
fn lines(text: &[u8], end: usize) -> impl Iterator<Item = &[u8]> {
    let whole = memchr::memrchr2(b'\n', b'\r', text).map_or(0, |last| last + 1);
    text.get(end + 1..whole).unwrap_or_default().split(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin() -> String {
        ["-----BEGIN ", "RSA PRIVATE KEY-----\n"].concat()
    }

    #[test]
    fn a_block_is_open_until_its_end() {
        let body = "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn\n";
        for text in [
            begin(),
            begin() + body,
            begin() + body + "ab==\n",
            begin() + "Proc-Type: 4,ENCRYPTED\n\n" + body,
        ] {
            assert_eq!(open_block(format!("x\n{text}").as_bytes()), Some(2), "{text}");
        }
        let whole = begin() + body + "-----END RSA PRIVATE KEY-----\n";
        assert_eq!(open_block(whole.as_bytes()), None);
        assert!(open_block((whole + &begin()).as_bytes()).is_some());
    }

    #[test]
    fn what_a_log_puts_before_each_line_does_not_matter() {
        let text = format!("app | {}app | MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn\n", begin());
        assert_eq!(open_block(text.as_bytes()), Some(0));
    }

    #[test]
    fn a_sentence_about_keys_opens_nothing() {
        for text in [
            format!("expected {}but the file is empty\nand so on\n", begin()),
            format!("{}error: no key\nerror: stop\n", begin()),
            begin().replace('\n', "\\nMIIEow\\n") + "\n",
            "no PRIVATE KEY here\n".to_owned(),
        ] {
            assert_eq!(open_block(text.as_bytes()), None, "{text}");
        }
    }
}
