//! Words that a value follows without a name: `mysql -p…`, `curl -u user:…`, `sshpass -p …`, `IDENTIFIED BY '…'`.

use std::ops::Range;

use super::cursor::Cursor;
use super::{Form, Found, push, value};

/// How far into a command its flags are looked for, in bytes.
const REACH: usize = 200;

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
    if is("mysql") {
        flags(text, hit, &[b"-p"], true, out);
        return true;
    }
    if is("curl") {
        flags(text, hit, &[b"-u", b"--user"], false, out);
        return true;
    }
    if is("pass") && hit.start >= 3 && text[hit.start - 3..hit.start].eq_ignore_ascii_case(b"ssh") {
        flags(text, hit, &[b"-p"], false, out);
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
        push(out, hit.clone(), value, Form::Sql);
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
        push(out, hit.clone(), hit.end + slash + 1..hit.end + host, Form::Url);
    }
}

/// The value of one of `names` among the flags after a command on the same line; joined: `-pvalue` counts too.
fn flags(text: &[u8], hit: &Range<usize>, names: &[&[u8]], joined: bool, out: &mut Vec<Found>) {
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
                if blank == joined {
                    continue;
                }
                let Some(value) = value::literal(&mut cursor).or_else(|| value::bare(&mut cursor, false))
                else {
                    continue;
                };
                // curl -u user:value
                let value = if name.starts_with(b"-u") || name.starts_with(b"--user") {
                    let Some(colon) = text[value.clone()].iter().position(|b| *b == b':') else { continue };
                    value.start + colon + 1..value.end
                } else {
                    value
                };
                push(out, at..at + name.len(), value, Form::Flag);
                return;
            }
        }
        at += 1;
    }
}
