//! Prints every candidate under a folder with its features, one JSON object a line, for `train/fit.py`.
//!
//! Usage: candidates DIR [SUBFOLDER]. The values themselves are printed too: keep the output out of the repository.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use unleak::detect::{assignment, header, url};
use unleak::judge::score;

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            walk(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}

fn main() -> io::Result<()> {
    let mut args = std::env::args_os().skip(1);
    let root = PathBuf::from(args.next().unwrap_or_else(|| ".".into()));
    let from = args.next().map_or_else(|| root.clone(), |sub| root.join(sub));
    let mut files = Vec::new();
    walk(&from, &mut files);
    files.sort();
    let words: Vec<&str> =
        assignment::KEYWORDS.into_iter().chain(url::KEYWORDS).chain(header::KEYWORDS).collect();
    let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(&words).expect("keywords build");
    let urls = assignment::KEYWORDS.len();
    let headers = urls + url::KEYWORDS.len();
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut bytes, mut lines) = (0, 0);
    for file in files {
        let Ok(text) = fs::read(&file) else { continue };
        bytes += text.len();
        lines += text.iter().filter(|b| **b == b'\n').count();
        let mut found = Vec::new();
        for hit in finder.find_overlapping_iter(&text) {
            let at = hit.start()..hit.end();
            match hit.pattern().as_usize() {
                n if n < urls => assignment::find(&text, at, &mut found),
                n if n < headers => url::find(&text, at, &mut found),
                _ => header::find(&text, at, &mut found),
            }
        }
        // What no weight decides.
        found.retain(|candidate| {
            !matches!(candidate.form, assignment::Form::Mention | assignment::Form::Named)
        });
        let path = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().into_owned();
        let mut counted = (0, 1);
        found.sort_by_key(|f| (f.value.start, f.value.end));
        found.dedup_by(|a, b| a.value == b.value);
        for candidate in found {
            let active = match score::features(&text, path.as_bytes(), &candidate) {
                Ok(active) => serde_json::to_value(active.as_slice())?,
                Err(reason) => serde_json::to_value(reason)?,
            };
            let confidence = score::judge(&text, path.as_bytes(), &candidate).confidence;
            let (least, told) = score::bounds(&text, path.as_bytes(), &candidate);
            counted.1 += text[counted.0..candidate.value.start].iter().filter(|b| **b == b'\n').count();
            counted.0 = candidate.value.start;
            let line_start =
                text[..candidate.value.start].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
            let end_line = counted.1 + text[candidate.value.clone()].iter().filter(|b| **b == b'\n').count();
            let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let row = serde_json::json!({
                "path": path, "line": counted.1, "end_line": end_line, "column": candidate.value.start - line_start + 1,
                "name": string(&text[candidate.name.clone()]), "value": string(&text[candidate.value.clone()]),
                "form": format!("{:?}", candidate.form), "features": active, "confidence": confidence, "least": least, "told": told,
            });
            writeln!(out, "{row}")?;
        }
    }
    writeln!(out, "{}", serde_json::json!({"bytes": bytes, "lines": lines, "features": score::COUNT}))
}
