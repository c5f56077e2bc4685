//! Adds one `[[allowlist.entry]]` to the text of a configuration and touches no other byte of it.
//!
//! Hands on: [`add_entry`] (text to text) and [`write_file`] (atomically, no symbolic link followed). Entries that are kept
//! sorted by fingerprint stay so: two branches that each add one then seldom meet in the same lines. The trap: the text may
//! define `allowlist` in a way that a header cannot add to, so the result is read again before anybody sees it.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check::RuleIds;
use super::config::{Config, Entry, Origin};
use super::date::Date;
use super::error::ConfigError;

/// What is to be allowed; the values are as [`Config`] would accept them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Of the secret.
    pub fingerprint: String,
    /// A glob: where it is fine.
    pub path: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day.
    pub expires: Option<Date>,
}

/// What became of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The new text, and the line on which the entry's header stands.
    Added {
        /// The whole text.
        text: String,
        /// From 1.
        line: usize,
    },
    /// An entry for this fingerprint and path, or for every path, is there already.
    Exists {
        /// Of its header, from 1.
        line: usize,
        /// Its last day, if it has one.
        expires: Option<Date>,
    },
}

/// Why an entry could not be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// The configuration is wrong already.
    Wrong(ConfigError),
    /// The file defines `allowlist` in a form that cannot be added to; holds the entry to write by hand.
    ByHand(String),
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wrong(error) => write!(f, "{error}"),
            Self::ByHand(entry) => write!(
                f,
                "`allowlist` is written in a form (an inline table or array) that a new entry cannot be added to; write \
                 `[allowlist]` and `[[allowlist.entry]]` headers instead, and then this entry:\n\n{entry}"
            ),
        }
    }
}

impl std::error::Error for EditError {}

/// Adds an entry to a configuration's text; an empty text is a new file. `name` is what messages call it.
///
/// # Errors
/// When the text is no valid configuration, or would not be one with the entry.
pub fn add_entry(name: &str, text: &str, new: &NewEntry, rules: RuleIds<'_>) -> Result<Edit, EditError> {
    let before = Config::parse(name, Origin::Repository, text.as_bytes(), rules).map_err(EditError::Wrong)?;
    let same = |entry: &&Entry| {
        let path = entry.path.as_ref().map(|glob| glob.text.as_str());
        entry.fingerprint == new.fingerprint && (path.is_none() || path == new.path.as_deref())
    };
    // One that still counts says more than one that has expired.
    if let Some(entry) =
        before.allowlist.entries.iter().filter(same).max_by_key(|e| e.expires.unwrap_or(Date::LAST))
    {
        return Ok(Edit::Exists { line: entry.line, expires: entry.expires });
    }
    let eol = if text.find('\n').is_some_and(|at| text[..at].ends_with('\r')) { "\r\n" } else { "\n" };
    let (at, glue) = place(text, &new.fingerprint);
    let entry = written(new, eol);
    let mut added = String::from(&text[..at]);
    if !added.is_empty() && !added.ends_with('\n') {
        added.push_str(eol);
    }
    if glue == Glue::BlankBefore && !added.is_empty() && !ends_with_blank_line(&added) {
        added.push_str(eol);
    }
    let line = added.bytes().filter(|b| *b == b'\n').count() + 1;
    added.push_str(&entry);
    if glue == Glue::BlankAfter {
        added.push_str(eol);
    }
    added.push_str(&text[at..]);
    let by_hand = || EditError::ByHand(written(new, "\n"));
    let after = Config::parse(name, Origin::Repository, added.as_bytes(), rules).map_err(|_| by_hand())?;
    if adds_only(&before, &after, new) { Ok(Edit::Added { text: added, line }) } else { Err(by_hand()) }
}

/// The entry as text, with its final line end.
fn written(new: &NewEntry, eol: &str) -> String {
    let mut text = format!("[[allowlist.entry]]{eol}fingerprint = {}{eol}", basic_string(&new.fingerprint));
    // Writing to a string cannot fail.
    if let Some(path) = &new.path {
        let _ = write!(text, "path = {}{eol}", basic_string(path));
    }
    let _ = write!(text, "reason = {}{eol}", basic_string(&new.reason));
    if let Some(day) = new.expires {
        let _ = write!(text, "expires = {day}{eol}");
    }
    text
}

/// A TOML basic string; controls and invisible characters are escaped, so that a reviewer sees all there is.
fn basic_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\'' => quoted.push(c),
            // The standard library's list of what shows nothing or turns text around.
            _ if c.escape_debug().len() > 1 => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Glue {
    BlankBefore,
    BlankAfter,
}

/// Where the entry goes: behind the one that sorts before it, in front of the first when that sorts after it, else at the end.
fn place(text: &str, fingerprint: &str) -> (usize, Glue) {
    let end = (text.len(), Glue::BlankBefore);
    let Ok(parsed) = DeTable::parse(text) else { return end };
    let entries = parsed
        .get_ref()
        .get("allowlist")
        .and_then(|list| list.get_ref().as_table())
        .and_then(|list| list.get("entry"))
        .and_then(|entries| entries.get_ref().as_array());
    let mut before = None;
    let mut first = None;
    for value in entries.into_iter().flat_map(|entries| entries.iter()) {
        let Some(table) = value.get_ref().as_table() else { return end };
        let there = table.get("fingerprint").and_then(|f| f.get_ref().as_str()).unwrap_or_default();
        first.get_or_insert(value.span().start);
        if there < fingerprint && before.is_none_or(|(most, _)| most <= there) {
            before = Some((there, last_byte(table, value.span())));
        }
    }
    match (before, first) {
        (Some((_, last)), _) => (line_end(text, last), Glue::BlankBefore),
        (None, Some(header)) => (comment_block_start(text, header), Glue::BlankAfter),
        (None, None) => end,
    }
}

/// Where the last value of a table ends.
fn last_byte(table: &DeTable<'_>, span: Range<usize>) -> usize {
    let ends = table.iter().map(|(_, value): (_, &Spanned<DeValue<'_>>)| value.span().end);
    ends.max().unwrap_or_default().max(span.end)
}

/// The start of the line after the one that holds the byte before `at`.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

/// The start of the comment lines right above a header, which belong to it.
fn comment_block_start(text: &str, header: usize) -> usize {
    let start_of_line = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let mut start = start_of_line(header);
    while start > 0 {
        let above = start_of_line(start - 1);
        if !text[above..start].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    start
}

fn ends_with_blank_line(text: &str) -> bool {
    text.strip_suffix('\n')
        .is_some_and(|rest| rest.rsplit('\n').next().is_some_and(|line| line.trim().is_empty()))
}

/// True when the only difference is the new entry.
fn adds_only(before: &Config, after: &Config, new: &NewEntry) -> bool {
    let key = |entry: &Entry| {
        let path = entry.path.as_ref().map(|glob| glob.text.clone());
        (entry.fingerprint.clone(), path, entry.reason.clone(), entry.expires)
    };
    let mut wanted: Vec<_> = before.allowlist.entries.iter().map(key).collect();
    wanted.push((new.fingerprint.clone(), new.path.clone(), new.reason.clone(), new.expires));
    let mut got: Vec<_> = after.allowlist.entries.iter().map(key).collect();
    wanted.sort();
    got.sort();
    let rest = |config: &Config| {
        let list = config.allowlist.clone();
        (
            (
                config.mode,
                config.strictness,
                (config.limits_exceeded, config.bounds),
                config.disable.clone(),
                config.block.clone(),
            ),
            (list.paths, list.secrets, list.lines),
            (list.stopwords.into_iter().map(|word| word.folded).collect::<Vec<_>>(), config.custom.len()),
            config.rule_allowlists.keys().cloned().collect::<Vec<_>>(),
        )
    };
    wanted == got && rest(before) == rest(after)
}

/// Writes the whole text to `path`: a new file in the same folder takes its place, with its permissions, or nothing changes.
///
/// # Errors
/// When `path` is anything but a plain file or nothing (git would stage a symbolic link's target as text), or the system
/// refuses.
pub fn write_file(path: &Path, text: &str) -> io::Result<()> {
    let permissions = match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Some(found.permissions()),
        Ok(_) => {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is no plain file (git stages a symbolic link, not what it points to)",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (temporary, mut file) = new_file(folder)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| permissions.map_or(Ok(()), |kept| file.set_permissions(kept)))
        .and_then(|()| file.sync_all())
        .and_then(|()| {
            drop(file);
            fs::rename(&temporary, path)
        });
    if written.is_err() {
        // The first error is the one that says something.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn new_file(folder: &Path) -> io::Result<(std::path::PathBuf, File)> {
    for attempt in 0..100 {
        let path = folder.join(format!(".unleak.toml.{}.{attempt}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (path, file)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "temporary files of this name are in the way"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "u1-aaaaaaaaaaaaaaaaaaaa";
    const B: &str = "u1-bbbbbbbbbbbbbbbbbbbb";
    const C: &str = "u1-cccccccccccccccccccc";

    fn new(fingerprint: &str) -> NewEntry {
        NewEntry { fingerprint: fingerprint.into(), path: None, reason: "sample".into(), expires: None }
    }

    fn add(text: &str, entry: &NewEntry) -> Edit {
        add_entry("c", text, entry, &Vec::new).expect("an edit")
    }

    fn added(text: &str, entry: &NewEntry) -> String {
        match add(text, entry) {
            Edit::Added { text: new, line } => {
                assert_eq!(new.lines().nth(line - 1), Some("[[allowlist.entry]]"), "{new}");
                new
            }
            exists @ Edit::Exists { .. } => panic!("{exists:?}"),
        }
    }

    #[test]
    fn a_new_file_holds_the_entry() {
        let entry = NewEntry { path: Some("docs/**".into()), expires: Date::parse("2027-06-30"), ..new(A) };
        assert_eq!(
            added("", &entry),
            format!(
                "[[allowlist.entry]]\nfingerprint = \"{A}\"\npath = \"docs/**\"\nreason = \"sample\"\nexpires = 2027-06-30\n"
            )
        );
    }

    #[test]
    fn nothing_else_of_the_text_changes() {
        for text in [
            "# head\nmode = \"warn\"   # why\n",
            "mode = \"warn\"",
            "mode = \"warn\"\r\n[allowlist]\r\npaths = [ 'x/**' ]\r\n",
            "\u{feff}mode = \"warn\"\n\n\n# tail",
            "allowlist.paths = ['x/**']\n",
            "[rules.allow.a]\npaths = ['x/**']\n[[rules.custom]]\nid = 'a'\nkeywords = ['acme_']\nregex = '(?<secret>acme_[0-9a-f]{32})'\n",
        ] {
            let new = added(text, &new(B));
            assert!(new.starts_with(text), "{new:?}");
            assert_eq!(new.matches('\n').count(), new.matches("\r\n").count().max(new.matches('\n').count()));
        }
    }

    #[test]
    fn line_ends_are_those_of_the_file() {
        let new = added("mode = \"warn\"\r\n", &new(B));
        assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    }

    #[test]
    fn entries_stay_sorted() {
        let ac = added(&added("mode = \"warn\"\n", &new(C)), &new(A));
        let abc = added(&ac, &new(B));
        assert_eq!(
            abc,
            format!(
                "mode = \"warn\"\n\n{}\n{}\n{}",
                written(&new(A), "\n"),
                written(&new(B), "\n"),
                written(&new(C), "\n")
            )
        );
    }

    #[test]
    fn comments_stay_with_their_entries() {
        let text = format!(
            "# about b\n[[allowlist.entry]]\nfingerprint = \"{B}\" # x\nreason = \"r\" # y\n\n# tail\n[limits]\nexceeded = \"block\"\n"
        );
        assert!(added(&text, &new(A)).ends_with(&format!("\n\n{text}")));
        let behind = added(&text, &new(C));
        assert!(behind.contains("reason = \"r\" # y\n\n[[allowlist.entry]]"), "{behind}");
        assert!(
            behind.ends_with("reason = \"sample\"\n\n# tail\n[limits]\nexceeded = \"block\"\n"),
            "{behind}"
        );
    }

    #[test]
    fn an_entry_that_is_there_is_said() {
        let text = added("", &new(A));
        assert_eq!(add(&text, &new(A)), Edit::Exists { line: 1, expires: None });
        let narrower = NewEntry { path: Some("docs/**".into()), ..new(A) };
        assert_eq!(add(&text, &narrower), Edit::Exists { line: 1, expires: None });
        let text = added("", &narrower);
        assert!(matches!(add(&text, &new(A)), Edit::Added { .. }), "everywhere is more than docs");
    }

    #[test]
    fn any_reason_is_written_so_that_it_reads_back() {
        for reason in [
            "a \"b\" \\ c",
            "tab\there",
            "\u{202e}turned",
            "\u{1b}[31m",
            "été 'x' # y",
            "line\nbreak",
            "\u{300}",
        ] {
            let text = added("", &NewEntry { reason: reason.into(), ..new(A) });
            let config = Config::parse("c", Origin::Repository, text.as_bytes(), &Vec::new).expect("valid");
            assert_eq!(config.allowlist.entries[0].reason, reason);
            assert!(!text.contains(['\u{202e}', '\u{1b}', '\t']), "{text:?}");
        }
    }

    #[test]
    fn a_form_that_cannot_be_added_to_is_told_with_the_entry() {
        for text in ["allowlist = { paths = ['x/**'] }\n", "[allowlist]\nentry = []\n"] {
            let Err(EditError::ByHand(entry)) = add_entry("c", text, &new(A), &Vec::new) else {
                panic!("{text} was edited");
            };
            assert!(entry.contains(A));
        }
    }

    #[test]
    fn a_wrong_configuration_is_not_edited() {
        assert!(matches!(add_entry("c", "mdoe = 'warn'\n", &new(A), &Vec::new), Err(EditError::Wrong(_))));
    }

    #[cfg(unix)]
    #[test]
    fn writing_keeps_permissions_and_follows_no_link() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".unleak.toml");
        write_file(&path, "a").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        write_file(&path, "b").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), "b");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        assert!(write_file(&link, "c").is_err());
        assert!(write_file(folder.path(), "c").is_err());
        assert_eq!(fs::read_to_string(&path).expect("read"), "b");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2, "no temporary file stays");
    }
}
