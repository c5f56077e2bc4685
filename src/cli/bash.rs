//! Completions for bash, made from the table. They stand alone: the bash-completion package is not needed.

use std::fmt::Write as _;

use super::table::{COMMANDS, GLOBAL, Kind, ROOT, Spec};

/// The script, to be sourced or put where bash-completion looks.
pub(super) fn script() -> String {
    let names: Vec<&str> = COMMANDS.iter().map(|spec| spec.name).collect();
    let mut script = format!(
        r#"# Completions of unleak for bash. Made by `unleak generate bash`; do not edit.
_unleak() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= given=0 i
    # bash splits --flag=value at the sign.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
            {with_value}) ((i++)); if [[ ${{COMP_WORDS[i]}} == = ]]; then ((i++)); fi ;;
            -*) ;;
            *) if [[ -z $command ]]; then command=${{COMP_WORDS[i]}}; else ((given++)); fi ;;
        esac
    done
    case $prev in
{values}    esac
    local words=
    case $command in
        '') if [[ $cur == -* ]]; then words='{global}'; else words='{names}'; fi ;;
"#,
        with_value = with_value().join("|"),
        values = values(),
        global = flags(&ROOT),
        names = names.join(" "),
    );
    for spec in COMMANDS {
        let _ = writeln!(script, "        {})", spec.name);
        let _ = writeln!(script, "            if [[ $cur == -* ]]; then words='{}'", flags(spec));
        for (at, argument) in spec.arguments.iter().enumerate() {
            let test = if argument.rest || argument.many {
                format!("given >= {at}")
            } else {
                format!("given == {at}")
            };
            match argument.kind {
                Kind::OneOf(words) => {
                    let _ = writeln!(script, "            elif (({test})); then words='{}'", words.join(" "));
                }
                Kind::File => {
                    let _ = writeln!(script, "            elif (({test})); then compopt -o default; return");
                }
                Kind::Text => {}
            }
        }
        script.push_str("            fi ;;\n");
    }
    script.push_str("    esac\n    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\ncomplete -F _unleak unleak\n");
    script
}

/// All flags that take a value.
fn with_value() -> Vec<String> {
    let all = COMMANDS.iter().flat_map(|spec| spec.flags).chain(GLOBAL);
    let mut names: Vec<String> =
        all.filter(|flag| flag.value.is_some()).map(|flag| format!("--{}", flag.long)).collect();
    crate::order::sort(&mut names);
    names.dedup();
    names
}

/// What follows a flag that takes a value.
fn values() -> String {
    let mut arms = String::new();
    for flag in COMMANDS.iter().flat_map(|spec| spec.flags).chain(GLOBAL) {
        let reply = match flag.value {
            Some((_, Kind::OneOf(words))) => {
                format!("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\"); return", words.join(" "))
            }
            Some((_, Kind::File)) => "compopt -o default; return".to_owned(),
            Some((_, Kind::Text)) => "return".to_owned(),
            None => continue,
        };
        let _ = writeln!(arms, "        --{}) {reply} ;;", flag.long);
    }
    arms
}

fn flags(spec: &Spec) -> String {
    spec.all_flags().map(|flag| format!("--{}", flag.long)).collect::<Vec<_>>().join(" ")
}
