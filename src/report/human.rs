//! The report for people: each secret once, in the manner of a compiler's diagnostics, then what to do about it.
//!
//! Hands on findings and `shown` to stdout, losses, notes, the verdict and the advice to stderr. The trap: no line may
//! begin with foreign text (CI services read commands there), so every line begins with words of our own.

use std::collections::HashMap;
use std::io::{self, Write};

use super::escape::escape;
use super::excerpt::{number_width, row};
use super::mask::{ELLIPSIS, Paths, masked};
use super::paint::Paint;
use super::wording::{count, grouped, size, time, wrap};
use super::{Remedy, Style, Summary};
use crate::finding::{Cell, Finding, Inside, Loss, Outcome, Related};

/// Places of one secret, or values shown, that are listed before the rest is only counted.
const LISTED: usize = 5;

/// Paths that the advice names before it says `PATH` instead.
const NAMED: usize = 3;

/// Prints the whole report. `out` gets findings and `shown`, `err` everything else.
///
/// # Errors
///
/// Those of the two writers; a closed pipe is [`io::ErrorKind::BrokenPipe`].
pub fn human(
    out: &mut dyn Write,
    err: &mut dyn Write,
    outcome: &Outcome,
    summary: &Summary,
    style: &Style,
) -> io::Result<()> {
    let paths = Paths::new(outcome, style.show_secrets);
    let groups = by_secret(&outcome.findings);
    let report = Report { outcome, summary, style, paths: &paths, paint: Paint { surface: style.out } };
    for (at, group) in groups.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        report.finding(out, group, groups.len() > 1)?;
    }
    report.shown(out, !groups.is_empty())?;
    // The streams may be one terminal: what stands above must be there before what stands below.
    out.flush()?;

    let report = Report { paint: Paint { surface: style.err }, ..report };
    if !outcome.findings.is_empty() && !style.quiet {
        writeln!(err)?;
    }
    report.told(err)?;
    let incomplete = !outcome.losses.is_empty() || summary.status == 2;
    if !style.quiet || incomplete {
        report.verdict(err, groups.len())?;
    }
    if !groups.is_empty() && !style.quiet {
        report.advice(err, &groups)?;
    }
    err.flush()
}

/// What machine formats say on stderr besides their bytes on stdout: losses, limits, notes and, where stdout has no
/// summary of its own, the verdict.
pub(super) fn aside(
    err: &mut dyn Write,
    outcome: &Outcome,
    summary: &Summary,
    style: &Style,
    verdict: bool,
) -> io::Result<()> {
    let paths = Paths::new(outcome, style.show_secrets);
    let report = Report { outcome, summary, style, paths: &paths, paint: Paint { surface: style.err } };
    report.told(err)?;
    if verdict && !style.quiet {
        report.verdict(err, by_secret(&outcome.findings).len())?;
    }
    err.flush()
}

/// How much was judged: `3 files, 1.8 KB of staged changes`.
pub(super) fn amount(outcome: &Outcome, summary: &Summary) -> String {
    let (Outcome { coverage, .. }, Summary { subject, unit, .. }) = (outcome, summary);
    let number = match *unit {
        "" => count(coverage.files, "file"),
        unit if coverage.files == 1 && unit.ends_with("messages") => "1 message".to_owned(),
        unit => format!("{} {unit}", grouped(coverage.files)),
    };
    let of = if subject.is_empty() { "" } else { " of " };
    format!("{number}, {}{of}{subject}", size(coverage.bytes))
}

/// Findings by secret, in the order in which each first appears.
pub(super) fn by_secret(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for finding in findings {
        let at = *seen.entry(&finding.fingerprint).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// `src/app.py:3:10`, or that it is the name itself.
pub(super) fn place(paths: &Paths<'_>, finding: &Finding) -> String {
    let mut place = paths.human(&finding.path);
    let Inside { member, layer, cell, whole } = &finding.inside;
    if let Some(member) = member {
        place = format!("{place}!{}", paths.human(member));
    }
    place = match finding.position {
        Some(position) => format!("{place}:{}:{}", position.line, position.column),
        None if *whole => format!("{place} (the whole file)"),
        None => format!("{place} (the name itself)"),
    };
    if let Some(Cell { number, part, line }) = cell {
        place = format!("{place} (cell {number}, {part}, line {line})");
    }
    if let Some(layer) = layer {
        let gone = if layer.visible { "" } else { ", deleted by a later layer and still in the image" };
        place = format!("{place} (layer {}{gone})", escape(layer.digest.as_bytes()));
    }
    place
}

struct Report<'a> {
    outcome: &'a Outcome,
    summary: &'a Summary,
    style: &'a Style,
    paths: &'a Paths<'a>,
    paint: Paint,
}

impl Report<'_> {
    fn place(&self, finding: &Finding) -> String {
        place(self.paths, finding)
    }

    fn finding(&self, out: &mut dyn Write, group: &[&Finding], fingerprint: bool) -> io::Result<()> {
        let (first, paint) = (group[0], self.paint);
        let width = number_width(&first.excerpt);
        let pad = " ".repeat(width);
        let rule = escape(first.rule.as_bytes());
        writeln!(
            out,
            "{}{}",
            paint.severity(first.severity, format_args!("{}[{rule}]", first.severity.as_str())),
            paint.strong(format_args!(": {}", escape(first.title.as_bytes()))),
        )?;
        writeln!(out, "{pad} {} {}", paint.frame("-->"), self.place(first))?;
        let bar = paint.frame("|");
        let room = self.paint.surface.width.saturating_sub(width + 4).max(20);
        let mut expected = None;
        for (at, line) in first.excerpt.iter().enumerate() {
            if at == 0 {
                writeln!(out, "{pad}  {bar}")?;
            } else if expected != Some(line.number) {
                writeln!(out, "{}", paint.frame("..."))?;
            }
            expected = Some(line.number + 1);
            let row = row(first, line, self.style.show_secrets, room, paint);
            let number = paint.frame(format_args!("{:>width$}", line.number));
            writeln!(out, "{}", format!(" {number} {bar} {}", row.line).trim_end())?;
            if !row.carets.is_empty() {
                writeln!(out, "{pad}  {bar} {}", row.carets)?;
            }
        }
        for (label, text) in self.facts(group, fingerprint) {
            let mut lines =
                wrap(&text, self.paint.surface.width.saturating_sub(width + 6 + label.len()).max(30));
            let rest = lines.split_off(1);
            let label = paint.strong(format_args!("{label}:"));
            writeln!(out, "{pad}  {} {label} {}", paint.frame("="), self.fact(&lines[0], first))?;
            for line in rest {
                writeln!(out, "{pad}      {line}")?;
            }
        }
        Ok(())
    }

    /// A fact's first line; the revocation page as a link.
    fn fact(&self, text: &str, finding: &Finding) -> String {
        match &finding.revoke {
            Some(page) if escape(page.as_bytes()) == text => self.paint.link(page),
            _ => text.to_owned(),
        }
    }

    /// What is told about a secret below its line, each with its label.
    fn facts(&self, group: &[&Finding], fingerprint: bool) -> Vec<(&'static str, String)> {
        let first = group[0];
        let mut facts = Vec::new();
        if first.excerpt.is_empty() && !first.inside.whole {
            facts.push(("secret", masked(&first.secret.0, first.public, self.style.show_secrets)));
        }
        if !first.reasons.is_empty() {
            facts.push(("why", escape(first.reasons.join("; ").as_bytes())));
        }
        if self.style.verbose {
            facts.push(("confidence", format!("{}", super::json::confidence(first.confidence))));
        }
        if let Some(layer) = first.inside.layer.as_ref().filter(|layer| !layer.instruction.is_empty()) {
            facts.push(("made by", self.paths.human(layer.instruction.as_bytes())));
        }
        if !first.grants.is_empty() {
            facts.push(("gives away", escape(first.grants.as_bytes())));
        }
        if let Some(way) = super::wording::instead(first) {
            facts.push(("instead", way.to_owned()));
        }
        if let Some(page) = &first.revoke {
            facts.push(("revoke at", escape(page.as_bytes())));
        }
        for Related { role, path, line, column } in &first.related {
            let role = escape(role.as_bytes());
            facts.push(("with", format!("{role} at {}:{line}:{column}", self.paths.human(path))));
        }
        if let Some(commit) = &first.commit {
            let text = format!("{} by {}, {}", commit.id, commit.author, commit.date);
            let of = if commit.is_tag { "in tag" } else { "in commit" };
            facts.push((of, escape(text.as_bytes())));
        }
        if let Some(in_head) = first.in_head {
            let text = match &first.since.removed {
                _ if in_head => "yes".to_owned(),
                Some(by) => format!("no: taken out in {} by {}, {}", by.id, by.author, by.date),
                None => "no".to_owned(),
            };
            facts.push(("still in HEAD", escape(text.as_bytes())));
        }
        if let branches @ [_, ..] = first.since.branches.as_slice() {
            let listed = if self.style.verbose { branches.len() } else { branches.len().min(LISTED) };
            let mut text: Vec<String> =
                branches[..listed].iter().map(|name| self.paths.human(name)).collect();
            if branches.len() > listed {
                text.push(format!("{} more", branches.len() - listed));
            }
            facts.push(("in branches", text.join(", ")));
        }
        let others = &group[1..];
        let listed = if self.style.verbose || others.len() == LISTED + 1 { others.len() } else { LISTED };
        for finding in others.iter().take(listed) {
            facts.push(("also at", self.place(finding)));
        }
        if others.len() > listed {
            let more = count((others.len() - listed) as u64, "more place");
            facts.push(("also at", format!("{more} (--verbose lists them)")));
        }
        if fingerprint {
            facts.push(("fingerprint", escape(first.fingerprint.as_bytes())));
        }
        facts
    }

    fn shown(&self, out: &mut dyn Write, after_findings: bool) -> io::Result<()> {
        let shown = &self.outcome.shown;
        if shown.is_empty() {
            return Ok(());
        }
        if after_findings {
            writeln!(out)?;
        }
        writeln!(out, "{}", self.paint.strong("Not blocking, but worth a look:"))?;
        let listed = if self.style.verbose || shown.len() == LISTED + 1 { shown.len() } else { LISTED };
        for finding in shown.iter().take(listed) {
            let reasons = escape(finding.reasons.join("; ").as_bytes());
            let reasons = if reasons.is_empty() { reasons } else { format!(": {reasons}") };
            let (place, title) = (self.place(finding), escape(finding.title.as_bytes()));
            // Without a public prefix the masked value would tell nothing.
            let secret = match masked(&finding.secret.0, finding.public, self.style.show_secrets) {
                nothing if nothing == ELLIPSIS => String::new(),
                secret => format!(" {}", self.paint.faint(secret)),
            };
            writeln!(out, "  {place}  {title}{secret}{reasons}")?;
        }
        if shown.len() > listed {
            writeln!(out, "  and {} more (--verbose lists them)", shown.len() - listed)?;
        }
        Ok(())
    }

    /// Losses, limits, notes and, when asked for, what was allowed: one line each.
    fn told(&self, err: &mut dyn Write) -> io::Result<()> {
        let paint = self.paint;
        let about = |loss: &Loss| {
            let path = loss.path.as_ref().map(|path| self.paths.human(path) + ": ").unwrap_or_default();
            path + &escape(loss.reason.as_bytes())
        };
        for loss in &self.outcome.losses {
            writeln!(err, "unleak: {} {}", paint.bad("not judged:"), about(loss))?;
        }
        if self.style.quiet {
            return Ok(());
        }
        for limit in &self.outcome.limits {
            writeln!(err, "unleak: {} {}", paint.warn("limit reached:"), about(limit))?;
        }
        for note in &self.summary.notes {
            writeln!(err, "unleak: {} {}", paint.warn("note:"), escape(note.as_bytes()))?;
        }
        if self.style.verbose {
            for allowed in &self.outcome.allowed {
                let (place, title) = (self.place(&allowed.finding), escape(allowed.finding.title.as_bytes()));
                let change = if allowed.by_this_change { ", which is part of this change" } else { "" };
                let by = escape(allowed.by.as_bytes());
                writeln!(err, "unleak: {} {place}: {title}, by {by}{change}", paint.faint("allowed:"))?;
            }
        }
        Ok(())
    }

    /// The one line that says what came of it.
    fn verdict(&self, err: &mut dyn Write, secrets: usize) -> io::Result<()> {
        let Outcome { findings, shown, allowed, losses, coverage, .. } = self.outcome;
        let Summary { empty, status, stops, waits, elapsed, .. } = self.summary;
        let paint = self.paint;
        if coverage.files == 0 && findings.is_empty() && losses.is_empty() && *status != 2 {
            return writeln!(err, "unleak: {empty}, so there was nothing to judge");
        }
        let amount = amount(self.outcome, self.summary);
        let found = match secrets {
            0 if *status == 0 && losses.is_empty() => format!("{} in {amount}", paint.good("nothing found")),
            0 => format!("nothing found in {amount}"),
            _ => {
                let places = match findings.len() {
                    places if places > secrets => format!(" at {places} places"),
                    _ => String::new(),
                };
                format!(
                    "{}{places} in {amount}",
                    paint.bad(format_args!("found {}", count(secrets as u64, "secret")))
                )
            }
        };
        let mut line = format!("unleak: {found}");
        if !shown.is_empty() {
            line += &format!(", {} shown", shown.len());
        }
        if !allowed.is_empty() {
            line += &format!(", {} allowed", allowed.len());
            let own = allowed.iter().filter(|allowed| allowed.by_this_change).count();
            if own > 0 {
                line += &paint.warn(format_args!(" ({own} by this change itself)"));
            }
        }
        line += &format!(" ({})", time(*elapsed));
        if !losses.is_empty() {
            let losses = format!("{} not judged", count(losses.len() as u64, "thing"));
            line += &format!(", but {}", paint.bad(losses));
        }
        match (stops, status) {
            (Some(what), 1 | 2) if *waits => {
                line += &format!(": {}", paint.bad(format_args!("{what} blocked")));
            }
            (Some(what), 1 | 2) => line += &format!(": a {what} would be blocked"),
            (Some(what), _) if !findings.is_empty() => {
                line += &format!(": {}", paint.warn(format_args!("mode = \"warn\" lets the {what} pass")));
            }
            _ => {}
        }
        writeln!(err, "{line}")
    }

    /// Once, after all: how to fix it, how to allow it, how to get round it.
    fn advice(&self, err: &mut dyn Write, groups: &[Vec<&Finding>]) -> io::Result<()> {
        let paint = self.paint;
        let (it, value, fingerprint) = match groups {
            [group] => ("it", "the value", escape(group[0].fingerprint.as_bytes())),
            _ => ("them", "the values", "FINGERPRINT".to_owned()),
        };
        writeln!(err, "\n{}", paint.strong("To fix it:"))?;
        match self.unstage() {
            Some(command) => writeln!(err, "  1. unstage {it}: {}", paint.command(command))?,
            None => writeln!(err, "  1. {}", self.take_out(it))?,
        }
        writeln!(err, "  2. move {value} into the environment or a secrets manager")?;
        writeln!(err, "  3. revoke what was ever pushed or shared: taking it out does not undo that")?;
        let allow = paint.command(format_args!("unleak allow {fingerprint} --reason \"…\""));
        match self.summary.remedy {
            Remedy::Refused { trusts: false } => {
                writeln!(err, "{} ask whoever runs this server", paint.strong("If it is no secret:"))?;
            }
            Remedy::Rewrite | Remedy::Refused { .. } => {
                writeln!(err, "{} {allow}, commit that and push again", paint.strong("If it is no secret:"))?;
            }
            _ => writeln!(err, "{} {allow}", paint.strong("If it is no secret:"))?,
        }
        if let Some(what) =
            self.summary.stops.filter(|_| !matches!(self.summary.remedy, Remedy::Refused { .. }))
        {
            let bypass = paint.command(format_args!("git {what} --no-verify"));
            writeln!(err, "{} {bypass}", paint.strong("To skip all checks once:"))?;
        }
        Ok(())
    }

    /// Where it has to be taken out, when it is not a matter of unstaging alone.
    fn take_out(&self, it: &str) -> String {
        let command = |text: &str| self.paint.command(text).to_string();
        match self.summary.remedy {
            Remedy::Message => format!("take {it} out of the message, and commit again"),
            Remedy::MessageAndIndex => format!(
                "take {it} out of the message and of what is staged ({}), and commit again",
                command("git restore --staged PATH")
            ),
            Remedy::Rewrite | Remedy::Refused { .. } => format!(
                "take {it} out of the commits or tags that add {it}: {} for the last commit, {} for older ones",
                command("git commit --amend"),
                command("git rebase -i")
            ),
            Remedy::Remove | Remedy::Unstage { .. } => format!("take {it} out of the source"),
        }
    }

    /// The command that unstages what was found, with the paths where they are few and can be pasted.
    fn unstage(&self) -> Option<String> {
        let Remedy::Unstage { first_commit, below_top } = self.summary.remedy else { return None };
        let command = if first_commit { "git rm --cached" } else { "git restore --staged" };
        let mut paths: Vec<&[u8]> =
            self.outcome.findings.iter().map(|finding| finding.path.as_slice()).collect();
        paths.sort_unstable();
        paths.dedup();
        let quoted: Option<Vec<String>> =
            paths.iter().take(NAMED + 1).map(|path| self.pasteable(path, below_top)).collect();
        match quoted {
            Some(quoted) if quoted.len() <= NAMED && quoted.iter().map(String::len).sum::<usize>() <= 60 => {
                Some(format!("{command} {}", quoted.join(" ")))
            }
            _ => Some(format!("{command} PATH")),
        }
    }

    /// A path as it can be pasted into a shell, or `None` when it is not printed as it is.
    fn pasteable(&self, path: &[u8], below_top: bool) -> Option<String> {
        if !self.paths.is_plain(path) {
            return None;
        }
        let path = std::str::from_utf8(path).ok()?;
        // `:/` makes git start at the top; a leading `:` or `-` would be taken for git's own.
        let start = match path.as_bytes().first() {
            _ if below_top => ":/",
            Some(b'-' | b':') => "./",
            _ => "",
        };
        let path = format!("{start}{path}");
        let safe = |b: u8| b.is_ascii_alphanumeric() || b"/._-+,:@%=".contains(&b);
        Some(match path.bytes().all(safe) {
            true => path,
            false => format!("'{}'", path.replace('\'', r"'\''")),
        })
    }
}
