//! What `unleak doctor` found, for people and for machines.
//!
//! Hands on [`doctor_human`] and [`doctor_json`]. The trap: facts are escaped where they are made, a hook's output is not.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::{escape, for_json};
use super::json::object;
use super::paint::Paint;
use super::terminal::Surface;
use super::wording::wrap;
use crate::doctor::canary::{Proof, Verdict};
use crate::doctor::{Level, Report};

/// Prints the facts by topic, and the canary's answer last.
///
/// # Errors
/// The writer's own.
pub fn doctor_human(out: &mut dyn Write, report: &Report, surface: Surface, quiet: bool) -> io::Result<()> {
    let paint = Paint { surface };
    let mut topic = "";
    for fact in report.facts.iter().filter(|fact| !quiet || fact.level > Level::Good) {
        if fact.topic != topic {
            topic = fact.topic;
            writeln!(out, "{}", paint.strong(topic))?;
        }
        let mark = match fact.level {
            Level::Good => paint.good("ok     "),
            Level::Note => paint.warn("note   "),
            Level::Problem => paint.bad("problem"),
        };
        indented(out, &format!("  {mark}  "), 11, &fact.text, surface)?;
    }
    if let Some(proof) = &report.proof {
        canary(out, proof, paint)?;
    }
    let verdict = match (report.status(), &report.proof) {
        (0, None) => paint.good("the gate would run; `unleak doctor --canary` proves it"),
        (0, Some(_)) => paint.good("the gate stands"),
        _ => paint.bad("the gate does not stand, or that is not sure"),
    };
    writeln!(out, "{verdict}")?;
    out.flush()
}

fn canary(out: &mut dyn Write, proof: &Proof, paint: Paint) -> io::Result<()> {
    let words = match proof.verdict {
        Verdict::BlockedByUnleak => paint.good(proof.verdict.words()),
        _ => paint.bad(proof.verdict.words()),
    };
    writeln!(out, "{}", paint.strong("canary"))?;
    indented(out, &format!("  {words}: "), 2, &proof.reason, paint.surface)?;
    for line in &proof.output {
        writeln!(out, "  {} {}", paint.faint("|"), escape(line.as_bytes()))?;
    }
    for path in &proof.changed {
        writeln!(out, "  {} {path}", paint.bad("changed in your repository meanwhile:"))?;
    }
    Ok(())
}

/// A sentence after a mark, its further lines below it.
fn indented(out: &mut dyn Write, mark: &str, indent: usize, text: &str, surface: Surface) -> io::Result<()> {
    for (number, line) in wrap(text, surface.width.saturating_sub(indent).max(40)).iter().enumerate() {
        if number == 0 {
            writeln!(out, "{mark}{line}")?;
        } else {
            writeln!(out, "{:indent$}{line}", "")?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: Tool,
    status: u8,
    facts: Vec<FactObject<'a>>,
    hooks: Vec<HookObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canary: Option<CanaryObject<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct FactObject<'a> {
    topic: &'a str,
    level: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct HookObject {
    name: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    manager: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls_unleak: Option<bool>,
}

#[derive(Serialize)]
struct CanaryObject<'a> {
    verdict: &'static str,
    reason: &'a str,
    fingerprint: &'a str,
    output: Vec<String>,
    changed: &'a [String],
}

/// Prints one JSON document.
///
/// # Errors
/// The writer's own.
pub fn doctor_json(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let document = Document {
        schema: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        status: report.status(),
        facts: report
            .facts
            .iter()
            .map(|fact| FactObject { topic: fact.topic, level: fact.level.word(), text: &fact.text })
            .collect(),
        hooks: report
            .hooks
            .iter()
            .map(|hook| HookObject {
                name: hook.name,
                path: for_json(hook.path.as_os_str().as_encoded_bytes()),
                manager: hook.manager.map(crate::doctor::Manager::name),
                calls_unleak: hook.calls,
            })
            .collect(),
        canary: report.proof.as_ref().map(|proof| CanaryObject {
            verdict: proof.verdict.words(),
            reason: &proof.reason,
            fingerprint: &proof.fingerprint,
            output: proof.output.iter().map(|line| for_json(line.as_bytes())).collect(),
            changed: &proof.changed,
        }),
    };
    object(out, &document)?;
    out.write_all(b"\n")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Fact;

    fn report() -> Report {
        let fact = |level, text: &str| Fact { topic: "hooks", level, text: text.to_owned() };
        Report {
            facts: vec![fact(Level::Good, "here"), fact(Level::Problem, "there is none")],
            hooks: Vec::new(),
            proof: Some(Proof {
                verdict: Verdict::BlockedByOther,
                fingerprint: "u1-0".to_owned(),
                reason: "why".to_owned(),
                output: vec!["\x1b[31mred".to_owned()],
                changed: vec![".git/refs/stash".to_owned()],
            }),
        }
    }

    #[test]
    fn people_and_machines_are_told_the_same_and_nothing_of_a_hook_acts_on_a_terminal() {
        let (mut human, mut json) = (Vec::new(), Vec::new());
        doctor_human(&mut human, &report(), Surface::default(), false).unwrap();
        doctor_json(&mut json, &report()).unwrap();
        let human = String::from_utf8(human).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(value["status"], 2);
        assert_eq!(value["canary"]["verdict"], "blocked by something else");
        for words in ["there is none", "blocked by something else", ".git/refs/stash", "does not stand"] {
            assert!(human.contains(words), "{words}: {human}");
        }
        assert!(!human.contains('\x1b') && !json.contains(&b'\x1b'));
    }
}
