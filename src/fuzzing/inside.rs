//! Targets for what stands inside other things: images, files that are secrets by their name, every decoder.
//!
//! The trap: an image's parts lead to each other by name, which no fuzzer guesses: here they have fixed ones.

use crate::allow::{Allowances, Date};
use crate::detect::rules::RuleSet;
use crate::detect::writing::WRITINGS;
use crate::detect::{Hint, Writing};
use crate::engine::{Engine, Limits};
use crate::source::image::Store;
use crate::text::Text;
use crate::text::decode::{Decoded, decode, whole};

/// Ends each part of an image but the last, which may be of any bytes.
const PART_END: u8 = 0x1E;

const SMALL: Limits = Limits { depth: 4, bytes: 1 << 20, members: 1_000, ratio: 200, held: 1 << 20 };

/// An image is judged to its end whatever its documents say, and twice the same. The input: `index.json`, `manifest.json`, the
/// configuration (`c.json`, and `s:c` as a digest), a further document (`s:m`), and a layer (`l.tar`, `s:l`). What begins like a tape
/// archive is the whole store.
pub(super) fn image(data: &[u8]) {
    let archive = if data.get(257..262) == Some(b"ustar") { with_sums(data) } else { of_parts(data) };
    let (rules, allowances) = (RuleSet::default(), Allowances::new(Vec::new(), Date::LAST));
    let engine = Engine {
        rules: &rules,
        blocks: crate::judge::BLOCKS[1],
        allowances: &allowances,
        before: None,
        inline: true,
        limits: SMALL,
        watch: None,
    };
    let judged = || {
        let mut file = tempfile::tempfile().expect("a temporary file");
        std::io::Write::write_all(&mut file, &archive).expect("space for it");
        Store::of_file(file, SMALL).map(|store| engine.run_image(&store, b"image.tar"))
    };
    let (once, twice) = (judged(), judged());
    assert_eq!(once, twice, "the same input gives the same answer");
    if let Ok(outcome) = once {
        for finding in outcome.findings.iter().chain(&outcome.shown) {
            assert!(finding.inside.layer.is_some(), "a finding in an image says where");
        }
    }
}

fn of_parts(data: &[u8]) -> Vec<u8> {
    let mut parts = data.splitn(5, |byte| *byte == PART_END);
    let mut next = || parts.next().unwrap_or_default();
    let (index, manifest, config, document, layer) = (next(), next(), next(), next(), next());
    let layer = with_sums(layer);
    let mut archive = Vec::new();
    for (name, content) in [
        ("index.json", index),
        ("manifest.json", manifest),
        ("c.json", config),
        ("blobs/s/c", config),
        ("blobs/s/m", document),
        ("l.tar", &layer),
        ("blobs/s/l", &layer),
    ] {
        if !content.is_empty() {
            archive.extend(header(name, content.len()));
            archive.extend(content);
            archive.resize(archive.len().next_multiple_of(512), 0);
        }
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

fn header(name: &str, size: usize) -> [u8; 512] {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    put_sum(&mut header);
    header
}

/// A tape archive with the checksum of each header put right, as far as the headers lead.
pub(super) fn with_sums(data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    let mut at = 0;
    while let Some(header) = data.get_mut(at..at + 512).and_then(|header| header.first_chunk_mut::<512>()) {
        if header.get(257..262) == Some(b"ustar") {
            put_sum(header);
            let size = std::str::from_utf8(&header[124..135]).ok();
            let size = size.and_then(|digits| usize::from_str_radix(digits.trim(), 8).ok()).unwrap_or(0);
            at = at.saturating_add(size.next_multiple_of(512));
        }
        at = at.saturating_add(512);
    }
    data
}

fn put_sum(header: &mut [u8; 512]) {
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Names under which files are judged as what they are.
const NAMES: [&str; 10] = [
    ".env",
    "terraform.tfstate",
    ".netrc",
    ".pgpass",
    ".npmrc",
    "config/master.key",
    ".docker/config.json",
    "kubeconfig",
    ".git-credentials",
    "app.jks",
];

/// What a file is for its name's sake: the first byte says which name.
pub(super) fn secret_file(data: &[u8]) {
    let Some((name, content)) = data.split_first() else { return };
    let path = NAMES[usize::from(*name) % NAMES.len()].as_bytes();
    let rules = RuleSet::default();
    let text = Text::with_lines(content);
    let candidates = crate::judge::file::candidates(&rules, &text, path).expect("built-in rules compile");
    for candidate in &candidates {
        let (secret, all) = (&candidate.secret, text.bytes.len());
        assert!(secret.start < secret.end && secret.end <= all, "{secret:?} of {all}");
        assert!(candidate.found.as_ref().is_none_or(|found| found.name.end <= all));
    }
    for judged in crate::judge::judge(&rules, &text, path, candidates) {
        assert!((0.0..=1.0).contains(&judged.confidence));
    }
    for whole in crate::judge::file::whole(&rules, &text, path).expect("built-in rules compile") {
        assert_eq!(whole.secret, 0..text.bytes.len());
    }
}

/// Each decoder at a place of the text, whether anything there says so or not: the first bytes say which and where.
pub(super) fn decoder(data: &[u8]) {
    let Some((&[which, low, high, length], text)) = data.split_first_chunk::<4>() else { return };
    let start = usize::from(u16::from_le_bytes([low, high])).min(text.len());
    let end = (start + usize::from(length)).min(text.len());
    let writing: Writing = WRITINGS[usize::from(which) % WRITINGS.len()];
    for phase in 0..if writing == Writing::Base64 { 4 } else { 1 } {
        for most in [0, 16, 1 << 16] {
            if let Some(decoded) = decode(text, &Hint { writing, phase, start, end }, most) {
                leads_back(&decoded, text.len(), most);
            }
        }
    }
    if let Some(decoded) = whole(text, 1 << 16) {
        leads_back(&decoded, text.len(), 1 << 16);
    }
}

/// Every byte of what was decoded has a place in the text, and not much more is made than was asked for.
fn leads_back(decoded: &Decoded, length: usize, most: usize) {
    assert!(decoded.region.start <= decoded.region.end && decoded.region.end <= length);
    // What stands between two escapes is taken as a whole.
    assert!(decoded.bytes.len() <= most + length, "{} of {most}", decoded.bytes.len());
    let all = decoded.bytes.len();
    for at in (0..all).step_by(1 + all / 64) {
        let back = decoded.map.back(&(at..at + 1));
        assert!(back.start <= back.end && back.end <= length, "{back:?} of {length}");
    }
}
