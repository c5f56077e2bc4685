//! SARIF 2.1.0, for code scanning services: docs.oasis-open.org/sarif/sarif/v2.1.0.
//!
//! Hands on one document, results in the order of the contract. The trap: SARIF counts columns in UTF-16 code units and knows
//! no others in text, paths are URIs, and lines inside an archive's member are no lines of the file that it names.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::escape::escape;
use super::human::{aside, place};
use super::json::{confidence, list, object};
use super::mask::{Paths, masked_json};
use super::{Style, Summary};
use crate::finding::{Finding, Loss, Outcome, Severity};

/// Prints one SARIF log on `out`; losses, limits and notes go to `err` as well.
///
/// # Errors
///
/// Those of the two writers; a closed pipe is [`io::ErrorKind::BrokenPipe`].
pub fn sarif(
    out: &mut dyn Write,
    err: &mut dyn Write,
    outcome: &Outcome,
    summary: &Summary,
    style: &Style,
) -> io::Result<()> {
    let paths = Paths::new(outcome, style.show_secrets);
    let (rules, indexes) = rules(outcome);
    out.write_all(
        b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":",
    )?;
    let version = env!("CARGO_PKG_VERSION");
    object(out, &json!({"name": "unleak", "version": version, "semanticVersion": version, "rules": rules}))?;
    out.write_all(b"},\"columnKind\":\"utf16CodeUnits\",\"invocations\":[")?;
    object(out, &invocation(outcome, &paths))?;
    out.write_all(b"],\"properties\":")?;
    object(
        out,
        &json!({"source": summary.source, "files": outcome.coverage.files, "bytes": outcome.coverage.bytes}),
    )?;
    let all = outcome.findings.iter().map(|finding| (finding, "error"));
    let all = all.chain(outcome.shown.iter().map(|finding| (finding, "note")));
    let mut nth: HashMap<(&str, &[u8]), usize> = HashMap::new();
    list(
        out,
        "results",
        all.map(|(finding, level)| {
            let nth = nth.entry((&finding.fingerprint, &finding.path)).or_default();
            *nth += 1;
            result(finding, level, indexes[finding.rule.as_str()], *nth, &paths, style.show_secrets)
        }),
    )?;
    out.write_all(b"}]}\n")?;
    out.flush()?;
    aside(err, outcome, summary, style, false)
}

/// The rules that found something, in the order of their ids, and where each stands.
fn rules(outcome: &Outcome) -> (Vec<Value>, HashMap<&str, usize>) {
    let mut first: Vec<&Finding> = outcome.findings.iter().chain(&outcome.shown).collect();
    crate::order::sort_by(&mut first, |a, b| a.rule.cmp(&b.rule));
    first.dedup_by(|a, b| a.rule == b.rule);
    let indexes = first.iter().enumerate().map(|(at, finding)| (finding.rule.as_str(), at)).collect();
    (first.into_iter().map(rule).collect(), indexes)
}

fn rule(finding: &Finding) -> Value {
    let title = escape(finding.title.as_bytes());
    let mut help = vec![format!("{title} in content that others can read.")];
    if !finding.grants.is_empty() {
        help.push(format!("It gives away {}.", escape(finding.grants.as_bytes())));
    }
    help.push(
        "Take it out, move the value into the environment or a secrets manager, and revoke what was ever pushed or shared: \
         taking it out does not undo that."
            .to_owned(),
    );
    let page = finding.revoke.as_deref().filter(|page| is_web(page));
    if let Some(page) = page {
        help.push(format!("Revoke it at {page}"));
    }
    help.push(format!(
        "If it is no secret, `unleak allow FINGERPRINT --reason \"...\"` lets one value pass, and `disable = [\"{}\"]` under \
         `[rules]` in .unleak.toml switches this rule off.",
        escape(finding.rule.as_bytes())
    ));
    let mut rule = json!({
        "id": finding.rule,
        "name": finding.rule,
        "shortDescription": {"text": title},
        "fullDescription": {"text": help[..help.len().min(2)].join(" ")},
        "help": {"text": help.join("\n"), "markdown": help.join("\n\n")},
        "defaultConfiguration": {"level": "error"},
        // How GitHub ranks security results, by the bands of CVSS.
        "properties": {"tags": ["security", "secret"], "security-severity": match finding.severity {
            Severity::Critical => "9.5",
            Severity::High => "8.0",
            Severity::Medium => "5.5",
            Severity::Low => "3.0",
        }},
    });
    if let Some(page) = page {
        rule["helpUri"] = json!(page);
    }
    rule
}

fn invocation(outcome: &Outcome, paths: &Paths<'_>) -> Value {
    let notification = |level: &'static str| {
        move |loss: &Loss| {
            let mut notification =
                json!({"level": level, "message": {"text": escape(loss.reason.as_bytes())}});
            if let Some(path) = &loss.path {
                let location =
                    json!({"physicalLocation": {"artifactLocation": artifact(&paths.masked(path))}});
                notification["locations"] = json!([location]);
            }
            notification
        }
    };
    let losses = outcome.losses.iter().map(notification("error"));
    let told: Vec<Value> = losses.chain(outcome.limits.iter().map(notification("warning"))).collect();
    json!({"executionSuccessful": outcome.losses.is_empty(), "toolExecutionNotifications": told})
}

fn result(
    finding: &Finding,
    level: &str,
    index: usize,
    nth: usize,
    paths: &Paths<'_>,
    show_secrets: bool,
) -> Value {
    let path = paths.masked(&finding.path);
    let mut physical = json!({"artifactLocation": artifact(&path)});
    if let Some(at) = finding.position.filter(|_| finding.inside.member.is_none()) {
        let (start, end) = finding.wide.unwrap_or((at.column, at.end_column));
        physical["region"] =
            json!({"startLine": at.line, "startColumn": start, "endLine": at.end_line, "endColumn": end});
    }
    let mut location = json!({"physicalLocation": physical});
    if let Some(member) = &finding.inside.member {
        let name = paths.json(member);
        let whole = format!("{}!{name}", paths.json(&finding.path));
        location["logicalLocations"] = json!([{"name": name, "fullyQualifiedName": whole, "kind": "member"}]);
    }
    let mut text = format!("{} at {}", escape(finding.title.as_bytes()), place(paths, finding));
    if !finding.reasons.is_empty() {
        text += &format!(": {}", escape(finding.reasons.join("; ").as_bytes()));
    }
    let mut properties = json!({
        "severity": finding.severity.as_str(),
        "confidence": confidence(finding.confidence),
        "secret": masked_json(&finding.secret.0, finding.public, show_secrets),
        "blocks": level == "error",
    });
    if let Some(commit) = &finding.commit {
        properties["commit"] = json!(commit.id);
        properties["author"] = json!(commit.author);
        properties["date"] = json!(commit.date);
    }
    if let Some(in_head) = finding.in_head {
        properties["in_head"] = json!(in_head);
    }
    if let (Some(at), Some(_)) = (finding.position, &finding.inside.member) {
        properties["line"] = json!(at.line);
        properties["column"] = json!(at.column);
    }
    if let Some(layer) = &finding.inside.layer {
        properties["layer"] = json!(layer.digest);
    }
    if let Some(cell) = &finding.inside.cell {
        properties["cell"] = json!(cell.number);
        properties["cell_line"] = json!(cell.line);
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": level,
        "message": {"text": text},
        "locations": [location],
        // The first is the secret's own, the same everywhere; the second tells its places in one file apart.
        "partialFingerprints": {
            "unleakSecret/v1": finding.fingerprint,
            "unleakPlace/v1": format!("{}:{}:{nth}", finding.fingerprint, paths.json(&finding.path)),
        },
        "rank": confidence(finding.confidence) * 100.0,
        "properties": properties,
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(id, related)| {
            json!({
                "id": id,
                "message": {"text": escape(related.role.as_bytes())},
                "physicalLocation": {
                    "artifactLocation": artifact(&paths.masked(&related.path)),
                    "region": {"startLine": related.line},
                },
            })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

/// A path as a URI: one that is not absolute counts from the repository's top.
fn artifact(path: &[u8]) -> Value {
    let mut uri = String::with_capacity(path.len());
    for &byte in path {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    match path.first() {
        Some(b'/') => json!({"uri": format!("file://{uri}")}),
        _ => json!({"uri": uri, "uriBaseId": "%SRCROOT%"}),
    }
}

/// A rule may come from the repository: what is no plain web address is no link.
fn is_web(page: &str) -> bool {
    let rest = page.strip_prefix("https://").or_else(|| page.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        let uri = |path: &[u8]| artifact(path)["uri"].as_str().unwrap_or_default().to_owned();
        assert_eq!(uri(b"src/a b%.py"), "src/a%20b%25.py");
        assert_eq!(uri("ü/\u{1b}".as_bytes()), "%C3%BC/%1B");
        assert_eq!(uri(b"a:b\xff"), "a%3Ab%FF");
        assert_eq!(uri(b"/tmp/x"), "file:///tmp/x");
    }

    #[test]
    fn only_web_pages_are_linked() {
        assert!(is_web("https://a.example/x?y#z") && is_web("http://a"));
        assert!(!is_web("javascript:alert(1)") && !is_web("https://") && !is_web("https://a b"));
    }
}
