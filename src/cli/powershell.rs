//! Completions for PowerShell, made from the table.

use std::fmt::Write as _;

use super::table::{COMMANDS, Flag, GLOBAL, Kind};

/// The script, to be sourced from a profile.
pub(super) fn script() -> String {
    let mut script = String::from(
        "# Completions of unleak for PowerShell. Made by `unleak generate powershell`; do not edit.\n\
         Register-ArgumentCompleter -Native -CommandName unleak -ScriptBlock {\n    \
         param($word, $ast, $cursor)\n    $values = @{\n",
    );
    for flag in COMMANDS.iter().flat_map(|spec| spec.flags).chain(GLOBAL) {
        match flag.value {
            Some((_, Kind::OneOf(words))) => {
                let _ = writeln!(
                    script,
                    "        {} = {}",
                    quoted(&format!("--{}", flag.long)),
                    list(words.iter().copied())
                );
            }
            Some(_) => {
                let _ = writeln!(script, "        {} = @()", quoted(&format!("--{}", flag.long)));
            }
            None => {}
        }
    }
    script.push_str("    }\n    $commands = [ordered]@{\n");
    for spec in COMMANDS {
        let _ = writeln!(script, "        {} = {}", quoted(spec.name), quoted(spec.about));
    }
    script.push_str("    }\n    $arguments = @{\n");
    for spec in COMMANDS {
        let words = spec.arguments.iter().find_map(|argument| match argument.kind {
            Kind::OneOf(words) => Some(words),
            Kind::File | Kind::Text => None,
        });
        let _ = writeln!(
            script,
            "        {} = {}",
            quoted(spec.name),
            list(words.unwrap_or(&[]).iter().copied())
        );
    }
    script.push_str("    }\n    $flags = @{\n");
    for spec in COMMANDS {
        let _ = writeln!(script, "        {} = {}", quoted(spec.name), list(spec.flags.iter().map(long)));
    }
    let _ = writeln!(script, "    }}\n    $global = {}", list(GLOBAL.iter().map(long)));
    script.push_str(
        r#"    $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
    $previous = $before[-1]
    if ($values.ContainsKey($previous)) {
        $words = $values[$previous]
    } else {
        $command = $null
        for ($i = 1; $i -lt $before.Count; $i++) {
            if ($values.ContainsKey($before[$i])) { $i++ }
            elseif (-not $before[$i].StartsWith('-')) { $command = $before[$i]; break }
        }
        if ($word.StartsWith('-')) {
            $words = $global
            if ($command -and $flags.ContainsKey($command)) { $words = $flags[$command] + $global }
        } elseif ($command) {
            $words = @()
            if ($arguments.ContainsKey($command) -and $previous -eq $command) { $words = $arguments[$command] }
        } else {
            $words = $commands.Keys
        }
    }
    $words | Where-Object { $_ -like "$word*" } | ForEach-Object {
        $tip = if ($commands.Contains($_)) { $commands[$_] } else { $_ }
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $tip)
    }
}
"#,
    );
    script
}

fn long(flag: &Flag) -> String {
    format!("--{}", flag.long)
}

fn list(words: impl Iterator<Item = impl AsRef<str>>) -> String {
    format!("@({})", words.map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
