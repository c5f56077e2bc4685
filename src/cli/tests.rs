//! The command line as people type it, and that what is made from the table has not drifted.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command as Process;

use super::table::{COMMANDS, GLOBAL, Kind};
use super::*;

fn given(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Invocation, UsageError> {
    parse(arguments.iter().map(OsString::from), |name| {
        variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
    })
}

fn ran(arguments: &[&str]) -> (Command, Options) {
    match given(arguments, &[]) {
        Ok(Invocation::Run(command, options)) => (command, options),
        other => panic!("{arguments:?}: {other:?}"),
    }
}

fn options(arguments: &[&str], variables: &[(&str, &str)]) -> Options {
    match given(arguments, variables) {
        Ok(Invocation::Run(_, options)) => options,
        other => panic!("{arguments:?}: {other:?}"),
    }
}

fn printed(arguments: &[&str]) -> String {
    match given(arguments, &[]) {
        Ok(Invocation::Print(text)) => text,
        other => panic!("{arguments:?}: {other:?}"),
    }
}

fn refused(arguments: &[&str]) -> String {
    given(arguments, &[]).expect_err("a refusal").to_string()
}

#[test]
fn nothing_means_the_staged_diff() {
    assert_eq!(ran(&[]), (Command::Staged, Options::default()));
}

#[test]
fn flags_stand_before_and_after_a_command() {
    let (command, options) = ran(&["-q", "--format", "json", "install", "--color=never"]);
    assert_eq!(command, Command::Install { hooks: Vec::new(), global: false, team: None });
    assert_eq!(
        options,
        Options { quiet: true, format: Format::Json, color: Color::Never, ..Options::default() }
    );
}

#[test]
fn the_last_of_two_values_counts() {
    assert_eq!(options(&["--format=json", "--format=human"], &[]).format, Format::Human);
}

#[test]
fn what_follows_a_hooks_name_is_never_a_flag() {
    let (command, options) =
        ran(&["--strictness", "strict", "hook", "pre-commit", "--quiet", "--", "-x", "a b"]);
    assert_eq!(options.strictness, Some(Strictness::Strict));
    assert!(!options.quiet);
    let arguments = ["--quiet", "--", "-x", "a b"].map(OsString::from).to_vec();
    assert_eq!(command, Command::Hook { name: "pre-commit".to_owned(), arguments });
}

#[test]
#[cfg(unix)]
fn bytes_that_are_no_utf8_come_through() {
    use std::os::unix::ffi::OsStringExt as _;
    let name = || OsString::from_vec(b"caf\xe9".to_vec());
    let parsed = parse(["hook".into(), "pre-commit".into(), name()], |_| None);
    let Ok(Invocation::Run(Command::Hook { arguments, .. }, _)) = parsed else { panic!("{parsed:?}") };
    assert_eq!(arguments, [name()]);
    let parsed = parse(["--config".into(), name()], |_| None);
    let Ok(Invocation::Run(_, options)) = parsed else { panic!("{parsed:?}") };
    assert_eq!(options.config, Some(name().into()));
    let error = parse([name()], |_| None).expect_err("a refusal").to_string();
    assert!(error.contains("`caf\\xe9`"), "{error}");
}

#[test]
fn installing_takes_its_flags() {
    let hooks = vec!["pre-commit".to_owned(), "pre-merge-commit".to_owned()];
    let (command, _) = ran(&["install", "--hook=pre-commit", "--hook", "pre-merge-commit", "--global"]);
    assert_eq!(command, Command::Install { hooks, global: true, team: None });
    let (command, _) = ran(&["install", "--team", "husky"]);
    assert_eq!(
        command,
        Command::Install { hooks: Vec::new(), global: false, team: Some("husky".to_owned()) }
    );
    assert_eq!(ran(&["uninstall", "--force"]).0, Command::Uninstall { global: false, force: true });
    assert_eq!(
        refused(&["install", "--global", "--team", "husky"]),
        "--global and --team cannot go together"
    );
}

#[test]
fn allowing_asks_for_a_reason() {
    let (command, _) =
        ran(&["allow", "u1-00", "--reason", "sample", "--path", "docs/**", "--expires=2027-06-30"]);
    let expected = Command::Allow {
        fingerprint: "u1-00".to_owned(),
        path: Some("docs/**".to_owned()),
        reason: "sample".to_owned(),
        expires: Some("2027-06-30".to_owned()),
    };
    assert_eq!(command, expected);
    assert!(refused(&["allow", "u1-00"]).contains("lacks --reason TEXT"));
    assert!(refused(&["allow", "u1-00", "--reason", " "]).contains("lacks --reason TEXT"));
    assert!(refused(&["allow", "u1-00", "--reason", "…"]).contains("lacks --reason TEXT"));
    assert!(refused(&["allow", "--reason", "x"]).contains("lacks FINGERPRINT"));
}

#[test]
fn variables_stand_in_for_flags_and_flags_beat_them() {
    let variables = [
        ("UNLEAK_FORMAT", "jsonl"),
        ("UNLEAK_COLOR", "always"),
        ("UNLEAK_CONFIG", "a.toml"),
        ("UNLEAK_QUIET", "1"),
    ];
    let from_variables = options(&[], &variables);
    assert_eq!(from_variables.format, Format::Jsonl);
    assert_eq!(from_variables.color, Color::Always);
    assert_eq!(from_variables.config, Some("a.toml".into()));
    assert!(from_variables.quiet);
    let beaten = options(&["--format", "human", "--config=b.toml", "-v"], &variables);
    assert_eq!(beaten.format, Format::Human);
    assert_eq!(beaten.config, Some("b.toml".into()));
    assert!(beaten.verbose && !beaten.quiet);
    assert!(!options(&[], &[("UNLEAK_SHOW_SECRETS", "0")]).show_secrets);
    assert_eq!(options(&[], &[("UNLEAK_FORMAT", "")]), Options::default());
}

#[test]
fn a_wrong_variable_is_named() {
    let error = given(&[], &[("UNLEAK_FORMAT", "xml")]).expect_err("a refusal").to_string();
    assert_eq!(error, "UNLEAK_FORMAT cannot be `xml`: it is one of human, json, jsonl, sarif, github, html");
    let error = given(&[], &[("UNLEAK_QUIET", "maybe")]).expect_err("a refusal").to_string();
    assert_eq!(error, "UNLEAK_QUIET cannot be `maybe`: it is 1 or 0");
}

#[test]
fn what_was_meant_is_named() {
    for (arguments, expected) in [
        (
            &["scan"][..],
            "there is no command `scan`: `unleak` alone judges what is staged, `unleak paths PATH` whole files, `unleak range A..B` commits",
        ),
        (
            &["staged"],
            "there is no command `staged`: `unleak` alone judges what is staged, `unleak paths PATH` whole files, `unleak range A..B` commits",
        ),
        (
            &["."],
            "there is no command `.`: `unleak` alone judges what is staged; did you mean `unleak paths .`?",
        ),
        (
            &["src/main.rs"],
            "there is no command `src/main.rs`: `unleak` alone judges what is staged; did you mean `unleak paths src/main.rs`?",
        ),
        (&["main..HEAD"], "there is no command `main..HEAD`: did you mean `unleak range main..HEAD`?"),
        (&["instal"], "there is no command `instal`: did you mean `unleak install`?"),
        (&["frobnicate"], "there is no command `frobnicate`: `unleak --help` lists all"),
        (&["--formt", "json"], "`unleak` has no flag --formt: did you mean --format?"),
        (&["--reason", "x", "allow"], "`unleak` has no flag --reason: it belongs behind `unleak allow`"),
        (
            &["--format", "jsno"],
            "--format cannot be `jsno`: it is one of human, json, jsonl, sarif, github, html (did you mean json?)",
        ),
        (&["--format"], "--format lacks its value: --format FORMAT"),
        (&["--quiet=yes"], "--quiet takes no value, and `yes` was given"),
        (&["-x"], "`unleak` has no flag -x: `unleak --help` lists all"),
        (&["-qv"], "--quiet and --verbose cannot go together"),
        (&["hook"], "`unleak hook` lacks NAME: which hook"),
        (
            &["hook", "post-commit"],
            "NAME cannot be `post-commit`: it is one of pre-commit, pre-merge-commit, commit-msg, pre-push, pre-receive",
        ),
        (
            &["install", "here"],
            "`unleak install` takes no argument `here` (`unleak install --help` tells more)",
        ),
        (&["a\x1b[31mb"], "there is no command `a\\x1b[31mb`: `unleak --help` lists all"),
    ] {
        assert_eq!(refused(arguments), expected);
    }
}

#[test]
fn no_refusal_is_longer_than_a_few_lines() {
    assert!(refused(&[&"x".repeat(100_000)]).len() < 200);
}

#[test]
fn help_can_be_asked_for_in_every_way() {
    let main = printed(&["--help"]);
    for arguments in [&["-h"][..], &["help"], &["-q", "-h"]] {
        assert_eq!(printed(arguments), main);
    }
    let allow = printed(&["allow", "--help"]);
    for arguments in [&["--help", "allow"][..], &["help", "allow"], &["allow", "-h", "--format", "json"]] {
        assert_eq!(printed(arguments), allow);
    }
    assert_eq!(printed(&["--version"]), format!("unleak {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_help_fits_a_screen() {
    let pages = std::iter::once(printed(&["--help"]))
        .chain(COMMANDS.iter().map(|spec| printed(&[spec.name, "--help"])))
        .chain([printed(&["help", "options"])]);
    for page in pages {
        assert!(page.lines().count() <= 24, "{} lines:\n{page}", page.lines().count());
        for line in page.lines() {
            assert!(line.chars().count() <= 80, "too wide: {line}");
        }
    }
}

#[test]
fn every_command_and_value_of_the_table_is_understood() {
    for spec in COMMANDS {
        let mut words = vec![spec.name];
        for argument in spec.arguments.iter().filter(|argument| !argument.rest && !argument.many) {
            words.push(match argument.kind {
                Kind::OneOf(values) => values[0],
                Kind::File | Kind::Text => "value",
            });
        }
        // One flag at a time, and those that must be there: some do not go together.
        let given = |flag: &table::Flag| match flag.value {
            Some((_, Kind::OneOf(values))) => format!("--{}={}", flag.long, values[0]),
            Some(("DURATION", _)) => format!("--{}=10m", flag.long),
            Some(("SIZE", _)) => format!("--{}=10M", flag.long),
            Some(_) => format!("--{}=value", flag.long),
            None => format!("--{}", flag.long),
        };
        let required: Vec<String> = spec.flags.iter().filter(|flag| flag.required).map(given).collect();
        words.extend(required.iter().map(String::as_str));
        let plain = ran(&words).0;
        assert_ne!(plain, Command::Staged, "{}", spec.name);
        for flag in spec.flags.iter().filter(|flag| !flag.required) {
            let with: Vec<&str> = words.iter().copied().chain([given(flag).leak() as &str]).collect();
            assert_ne!(ran(&with).0, plain, "{} --{} changes nothing", spec.name, flag.long);
        }
    }
    for flag in GLOBAL {
        let values = match flag.value {
            Some((_, Kind::OneOf(values))) => values,
            Some(_) => &["value"],
            None => continue,
        };
        // Each value sets something of its own: options that differ from one another.
        let mut seen: Vec<Options> = Vec::new();
        for value in values {
            let options = options(&[&format!("--{}={value}", flag.long)], &[]);
            assert!(!seen.contains(&options), "--{}={value}", flag.long);
            seen.push(options);
        }
    }
    let Some(spec) = table::command("generate") else { panic!("no generate") };
    let Kind::OneOf(words) = spec.arguments[0].kind else { panic!("no words") };
    assert_eq!(words, Artifact::ALL.map(Artifact::name));
}

/// `UPDATE=1 cargo test --lib cli::` writes the files anew.
#[test]
fn generated_files_have_not_drifted() {
    for artifact in Artifact::ALL {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(artifact.file());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(&file, artifact.text()).expect("a file");
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
        assert!(
            kept == artifact.text(),
            "{} differs from the table: UPDATE=1 cargo test --lib cli::",
            artifact.file()
        );
    }
}

#[test]
#[cfg(unix)]
fn bash_completes_commands_flags_and_values() {
    let all = COMMANDS.iter().map(|spec| spec.name).collect::<Vec<_>>().join(" ");
    for (words, expected) in [
        (&["unleak", ""][..], all.as_str()),
        (&["unleak", "un"], "uninstall"),
        (&["unleak", "--f"], "--format"),
        (&["unleak", "--format", "js"], "json jsonl"),
        (&["unleak", "--format", "=", "js"], "json jsonl"),
        (&["unleak", "--config", "x", "ho"], "hook"),
        (&["unleak", "hook", "pre-m"], "pre-merge-commit"),
        (&["unleak", "generate", "z"], "zsh"),
        (&["unleak", "allow", "--r"], "--reason"),
        (&["unleak", "allow", "--reason", ""], ""),
    ] {
        let script = format!(
            "{}\nCOMP_WORDS=({}); COMP_CWORD={}; _unleak; echo \"${{COMPREPLY[*]}}\"",
            Artifact::Bash.text(),
            words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
            words.len() - 1,
        );
        let output = Process::new("bash").args(["--norc", "-c", &script]).output().expect("bash");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected, "{words:?}");
    }
}
