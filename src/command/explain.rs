//! `unleak explain PATH:LINE`: what was found there, how it was judged, and what the gate does with it.
//!
//! The trap: the answer must be the gate's own. The whole staged diff goes through the engine as a commit would, and only then
//! is the one line looked up; what is said beside it comes from the same stages.

use std::ffi::OsStr;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::configuration::Configuration;
use super::judge::under;
use super::output::Output;
use crate::cli::{Format, Options};
use crate::detect::{self, RuleSet};
use crate::engine::Engine;
use crate::finding::{Finding, Loss, Outcome};
use crate::git::{Change, Repository};
use crate::judge;
use crate::report::{self, Explanation, Verdict};
use crate::source::changes::Changes;
use crate::source::{Item, Reader, Source};
use crate::text::Text;

/// What to explain.
pub(super) struct Place {
    /// Bytes as they were given; `-` is standard input.
    path: PathBuf,
    /// From 1; all lines without.
    line: Option<usize>,
}

impl Place {
    /// Takes `PATH:LINE`, `PATH`, `-:LINE` or `-` apart.
    pub(super) fn parse(text: &OsStr) -> anyhow::Result<Self> {
        let bytes = text.as_encoded_bytes();
        let colon = bytes.iter().rposition(|b| *b == b':');
        let number = colon.and_then(|at| std::str::from_utf8(&bytes[at + 1..]).ok()?.parse::<usize>().ok());
        let (Some(at), Some(line)) = (colon, number) else {
            return Ok(Self { path: PathBuf::from(text), line: None });
        };
        if line == 0 {
            bail!("cannot explain line 0: lines are counted from 1");
        }
        // Cut before an ASCII byte, so that what is left is still a name of this system.
        let path = text.to_str().map(|text| PathBuf::from(&text[..at]));
        let path =
            path.context("cannot explain a line of a file whose name is no UTF-8: leave the line away")?;
        Ok(Self { path, line: Some(line) })
    }
}

/// A text of its own: all of it counts as added.
struct Whole<'a> {
    items: [Item; 1],
    content: &'a [u8],
}

impl Source for Whole<'_> {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn reader(&self) -> Result<Box<dyn Reader + Send + '_>, Loss> {
        Ok(Box::new(WholeReader(self.content)))
    }
}

struct WholeReader<'a>(&'a [u8]);

impl Reader for WholeReader<'_> {
    fn content(&mut self, _: usize, judge: &mut dyn FnMut(&[u8])) -> Result<(), Loss> {
        judge(self.0);
        Ok(())
    }

    fn name_is_added(&self, _: usize) -> bool {
        false
    }
}

pub(super) fn run(place: &OsStr, work_tree: bool, options: &Options) -> anyhow::Result<u8> {
    let place = Place::parse(place)?;
    if place.path == Path::new("-") {
        let mut content = Vec::new();
        std::io::stdin().lock().read_to_end(&mut content).context("cannot read standard input")?;
        let configuration = match Repository::open_from_env() {
            Ok(repository) => Configuration::staged(&repository, &[], options)?,
            Err(_) => Configuration::of_user(options)?,
        };
        let path = b"standard input";
        let source = Whole { items: [Item::file(path.to_vec())], content: &content };
        let asked =
            Asked { place: &place, path, whose: "as standard input", content: &content, source: &source };
        return asked.answer(&configuration, options);
    }
    let repository = match Repository::open_from_env() {
        Ok(repository) => repository,
        // `unleak paths` judges files anywhere, so they can be explained anywhere.
        Err(_) => return without_repository(&place, options),
    };
    let top = repository.top().context("cannot explain a file: the repository is bare")?.to_path_buf();
    let here = std::env::current_dir().context("cannot find the current folder")?;
    let file = here.join(&place.path);
    let path = super::hook::below_top(&top, &file);
    let staged = repository.staged()?;
    let changed = staged.changes.iter().find(|change| change.path == path && change.new.is_some());
    let names = std::iter::once(path.as_slice());
    let configuration = Configuration::staged(&repository, &staged.changes, options)?
        .with_known_values(Some(&repository), names);
    if let Some(Change { new: Some(blob), .. }) = changed.filter(|_| !work_tree) {
        let content = repository.objects()?.blob(&blob.id)?.to_vec();
        let source = Changes::new(&repository, staged.changes.clone());
        let asked = Asked {
            place: &place,
            path: &path,
            whose: "as it is staged",
            content: &content,
            source: &source,
        };
        return asked.answer(&configuration, options);
    }
    let content = read(&place, &file)?;
    let whose = if work_tree {
        "as it is in the work tree"
    } else {
        "as it is in the work tree (nothing of it is staged)"
    };
    let source = Whole { items: [Item::file(path.clone())], content: &content };
    Asked { place: &place, path: &path, whose, content: &content, source: &source }
        .answer(&configuration, options)
}

/// A file where no repository can be opened, as `unleak paths` judges it.
fn without_repository(place: &Place, options: &Options) -> anyhow::Result<u8> {
    let configuration =
        Configuration::of_work_tree(None, options)?.with_known_values(None, std::iter::empty());
    let content = read(place, &place.path)?;
    let path = place.path.as_os_str().as_encoded_bytes();
    let source = Whole { items: [Item::file(path.to_vec())], content: &content };
    Asked { place, path, whose: "as it stands", content: &content, source: &source }
        .answer(&configuration, options)
}

fn read(place: &Place, file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| {
        format!("cannot explain {}", report::escape(place.path.as_os_str().as_encoded_bytes()))
    })
}

/// What is explained, and from where.
struct Asked<'a> {
    place: &'a Place,
    /// From the repository's top.
    path: &'a [u8],
    /// Which of its versions this is, for people.
    whose: &'static str,
    content: &'a [u8],
    /// What the gate judges.
    source: &'a dyn Source,
}

impl Asked<'_> {
    /// Explains and prints.
    fn answer(&self, configuration: &Configuration, options: &Options) -> anyhow::Result<u8> {
        let explained = under(configuration, true, None, |engine| self.explained(engine, configuration))??;
        let mut out = Output::open(options.output.as_deref(), options.show_secrets)?;
        match options.format {
            Format::Human => report::explain_human(&mut out, &explained, options.show_secrets)?,
            // One document, whatever form reports are wanted in.
            _ => report::explain_json(&mut out, &explained, options.show_secrets)?,
        }
        out.finish()?;
        Ok(0)
    }

    fn explained(
        &self,
        engine: &Engine<'_>,
        configuration: &Configuration,
    ) -> anyhow::Result<report::Explained> {
        let (place, path) = (self.place, self.path);
        let (rules, outcome) = (engine.rules, engine.run(self.source));
        let text = Text::with_lines(self.content);
        let added = added(path, &text, self.source)?;
        let on_line = |span: &Range<usize>| {
            let position = text.position(span);
            place.line.is_none_or(|line| (position.line..=position.end_line).contains(&line))
        };
        let last = text.position(&(text.bytes.len()..text.bytes.len())).line;
        if let Some(line) = place.line.filter(|line| *line > last) {
            bail!("cannot explain line {line} of {}: it has {last}", report::escape(path));
        }
        let broken = |broken: detect::BrokenRule| {
            anyhow::anyhow!("the regex of rule `{}` does not compile", broken.rule)
        };
        let mut candidates = detect::detect(rules, &text.bytes).map_err(broken)?.candidates;
        candidates.extend(judge::file::candidates(rules, &text, path).map_err(broken)?);
        let candidates = judge::explain::explain(rules, &text, path, candidates);
        let mut explanations: Vec<Explanation> = candidates
            .into_iter()
            .filter(|candidate| on_line(&candidate.judged.secret))
            .map(|explained| {
                let position = text.position(&explained.judged.secret);
                let at = |f: &Finding| f.path == path && f.position == Some(position);
                let verdict = verdict(&outcome, at, &explained, &added, rules);
                let raw = text.bytes[explained.judged.secret.clone()].to_vec();
                let name = explained.found.as_ref().map(|found| text.bytes[found.name.clone()].to_vec());
                let rule = rules.rule(explained.judged.rule);
                Explanation {
                    rule: rule.id().to_owned(),
                    title: rule.title().to_owned(),
                    public: rule.public(),
                    overruled_by: explained.overruled_by.map(|id| rules.rule(id).id().to_owned()),
                    secret: raw,
                    position,
                    name,
                    verdict,
                    explained,
                }
            })
            .collect();
        // What stands encoded there, or is the whole file, is told as the gate found it.
        for finding in outcome.findings.iter().chain(&outcome.shown).filter(|f| f.path == path) {
            let blocks = outcome.findings.contains(finding);
            let Some(position) = finding
                .position
                .filter(|p| place.line.is_none_or(|line| (p.line..=p.end_line).contains(&line)))
            else {
                continue;
            };
            let known = explanations.iter().any(|e| e.rule == finding.rule && e.position == position);
            if let Some(rule) = rules.find(&finding.rule).filter(|_| !known) {
                explanations.push(of_finding(finding, rule, position, blocks));
            }
        }
        Ok(report::Explained {
            path: path.to_vec(),
            line: place.line,
            whose: self.whose,
            strictness: configuration.strictness(),
            blocks: configuration.blocks(),
            explanations,
            keywords: keywords(rules, &text, place.line),
        })
    }
}

/// A finding of which nothing more is known than what the gate says.
fn of_finding(
    finding: &Finding,
    rule: detect::RuleId,
    position: crate::finding::Position,
    blocks: bool,
) -> Explanation {
    let judged = judge::Judged {
        rule,
        secret: 0..0,
        severity: finding.severity,
        confidence: finding.confidence,
        reasons: finding.reasons.clone(),
        value: None,
        encoded: None,
    };
    Explanation {
        rule: finding.rule.clone(),
        title: finding.title.clone(),
        public: finding.public,
        overruled_by: None,
        secret: finding.secret.0.clone(),
        position,
        name: None,
        verdict: if blocks { Verdict::Blocks } else { Verdict::Shown },
        explained: judge::explain::Explained {
            judged,
            found: None,
            weights: Vec::new(),
            checks: Vec::new(),
            overruled_by: None,
        },
    }
}

/// What the gate does with it.
fn verdict(
    outcome: &Outcome,
    at: impl Fn(&Finding) -> bool,
    explained: &judge::explain::Explained,
    added: &[Range<usize>],
    rules: &RuleSet,
) -> Verdict {
    let rule = rules.rule(explained.judged.rule).id();
    let is = |f: &Finding| at(f) && f.rule == rule;
    let secret = &explained.judged.secret;
    if outcome.findings.iter().any(is) {
        Verdict::Blocks
    } else if outcome.shown.iter().any(is) {
        Verdict::Shown
    } else if let Some(allowed) = outcome.allowed.iter().find(|a| is(&a.finding)) {
        Verdict::Allowed(allowed.by.clone())
    } else if explained.overruled_by.is_some() {
        Verdict::Overruled
    } else if explained.judged.confidence < judge::SHOWN {
        Verdict::Unlikely
    } else if !added.iter().any(|range| range.start < secret.end && secret.start < range.end) {
        Verdict::NotAdded
    } else {
        Verdict::Moved
    }
}

/// Which parts of the text the source adds.
fn added(path: &[u8], text: &Text<'_>, source: &dyn Source) -> anyhow::Result<Vec<Range<usize>>> {
    let Some(index) = source.items().iter().position(|item| item.path == path) else { return Ok(Vec::new()) };
    let told = |loss: Loss| anyhow::anyhow!("cannot tell which lines are new: {}", loss.reason);
    source.reader().map_err(told)?.added(index, text).map_err(told)
}

/// The keywords on the line and the rules they wake, each once, at most 20.
fn keywords(rules: &RuleSet, text: &Text<'_>, line: Option<usize>) -> Vec<(String, String)> {
    let mut keywords: Vec<(String, String)> = Vec::new();
    let Some(line) = line else { return keywords };
    rules.scan(&text.bytes, &mut Vec::new(), |id, hit| {
        if keywords.len() < 20 && rules.is_enabled(id) && text.position(&hit).line == line {
            let word = String::from_utf8_lossy(&text.bytes[hit]).into_owned();
            let pair = (word, rules.rule(id).id().to_owned());
            if !keywords.contains(&pair) {
                keywords.push(pair);
            }
        }
    });
    keywords
}
