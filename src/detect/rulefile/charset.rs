//! Character sets by name, as rule files and shapes call them.
//!
//! The trap: a set may be written with more bytes behind a `+`, and with a `=` behind its name for base64's padding, which
//! stands at the end only and so is no member.

use std::borrow::Cow;

/// The bytes of a character set: a name, or a name with further bytes behind a `+` (`base62+-_.`). `None` when there is no
/// such name, or when it says that padding may follow (see [`padded`]).
#[must_use]
pub fn charset(name: &str) -> Option<Cow<'static, [u8]>> {
    if let Some((name, more)) = name.split_once('+')
        && !more.is_empty()
        && more.bytes().all(|byte| byte.is_ascii_graphic())
    {
        let mut bytes = named(name)?.to_vec();
        bytes.extend(more.bytes().filter(|byte| !bytes.contains(byte)).collect::<Vec<u8>>());
        return Some(Cow::Owned(bytes));
    }
    named(name).map(Cow::Borrowed)
}

/// The set's own name, and whether up to two `=` may end the value: `base64=` is base64 with its padding.
#[must_use]
pub fn padded(name: &str) -> (&str, bool) {
    name.strip_suffix('=')
        .filter(|bare| bare.starts_with("base64"))
        .map_or((name, false), |bare| (bare, true))
}

fn named(name: &str) -> Option<&'static [u8]> {
    Some(match name {
        "hex" => b"0123456789abcdef",
        "HEX" => b"0123456789ABCDEF",
        "digits" => b"0123456789",
        "lower" => b"abcdefghijklmnopqrstuvwxyz",
        "upper" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "alpha" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "base62" | "alnum" => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "lower-alnum" | "base36" => b"0123456789abcdefghijklmnopqrstuvwxyz",
        "upper-alnum" => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "base32" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "base32-lower" => b"abcdefghijklmnopqrstuvwxyz234567",
        "base58" => b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        "base64" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "base64url" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "uuid" => b"0123456789abcdefABCDEF-",
        "printable" => {
            b"!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_bytes_and_padding() {
        assert_eq!(charset("digits+-.").as_deref(), Some(b"0123456789-.".as_slice()));
        assert_eq!(charset("digits+1-").as_deref(), Some(b"0123456789-".as_slice()));
        assert_eq!(charset("nothing"), None);
        assert_eq!(charset("digits+"), None);
        assert_eq!(padded("base64="), ("base64", true));
        assert_eq!(padded("base62"), ("base62", false));
        assert_eq!(padded("hex="), ("hex=", false), "hex has no padding");
    }
}
