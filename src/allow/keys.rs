//! The keys of a configuration, once: the parser checks against this table and the JSON Schema is written from it.
//!
//! Hands on: [`TOP`], the [`Section`] of the whole file. The trap: the keys of `[[rules.custom]]` are those of a rule file,
//! which `detect::rulefile` reads; a test holds the two lists together.

/// A table of the configuration.
#[derive(Debug)]
pub struct Section {
    /// Its keys, in the order in which people should read them.
    pub keys: &'static [Key],
}

/// One key.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// True when its table is nothing without it.
    pub required: bool,
    /// One sentence or two for an editor.
    pub doc: &'static str,
}

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `0.1` or `0.1.0`, in quotes.
    Version,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// True or false.
    Bool,
    /// Any text.
    Text,
    /// A text of at least one visible character.
    Reason,
    /// `u1-` and 20 hex digits.
    Fingerprint,
    /// A date without quotes.
    Date,
    /// A glob.
    Glob,
    /// An array of globs.
    Globs,
    /// An array of regexes.
    Regexes,
    /// An array of texts of at least three bytes.
    Stopwords,
    /// An array of rule ids.
    RuleIds,
    /// An array of texts.
    Texts,
    /// A whole number of that range.
    Whole(u32, u32),
    /// A number from 0 to that.
    Decimal(u32),
    /// A table.
    Table(&'static Section),
    /// Tables, each under `[[…]]`.
    Tables(&'static Section),
    /// A table, or an array of such tables.
    OneOrMore(&'static Section),
    /// A table for each rule id.
    ByRule(&'static Section),
    /// Tables that `detect::rulefile` reads; only unknown keys are looked for here.
    Rules(&'static Section),
}

const fn key(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: false, doc }
}

const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: true, doc }
}

/// The whole file.
pub static TOP: Section = Section {
    keys: &[
        key(
            "min_version",
            Kind::Version,
            "The oldest unleak that may judge here; an older one says so and stops.",
        ),
        key(
            "mode",
            Kind::Choice(&["block", "warn"]),
            "`warn` prints what is found and lets the commit pass.",
        ),
        key(
            "strictness",
            Kind::Choice(&["relaxed", "balanced", "strict"]),
            "How sure a finding must be to block: `strict` blocks on less, `relaxed` only on more.",
        ),
        key(
            "allowlist",
            Kind::Table(&ALLOWLIST),
            "What is fine although it looks like a secret, for every rule.",
        ),
        key(
            "rules",
            Kind::Table(&RULES),
            "Which rules run, what is fine for one of them, and rules of your own.",
        ),
        key("known", Kind::Table(&KNOWN), "Looking for what this machine itself holds as secrets."),
        key(
            "limits",
            Kind::Table(&LIMITS),
            "What happens when a container is too deep or too large to be searched.",
        ),
        key(
            "server",
            Kind::Table(&SERVER),
            "For a server's pre-receive hook, in the server's own file only.",
        ),
    ],
};

/// `[allowlist]` and `[rules.allow.ID]`.
pub static ALLOWLIST: Section = Section {
    keys: &[
        key(
            "paths",
            Kind::Globs,
            "Files that are not judged against it: globs as in .gitignore, without `!`.",
        ),
        key("secrets", Kind::Regexes, "Regexes on the secret, and on nothing else."),
        key("lines", Kind::Regexes, "Regexes on the whole line that the secret stands on."),
        key("stopwords", Kind::Stopwords, "A secret that contains one of these, in any ASCII case, is fine."),
        key("entry", Kind::Tables(&ENTRY), "One secret that is fine; `unleak allow` writes these."),
    ],
};

/// `[[allowlist.entry]]`.
pub static ENTRY: Section = Section {
    keys: &[
        required("fingerprint", Kind::Fingerprint, "Of the secret, as a finding shows it."),
        key("path", Kind::Glob, "Allow it in these files only."),
        required("reason", Kind::Reason, "Why it is fine, for whoever reads this next."),
        key("expires", Kind::Date, "The last day, in UTC, on which it is allowed."),
    ],
};

/// `[rules]`.
pub static RULES: Section = Section {
    keys: &[
        key("disable", Kind::RuleIds, "Rules that do not run."),
        key(
            "block",
            Kind::RuleIds,
            "Rules that block even where a finding would only be shown: `logged-secret`.",
        ),
        key("allow", Kind::ByRule(&ALLOWLIST), "An allowlist for one rule, by its id."),
        key("custom", Kind::Rules(&CUSTOM), "Rules of your own, with everything that a built-in rule has."),
        key(
            "context",
            Kind::Rules(&CONTEXT),
            "Keys without a prefix, which count beside their service's name.",
        ),
        key("file", Kind::Rules(&FILE), "Files that are secrets by being there."),
    ],
};

/// `[[rules.custom]]`.
pub static CUSTOM: Section = Section {
    keys: &[
        required("id", Kind::Text, "A stable name: lower-case letters, digits and `-`."),
        key("title", Kind::Text, "What it finds, in words; the id when absent."),
        key(
            "severity",
            Kind::Choice(&crate::detect::rulefile::SEVERITIES),
            "How bad a find is; `high` when absent.",
        ),
        key("grants", Kind::Text, "What it would give away."),
        required(
            "keywords",
            Kind::Texts,
            "Every text that the regex matches contains one of these, in any ASCII case.",
        ),
        key("regex", Kind::Text, "On bytes, ASCII, bounded, with one named group `secret`."),
        key("matcher", Kind::Text, "Own code in place of a regex, for what a regex should not walk."),
        key(
            "boundary",
            Kind::Choice(&["word", "token", "base64", "none"]),
            "Which characters may not touch the secret on either side; `word` when absent.",
        ),
        key(
            "public",
            Kind::Whole(0, 64),
            "How many first bytes of the secret are its format's public prefix.",
        ),
        key(
            "identifier",
            Kind::Bool,
            "True for what opens nothing by itself: alone it is shown and does not block.",
        ),
        key("rest", Kind::Text, "The character set by which a secret goes on behind what the regex matches."),
        key("checks", Kind::Texts, "Names of offline proofs, such as checksums."),
        key("entropy", Kind::Decimal(8), "The least entropy, in bits a byte, of what follows the prefix."),
        key("revoke", Kind::Text, "The page where such a secret is revoked."),
        key("source", Kind::Text, "Where the format is documented."),
        key(
            "kind",
            Kind::Choice(&["specific", "context", "generic"]),
            "Which rule wins where two claim the same bytes.",
        ),
        key("pair", Kind::OneOrMore(&PAIR), "Companions to report when they stand near."),
        key("former", Kind::Texts, "Ids that it had before, which still work."),
        key("examples", Kind::Texts, "Shapes that this rule must find."),
        key("counter_examples", Kind::Texts, "Shapes that it must not find."),
    ],
};

/// `[[rules.context]]`.
pub static CONTEXT: Section = Section {
    keys: &[
        required("id", Kind::Text, "A stable name: lower-case letters, digits and `-`."),
        key("title", Kind::Text, "What it finds, in words; the id when absent."),
        key(
            "severity",
            Kind::Choice(&crate::detect::rulefile::SEVERITIES),
            "How bad a find is; `high` when absent.",
        ),
        key("grants", Kind::Text, "What it would give away."),
        required("service", Kind::Texts, "Words, one of which must stand in the assigned name or near it."),
        key("names", Kind::Texts, "Words, one of which the assigned name must contain."),
        required("charset", Kind::Text, "The value's character set: hex, base62, base64=, uuid, …"),
        required("length", Kind::Text, "The value's lengths: \"32\", \"20-40\" or \"32,64\"."),
        key(
            "identifier",
            Kind::Bool,
            "True for what opens nothing by itself: alone it is shown and does not block.",
        ),
        key("checks", Kind::Texts, "Names of offline proofs, such as checksums."),
        key("entropy", Kind::Decimal(8), "The least entropy of the value, in bits a byte."),
        key("revoke", Kind::Text, "The page where such a secret is revoked."),
        key("source", Kind::Text, "Where the format is documented."),
        key("pair", Kind::OneOrMore(&PAIR), "Companions to report when they stand near."),
        key("former", Kind::Texts, "Ids that it had before, which still work."),
        key("examples", Kind::Texts, "Shapes that this rule must find."),
        key("counter_examples", Kind::Texts, "Shapes that it must not find."),
    ],
};

/// `[[rules.file]]`.
pub static FILE: Section = Section {
    keys: &[
        required("id", Kind::Text, "A stable name: lower-case letters, digits and `-`."),
        key("title", Kind::Text, "What it finds, in words; the id when absent."),
        key(
            "severity",
            Kind::Choice(&crate::detect::rulefile::SEVERITIES),
            "How bad a find is; `high` when absent.",
        ),
        key("grants", Kind::Text, "What it would give away."),
        required(
            "names",
            Kind::Texts,
            "Names of files, each with at most one `*`: `.netrc`, `*.jks`, `.aws/credentials`.",
        ),
        key("except", Kind::Texts, "Names that do not count."),
        key(
            "magic",
            Kind::Texts,
            "What the content starts with, in hex, perhaps at an offset: `feedfeed`, `4:0201`.",
        ),
        key("evidence", Kind::Text, "A regex that the content must match for the file to count."),
        key("regex", Kind::Text, "What in the file is the secret: bounded, with one named group `secret`."),
        key("rest", Kind::Text, "The character set by which a secret goes on behind what the regex matches."),
        key("variables", Kind::Bool, "True to judge the values of a file of `NAME=value` lines."),
        key("checks", Kind::Texts, "Names of offline proofs, such as checksums."),
        key("entropy", Kind::Decimal(8), "The least entropy of the value, in bits a byte."),
        key("revoke", Kind::Text, "The page where such a secret is revoked."),
        key("source", Kind::Text, "Where the format is documented."),
        key("pair", Kind::OneOrMore(&PAIR), "Companions to report when they stand near."),
        key("former", Kind::Texts, "Ids that it had before, which still work."),
        key("examples", Kind::Texts, "Shapes of content that this rule must find."),
        key("counter_examples", Kind::Texts, "Shapes of content that it must not find."),
    ],
};

/// `pair` of a rule.
pub static PAIR: Section = Section {
    keys: &[
        key("rule", Kind::Text, "The companion's rule id."),
        key("names", Kind::Texts, "Words, one of which the companion's name contains; in place of its rule."),
        key("role", Kind::Text, "What it is to the secret."),
        key("lines", Kind::Whole(0, 200), "How many lines away it may stand."),
    ],
};

/// `[known]`.
pub static KNOWN: Section = Section {
    keys: &[
        key("enabled", Kind::Bool, "`false` reads no file of this machine's secrets, and looks for none."),
        key("files", Kind::Texts, "Further files that hold secrets; in the user's own configuration only."),
        key(
            "command",
            Kind::Texts,
            "A program and its arguments that print secrets; in the user's own configuration only.",
        ),
    ],
};

/// `[limits]`.
pub static LIMITS: Section = Section {
    keys: &[
        key(
            "exceeded",
            Kind::Choice(&["report", "block"]),
            "`block` ends with status 2 when a limit inside a container is reached; otherwise it is only said.",
        ),
        key("depth", Kind::Whole(1, 64), "How many archives and encodings inside each other are opened."),
        key("ratio", Kind::Whole(1, 100_000), "How many times its own size may be unpacked from one file."),
        key("members", Kind::Whole(1, 1_000_000_000), "How many members of one file are judged."),
        key("megabytes", Kind::Whole(1, 16_777_216), "How many MiB may be unpacked from one file."),
    ],
};

/// `[server]`.
pub static SERVER: Section = Section {
    keys: &[key(
        "trust_pushed",
        Kind::Bool,
        "Let the configuration and inline comments of what is pushed allow something.",
    )],
};

impl Section {
    /// The key of that name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_rules_have_the_keys_of_a_rule_file() {
        use crate::detect::rulefile::{CONTEXT_KEYS, FILE_KEYS, RULE_KEYS};
        for (section, keys) in [
            (&CUSTOM, RULE_KEYS.as_slice()),
            (&CONTEXT, CONTEXT_KEYS.as_slice()),
            (&FILE, FILE_KEYS.as_slice()),
        ] {
            let mut here: Vec<&str> = section.keys.iter().map(|key| key.name).collect();
            let mut there = keys.to_vec();
            here.sort_unstable();
            there.sort_unstable();
            assert_eq!(here, there);
        }
    }
}
