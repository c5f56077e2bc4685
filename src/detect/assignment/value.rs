//! Reads the value after a name: literals in every quoting, unquoted words, elements, lists, arguments, fallbacks.

use std::ops::Range;

use super::blank::{self, blank};
use super::cursor::{Cursor, Separator};
use super::literal::{bare, literal};
use super::many::{ARGUMENTS, arguments, list, listed, nested};
use super::{BEFORE, Form, Found, line_before, pair, push};
use crate::detect::writing::SAID;

/// Reads what follows the name and its closing marks.
pub(super) fn after(at: &mut Cursor<'_>, name: &Range<usize>, closed: bool, out: &mut Vec<Found>) {
    let text = at.text;
    let tail = at.at;
    let Some(mut separator) = at.separator() else { return };
    if separator == Separator::Colon {
        // name: Type = "value"
        if let Some(assigned) = behind_type(at) {
            at.at = assigned;
            separator = Separator::Equals;
        }
    }
    // **Password:** value; - *password*: value
    while matches!(at.peek(), b'*') {
        at.at += 1;
        at.blanks();
    }
    // <b>Password:</b> value
    if separator == Separator::Colon && at.element_end() {
        element(at, name, out);
        return;
    }
    match separator {
        Separator::Colon if text[..name.start].ends_with(b"${") => {
            at.at = name.start - 2;
            fallback_in_braces(at, name, out);
        }
        Separator::Equals | Separator::Colon | Separator::Arrow | Separator::Bar => {
            assigned(at, name, closed, separator, out);
        }
        Separator::Compare => {
            if let Some(value) = literal(at) {
                push(at.text, out, name.clone(), value, Form::Compared);
            }
        }
        Separator::Or => {
            if let Some(value) = literal(at) {
                push(at.text, out, name.clone(), value, Form::Fallback);
            }
        }
        Separator::Comma => {
            let flag = closed && starts_flag(text, name);
            // On the next line of a list of words stands the next word.
            if at.at_line_end() && !flag && !opens_a_call(text, name) {
                return;
            }
            at.space();
            let form = if flag { Form::Flag } else { Form::Argument };
            let given = closed || is_symbol(&text[..name.start]);
            let given = given || text[name.clone()].ends_with(b"USERPWD");
            let value = literal(at);
            // Of {'x': 'pass', 'next': …} the next literal is a key.
            let mut behind = at.clone();
            behind.blanks();
            let is_key = behind.peek() == b':';
            if let Some(value) = value.filter(|_| !is_key && given || closes_tuple(text, name, at)) {
                // curl_setopt($c, CURLOPT_USERPWD, 'user:value')
                let user = memchr::memchr(b':', &text[value.clone()])
                    .filter(|_| text[name.clone()].ends_with(b"USERPWD"));
                let start = user.map_or(value.start, |colon| value.start + colon + 1);
                push(at.text, out, name.clone(), start..value.end, form);
            }
        }
        // "the key (`name`)": in a sentence brackets follow a blank.
        Separator::Open if text[tail] == b' ' && in_a_sentence(at.rest()) => {}
        Separator::Open => arguments(at, name, Form::Argument, out),
        Separator::Element => {
            // A plist's <key> is no name, nor is the group of a regex, `(?<secret>…)`.
            let before = &text[..name.start];
            if &text[name.clone()] != b"key"
                && !before.ends_with(b"(?<")
                && !before.ends_with(b"(?P<")
                && text[..name.start]
                    .iter()
                    .rev()
                    .take(40)
                    .take_while(|b| !b.is_ascii_whitespace())
                    .any(|b| *b == b'<')
            {
                element(at, name, out);
            }
        }
        Separator::Dash => {
            if let Some(value) = blank::last_word(at) {
                push(text, out, name.clone(), value, Form::Prose);
            }
        }
        Separator::Word => {
            let quoted = literal(at);
            // "Passwort ist abgelaufen", "wachtwoord is gewijzigd": what programs say in other languages than this reads.
            let said = |value: &Range<usize>| {
                is_english(&text[name.clone()]) || blank::is_made(&text[value.clone()])
            };
            if let Some(value) = quoted.or_else(|| bare(at, false).filter(said)) {
                push(at.text, out, name.clone(), value, Form::Prose);
            }
        }
        Separator::Blank => blank(at, name, tail, out),
    }
}

/// A name in whose sentences a word alone may be the value.
fn is_english(name: &[u8]) -> bool {
    const ENDS: [&[u8]; 7] = [b"password", b"pass", b"passphrase", b"pwd", b"token", b"secret", b"key"];
    ENDS.iter().any(|end| name.len() >= end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end))
}

/// Before a name that a comma and its value follow: `set :name, "x"` (Ruby), `strcpy(name, "x")`, `strcmp(name, "x")` (C).
fn is_symbol(before: &[u8]) -> bool {
    before.ends_with(b"set :") || before.ends_with(b"strcpy(") || before.ends_with(b"strcmp(")
}

/// `{name, "x"}`: a tuple of Erlang, whose literal the cursor is behind.
fn closes_tuple(text: &[u8], name: &Range<usize>, at: &Cursor<'_>) -> bool {
    let rest = at.rest();
    text[..name.start].ends_with(b"{") && (rest.starts_with(b"}") || rest.starts_with(b">>}"))
}

/// What stands in brackets after a blank is prose when it begins as a link, or when the first thing quoted in it is code.
fn in_a_sentence(rest: &[u8]) -> bool {
    let rest = &rest[..rest.len().min(ARGUMENTS)];
    rest.first() == Some(&b'[') || rest.iter().find(|b| matches!(b, b'"' | b'\'' | b'`')) == Some(&b'`')
}

/// The name is the first argument of a call.
fn opens_a_call(text: &[u8], name: &Range<usize>) -> bool {
    let before = &text[name.start.saturating_sub(BEFORE)..name.start];
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
    before.trim_ascii_end().ends_with(b"(")
}

/// `-` before the name: it is a flag.
pub(super) fn starts_flag(text: &[u8], name: &Range<usize>) -> bool {
    name.start > 0 && text[name.start - 1] == b'-'
}

/// The position after `= ` when a type stands between the colon at which the cursor is and an equals sign.
fn behind_type(at: &Cursor<'_>) -> Option<usize> {
    let rest = at.rest();
    if !rest.first()?.is_ascii_alphabetic() && !matches!(rest[0], b'&' | b'[' | b'*' | b'?') {
        return None;
    }
    let n = rest
        .iter()
        .take(48)
        .take_while(|b| b.is_ascii_alphanumeric() || b"_&'<>[].?|*, ".contains(b))
        .count();
    // Ada and Pascal: name : type := "value"
    let n = n + usize::from(rest.get(n..n + 2) == Some(b":="));
    if rest.get(n) != Some(&b'=') || matches!(rest.get(n + 1), Some(b'=' | b'>')) {
        return None;
    }
    // "AuthError: refused api_key='x'": the last word is a name of its own.
    let words = rest[..n].trim_ascii();
    if let Some(blank) = memchr::memrchr(b' ', words)
        && words[blank + 1].is_ascii_lowercase()
        && SAID.iter().any(|said| memchr::memmem::find(&words[blank..], said.as_bytes()).is_some())
    {
        return None;
    }
    let mut after = at.clone();
    after.at += n + 1;
    after.blanks();
    (rest[n - 1] == b' ' || after.quote().is_some()).then_some(after.at)
}

/// After `=`, `:`, `=>`: a literal, a list, a call, a fallback, a block or a bare word.
fn assigned(
    at: &mut Cursor<'_>,
    name: &Range<usize>,
    closed: bool,
    separator: Separator,
    out: &mut Vec<Found>,
) {
    // <b>Password:</b> value
    if at.element_end() {
        element(at, name, out);
        return;
    }
    let quoted_form = if separator == Separator::Colon { Form::Entry } else { Form::Assigned };
    if at.at_line_end() {
        let mut next = at.clone();
        if !next.eat(b"\\n") {
            next.space();
        }
        if let Some(value) = literal(&mut next) {
            push(at.text, out, name.clone(), value, quoted_form);
        } else if separator == Separator::Colon {
            if next.peek() == b'-' {
                listed(&mut next, name, out);
            } else {
                pair::default_below(&next, name, out);
            }
        }
        return;
    }
    if separator == Separator::Colon && matches!(at.peek(), b'|' | b'>') && block(at, name, out) {
        return;
    }
    // A YAML tag.
    if at.eat(b"!!str") {
        at.blanks();
    }
    anchor(at);
    // An address of, a dereference, a cast: &"x", (String) "x"
    while matches!(at.peek(), b'&' | b'*') && at.quote().is_none() {
        at.at += 1;
    }
    // A union of TypeScript's: 'by_pass' | 'by_key'.
    if separator == Separator::Bar && closed && matches!(at.peek(), b'\'' | b'"') {
        return;
    }
    if let Some(mut value) = literal(at) {
        if let Some(own) = unpacked(at, name) {
            value = own;
        }
        if at.text[value.start] == b'{' && nested(at.text, &value, name, out) {
            return;
        }
        push(at.text, out, name.clone(), value, quoted_form);
        return;
    }
    if at.eat(b"[]") {
        // []byte("…"), []string{"…"}, []
        let n = at
            .rest()
            .iter()
            .take(40)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'*'))
            .count();
        at.at += n;
        if n > 0 && at.eat(b"(") {
            arguments(at, name, Form::Wrapped, out);
        } else if n > 0 && at.peek() == b'{' {
            list(at, name, out);
        }
        return;
    }
    match at.peek() {
        b'[' | b'{' | b'(' => {
            let rest = at.rest();
            if rest.starts_with(b"{{") {
                return;
            }
            if separator == Separator::Colon && rest[0] == b'{' && pair::default_inside(at, name, out) {
                return;
            }
            list(at, name, out);
            return;
        }
        b'$' if at.rest().starts_with(b"${") => {
            fallback_in_braces(at, name, out);
            return;
        }
        _ => {}
    }
    // new Name("…"), name.call("…"), Name::from("…"), Name { … }
    let start = at.at;
    if at.rest().starts_with(b"new ") || at.rest().starts_with(b"await ") {
        at.at += at.rest().iter().position(|b| *b == b' ').unwrap_or(0) + 1;
    }
    let n = at
        .rest()
        .iter()
        .take(60)
        .take_while(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'$' | b'!' | b'-' | b'>')
        })
        .count();
    let word = at.at..at.at + n;
    let mut behind = at.clone();
    behind.at += n;
    if at.text[word.clone()].eq_ignore_ascii_case(b"ConvertTo-SecureString") {
        behind.blanks();
        if behind.eat_word(b"-String") {
            behind.blanks();
        }
        if let Some(value) = literal(&mut behind) {
            push(at.text, out, name.clone(), value, Form::Wrapped);
        }
        return;
    }
    if n > 0
        && (behind.peek() == b'('
            || (behind.peek() == b'['
                && behind.rest().get(1).is_some_and(|b| matches!(b, b'"' | b'\'' | b']'))))
    {
        // {{ keys | filter('x') }}
        if separator == Separator::Bar {
            return;
        }
        if behind.peek() == b'(' {
            behind.at += 1;
            arguments(&mut behind, name, Form::Wrapped, out);
        } else if let Some(close) = behind.rest().iter().take(60).position(|b| *b == b']') {
            behind.at += close + 1;
        }
        fallback(&mut behind, name, out);
        return;
    }
    at.at = start;
    let line = separator != Separator::Bar && !closed && starts_line(at.text, name);
    if let Some(value) = bare(at, line) {
        let mut behind = at.clone();
        behind.at = value.end;
        let form = match separator {
            _ if starts_flag(at.text, name) => Form::Flag,
            Separator::Colon if line => Form::Yaml,
            _ if line => Form::Line,
            // -H "X-Auth-Token: value"
            Separator::Colon if in_own_quotes(at.text, name, &value) => Form::Header,
            _ => Form::Inline,
        };
        // A cell of a table holds one word, or it is a sentence.
        if separator == Separator::Bar {
            behind.blanks();
            if behind.peek() == b'|' || behind.at_line_end() {
                push(at.text, out, name.clone(), value, Form::Inline);
            }
            return;
        }
        if value.end <= word.end && fallback(&mut behind, name, out) {
            return;
        }
        // Protocol Buffers: string name = 3 [default = "value"];
        behind.blanks();
        if behind.eat(b"[default") {
            behind.blanks();
            behind.eat(b"=");
            behind.blanks();
            if let Some(value) = literal(&mut behind) {
                push(at.text, out, name.clone(), value, Form::Assigned);
            }
            return;
        }
        push(at.text, out, name.clone(), value, form);
    }
}

/// `user, name = "x", "value"`: of several values the one in the name's place; the cursor is behind the first.
fn unpacked(at: &Cursor<'_>, name: &Range<usize>) -> Option<Range<usize>> {
    let mut behind = at.clone();
    behind.blanks();
    if behind.peek() != b',' {
        return None;
    }
    let line = line_before(at.text, name.start);
    let names =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b',' | b' ' | b'\t' | b'$' | b'@');
    let place = memchr::memchr_iter(b',', line).count();
    if place == 0 || place > 4 || !line.iter().all(names) || !line.trim_ascii_end().ends_with(b",") {
        return None;
    }
    let mut own = None;
    for _ in 0..place {
        behind.blanks();
        if !behind.eat(b",") {
            return None;
        }
        behind.blanks();
        own = literal(&mut behind);
        own.as_ref()?;
    }
    own
}

/// Steps over a YAML anchor: `&name value`.
fn anchor(at: &mut Cursor<'_>) {
    let rest = at.rest();
    if rest.first() != Some(&b'&') {
        return;
    }
    let n = rest[1..]
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        .count();
    if n > 0 && rest.get(n + 1) == Some(&b' ') {
        at.at += n + 1;
        at.blanks();
    }
}

/// The same quote stands right before the name and right behind the value.
fn in_own_quotes(text: &[u8], name: &Range<usize>, value: &Range<usize>) -> bool {
    name.start > 0
        && matches!(text[name.start - 1], b'"' | b'\'')
        && text[value.end..].trim_ascii_start().first() == Some(&text[name.start - 1])
}

/// True when nothing but marks of lists, comments and exports stands before the name on its line.
fn starts_line(text: &[u8], name: &Range<usize>) -> bool {
    let from = name.start.saturating_sub(BEFORE);
    let before = &text[from..name.start];
    let line = match memchr::memrchr(b'\n', before) {
        Some(at) => &before[at + 1..],
        None if from == 0 => before,
        None => return false,
    };
    let line = line.trim_ascii();
    let line = line
        .strip_prefix(b"export")
        .or(line.strip_prefix(b"!export"))
        .or(line.strip_prefix(b"ENV"))
        .or(line.strip_prefix(b"ARG"))
        .or(line.strip_prefix(b"set"))
        .unwrap_or(line);
    line.iter().all(|b| {
        matches!(
            b,
            b' ' | b'\t' | b'-' | b'#' | b';' | b'/' | b'*' | b'$' | b'"' | b'\'' | b'!' | b'%' | b'>' | b'+'
        )
    })
}

/// `|` or `>` and an indented line: the YAML block scalar's first line, when it is a single word.
fn block(at: &mut Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) -> bool {
    let mut next = at.clone();
    next.at += 1;
    while matches!(next.peek(), b'-' | b'+' | b'0'..=b'9') {
        next.at += 1;
    }
    next.blanks();
    if !next.at_line_end() {
        return false;
    }
    next.space();
    let rest = next.rest();
    let n = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    let line = rest[..n].trim_ascii_end();
    if !line.is_empty() && !line.contains(&b' ') {
        push(at.text, out, name.clone(), next.at..next.at + line.len(), Form::Block);
    }
    true
}

/// ` || "x"`, ` ?? 'x'`, ` or "x"`, ` ?: "x"` after a reference; true when there was one.
fn fallback(at: &mut Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) -> bool {
    at.blanks();
    for sign in [&b"||"[..], b"??", b"?:", b"or ", b"? "] {
        if at.eat(sign) {
            at.blanks();
            if let Some(value) = literal(at) {
                push(at.text, out, name.clone(), value, Form::Fallback);
            }
            // test ? "one" : "other"
            at.blanks();
            if sign == b"? " && at.eat(b":") {
                at.blanks();
                if let Some(value) = literal(at) {
                    push(at.text, out, name.clone(), value, Form::Fallback);
                }
            }
            return true;
        }
    }
    false
}

/// `${NAME:-x}`, `${NAME:=x}`, `${name:x}`.
fn fallback_in_braces(at: &mut Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) {
    let rest = at.rest();
    let Some(close) =
        rest.iter().take(200).position(|b| *b == b'}' || *b == b'\n').filter(|n| rest[*n] == b'}')
    else {
        return;
    };
    let Some(colon) = rest[..close].iter().position(|b| *b == b':') else { return };
    let mut from = colon + 1;
    while from < close && matches!(rest[from], b'-' | b'=' | b' ') {
        from += 1;
    }
    if from < close && rest[from] != b'?' {
        push(at.text, out, name.clone(), at.at + from..at.at + close, Form::Fallback);
    }
}

/// The text of the next element: blanks and opening tags are stepped over, a tag ends it.
pub(super) fn element(at: &Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) {
    let mut at = at.clone();
    at.space();
    for _ in 0..TAGS {
        if at.rest().starts_with(b"<![CDATA[") {
            at.at += 9;
            break;
        }
        if at.peek() != b'<' || at.rest().get(1) == Some(&b'/') && !closes_a_part(at.rest()) {
            break;
        }
        let Some(n) = at.rest().iter().take(100).position(|b| *b == b'>') else { return };
        at.at += n + 1;
        at.space();
    }
    at.eat(b":");
    at.blanks();
    let rest = at.rest();
    let Some(n) = rest.iter().position(|b| matches!(b, b'<' | b'\n')) else { return };
    let mut value = rest[..n].trim_ascii_end();
    if let Some(inside) = value.strip_suffix(b"]]>") {
        value = inside;
    }
    if !value.is_empty() {
        push(at.text, out, name.clone(), at.at..at.at + value.len(), Form::Element);
    }
}

/// How many tags may stand between a name and its value: Word writes `password: ` and what follows as two runs.
const TAGS: usize = 8;

/// True at the end of what is a part of a line or row: a cell, a label, emphasis, a run of text in a document.
fn closes_a_part(rest: &[u8]) -> bool {
    const PARTS: [&[u8]; 13] = [
        b"td", b"th", b"dt", b"b", b"strong", b"i", b"em", b"code", b"span", b"label", b"w:r", b"w:rPr",
        b"a:r",
    ];
    rest.strip_prefix(b"</").is_some_and(|tag| {
        PARTS.iter().any(|part| tag.strip_prefix(*part).is_some_and(|rest| rest.starts_with(b">")))
    })
}

/// The value of a pair, after `value` and its closing quote.
pub(super) fn paired(at: &mut Cursor<'_>, name: &Range<usize>, out: &mut Vec<Found>) {
    if !matches!(at.separator(), Some(Separator::Colon | Separator::Equals | Separator::Arrow)) {
        return;
    }
    if let Some(value) = literal(at).or_else(|| bare(at, true)) {
        push(at.text, out, name.clone(), value, Form::Pair);
    }
}
