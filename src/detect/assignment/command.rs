//! Words that a value follows without a name: `mysql -p…`, `curl -u user:…`, `sshpass -p …`, `psexec -p …`, `IDENTIFIED BY '…'`.

use std::ops::Range;

use super::cursor::Cursor;
use super::{Form, Found, push, value};

/// How far into a command its flags are looked for, in bytes.
const REACH: usize = 200;
/// How far around `kty` the members of a key are looked for, in bytes.
const KEY_REACH: usize = 600;

/// True when the keyword is a command of its own, whatever was found.
pub(super) fn find(text: &[u8], keyword: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) -> bool {
    let is = |word: &str| keyword.eq_ignore_ascii_case(word.as_bytes());
    if is("identified") {
        identified(text, hit, out);
        return true;
    }
    if is("thin:") {
        oracle(text, hit, out);
        return true;
    }
    if is("kty") {
        jwk(text, hit, out);
        return true;
    }
    if is("mysql") {
        flags(text, hit, &[b"-p"], Joined::Only, out);
        return true;
    }
    if is("curl") {
        flags(text, hit, &[b"--user", b"-u"], Joined::Too, out);
        return true;
    }
    let others: [(&str, &[u8]); 5] = [
        ("docker login", b"-p"),
        ("redis-cli", b"-a"),
        ("sqlcmd", b"-P"),
        ("ldapsearch", b"-w"),
        ("psexec", b"-p"),
    ];
    if let Some((_, flag)) = others.iter().find(|(command, _)| is(command)) {
        flags(text, hit, &[flag], Joined::Never, out);
        return true;
    }
    if is("pass") && hit.start >= 3 && text[hit.start - 3..hit.start].eq_ignore_ascii_case(b"ssh") {
        flags(text, hit, &[b"-p"], Joined::Too, out);
        return true;
    }
    false
}

/// `IDENTIFIED [WITH plugin] BY|AS [PASSWORD] 'value'`.
fn identified(text: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) {
    let mut at = Cursor::new(text, hit.end);
    at.blanks();
    if at.eat_word(b"with") {
        at.blanks();
        let n = at
            .rest()
            .iter()
            .take(40)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'\''))
            .count();
        at.at += n;
        at.blanks();
    }
    if !(at.eat_word(b"by") || at.eat_word(b"as")) {
        return;
    }
    at.blanks();
    if at.eat_word(b"password") || at.eat_word(b"values") {
        at.blanks();
    }
    if let Some(value) = value::literal(&mut at).or_else(|| value::bare(&mut at, false)) {
        push(text, out, hit.clone(), value, Form::Sql);
    }
}

/// The private members of a JSON Web Key (RFC 7517): `d`, or `k` of a symmetric one, within a few hundred bytes.
fn jwk(text: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) {
    let from = hit.start.saturating_sub(KEY_REACH);
    let end = text.len().min(hit.end + 2 * KEY_REACH);
    let open = text[from..hit.start].iter().rposition(|b| *b == b'{').map_or(hit.start, |n| from + n);
    let mut at = open;
    while at + 3 < end {
        let byte = text[at];
        if byte == b'}' {
            return;
        }
        let starts = at > 0 && matches!(text[at - 1], b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'{' | b',');
        if matches!(byte, b'd' | b'k') && starts && matches!(text[at + 1], b':' | b'"' | b'\'' | b'\\') {
            let mut cursor = Cursor::new(text, at + 1);
            cursor.name_tail(at);
            cursor.blanks();
            if cursor.eat(b":") {
                cursor.blanks();
                if let Some(value) = value::literal(&mut cursor)
                    && value.len() >= 16
                    && text[value.clone()]
                        .iter()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'='))
                {
                    push(text, out, hit.clone(), value, Form::Jwk);
                    return;
                }
            }
        }
        at += 1;
    }
}

/// `jdbc:oracle:thin:user/value@host`.
fn oracle(text: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) {
    let rest = &text[hit.end..text.len().min(hit.end + REACH)];
    let stop = rest
        .iter()
        .position(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'<'))
        .unwrap_or(rest.len());
    let rest = &rest[..stop];
    let (Some(slash), Some(host)) =
        (rest.iter().position(|b| *b == b'/'), rest.iter().rposition(|b| *b == b'@'))
    else {
        return;
    };
    if slash > 0 && slash < host {
        push(text, out, hit.clone(), hit.end + slash + 1..hit.end + host, Form::Url);
    }
}

/// Whether a flag's value may follow it without a blank, as in `-pvalue`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    Never,
    Too,
    Only,
}

/// The value of one of `names` among the flags after a command on the same line.
fn flags(text: &[u8], hit: &Range<usize>, names: &[&[u8]], joined: Joined, out: &mut Vec<Found>) {
    let end = text.len().min(hit.end + REACH);
    let mut at = hit.end;
    while at < end && text[at] != b'\n' {
        if text[at] == b'-' && matches!(text[at - 1], b' ' | b'\t' | b'"' | b'\'') {
            for name in names {
                if !text[at..].starts_with(name) {
                    continue;
                }
                let mut cursor = Cursor::new(text, at + name.len());
                let blank = cursor.blanks() || cursor.eat(b"=");
                if blank && joined == Joined::Only || !blank && joined == Joined::Never {
                    continue;
                }
                // A longer flag: `-pass`, `--username`.
                if !blank && name.starts_with(b"--") {
                    continue;
                }
                let Some(value) = value::literal(&mut cursor).or_else(|| value::bare(&mut cursor, false))
                else {
                    continue;
                };
                // curl -u user:value, and curl -u value: where the service takes its key for a user without a password
                let value = if name.starts_with(b"-u") || name.starts_with(b"--user") {
                    // A bare value ends before its last colon.
                    let end = value.end + usize::from(text.get(value.end) == Some(&b':'));
                    let Some(colon) = text[value.start..end].iter().position(|b| *b == b':') else {
                        continue;
                    };
                    let colon = value.start + colon;
                    if colon + 1 < end { colon + 1..end } else { value.start..colon }
                } else {
                    value
                };
                push(text, out, at..at + name.len(), value, Form::Flag);
                return;
            }
        }
        at += 1;
    }
}
