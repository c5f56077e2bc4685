//! The single values of a run, by their order: flag, `UNLEAK_*` variable, repository (or server), user, default.
//!
//! Hands on: [`Settings`]. The trap: a variable that is set and not understood is an error, never the default.

use std::ffi::OsString;

use super::bounds::Bounds;
use super::config::{Config, Exceeded, Mode, Strictness};

/// Values that stand above every file: a flag's, or a variable's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `mode`
    pub mode: Option<Mode>,
    /// `strictness`
    pub strictness: Option<Strictness>,
    /// `limits.exceeded`
    pub limits_exceeded: Option<Exceeded>,
}

impl Overrides {
    /// From `UNLEAK_MODE`, `UNLEAK_STRICTNESS` and `UNLEAK_LIMITS_EXCEEDED`; `get` reads a variable. An empty one counts as
    /// not set.
    ///
    /// # Errors
    /// When one has no value that it may have.
    pub fn from_env(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        let word = |name: &str| get(name).filter(|value| !value.is_empty());
        Ok(Self {
            mode: read(word("UNLEAK_MODE"), Mode::parse, "UNLEAK_MODE", "block or warn")?,
            strictness: read(
                word("UNLEAK_STRICTNESS"),
                Strictness::parse,
                "UNLEAK_STRICTNESS",
                "relaxed, balanced or strict",
            )?,
            limits_exceeded: read(
                word("UNLEAK_LIMITS_EXCEEDED"),
                Exceeded::parse,
                "UNLEAK_LIMITS_EXCEEDED",
                "report or block",
            )?,
        })
    }
}

fn read<T>(
    value: Option<OsString>,
    parse: impl Fn(&str) -> Option<T>,
    name: &str,
    words: &str,
) -> Result<Option<T>, String> {
    let Some(value) = value else { return Ok(None) };
    let parsed = value.to_str().and_then(parse);
    parsed
        .map(Some)
        .ok_or_else(|| format!("cannot use the variable {name}: it is {words}; correct or unset it"))
}

/// The single values of this run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// What a finding does to a commit.
    pub mode: Mode,
    /// How sure a finding must be.
    pub strictness: Strictness,
    /// What a limit that was reached does.
    pub limits_exceeded: Exceeded,
    /// What the inside of an item may cost.
    pub bounds: Bounds,
    /// May pushed files and comments allow something? Only a server's file says yes.
    pub trust_pushed: bool,
}

impl Settings {
    /// The first layer that sets a value wins. `configs`: the repository's (or the server's), then the user's.
    #[must_use]
    pub fn resolve(flags: &Overrides, variables: &Overrides, configs: &[&Config]) -> Self {
        Self {
            mode: flags
                .mode
                .or(variables.mode)
                .or_else(|| configs.iter().find_map(|config| config.mode))
                .unwrap_or_default(),
            strictness: flags
                .strictness
                .or(variables.strictness)
                .or_else(|| configs.iter().find_map(|config| config.strictness))
                .unwrap_or_default(),
            limits_exceeded: flags
                .limits_exceeded
                .or(variables.limits_exceeded)
                .or_else(|| configs.iter().find_map(|config| config.limits_exceeded))
                .unwrap_or_default(),
            bounds: configs.iter().fold(Bounds::default(), |bounds, config| bounds.or(config.bounds)),
            trust_pushed: configs.iter().find_map(|config| config.trust_pushed).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allow::Origin;

    fn config(origin: Origin, text: &str) -> Config {
        Config::parse("c", origin, text.as_bytes(), &Vec::new).expect("a configuration")
    }

    #[test]
    fn the_nearer_layer_wins() {
        let repository = config(Origin::Repository, "mode = \"warn\"\nstrictness = \"strict\"");
        let user =
            config(Origin::User, "mode = \"block\"\nlimits.exceeded = \"block\"\nstrictness = \"relaxed\"");
        let none = Overrides::default();
        let settings = Settings::resolve(&none, &none, &[&repository, &user]);
        assert_eq!(settings.mode, Mode::Warn);
        assert_eq!(settings.strictness, Strictness::Strict);
        assert_eq!(settings.limits_exceeded, Exceeded::Block);
        let variables = Overrides { mode: Some(Mode::Block), strictness: Some(Strictness::Relaxed), ..none };
        let flags = Overrides { strictness: Some(Strictness::Balanced), ..none };
        let settings = Settings::resolve(&flags, &variables, &[&repository, &user]);
        assert_eq!((settings.mode, settings.strictness), (Mode::Block, Strictness::Balanced));
        assert_eq!(Settings::resolve(&none, &none, &[]), Settings::default());
    }

    #[test]
    fn a_variable_that_is_not_understood_is_an_error() {
        let set = |name: &'static str, value: &'static str| {
            Overrides::from_env(move |asked| (asked == name).then(|| value.into()))
        };
        assert_eq!(set("UNLEAK_MODE", "warn").expect("fine").mode, Some(Mode::Warn));
        assert_eq!(set("UNLEAK_MODE", "").expect("fine"), Overrides::default());
        assert!(set("UNLEAK_MODE", "off").expect_err("wrong").contains("UNLEAK_MODE"));
        assert!(set("UNLEAK_STRICTNESS", "Strict").is_err());
    }

    #[test]
    fn only_a_server_trusts_what_is_pushed() {
        let none = Overrides::default();
        let server = config(Origin::Server, "[server]\ntrust_pushed = true");
        assert!(Settings::resolve(&none, &none, &[&server]).trust_pushed);
        assert!(!Settings::resolve(&none, &none, &[]).trust_pushed);
    }
}
