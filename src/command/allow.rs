//! `unleak allow FINGERPRINT [--path GLOB] [--expires DAY] --reason TEXT`: writes the entry and stages the file.
//!
//! The trap: staging the file would stage whatever else somebody changed in it, so when the index's and the work tree's copies
//! differ, nothing is written and nothing is staged. The argument may be the secret itself by mistake: it is never repeated.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::allow::edit::{Edit, NewEntry, add_entry, write_file};
use crate::allow::{Date, FILE_NAME, RuleIds, check_glob, printable};
use crate::fingerprint::is_fingerprint;
use crate::git::Repository;

/// What the command line asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Request {
    /// As a finding shows it.
    pub(super) fingerprint: String,
    /// `--path`: a glob, relative to the repository's top.
    pub(super) path: Option<String>,
    /// `--reason`.
    pub(super) reason: String,
    /// `--expires`: `YYYY-MM-DD`.
    pub(super) expires: Option<String>,
}

/// Allows one secret. Gives the line to print; nothing is written or staged when it fails, unless the error says so.
///
/// # Errors
/// Status 2: a wrong argument, a wrong configuration, copies that differ, or what git and the system refuse.
pub(super) fn run(request: &Request, rules: RuleIds<'_>) -> anyhow::Result<String> {
    let today = Date::today();
    let new = checked(request, today)?;
    let repository = Repository::open_from_env()?;
    let top =
        repository.top().context("cannot allow anything in a bare repository: run this in a work tree")?;
    let path = top.join(FILE_NAME);
    let there = work_tree_copy(&path)?;
    same_as_staged(&repository, there.as_deref())?;
    let text = match there {
        Some(bytes) => String::from_utf8(bytes)
            .ok()
            .with_context(|| format!("cannot edit {FILE_NAME}: it is not UTF-8; save it as UTF-8"))?,
        None => String::new(),
    };
    let edit = add_entry(FILE_NAME, &text, &new, rules)
        .map_err(|error| anyhow::anyhow!("cannot add the entry to {FILE_NAME}:\n{error}"))?;
    match edit {
        Edit::Exists { line, expires: Some(day) } if day < today => bail!(
            "cannot allow it again: the entry in {FILE_NAME}:{line} expired on {day}; give that entry a new date, or remove it"
        ),
        Edit::Exists { line, expires } => {
            let until = expires.map(|day| format!(" until {day}")).unwrap_or_default();
            Ok(format!(
                "{} is allowed already{until}, by {FILE_NAME}:{line}; nothing was changed",
                new.fingerprint
            ))
        }
        Edit::Added { text, line } => {
            write_file(&path, &text).with_context(|| format!("cannot write {FILE_NAME}"))?;
            stage(&repository, &text)?;
            let place = new.path.map(|glob| format!(" in {}", printable(&glob)));
            let place = place.unwrap_or_default();
            let until = new.expires.map(|day| format!(" until {day}")).unwrap_or_default();
            Ok(format!("allowed {}{place}{until} in {FILE_NAME}:{line}, which is staged", new.fingerprint))
        }
    }
}

fn checked(request: &Request, today: Date) -> anyhow::Result<NewEntry> {
    if !is_fingerprint(&request.fingerprint) {
        bail!(
            "cannot allow this: a fingerprint is `u1-` and 20 hex digits, as a finding shows it (not the secret itself, which \
             now stands in your shell's history)"
        );
    }
    if request.reason.trim().is_empty() {
        bail!("cannot allow it without a reason: add --reason \"why this secret is fine\"");
    }
    if let Some(wrong) = request.path.as_deref().and_then(check_glob) {
        bail!("cannot use the glob of --path: {wrong}");
    }
    let expires = match &request.expires {
        None => None,
        Some(text) => Some(Date::parse(text).context("cannot use --expires: it is a day, like 2027-06-30")?),
    };
    if let Some(day) = expires.filter(|day| *day < today) {
        bail!("cannot use --expires: {day} has passed");
    }
    Ok(NewEntry {
        fingerprint: request.fingerprint.clone(),
        path: request.path.clone(),
        reason: request.reason.trim().to_owned(),
        expires,
    })
}

fn work_tree_copy(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => {
            let read = fs::read(path).with_context(|| format!("cannot read {FILE_NAME}"))?;
            Ok(Some(read))
        }
        Ok(_) => bail!(
            "cannot edit {FILE_NAME}: it is no plain file (git stages a symbolic link, not what it points to); replace it"
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot look at {FILE_NAME}")),
    }
}

fn staged_copy(repository: &Repository) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(entry) = repository.index_entry(FILE_NAME.as_bytes())? else { return Ok(None) };
    Ok(Some(repository.objects()?.blob(&entry.id)?.to_vec()))
}

/// Holds the two copies against each other, line ends aside: git may change those on the way.
fn same_as_staged(repository: &Repository, there: Option<&[u8]>) -> anyhow::Result<()> {
    let advice = match (staged_copy(repository)?, there) {
        (None, None) => return Ok(()),
        (Some(staged), Some(there)) if lf(&staged) == lf(there) => return Ok(()),
        (None, Some(_)) => "is not staged or committed yet: stage it",
        (Some(_), None) => "is in the index and not in the work tree: bring it back",
        (Some(_), Some(_)) => "has changes that are not staged: stage or undo them",
    };
    bail!(
        "cannot allow it: {FILE_NAME} {advice} and run this again (nothing was written or staged, since staging the file \
         would stage those changes too)"
    )
}

fn lf(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    for (at, byte) in text.iter().enumerate() {
        if *byte != b'\r' || text.get(at + 1) != Some(&b'\n') {
            plain.push(*byte);
        }
    }
    plain
}

/// Stages the file and sees that what is staged is what was written: a filter may have changed it.
fn stage(repository: &Repository, text: &str) -> anyhow::Result<()> {
    let what =
        || format!("cannot stage {FILE_NAME}: the entry is written, run `git add -- {FILE_NAME}` at the top");
    repository.stage(Path::new(FILE_NAME)).with_context(what)?;
    let staged = staged_copy(repository).with_context(what)?;
    if staged.is_none_or(|staged| lf(&staged) != lf(text.as_bytes())) {
        bail!(
            "cannot rely on {FILE_NAME} as staged: git staged something else than what was written; look at `git diff`"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    const FINGERPRINT: &str = "u1-0123456789abcdef0123";

    /// Runs in a child only, whose folder and environment are those of a user: its parent names the fingerprint.
    #[test]
    #[ignore = "started by the other tests"]
    fn probe() {
        let Ok(fingerprint) = std::env::var("UNLEAK_PROBE_ALLOW") else { return };
        let path = std::env::var("UNLEAK_PROBE_PATH").ok();
        let request = Request { fingerprint, path, reason: " a \"sample\" ".to_owned(), expires: None };
        match run(&request, &Vec::new) {
            Ok(said) => println!("fine {said}"),
            Err(error) => println!("error {error:#}"),
        }
    }

    struct Repo(tempfile::TempDir);

    impl Repo {
        fn new() -> Self {
            let repo = Self(tempfile::tempdir().expect("a folder"));
            repo.git(&["init", "-q"]);
            repo
        }

        fn at(&self, path: &str) -> std::path::PathBuf {
            self.0.path().join(path)
        }

        fn git(&self, arguments: &[&str]) -> String {
            let output = Command::new("git")
                .args(["-c", "user.name=a", "-c", "user.email=a@example.invalid"])
                .args(arguments)
                .current_dir(self.0.path())
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env_remove("GIT_DIR")
                .env_remove("GIT_INDEX_FILE")
                .output()
                .expect("git runs");
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text")
        }

        fn write(&self, text: &str) {
            fs::write(self.at(FILE_NAME), text).expect("written");
        }

        fn text(&self) -> String {
            fs::read_to_string(self.at(FILE_NAME)).expect("there")
        }

        fn staged(&self) -> String {
            self.git(&["show", &format!(":{FILE_NAME}")])
        }

        fn allow(&self, folder: &str, variables: &[(&str, &str)]) -> String {
            let output = Command::new(std::env::current_exe().expect("this test"))
                .args([
                    "--exact",
                    "command::allow::tests::probe",
                    "--ignored",
                    "--nocapture",
                    "--test-threads=1",
                ])
                .current_dir(self.at(folder))
                .env("UNLEAK_PROBE_ALLOW", FINGERPRINT)
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env_remove("GIT_DIR")
                .env_remove("GIT_INDEX_FILE")
                .envs(variables.iter().copied())
                .stdin(Stdio::null())
                .output()
                .expect("the probe runs");
            let said = String::from_utf8(output.stdout).expect("text");
            let start = said.find("fine ").or_else(|| said.find("error ")).expect("an answer");
            said[start..].split("\ntest ").next().unwrap_or_default().to_owned()
        }
    }

    const ENTRY: &str =
        "[[allowlist.entry]]\nfingerprint = \"u1-0123456789abcdef0123\"\nreason = \"a \\\"sample\\\"\"\n";

    #[test]
    fn a_first_entry_makes_and_stages_the_file() {
        let repo = Repo::new();
        let said = repo.allow("", &[]);
        assert!(
            said.starts_with("fine allowed u1-0123456789abcdef0123 in .unleak.toml:1, which is staged"),
            "{said}"
        );
        assert_eq!((repo.text(), repo.staged()), (ENTRY.to_owned(), ENTRY.to_owned()));
    }

    #[test]
    fn an_entry_is_added_from_a_folder_below_and_a_second_time_changes_nothing() {
        let repo = Repo::new();
        repo.write("mode = \"warn\"");
        repo.git(&["add", "."]);
        repo.git(&["commit", "-qm", "a"]);
        fs::create_dir(repo.at("below")).expect("made");
        let said = repo.allow("below", &[("UNLEAK_PROBE_PATH", "docs/**")]);
        assert!(said.contains("in docs/** in .unleak.toml:3"), "{said}");
        assert!(repo.text().starts_with("mode = \"warn\"\n\n[[allowlist.entry]]\n"), "{}", repo.text());
        assert_eq!(repo.text(), repo.staged());
        let (text, said) = (repo.text(), repo.allow("", &[("UNLEAK_PROBE_PATH", "docs/**")]));
        assert!(
            said.starts_with("fine u1-0123456789abcdef0123 is allowed already, by .unleak.toml:3"),
            "{said}"
        );
        assert_eq!(repo.text(), text);
        assert_eq!(repo.git(&["status", "--porcelain"]), "M  .unleak.toml\n");
    }

    #[test]
    fn copies_that_differ_are_left_alone() {
        let repo = Repo::new();
        let untouched = |what: &str| {
            let (text, staged) = (fs::read(repo.at(FILE_NAME)).ok(), repo.git(&["ls-files", "-s"]));
            let said = repo.allow("", &[]);
            assert!(said.starts_with("error cannot allow it") && said.contains(what), "{said}");
            assert_eq!((fs::read(repo.at(FILE_NAME)).ok(), repo.git(&["ls-files", "-s"])), (text, staged));
        };
        repo.write("mode = \"warn\"\n");
        untouched("not staged or committed yet");
        repo.git(&["add", "."]);
        repo.write("mode = \"block\"\n");
        untouched("changes that are not staged");
        fs::remove_file(repo.at(FILE_NAME)).expect("removed");
        untouched("not in the work tree");
    }

    #[test]
    fn line_ends_that_git_changes_do_not_count_as_a_difference() {
        let repo = Repo::new();
        repo.git(&["config", "core.autocrlf", "true"]);
        repo.write("mode = \"warn\"\r\n");
        repo.git(&["add", "."]);
        let said = repo.allow("", &[]);
        assert!(said.starts_with("fine "), "{said}");
        assert!(repo.text().ends_with("\r\n") && !repo.staged().contains('\r'));
    }

    #[test]
    fn a_wrong_configuration_a_link_and_a_wrong_argument_stop_it() {
        let repo = Repo::new();
        repo.write("mdoe = \"warn\"\n");
        repo.git(&["add", "."]);
        let said = repo.allow("", &[]);
        assert!(said.contains(".unleak.toml:1:1: unknown key `mdoe`; did you mean `mode`?"), "{said}");
        let said = repo.allow("", &[("UNLEAK_PROBE_ALLOW", "hunter2hunter2")]);
        assert!(said.starts_with("error cannot allow this") && !said.contains("hunter2"), "{said}");
        assert!(repo.allow("", &[("UNLEAK_PROBE_PATH", "**")]).contains("wildcards alone"));
        #[cfg(unix)]
        {
            fs::rename(repo.at(FILE_NAME), repo.at("other")).expect("renamed");
            std::os::unix::fs::symlink("other", repo.at(FILE_NAME)).expect("a link");
            repo.git(&["add", "."]);
            assert!(repo.allow("", &[]).contains("no plain file"));
        }
    }

    #[test]
    fn dates_that_passed_and_empty_reasons_are_refused() {
        let request = |reason: &str, expires: &str| Request {
            fingerprint: FINGERPRINT.to_owned(),
            path: None,
            reason: reason.to_owned(),
            expires: Some(expires.to_owned()),
        };
        let today = Date::parse("2027-06-30").expect("a date");
        assert!(checked(&request("r", "2027-06-30"), today).is_ok());
        for (reason, expires) in [("r", "2027-06-29"), (" ", "2027-06-30"), ("r", "soon")] {
            assert!(checked(&request(reason, expires), today).is_err(), "{reason} {expires}");
        }
    }
}
