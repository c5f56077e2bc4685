//! The report for machines: `json`, one document, and `jsonl`, one finding a line.
//!
//! Hands on the bytes of DESIGN.md's contract, written finding by finding. The trap: the same input must give the same
//! bytes, so nothing here knows a duration, and a terminal may be reading, so what it would act on is written `\uNNNN`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use super::escape::{needs_escape, opens_ci_command};
use super::human::aside;
use super::mask::{Paths, masked_json};
use super::{Style, Summary};
use crate::finding::{Finding, Loss, Outcome};

/// Prints one JSON document on `out`, each finding on a line of its own; losses, limits and notes go to `err` as well.
///
/// # Errors
///
/// Those of the two writers; a closed pipe is [`io::ErrorKind::BrokenPipe`].
pub fn json(
    out: &mut dyn Write,
    err: &mut dyn Write,
    outcome: &Outcome,
    summary: &Summary,
    style: &Style,
) -> io::Result<()> {
    let paths = Paths::new(outcome, style.show_secrets);
    let finding = |finding| FindingObject::new(finding, &paths, style.show_secrets);
    let loss = |loss| LossObject::new(loss, &paths);
    out.write_all(b"{\"schema\":1,\"tool\":")?;
    object(out, &Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") })?;
    list(out, "findings", outcome.findings.iter().map(finding))?;
    list(out, "shown", outcome.shown.iter().map(finding))?;
    list(out, "losses", outcome.losses.iter().map(loss))?;
    list(out, "limits", outcome.limits.iter().map(loss))?;
    out.write_all(b",\"summary\":")?;
    object(out, &SummaryObject::new(outcome, summary))?;
    out.write_all(b"}\n")?;
    out.flush()?;
    aside(err, outcome, summary, style, false)
}

/// Prints one object of `findings` a line on `out` and nothing else; losses, limits, notes and the verdict go to `err`.
///
/// # Errors
///
/// Those of the two writers; a closed pipe is [`io::ErrorKind::BrokenPipe`].
pub fn jsonl(
    out: &mut dyn Write,
    err: &mut dyn Write,
    outcome: &Outcome,
    summary: &Summary,
    style: &Style,
) -> io::Result<()> {
    let paths = Paths::new(outcome, style.show_secrets);
    for finding in &outcome.findings {
        object(out, &FindingObject::new(finding, &paths, style.show_secrets))?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    aside(err, outcome, summary, style, true)
}

/// A confidence as it is told: three digits, and 1 only when it is 1.
pub(super) fn confidence(value: f64) -> f64 {
    match value {
        _ if value >= 1.0 => 1.0,
        _ if value > 0.0 => ((value * 1000.0).round() / 1000.0).min(0.999),
        // Also where it is no number.
        _ => 0.0,
    }
}

pub(super) fn list<T: Serialize>(
    out: &mut dyn Write,
    name: &str,
    items: impl Iterator<Item = T>,
) -> io::Result<()> {
    write!(out, ",\"{name}\":[")?;
    let mut any = false;
    for item in items {
        out.write_all(if any { b",\n" } else { b"\n" })?;
        any = true;
        object(out, &item)?;
    }
    out.write_all(if any { b"\n]" } else { b"]" })
}

/// Writes a value as JSON in which nothing stands that a terminal or a CI log acts on.
pub(crate) fn object<T: Serialize>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    // `io::Error::from` gives back the writer's own error, so a closed pipe stays one.
    value.serialize(&mut Serializer::with_formatter(out, Harmless)).map_err(io::Error::from)
}

/// Compact JSON in which nothing stands that a terminal or a CI log acts on.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut from = 0;
        for (at, c) in fragment.char_indices() {
            if needs_escape(c) || (c == '#' && opens_ci_command(fragment, at)) {
                CompactFormatter.write_string_fragment(writer, &fragment[from..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                from = at + c.len_utf8();
            }
        }
        CompactFormatter.write_string_fragment(writer, &fragment[from..])
    }
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct FindingObject<'a> {
    fingerprint: &'a str,
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    confidence: f64,
    reasons: &'a [String],
    secret: String,
    path: String,
    #[serde(flatten)]
    place: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    #[serde(flatten)]
    layer: Option<LayerObject<'a>>,
    #[serde(flatten)]
    cell: Option<CellObject>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke: Option<&'a str>,
    #[serde(flatten)]
    commit: Option<Commit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_head: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    branches: Vec<String>,
    #[serde(flatten)]
    removed: Option<Removed<'a>>,
}

#[derive(Serialize)]
struct Removed<'a> {
    #[serde(rename = "removed_by")]
    commit: &'a str,
    #[serde(rename = "removed_on")]
    date: &'a str,
}

#[derive(Serialize)]
struct LayerObject<'a> {
    #[serde(rename = "layer")]
    digest: &'a str,
    #[serde(rename = "layer_instruction", skip_serializing_if = "String::is_empty")]
    instruction: String,
    #[serde(rename = "layer_visible")]
    visible: bool,
}

#[derive(Serialize)]
struct CellObject {
    #[serde(rename = "cell")]
    number: usize,
    #[serde(rename = "cell_part")]
    part: &'static str,
    #[serde(rename = "cell_line")]
    line: usize,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct RelatedObject<'a> {
    role: &'a str,
    path: String,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Commit<'a> {
    commit: &'a str,
    author: &'a str,
    date: &'a str,
}

impl<'a> FindingObject<'a> {
    fn new(finding: &'a Finding, paths: &Paths<'_>, show_secrets: bool) -> Self {
        let related = finding.related.iter().map(|related| RelatedObject {
            role: &related.role,
            path: paths.json(&related.path),
            line: related.line,
            column: related.column,
        });
        Self {
            fingerprint: &finding.fingerprint,
            rule: &finding.rule,
            title: &finding.title,
            severity: finding.severity.as_str(),
            confidence: confidence(finding.confidence),
            reasons: &finding.reasons,
            secret: masked_json(&finding.secret.0, finding.public, show_secrets),
            path: paths.json(&finding.path),
            place: finding.position.map(|place| Place {
                line: place.line,
                column: place.column,
                end_line: place.end_line,
                end_column: place.end_column,
            }),
            member: finding.inside.member.as_ref().map(|member| paths.json(member)),
            layer: finding.inside.layer.as_ref().map(|layer| LayerObject {
                digest: &layer.digest,
                instruction: paths.json(layer.instruction.as_bytes()),
                visible: layer.visible,
            }),
            cell: finding.inside.cell.as_ref().map(|cell| CellObject {
                number: cell.number,
                part: cell.part,
                line: cell.line,
            }),
            related: related.collect(),
            revoke: finding.revoke.as_deref(),
            commit: finding.commit.as_ref().map(|commit| Commit {
                commit: &commit.id,
                author: &commit.author,
                date: &commit.date,
            }),
            in_head: finding.in_head,
            branches: finding.since.branches.iter().map(|name| paths.json(name)).collect(),
            removed: finding
                .since
                .removed
                .as_ref()
                .map(|commit| Removed { commit: &commit.id, date: &commit.date }),
        }
    }
}

#[derive(Serialize)]
struct LossObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    reason: &'a str,
}

impl<'a> LossObject<'a> {
    fn new(loss: &'a Loss, paths: &Paths<'_>) -> Self {
        Self { path: loss.path.as_ref().map(|path| paths.json(path)), reason: &loss.reason }
    }
}

#[derive(Serialize)]
struct SummaryObject {
    source: &'static str,
    complete: bool,
    files: u64,
    bytes: u64,
    findings: usize,
    shown: usize,
    allowed: usize,
    allowed_by_this_change: usize,
}

impl SummaryObject {
    fn new(outcome: &Outcome, summary: &Summary) -> Self {
        Self {
            source: summary.source,
            complete: outcome.losses.is_empty() && outcome.limits.is_empty(),
            files: outcome.coverage.files,
            bytes: outcome.coverage.bytes,
            findings: outcome.findings.len(),
            shown: outcome.shown.len(),
            allowed: outcome.allowed.len(),
            allowed_by_this_change: outcome.allowed.iter().filter(|allowed| allowed.by_this_change).count(),
        }
    }
}
