//! `--help`, made from the table: a screen of 24 lines and 80 columns, no more. So the program's own names its options and
//! leaves what they do to `unleak help options`.

use super::table::{COMMANDS, Flag, GLOBAL, Spec};

/// The help of a command, or of the program.
pub(super) fn text(spec: &Spec) -> String {
    if spec.name.is_empty() { program() } else { command(spec) }
}

fn program() -> String {
    let mut text = format!(
        "unleak {}: stops secrets at the commit\n\n\
         Usage: unleak [OPTIONS]                    judge what is staged\n\
         \x20      unleak [OPTIONS] COMMAND [ARGS]\n\nCommands:\n",
        env!("CARGO_PKG_VERSION")
    );
    rows(&mut text, COMMANDS.iter().map(|spec| (spec.name.to_owned(), spec.about)));
    text.push_str("\nOptions, which `unleak help options` explains:\n");
    let mut line = String::from(" ");
    for flag in GLOBAL {
        let short = flag.short.map(|letter| format!("-{letter}/")).unwrap_or_default();
        let word = format!(" {short}--{}", flag.long);
        if line.len() + word.len() > 79 {
            text.push_str(&line);
            text.push('\n');
            line = String::from(" ");
        }
        line.push_str(&word);
    }
    text.push_str(&line);
    text.push_str("\nExit status: 0 nothing found, 1 secrets found, 2 could not judge everything\n");
    text
}

/// The options of every command.
pub(super) fn options() -> String {
    let mut text = String::from("Options of every command, before or after its name:\n\n");
    flags(&mut text, GLOBAL);
    text.push_str("\nMost can stand in a variable as well: UNLEAK_FORMAT=json, UNLEAK_QUIET=1.\n");
    text
}

fn command(spec: &Spec) -> String {
    let mut text = format!("{}: {}\n\nUsage: {}", spec.call(), spec.about, spec.call());
    for argument in spec.arguments {
        text.push(' ');
        text.push_str(&argument.usage());
    }
    for flag in spec.flags.iter().filter(|flag| flag.required) {
        text.push(' ');
        text.push_str(flag.usage().trim_start());
    }
    if spec.flags.iter().any(|flag| !flag.required) {
        text.push_str(" [OPTIONS]");
    }
    text.push_str("\n\n");
    for line in spec.details {
        text.push_str(line);
        text.push('\n');
    }
    if !spec.arguments.is_empty() {
        text.push_str("\nArguments:\n");
        rows(
            &mut text,
            spec.arguments.iter().map(|argument| (argument.usage(), argument.kind.explain(argument.help))),
        );
    }
    if !spec.flags.is_empty() {
        text.push_str("\nOptions:\n");
        flags(&mut text, spec.flags);
    }
    let examples = if spec.examples.len() == 1 { "Example" } else { "Examples" };
    text.push_str(&format!("\n{examples}:\n"));
    for example in spec.examples {
        text.push_str(&format!("  {example}\n"));
    }
    text.push_str("\nOptions of every command: see `unleak help options`\n");
    text
}

fn flags(text: &mut String, flags: &[Flag]) {
    rows(text, flags.iter().map(|flag| (flag.usage(), flag.explain())));
}

/// Two columns; a list of words that is too long for its line goes on below it.
fn rows(text: &mut String, rows: impl Iterator<Item = (String, impl AsRef<str>)> + Clone) {
    let width = rows.clone().map(|(name, _)| name.len()).max().unwrap_or(0).max(10);
    for (name, help) in rows {
        let mut line = format!("  {name:width$} ");
        for word in help.as_ref().split(' ') {
            if line.chars().count() + 1 + word.chars().count() > 80 {
                text.push_str(&line);
                text.push('\n');
                line = format!("  {:width$} ", "");
            }
            line.push(' ');
            line.push_str(word);
        }
        text.push_str(&line);
        text.push('\n');
    }
}
