//! UTF-16 and UTF-32, with and without byte order mark, as UTF-8.
//!
//! Without a mark it is told by where the NUL bytes stand: most text is below U+0100 even in other scripts' files (names,
//! spaces, digits). Everything else is left as it is, since a person who pastes a key into a Latin-1 file pastes ASCII.

use std::borrow::Cow;

/// How content was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, ASCII, Latin-1, binary: searched as it stands.
    Bytes,
    /// Two bytes a unit, little end first.
    Utf16Le,
    /// Two bytes a unit, big end first.
    Utf16Be,
    /// Four bytes a unit, little end first.
    Utf32Le,
    /// Four bytes a unit, big end first.
    Utf32Be,
}

/// How much is looked at to tell an encoding without a mark.
const SAMPLE: usize = 4096;

pub(super) fn decode(content: &[u8]) -> (Cow<'_, [u8]>, Encoding) {
    if let Some(rest) = content.strip_prefix(b"\xEF\xBB\xBF") {
        return (Cow::Borrowed(rest), Encoding::Bytes);
    }
    let (encoding, rest) = marked(content).unwrap_or_else(|| (guess(content), content));
    let text = match encoding {
        Encoding::Bytes => return (Cow::Borrowed(content), encoding),
        Encoding::Utf16Le => utf16(rest, u16::from_le_bytes),
        Encoding::Utf16Be => utf16(rest, u16::from_be_bytes),
        Encoding::Utf32Le => utf32(rest, u32::from_le_bytes),
        Encoding::Utf32Be => utf32(rest, u32::from_be_bytes),
    };
    (Cow::Owned(text.into_bytes()), encoding)
}

fn marked(content: &[u8]) -> Option<(Encoding, &[u8])> {
    // UTF-32's mark begins with UTF-16's.
    [
        (b"\xFF\xFE\0\0".as_slice(), Encoding::Utf32Le),
        (b"\0\0\xFE\xFF", Encoding::Utf32Be),
        (b"\xFF\xFE", Encoding::Utf16Le),
        (b"\xFE\xFF", Encoding::Utf16Be),
    ]
    .into_iter()
    .find_map(|(mark, encoding)| Some((encoding, content.strip_prefix(mark)?)))
}

fn guess(content: &[u8]) -> Encoding {
    let sample = &content[..content.len().min(SAMPLE) & !3];
    if sample.len() < 4 || memchr::memchr(0, sample).is_none() {
        return Encoding::Bytes;
    }
    let mut zeros = [0usize; 4];
    for unit in sample.chunks_exact(4) {
        for (count, byte) in zeros.iter_mut().zip(unit) {
            *count += usize::from(*byte == 0);
        }
    }
    let units = sample.len() / 4;
    let mostly = |count: usize| count * 10 >= units * 7;
    let rarely = |count: usize| count * 10 <= units;
    match zeros.map(|count| (mostly(count), rarely(count))) {
        [(_, true), (true, _), (true, _), (true, _)] => Encoding::Utf32Le,
        [(true, _), (true, _), (true, _), (_, true)] => Encoding::Utf32Be,
        [(_, true), (true, _), (_, true), (true, _)] => Encoding::Utf16Le,
        [(true, _), (_, true), (true, _), (_, true)] => Encoding::Utf16Be,
        _ => Encoding::Bytes,
    }
}

fn utf16(content: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = content.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn utf32(content: &[u8], unit: fn([u8; 4]) -> u32) -> String {
    let units = content.chunks_exact(4).map(|four| unit([four[0], four[1], four[2], four[3]]));
    units.map(|u| char::from_u32(u).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "password = \"geheim\"\nnäher\n";

    fn decoded(content: &[u8]) -> (String, Encoding) {
        let (text, encoding) = decode(content);
        (String::from_utf8(text.into_owned()).unwrap(), encoding)
    }

    #[test]
    fn each_encoding_is_told_with_and_without_its_mark() {
        let le16: Vec<u8> = LINE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be16: Vec<u8> = LINE.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let le32: Vec<u8> = LINE.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let be32: Vec<u8> = LINE.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        for (mark, content, encoding) in [
            (b"\xFF\xFE".as_slice(), le16, Encoding::Utf16Le),
            (b"\xFE\xFF", be16, Encoding::Utf16Be),
            (b"\xFF\xFE\0\0", le32, Encoding::Utf32Le),
            (b"\0\0\xFE\xFF", be32, Encoding::Utf32Be),
        ] {
            assert_eq!(decoded(&content), (LINE.to_owned(), encoding));
            assert_eq!(decoded(&[mark, &content].concat()), (LINE.to_owned(), encoding));
        }
    }

    #[test]
    fn utf8_loses_its_mark_and_binary_stays_as_it_is() {
        assert_eq!(&*decode(b"\xEF\xBB\xBFtext").0, b"text");
        let binary = b"\x7FELF\0\0\x01\x02key=\0value\0\0\0\0";
        assert_eq!(&*decode(binary).0, binary);
        assert_eq!(decode(binary).1, Encoding::Bytes);
    }
}
