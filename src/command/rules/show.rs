//! One rule with everything that is known of it, for a person.

use std::io::Write;

use super::list::keywords;
use super::{Catalogue, kind_of};
use crate::cli::Options;
use crate::detect::RuleId;
use crate::detect::rulefile::Boundary;
use crate::report::{Surface, escape};
use crate::trial;

pub(super) fn human(
    catalogue: &Catalogue,
    id: RuleId,
    options: &Options,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let rules = &catalogue.rules;
    let (rule, details) = (rules.rule(id), catalogue.details(id));
    writeln!(out, "{}: {}", rule.id(), escape(rule.title().as_bytes()))?;
    let mut facts: Vec<(&str, String)> = Vec::new();
    let mut fact = |label, text: String| {
        if !text.is_empty() {
            facts.push((label, text));
        }
    };
    fact("severity", rule.severity().as_str().to_owned());
    fact("gives away", rule.grants().to_owned());
    fact("provider", rule.provider().to_owned());
    fact("services", if details.services.len() > 12 { String::new() } else { details.services.join(", ") });
    fact("kind", kind(kind_of(rules, id)).to_owned());
    if rule.is_identifier() {
        fact("alone", "shown, not blocking: it opens nothing by itself".to_owned());
    }
    fact("keywords", keywords(catalogue, id).join("  "));
    fact("regex", rule.regex().to_owned());
    if !matches!(rule.matcher(), "regex" | "context" | "file") {
        fact("found by", format!("own code ({})", rule.matcher()));
    }
    if !rule.regex().is_empty() && rule.file().is_none() {
        fact("untouched by", boundary(rule.boundary()).to_owned());
    }
    fact("value", details.form.clone());
    fact("beside", details.words.join("  "));
    fact(if rule.file().is_some() { "files" } else { "its name has" }, details.names.join("  "));
    fact("but not", details.except.join("  "));
    if let Some(file) = rule.file() {
        fact("content", file.evidence.to_owned());
        fact(
            "starts with",
            file.magic().map(|(at, hex)| format!("{hex} at {at}")).collect::<Vec<_>>().join(", "),
        );
        if file.variables {
            fact("content", "NAME=value lines whose name or value says secret".to_owned());
        }
    }
    fact("proof", rule.checks().collect::<Vec<_>>().join(", "));
    if rule.entropy() > 0.0 {
        fact("entropy", format!("at least {} bits a byte", rule.entropy()));
    }
    for companion in rule.companions() {
        let who = if companion.rule.is_empty() {
            format!("the value of a name with {}", companion.names().collect::<Vec<_>>().join(" or "))
        } else {
            companion.rule.to_owned()
        };
        fact("joined with", format!("{} ({who}) within {} lines", companion.role, companion.lines));
    }
    fact("revoke at", rule.revoke().to_owned());
    fact("documented", details.source.clone());
    fact("once called", details.former.join(", "));
    if let Some((file, own)) = catalogue.own(id) {
        fact("stands in", format!("{file}:{}", own.line));
    }
    if !rules.is_enabled(id) {
        fact("disabled", "by the configuration".to_owned());
    }
    let example = trial::shown_example(rules, id, details);
    let example = example.map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    let width = Surface::stdout(options.color).width.clamp(60, 200) - 16;
    for (label, text) in facts {
        let text = escape(text.as_bytes());
        // Regexes and pages are copied, so they stay in one piece.
        let lines = if matches!(label, "regex" | "content" | "revoke at" | "documented") {
            vec![text]
        } else {
            crate::report::wrap(&text, width)
        };
        for (at, line) in lines.iter().enumerate() {
            writeln!(out, "  {:12}  {line}", if at == 0 { label } else { "" })?;
        }
    }
    for (at, line) in example.trim_matches('\n').lines().take(12).enumerate() {
        writeln!(out, "  {:12}  {}", if at == 0 { "example" } else { "" }, escape(line.as_bytes()))?;
    }
    Ok(())
}

fn kind(word: &'static str) -> &'static str {
    match word {
        "file" => "a file that is a secret, or holds one, by its name",
        "specific" => "specific: it has a form of its own",
        "context" => "context: it needs a name beside it",
        _ => "generic: a value that only its name gives away",
    }
}

fn boundary(boundary: Boundary) -> &'static str {
    match boundary {
        Boundary::None => "",
        Boundary::Word => "letters, digits and _ on either side",
        Boundary::Token => "letters, digits, _ and - on either side",
        Boundary::Base64 => "letters, digits, _ - + / on either side, and = behind it",
    }
}
