//! Reads the value after a name: literals in every quoting, unquoted words, elements, lists, arguments, fallbacks.

use std::ops::Range;

use super::cursor::{Cursor, Separator};
use super::many::{ARGUMENTS, arguments, list, nested};
use super::{BEFORE, Form, Found, distant, push};

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
            at.space();
            let form = if closed && starts_flag(text, name) { Form::Flag } else { Form::Argument };
            if closed && let Some(value) = literal(at) {
                push(at.text, out, name.clone(), value, form);
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
        Separator::Word => {
            let quoted = literal(at);
            if let Some(value) = quoted.or_else(|| bare(at, false)) {
                push(at.text, out, name.clone(), value, Form::Prose);
            }
        }
        Separator::Blank => blank(at, name, tail, out),
    }
}

/// What stands in brackets after a blank is prose when it begins as a link, or when the first thing quoted in it is code.
fn in_a_sentence(rest: &[u8]) -> bool {
    let rest = &rest[..rest.len().min(ARGUMENTS)];
    rest.first() == Some(&b'[') || rest.iter().find(|b| matches!(b, b'"' | b'\'' | b'`')) == Some(&b'`')
}

/// `-` before the name: it is a flag.
fn starts_flag(text: &[u8], name: &Range<usize>) -> bool {
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
    if rest.get(n) != Some(&b'=') || matches!(rest.get(n + 1), Some(b'=' | b'>')) {
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
    // An address of, a dereference, a cast: &"x", (String) "x"
    while matches!(at.peek(), b'&' | b'*') && at.quote().is_none() {
        at.at += 1;
    }
    if let Some(value) = literal(at) {
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
            if !rest.starts_with(b"{{") {
                list(at, name, out);
            }
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
        if value.end <= word.end && fallback(&mut behind, name, out) {
            return;
        }
        push(at.text, out, name.clone(), value, form);
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

/// After a name and a blank: a flag's value, `name "literal"`, `ENV NAME value`, netrc's `password value`.
fn blank(at: &mut Cursor<'_>, name: &Range<usize>, tail: usize, out: &mut Vec<Found>) {
    let text = at.text;
    if at.at_line_end() {
        return;
    }
    if at.peek() == b'{' {
        distant::in_block(at, name, out);
        return;
    }
    if starts_flag(text, name) {
        if let Some(value) = literal(at).or_else(|| bare(at, false)) {
            push(at.text, out, name.clone(), value, Form::Flag);
        }
        return;
    }
    // "Pass `--flag`" is a sentence.
    let value = if at.peek() == b'`' { None } else { literal(at) };
    if let Some(value) = value {
        let sql = text[tail..value.start].len() <= 2 && text[name.clone()].eq_ignore_ascii_case(b"password");
        push(at.text, out, name.clone(), value, if sql { Form::Sql } else { Form::Blank });
        return;
    }
    // name type = "value"; name varchar(20) DEFAULT 'value'
    let rest = &at.rest()[..at.rest().len().min(60)];
    let rest = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    if let Some(n) = memchr::memchr(b'=', rest)
        .filter(|n| !rest[..*n].iter().any(|b| matches!(b, b'"' | b'\'' | b'(' | b'`')))
    {
        if rest[..n].iter().all(|b| b.is_ascii_alphanumeric() || b"_*[]&. :".contains(b))
            && rest.get(n + 1) != Some(&b'=')
        {
            at.at += n + 1;
            at.eat(b">");
            at.blanks();
            if let Some(value) = literal(at) {
                push(at.text, out, name.clone(), value, Form::Assigned);
            }
        }
        return;
    }
    if is_directive(text, name)
        && let Some(value) = bare(at, false)
    {
        push(at.text, out, name.clone(), value, Form::Blank);
    }
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
    let line = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at + 1..]).trim_ascii();
    let login = || {
        line.starts_with(b"machine ")
            || line.starts_with(b"login ")
            || memchr::memmem::find(line, b" login ").is_some()
    };
    directive && DIRECTIVES.contains(&line) || netrc && login() || redis && line.is_empty()
}

/// The inside of a literal in brackets: `%q(…)` (Ruby), `q{…}` (Perl), `~s(…)` (Elixir), `[[…]]` (Lua), on one line.
fn bracketed(at: &mut Cursor<'_>) -> Option<Range<usize>> {
    const SIGILS: [&[u8]; 8] = [b"%q", b"%Q", b"%", b"qq", b"q", b"~s", b"~S", b"["];
    let rest = at.rest();
    let sigil = SIGILS.into_iter().find(|sigil| rest.starts_with(sigil))?;
    let close: &[u8] = match rest.get(sigil.len())? {
        b'[' if sigil == b"[" => b"]]",
        b'[' => b"]",
        b'(' if sigil != b"[" => b")",
        b'{' if sigil != b"[" => b"}",
        _ => return None,
    };
    let from = sigil.len() + 1;
    let inside = &rest[from..];
    let n = memchr::memmem::find(&inside[..memchr::memchr(b'\n', inside).unwrap_or(inside.len())], close)?;
    // A list of lists, or a computation.
    if inside[..n].iter().any(|b| matches!(b, b'"' | b'\'' | b',' | b'[' | b'(')) {
        return None;
    }
    let value = at.at + from..at.at + from + n;
    at.at = value.end + close.len();
    (n > 0).then_some(value)
}

/// The inside of the literal at the cursor, which moves past its closing quote. Prefixes (`b"`, `@"`, `$'`, `r#"`) are
/// stepped over. None without a closing quote in the window, or when the literal is empty.
pub(super) fn literal(at: &mut Cursor<'_>) -> Option<Range<usize>> {
    let start = at.at;
    let mut quote = at.quote();
    if quote.is_none() {
        if matches!(at.peek(), b'%' | b'q' | b'~' | b'[') {
            return bracketed(at);
        }
        let n = at
            .rest()
            .iter()
            .take(3)
            .take_while(|b| {
                matches!(b, b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'f' | b'F' | b'L' | b'N' | b'@' | b'$')
            })
            .count();
        if n == 0 {
            return None;
        }
        at.at += n;
        // Rust's raw strings.
        at.at += at.rest().iter().take(3).take_while(|b| **b == b'#').count();
        quote = at.quote();
        if quote.is_none() {
            at.at = start;
            return None;
        }
    }
    let quote = quote?;
    let quote = quote.as_bytes();
    at.at += quote.len();
    let from = at.at;
    let rest = at.rest();
    let lines = quote.len() == 3 || quote == b"`";
    // An escaped quote (one backslash more) belongs to the value.
    let mut n = 0;
    while n < rest.len() {
        let byte = rest[n];
        if byte == quote[0] && rest[n..].starts_with(quote) {
            if n == 0 && lines {
                break;
            }
            at.at = from + n + quote.len();
            return (n > 0).then_some(from..from + n);
        }
        if byte == b'\n' && !lines {
            break;
        }
        n += if byte == b'\\' && quote[0] != b'\\' { 2 } else { 1 };
    }
    at.at = start;
    None
}

/// The unquoted word at the cursor. On a line of its own (`line`) only a blank or a comment ends it; elsewhere also
/// what separates parameters. Trailing punctuation is left off.
pub(super) fn bare(at: &mut Cursor<'_>, line: bool) -> Option<Range<usize>> {
    let rest = at.rest();
    let ends = |n: usize, byte: u8| match byte {
        b' ' | b'\t' | b'\r' | b'\n' | 0 => true,
        // On a line of its own a quote in the middle belongs to the value.
        b'"' | b'\'' | b'`' => n == 0 || !line || !rest.get(n + 1).is_some_and(u8::is_ascii_alphanumeric),
        b'<' | b'>' => true,
        b'\\' => {
            matches!(rest.get(n + 1), Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'\\' | b'\n' | b'u') | None)
        }
        b';' | b'&' | b',' if line => next_parameter(&rest[n + 1..]),
        b';' | b'&' | b',' | b')' | b'}' | b']' | b'|' => !line,
        _ => false,
    };
    let mut n = 0;
    let mut template = 0usize;
    while n < rest.len() {
        let byte = rest[n];
        // ${{ secrets.X }} and {{ x }} hold blanks
        if byte == b'{' && n > 0 && matches!(rest[n - 1], b'{' | b'$' | b'#')
            || byte == b'{' && rest.get(n + 1) == Some(&b'{')
        {
            template += 1;
        }
        if template > 0 {
            if byte == b'\n' {
                break;
            }
            if byte == b'}' {
                template -= 1;
            }
        } else if ends(n, byte) {
            break;
        }
        n += 1;
    }
    if n == rest.len() && at.end < at.text.len() {
        return None;
    }
    while n > 0 && matches!(rest[n - 1], b',' | b';' | b':')
        || n > 1 && matches!(rest[n - 1], b'.' | b')') && !rest[..n].contains(&b'(')
    {
        n -= 1;
    }
    let value = at.at..at.at + n;
    at.at += n;
    (n > 0).then_some(value)
}

/// ` name=` or `name:` follows: what stands before was one parameter of several.
fn next_parameter(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    let n = rest
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' '))
        .count();
    rest.is_empty() || n > 0 && matches!(rest.get(n), Some(b'=' | b':'))
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
    for sign in [&b"||"[..], b"??", b"?:", b"or ", b"|| "] {
        if at.eat(sign) {
            at.blanks();
            if let Some(value) = literal(at) {
                push(at.text, out, name.clone(), value, Form::Fallback);
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
