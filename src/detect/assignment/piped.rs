//! Passwords that are fed to a command: `echo user:… | chpasswd`, `kinit user <<< …`, `net use … /user:x`, `send "…"` of expect.
//!
//! Hands on at most one candidate a command, named by the command. The trap: only what stands before the pipe on the same
//! line is fed to it.

use std::ops::Range;

use super::cursor::Cursor;
use super::literal::{bare, literal, word};
use super::{BEFORE, Form, Found, line_before, push};

/// What of the input is the password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    Whole,
    /// `user:value`.
    Pair,
}

/// "pass" at `hit` in the name of a command, or of a flag, that reads a password; true when it was one.
pub(super) fn find(text: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) -> bool {
    let rest = &text[hit.end..text.len().min(hit.end + 16)];
    let before = &text[hit.start.saturating_sub(4)..hit.start];
    let mut command = |name: Range<usize>, input| fed(text, name, input, out);
    if rest.starts_with(b"wd") {
        let name = hit.start..hit.end + 2;
        if before.ends_with(b"ch") {
            return command(hit.start - 2..name.end, Input::Pair);
        }
        if before.ends_with(b"ht") {
            return of_htpasswd(text, &name, out);
        }
        if before.ends_with(b"vnc") {
            return command(hit.start - 3..name.end, Input::Whole);
        }
        // … | passwd user
        let run = rest.starts_with(b"wd ") && (before.ends_with(b"| ") || before.ends_with(b"do "));
        return run && command(name, Input::Whole);
    }
    // --password-stdin, --passphrase-fd 0
    let reads = rest.starts_with(b"word-stdin") || rest.starts_with(b"phrase-fd");
    reads && command(hit.start..hit.end + 4, Input::Whole)
}

/// A keyword that is such a command; true when it was one.
pub(super) fn by_keyword(text: &[u8], keyword: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) -> bool {
    let is = |word: &str| keyword.eq_ignore_ascii_case(word.as_bytes());
    if is("sudo -S") || is("kinit ") || is("cryptsetup ") {
        // `-s` starts a shell.
        if !(is("sudo -S") && keyword.ends_with(b"s")) {
            fed(text, hit.clone(), Input::Whole, out);
        }
    } else if is("net use ") || is("net user ") {
        network(text, hit, is("net user "), out);
    } else if is("sqlplus ") || is("expdp ") || is("impdp ") || is("userid=") {
        slashed(text, hit, out);
    } else if is("send \"") || is("send -- \"") {
        sent(text, hit, out);
    } else if is("add_user ") || is("change_password ") {
        second_word(text, hit, out);
    } else if is("to-securestring") {
        let mut at = Cursor::new(text, hit.end);
        at.blanks();
        if at.eat_word(b"-String") {
            at.blanks();
        }
        if let Some(value) = literal(&mut at) {
            push(text, out, hit.clone(), value, Form::Flag);
        }
    } else {
        return false;
    }
    true
}

/// `htpasswd -b file user value`; with `-n` there is no file.
fn of_htpasswd(text: &[u8], name: &Range<usize>, out: &mut Vec<Found>) -> bool {
    let mut at = Cursor::new(text, name.end);
    let (mut given, mut words) = (false, 2);
    while at.blanks() {
        let Some(value) = word(&mut at) else { break };
        let word = &text[value.clone()];
        if let Some(flags) = word.strip_prefix(b"-") {
            given |= flags.contains(&b'b');
            // -C 10, -r 5000: what they cost.
            if matches!(flags.last(), Some(b'C' | b'r')) {
                at.blanks();
                bare(&mut at, false);
            }
            words -= usize::from(flags.contains(&b'n') && words == 2);
        } else if words > 0 {
            words -= 1;
        } else {
            if given {
                push(text, out, name.clone(), value, Form::Flag);
            }
            break;
        }
    }
    true
}

/// What `echo` or a here-string feeds the command.
fn fed(text: &[u8], name: Range<usize>, input: Input, out: &mut Vec<Found>) -> bool {
    let value = echoed(text, name.start).or_else(|| here(text, name.end));
    let Some(mut value) = value else { return false };
    if input == Input::Pair {
        let Some(colon) = memchr::memchr(b':', &text[value.clone()]) else { return true };
        value.start += colon + 1;
    }
    // A second line repeats the first; what ends the line is no part of it.
    if let Some(end) = memchr::memmem::find(&text[value.clone()], b"\\n") {
        value.end = value.start + end;
    }
    push(text, out, name, value, Form::Flag);
    true
}

/// The word or literal behind `echo` or `printf` in the part of the line whose pipe ends before `end`.
fn echoed(text: &[u8], end: usize) -> Option<Range<usize>> {
    let line = line_before(text, end);
    let pipe =
        memchr::memrchr(b'|', line).filter(|pipe| !line[*pipe..].iter().any(|b| matches!(b, b';' | b'&')))?;
    let start = end - line.len();
    let echo = [&b"echo "[..], b"printf "]
        .iter()
        .find_map(|word| memchr::memmem::rfind(&line[..pipe], word).map(|at| at + word.len()))?;
    let mut at = Cursor::new(text, start + echo);
    at.end = start + pipe;
    at.blanks();
    // -n, -e, a format of its own.
    for word in [&b"-ne "[..], b"-n ", b"-e ", b"'%s' ", b"\"%s\" ", b"'%s\\n' ", b"\"%s\\n\" "] {
        if at.eat(word) {
            at.blanks();
        }
    }
    let value = literal(&mut at).or_else(|| {
        // The pipe ends the word, which `bare` takes for a cut.
        let word = at.rest().iter().take_while(|b| !matches!(b, b' ' | b'\t' | b'|')).count();
        at.at += word;
        (word > 0).then_some(at.at - word..at.at)
    });
    // Else it is another command that is fed.
    value.filter(|_| !at.rest().iter().any(|b| matches!(b, b';' | b'&')))
}

/// `<<< value` behind the command on its line.
fn here(text: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = &text[from..text.len().min(from + BEFORE)];
    let rest = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let at = memchr::memmem::find(rest, b"<<<")?;
    let mut at = Cursor::new(text, from + at + 3);
    at.blanks();
    word(&mut at)
}

/// `net use X: \\host\share value /user:name`, and with the value last; `net user name value /add`.
fn network(text: &[u8], hit: &Range<usize>, user: bool, out: &mut Vec<Found>) {
    let rest = &text[hit.end..text.len().min(hit.end + BEFORE)];
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let mut seen = false;
    let mut at = 0;
    while at < line.len() {
        let blanks = line[at..].iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        at += blanks;
        let length = line[at..].iter().take_while(|b| !matches!(b, b' ' | b'\t' | b'\r')).count();
        let word = &line[at..at + length];
        if length == 0 || matches!(word, b"&" | b"&&" | b"|" | b">" | b"#") {
            return;
        }
        if word.starts_with(b"/") {
            seen |= word.get(1..6).is_some_and(|w| w.eq_ignore_ascii_case(b"user:"));
        } else if word.ends_with(b":") || word.starts_with(b"\\") {
            seen = true;
        } else if seen {
            let marks = |b: u8| matches!(b, b'"' | b'\'');
            let open = usize::from(marks(word[0]));
            let close = usize::from(length > 1 && marks(word[length - 1]));
            let value = hit.end + at + open..hit.end + at + length - close;
            // "net user" would say that the value is a user.
            push(text, out, hit.start..hit.start + 3, value, Form::Flag);
            return;
        } else if user {
            seen = true;
        } else {
            return;
        }
        at += length;
    }
}

/// `user/value@host`, as Oracle's tools want it.
fn slashed(text: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) {
    let rest = &text[hit.end..text.len().min(hit.end + BEFORE)];
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    // -s, -L and other flags of one letter.
    let flags = line.chunks(3).take_while(|w| w[0] == b'-' && w.last() == Some(&b' ')).count() * 3;
    let flags = flags.min(line.len());
    let quote = usize::from(matches!(line.get(flags), Some(b'"' | b'\'')));
    let word = &line[flags + quote..];
    let stop = word.iter().position(|b| b" \t\r\"';<>|".contains(b)).unwrap_or(word.len());
    let word = &word[..stop];
    let Some(slash) = memchr::memchr(b'/', word) else { return };
    let host = memchr::memchr(b'@', word).filter(|at| *at > slash).unwrap_or(word.len());
    let named = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'#');
    if slash == 0 || !word[..slash].iter().all(named) || slash + 1 >= host {
        return;
    }
    let from = hit.end + flags + quote;
    push(text, out, hit.clone(), from + slash + 1..from + host, Form::Flag);
}

/// What an expect script answers to a prompt for a password.
fn sent(text: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) {
    let before = &text[hit.start.saturating_sub(BEFORE)..hit.start];
    let Some(prompt) = memchr::memmem::rfind(before, b"expect") else { return };
    let asked = before[prompt..].to_ascii_lowercase();
    if memchr::memmem::find(&asked, b"send").is_some()
        || ![&b"assword"[..], b"assphrase"].iter().any(|word| memchr::memmem::find(&asked, word).is_some())
    {
        return;
    }
    let mut at = Cursor::new(text, hit.end - 1);
    if let Some(mut value) = literal(&mut at) {
        for end in [&b"\\r"[..], b"\\n"] {
            value.end -= if text[value.clone()].ends_with(end) { end.len() } else { 0 };
        }
        push(text, out, hit.start..hit.start + 4, value, Form::Flag);
    }
}

/// `rabbitmqctl add_user name value`.
fn second_word(text: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) {
    let before = &text[hit.start.saturating_sub(40)..hit.start];
    if memchr::memmem::rfind(before, b"rabbitmqctl").is_none() {
        return;
    }
    let mut at = Cursor::new(text, hit.end);
    if word(&mut at).is_none() {
        return;
    }
    at.blanks();
    if let Some(value) = word(&mut at) {
        push(text, out, hit.start..hit.start + 3, value, Form::Flag);
    }
}
