//! Which calls that print a secret are worth a word: those in code that runs somewhere, not in tests and bundles.
//!
//! Hands on a confidence that is told and does not block. The trap: what is common in tutorials and tests would teach people
//! to skip the list.

use super::{Judged, SHOWN};
use crate::detect::Found;

/// The rule's matcher.
pub const MATCHER: &str = "logged";

/// Told, at every strictness; `rules.block` makes it block.
const TOLD: f64 = 0.15;

/// Ends of names of files that hold code.
const CODE: [&str; 29] = [
    "yml", "yaml", "py", "pyw", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "go",
    "java", "kt", "scala", "groovy", "rb", "cs", "php", "rs", "sh", "bash", "zsh", "ksh", "ps1", "ipynb",
];

/// Parts of paths below which code serves tests, or is somebody else's.
const ASIDE: [&str; 14] = [
    "test",
    "tests",
    "testing",
    "testdata",
    "spec",
    "specs",
    "__tests__",
    "fixtures",
    "examples",
    "example",
    "mocks",
    "vendor",
    "node_modules",
    "third_party",
];

/// Parts of the paths of what reads a language: a bare `token` there is one of its.
const PARSERS: [&str; 10] =
    ["pars", "lex", "tokeni", "scan", "grammar", "syntax", "compil", "interp", "markdown", "highlight"];

/// Its confidence and why; `None` where no word is due.
pub(super) fn judge(text: &[u8], path: &[u8], found: &Found) -> Option<(f64, Vec<String>)> {
    let lower = String::from_utf8_lossy(path).to_ascii_lowercase();
    let mut parts = lower.split('/').rev();
    let file = parts.next().unwrap_or_default();
    let (stem, extension) = file.rsplit_once('.')?;
    let tests = matches!(stem, "test" | "tests")
        || stem.starts_with("test_")
        || ["_test", ".test", ".spec", "_spec", ".min"].iter().any(|end| stem.ends_with(end));
    if !CODE.contains(&extension) || tests || parts.any(|part| ASIDE.contains(&part)) {
        return None;
    }
    let name = String::from_utf8_lossy(&text[found.name.clone()]);
    if name.eq_ignore_ascii_case("token") && PARSERS.iter().any(|part| lower.contains(part)) {
        return None;
    }
    Some((TOLD.max(SHOWN), vec![format!("it prints `{name}`: logs are kept, copied and read by many")]))
}

/// Puts calls in their places among the values that won, where they are about nothing that is told anyway.
pub(super) fn beside(mut winners: Vec<Judged>, calls: Vec<Judged>) -> Vec<Judged> {
    let told: Vec<_> = winners.iter().filter(|j| j.confidence >= SHOWN).map(|j| j.secret.clone()).collect();
    let mut end = 0;
    for call in calls {
        let overlaps = told.iter().any(|span| span.start < call.secret.end && call.secret.start < span.end);
        if overlaps || call.secret.start < end {
            continue;
        }
        end = call.secret.end;
        // What is told instead says no less; a value that is none would only stand in the way of what is ordered.
        winners.retain(|j| j.secret.end <= call.secret.start || call.secret.end <= j.secret.start);
        winners.push(call);
    }
    crate::order::sort_by_key(&mut winners, |j| j.secret.start);
    winners
}
