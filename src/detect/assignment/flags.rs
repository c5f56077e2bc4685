//! Flags of well-known commands that take a password: `mysql -p…`, `curl -u user:…`, `smbclient -U user%…`, `zip -P …`.
//!
//! Hands on at most one candidate for each flag, named by the flag. The trap: the same letter means other things to other
//! commands, so nothing is looked for but what a command's own manual calls a password.

use std::ops::Range;

use super::cursor::Cursor;
use super::literal::word;
use super::{Form, Found, push};

/// How far into a command its flags are looked for, in bytes.
const REACH: usize = 200;

/// Whether a flag's value may follow it without a blank, as in `-pvalue`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    Never,
    Too,
    Only,
}

/// What of the flag's value is the password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// `user:value`, and `value:` where a service takes its key for a user without a password.
    Colon,
    /// `user%value`.
    Percent,
}

/// A command and its flags.
pub(super) struct Command {
    word: &'static str,
    flags: &'static [&'static str],
    joined: Joined,
    part: Part,
}

const fn row(word: &'static str, flags: &'static [&'static str], joined: Joined, part: Part) -> Command {
    Command { word, flags, joined, part }
}

use Joined::{Never, Only, Too};
use Part::{Colon, Percent, Whole};

/// Each a keyword of the rule.
static COMMANDS: [Command; 44] = [
    row("mysql", &["-p"], Only, Whole),
    row("mariadb", &["-p"], Only, Whole),
    row("curl", &["--user", "--proxy-user", "-u", "-U"], Too, Colon),
    row("http -a", &[""], Never, Colon),
    row("docker login", &["-p"], Never, Whole),
    row("podman login", &["-p"], Never, Whole),
    row("registry login", &["-p"], Never, Whole),
    row("az login", &["-p"], Never, Whole),
    row("oc login", &["-p"], Never, Whole),
    row("twine upload", &["-p"], Never, Whole),
    row("redis-cli", &["-a"], Never, Whole),
    row("sqlcmd", &["-P"], Never, Whole),
    row("osql ", &["-P"], Never, Whole),
    row("bcp ", &["-P"], Never, Whole),
    row("cqlsh", &["-p"], Never, Whole),
    row("mongo ", &["-p"], Never, Whole),
    row("mongosh ", &["-p"], Never, Whole),
    row("mongodump ", &["-p"], Never, Whole),
    row("mongorestore ", &["-p"], Never, Whole),
    row("mongoexport ", &["-p"], Never, Whole),
    row("mongoimport ", &["-p"], Never, Whole),
    row("ldapsearch", &["-w"], Never, Whole),
    row("ldapadd", &["-w"], Never, Whole),
    row("ldapmodify", &["-w"], Never, Whole),
    row("ldapdelete", &["-w"], Never, Whole),
    row("psexec", &["-p"], Never, Whole),
    row("plink", &["-pw"], Never, Whole),
    row("pscp", &["-pw"], Never, Whole),
    row("addprinc", &["-pw"], Never, Whole),
    row("smbclient", &["-U", "--user"], Never, Percent),
    row("rpcclient", &["-U", "--user"], Never, Percent),
    row("smbget", &["-U", "--user"], Never, Percent),
    row("winexe", &["-U", "--user"], Never, Percent),
    row("net rpc", &["-U", "--user"], Never, Percent),
    row("zip -", &["-P"], Never, Whole),
    row("7z a", &["-p"], Only, Whole),
    row("7z x", &["-p"], Only, Whole),
    row("7za ", &["-p"], Only, Whole),
    row("rar a", &["-hp", "-p"], Only, Whole),
    row("rar x", &["-p"], Only, Whole),
    row("openssl enc", &["-k"], Never, Whole),
    row("snmp", &["-A", "-X"], Never, Whole),
    row("ipmitool", &["-P"], Never, Whole),
    row("mosquitto_", &["-P"], Never, Whole),
];

/// Commands in whose name "pass" stands, which is the keyword, and where.
static WITH_PASS: [(usize, Command); 3] = [
    (3, row("sshpass", &["-p"], Too, Whole)),
    (4, row("slappasswd", &["-s"], Never, Whole)),
    (4, row("ldappasswd", &["-w", "-s"], Never, Whole)),
];

/// The command that a keyword names.
pub(super) fn command(keyword: &[u8]) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| keyword.eq_ignore_ascii_case(command.word.as_bytes()))
}

/// Commands in whose name "pass" at `hit` stands, and OpenSSL's `pass:value`; true when it was one.
pub(super) fn of_a_word_with_pass(text: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) -> bool {
    if let Some(flag) = openssl(text, hit) {
        let mut at = Cursor::new(text, hit.end + 1);
        if let Some(value) = word(&mut at) {
            push(text, out, flag, value, Form::Flag);
        }
        return true;
    }
    for &(stem, ref command) in &WITH_PASS {
        let word = command.word.as_bytes();
        if stem <= hit.start
            && text[hit.start - stem..].get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word))
            && matches!(text.get(hit.start - stem + word.len()), Some(b' '))
        {
            find(text, &(hit.start - stem..hit.start - stem + word.len()), command, out);
            return true;
        }
    }
    false
}

/// The flag before `pass:`: `-passin`, `-passout`, `-pass`, `-password`.
fn openssl(text: &[u8], hit: &Range<usize>) -> Option<Range<usize>> {
    const FLAGS: [&[u8]; 4] = [b"-passin", b"-passout", b"-pass", b"-password"];
    if text.get(hit.end) != Some(&b':') {
        return None;
    }
    let before = &text[hit.start.saturating_sub(24)..hit.start];
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
    let flag = before.strip_suffix(b"=").unwrap_or(before).trim_ascii_end();
    let found = FLAGS.iter().find(|known| flag.ends_with(known))?;
    let end = hit.start.saturating_sub(24) + flag.len();
    Some(end - found.len()..end)
}

/// The values of the command's flags on its line.
pub(super) fn find(text: &[u8], hit: &Range<usize>, command: &Command, out: &mut Vec<Found>) {
    let end = text.len().min(hit.end + REACH);
    // The keyword may hold the dash of the first flag, or the flag itself.
    let mut at = if command.word.ends_with('-') { hit.end - 1 } else { hit.end };
    if command.flags == [""] {
        value(text, hit.end, hit, command, out);
        return;
    }
    let mut given = 0u8;
    while at < end && !matches!(text[at], b'\n' | b';' | b'|') && !text[at..].starts_with(b"&&") {
        if text[at] == b'-' && matches!(text[at - 1], b' ' | b'\t' | b'"' | b'\'') {
            for (number, flag) in command.flags.iter().enumerate() {
                if given & 1 << number == 0
                    && let Some(behind) = flag_end(&text[at..end], flag.as_bytes(), command.joined)
                {
                    given |= 1 << number;
                    value(text, at + behind, &(at..at + behind), command, out);
                    break;
                }
            }
        }
        at += 1;
    }
}

/// Where the flag at the beginning of `rest` ends: alone, or last of several in one word (`-sSu`, `-rP`).
fn flag_end(rest: &[u8], flag: &[u8], joined: Joined) -> Option<usize> {
    if rest.starts_with(flag) {
        return Some(flag.len());
    }
    let &[b'-', letter] = flag else { return None };
    if joined == Joined::Only || rest.get(1) == Some(&b'-') {
        return None;
    }
    let n = rest.iter().skip(1).take(8).take_while(|b| b.is_ascii_alphabetic()).count();
    (n > 1 && rest[n] == letter && rest.get(n + 1) == Some(&b' ')).then_some(n + 1)
}

/// `-p 27017:27017/tcp`, of a container that is called like the command.
fn is_a_port(value: &[u8]) -> bool {
    let value = value.strip_suffix(b"/tcp").or(value.strip_suffix(b"/udp")).unwrap_or(value);
    value.contains(&b':') && value.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b':' | b'-'))
}

/// The password behind a flag that ends at `behind`.
fn value(text: &[u8], behind: usize, flag: &Range<usize>, command: &Command, out: &mut Vec<Found>) {
    // In "`mysql -p`" the quote closes the code.
    if text.get(behind) == Some(&b'`') {
        return;
    }
    let mut at = Cursor::new(text, behind);
    let blank = at.blanks() || at.eat(b"=");
    if blank && command.joined == Joined::Only || !blank && command.joined == Joined::Never {
        return;
    }
    // A longer flag: `-pass`, `--username`.
    if !blank && text[flag.clone()].starts_with(b"--") {
        return;
    }
    let Some(mut value) = word(&mut at) else { return };
    if is_a_port(&text[value.clone()]) {
        return;
    }
    let mark = match command.part {
        Part::Whole => None,
        Part::Colon => Some(b':'),
        Part::Percent => Some(b'%'),
    };
    if let Some(mark) = mark {
        // A bare value ends before its last colon.
        if command.part == Part::Colon && text.get(value.end) == Some(&b':') {
            value.end += 1;
        }
        let Some(n) = memchr::memchr(mark, &text[value.clone()]) else { return };
        let from = value.start + n;
        if from + 1 < value.end {
            value.start = from + 1;
        } else if command.part == Part::Colon {
            value.end = from;
        } else {
            return;
        }
    }
    // Named by the beginning: "--proxy-user" would say that the value is a user.
    push(text, out, flag.start..flag.end.min(flag.start + 2), value, Form::Flag);
}
