//! One entry for each reader of foreign bytes that is own code, as a fuzzer wants it: bytes in, a panic where a promise is
//! broken.
//!
//! Hands on [`TARGETS`], which `fuzz/` drives and a test runs over the committed corpus. Not part of the library that others
//! may use. To add one: a row here, a folder in `fuzz/corpus` (see `fuzz/README.md`). The trap: a target that refuses most
//! input early finds nothing; put what is hard to guess (magic, checksums) there for it.

mod inside;

use std::collections::BTreeSet;

use crate::allow::edit::{Edit, NewEntry, add_entry};
use crate::allow::{Allowances, Config, Date, Origin, Question, check_glob, inline_allows};
use crate::detect::rulefile::{RuleSource, parse_file};
use crate::detect::{RuleSet, detect};
use crate::engine::contents::contents;
use crate::engine::{Budget, Limits, inspect};
use crate::git::fuzzing as git;
use crate::redact::{Masks, Stream};
use crate::report::{escape, for_json, json_object, masked};
use crate::text::container::{Input, sniff};
use crate::text::notebook::Walk;
use crate::text::{Encoding, Marked, Text, excerpt};

/// A reader of foreign bytes.
pub struct Target {
    /// The name of its folder in `fuzz/corpus`.
    pub name: &'static str,
    /// Panics where the reader breaks a promise.
    pub run: fn(&[u8]),
}

/// Every target, by name.
pub static TARGETS: &[Target] = &[
    Target { name: "cache-tree", run: git::cache_tree },
    Target { name: "configuration", run: configuration },
    Target { name: "container", run: container },
    Target { name: "content", run: content },
    Target { name: "decoder", run: inside::decoder },
    Target { name: "delta", run: crate::git::pack::fuzz_delta },
    Target { name: "diff", run: diff },
    Target { name: "encoding", run: encoding },
    Target { name: "escape", run: escaping },
    Target { name: "ewah", run: git::ewah },
    Target { name: "history-cache", run: crate::history::fuzz_cache },
    Target { name: "image", run: inside::image },
    Target { name: "index", run: git::index },
    Target { name: "inline", run: inline },
    Target { name: "known-file", run: crate::source::known::fuzz },
    Target { name: "loose-object", run: git::loose_object },
    Target { name: "notebook", run: notebook },
    Target { name: "pack-entry", run: crate::git::pack::fuzz_entry },
    Target { name: "pack-index", run: crate::git::pack::fuzz_index },
    Target { name: "redact", run: redact },
    Target { name: "rules", run: rules },
    Target { name: "secret-file", run: inside::secret_file },
    Target { name: "team-yaml", run: crate::install::team::fuzz },
    Target { name: "tree", run: git::tree },
];

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// A container of whatever kind is walked to its end within its budget, and gives the same members each time.
fn container(data: &[u8]) {
    // A checksum stands in each tape archive's header: put right, or nothing behind it would be reached.
    let data = if data.get(257..262) == Some(b"ustar") { inside::with_sums(data) } else { data.to_vec() };
    let Some(kind) = sniff(&data) else { return };
    let walked = || {
        let limits = Limits { bytes: 1 << 20, held: 1 << 20, ..Limits::default() };
        let budget = Budget::new(limits, data.len() as u64);
        let mut members = Vec::new();
        contents(kind, Input::Whole(&data), b"a.bin", &budget, &mut |leaf| {
            assert!(leaf.until <= leaf.bytes.len());
            members.push((leaf.name.to_vec(), leaf.bytes.len()));
        });
        (members, budget.reached())
    };
    assert_eq!(walked(), walked(), "the same input gives the same answer");
}

/// Every place that content can claim lies within it, and its lines can be shown.
fn content(data: &[u8]) {
    let rules = RuleSet::default();
    let budget = Budget::new(Limits::default(), data.len() as u64);
    let mut inspected = inspect(&rules, data, &budget).expect("built-in rules compile");
    let judged = inspected.judge(&rules, b"src/app.py");
    let text = &inspected.text;
    for judged in judged {
        let (secret, all) = (&judged.secret, text.bytes.len());
        assert!(secret.start < secret.end && secret.end <= all, "{secret:?} of {all}");
        assert!((0.0..=1.0).contains(&judged.confidence));
        let position = text.position(&judged.secret);
        assert!(position.line >= 1 && position.column >= 1 && position.end_line >= position.line);
        let marked = Marked { span: judged.secret.clone(), public: 0 };
        for line in excerpt(text, position.line, &marked, &[]) {
            assert!(line.masks.iter().all(|mask| mask.span.end <= line.text.len()));
        }
    }
}

/// One walk over a notebook answers as a fresh one for each place does.
fn notebook(data: &[u8]) {
    let mut walk = Walk::new(data);
    for offset in (0..data.len().min(512)).step_by(7) {
        let place = walk.place(offset);
        assert_eq!(place, Walk::new(data).place(offset));
        assert!(place.is_none_or(|place| place.cell.number >= 1 && place.cell.line >= 1));
    }
}

/// However a stream is cut and wherever it pauses, what is not masked comes out as it went in.
fn redact(data: &[u8]) {
    let (cuts, text) = halves(data);
    let (rules, allowances) = (RuleSet::default(), Allowances::new(Vec::new(), Date::LAST));
    let mut masks = Masks::new(&rules, crate::judge::BLOCKS[1], &allowances);
    let (mut stream, mut out) = (Stream::default(), Vec::new());
    let mut rest = text;
    for cut in cuts {
        let (piece, after) = rest.split_at(rest.len().min(usize::from(*cut)));
        rest = after;
        stream.push(piece, &mut masks, &mut out).expect("built-in rules compile");
        match cut % 3 {
            0 => stream.pause(&mut masks, &mut out).expect("built-in rules compile"),
            1 => stream.stall(&mut masks, &mut out).expect("built-in rules compile"),
            _ => {}
        }
    }
    stream.push(rest, &mut masks, &mut out).expect("built-in rules compile");
    stream.finish(&mut masks, &mut out).expect("built-in rules compile");
    assert!(!stream.is_waiting());
    assert!(masks.counts().1 > 0 || out == text, "nothing is masked, and the text changed");
}

/// What was written in a wide encoding reads as the text that it was, and no line is lost.
fn encoding(data: &[u8]) {
    let text = Text::with_lines(data);
    let mut at = text.bytes.len();
    while let Some(line) = text.line_before(text.line_at(at).start) {
        assert!(line.start <= line.end && line.end < at);
        at = line.start;
    }
    assert_eq!(text.line_at(at).start, 0);
    let Ok(plain) = std::str::from_utf8(data) else { return };
    for (mark, big) in [(b"\xFF\xFE", false), (b"\xFE\xFF", true)] {
        let unit = if big { u16::to_be_bytes } else { u16::to_le_bytes };
        let wide: Vec<u8> = mark.iter().copied().chain(plain.encode_utf16().flat_map(unit)).collect();
        let text = Text::new(&wide);
        // Four bytes of a mark may also be UTF-32's.
        if matches!(text.encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
            assert_eq!(text.bytes, plain.as_bytes());
        }
    }
}

/// A line diff's ranges are whole lines, ascending, and hold every line that only the new side has.
fn diff(data: &[u8]) {
    let (old, new) = halves(data);
    let ranges = crate::git::added_ranges(old, new).expect("memory for a small diff");
    let mut end = 0;
    let mut kept: Vec<&[u8]> = Vec::new();
    for range in &ranges {
        assert!(range.start >= end && range.start < range.end && range.end <= new.len());
        assert!(range.start == 0 || new[range.start - 1] == b'\n');
        assert!(range.end == new.len() || new[range.end - 1] == b'\n');
        kept.extend(lines(&new[end..range.start]));
        end = range.end;
    }
    kept.extend(lines(&new[end..]));
    let there: BTreeSet<&[u8]> = lines(old).collect();
    assert!(kept.iter().all(|line| there.contains(line)), "a new line is not among the added ones");
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&b| b == b'\n').map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}

/// A configuration that is accepted can be asked and extended, and what is added is there afterwards.
fn configuration(data: &[u8]) {
    let built_in = || vec!["github-token", "generic-password", "aws-key-id"];
    for origin in [Origin::Repository, Origin::User] {
        match Config::parse("c", origin, data, &built_in) {
            Ok(config) => {
                let allowances = Allowances::new(vec![config.into()], Date::LAST);
                let question = Question {
                    rule: "github-token",
                    path: Some(b"src/a b.py"),
                    secret: b"secret\xFF",
                    line: b"x = secret\xFF",
                    fingerprint: &|| format!("u1-{:020}", 7),
                };
                // Too large a pattern is an error, and that is an answer.
                drop(allowances.allows(&question));
                drop(allowances.expired());
            }
            Err(error) => harmless(&error.to_string(), true),
        }
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let new = NewEntry {
        fingerprint: format!("u1-{:020}", 7),
        path: Some("docs/**".to_owned()),
        reason: "it \"is\" fine\\".to_owned(),
        expires: Date::new(2030, 2, 28),
    };
    if let Ok(Edit::Added { text, .. }) = add_entry("c", text, &new, &built_in) {
        let again = add_entry("c", &text, &new, &built_in);
        assert!(matches!(again, Ok(Edit::Exists { .. })), "{again:?}");
    }
    drop(check_glob(text));
}

/// A rule file that is accepted makes rules that run.
fn rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let custom: Vec<RuleSource> = match parse_file(text, crate::judge::checks::NAMES) {
        Ok(file) => file.rules,
        Err(problems) => {
            assert!(!problems.is_empty());
            assert!(problems.iter().all(|p| p.span.start <= p.span.end && p.span.end <= text.len()));
            return;
        }
    };
    // The compiler of regexes is not ours; ten rules are enough to ask.
    let Ok(set) = RuleSet::new(&custom[..custom.len().min(10)], &BTreeSet::new()) else { return };
    drop(detect(&set, data));
}

/// A comment allows no finding of a rule that it does not name.
fn inline(data: &[u8]) {
    let (before, line) = halves(data);
    let built_in = || vec!["github-token", "generic-password"];
    drop(inline_allows(Some(before), line, "github-token", &built_in, &["acme"]));
    if memchr::memmem::find(data, b"unleak:allow").is_none() {
        assert_eq!(inline_allows(Some(before), line, "acme", &built_in, &["acme"]), None);
    }
}

/// Nothing foreign reaches a terminal or a CI log unescaped, and JSON says it back.
fn escaping(data: &[u8]) {
    harmless(&escape(data), false);
    harmless(&masked(data, 4, false), false);
    let told = for_json(data);
    let mut written = Vec::new();
    json_object(&mut written, &told).expect("memory");
    let written = String::from_utf8(written).expect("JSON is text");
    harmless(&written, false);
    let read: String = serde_json::from_str(&written).expect("what was written");
    assert_eq!(read, told);
}

fn harmless(text: &str, several_lines: bool) {
    let control = |c: char| c.is_control() && !(several_lines && c == '\n');
    assert!(!text.contains(control), "{text:?}");
}

/// Two inputs out of one: the first two bytes say where the second starts.
pub(crate) fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    let Some((at, rest)) = data.split_first_chunk::<2>() else { return (&[], data) };
    rest.split_at(usize::from(u16::from_le_bytes(*at)).min(rest.len()))
}
