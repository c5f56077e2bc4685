//! What the two output streams can do: colours, hyperlinks, how wide they are.
//!
//! Hands on a [`Surface`] for stdout and one for stderr, since either may be redirected alone. The trap: in a hook git
//! sends stdout to stderr, so both must be asked and neither may be taken for the other.

use std::ffi::OsString;
use std::io::IsTerminal;

/// The width taken when no one knows better, in columns: what a terminal opens with, and what mail and CI logs fit.
pub const DEFAULT_WIDTH: usize = 80;

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Color {
    /// On terminals, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// One output stream as the report sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surface {
    /// Colours are wanted and understood.
    pub color: bool,
    /// OSC 8 hyperlinks are understood.
    pub hyperlinks: bool,
    /// Columns.
    pub width: usize,
}

impl Default for Surface {
    fn default() -> Self {
        Self { color: false, hyperlinks: false, width: DEFAULT_WIDTH }
    }
}

impl Surface {
    /// The surface of this process's standard output.
    #[must_use]
    pub fn stdout(color: Color) -> Self {
        Self::new(color, std::io::stdout().is_terminal(), |name| std::env::var_os(name))
    }

    /// The surface of this process's standard error.
    #[must_use]
    pub fn stderr(color: Color) -> Self {
        Self::new(color, std::io::stderr().is_terminal(), |name| std::env::var_os(name))
    }

    /// The surface of a file: coloured only where that is asked for by name.
    #[must_use]
    pub fn file(color: Color) -> Self {
        Self { color: color == Color::Always, ..Self::default() }
    }

    /// Decides from what was asked for, whether a terminal listens, and the environment.
    fn new(color: Color, terminal: bool, var: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| var(name).is_some_and(|value| !value.is_empty() && value != "0");
        let dumb = var("TERM").is_some_and(|term| term == "dumb");
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            // no-color.org and bixense.com/clicolors: refusing beats forcing.
            Color::Auto if var("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
            Color::Auto if set("CLICOLOR_FORCE") || set("FORCE_COLOR") => true,
            Color::Auto => terminal && !dumb && var("CLICOLOR").is_none_or(|value| value != "0"),
        };
        // A hyperlink is an escape sequence like a colour: where those are refused, it is too.
        Self { color, hyperlinks: color && terminal && !dumb && shows_hyperlinks(&var), width: width(&var) }
    }
}

/// Terminals that say who they are and are known to show OSC 8 links. Others print them as plain text or, the old
/// ones, as rubbish: so only the known get them. Inside tmux and screen, what the outer terminal can do is hidden.
fn shows_hyperlinks(var: &impl Fn(&str) -> Option<OsString>) -> bool {
    let text = |name| var(name).and_then(|value| value.into_string().ok()).unwrap_or_default();
    let term = text("TERM");
    if term.starts_with("screen") || term.starts_with("tmux") || !text("TMUX").is_empty() {
        return false;
    }
    matches!(
        text("TERM_PROGRAM").as_str(),
        "iTerm.app" | "WezTerm" | "vscode" | "Hyper" | "ghostty" | "rio" | "Tabby" | "WarpTerminal"
    ) || matches!(term.as_str(), "xterm-kitty" | "alacritty" | "foot" | "foot-extra" | "xterm-ghostty" | "wezterm")
        // GNOME Terminal and kin: since VTE 0.50, whose first release crashed on links.
        || text("VTE_VERSION").parse().is_ok_and(|version: u32| version > 5000)
        || ["WT_SESSION", "KONSOLE_VERSION", "DOMTERM"].iter().any(|name| !text(name).is_empty())
}

/// `COLUMNS` when it makes sense. The terminal itself is not asked: that takes unsafe code or a crate of its own, and
/// all that follows from it is how much of a long line stands around the secret.
fn width(var: &impl Fn(&str) -> Option<OsString>) -> usize {
    let columns = var("COLUMNS").and_then(|value| value.to_str()?.parse().ok());
    columns.filter(|columns| (40..=1000).contains(columns)).unwrap_or(DEFAULT_WIDTH)
}

/// How many columns a character takes, roughly: 2 for East Asian wide characters and emoji, 0 for marks that combine.
#[must_use]
pub(super) fn columns(c: char) -> usize {
    match c {
        ' '..='~' => 1,
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}'
        | '\u{900}'..='\u{902}'
        | '\u{e31}'
        | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20f0}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// How many columns a text takes.
#[must_use]
pub(super) fn text_columns(text: &str) -> usize {
    text.chars().map(columns).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(color: Color, terminal: bool, env: &[(&str, &str)]) -> Surface {
        Surface::new(color, terminal, |name| {
            env.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn colours_only_on_terminals() {
        assert!(surface(Color::Auto, true, &[("TERM", "xterm-256color")]).color);
        assert!(!surface(Color::Auto, false, &[("TERM", "xterm-256color")]).color);
        assert!(!surface(Color::Auto, true, &[("TERM", "dumb")]).color);
    }

    #[test]
    fn the_flag_beats_the_environment_and_refusing_beats_forcing() {
        assert!(surface(Color::Always, false, &[("NO_COLOR", "1")]).color);
        assert!(!surface(Color::Never, true, &[("CLICOLOR_FORCE", "1")]).color);
        assert!(!surface(Color::Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).color);
        assert!(surface(Color::Auto, true, &[("NO_COLOR", "")]).color);
        assert!(surface(Color::Auto, false, &[("CLICOLOR_FORCE", "1")]).color);
        assert!(surface(Color::Auto, false, &[("FORCE_COLOR", "1")]).color);
        assert!(!surface(Color::Auto, false, &[("FORCE_COLOR", "0")]).color);
        assert!(!surface(Color::Auto, true, &[("CLICOLOR", "0")]).color);
    }

    #[test]
    fn links_only_where_they_are_known_to_work() {
        assert!(surface(Color::Auto, true, &[("VTE_VERSION", "7600")]).hyperlinks);
        assert!(!surface(Color::Auto, true, &[("VTE_VERSION", "4500")]).hyperlinks);
        assert!(surface(Color::Auto, true, &[("TERM", "xterm-kitty")]).hyperlinks);
        assert!(
            !surface(Color::Auto, true, &[("TERM", "tmux-256color"), ("VTE_VERSION", "7600")]).hyperlinks
        );
        assert!(!surface(Color::Always, false, &[("VTE_VERSION", "7600")]).hyperlinks);
        assert!(!surface(Color::Never, true, &[("VTE_VERSION", "7600")]).hyperlinks);
    }

    #[test]
    fn width_comes_from_columns_when_it_makes_sense() {
        assert_eq!(surface(Color::Auto, true, &[("COLUMNS", "132")]).width, 132);
        assert_eq!(surface(Color::Auto, true, &[("COLUMNS", "3")]).width, DEFAULT_WIDTH);
        assert_eq!(surface(Color::Auto, true, &[("COLUMNS", "wide")]).width, DEFAULT_WIDTH);
    }

    #[test]
    fn wide_and_combining_characters_are_counted() {
        assert_eq!(text_columns("key = 日本🙂e\u{301}"), 6 + 4 + 2 + 1);
    }
}
