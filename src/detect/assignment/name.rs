//! How far the name reaches in which a keyword stands.

use std::ops::Range;

use crate::detect::boundary;

/// The longest half of a name that is looked at, in bytes.
const REACH: usize = 64;

/// True where text other than ASCII is punctuation (full-width colon, comma, quotes): it ends a name.
fn is_wide_punctuation(text: &[u8]) -> bool {
    text.starts_with(&[0xEF, 0xBC]) || text.starts_with(&[0xE3, 0x80]) || text.starts_with(&[0xE2, 0x80])
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$') || byte >= 0x80
}

/// The name around `hit`: letters, digits, `_ - . $` and what is not ASCII, without trailing or leading dots and dashes.
pub(super) fn around(text: &[u8], hit: &Range<usize>) -> Range<usize> {
    let mut start = hit.start;
    while start > 0
        && hit.start - start < REACH
        && is_name_byte(text[start - 1])
        && !(start >= 3 && is_wide_punctuation(&text[start - 3..start]))
    {
        start -= 1;
    }
    // \npassword in a string: the escape is not part of the name.
    if start > 0 && text[start - 1] == b'\\' && matches!(text[start], b'n' | b't' | b'r') && start < hit.start
    {
        start += 1;
    }
    start += boundary::tail_of_colour(text, start, &text[start..hit.start]);
    while start < hit.start && matches!(text[start], b'-' | b'.') {
        start += 1;
    }
    // -Dacme.token=…, of Java, CMake and Gradle: the flag's letter is not part of the name.
    let flag = text[..start].ends_with(b"-") && !text[..start].ends_with(b"--");
    if flag && start < hit.start && matches!(text[start], b'D' | b'P') {
        start += 1;
    }
    let mut end = hit.end;
    // Keywords that hold what stands behind the name: `connect(`, `pw =`.
    let marks = text[hit.clone()].iter().rev().take_while(|b| matches!(b, b'(' | b':' | b'=' | b' ')).count();
    if marks > 0 {
        return start..hit.end - marks;
    }
    while let Some(&byte) = text.get(end) {
        if end - hit.end >= REACH || !is_name_byte(byte) || is_wide_punctuation(&text[end..]) {
            break;
        }
        if byte == b'-' && text.get(end + 1) == Some(&b'>') {
            break;
        }
        end += 1;
    }
    while end > hit.end && matches!(text[end - 1], b'-' | b'.') {
        end -= 1;
    }
    start..end
}
