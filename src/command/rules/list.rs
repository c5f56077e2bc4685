//! The list of rules: for people by provider, for machines an object each.

use std::io::Write;

use serde::Serialize;

use super::{Catalogue, kind_of, padded};
use crate::cli::Options;
use crate::detect::RuleId;
use crate::report::{escape, json_object};
use crate::trial;

/// Rules by provider, each group in the order of the files.
pub(super) fn human(
    catalogue: &Catalogue,
    found: &[RuleId],
    options: &Options,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let rules = &catalogue.rules;
    let group = |id: RuleId| match rules.is_custom(id) {
        true => "Rules of your own",
        false => match rules.rule(id).provider() {
            "" => "Of no single provider",
            provider => provider,
        },
    };
    let mut groups: Vec<(&str, Vec<RuleId>)> = Vec::new();
    for &id in found {
        match groups.iter_mut().find(|(name, _)| *name == group(id)) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((group(id), vec![id])),
        }
    }
    crate::order::sort_by_key(&mut groups, |(name, ids)| (!rules.is_custom(ids[0]), name.to_lowercase()));
    let width = found.iter().map(|id| rules.rule(*id).id().len()).max().unwrap_or(0).min(36);
    for (at, (name, ids)) in groups.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", escape(name.as_bytes()))?;
        for &id in ids {
            let rule = rules.rule(id);
            let off = if rules.is_enabled(id) { "" } else { " (disabled)" };
            let title = escape(rule.title().as_bytes());
            writeln!(out, "  {:width$}  {}  {title}{off}", rule.id(), padded(rule.severity()))?;
        }
    }
    if !options.quiet && !found.is_empty() {
        out.flush()?;
        eprintln!("\nunleak: {} rules; `unleak rules ID` tells all about one", found.len());
    }
    Ok(())
}

/// One document.
pub(super) fn json(catalogue: &Catalogue, found: &[RuleId], out: &mut dyn Write) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: u8,
        rules: Vec<Entry<'a>>,
    }
    let rules = found.iter().map(|id| Entry::new(catalogue, *id)).collect();
    line(out, &Document { schema: 1, rules })
}

/// A rule a line.
pub(super) fn jsonl(catalogue: &Catalogue, found: &[RuleId], out: &mut dyn Write) -> anyhow::Result<()> {
    for id in found {
        line(out, &Entry::new(catalogue, *id))?;
    }
    Ok(())
}

/// One object and a line end.
pub(super) fn line<T: Serialize>(out: &mut dyn Write, value: &T) -> anyhow::Result<()> {
    json_object(out, value)?;
    Ok(writeln!(out)?)
}

/// A rule as machines get it.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    provider: &'a str,
    severity: &'static str,
    kind: &'static str,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    grants: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    regex: &'a str,
    matcher: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    identifier: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    service: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    names: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    form: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pair: Vec<Pair<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    revoke: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    source: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    former: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<String>,
}

#[derive(Serialize)]
struct Pair<'a> {
    role: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    rule: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<&'a str>,
    lines: usize,
}

impl<'a> Entry<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, id: RuleId) -> Self {
        let rules = &catalogue.rules;
        let (rule, details) = (rules.rule(id), catalogue.details(id));
        let pair = rule.companions().map(|companion| Pair {
            role: companion.role,
            rule: companion.rule,
            names: companion.names().collect(),
            lines: companion.lines,
        });
        let example = trial::shown_example(rules, id, details);
        Self {
            id: rule.id(),
            title: rule.title(),
            provider: rule.provider(),
            severity: rule.severity().as_str(),
            kind: kind_of(rules, id),
            enabled: rules.is_enabled(id),
            file: catalogue.own(id).map(|(file, _)| file.as_str()),
            grants: rule.grants(),
            keywords: keywords(catalogue, id),
            regex: rule.regex(),
            matcher: rule.matcher(),
            identifier: rule.is_identifier(),
            checks: rule.checks().collect(),
            service: &details.words,
            names: &details.names,
            form: &details.form,
            pair: pair.collect(),
            revoke: rule.revoke(),
            source: &details.source,
            former: &details.former,
            example: example.map(|text| crate::report::for_json(&text)),
        }
    }
}

/// What wakes a rule.
pub(super) fn keywords(catalogue: &Catalogue, id: RuleId) -> Vec<&str> {
    catalogue.rules.keywords().filter(|(_, rules)| rules.contains(&id)).map(|(keyword, _)| keyword).collect()
}
