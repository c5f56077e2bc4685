//! `unleak rules test`: runs the examples of rules, for those who write them.
//!
//! What is wrong is told with the place in the file for the configuration's own rules. That a file does not parse at all, a key
//! is unknown or a regex lacks its group is told before, when the configuration is read.

use std::io::Write;

use serde::Serialize;

use super::Catalogue;
use super::list::line;
use crate::allow::CustomRule;
use crate::cli::{Format, Options};
use crate::detect::RuleId;
use crate::report::escape;
use crate::trial::{About, Failure, try_rule};

/// A failure as machines get it.
#[derive(Serialize)]
struct Told<'a> {
    rule: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    message: String,
}

pub(super) fn run(
    catalogue: &Catalogue,
    ids: &[RuleId],
    options: &Options,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let (mut failures, mut examples, mut without) = (Vec::new(), 0, Vec::new());
    for &id in ids {
        let rule = catalogue.rules.rule(id);
        let details = catalogue.details(id);
        examples += details.examples.len() + details.counter_examples.len();
        if catalogue.rules.is_custom(id) && details.examples.is_empty() {
            without.push(rule.id());
        }
        let own = catalogue.own(id);
        for Failure { about, message } in try_rule(&catalogue.rules, id, details) {
            let place = own.map(|(_, own)| place(own, about));
            failures.push(Told {
                rule: rule.id(),
                file: own.map(|(file, _)| file.as_str()),
                line: place.map(|(line, _)| line),
                column: place.map(|(_, column)| column),
                message,
            });
        }
    }
    match options.format {
        Format::Human => {
            for told in &failures {
                let place = match (told.file, told.line, told.column) {
                    (Some(file), Some(line), Some(column)) => {
                        format!("{}:{line}:{column}: ", escape(file.as_bytes()))
                    }
                    _ => String::new(),
                };
                writeln!(out, "{place}rule `{}`: {}", told.rule, escape(told.message.as_bytes()))?;
            }
        }
        Format::Json => {
            #[derive(Serialize)]
            struct Document<'a> {
                schema: u8,
                rules: usize,
                examples: usize,
                failures: &'a [Told<'a>],
            }
            line(out, &Document { schema: 1, rules: ids.len(), examples, failures: &failures })?;
        }
        _ => {
            for told in &failures {
                line(out, told)?;
            }
        }
    }
    out.flush()?;
    if !options.quiet {
        for id in without {
            eprintln!("unleak: note: the rule `{id}` has no examples; nothing shows that it finds anything");
        }
        let verdict = match failures.len() {
            0 => "all hold".to_owned(),
            1 => "1 fails".to_owned(),
            count => format!("{count} fail"),
        };
        eprintln!("unleak: tried {} rules with {examples} examples: {verdict}", ids.len());
    }
    Ok(u8::from(!failures.is_empty()))
}

/// Where in its file the part of a rule stands that a failure is about.
fn place(own: &CustomRule, about: About) -> (usize, usize) {
    let places = &own.places;
    match about {
        About::Rule => None,
        About::Regex => places.regex,
        About::Example(index) => places.examples.get(index).copied(),
        About::CounterExample(index) => places.counter_examples.get(index).copied(),
    }
    .unwrap_or((own.line, 1))
}
