//! What a value says of itself, whatever its name and place.

use super::features::{Active, Group};
use super::language;
use crate::judge::present::Present;

/// What kind of value it is, roughly: crossed with name, form and file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Words,
    WordsAndDigits,
    WordsAndSymbols,
    ShortLetters,
    LongLetters,
    ShortMixed,
    LongMixed,
    Hex,
    Odd,
}

fn bin(value: usize, edges: &[usize]) -> usize {
    edges.iter().position(|e| value < *e).unwrap_or(edges.len())
}

/// Adds the features of the value itself; returns its class.
pub(super) fn look(value: &[u8], active: &mut Active) -> Class {
    let length = value.len();
    active.add(Group::Length, bin(length, &[4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 24, 32, 33, 40, 41, 64]));
    let mut counts = Counts::default();
    let mut seen = [0u64; 4];
    for &byte in value.iter().take(language::LOOKED_AT) {
        counts.add(byte);
        seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    let looked = length.clamp(1, language::LOOKED_AT);
    let (alphabet, size_bits) = counts.alphabet();
    active.add(Group::Alphabet, alphabet);
    let cost = language::cost(value) as usize;
    // 1/16 bit a character; letters at random cost about 90.
    let surprise = cost / looked;
    active.add(
        Group::Surprise,
        bin(surprise, &[40, 48, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100, 110, 120, 140]),
    );
    // Above what half of chance's bits would be.
    let above = (cost as isize - (size_bits * looked * 16 / 10) as isize) / 16;
    active.add(
        Group::Chance,
        bin(
            (above + 60).max(0) as usize,
            &[10, 25, 35, 42, 48, 52, 56, 60, 63, 66, 70, 75, 80, 88, 96, 110, 130, 160, 220],
        ),
    );
    let (covered, letters) = language::coverage(value);
    let share = (covered * 10).checked_div(letters);
    active.add(Group::Words, share.unwrap_or(11));
    let distinct: usize = seen.iter().map(|s| s.count_ones() as usize).sum();
    active.add(Group::Distinct, bin(distinct * 100 / looked.min(24), &[25, 40, 50, 60, 70, 80, 100]));
    active.add(Group::Symbols, bin(counts.symbols * 100 / looked, &[1, 6, 12, 20, 35]));
    let present = Present::of(value);
    active.add(Group::Shape, shape(value, &present, &counts));
    inside(value, &present, active);
    oddities(value, &present, &counts, active);
    let wordy = letters > 0 && covered * 10 >= letters * 7;
    let symbols = counts.symbols + counts.separators;
    if counts.wide > 0 || counts.blanks > 0 || symbols * 3 > looked {
        Class::Odd
    } else if wordy && counts.digits == 0 && counts.symbols == 0 {
        Class::Words
    } else if wordy && counts.symbols == 0 && counts.digits * 2 <= looked {
        Class::WordsAndDigits
    } else if wordy && counts.digits * 2 <= looked {
        Class::WordsAndSymbols
    } else if alphabet <= 3 && length >= 16 {
        Class::Hex
    } else if counts.digits == 0 && counts.symbols == 0 {
        if length < 16 { Class::ShortLetters } else { Class::LongLetters }
    } else if length < 16 {
        Class::ShortMixed
    } else {
        Class::LongMixed
    }
}

#[derive(Default)]
struct Counts {
    lower: usize,
    upper: usize,
    digits: usize,
    hex_lower: usize,
    hex_upper: usize,
    base64: usize,
    separators: usize,
    symbols: usize,
    blanks: usize,
    wide: usize,
}

impl Counts {
    fn add(&mut self, byte: u8) {
        match byte {
            b'a'..=b'z' => {
                self.lower += 1;
                self.hex_lower += usize::from(byte <= b'f');
            }
            b'A'..=b'Z' => {
                self.upper += 1;
                self.hex_upper += usize::from(byte <= b'F');
            }
            b'0'..=b'9' => self.digits += 1,
            b'_' | b'-' | b'.' => self.separators += 1,
            b' ' => self.blanks += 1,
            0x80.. => self.wide += 1,
            _ => {
                self.symbols += 1;
                self.base64 += usize::from(matches!(byte, b'+' | b'/' | b'='));
            }
        }
    }

    /// Which alphabet holds the value, and its bits a character in tenths.
    fn alphabet(&self) -> (usize, usize) {
        let other = self.separators + self.symbols + self.blanks + self.wide;
        let letters = self.lower + self.upper;
        if self.wide > 0 {
            return (13, 50);
        }
        if self.blanks > 0 {
            return (14, 48);
        }
        if other == 0 {
            return match (self.digits, self.lower, self.upper) {
                (_, 0, 0) => (0, 33),
                (_, l, 0) if l == self.hex_lower && self.digits > 0 => (1, 40),
                (_, 0, u) if u == self.hex_upper && self.digits > 0 => (2, 40),
                (_, l, u) if l == self.hex_lower && u == self.hex_upper && self.digits > 0 => (3, 44),
                (0, _, 0) => (4, 47),
                (0, 0, _) => (5, 47),
                (0, _, _) => (6, 57),
                (_, _, 0) => (7, 52),
                (_, 0, _) => (8, 52),
                _ => (9, 60),
            };
        }
        if self.symbols == self.base64 && self.separators == 0 && letters > 0 {
            return (10, 60);
        }
        if self.symbols == 0 { (11, 58) } else { (12, 64) }
    }
}

/// How the value is built, as identifiers, paths and numbers are.
fn shape(value: &[u8], present: &Present, counts: &Counts) -> usize {
    let has = |byte: u8| present.has(byte);
    let letters = counts.lower + counts.upper;
    if letters == 0 && counts.digits > 0 {
        return if counts.separators + counts.symbols == 0 { 0 } else { 1 };
    }
    if counts.blanks > 0 {
        return 2;
    }
    if value.starts_with(b"/")
        || value.starts_with(b"./")
        || value.starts_with(b"../")
        || value.starts_with(b"~/")
        || value.get(1..3) == Some(b":\\")
    {
        return 3;
    }
    if present.has_all(b":/") && value.windows(3).any(|w| w == b"://") {
        return 4;
    }
    if counts.symbols == 0 && counts.wide == 0 {
        let parts = value.split(|b| matches!(b, b'_' | b'-' | b'.'));
        let plain = parts.clone().all(|p| {
            !p.is_empty() && (p.iter().all(u8::is_ascii_alphabetic) || p.iter().all(u8::is_ascii_digit))
        });
        if counts.separators > 0 {
            let kind = if has(b'.') {
                5
            } else if has(b'_') {
                6
            } else {
                7
            };
            return if plain { kind } else { 8 };
        }
        if counts.digits == 0 {
            let capitals =
                value.windows(2).filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()).count();
            return match (counts.upper, value[0].is_ascii_uppercase()) {
                (0, _) => 9,
                (_, _) if counts.lower == 0 => 10,
                (1, true) => 11,
                _ if capitals > 0 && capitals * 4 <= value.len() => 12,
                _ => 13,
            };
        }
        let trailing = value.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        return if trailing == counts.digits && trailing <= 4 { 14 } else { 15 };
    }
    13
}

fn has(value: &[u8], word: &[u8]) -> bool {
    value.len() >= word.len() && value.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word))
}

/// Words in the value that say what it is for.
fn inside(value: &[u8], present: &Present, active: &mut Active) {
    const LISTS: [&[&[u8]]; 10] = [
        &[b"password", b"passwd", b"passw", b"pwd", b"secret", b"passphrase"],
        &[b"token", b"apikey", b"api_key", b"api-key", b"key", b"auth", b"cred", b"bearer"],
        &[b"test", b"example", b"sample", b"demo", b"dummy", b"fake", b"mock", b"stub"],
        &[b"foo", b"bar", b"baz", b"qux", b"lorem", b"hello", b"blah", b"whatever", b"thing"],
        &[
            b"admin",
            b"root",
            b"user",
            b"guest",
            b"postgres",
            b"mysql",
            b"redis",
            b"client",
            b"server",
            b"default",
        ],
        &[b"my", b"your", b"some", b"the", b"this", b"here", b"change", b"replace", b"super"],
        &[b"123", b"abc", b"qwe", b"asd", b"111", b"000", b"xyz"],
        &[
            b"invalid",
            b"wrong",
            b"bad",
            b"incorrect",
            b"correct",
            b"valid",
            b"expired",
            b"new",
            b"old",
            b"random",
        ],
        &[b"2019", b"202", b"199", b"200"],
        &[b"live", b"prod", b"sk-", b"sk_", b"pk_", b"rk_", b"secret1", b"pass1", b"supersecret"],
    ];
    // A word in a long value is chance.
    if value.len() > 40 {
        return;
    }
    let has = |word: &[u8]| present.has_all(word) && has(value, word);
    let mut none = true;
    for (n, list) in LISTS.iter().enumerate() {
        if list.iter().any(|w| (w.len() > 3 || value.len() < 20) && has(w)) {
            active.add(Group::Inside, n);
            none = false;
        }
    }
    if none {
        active.add(Group::Inside, 10);
    }
}

/// What a secret hardly ever has.
fn oddities(value: &[u8], present: &Present, counts: &Counts, active: &mut Active) {
    let first = value.first().copied().unwrap_or(0);
    let last = value.last().copied().unwrap_or(0);
    let found = [
        counts.wide > 0,
        counts.blanks > 1,
        counts.blanks == 1,
        present.has(b'('),
        (present.has(b':') || present.has(b'>'))
            && value.windows(2).any(|w| w == b"::" || w == b"->" || w == b"=>"),
        matches!(first, b'$' | b'%' | b'<' | b'{' | b'['),
        present.has(b'{') || present.has(b'}'),
        present.has(b'\\'),
        present.has_all(b":/") && value.windows(3).any(|w| w == b"://"),
        matches!(first, b'.' | b'#' | b'@' | b':' | b'/' | b'-' | b'+' | b'*' | b'&' | b','),
        matches!(last, b'.' | b':' | b'?' | b'!'),
        matches!(last, b'/' | b'-' | b'_' | b',' | b';' | b'('),
        uuid(value),
        value.starts_with(b"$2")
            || value.starts_with(b"$1$")
            || value.starts_with(b"$5$")
            || value.starts_with(b"$6$")
            || value.starts_with(b"$argon")
            || present.has_all(b"pbkdf2") && has(value, b"pbkdf2")
            || value.starts_with(b"{SHA")
            || value.starts_with(b"{SSHA"),
        value.starts_with(b"sha1-")
            || value.starts_with(b"sha256")
            || value.starts_with(b"sha384-")
            || value.starts_with(b"sha512"),
        value.starts_with(b"ENC[")
            || value.starts_with(b"ENC(")
            || value.starts_with(b"AQICA")
            || value.starts_with(b"vault:")
            || value.starts_with(b"$ANSIBLE"),
        value.starts_with(b"arn:") || value.starts_with(b"projects/") || value.starts_with(b"urn:"),
        value.starts_with(b"MII")
            || present.has_all(b"begin ") && has(value, b"BEGIN ")
            || value.starts_with(b"ssh-")
            || value.starts_with(b"AAAA"),
        present.has(b'.') && file_name(value),
        present.has(b'@') && present.has(b'.') && !present.has(b' '),
        present.has(b','),
        present.has(b';'),
        present.has(b'='),
        present.has(b'|') || present.has(b'*') || present.has(b'^'),
        value.len() > 300,
        present.has(b'<') || present.has(b'>') || present.has(b'"'),
        present.has(b'/') && counts.digits == 0,
        present.has(b':') && value.iter().filter(|b| **b == b':').count() > 1,
    ];
    for (n, found) in found.into_iter().enumerate() {
        if found {
            active.add(Group::Oddity, n);
        }
    }
}

pub(super) fn uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value
            .iter()
            .enumerate()
            .all(|(n, b)| if matches!(n, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// `name.ext` with a short lower-case extension, or a host name.
fn file_name(value: &[u8]) -> bool {
    let Some(dot) = value.iter().rposition(|b| *b == b'.') else { return false };
    let extension = &value[dot + 1..];
    (2..=5).contains(&extension.len())
        && extension.iter().all(u8::is_ascii_lowercase)
        && value[..dot].iter().all(|b| b.is_ascii_alphanumeric() || b"_-./".contains(b))
}
