//! Finds values that this person's own machine holds as secrets, wherever and however they are written.
//!
//! Hands on candidates that carry the value and where it is kept. They live for one run: nothing here is written or logged.
//! The trap: a value is only itself where nothing continues it, or `token1` would be found in `token10`.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::block::{Block, BlockKind};
use crate::finding::Secret;

/// A secret that the machine holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Known {
    /// The secret.
    pub value: Vec<u8>,
    /// What it is called where it is kept; empty when it has no name there.
    pub name: String,
    /// The file in which it is kept, as a person would write it: `~/.netrc`.
    pub file: String,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({} of {}, {} bytes)", self.name, self.file, self.value.len())
    }
}

/// How a value may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Plain,
    Base64,
    Url,
}

/// Base64 shorter than this says too little about what is encoded in it.
const SHORTEST_BASE64: usize = 10;

/// All known values, ready to be looked for.
#[derive(Debug)]
pub struct KnownValues {
    values: Vec<Known>,
    /// Everything that is looked for, in the order of the texts.
    written: Vec<Written>,
    /// A bit for each hash of a text's first four bytes: an automaton would take milliseconds to build at every start.
    heads: Box<[u64; SLOTS / 64]>,
}

/// A value in one way of writing.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Written {
    text: Vec<u8>,
    /// Whose it is.
    index: usize,
    form: Form,
}

const SLOTS: usize = 1 << 16;
/// How many first bytes of a text are looked up; every text is longer.
const HEAD: usize = 4;

fn slot(head: &[u8]) -> usize {
    let word = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
    (word.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

impl KnownValues {
    /// Makes the tables; `None` when there is nothing to look for.
    #[must_use]
    pub fn new(values: Vec<Known>) -> Option<Self> {
        let mut written: Vec<Written> = Vec::new();
        for (index, known) in values.iter().enumerate() {
            let url = percent_encoded(&known.value);
            let forms = std::iter::once((Form::Plain, known.value.clone()))
                .chain((url != known.value).then_some((Form::Url, url)))
                .chain(base64_forms(&known.value).into_iter().map(|text| (Form::Base64, text)));
            written.extend(forms.map(|(form, text)| Written { text, index, form }));
        }
        crate::order::sort(&mut written);
        written.dedup_by(|b, a| a.text == b.text);
        written.retain(|written| written.text.len() >= HEAD);
        if written.is_empty() {
            return None;
        }
        let mut heads = Box::new([0; SLOTS / 64]);
        for written in &written {
            let slot = slot(&written.text);
            heads[slot / 64] |= 1 << (slot % 64);
        }
        Some(Self { values, written, heads })
    }

    /// Whether something that is looked for may begin with these four bytes.
    fn may_begin(&self, head: &[u8]) -> bool {
        let slot = slot(head);
        self.heads[slot / 64] >> (slot % 64) & 1 != 0
    }

    /// What is looked for and stands at `at`, where four bytes are left.
    fn standing_at<'a>(&'a self, text: &'a [u8], at: usize) -> impl Iterator<Item = &'a Written> + 'a {
        let head = &text[at..at + HEAD];
        let from = self.written.partition_point(|w| &w.text[..HEAD] < head);
        self.written[from..]
            .iter()
            .take_while(move |w| &w.text[..HEAD] == head)
            .filter(move |w| text[at..].starts_with(&w.text))
    }

    /// Every place where a known value stands, as a block with the plain value.
    pub fn find<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Block> + 'a {
        let mut at = 0;
        let heads = std::iter::from_fn(move || {
            let far = text.get(at..)?.windows(HEAD).position(|head| self.may_begin(head))?;
            at += far + 1;
            Some(at - 1)
        });
        let standing = heads.flat_map(move |at| self.standing_at(text, at).map(move |written| (at, written)));
        standing.filter_map(move |(start, written)| {
            let &Written { index, form, .. } = written;
            let known = &self.values[index];
            let span = start..start + written.text.len();
            if form != Form::Base64 && continued(text, &span) {
                return None;
            }
            let kept = if known.name.is_empty() {
                "it is a value".to_owned()
            } else {
                format!("it is {}", known.name)
            };
            let how = match form {
                Form::Plain => "",
                Form::Base64 => ", in base64",
                Form::Url => ", URL-encoded",
            };
            Some(Block {
                span: span.clone(),
                secret: span,
                kind: BlockKind::Known,
                encrypted: false,
                complete: true,
                value: Secret(known.value.clone()),
                detail: Some(format!("{kept} of {} on this machine{how}", known.file)),
            })
        })
    }
}

/// True where a letter, digit or underscore goes on on either side.
fn continued(text: &[u8], span: &Range<usize>) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let joined = |outside: Option<&u8>, inside: u8| word(inside) && outside.is_some_and(|b| word(*b));
    let before = span.start.checked_sub(1).and_then(|at| text.get(at));
    // `\n` before a value in a string is an escape, not its beginning.
    let escape =
        span.start >= 2 && text[span.start - 2] == b'\\' && matches!(before, Some(b'n' | b't' | b'r'));
    joined(before, text[span.start]) && !escape || joined(text.get(span.end), text[span.end - 1])
}

/// What of a value's base64 stays the same wherever in a longer text it starts: `user:password` in a header holds it too.
fn base64_forms(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let bytes = [vec![0; before], value.to_vec()].concat();
        // The first characters hold bits of what stands before, the last one of what stands behind.
        let from = (before * 8).div_ceil(6);
        let to = bytes.len() * 8 / 6;
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(&bytes).into_bytes();
            let part = text[from..to].to_vec();
            if part.len() >= SHORTEST_BASE64 && !forms.contains(&part) {
                forms.push(part);
            }
        }
    }
    forms
}

/// As a URL carries it (RFC 3986): all but unreserved characters as `%XX`.
fn percent_encoded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for &byte in value {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(byte);
        } else {
            out.extend(format!("%{byte:02X}").bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    fn values(secrets: &[&str]) -> KnownValues {
        let known = |value: &&str| Known {
            value: value.as_bytes().to_vec(),
            name: "DB_PASSWORD".to_owned(),
            file: ".env".to_owned(),
        };
        KnownValues::new(secrets.iter().map(known).collect()).expect("there are values")
    }

    fn found(known: &KnownValues, text: &str) -> Vec<String> {
        known.find(text.as_bytes()).map(|block| text[block.secret].to_owned()).collect()
    }

    #[test]
    fn a_value_is_found_wherever_it_stands() {
        let known = values(&["plum-kettle/91"]);
        for text in
            ["x = plum-kettle/91", "say plum-kettle/91, then", "\"\\nplum-kettle/91\"", "a/plum-kettle/91"]
        {
            assert_eq!(found(&known, text), ["plum-kettle/91"], "{text}");
        }
        let detail = known.find(b"plum-kettle/91").next().and_then(|block| block.detail);
        assert_eq!(detail.as_deref(), Some("it is DB_PASSWORD of .env on this machine"));
    }

    #[test]
    fn a_longer_word_is_another() {
        let known = values(&["plum-kettle-91"]);
        for text in ["plum-kettle-912", "xplum-kettle-91", "plum-kettle-91_b", "Plum-kettle-91"] {
            assert_eq!(found(&known, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn base64_is_found_at_every_offset() {
        let known = values(&["plum-kettle-91"]);
        for user in ["", "a", "ab", "abc", "abcd:"] {
            let text = format!("Basic {}", STANDARD.encode(format!("{user}plum-kettle-91")));
            let blocks: Vec<_> = known.find(text.as_bytes()).collect();
            assert_eq!(blocks.len(), 1, "{text}");
            assert_eq!(blocks[0].value.0, b"plum-kettle-91");
        }
    }

    #[test]
    fn url_encoded_values_are_found() {
        let known = values(&["plum@kettle/91"]);
        assert_eq!(found(&known, "https://u:plum%40kettle%2F91@h"), ["plum%40kettle%2F91"]);
    }

    #[test]
    fn debug_prints_no_value() {
        let known = Known { value: b"plum-kettle-91".to_vec(), name: "A".into(), file: ".env".into() };
        assert!(!format!("{known:?}").contains("plum"));
    }
}
