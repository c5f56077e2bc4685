//! Annotations for GitHub Actions: `::error file=…::…`, a line each, which show beside the code of a pull request.
//!
//! Hands on lines for stdout. The trap: the runner reads commands out of everything that is printed, so what is foreign is
//! escaped twice: as for a terminal, and as the runner decodes it (docs.github.com, workflow commands; `%`, CR and LF, in
//! properties `:` and `,` too).

use std::io::{self, Write};

use super::escape::escape;
use super::human::{aside, place};
use super::mask::{Paths, masked};
use super::{Style, Summary};
use crate::finding::{Finding, Loss, Outcome};

/// Of each kind the runner shows that many of a step.
const SHOWN_OF_A_STEP: usize = 10;

/// Prints findings as errors, what is only shown as warnings, losses as errors without a place.
///
/// # Errors
///
/// Those of the two writers; a closed pipe is [`io::ErrorKind::BrokenPipe`].
pub fn github(
    out: &mut dyn Write,
    err: &mut dyn Write,
    outcome: &Outcome,
    summary: &Summary,
    style: &Style,
) -> io::Result<()> {
    let paths = Paths::new(outcome, style.show_secrets);
    for finding in &outcome.findings {
        annotation(out, "error", finding, &paths, style.show_secrets)?;
    }
    for finding in &outcome.shown {
        annotation(out, "warning", finding, &paths, style.show_secrets)?;
    }
    for Loss { path, reason } in &outcome.losses {
        let file =
            path.as_ref().map(|path| format!("file={},", property(&paths.human(path)))).unwrap_or_default();
        writeln!(out, "::error {file}title=not judged::{}", data(&escape(reason.as_bytes())))?;
    }
    out.flush()?;
    aside(err, outcome, summary, style, true)?;
    let most = outcome.findings.len().max(outcome.shown.len());
    if most > SHOWN_OF_A_STEP && !style.quiet {
        writeln!(
            err,
            "unleak: note: GitHub shows {SHOWN_OF_A_STEP} annotations of a kind and step; the log above has all, and \
             `--format sarif` has no such limit"
        )?;
    }
    err.flush()
}

fn annotation(
    out: &mut dyn Write,
    level: &str,
    finding: &Finding,
    paths: &Paths<'_>,
    show_secrets: bool,
) -> io::Result<()> {
    let mut properties = vec![format!("file={}", property(&paths.human(&finding.path)))];
    // Lines of a member are not lines of the archive.
    if let Some(at) = finding.position.filter(|_| finding.inside.member.is_none()) {
        properties.push(format!("line={},endLine={}", at.line, at.end_line));
        if at.line == at.end_line {
            let (start, end) = finding.wide.unwrap_or((at.column, at.end_column));
            properties.push(format!("col={start},endColumn={end}"));
        }
    }
    let title = format!("{} ({})", finding.title, finding.rule);
    properties.push(format!("title={}", property(&escape(title.as_bytes()))));
    let mut said = vec![format!(
        "{} at {}",
        masked(&finding.secret.0, finding.public, show_secrets),
        place(paths, finding)
    )];
    if let Some(commit) = &finding.commit {
        let text = format!("in commit {} by {}, {}", commit.id, commit.author, commit.date);
        said.push(escape(text.as_bytes()));
    }
    if !finding.reasons.is_empty() {
        said.push(escape(finding.reasons.join("; ").as_bytes()));
    }
    if !finding.grants.is_empty() {
        said.push(format!("gives away: {}", escape(finding.grants.as_bytes())));
    }
    if let Some(page) = &finding.revoke {
        said.push(format!("revoke at: {}", escape(page.as_bytes())));
    }
    said.push(format!("fingerprint: {}", escape(finding.fingerprint.as_bytes())));
    writeln!(out, "::{level} {}::{}", properties.join(","), data(&said.join("\n")))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_runner_decodes_is_encoded() {
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
        assert_eq!(data("a,b:c%\r\n"), "a,b:c%25%0D%0A");
    }
}
