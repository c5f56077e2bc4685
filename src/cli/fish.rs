//! Completions for fish, made from the table.

use std::fmt::Write as _;

use super::table::{COMMANDS, Flag, GLOBAL, Kind};

/// The script, to be put in fish's `completions` folder.
pub(super) fn script() -> String {
    let names: Vec<&str> = COMMANDS.iter().map(|spec| spec.name).collect();
    let names = names.join(" ");
    let mut script = String::from(
        "# Completions of unleak for fish. Made by `unleak generate fish`; do not edit.\n\
         complete -c unleak -f\n",
    );
    for flag in GLOBAL {
        option(&mut script, "", flag);
    }
    for spec in COMMANDS {
        let none = format!("not __fish_seen_subcommand_from {names}");
        let _ = writeln!(
            script,
            "complete -c unleak -n {} -a {} -d {}",
            quoted(&none),
            spec.name,
            quoted(spec.about)
        );
        let seen = format!("__fish_seen_subcommand_from {}", spec.name);
        for flag in spec.flags {
            option(&mut script, &seen, flag);
        }
        for argument in spec.arguments {
            let words = match argument.kind {
                Kind::OneOf(words) => words,
                Kind::File => {
                    let _ = writeln!(script, "complete -c unleak -n {} -F", quoted(&seen));
                    continue;
                }
                Kind::Text => continue,
            };
            let words = words.join(" ");
            let unseen = format!("{seen}; and not __fish_seen_subcommand_from {words}");
            let (unseen, words, help) = (quoted(&unseen), quoted(&words), quoted(argument.help));
            let _ = writeln!(script, "complete -c unleak -n {unseen} -a {words} -d {help}");
        }
    }
    script
}

fn option(script: &mut String, condition: &str, flag: &Flag) {
    script.push_str("complete -c unleak");
    if !condition.is_empty() {
        let _ = write!(script, " -n {}", quoted(condition));
    }
    if let Some(letter) = flag.short {
        let _ = write!(script, " -s {letter}");
    }
    let _ = write!(script, " -l {}", flag.long);
    match flag.value {
        Some((_, Kind::OneOf(words))) => {
            let _ = write!(script, " -x -a {}", quoted(&words.join(" ")));
        }
        Some((_, Kind::File)) => script.push_str(" -r -F"),
        Some((_, Kind::Text)) => script.push_str(" -x"),
        None => {}
    }
    let _ = writeln!(script, " -d {}", quoted(flag.help));
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}
