//! What can be read off a rule's regex before it ever runs: that it is bounded, has its one group, and that its
//! keywords cover it.
//!
//! Hands on [`RegexFacts`] to the tables. The trap: like `rulefile`, it is compiled by the build script too.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The longest text, in bytes, that a rule's regex may span: each hit costs a window of that size.
pub const LONGEST_MATCH: usize = 1_000;

/// What can be read off a regex before it ever runs.
#[derive(Debug, Clone, Default)]
pub struct RegexFacts {
    /// The longest match in bytes.
    pub longest: usize,
    /// Length of the literal that the secret starts with.
    pub secret_prefix: usize,
    /// What must follow a keyword for the regex to have a chance: a set of bytes, and how many of them.
    pub guard: Option<(Vec<u8>, u8)>,
    /// True when every keyword is what the secret starts with, so that the boundary can be checked at the hit.
    pub keyword_starts_secret: bool,
}

/// Parses a rule's regex as it will run (bytes, ASCII classes).
fn parse_regex(regex: &str) -> Result<Hir, String> {
    regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(50)
        .build()
        .parse(regex)
        .map_err(|error| format!("the regex does not parse: {error}"))
}

/// What is wrong with a regex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegexProblem {
    /// The keyword that it is about, by its place; `None`: the regex itself.
    pub keyword: Option<usize>,
    /// In words.
    pub message: String,
}

impl From<String> for RegexProblem {
    fn from(message: String) -> Self {
        Self { keyword: None, message }
    }
}

/// Checks that a regex is bounded and has its one group; gives the longest match in bytes.
///
/// # Errors
/// What is wrong with it, in words.
pub fn bounded(regex: &str) -> Result<usize, String> {
    bounded_hir(&parse_regex(regex)?)
}

fn bounded_hir(hir: &Hir) -> Result<usize, String> {
    let longest =
        hir.properties().maximum_len().ok_or("the regex is unbounded: write `{n,m}` for `*` and `+`")?;
    if longest > LONGEST_MATCH {
        return Err(format!("the regex may span {longest} bytes, at most {LONGEST_MATCH} are allowed"));
    }
    let mut groups = Vec::new();
    named_groups(hir, &mut groups);
    if groups != ["secret"] {
        return Err("the regex needs exactly one named group, `(?<secret>…)`".to_owned());
    }
    Ok(longest)
}

/// Checks a regex against its keywords and reads off what the hot path needs.
///
/// # Errors
/// What is wrong with it.
pub fn regex_facts(regex: &str, keywords: &[String]) -> Result<RegexFacts, RegexProblem> {
    let hir = parse_regex(regex)?;
    let longest = bounded_hir(&hir)?;
    let mut runs = Vec::new();
    let covered = literals(&hir, keywords, &mut runs).covered;
    for (at, keyword) in keywords.iter().enumerate() {
        if !runs.iter().any(|run| contains(run, keyword.as_bytes())) {
            let message = format!("the regex cannot match keyword `{keyword}`");
            return Err(RegexProblem { keyword: Some(at), message });
        }
    }
    if !covered {
        return Err("no keyword covers the regex: it can match a text without any of them".to_owned().into());
    }
    let mut flat = Vec::new();
    flatten(&hir, false, &mut flat);
    Ok(RegexFacts {
        longest,
        secret_prefix: secret_prefix(&flat),
        guard: guard(&flat, keywords),
        keyword_starts_secret: keyword_starts_secret(&flat, keywords),
    })
}

fn named_groups(hir: &Hir, names: &mut Vec<String>) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            names.extend(capture.name.as_deref().map(str::to_owned));
            named_groups(&capture.sub, names);
        }
        HirKind::Repetition(repetition) => named_groups(&repetition.sub, names),
        HirKind::Concat(subs) | HirKind::Alternation(subs) => {
            subs.iter().for_each(|s| named_groups(s, names));
        }
        _ => {}
    }
}

/// How many alternatives a run of literals may have before it is given up on.
const MOST_RUNS: usize = 4_096;

/// All texts that `hir` matches, ASCII-folded, when they are few.
fn texts(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => {
            let mut bytes = class_bytes(class);
            bytes.make_ascii_lowercase();
            bytes.sort_unstable();
            bytes.dedup();
            (bytes.len() <= 16).then(|| bytes.into_iter().map(|b| vec![b]).collect())
        }
        HirKind::Repetition(repetition) => {
            let max = repetition.max.filter(|max| *max <= 8)?;
            let once = texts(&repetition.sub)?;
            let mut all = Vec::new();
            let mut power = vec![Vec::new()];
            for count in 0..=max {
                if count >= repetition.min {
                    all.extend(power.iter().cloned());
                }
                power = product(&power, &once)?;
            }
            (all.len() <= MOST_RUNS).then_some(all)
        }
        HirKind::Capture(capture) => texts(&capture.sub),
        HirKind::Concat(subs) => {
            subs.iter().try_fold(vec![Vec::new()], |before, sub| product(&before, &texts(sub)?))
        }
        HirKind::Alternation(subs) => {
            let mut all = Vec::new();
            for sub in subs {
                all.extend(texts(sub)?);
            }
            (all.len() <= MOST_RUNS).then_some(all)
        }
    }
}

fn product(left: &[Vec<u8>], right: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    if left.len() * right.len() > MOST_RUNS {
        return None;
    }
    Some(left.iter().flat_map(|l| right.iter().map(move |r| [l.as_slice(), r].concat())).collect())
}

fn class_bytes(class: &Class) -> Vec<u8> {
    match class {
        Class::Bytes(bytes) => bytes.iter().flat_map(|range| range.start()..=range.end()).collect(),
        Class::Unicode(chars) => chars
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .take(300)
            .map(|c| u8::try_from(c).unwrap_or(0xff))
            .collect(),
    }
}

/// How many bytes of a run are kept: more than the longest keyword, so that one which straddles two pieces is seen.
const LONGEST_RUN: usize = 72;

/// What is known of the texts that an expression matches.
#[derive(Clone)]
struct Literals {
    /// All of them, when they are few.
    exact: Option<Vec<Vec<u8>>>,
    /// What each of them starts with.
    starts: Vec<Vec<u8>>,
    /// What each of them ends with.
    ends: Vec<Vec<u8>>,
    /// True when each of them contains a keyword.
    covered: bool,
}

/// Reads off what covers `hir`, and notes the literal runs that stand in it.
fn literals(hir: &Hir, keywords: &[String], runs: &mut Vec<Vec<u8>>) -> Literals {
    let nothing = vec![Vec::new()];
    let holds = |run: &[Vec<u8>], runs: &mut Vec<Vec<u8>>| {
        runs.extend_from_slice(run);
        run.iter().all(|text| keywords.iter().any(|k| contains(text, k.as_bytes())))
    };
    if let Some(all) = texts(hir) {
        let covered = holds(&all, runs);
        return Literals { starts: all.clone(), ends: all.clone(), exact: Some(all), covered };
    }
    match hir.kind() {
        HirKind::Capture(capture) => literals(&capture.sub, keywords, runs),
        HirKind::Repetition(repetition) => {
            let sub = literals(&repetition.sub, keywords, runs);
            if repetition.min == 0 {
                return Literals { exact: None, starts: nothing.clone(), ends: nothing, covered: false };
            }
            // Two rounds of a small class, so that a keyword may reach into it.
            let twice = if repetition.min > 1 { product(&sub.ends, &sub.starts) } else { None };
            let starts = twice.clone().filter(|_| sub.exact.is_some()).unwrap_or(sub.starts);
            let ends = twice.filter(|_| sub.exact.is_some()).unwrap_or(sub.ends);
            Literals { exact: None, starts, ends, covered: sub.covered }
        }
        HirKind::Alternation(subs) => {
            let mut whole = Literals { exact: None, starts: Vec::new(), ends: Vec::new(), covered: true };
            for sub in subs {
                let sub = literals(sub, keywords, runs);
                whole.covered &= sub.covered;
                if sub.covered {
                    // Whatever stands beside it: it needs no keyword there.
                    whole.starts.extend(keywords.first().map(|k| k.as_bytes().to_vec()));
                    whole.ends.extend(keywords.first().map(|k| k.as_bytes().to_vec()));
                } else {
                    whole.starts.extend(sub.starts);
                    whole.ends.extend(sub.ends);
                }
            }
            whole
        }
        HirKind::Concat(subs) => {
            let empty = Literals {
                exact: Some(nothing.clone()),
                starts: nothing.clone(),
                ends: nothing.clone(),
                covered: false,
            };
            subs.iter().fold(empty, |left, sub| {
                let right = literals(sub, keywords, runs);
                let seam = product(&left.ends, &right.starts);
                let covered = left.covered || right.covered || seam.is_some_and(|run| holds(&run, runs));
                let exact =
                    |l: &Option<Vec<Vec<u8>>>, r: &Option<Vec<Vec<u8>>>| product(l.as_ref()?, r.as_ref()?);
                let starts = left.exact.as_ref().and_then(|l| product(l, &right.starts)).map(|mut starts| {
                    starts.iter_mut().for_each(|text| text.truncate(LONGEST_RUN));
                    starts
                });
                let ends = right.exact.as_ref().and_then(|r| product(&left.ends, r)).map(|mut ends| {
                    ends.iter_mut()
                        .for_each(|text| drop(text.drain(..text.len().saturating_sub(LONGEST_RUN))));
                    ends
                });
                Literals {
                    exact: exact(&left.exact, &right.exact),
                    starts: starts.unwrap_or(left.starts),
                    ends: ends.unwrap_or(right.ends),
                    covered,
                }
            })
        }
        // A class of many bytes: anything.
        _ => Literals { exact: None, starts: nothing.clone(), ends: nothing, covered: false },
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

/// One piece of a concatenation, and whether it belongs to the group `secret`.
struct Part<'a> {
    hir: &'a Hir,
    secret: bool,
}

fn flatten<'a>(hir: &'a Hir, secret: bool, flat: &mut Vec<Part<'a>>) {
    match hir.kind() {
        HirKind::Concat(subs) => subs.iter().for_each(|sub| flatten(sub, secret, flat)),
        HirKind::Capture(capture) => flatten(&capture.sub, secret || capture.name.is_some(), flat),
        HirKind::Look(Look::WordAscii) => {}
        _ => flat.push(Part { hir, secret }),
    }
}

/// The literal run that opens the concatenation, and the index of the first piece after it.
fn opening_run(flat: &[Part<'_>]) -> (Vec<Vec<u8>>, usize) {
    let mut run = vec![Vec::new()];
    for (index, part) in flat.iter().enumerate() {
        match texts(part.hir).and_then(|t| product(&run, &t)) {
            Some(longer) => run = longer,
            None => return (run, index),
        }
    }
    (run, flat.len())
}

fn secret_prefix(flat: &[Part<'_>]) -> usize {
    let mut run = vec![Vec::new()];
    for part in flat.iter().skip_while(|part| !part.secret).take_while(|part| part.secret) {
        match texts(part.hir).and_then(|t| product(&run, &t)) {
            Some(longer) => run = longer,
            None => break,
        }
    }
    run.iter().map(Vec::len).min().unwrap_or(0)
}

fn keyword_starts_secret(flat: &[Part<'_>], keywords: &[String]) -> bool {
    let (run, _) = opening_run(flat);
    flat.first().is_some_and(|part| part.secret)
        && keywords.iter().all(|k| {
            run.iter().any(|text| text.starts_with(k.as_bytes()))
                && run.iter().all(|text| !contains(&text[1.min(text.len())..], k.as_bytes()))
        })
}

/// The set that must follow each keyword: only where every run that holds a keyword ends with it.
fn guard(flat: &[Part<'_>], keywords: &[String]) -> Option<(Vec<u8>, u8)> {
    let (run, next) = opening_run(flat);
    let HirKind::Repetition(repetition) = flat.get(next)?.hir.kind() else { return None };
    let HirKind::Class(class) = repetition.sub.kind() else { return None };
    let ends = keywords.iter().all(|k| {
        let mut holding = run.iter().filter(|text| contains(text, k.as_bytes())).peekable();
        holding.peek().is_some()
            && holding
                .all(|text| text.ends_with(k.as_bytes()) && !contains(&text[..text.len() - 1], k.as_bytes()))
    });
    let count = u8::try_from(repetition.min.min(24)).unwrap_or(24);
    (ends && count > 0).then(|| (class_bytes(class), count))
}
