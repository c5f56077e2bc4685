//! What `unleak explain` prints: each candidate of a line, how it was judged, and what the gate does with it.
//!
//! The trap: names, values and titles are foreign text; all of it is escaped, and a value is masked unless it is to be shown.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::{escape, for_json};
use super::mask::{masked, masked_json};
use crate::allow::Strictness;
use crate::detect::Form;
use crate::finding::Position;
use crate::judge::checks::Check;
use crate::judge::{SHOWN, explain, score};

/// What the gate does with a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It blocks.
    Blocks,
    /// It is told and does not block.
    Shown,
    /// The team has allowed it; by what.
    Allowed(String),
    /// Another rule has the place.
    Overruled,
    /// Too unlikely to be told.
    Unlikely,
    /// The change does not add it.
    NotAdded,
    /// The same change removes it elsewhere.
    Moved,
}

/// A candidate with its verdict.
#[derive(Debug)]
pub struct Explanation {
    /// The rule that claims it.
    pub rule: String,
    /// What that finds.
    pub title: String,
    /// How much of the secret may be shown.
    pub public: usize,
    /// The rule that has the place instead.
    pub overruled_by: Option<String>,
    /// The secret as it stands there.
    pub secret: Vec<u8>,
    /// Where.
    pub position: Position,
    /// The name beside it.
    pub name: Option<Vec<u8>>,
    /// What the gate does.
    pub verdict: Verdict,
    /// How it was judged.
    pub explained: explain::Explained,
}

/// All of it.
#[derive(Debug)]
pub struct Explained {
    /// Path bytes.
    pub path: Vec<u8>,
    /// The line asked for; all without.
    pub line: Option<usize>,
    /// Which content it is about.
    pub whose: &'static str,
    /// How strict the gate is.
    pub strictness: Strictness,
    /// From which confidence it blocks.
    pub blocks: f64,
    /// What was found.
    pub explanations: Vec<Explanation>,
    /// Keywords on the line, with the rules that they wake.
    pub keywords: Vec<(String, String)>,
}

impl Explained {
    fn strictness(&self) -> &'static str {
        match self.strictness {
            Strictness::Relaxed => "relaxed",
            Strictness::Balanced => "balanced",
            Strictness::Strict => "strict",
        }
    }
}

impl Verdict {
    fn word(&self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Shown => "shown",
            Self::Allowed(_) => "allowed",
            Self::Overruled => "overruled",
            Self::Unlikely => "passes",
            Self::NotAdded => "not added",
            Self::Moved => "moved",
        }
    }

    fn sentence(&self, e: &Explanation) -> String {
        match self {
            Self::Blocks => "blocks".to_owned(),
            Self::Shown => "is shown, and does not block".to_owned(),
            Self::Allowed(by) => format!("passes: allowed by {}", escape(by.as_bytes())),
            Self::Overruled => {
                format!("passes: the rule {} has this place", e.overruled_by.as_deref().unwrap_or_default())
            }
            Self::Unlikely => "passes: it is too unlikely".to_owned(),
            Self::NotAdded => "passes: it is not on a line that the staged change adds".to_owned(),
            Self::Moved => "passes: the same change takes it away elsewhere, so it only moved".to_owned(),
        }
    }
}

/// Nats with their sign: `+0.71`.
fn nats(weight: i32) -> String {
    format!("{:+.2}", f64::from(weight) / 1000.0)
}

fn check_words(check: &Check) -> (&'static str, &'static str) {
    match check {
        Check::Holds(why) => ("holds", why),
        Check::Fails { reason, .. } => ("fails", reason),
        Check::Unknown => ("cannot tell", "it does not know this form"),
    }
}

/// For people.
///
/// # Errors
/// The writer's.
pub fn human(out: &mut dyn Write, explained: &Explained, show_secrets: bool) -> io::Result<()> {
    let path = escape(&explained.path);
    let place = explained.line.map_or_else(|| path.clone(), |line| format!("{path}:{line}"));
    writeln!(out, "{place}, {}", explained.whose)?;
    writeln!(
        out,
        "strictness {}: confidence {:.3} blocks, {:.3} is shown",
        explained.strictness(),
        explained.blocks,
        SHOWN
    )?;
    if explained.explanations.is_empty() {
        return nothing(out, explained);
    }
    for e in &explained.explanations {
        let value = masked(&e.secret, e.public, show_secrets);
        writeln!(out, "\n{}:{} {value} ({} bytes)", e.position.line, e.position.column, e.secret.len())?;
        writeln!(out, "  rule     {}: {}", e.rule, escape(e.title.as_bytes()))?;
        if let (Some(name), Some(found)) = (&e.name, &e.explained.found) {
            writeln!(out, "  written  {}, beside the name `{}`", found.form.as_str(), escape(name))?;
        }
        writeln!(
            out,
            "  verdict  confidence {:.3}: {}",
            e.explained.judged.confidence,
            e.verdict.sentence(e)
        )?;
        let reasons: Vec<String> = e.explained.judged.reasons.iter().map(|r| escape(r.as_bytes())).collect();
        writeln!(out, "  why      {}", reasons.join("; "))?;
        for (name, check) in &e.explained.checks {
            let (answer, why) = check_words(check);
            writeln!(out, "  check    {name}: {answer} ({why})")?;
        }
        if e.explained.weights.is_empty() {
            continue;
        }
        let sum = score::BIAS + e.explained.weights.iter().map(|(_, weight)| weight).sum::<i32>();
        writeln!(out, "  weights  {} in all, in nats; more than 0 speaks for a secret", nats(sum))?;
        writeln!(out, "    {}  every value starts here", nats(score::BIAS))?;
        for (what, weight) in e.explained.weights.iter().filter(|(_, weight)| *weight != 0) {
            writeln!(out, "    {}  {what}", nats(*weight))?;
        }
    }
    Ok(())
}

fn nothing(out: &mut dyn Write, explained: &Explained) -> io::Result<()> {
    if explained.line.is_none() {
        return writeln!(out, "\nNo rule claims anything in it.");
    }
    if explained.keywords.is_empty() {
        return writeln!(out, "\nNo rule claims anything: the line holds no keyword of any rule.");
    }
    writeln!(
        out,
        "\nNo rule claims anything. Keywords on the line, without a value of the rule's form beside them:"
    )?;
    for (word, rule) in &explained.keywords {
        writeln!(out, "  `{}` of {rule}", escape(word.as_bytes()))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    content: &'a str,
    strictness: &'a str,
    blocks: f64,
    shown: f64,
    candidates: Vec<CandidateObject<'a>>,
    keywords: Vec<KeywordObject<'a>>,
}

#[derive(Serialize)]
struct CandidateObject<'a> {
    rule: &'a str,
    title: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    secret: String,
    bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<&'static str>,
    confidence: f64,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overruled_by: Option<&'a str>,
    reasons: &'a [String],
    checks: Vec<CheckObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bias: Option<f64>,
    weights: Vec<WeightObject>,
}

#[derive(Serialize)]
struct CheckObject<'a> {
    name: &'a str,
    answer: &'static str,
    why: &'static str,
}

#[derive(Serialize)]
struct WeightObject {
    what: &'static str,
    nats: f64,
}

#[derive(Serialize)]
struct KeywordObject<'a> {
    keyword: &'a str,
    rule: &'a str,
}

/// For machines: one document, harmless to a terminal.
///
/// # Errors
/// The writer's.
pub fn json(out: &mut dyn Write, explained: &Explained, show_secrets: bool) -> io::Result<()> {
    let document = Document {
        schema: 1,
        path: for_json(&explained.path),
        line: explained.line,
        content: explained.whose,
        strictness: explained.strictness(),
        blocks: explained.blocks,
        shown: SHOWN,
        candidates: explained.explanations.iter().map(|e| candidate(e, show_secrets)).collect(),
        keywords: explained.keywords.iter().map(|(keyword, rule)| KeywordObject { keyword, rule }).collect(),
    };
    super::json::object(out, &document)?;
    out.write_all(b"\n")
}

fn candidate(e: &Explanation, show_secrets: bool) -> CandidateObject<'_> {
    let nats = |weight: i32| f64::from(weight) / 1000.0;
    let Explanation { rule, title, public, overruled_by, secret, position, name, verdict, explained } = e;
    CandidateObject {
        rule,
        title,
        line: position.line,
        column: position.column,
        end_line: position.end_line,
        end_column: position.end_column,
        secret: masked_json(secret, *public, show_secrets),
        bytes: secret.len(),
        name: name.as_deref().map(for_json),
        form: explained.found.as_ref().map(|found| Form::as_str(found.form)),
        confidence: super::json::confidence(explained.judged.confidence),
        verdict: verdict.word(),
        allowed_by: if let Verdict::Allowed(by) = verdict { Some(by) } else { None },
        overruled_by: overruled_by.as_deref(),
        reasons: &explained.judged.reasons,
        checks: explained
            .checks
            .iter()
            .map(|(name, check)| {
                let (answer, why) = check_words(check);
                CheckObject { name, answer, why }
            })
            .collect(),
        bias: (!explained.weights.is_empty()).then_some(nats(score::BIAS)),
        weights: explained.weights.iter().map(|(what, w)| WeightObject { what, nats: nats(*w) }).collect(),
    }
}
