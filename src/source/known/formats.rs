//! Takes names and values out of the files in which tools keep credentials.
//!
//! The trap: these are a person's own files, written by hand, so what is not understood is passed over, never an error.

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `NAME=value`, `name: value`, or a value alone on its line: env, INI, npmrc, the flat parts of YAML.
    Lines,
    /// `machine … login … password …`, over any number of lines.
    Netrc,
    /// `host:port:database:user:password`.
    Pgpass,
    /// A URL with user and password on each line.
    Urls,
    /// Docker's `config.json`: `auth` is the base64 of `user:password`.
    Json,
}

/// Calls `take` with each name and value.
pub(super) fn parse(format: Format, bytes: &[u8], take: &mut dyn FnMut(&[u8], Vec<u8>)) {
    match format {
        Format::Lines => lines(bytes, take),
        Format::Netrc => netrc(bytes, take),
        Format::Pgpass => pgpass(bytes, take),
        Format::Urls => {
            for line in bytes.split(|b| *b == b'\n') {
                if let Some(password) = url_password(line.trim_ascii()) {
                    take(b"the password", password);
                }
            }
        }
        Format::Json => json(bytes, take),
    }
}

fn lines(bytes: &[u8], take: &mut dyn FnMut(&[u8], Vec<u8>)) {
    for line in bytes.split(|b| matches!(b, b'\n' | b'\r')) {
        let line = line.trim_ascii();
        if line.is_empty() || matches!(line[0], b'#' | b';' | b'[' | b'!') {
            continue;
        }
        let line = line.strip_prefix(b"export ").unwrap_or(line);
        let line = line.strip_prefix(b"- ").unwrap_or(line);
        // npm's names hold a colon (`//host:8080/:_authToken=…`); of YAML's a blank follows it.
        let equals = line.iter().position(|b| *b == b'=');
        let colon = line.windows(2).position(|w| w == b": ");
        let cut = match (equals, colon) {
            (Some(equals), Some(colon)) => Some((equals.min(colon), 1)),
            (Some(equals), None) => Some((equals, 1)),
            (None, Some(colon)) => Some((colon, 2)),
            (None, None) => None,
        };
        let Some((at, width)) = cut else {
            if !line.contains(&b' ') && !line.ends_with(b":") {
                take(b"", unquoted(line).to_vec());
            }
            continue;
        };
        let name = line[..at].trim_ascii();
        // `_authToken`, and not the registry before it.
        let name =
            if name.starts_with(b"//") { name.rsplit(|b| *b == b':').next().unwrap_or(name) } else { name };
        if name.is_empty() || name.len() > 128 {
            continue;
        }
        let value = unquoted(line[at + width..].trim_ascii());
        if let Some(password) = url_password(value) {
            take(name, password);
        } else {
            take(name, value.to_vec());
        }
    }
}

/// Without quotes, and without a comment behind a blank.
fn unquoted(value: &[u8]) -> &[u8] {
    if let Some(quote @ (b'"' | b'\'')) = value.first()
        && let Some(end) = value[1..].iter().position(|b| b == quote)
    {
        return &value[1..=end];
    }
    let end = value.windows(2).position(|w| w == b" #").unwrap_or(value.len());
    value[..end].trim_ascii()
}

fn netrc(bytes: &[u8], take: &mut dyn FnMut(&[u8], Vec<u8>)) {
    let mut words = bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let mut machine: &[u8] = b"the default";
    while let Some(word) = words.next() {
        match word {
            b"machine" => machine = words.next().unwrap_or_default(),
            b"password" => {
                if let Some(password) = words.next() {
                    take(&[b"the password for ", machine].concat(), unquoted(password).to_vec());
                }
            }
            _ => {}
        }
    }
}

fn pgpass(bytes: &[u8], take: &mut dyn FnMut(&[u8], Vec<u8>)) {
    for line in bytes.split(|b| matches!(b, b'\n' | b'\r')) {
        if line.starts_with(b"#") {
            continue;
        }
        let (mut field, mut password, mut escaped) = (0, Vec::new(), false);
        for &byte in line {
            match byte {
                b'\\' if !escaped => {
                    escaped = true;
                    continue;
                }
                b':' if !escaped && field < 4 => field += 1,
                _ if field == 4 => password.push(byte),
                _ => {}
            }
            escaped = false;
        }
        if field == 4 {
            take(b"a database password", password);
        }
    }
}

/// The password of `scheme://user:password@host`, decoded.
fn url_password(url: &[u8]) -> Option<Vec<u8>> {
    let start = url.windows(3).position(|w| w == b"://")? + 3;
    let rest = &url[start..];
    let authority = &rest[..rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len())];
    let credentials = &authority[..authority.iter().rposition(|b| *b == b'@')?];
    let colon = credentials.iter().position(|b| *b == b':')?;
    Some(percent_decoded(&credentials[colon + 1..]))
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|b| (*b as char).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match (text[at], digit(text.get(at + 1)), digit(text.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn json(bytes: &[u8], take: &mut dyn FnMut(&[u8], Vec<u8>)) {
    use base64::Engine as _;
    let Ok(config) = serde_json::from_slice::<serde_json::Value>(bytes) else { return };
    let Some(registries) = config.get("auths").and_then(serde_json::Value::as_object) else { return };
    for (registry, entry) in registries {
        let text = |key: &str| entry.get(key).and_then(serde_json::Value::as_str);
        for key in ["identitytoken", "registrytoken", "password"] {
            if let Some(token) = text(key) {
                take(format!("the {key} for {registry}").as_bytes(), token.as_bytes().to_vec());
            }
        }
        let decoded =
            text("auth").and_then(|auth| base64::engine::general_purpose::STANDARD.decode(auth).ok());
        if let Some(pair) = decoded
            && let Some(colon) = pair.iter().position(|b| *b == b':')
        {
            take(format!("the password for {registry}").as_bytes(), pair[colon + 1..].to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(format: Format, text: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        parse(format, text.as_bytes(), &mut |name, value| {
            out.push((
                String::from_utf8_lossy(name).into_owned(),
                String::from_utf8_lossy(&value).into_owned(),
            ));
        });
        out
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn lines_of_every_kind() {
        let text = "# note\n[default]\naws_secret_access_key = a/b+c\nexport TOKEN='x # y'\nPLAIN=z # note\r\n\
                    //host:80/:_authToken=npm1\n    token: t0k\nDATABASE_URL=postgres://u:p%40ss@h/db\nalone\nempty=\nusers:\n";
        let expected = [
            ("aws_secret_access_key", "a/b+c"),
            ("TOKEN", "x # y"),
            ("PLAIN", "z"),
            ("_authToken", "npm1"),
            ("token", "t0k"),
            ("DATABASE_URL", "p@ss"),
            ("", "alone"),
            ("empty", ""),
        ];
        assert_eq!(parsed(Format::Lines, text), pairs(&expected));
    }

    #[test]
    fn netrc_on_one_line_or_many() {
        let text = "machine a.org login u password p1\nmachine b.org\n  login v\n  password p2\ndefault login x password p3\n";
        assert_eq!(
            parsed(Format::Netrc, text),
            pairs(&[
                ("the password for a.org", "p1"),
                ("the password for b.org", "p2"),
                ("the password for b.org", "p3")
            ])
        );
    }

    #[test]
    fn pgpass_with_escapes() {
        let text = "# x:1:y:z:no\nh:5432:db:u:a\\:b\\\\c\nh:*:*:u\n";
        assert_eq!(parsed(Format::Pgpass, text), pairs(&[("a database password", "a:b\\c")]));
    }

    #[test]
    fn stored_urls_and_docker() {
        assert_eq!(parsed(Format::Urls, "https://me:s%21x@github.com\n"), pairs(&[("the password", "s!x")]));
        let auth = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "me:pw1");
        let text = format!("{{\"auths\":{{\"r.io\":{{\"auth\":\"{auth}\"}}}}}}");
        assert_eq!(parsed(Format::Json, &text), pairs(&[("the password for r.io", "pw1")]));
        assert_eq!(parsed(Format::Json, "not JSON"), []);
    }
}
