//! Every rule, both ways, from examples that are generated here out of the shapes in `rules/`; who claims whose; and the page
//! about them all.
//!
//! `UPDATE=1 cargo test --test rules` writes `docs/rules.md` and `tests/snapshots/claims.txt` anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use unleak::detect::details::Details;
use unleak::detect::rulefile::Kind;
use unleak::detect::rules::Rule;
use unleak::detect::{RuleId, RuleSet, detect};
use unleak::text::Text;
use unleak::{judge, trial};

/// Content that starts as a file rule wants it, for those that go by magic bytes.
fn by_magic(rule: Rule<'_>) -> Option<Vec<u8>> {
    let (at, hex) = rule.file()?.magic().next()?;
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("the build checked it");
    let mut content = vec![0x30; at];
    content.extend((0..hex.len()).step_by(2).map(byte));
    content.extend([1; 100]);
    Some(content)
}

/// Key blocks and web tokens have a structure that no shape can hold, and known values are any; the tests of `detect::block` and
/// `detect::known` build them.
fn is_block(rules: &RuleSet, id: RuleId) -> bool {
    let matcher = rules.rule(id).matcher();
    matcher == "known" || unleak::detect::block::walker(matcher).is_some()
}

#[test]
fn every_rule_finds_its_examples_and_lets_its_counter_examples_pass() {
    let rules = RuleSet::default();
    let details = rules.details();
    let mut failures = Vec::new();
    for id in rules.ids() {
        let (rule, details) = (rules.rule(id), &details[usize::from(id.0)]);
        let magic = by_magic(rule);
        if details.examples.is_empty() && magic.is_none() && !is_block(&rules, id) {
            failures.push(format!("{}: it has no example", rule.id()));
        }
        if let Some(content) = magic {
            let found = trial::judged(&rules, &trial::path(&rules, id, details), &content);
            let found = found.expect("every regex compiles");
            if !found.iter().any(|judged| judged.rule == id && judged.confidence >= judge::BLOCKS[1]) {
                failures.push(format!("{}: its magic bytes are not found", rule.id()));
            }
        }
        let tried = trial::try_rule(&rules, id, details);
        failures.extend(tried.into_iter().map(|f| format!("{}: {:?}: {}", rule.id(), f.about, f.message)));
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// For each rule the others that claim something in its examples, and those that win there.
fn claims(rules: &RuleSet, details: &[Details]) -> String {
    let mut text = String::from(
        "Who else claims something in a rule's own examples: rules with a format of their own, rules for services, rules for files.\n\
         `!` marks one that wins there. The rules for any value beside a name claim nearly every example, so they are left out.\n\
         Written by `UPDATE=1 cargo test --test rules`.\n\n",
    );
    let general = |id: RuleId| rules.rule(id).kind() == Kind::Generic && rules.rule(id).file().is_none();
    for id in rules.ids() {
        let own = &details[usize::from(id.0)];
        let path = trial::path(rules, id, own);
        let mut others: BTreeMap<&str, bool> = BTreeMap::new();
        for (index, shape) in own.examples.iter().enumerate() {
            let value = trial::example(rules.rule(id).id(), shape, 0, index).expect("a shape of a rule file");
            let content = Text::with_lines(&value);
            let detected = detect(rules, &content.bytes).expect("every regex compiles");
            let won = trial::judged(rules, &path, &value).expect("every regex compiles");
            let winners: BTreeSet<RuleId> = won.iter().map(|judged| judged.rule).collect();
            let claimed = detected.candidates.iter().map(|candidate| candidate.rule);
            for other in
                claimed.chain(winners.iter().copied()).filter(|other| *other != id && !general(*other))
            {
                *others.entry(rules.rule(other).id()).or_default() |= winners.contains(&other);
            }
        }
        if !others.is_empty() {
            let mark = |(id, wins): (&&str, &bool)| if *wins { format!("{id}!") } else { (*id).to_owned() };
            let others: Vec<String> = others.iter().map(mark).collect();
            let _ = writeln!(text, "{}: {}", rules.rule(id).id(), others.join(" "));
        }
    }
    text
}

/// Holds a file of the repository against what it should be, or writes it.
fn holds(path: &str, wanted: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, wanted).expect("the file can be written");
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = there.lines().zip(wanted.lines()).find(|(there, wanted)| there != wanted);
    assert!(
        there == wanted,
        "{path} is not what the rules say: UPDATE=1 cargo test --test rules; the first line that differs: {differs:?}"
    );
}

#[test]
fn who_claims_whose_examples_is_known() {
    let rules = RuleSet::default();
    holds("tests/snapshots/claims.txt", &claims(&rules, &rules.details()));
}

/// The page about all rules.
fn page(rules: &RuleSet, details: &[Details]) -> String {
    let mut groups: BTreeMap<(String, &str), Vec<RuleId>> = BTreeMap::new();
    for id in rules.ids() {
        let provider = match rules.rule(id).provider() {
            "" => "Of no single provider",
            provider => provider,
        };
        groups.entry((provider.to_lowercase(), provider)).or_default().push(id);
    }
    let count = |kind: Kind| rules.ids().filter(|id| rules.rule(*id).kind() == kind).count();
    let files = rules.ids().filter(|id| rules.rule(*id).file().is_some()).count();
    let mut text = format!(
        "# Rules\n\n\
         Written from `rules/*.toml` by `UPDATE=1 cargo test --test rules`; a test holds it against them. `unleak rules ID` tells more\n\
         about one: keywords, form, proof, an example.\n\n\
         {} rules: {} for tokens with a format of their own, {} for keys that need their service's name beside them, {files} for files\n\
         that are secrets by being there.\n",
        rules.ids().count(),
        count(Kind::Specific),
        count(Kind::Context),
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for ((_, provider), ids) in groups {
        let _ = write!(
            text,
            "\n## {provider}\n\n| id | what it finds | severity | it gives away |\n|---|---|---|---|\n"
        );
        for id in ids {
            let (rule, details) = (rules.rule(id), &details[usize::from(id.0)]);
            let title = match rule.revoke() {
                "" => cell(rule.title()),
                revoke => format!("[{}]({revoke})", cell(rule.title())),
            };
            let alone = if rule.is_identifier() { "; alone it does not block" } else { "" };
            let once = details.former.iter().map(|id| format!(" (once `{id}`)")).collect::<String>();
            let severity = rule.severity().as_str();
            let _ = writeln!(
                text,
                "| `{}`{once} | {title} | {severity} | {}{alone} |",
                rule.id(),
                cell(rule.grants())
            );
        }
    }
    text
}

#[test]
fn the_page_about_the_rules_is_up_to_date() {
    let rules = RuleSet::default();
    holds("docs/rules.md", &page(&rules, &rules.details()));
}

#[test]
fn no_context_wins_by_the_order_of_the_files() {
    // Both services have keys of 32 hex digits; what is nearer to the value counts, then the longer word.
    let rules = RuleSet::default();
    let value = trial::example("order", "{hex:32}", 0, 0).expect("a shape");
    let value = String::from_utf8(value).expect("hex");
    let mut services: Vec<(String, String)> = Vec::new();
    for (id, details) in rules.ids().zip(rules.details()) {
        let plain = details
            .words
            .first()
            .filter(|word| word.bytes().all(|b| b.is_ascii_lowercase()) && word.len() > 5);
        if details.form.starts_with("32 of hex") && details.names.is_empty() {
            services.extend(plain.map(|word| (word.clone(), rules.rule(id).id().to_owned())));
        }
    }
    services.truncate(30);
    assert!(services.len() > 10, "{services:?}");
    for (near, near_id) in &services {
        for (far, _) in services.iter().filter(|(far, _)| far != near) {
            let text = format!("# {far}\n{near}_api_key = \"{value}\"\n");
            let found = trial::judged(&rules, "src/app.py", text.as_bytes()).expect("every regex compiles");
            let ids: Vec<&str> = found.iter().map(|judged| rules.rule(judged.rule).id()).collect();
            assert_eq!(ids, [near_id.as_str()], "{near} in the name, {far} on the line before");
        }
    }
}

#[test]
fn a_services_key_that_is_only_mentioned_is_found_and_a_hash_is_none() {
    let rules = RuleSet::default();
    for (shape, wanted) in [
        ("Datadog\n\nAPI key {hex:32}\n", Some("datadog-api-key")),
        ("// the Datadog API key:\n// {hex:32}\n", Some("datadog-api-key")),
        ("Some API key {hex:32}\n", None),
        ("Datadog: rename the API key (commit {hex:32})\n", None),
    ] {
        let text = trial::example("mention", shape, 0, 0).expect("the shape is right");
        let found = trial::judged(&rules, "notes.md", &text).expect("every regex compiles");
        let found = found.iter().find(|j| j.confidence >= judge::BLOCKS[1]).map(|j| rules.rule(j.rule).id());
        assert_eq!(found, wanted, "{shape}");
    }
}

#[test]
fn a_services_key_that_is_given_to_its_name_alone_is_told() {
    let rules = RuleSet::default();
    for (shape, blocks) in [
        // A form that is not known of the service.
        ("shodan = '{base62:31}'\n", false),
        // A digest would look the same.
        ("circleci = '{hex:40}'\n", false),
        ("\"shodan\": \"{base62:32}\"\n", true),
        ("export SHODAN_PROD={base62:32}\n", true),
    ] {
        let text = trial::example("named", shape, 0, 0).expect("the shape is right");
        let found = trial::judged(&rules, "notes.conf", &text).expect("every regex compiles");
        let best = found.iter().map(|j| j.confidence).fold(0.0, f64::max);
        assert!(best >= judge::SHOWN, "{shape}: {best}");
        assert_eq!(best >= judge::BLOCKS[1], blocks, "{shape}: {best}");
    }
    for shape in
        ["circleci_sha = '{hex:40}'\n", "circleci: [{hex:40}]({hex:8})\n", "shodan = '{base62:15}'\n"]
    {
        let text = trial::example("named", shape, 0, 0).expect("the shape is right");
        let found = trial::judged(&rules, "notes.conf", &text).expect("every regex compiles");
        assert!(found.iter().all(|j| j.confidence < judge::SHOWN), "{shape}: {found:?}");
    }
}
