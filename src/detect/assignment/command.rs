//! Words that a value follows without a name: `mysql -p…`, `net use … /user:…`, `echo … | chpasswd`, `IDENTIFIED BY '…'`, `kty`.

use std::ops::Range;

use super::cursor::Cursor;
use super::literal::{bare, literal};
use super::{Form, Found, call, flags, piped, push};

/// How far into a connection string its host is looked for, in bytes.
const REACH: usize = 200;
/// How far around `kty` the members of a key are looked for, in bytes.
const KEY_REACH: usize = 600;

/// True when the keyword is a command of its own, whatever was found.
pub(super) fn find(text: &[u8], keyword: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) -> bool {
    let is = |word: &str| keyword.eq_ignore_ascii_case(word.as_bytes());
    if is("pass") {
        return flags::of_a_word_with_pass(text, hit, out) || piped::find(text, hit, out);
    }
    // Stems of names are no commands, and nearly all hits are theirs.
    if keyword.len() < 3
        || keyword.len() == 3 && !is("kty")
        || ["secret", "token", "auth", "cred"].into_iter().any(is)
    {
        return false;
    }
    if is("identified") {
        identified(text, hit, out);
    } else if is("thin:") {
        oracle(text, hit, out);
    } else if is("kty") {
        jwk(text, hit, out);
    } else if let Some(command) = flags::command(keyword) {
        flags::find(text, hit, command, out);
    } else if let Some(call) = call::of_keyword(keyword) {
        call.find(text, hit, out);
    } else {
        return piped::by_keyword(text, keyword, hit, out);
    }
    true
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
    // "a key identified by its grip" is prose; SQL without quotes names a user or role before.
    let unquoted = |at: &mut Cursor<'_>| {
        let line = &text[hit.start.saturating_sub(REACH)..hit.start];
        let line = memchr::memrchr(b'\n', line).map_or(line, |n| &line[n + 1..]).to_ascii_lowercase();
        let statement = [&b"user "[..], b"role ", b"grant "]
            .iter()
            .any(|word| memchr::memmem::find(&line, word).is_some());
        statement.then(|| bare(at, false)).flatten()
    };
    if let Some(value) = literal(&mut at).or_else(|| unquoted(&mut at)) {
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
                if let Some(value) = literal(&mut cursor)
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
