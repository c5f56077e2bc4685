//! The colours of the human report, in one place: what each kind of text looks like, and hyperlinks.
//!
//! Hands on [`Paint`], which prints plain text where colours are not wanted.

use std::fmt::Display;

use owo_colors::{OwoColorize, Style};

use super::escape::escape;
use super::terminal::Surface;
use crate::finding::Severity;

/// Paints for one surface.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub(super) surface: Surface,
}

impl Paint {
    fn with(self, style: Style, text: impl Display) -> String {
        if self.surface.color { text.style(style).to_string() } else { text.to_string() }
    }

    /// A severity, or text in its colour.
    pub(super) fn severity(self, severity: Severity, text: impl Display) -> String {
        let style = match severity {
            Severity::Critical | Severity::High => Style::new().bright_red(),
            Severity::Medium => Style::new().yellow(),
            Severity::Low => Style::new().cyan(),
        };
        self.with(style.bold(), text)
    }

    /// Line numbers, bars and arrows.
    pub(super) fn frame(self, text: impl Display) -> String {
        self.with(Style::new().bright_blue().bold(), text)
    }

    /// What stands out without alarm: titles, labels.
    pub(super) fn strong(self, text: impl Display) -> String {
        self.with(Style::new().bold(), text)
    }

    /// What is there for those who look: rule ids, fingerprints, cuts.
    pub(super) fn faint(self, text: impl Display) -> String {
        self.with(Style::new().dimmed(), text)
    }

    /// A command to copy.
    pub(super) fn command(self, text: impl Display) -> String {
        self.with(Style::new().cyan(), text)
    }

    /// What went wrong.
    pub(super) fn bad(self, text: impl Display) -> String {
        self.with(Style::new().bright_red().bold(), text)
    }

    /// What deserves a look.
    pub(super) fn warn(self, text: impl Display) -> String {
        self.with(Style::new().yellow().bold(), text)
    }

    /// That all is well.
    pub(super) fn good(self, text: impl Display) -> String {
        self.with(Style::new().green(), text)
    }

    /// A page's address; a hyperlink where the terminal shows them. An address that is no plain http one (a rule may
    /// come from the repository) is printed as text only.
    pub(super) fn link(self, url: &str) -> String {
        let text = escape(url.as_bytes());
        let web = url.starts_with("https://") || url.starts_with("http://");
        if self.surface.hyperlinks && web && url.bytes().all(|b| b.is_ascii_graphic()) {
            format!("\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\")
        } else {
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_address_becomes_a_link() {
        let paint = Paint { surface: Surface { hyperlinks: true, ..Surface::default() } };
        assert_eq!(
            paint.link("https://a.example/x"),
            "\x1b]8;;https://a.example/x\x1b\\https://a.example/x\x1b]8;;\x1b\\"
        );
        assert_eq!(paint.link("file:///etc/passwd"), "file:///etc/passwd");
        assert_eq!(paint.link("https://a\x07b"), "https://a\\x07b");
        let plain = Paint { surface: Surface::default() };
        assert_eq!(plain.link("https://a.example/x"), "https://a.example/x");
    }
}
