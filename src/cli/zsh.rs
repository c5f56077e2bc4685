//! Completions for zsh, made from the table.

use std::fmt::Write as _;

use super::table::{Argument, COMMANDS, Flag, GLOBAL, Kind};

/// The script, to be put on `fpath` as `_unleak`.
pub(super) fn script() -> String {
    let mut script = String::from(
        "#compdef unleak\n# Completions of unleak for zsh. Made by `unleak generate zsh`; do not edit.\n\n\
         _unleak() {\n    local context state state_descr line\n    typeset -A opt_args\n    local -a global commands\n    global=(\n",
    );
    for flag in GLOBAL {
        option(&mut script, flag);
    }
    script.push_str("    )\n    commands=(\n");
    for spec in COMMANDS {
        let _ = writeln!(script, "        {}", quoted(&format!("{}:{}", spec.name, spec.about)));
    }
    script.push_str(
        "    )\n    _arguments -C $global '1: :->command' '*:: :->arguments' && return\n    case $state in\n        \
         command) _describe command commands ;;\n        arguments) case $line[1] in\n",
    );
    for spec in COMMANDS {
        let _ = writeln!(script, "    {})\n        _arguments $global \\", spec.name);
        for flag in spec.flags {
            script.push_str("    ");
            option(&mut script, flag);
            script.truncate(script.trim_end().len());
            script.push_str(" \\\n");
        }
        for argument in spec.arguments {
            let more = argument.rest || argument.many;
            let place = if more { "*" } else { "" };
            let Argument { name, kind, .. } = argument;
            let at = if more { String::new() } else { position(spec.arguments, name).to_string() };
            let _ = writeln!(
                script,
                "            {} \\",
                quoted(&format!("{place}{at}:{name}:{}", action(*kind)))
            );
        }
        script.push_str("            && return\n        ;;\n");
    }
    script.push_str("        esac ;;\n    esac\n}\n\nif [[ $funcstack[1] == _unleak ]]; then _unleak \"$@\"; else compdef _unleak unleak; fi\n");
    script
}

fn position(arguments: &[Argument], name: &str) -> usize {
    1 + arguments.iter().position(|argument| argument.name == name).unwrap_or(0)
}

fn option(script: &mut String, flag: &Flag) {
    let help = flag.help.replace('[', "(").replace(']', ")").replace(':', "\\:");
    let value = flag.value.map(|(name, kind)| format!(":{name}:{}", action(kind))).unwrap_or_default();
    let many = if flag.many { "*" } else { "" };
    let equals = if flag.value.is_some() { "=" } else { "" };
    let _ = writeln!(script, "        {}", quoted(&format!("{many}--{}{equals}[{help}]{value}", flag.long)));
    if let Some(letter) = flag.short {
        let _ = writeln!(script, "        {}", quoted(&format!("-{letter}[{help}]")));
    }
}

fn action(kind: Kind) -> String {
    match kind {
        Kind::OneOf(words) => format!("({})", words.join(" ")),
        Kind::File => "_files".to_owned(),
        Kind::Text => " ".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
