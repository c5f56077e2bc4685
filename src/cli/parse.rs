//! Reads the command line and the `UNLEAK_*` variables by the table.
//!
//! Hands on an [`Invocation`], or a [`UsageError`] that names what was meant. The trap: what follows `hook NAME` comes
//! from git or a hook manager and holds names of files. One called `--quiet` must not be a flag, so nothing there is.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use lexopt::Arg;

use super::amount;
use super::suggest::nearest;
use super::table::{self, Argument, COMMANDS, Flag, GLOBAL, Kind, MEANT, ROOT, Spec};
use super::{Artifact, Color, Command, Format, Invocation, Options, Strictness, help};
use crate::report::escape;

/// What is wrong with the command line, in one line; the exit status is 2.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// Reads the arguments (without the program's name) and, through `variable`, the environment. A flag beats its variable.
///
/// # Errors
///
/// What no row of the table covers, values that are none of those allowed, what is missing or too much.
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Invocation, UsageError> {
    let given = Given::read(lexopt::Parser::from_args(arguments))?;
    if given.has("help") {
        let text = if given.all_options { help::options() } else { help::text(given.spec) };
        return Ok(Invocation::Print(text));
    }
    if given.has("version") {
        return Ok(Invocation::Print(format!("unleak {}\n", env!("CARGO_PKG_VERSION"))));
    }
    let options = given.options(variable)?;
    Ok(Invocation::Run(given.typed()?, options))
}

/// What was given, each flag held against the table, its value not yet typed.
struct Given {
    spec: &'static Spec,
    flags: Vec<(&'static Flag, OsString)>,
    arguments: Vec<OsString>,
    /// Help is asked for on the options of every command.
    all_options: bool,
}

impl Given {
    fn read(mut parser: lexopt::Parser) -> Result<Self, UsageError> {
        let mut given = Self { spec: &ROOT, flags: Vec::new(), arguments: Vec::new(), all_options: false };
        while let Some(argument) = parser.next().map_err(|error| told(&error))? {
            let flag = match argument {
                Arg::Value(value) => {
                    if given.positional(value)? {
                        let rest = parser.raw_args().map_err(|error| told(&error))?;
                        given.arguments.extend(rest);
                    }
                    continue;
                }
                Arg::Long(name) => given.long(name)?,
                Arg::Short(letter) => given.short(letter)?,
            };
            let value = match flag.value {
                Some((name, _)) => parser.value().map_err(|_| {
                    UsageError(format!("--{} lacks its value: --{} {name}", flag.long, flag.long))
                })?,
                None => OsString::new(),
            };
            if let Some((_, kind)) = flag.value {
                check(&format!("--{}", flag.long), kind, &value)?;
            }
            given.flags.push((flag, value));
        }
        Ok(given)
    }

    /// Takes a word that is no flag; true when all that follows is to be taken as it stands.
    fn positional(&mut self, value: OsString) -> Result<bool, UsageError> {
        if std::ptr::eq(self.spec, &raw const ROOT) {
            // `unleak help allow` is asked before anything is known of tables.
            if value == "help" {
                self.flags.extend(
                    GLOBAL.iter().find(|flag| flag.long == "help").map(|flag| (flag, OsString::new())),
                );
                return Ok(false);
            }
            if value == "options" && self.has("help") {
                self.all_options = true;
                return Ok(false);
            }
            self.spec = value.to_str().and_then(table::command).ok_or_else(|| unknown_command(&value))?;
            return Ok(false);
        }
        let at = self.arguments.len();
        let last = self.spec.arguments.last().filter(|argument| argument.many);
        let Some(argument) = self.spec.arguments.get(at).or(last) else {
            return Err(UsageError(format!(
                "`{}` takes no argument `{}` (`{} --help` tells more)",
                self.spec.call(),
                quoted(&value),
                self.spec.call()
            )));
        };
        check(argument.name, argument.kind, &value)?;
        self.arguments.push(value);
        Ok(argument.rest || self.spec.arguments.get(at + 1).is_some_and(|next| next.rest))
    }

    fn long(&self, name: &str) -> Result<&'static Flag, UsageError> {
        if let Some(flag) = self.spec.all_flags().find(|flag| flag.long == name) {
            return Ok(flag);
        }
        let shown = escape(name.as_bytes());
        let owner = COMMANDS.iter().find(|spec| spec.flags.iter().any(|flag| flag.long == name));
        let hint = match (owner, nearest(name, self.spec.all_flags().map(|flag| flag.long))) {
            (Some(owner), _) => format!("it belongs behind `{}`", owner.call()),
            (None, Some(near)) => format!("did you mean --{near}?"),
            (None, None) => format!("`{} --help` lists all", self.spec.call()),
        };
        Err(UsageError(format!("`{}` has no flag --{shown}: {hint}", self.spec.call())))
    }

    fn short(&self, letter: char) -> Result<&'static Flag, UsageError> {
        self.spec.all_flags().find(|flag| flag.short == Some(letter)).ok_or_else(|| {
            let shown = escape(letter.to_string().as_bytes());
            UsageError(format!("`{0}` has no flag -{shown}: `{0} --help` lists all", self.spec.call()))
        })
    }

    fn has(&self, long: &str) -> bool {
        self.flags.iter().any(|(flag, _)| flag.long == long)
    }

    /// The values of a flag that may be given once; the last counts.
    fn value(&self, long: &str) -> Option<&OsStr> {
        self.flags.iter().rev().find(|(flag, _)| flag.long == long).map(|(_, value)| value.as_os_str())
    }

    /// A value that must be text; the last counts.
    fn text(&self, long: &str) -> Result<Option<String>, UsageError> {
        Ok(self.texts(long)?.pop())
    }

    /// A value that is a number with a unit; the last counts.
    fn amount<T>(
        &self,
        long: &str,
        read: impl Fn(&str) -> Option<T>,
        what: &str,
    ) -> Result<Option<T>, UsageError> {
        let wrong = |text: &str| {
            UsageError(format!("--{long} cannot be `{}`: it is {what}", quoted(OsStr::new(text))))
        };
        self.text(long)?.map(|text| read(&text).ok_or_else(|| wrong(&text))).transpose()
    }

    /// All values of a flag that may be given more than once.
    fn texts(&self, long: &str) -> Result<Vec<String>, UsageError> {
        let utf8 = |value: &OsStr| {
            value
                .to_str()
                .map(str::to_owned)
                .ok_or_else(|| UsageError(format!("--{long} must be UTF-8, and `{}` is not", quoted(value))))
        };
        self.flags.iter().filter(|(flag, _)| flag.long == long).map(|(_, value)| utf8(value)).collect()
    }

    /// The flags of every command, each from the command line, else from its variable.
    fn options(&self, variable: impl Fn(&str) -> Option<OsString>) -> Result<Options, UsageError> {
        let (mut options, mut loud) = (Options::default(), (false, false));
        options.output = self.value("output").map(PathBuf::from);
        for flag in GLOBAL {
            let Some(name) = flag.variable else { continue };
            let given = self.value(flag.long).map(OsStr::to_owned);
            let by_flag = given.is_some();
            let value = match given {
                Some(value) => value,
                // An empty variable is how a shell unsets one for a single command.
                None => match variable(name).filter(|value| !value.is_empty()) {
                    Some(value) => value,
                    None => continue,
                },
            };
            match flag.value {
                Some((_, kind)) => {
                    if !by_flag {
                        check(name, kind, &value)?;
                    }
                    options.set(flag.long, value);
                }
                None if by_flag || is_true(name, &value)? => {
                    match flag.long {
                        "quiet" => loud.0 = by_flag,
                        "verbose" => loud.1 = by_flag,
                        _ => {}
                    }
                    options.set(flag.long, value);
                }
                None => {}
            }
        }
        if options.quiet && options.verbose {
            // A flag beats a variable, whichever of the two it is.
            match loud {
                (true, false) => options.verbose = false,
                (false, true) => options.quiet = false,
                _ => return Err(UsageError("--quiet and --verbose cannot go together".to_owned())),
            }
        }
        Ok(options)
    }

    fn typed(mut self) -> Result<Command, UsageError> {
        let required = self.spec.arguments.iter().filter(|argument| !argument.rest && !argument.many);
        if let Some(Argument { name, help, .. }) = required.clone().nth(self.arguments.len()) {
            return Err(UsageError(format!("`{}` lacks {name}: {help}", self.spec.call())));
        }
        // The report's own `--reason "…"`, pasted as it stands, is no reason either.
        let says_nothing = |value: &OsStr| value == "…" || value.as_encoded_bytes().trim_ascii().is_empty();
        let missing = |flag: &&Flag| flag.required && self.value(flag.long).is_none_or(says_nothing);
        if let Some(flag) = self.spec.flags.iter().find(missing) {
            let (call, usage) = (self.spec.call(), flag.usage());
            return Err(UsageError(format!("`{call}` lacks {}: {}", usage.trim_start(), flag.help)));
        }
        Ok(match self.spec.name {
            "install" => {
                let hooks = self.flags.iter().filter(|(flag, _)| flag.long == "hook");
                let hooks = hooks.map(|(_, name)| name.to_string_lossy().into_owned()).collect();
                let (global, team) = (self.has("global"), self.text("team")?);
                if global && team.is_some() {
                    return Err(UsageError("--global and --team cannot go together".to_owned()));
                }
                Command::Install { hooks, global, team }
            }
            "uninstall" => Command::Uninstall { global: self.has("global"), force: self.has("force") },
            "allow" => Command::Allow {
                fingerprint: self.arguments.remove(0).to_string_lossy().into_owned(),
                path: self.text("path")?,
                reason: self.text("reason")?.unwrap_or_default(),
                expires: self.text("expires")?,
            },
            "explain" => {
                Command::Explain { place: self.arguments.remove(0), work_tree: self.has("work-tree") }
            }
            "hook" => {
                let name = self.arguments.remove(0).to_string_lossy().into_owned();
                Command::Hook { name, arguments: self.arguments }
            }
            "history" => Command::History {
                unreachable: self.has("unreachable"),
                no_cache: self.has("no-cache"),
                time_limit: self.amount(
                    "time-limit",
                    amount::duration,
                    "a duration such as 90s, 10m or 1h",
                )?,
            },
            "doctor" => Command::Doctor {
                canary: self.has("canary"),
                timeout: self.amount("timeout", amount::duration, "a duration such as 90s, 10m or 1h")?,
            },
            "redact" => Command::Redact {
                exec: self.has("exec"),
                env_secrets: self.texts("env-secrets")?,
                command: self.arguments,
            },
            "image" => Command::Image {
                time_limit: self.amount(
                    "time-limit",
                    amount::duration,
                    "a duration such as 90s, 10m or 1h",
                )?,
                path: self.arguments.remove(0),
            },
            "paths" => Command::Paths {
                exclude: self.texts("exclude")?,
                respect_gitignore: self.has("respect-gitignore"),
                max_file_size: self.amount("max-file-size", amount::bytes, "a size such as 20M")?,
                skip_unreadable: self.has("skip-unreadable"),
                time_limit: self.amount(
                    "time-limit",
                    amount::duration,
                    "a duration such as 90s, 10m or 1h",
                )?,
                paths: self.arguments,
            },
            "range" => {
                let utf8 = |value: &OsString| {
                    value.to_str().map(str::to_owned).ok_or_else(|| {
                        UsageError(format!("a range must be UTF-8, and `{}` is not", quoted(value)))
                    })
                };
                Command::Range {
                    ranges: self.arguments.iter().map(utf8).collect::<Result<_, _>>()?,
                    stdin: self.has("stdin"),
                    since: self.text("since")?,
                    time_limit: self.amount(
                        "time-limit",
                        amount::duration,
                        "a duration such as 90s, 10m or 1h",
                    )?,
                }
            }
            "rules" => Command::Rules {
                provider: self.text("provider")?,
                severity: self.text("severity")?,
                kind: self.text("kind")?,
                own: self.has("own"),
                words: self.arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            },
            "generate" => {
                let artifact =
                    Artifact::ALL.into_iter().find(|artifact| self.arguments[0] == artifact.name());
                Command::Generate(artifact.expect("the table allows no other word"))
            }
            _ => Command::Staged,
        })
    }
}

impl Options {
    /// Sets one option from a value that the table allows.
    fn set(&mut self, long: &str, value: OsString) {
        let word = value.to_str().unwrap_or_default();
        match long {
            "format" => {
                self.format = match word {
                    "json" => Format::Json,
                    "jsonl" => Format::Jsonl,
                    "sarif" => Format::Sarif,
                    "github" => Format::Github,
                    "html" => Format::Html,
                    _ => Format::Human,
                }
            }
            "strictness" => {
                self.strictness = Some(match word {
                    "relaxed" => Strictness::Relaxed,
                    "strict" => Strictness::Strict,
                    _ => Strictness::Balanced,
                });
            }
            "color" => {
                self.color = match word {
                    "always" => Color::Always,
                    "never" => Color::Never,
                    _ => Color::Auto,
                }
            }
            "config" => self.config = Some(PathBuf::from(value)),
            "show-secrets" => self.show_secrets = true,
            "quiet" => self.quiet = true,
            "verbose" => self.verbose = true,
            _ => {}
        }
    }
}

/// Holds a value against what its flag, variable or argument allows.
fn check(name: &str, kind: Kind, value: &OsStr) -> Result<(), UsageError> {
    let shown = quoted(value);
    match kind {
        Kind::OneOf(words) if !words.iter().any(|word| value == *word) => {
            let near = value.to_str().and_then(|value| nearest(value, words.iter().copied()));
            let hint = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            Err(UsageError(format!("{name} cannot be `{shown}`: it is one of {}{hint}", words.join(", "))))
        }
        Kind::File if value.is_empty() => Err(UsageError(format!("{name} lacks a file's name"))),
        _ => Ok(()),
    }
}

/// What a variable says that stands for a flag without value.
fn is_true(name: &str, value: &OsStr) -> Result<bool, UsageError> {
    match value.to_str() {
        Some("1" | "true" | "yes" | "on") => Ok(true),
        Some("0" | "false" | "no" | "off") => Ok(false),
        _ => Err(UsageError(format!("{name} cannot be `{}`: it is 1 or 0", quoted(value)))),
    }
}

fn unknown_command(value: &OsStr) -> UsageError {
    let (shown, word) = (quoted(value), value.to_str().unwrap_or_default());
    let meant = MEANT.iter().find(|(words, _)| words.contains(&word)).map(|(_, meant)| (*meant).to_owned());
    let hint = if let Some(meant) = meant {
        meant
    } else if let Some(near) = nearest(word, COMMANDS.iter().map(|spec| spec.name)) {
        format!("did you mean `unleak {near}`?")
    } else if is_range(word) {
        format!("did you mean `unleak range {shown}`?")
    } else if word == "-"
        || value.as_encoded_bytes().iter().any(|b| b"./\\".contains(b))
        || std::path::Path::new(value).exists()
    {
        format!("`unleak` alone judges what is staged; did you mean `unleak paths {shown}`?")
    } else {
        "`unleak --help` lists all".to_owned()
    };
    UsageError(format!("there is no command `{shown}`: {hint}"))
}

/// `A..B`, and no path with `..` in it.
fn is_range(word: &str) -> bool {
    let parts = word.split_once("..").filter(|_| !std::path::Path::new(word).exists());
    parts.is_some_and(|(from, to)| !from.is_empty() && !from.ends_with('/') && !to.starts_with('/'))
}

/// An argument as a message shows it: harmless, and not longer than a line.
fn quoted(value: &OsStr) -> String {
    let text = escape(value.as_encoded_bytes());
    if text.chars().count() <= 60 { text } else { text.chars().take(57).chain("...".chars()).collect() }
}

/// lexopt's own errors: a value where none is taken.
fn told(error: &lexopt::Error) -> UsageError {
    match error {
        lexopt::Error::UnexpectedValue { option, value } => {
            let option = escape(option.as_bytes());
            UsageError(format!("{option} takes no value, and `{}` was given", quoted(value)))
        }
        other => UsageError(escape(other.to_string().as_bytes())),
    }
}
