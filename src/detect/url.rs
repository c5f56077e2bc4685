//! Finds passwords in URLs and connection strings: `scheme://user:value@host`, of every scheme.
//!
//! Hands on the password, or a user name that stands alone (which may be a token). The trap: a password may hold `/`,
//! `#` or `@`, so the last `@` before a blank or a quote counts, and a port is no password.

use std::ops::Range;

use super::assignment::{Form, Found, push};

/// The keyword that starts the search.
pub const KEYWORDS: [&str; 2] = ["://", ":\\/\\/"];

/// The longest user and password that are looked at, in bytes.
pub(super) const REACH: usize = 320;
/// The longest scheme, in bytes.
pub(super) const BEFORE: usize = 24;

/// Looks for credentials in the URL whose `://` is at `hit`.
pub fn find(text: &[u8], hit: Range<usize>, out: &mut Vec<Found>) {
    let Some(rest) = text.get(hit.end..text.len().min(hit.end + REACH)) else { return };
    let mut template = 0usize;
    let mut colon = None;
    let mut host = None;
    for (n, &byte) in rest.iter().enumerate() {
        if template > 0 {
            match byte {
                b'}' => template -= 1,
                b'\n' => break,
                _ => {}
            }
            continue;
        }
        match byte {
            b'{' if n > 0 && matches!(rest[n - 1], b'$' | b'{' | b'#') => template += 1,
            b'@' => host = Some(n),
            b':' if colon.is_none() => colon = Some(n),
            b'/' | b'?' | b'#' | b'\\' => {
                if host.is_some() {
                    break;
                }
                // A port, or no colon at all: there is no password whose slash this could be.
                let Some(colon) = colon else { break };
                let port = rest[colon + 1..n].iter().all(u8::is_ascii_digit);
                let web = text[..hit.start].ends_with(b"http") || text[..hit.start].ends_with(b"https");
                if port || web || n - colon > 40 {
                    break;
                }
            }
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b'|' | b'(' | b')'
            | b';'
                if byte != b',' || host.is_some() =>
            {
                break;
            }
            _ => {}
        }
    }
    let Some(host) = host else { return };
    let start = text[..hit.start]
        .iter()
        .rev()
        .take(BEFORE)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b':'))
        .count();
    match colon.filter(|colon| *colon < host) {
        Some(colon) => push(
            text,
            out,
            hit.start - start..hit.end + colon,
            hit.end + colon + 1..hit.end + host,
            Form::Url,
        ),
        None => push(text, out, hit.start - start..hit.end, hit.end..hit.end + host, Form::UrlUser),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, Form)> {
        let mut out = Vec::new();
        for (at, _) in text.match_indices("://") {
            find(text.as_bytes(), at..at + 3, &mut out);
        }
        out.into_iter().map(|f| (text[f.value].to_owned(), f.form)).collect()
    }

    #[test]
    fn passwords_of_every_scheme_are_found() {
        for scheme in
            ["postgres", "mysql+pymysql", "mongodb+srv", "redis", "amqp", "https", "ftp", "jdbc:mysql"]
        {
            let text = format!("URL={scheme}://admin:Va1ue-x9@prod-db:5432/app");
            assert_eq!(values(&text), [("Va1ue-x9".to_owned(), Form::Url)], "{text}");
        }
    }

    #[test]
    fn an_empty_user_and_odd_bytes_in_the_password() {
        assert_eq!(values("redis://:q#9/x@cache:6379"), [("q#9/x".to_owned(), Form::Url)]);
        assert_eq!(values("amqp://u:p@ss@host/v"), [("p@ss".to_owned(), Form::Url)]);
    }

    #[test]
    fn a_lone_user_is_told_apart() {
        assert_eq!(values("git clone https://abc123@host/x"), [("abc123".to_owned(), Form::UrlUser)]);
    }

    #[test]
    fn hosts_ports_and_mail_addresses_are_none() {
        for text in
            ["http://localhost:8080/a@b", "see https://x.org/@scope/pkg", "http://host:80 me@x.org", "x://"]
        {
            assert_eq!(values(text), [], "{text}");
        }
    }
}
