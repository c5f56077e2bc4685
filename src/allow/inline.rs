//! Comments that allow: `unleak:allow`, `unleak:allow=RULE[,RULE]` for their line, `unleak:allow-next-line[=…]` for the next.
//!
//! Hands on: [`inline_allows`]. The trap: `unleak:allow` is also how the other one begins, and how a typing error does: what
//! follows must be a blank, the end of the line or `=`, and every rule that is named must exist.

use super::check::RuleIds;
use super::error::quoted;
use crate::detect::rules::renamed;

const HERE: &[u8] = b"unleak:allow";
const NEXT_LINE: &[u8] = b"unleak:allow-next-line";

/// On lines longer than this, in bytes, a rule must be named: a minified file is one line.
const LONG: usize = 1_000;

/// What a comment says about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// It allows the finding.
    Allows {
        /// True when `unleak:allow-next-line` on the line before did.
        line_before: bool,
    },
    /// It was meant to allow something and does not; why, and what to do.
    Refused(String),
}

/// Asks the line that a secret starts on, and the line before it (both whole; a line end does no harm).
///
/// `rule` is the finding's, `custom` the ids of the configuration's own rules, `built_in` those of all others; both are only
/// asked when a comment names rules.
#[must_use]
pub fn inline_allows(
    line_before: Option<&[u8]>,
    line: &[u8],
    rule: &str,
    built_in: RuleIds<'_>,
    custom: &[&str],
) -> Option<Inline> {
    let mut refused = None;
    for (text, marker, before) in [(Some(line), HERE, false), (line_before, NEXT_LINE, true)] {
        let Some(text) = text else { continue };
        for at in memchr::memmem::find_iter(text, marker) {
            let word_goes_on =
                at > 0 && (text[at - 1].is_ascii_alphanumeric() || matches!(text[at - 1], b'_' | b'-'));
            if word_goes_on {
                continue;
            }
            let rest = &text[at + marker.len()..];
            let long = text.len() > LONG || line.len() > LONG;
            match verdict(rest, rule, long, built_in, custom) {
                Some(Verdict::Allows) => return Some(Inline::Allows { line_before: before }),
                Some(Verdict::Refused(why)) => refused = refused.or(Some(Inline::Refused(why))),
                None => {}
            }
        }
    }
    refused
}

enum Verdict {
    Allows,
    Refused(String),
}

/// Reads what follows the marker.
fn verdict(rest: &[u8], rule: &str, long: bool, built_in: RuleIds<'_>, custom: &[&str]) -> Option<Verdict> {
    match rest.first() {
        None => {}
        Some(byte) if byte.is_ascii_whitespace() => {}
        Some(b'=') => {
            let list = rest[1..].split(u8::is_ascii_whitespace).next().unwrap_or_default();
            return named(list, rule, built_in, custom);
        }
        Some(_) => return None,
    }
    if long {
        let why =
            format!("`unleak:allow` on a line over 1,000 bytes must name the rule: `unleak:allow={rule}`");
        return Some(Verdict::Refused(why));
    }
    Some(Verdict::Allows)
}

/// Every rule of the list must exist, or the list allows nothing: a typing error must not look like an allowance.
fn named(list: &[u8], rule: &str, built_in: RuleIds<'_>, custom: &[&str]) -> Option<Verdict> {
    let list = String::from_utf8_lossy(list);
    let mut found = false;
    let mut known = None;
    for id in list.split(',') {
        let id = renamed(id).unwrap_or(id);
        let exists = id == rule || custom.contains(&id) || known.get_or_insert_with(built_in).contains(&id);
        if !exists {
            let why = format!(
                "`unleak:allow={rule}` names rules, separated by commas and followed by a blank; {} is none, so the comment \
                 allows nothing",
                quoted(id)
            );
            return Some(Verdict::Refused(why));
        }
        found |= id == rule;
    }
    found.then_some(Verdict::Allows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(before: Option<&str>, line: &str) -> Option<Inline> {
        inline_allows(
            before.map(str::as_bytes),
            line.as_bytes(),
            "github-token",
            &|| vec!["github-token", "aws-key-id"],
            &["acme-token"],
        )
    }

    const HERE: Option<Inline> = Some(Inline::Allows { line_before: false });
    const BEFORE: Option<Inline> = Some(Inline::Allows { line_before: true });

    fn is_refused(answer: &Option<Inline>) -> bool {
        matches!(answer, Some(Inline::Refused(_)))
    }

    #[test]
    fn a_comment_allows_its_own_line() {
        for line in [
            "k = 1 # unleak:allow",
            "k = 1 # unleak:allow\r\n",
            "k = 1 /* unleak:allow */",
            "k = 1 //unleak:allow\tpublished",
            "k = 1 # unleak:allow=github-token",
            "k = 1 # unleak:allow=aws-key-id,github-token because",
            "k = 1 # unleak:allow=acme-token,github-token",
            "k = 1 # unleak:allowed unleak:allow",
        ] {
            assert_eq!(ask(None, line), HERE, "{line}");
        }
    }

    #[test]
    fn it_does_not_allow_the_next_line() {
        assert_eq!(ask(Some("k = 1 # unleak:allow"), "k = 2"), None);
        assert_eq!(ask(Some("k = 1 # unleak:allow=github-token"), "k = 2"), None);
    }

    #[test]
    fn allow_next_line_allows_the_next_line_only() {
        assert_eq!(ask(Some("# unleak:allow-next-line"), "k = 1"), BEFORE);
        assert_eq!(ask(Some("# unleak:allow-next-line=github-token\r\n"), "k = 1"), BEFORE);
        assert_eq!(ask(None, "k = 1 # unleak:allow-next-line"), None);
        assert_eq!(ask(Some("# unleak:allow-next-lines"), "k = 1"), None);
    }

    #[test]
    fn what_is_no_marker_is_nothing() {
        for line in [
            "unleak:allowfoo",
            "unleak:allow.",
            "unleak:allow-",
            "unleak:allow,x",
            "Unleak:allow",
            "unleak: allow",
            "xunleak:allow",
            "unleak:allow\"",
            "unleak:allow\u{a0}x",
        ] {
            assert_eq!(ask(None, line), None, "{line}");
        }
    }

    #[test]
    fn another_rule_is_not_this_one() {
        assert_eq!(ask(None, "# unleak:allow=aws-key-id"), None);
    }

    #[test]
    fn an_unknown_rule_in_the_list_allows_nothing_and_is_told() {
        for line in [
            "# unleak:allow=",
            "# unleak:allow= github-token",
            "# unleak:allow=github-tokne",
            "# unleak:allow=github-token,nope",
            "# unleak:allow=github-token,",
            "/* unleak:allow=github-token*/",
            "# unleak:allow=GitHub-Token",
        ] {
            assert!(is_refused(&ask(None, line)), "{line}");
        }
    }

    #[test]
    fn a_long_line_needs_the_rules_name() {
        let long = format!("{} /* unleak:allow */", "x".repeat(1_000));
        assert!(is_refused(&ask(None, &long)));
        let named = format!("{} /* unleak:allow=github-token */", "x".repeat(1_000));
        assert_eq!(ask(None, &named), HERE);
        let only_long = "x".repeat(1_001);
        assert!(is_refused(&ask(Some("// unleak:allow-next-line"), &only_long)));
        assert_eq!(ask(Some("// unleak:allow-next-line=github-token"), &only_long), BEFORE);
        let limit = format!("# unleak:allow {}", "x".repeat(1_000 - 15));
        assert_eq!((limit.len(), ask(None, &limit)), (1_000, HERE));
    }
}
