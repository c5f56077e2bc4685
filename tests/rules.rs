//! Every rule, both ways, from examples that are generated here out of the shapes in `rules/`.

use unleak::detect::details::Details;
use unleak::detect::rules::Rule;
use unleak::detect::{RuleId, RuleSet, detect};
use unleak::judge::{self, BLOCKS, Judged};
use unleak::shape::{Random, generate};
use unleak::text::Text;

/// How many values are made of each shape.
const ROUNDS: u64 = 3;

fn judged(rules: &RuleSet, path: &str, content: &[u8]) -> Vec<Judged> {
    let text = Text::with_lines(content);
    let mut candidates = detect(rules, &text.bytes).expect("every regex compiles").candidates;
    let of_file = judge::file::candidates(rules, &text, path.as_bytes());
    candidates.extend(of_file.expect("every regex compiles"));
    let mut judged = judge::judge(rules, &text, path.as_bytes(), candidates);
    judged.extend(judge::file::whole(rules, &text, path.as_bytes()).expect("every regex compiles"));
    judged
}

/// A path that a file rule looks at, or a configuration's.
fn path(details: &Details) -> String {
    let name = details.names.first().filter(|_| details.form.is_empty());
    name.map_or_else(|| "config/settings.conf".to_owned(), |name| name.replace('*', "a"))
}

fn values(rules: &RuleSet, id: RuleId, shapes: &[String], failures: &mut Vec<String>) -> Vec<Vec<u8>> {
    let name = rules.rule(id).id();
    let mut values = Vec::new();
    for round in 0..ROUNDS {
        for (index, shape) in shapes.iter().enumerate() {
            match generate(shape, &mut Random::new(name, round * 100 + index as u64)) {
                Ok(value) => values.push(value),
                Err(error) => failures.push(format!("{name}: {error}")),
            }
        }
    }
    values
}

/// Content that starts as a file rule wants it, for those that go by magic bytes.
fn by_magic(rule: Rule<'_>) -> Option<Vec<u8>> {
    let (at, hex) = rule.file()?.magic().next()?;
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("the build checked it");
    let mut content = vec![0x30; at];
    content.extend((0..hex.len()).step_by(2).map(byte));
    content.extend([1; 100]);
    Some(content)
}

/// Key blocks and web tokens have a structure that no shape can hold; the tests of `detect::block` build them.
fn is_block(rules: &RuleSet, id: RuleId) -> bool {
    unleak::detect::block::walker(rules.rule(id).matcher()).is_some()
}

#[test]
fn every_example_is_found_by_its_own_rule() {
    let rules = RuleSet::default();
    let details = rules.details();
    let mut failures = Vec::new();
    for id in rules.ids() {
        let rule = rules.rule(id);
        let details = &details[usize::from(id.0)];
        let shapes = &details.examples;
        let magic = by_magic(rule);
        if shapes.is_empty() && magic.is_none() && !is_block(&rules, id) {
            failures.push(format!("{}: it has no example", rule.id()));
        }
        for value in values(&rules, id, shapes, &mut failures).into_iter().chain(magic) {
            let found = judged(&rules, &path(details), &value);
            let own = found.iter().find(|j| j.rule == id);
            if own.is_none_or(|j| j.confidence < judge::SHOWN) {
                let others: Vec<String> = found
                    .iter()
                    .map(|j| format!("{} {:.2} {:?}", rules.rule(j.rule).id(), j.confidence, j.reasons))
                    .collect();
                failures.push(format!(
                    "{}: not found in {:?}; found: {others:?}",
                    rule.id(),
                    String::from_utf8_lossy(&value)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn no_counter_example_blocks_by_its_own_rule() {
    let rules = RuleSet::default();
    let details = rules.details();
    let mut failures = Vec::new();
    for id in rules.ids() {
        let rule = rules.rule(id);
        let details = &details[usize::from(id.0)];
        for value in values(&rules, id, &details.counter_examples, &mut failures) {
            if judged(&rules, &path(details), &value)
                .iter()
                .any(|j| j.rule == id && j.confidence >= BLOCKS[1])
            {
                failures.push(format!("{}: found in {:?}", rule.id(), String::from_utf8_lossy(&value)));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_regex_compiles_small() {
    let rules = RuleSet::default();
    for id in rules.ids() {
        rules.regex(id).unwrap_or_else(|broken| panic!("rule {} does not compile", broken.rule));
    }
}
