//! A value behind its name with nothing but a blank between: flags, directives, SQL, what a text says.
//!
//! Hands on at most one candidate a name. The trap: most names that a blank follows are words of a sentence or of a
//! declaration, so each form is known by what else stands on its line.

use std::ops::Range;

use super::call::Call;
use super::cursor::Cursor;
use super::literal::{bare, literal, word};
use super::value::{element, starts_flag};
use super::{BEFORE, Form, Found, distant, line_before, push};

/// How far behind the name words may stand before its value, in bytes.
const WORDS: usize = 120;

/// What a sentence calls a value that it quotes as code.
const NAMES: [&[u8]; 6] = [b"password", b"passwd", b"passphrase", b"token", b"secret", b"passwort"];

/// After a name and a blank: a flag's value, `name "literal"`, `ENV NAME value`, netrc's `password value`.
pub(super) fn blank(at: &mut Cursor<'_>, name: &Range<usize>, tail: usize, out: &mut Vec<Found>) {
    let text = at.text;
    if at.at_line_end() {
        return;
    }
    if at.peek() == b'{' {
        distant::in_block(at, name, out);
        return;
    }
    if starts_flag(text, name) {
        // What the flag does, in a column of its own: `-p, --password   asks for one`.
        // OpenSSL's `-passin pass:value` is found by its second word; `env:NAME` and `file:name` hold none.
        if at.at - tail < 2
            && ![&b"pass:"[..], b"env:", b"file:"].iter().any(|kind| at.rest().starts_with(kind))
            && let Some(value) = word(at)
        {
            push(at.text, out, name.clone(), value, Form::Flag);
        }
        return;
    }
    if at.peek() == b'`' {
        // "Pass `--flag`" is a sentence, "KEY `FK12x`" SQL, and "the password `value`" says one.
        let says = NAMES.iter().any(|name_of_one| text[name.clone()].eq_ignore_ascii_case(name_of_one));
        if let Some(value) = literal(at).filter(|value| says && is_made(&text[value.clone()])) {
            push(at.text, out, name.clone(), value, Form::Prose);
        }
        return;
    }
    // ${PASSWORD}    value, in a table of Robot Framework: two blanks part its cells.
    if at.at - tail > 1 && text[..name.start].ends_with(b"${") && text[..tail].ends_with(b"}") {
        let begins = matches!(name.start.checked_sub(3).map(|before| text[before]), None | Some(b'\n'));
        if let Some(value) = bare(at, true).filter(|_| begins) {
            push(at.text, out, name.clone(), value, Form::Line);
        }
        return;
    }
    if let Some(mut value) = literal(at) {
        // http.basic_auth 'user', 'value'
        if Call::of_name(&text[name.clone()]).is_some_and(|call| call.place == 1) && at.eat(b",") {
            at.blanks();
            value = literal(at).unwrap_or(value);
            push(at.text, out, name.clone(), value, Form::Argument);
            return;
        }
        let sql = text[tail..value.start].len() <= 2 && text[name.clone()].eq_ignore_ascii_case(b"password");
        push(at.text, out, name.clone(), value, if sql { Form::Sql } else { Form::Blank });
        return;
    }
    let rest = &at.rest()[..at.rest().len().min(WORDS)];
    let rest = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    if in_tag(text, name) {
        // <Password Type="text">value</Password>
        if let Some(close) = memchr::memchr(b'>', rest).filter(|close| *close > 0 && rest[close - 1] != b'/')
        {
            at.at += close + 1;
            element(at, name, out);
        }
        return;
    }
    if let Some(n) = declared(rest) {
        at.at += n;
        at.eat(b">");
        at.blanks();
        if let Some(value) = literal(at) {
            push(at.text, out, name.clone(), value, Form::Assigned);
        }
        return;
    }
    // Cisco's: the value is not hashed.
    at.eat(b"0 ");
    if let Some(value) = last_word(&mut at.clone()) {
        if let Some(form) = leads_to_one(text, name) {
            push(at.text, out, name.clone(), value, form);
        }
        return;
    }
    // "Password for the server: value"
    if let Some(colon) = memchr::memchr(b':', rest)
        && rest[..colon]
            .iter()
            .all(|b| b.is_ascii_alphabetic() || matches!(b, b' ' | b'(' | b')' | b'-' | b'/'))
    {
        at.at += colon + 1;
        if at.blanks()
            && let Some(value) = last_word(at)
        {
            push(at.text, out, name.clone(), value, Form::Prose);
        }
        return;
    }
    if is_directive(text, name)
        && let Some(value) = bare(at, false)
    {
        push(at.text, out, name.clone(), value, Form::Blank);
    }
}

/// The name is an element's, whose attributes follow: `<name …`, `<ns:name …`.
fn in_tag(text: &[u8], name: &Range<usize>) -> bool {
    let before = &text[name.start.saturating_sub(16)..name.start];
    if !matches!(before.last(), Some(b'<' | b':')) {
        return false;
    }
    let prefix = before.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b':').count();
    before[..before.len() - prefix].ends_with(b"<")
}

/// Where the value begins behind a type: `string = "value"`, `varchar(20) := 'value'`, `varchar(20) DEFAULT 'value'`.
fn declared(rest: &[u8]) -> Option<usize> {
    // Most lines of prose have none of these.
    let typed = memchr::memchr3(b'=', b'\'', b'"', rest)?;
    let (before, sign) = rest.split_at(typed);
    if !before.iter().all(|b| b.is_ascii_alphanumeric() || b"_*[]&. :()".contains(b)) {
        return None;
    }
    // The brackets of a type hold its length.
    if let Some(open) = memchr::memchr(b'(', before) {
        let length = before[open + 1..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        if before.get(open + 1 + length) != Some(&b')') {
            return None;
        }
    }
    match sign {
        [b'=', b'=', ..] => None,
        [b'=', ..] => Some(typed + 1),
        [b'\'' | b'"', ..] => {
            let words = before.trim_ascii_end();
            let ends = |word: &[u8]| words.len() > word.len() && words.ends_with(word);
            (ends(b" DEFAULT") || ends(b" default") || ends(b" VALUE")).then_some(typed)
        }
        _ => None,
    }
}

/// Letters and digits, or marks, and no blank: it may be a password, and is no word of a sentence.
pub(super) fn is_made(word: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| word.iter().any(kind);
    word.len() >= 6
        && word[0] != b'-'
        && has(u8::is_ascii_alphabetic)
        && has(u8::is_ascii_digit)
        && !word.iter().any(|b| matches!(b, b' ' | b'(' | b'[' | b'{' | b'<' | b'>' | b'='))
}

/// The word or literal at the cursor, when its line ends behind it and it may be a password.
pub(super) fn last_word(at: &mut Cursor<'_>) -> Option<Range<usize>> {
    // A line of prose goes on; so most are let go here.
    let length = at.rest().iter().take(120).take_while(|b| !b.is_ascii_whitespace()).count();
    let behind = at.rest().get(length..).unwrap_or_default();
    let behind = behind.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
    if !matches!(behind, None | Some(b'\n')) {
        return None;
    }
    let value = word(at)?;
    is_made(&at.text[value.clone()]).then_some(value)
}

/// How the last word of a line is a value, by what stands before the name: a directive of a configuration, or a sentence.
fn leads_to_one(text: &[u8], name: &Range<usize>) -> Option<Form> {
    const FIRST: [&[u8]; 17] = [
        b"SetEnv",
        b"proxy_set_header",
        b"fastcgi_param",
        b"uwsgi_param",
        b"enable",
        b"username",
        b"user",
        b"d-i",
        b"mysqladmin",
        b"nmcli",
        b"aws",
        b"git",
        b"npm",
        b"yarn",
        b"quote",
        b"$",
        b"sudo",
    ];
    const JOINED: [&[u8]; 8] =
        [b" and", b" with", b" mit", b" und", b" con", b" avec", b"password", b" root"];
    const ALONE: [&[u8]; 5] = [b"password", b"passwd", b"passphrase", b"rootpw", b"AuthLDAPBindPassword"];
    if is_directive(text, name) {
        return Some(Form::Blank);
    }
    let line = line_before(text, name.start).trim_ascii();
    if line.is_empty() {
        return ALONE.contains(&&text[name.clone()]).then_some(Form::Blank);
    }
    let first = &line[..line.iter().position(|b| *b == b' ').unwrap_or(line.len())];
    let fish = line == b"set -x" || line == b"set -gx" || line == b"set -Ux";
    if fish || FIRST.contains(&first) {
        return Some(Form::Blank);
    }
    JOINED.iter().any(|word| line.ends_with(word)).then_some(Form::Prose)
}

/// `ENV NAME value`, `machine h login u password value`, `requirepass value`. Most names that a blank follows are words of a text, so
/// what stands around them on the line is only looked at where it can matter.
fn is_directive(text: &[u8], name: &Range<usize>) -> bool {
    const MAGICS: [&[u8]; 2] = [b"%env", b"%set_env"];
    const DIRECTIVES: [&[u8]; 7] = [b"ENV", b"ARG", b"set", b"SET", b"env", b"setenv", b"setx"];
    let before = &text[name.start.saturating_sub(BEFORE)..name.start];
    let directive = DIRECTIVES.iter().any(|word| before.trim_ascii_end().ends_with(word));
    let netrc = text[name.clone()].eq_ignore_ascii_case(b"password");
    let redis = matches!(&text[name.clone()], b"requirepass" | b"masterauth" | b"bindpw");
    // A notebook's line is a string of JSON.
    if MAGICS.iter().any(|word| before.trim_ascii_end().ends_with(word)) {
        return true;
    }
    if !(directive || netrc || redis) {
        return false;
    }
    let line = line_before(text, name.start).trim_ascii();
    let login = || {
        line.starts_with(b"machine ")
            || line.starts_with(b"login ")
            || memchr::memmem::find(line, b" login ").is_some()
    };
    directive && DIRECTIVES.contains(&line) || netrc && login() || redis && line.is_empty()
}
