//! `unleak rules`: lists rules, shows one, tries their examples.
//!
//! The trap: nothing here may print a value that looks like a secret; examples are told masked.

mod list;
mod show;
mod test;

use std::path::PathBuf;

use anyhow::bail;

use super::configuration::Configuration;
use super::output::Output;
use crate::allow::CustomRule;
use crate::cli::{Format, Options};
use crate::detect::details::Details;
use crate::detect::rulefile::Kind;
use crate::detect::rules::renamed;
use crate::detect::{RuleId, RuleSet};
use crate::finding::Severity;
use crate::git::Repository;
use crate::report::escape;

/// What was asked for.
pub(super) struct Request {
    /// `test`, an id, or words to look for.
    pub(super) words: Vec<String>,
    pub(super) provider: Option<String>,
    pub(super) severity: Option<String>,
    pub(super) kind: Option<String>,
    /// Only the configuration's own rules.
    pub(super) own: bool,
}

/// All rules with what is known of them.
struct Catalogue {
    rules: RuleSet,
    details: Vec<Details>,
    /// The configuration's own rules, in the order of their ids.
    own: Vec<(String, CustomRule)>,
}

/// Runs the command; the status is 1 when an example of `rules test` fails.
///
/// # Errors
/// When a configuration is wrong, a rule does not exist, or nothing can be printed.
pub(super) fn run(request: &Request, options: &Options) -> anyhow::Result<u8> {
    if options.format.is_of_findings() {
        bail!("cannot list rules in a form for findings: --format is human, json or jsonl here");
    }
    let catalogue = Catalogue::read(options)?;
    let mut out = Output::open(options.output.as_deref(), false)?;
    let status = match request.words.split_first() {
        Some((word, ids)) if word == "test" => {
            test::run(&catalogue, &catalogue.named(ids, request)?, options, &mut out)?
        }
        Some((id, [])) if catalogue.find(id).is_some() => {
            let id = catalogue.named(&request.words, request)?;
            match options.format {
                Format::Human => show::human(&catalogue, id[0], options, &mut out)?,
                _ => list::line(&mut out, &list::Entry::new(&catalogue, id[0]))?,
            }
            0
        }
        _ => {
            let found: Vec<RuleId> =
                catalogue.rules.ids().filter(|id| catalogue.fits(*id, &request.words, request)).collect();
            match options.format {
                Format::Human => list::human(&catalogue, &found, options, &mut out)?,
                Format::Json => list::json(&catalogue, &found, &mut out)?,
                _ => list::jsonl(&catalogue, &found, &mut out)?,
            }
            if found.is_empty() && !options.quiet {
                bail!("no rule fits; `unleak rules` lists all");
            }
            0
        }
    };
    out.finish()?;
    Ok(status)
}

impl Catalogue {
    /// With the rules of the work tree's configuration, staged or not: it is authors who ask.
    fn read(options: &Options) -> anyhow::Result<Self> {
        let top: Option<PathBuf> = Repository::open_from_env()
            .ok()
            .and_then(|repository| repository.top().map(std::path::Path::to_path_buf));
        let configuration = Configuration::of_work_tree(top.as_deref(), options)?;
        let own = configuration.own_rules();
        let rules = configuration.rules()?;
        let details = rules.details();
        Ok(Self { rules, details, own })
    }

    fn details(&self, id: RuleId) -> &Details {
        &self.details[usize::from(id.0)]
    }

    /// The file and the rule as its author wrote it, for the configuration's own.
    fn own(&self, id: RuleId) -> Option<&(String, CustomRule)> {
        if !self.rules.is_custom(id) {
            return None;
        }
        let name = self.rules.rule(id).id();
        self.own.iter().find(|(_, own)| own.rule.id == name)
    }

    /// The rule of that id, or of that former id.
    fn find(&self, id: &str) -> Option<RuleId> {
        let former = || {
            let own = self.own.iter().find(|(_, own)| own.rule.former.iter().any(|former| former == id));
            renamed(id).or(own.map(|(_, own)| own.rule.id.as_str())).and_then(|id| self.rules.find(id))
        };
        self.rules.find(id).or_else(former)
    }

    /// The rules of these ids, or all that fit where there are none.
    fn named(&self, ids: &[String], request: &Request) -> anyhow::Result<Vec<RuleId>> {
        if ids.is_empty() {
            return Ok(self.rules.ids().filter(|id| self.fits(*id, &[], request)).collect());
        }
        let mut found = Vec::new();
        for name in ids {
            let Some(id) = self.find(name) else {
                bail!("there is no rule `{}`; `unleak rules` lists all", escape(name.as_bytes()));
            };
            let present = self.rules.rule(id).id();
            if present != name {
                eprintln!("unleak: note: the rule `{}` is called `{present}` now", escape(name.as_bytes()));
            }
            found.push(id);
        }
        Ok(found)
    }

    /// Whether a rule has all the words, and is of the kind that was asked for.
    fn fits(&self, id: RuleId, words: &[String], request: &Request) -> bool {
        let (rule, details) = (self.rules.rule(id), self.details(id));
        let holds = |text: &str, word: &str| text.to_lowercase().contains(&word.to_lowercase());
        let has = |word: &String| {
            let texts = [rule.id(), rule.title(), rule.provider(), rule.grants()];
            let lists = [&details.services, &details.words, &details.names];
            texts.iter().any(|text| holds(text, word))
                || lists.iter().any(|list| list.iter().any(|text| holds(text, word)))
        };
        words.iter().all(has)
            && request.provider.as_ref().is_none_or(|provider| holds(rule.provider(), provider))
            && request.severity.as_ref().is_none_or(|severity| rule.severity().as_str() == severity)
            && request.kind.as_ref().is_none_or(|kind| kind_of(&self.rules, id) == kind)
            && (!request.own || self.rules.is_custom(id))
    }
}

/// What kind of rule it is, in one word.
fn kind_of(rules: &RuleSet, id: RuleId) -> &'static str {
    let rule = rules.rule(id);
    match (rule.file().is_some(), rule.kind()) {
        (true, _) => "file",
        (_, Kind::Specific) => "specific",
        (_, Kind::Context) => "context",
        (_, Kind::Generic) => "generic",
    }
}

/// A severity as it is written, padded to the longest.
fn padded(severity: Severity) -> String {
    format!("{:8}", severity.as_str())
}
