//! Calls that take a secret at a fixed place among their arguments: `jwt.sign(payload, "…")`, `new Sequelize(db, user, "…")`.
//!
//! Hands on the literal at that place, and where a call's name says it ([`Call::of_name`]) the place. The trap: the other
//! arguments are literals too (an algorithm, a database), so places are counted, brackets and quotes stepped over.

use std::ops::Range;

use super::cursor::Cursor;
use super::literal::literal;
use super::{Form, Found, push};

/// How far an argument list is followed, in bytes.
const REACH: usize = 240;

/// A call and the place of its secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The end of its name, in lower case.
    name: &'static str,
    /// Which argument, the first being 0.
    pub(crate) place: usize,
    /// The argument is `user:value`.
    pair: bool,
}

const fn call(name: &'static str, place: usize) -> Call {
    Call { name, place, pair: false }
}

const fn pair(name: &'static str) -> Call {
    Call { name, place: 0, pair: true }
}

/// Each with an opening bracket a keyword of the rule.
static KEYED: [Call; 26] = [
    call("jwt.sign", 1),
    call("jwt.verify", 1),
    call("jwt.encode", 1),
    call("jwt.decode", 1),
    call("createhmac", 1),
    call("createcipher", 1),
    call("createcipheriv", 1),
    call("createdecipher", 1),
    call("createdecipheriv", 1),
    call("hmac.new", 0),
    call("fernet", 0),
    call("aes.encrypt", 1),
    call("aes.decrypt", 1),
    call("aes_encrypt", 1),
    call("aes_decrypt", 1),
    call("pgp_sym_encrypt", 1),
    call("pgp_sym_decrypt", 1),
    call("sequelize", 2),
    call("new mysqli", 2),
    call("ldap_bind", 2),
    call("wifi.begin", 1),
    call("create_superuser", 2),
    pair("btoa"),
    pair("64encode"),
    pair("64_encode"),
    pair("buffer.from"),
];

/// Found by a stem in their name, or a keyword of their own: all their literals are candidates, and this one is meant.
static NAMED: [Call; 23] = [
    call("basicauth", 1),
    call("basic_auth", 1),
    call("digestauth", 1),
    call("networkcredential", 1),
    call("passwordcredential", 1),
    call("passwordcredentials", 1),
    call("passwordauthentication", 1),
    call("basicauthenticator", 1),
    call("basicauthenticationheadervalue", 1),
    call("credentials.basic", 1),
    call("getconnection", 2),
    call("mysqli_connect", 2),
    call("mysql_connect", 2),
    call("pymysql.connect", 2),
    call("dbi->connect", 2),
    call("cx_oracle.connect", 1),
    call("oci_connect", 1),
    call("pdo", 2),
    call("plainauth", 2),
    call("ftp_login", 2),
    call("ssh2_auth_password", 2),
    call("login", 1),
    call("credentials", 3),
];

/// The call that a keyword names: its name and the opening bracket.
pub(super) fn of_keyword(keyword: &[u8]) -> Option<&'static Call> {
    let name = keyword.strip_suffix(b"(")?;
    KEYED.iter().find(|call| name.eq_ignore_ascii_case(call.name.as_bytes()))
}

impl Call {
    /// What is known of a call by the end of its name.
    pub(crate) fn of_name(name: &[u8]) -> Option<&'static Self> {
        let ends = |call: &&Self| {
            name.len().checked_sub(call.name.len()).is_some_and(|at| {
                name[at..].eq_ignore_ascii_case(call.name.as_bytes())
                    && (call.name.len() > 5 || at == 0 || !name[at - 1].is_ascii_alphanumeric())
            })
        };
        NAMED.iter().chain(&KEYED).find(ends)
    }

    /// The literal at its place, after the opening bracket that ends the keyword at `hit`.
    pub(super) fn find(&self, text: &[u8], hit: &Range<usize>, out: &mut Vec<Found>) {
        let Some(mut at) = argument(text, hit.end, self.place) else { return };
        wrapped(&mut at);
        let Some(mut value) = literal(&mut at) else { return };
        if self.pair {
            // Bytes become base64 in another call.
            let behind = &text[at.at..text.len().min(at.at + 48)];
            if self.name == "buffer.from" && memchr::memmem::find(behind, b"base64").is_none() {
                return;
            }
            let Some(colon) = memchr::memchr(b':', &text[value.clone()]) else { return };
            if colon == 0 || text[value.clone()].contains(&b' ') {
                return;
            }
            value.start += colon + 1;
        }
        push(text, out, hit.start..hit.end - 1, value, Form::Argument);
    }
}

/// Steps into what makes bytes of a literal: `Buffer.from("…")`, `[]byte("…")`, `new Uint8Array("…")`.
fn wrapped(at: &mut Cursor<'_>) {
    let n = at
        .rest()
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'[' | b']' | b' '))
        .count();
    if n > 0 && at.rest().get(n) == Some(&b'(') {
        at.at += n + 1;
    }
}

/// The beginning of an argument, brackets and literals stepped over.
fn argument(text: &[u8], open: usize, place: usize) -> Option<Cursor<'_>> {
    let mut at = Cursor::new(text, open);
    let limit = at.end.min(open + REACH);
    let (mut left, mut depth) = (place, 0usize);
    loop {
        at.space();
        if left == 0 && depth == 0 {
            return Some(at);
        }
        while left > 0 {
            if at.at >= limit {
                return None;
            }
            match at.peek() {
                b'"' | b'\'' | b'`' => {
                    let quote = at.peek();
                    if literal(&mut at).is_none() {
                        // An empty literal is an argument too.
                        at.at += if at.rest().get(1) == Some(&quote) { 2 } else { return None };
                    }
                    continue;
                }
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
                b',' if depth == 0 => {
                    at.at += 1;
                    left -= 1;
                    break;
                }
                b';' => return None,
                _ => {}
            }
            at.at += 1;
        }
    }
}

/// Whether a candidate is the argument that its call takes a secret for, by the call's name.
pub(crate) fn is_meant(text: &[u8], found: &Found) -> bool {
    let (name, value) = (&found.name, &found.value);
    let Some(gap) = text.get(name.end..value.start) else { return false };
    // auth = ("user", "value")
    let pair =
        gap.trim_ascii_start().strip_prefix(b"=").is_some_and(|gap| gap.trim_ascii_start().starts_with(b"("));
    if found.form == Form::Assigned {
        let plain = !text[value.clone()].contains(&b'\\');
        return pair && plain && text[name.clone()].ends_with(b"auth") && gap.contains(&b',');
    }
    let is_at_its_place = |open: usize| {
        let end = name.end + open;
        let Some(call) = Call::of_name(&text[end.saturating_sub(64)..end]) else { return false };
        call.pair
            || argument(text, end + 1, call.place).is_some_and(|mut at| {
                wrapped(&mut at);
                literal(&mut at).is_some_and(|literal| literal == *value)
            })
    };
    let opens = |b: u8| b == b'(' || found.form == Form::Argument && b == b' ';
    gap.iter().enumerate().filter(|(_, b)| opens(**b)).take(4).any(|(open, _)| is_at_its_place(open))
}
