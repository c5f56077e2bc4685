//! The password in a URL's authority: `scheme://user:password@host`.

use std::ops::Range;

use super::{Form, Found};

/// The longest user, password and host together that is looked at.
const LONGEST_AUTHORITY: usize = 512;

/// The password behind the `://` at `hit`; `name` is the scheme.
pub(super) fn find(text: &[u8], hit: Range<usize>) -> Option<Found> {
    let scheme_bytes = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let scheme = text[..hit.start].iter().rev().take(32).take_while(|&b| scheme_bytes(b)).count();
    if scheme == 0 {
        return None;
    }
    let rest = &text[hit.end..text.len().min(hit.end + LONGEST_AUTHORITY)];
    // A password may hold `/`, `#` and `?` unescaped where people write it by hand; blanks and quotes end every URL.
    let stop = rest.iter().position(|b| b.is_ascii_whitespace() || b"\"'`<>\\,;".contains(b)).unwrap_or(rest.len());
    let rest = &rest[..stop];
    let colon = rest.iter().position(|b| b":/@?#".contains(b)).filter(|&at| rest[at] == b':')?;
    let strict = rest[colon..].iter().position(|b| b"/@?#".contains(b)).map(|at| colon + at)?;
    let at = if rest[strict] == b'@' {
        // The last `@` before the path separates: passwords may hold one.
        let path = rest[strict..].iter().position(|b| b"/?#".contains(b)).map_or(rest.len(), |at| strict + at);
        memchr::memrchr(b'@', &rest[..path])?
    } else {
        // `user:pa/ss@host`: only when what stands before the slash is no port.
        let port = rest[colon + 1..strict].iter().all(u8::is_ascii_digit);
        let at = memchr::memchr(b'@', rest).filter(|_| !port && rest[strict] != b'?')?;
        if rest[strict..at].iter().filter(|&&b| b == b'/').count() > 1 {
            return None;
        }
        at
    };
    let value = hit.end + colon + 1..hit.end + at;
    (!value.is_empty()).then_some(Found { name: hit.start - scheme..hit.start, value, form: Form::Url })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Option<&str> {
        let hit = text.find("://").unwrap();
        find(text.as_bytes(), hit..hit + 3).map(|found| &text[found.value])
    }

    #[test]
    fn passwords_are_found_and_ports_are_not() {
        assert_eq!(password("DATABASE_URL=postgres://admin:hush@prod-db:5432/app"), Some("hush"));
        assert_eq!(password("\"redis://:hush@cache:6379\""), Some("hush"));
        assert_eq!(password("mongodb+srv://u:hu@sh@host/db?x=y"), Some("hu@sh"));
        assert_eq!(password("amqp://u:hu/sh@host"), Some("hu/sh"));
        for text in ["http://host:8080/path", "https://host/a:b@c", "http://host:80/x@y", "://u:p@h", "ssh://git@host/x"] {
            assert_eq!(password(text), None, "{text}");
        }
    }
}
