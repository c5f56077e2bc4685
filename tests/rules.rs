//! Every rule, both ways, from examples that are generated here out of the shapes in `rules/`.

use unleak::detect::{RuleId, RuleSet, detect};
use unleak::judge::{self, BLOCKS, Judged};
use unleak::shape::{Random, generate};
use unleak::text::Text;

/// How many values are made of each shape.
const ROUNDS: u64 = 3;

fn judged(rules: &RuleSet, content: &[u8]) -> Vec<Judged> {
    let text = Text::with_lines(content);
    let candidates = detect(rules, &text.bytes).expect("every regex compiles").candidates;
    judge::judge(rules, &text, b"config/settings.conf", candidates)
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

/// Key blocks and web tokens have a structure that no shape can hold; the tests of `detect::block` build them.
fn is_block(rules: &RuleSet, id: RuleId) -> bool {
    unleak::detect::block::walker(rules.rule(id).matcher()).is_some()
}

/// A context rule's own shapes: its service in the name, each word of the name in turn.
fn shapes(rules: &RuleSet, id: RuleId) -> Vec<String> {
    let rule = rules.rule(id);
    let mut shapes: Vec<String> = rule.examples().map(str::to_owned).collect();
    shapes.extend(rule.context_shapes());
    shapes
}

#[test]
fn every_example_is_found_by_its_own_rule() {
    let rules = RuleSet::default();
    let mut failures = Vec::new();
    for id in rules.ids() {
        let rule = rules.rule(id);
        let shapes = shapes(&rules, id);
        if shapes.is_empty() && !is_block(&rules, id) {
            failures.push(format!("{}: it has no example", rule.id()));
        }
        for value in values(&rules, id, &shapes, &mut failures) {
            let found = judged(&rules, &value);
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
    let mut failures = Vec::new();
    for id in rules.ids() {
        let rule = rules.rule(id);
        let shapes: Vec<String> = rule.counter_examples().map(str::to_owned).collect();
        for value in values(&rules, id, &shapes, &mut failures) {
            if judged(&rules, &value).iter().any(|j| j.rule == id && j.confidence >= BLOCKS[1]) {
                failures.push(format!("{}: found in {:?}", rule.id(), String::from_utf8_lossy(&value)));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_regex_compiles_small() {
    let rules = RuleSet::default();
    for id in rules.ids().filter(|id| !rules.rule(*id).regex().is_empty()) {
        rules.regex(id).unwrap_or_else(|broken| panic!("rule {} does not compile", broken.rule));
    }
}

#[test]
fn every_check_that_a_rule_names_exists() {
    let rules = RuleSet::default();
    for id in rules.ids() {
        for check in rules.rule(id).checks() {
            assert!(judge::checks::NAMES.contains(&check), "rule {}: no check {check}", rules.rule(id).id());
        }
    }
}
