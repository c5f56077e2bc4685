//! One page that a security team reads: secrets with all their places, to be filtered by rule, severity, author and HEAD.
//!
//! Hands on a page that needs nothing from elsewhere and, without its script, is a plain table. The trap: names, lines and
//! authors are chosen by strangers, so all text is escaped for people first and for HTML then, and the page's own policy
//! lets no script and no style run but the two whose hashes it names.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::escape::escape;
use super::excerpt::row;
use super::human::{amount, aside, by_secret, place};
use super::mask::{Paths, masked};
use super::paint::Paint;
use super::terminal::Surface;
use super::wording::count;
use super::{Style, Summary};
use crate::finding::{Allowed, Finding, Loss, Outcome, Related};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Columns that an excerpt's line takes at most.
const ROOM: usize = 160;

/// Prints the page on `out`; losses, limits, notes and the verdict go to `err` as well.
///
/// # Errors
///
/// Those of the two writers; a closed pipe is [`io::ErrorKind::BrokenPipe`].
pub fn html(
    out: &mut dyn Write,
    err: &mut dyn Write,
    outcome: &Outcome,
    summary: &Summary,
    style: &Style,
) -> io::Result<()> {
    let paths = Paths::new(outcome, style.show_secrets);
    let page = Page { paths: &paths, show_secrets: style.show_secrets };
    page.head(out, outcome, summary)?;
    page.secrets(out, &outcome.findings)?;
    page.shown(out, &outcome.shown)?;
    page.limits(out, &outcome.limits)?;
    page.allowed(out, &outcome.allowed)?;
    write!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n")?;
    out.flush()?;
    aside(err, outcome, summary, style, true)
}

/// The hash by which the page's policy names its style or script.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// Text that was escaped for people, for HTML.
fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// Foreign text.
fn foreign(text: &str) -> String {
    safe(&escape(text.as_bytes()))
}

struct Page<'a> {
    paths: &'a Paths<'a>,
    show_secrets: bool,
}

impl Page<'_> {
    fn head(&self, out: &mut dyn Write, outcome: &Outcome, summary: &Summary) -> io::Result<()> {
        let secrets = by_secret(&outcome.findings).len() as u64;
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {}; base-uri \
             'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
             <title>unleak: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{} at {}</h1>\n\
             <p>unleak {} judged {}.</p>\n",
            hash(STYLE),
            hash(SCRIPT),
            count(secrets, "secret"),
            count(secrets, "secret"),
            count(outcome.findings.len() as u64, "place"),
            env!("CARGO_PKG_VERSION"),
            safe(&amount(outcome, summary)),
        )?;
        for note in &summary.notes {
            writeln!(out, "<p>{}</p>", foreign(note))?;
        }
        if !outcome.losses.is_empty() {
            writeln!(
                out,
                "<div class=\"incomplete\"><strong>Incomplete: not everything could be judged.</strong><ul>"
            )?;
            for loss in &outcome.losses {
                writeln!(out, "<li>{}</li>", self.loss(loss))?;
            }
            writeln!(out, "</ul></div>")?;
        }
        Ok(())
    }

    fn loss(&self, loss: &Loss) -> String {
        let path = loss.path.as_ref().map(|path| format!("<code>{}</code>: ", safe(&self.paths.human(path))));
        path.unwrap_or_default() + &foreign(&loss.reason)
    }

    fn secrets(&self, out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        let commits = findings.iter().any(|finding| finding.commit.is_some());
        let heads = findings.iter().any(|finding| finding.in_head.is_some());
        write!(
            out,
            "<h2>Secrets</h2>\n<form hidden autocomplete=\"off\">\n\
             <label>Severity<select name=\"severity\"><option value=\"\">all</option></select></label>\n\
             <label>Rule<select name=\"rule\"><option value=\"\">all</option></select></label>\n\
             <label>Author<select name=\"author\"><option value=\"\">all</option></select></label>\n\
             <label>Still in HEAD<select name=\"head\"><option value=\"\">either</option></select></label>\n\
             <label>Text<input name=\"text\" type=\"search\"></label>\n\
             <span id=\"count\" role=\"status\"></span>\n</form>\n<table class=\"places\">\n<thead><tr><th>Place</th>"
        )?;
        if commits {
            write!(
                out,
                "<th class=\"commit\">Commit</th><th class=\"author\">Author</th><th class=\"date\">Date</th>"
            )?;
        }
        if heads {
            write!(out, "<th class=\"head\">In HEAD</th>")?;
        }
        writeln!(out, "</tr></thead>")?;
        let columns = 1 + 3 * usize::from(commits) + usize::from(heads);
        let mut groups = by_secret(findings);
        // The worst first; where they are alike, by place.
        crate::order::sort_by_key(&mut groups, |group| std::cmp::Reverse(group[0].severity));
        for group in groups {
            self.secret(out, &group, columns)?;
            for finding in group {
                self.place(out, finding, commits, heads)?;
            }
            writeln!(out, "</tbody>")?;
        }
        writeln!(out, "</table>")
    }

    /// What is told of a secret once.
    fn secret(&self, out: &mut dyn Write, group: &[&Finding], columns: usize) -> io::Result<()> {
        let first = group[0];
        let severity = first.severity.as_str();
        write!(
            out,
            "<tbody class=\"secret\">\n<tr><th colspan=\"{columns}\" scope=\"rowgroup\"><span class=\"severity {severity}\">\
             {severity}</span><strong>{}</strong> <code>{}</code>",
            foreign(&first.title),
            safe(&masked(&first.secret.0, first.public, self.show_secrets)),
        )?;
        let mut facts = vec![format!("rule <span class=\"id\">{}</span>", foreign(&first.rule))];
        if !first.reasons.is_empty() {
            facts.push(foreign(&first.reasons.join("; ")));
        }
        if !first.grants.is_empty() {
            facts.push(format!("gives away: {}", foreign(&first.grants)));
        }
        if let Some(page) = &first.revoke {
            facts.push(format!("revoke at {}", link(page)));
        }
        for Related { role, path, line, .. } in &first.related {
            facts.push(format!(
                "with {} at <code>{}:{line}</code>",
                foreign(role),
                safe(&self.paths.human(path))
            ));
        }
        facts.push(format!("fingerprint <span class=\"id\">{}</span>", foreign(&first.fingerprint)));
        for fact in facts {
            write!(out, "<div class=\"facts\">{fact}</div>")?;
        }
        writeln!(out, "</th></tr>")
    }

    fn place(&self, out: &mut dyn Write, finding: &Finding, commits: bool, heads: bool) -> io::Result<()> {
        let author = finding.commit.as_ref().map(|commit| foreign(&commit.author)).unwrap_or_default();
        let head = finding.in_head.map_or("", |in_head| if in_head { "yes" } else { "no" });
        write!(
            out,
            "<tr data-rule=\"{}\" data-severity=\"{}\" data-author=\"{author}\" data-head=\"{head}\"><td><span class=\"place\">\
             {}</span>",
            foreign(&finding.rule),
            finding.severity.as_str(),
            safe(&place(self.paths, finding)),
        )?;
        if !finding.excerpt.is_empty() {
            let paint = Paint { surface: Surface::default() };
            let line = |line| safe(&row(finding, line, self.show_secrets, ROOM, paint).line);
            write!(out, "<pre>{}</pre>", finding.excerpt.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
        write!(out, "</td>")?;
        if commits {
            match &finding.commit {
                Some(commit) => write!(
                    out,
                    "<td class=\"id\" title=\"{}\">{}</td><td>{author}</td><td title=\"{}\">{}</td>",
                    foreign(&commit.id),
                    foreign(commit.id.get(..12).unwrap_or(&commit.id)),
                    foreign(&commit.date),
                    foreign(commit.date.get(..10).unwrap_or(&commit.date)),
                )?,
                None => write!(out, "<td></td><td></td><td></td>")?,
            }
        }
        if heads {
            write!(out, "<td>{head}</td>")?;
        }
        writeln!(out, "</tr>")
    }

    fn shown(&self, out: &mut dyn Write, shown: &[Finding]) -> io::Result<()> {
        if shown.is_empty() {
            return Ok(());
        }
        writeln!(out, "<h2>Not blocking, but worth a look</h2>\n<table>\n<tbody>")?;
        for finding in shown {
            writeln!(
                out,
                "<tr><td class=\"place\">{}</td><td>{}</td><td>{}</td></tr>",
                safe(&place(self.paths, finding)),
                foreign(&finding.title),
                foreign(&finding.reasons.join("; ")),
            )?;
        }
        writeln!(out, "</tbody>\n</table>")
    }

    fn limits(&self, out: &mut dyn Write, limits: &[Loss]) -> io::Result<()> {
        if limits.is_empty() {
            return Ok(());
        }
        writeln!(out, "<h2>Limits that were reached</h2>\n<ul>")?;
        for limit in limits {
            writeln!(out, "<li>{}</li>", self.loss(limit))?;
        }
        writeln!(out, "</ul>")
    }

    fn allowed(&self, out: &mut dyn Write, allowed: &[Allowed]) -> io::Result<()> {
        if allowed.is_empty() {
            return Ok(());
        }
        let total = count(allowed.len() as u64, "place");
        writeln!(out, "<h2>Allowed</h2>\n<details><summary>{total}</summary>\n<table>\n<tbody>")?;
        for Allowed { finding, by, .. } in allowed {
            writeln!(
                out,
                "<tr><td class=\"place\">{}</td><td>{}</td><td>by {}</td></tr>",
                safe(&place(self.paths, finding)),
                foreign(&finding.title),
                foreign(by),
            )?;
        }
        writeln!(out, "</tbody>\n</table>\n</details>")
    }
}

/// A page's address, a link when it is one on the web: a rule may come from the repository.
fn link(page: &str) -> String {
    let text = foreign(page);
    let web = page.starts_with("https://") || page.starts_with("http://");
    if web && page.bytes().all(|b| b.is_ascii_graphic()) {
        format!("<a href=\"{text}\" rel=\"noopener noreferrer\">{text}</a>")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(foreign("<b a='\"'>&\x1b"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;\\x1b");
        assert_eq!(link("javascript:alert(1)"), "javascript:alert(1)");
        assert!(link("https://a.example/?x=\"y").starts_with("<a href=\"https://a.example/?x=&quot;y\""));
    }

    #[test]
    fn the_page_names_its_own_script_and_style_by_their_hashes() {
        // Of the empty text, as any SHA-256 tool gives it.
        assert_eq!(hash(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
        assert!(!SCRIPT.contains("</script") && !STYLE.contains("</style"));
    }
}
