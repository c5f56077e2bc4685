//! The man page, in roff, made from the table.

use std::fmt::Write as _;

use super::table::{COMMANDS, Flag, GLOBAL, ROOT, Spec};

/// The page, for section 1.
pub(super) fn page() -> String {
    let mut page = format!(
        ".\\\" Made by `unleak generate man`; do not edit.\n.TH UNLEAK 1 \"\" \"unleak {}\"\n",
        env!("CARGO_PKG_VERSION")
    );
    section(&mut page, "NAME");
    line(&mut page, "unleak - stops secrets at the commit");
    section(&mut page, "SYNOPSIS");
    page.push_str(
        ".B unleak\n[\\fIOPTIONS\\fR]\n.br\n.B unleak\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGS\\fR]\n",
    );
    section(&mut page, "DESCRIPTION");
    for text in [
        "unleak judges what a commit adds and stops it when it holds a secret: a key, a token, a password.",
        "Without a command it judges the staged changes: the lines of the index that HEAD lacks.",
        "It looks at nothing else, runs nothing of the repository, and uses no network.",
        "Findings go to standard output, everything else to standard error.",
    ] {
        line(&mut page, text);
    }
    section(&mut page, "COMMANDS");
    for spec in COMMANDS {
        command(&mut page, spec);
    }
    section(&mut page, "OPTIONS");
    line(&mut page, "Every command takes these.");
    for flag in GLOBAL {
        option(&mut page, flag);
    }
    section(&mut page, "EXIT STATUS");
    for (status, text) in [
        ("0", "Nothing was found, or there was nothing to judge, which is said."),
        ("1", "Secrets were found."),
        (
            "2",
            "Not everything could be judged, or the command line or configuration is wrong. A hook blocks then too.",
        ),
    ] {
        page.push_str(".TP\n");
        let _ = writeln!(page, ".B {status}");
        line(&mut page, text);
    }
    section(&mut page, "ENVIRONMENT");
    line(
        &mut page,
        "A variable stands in for its flag; the flag beats it. Those of flags without value are 1 or 0.",
    );
    for flag in GLOBAL {
        if let Some(variable) = flag.variable {
            page.push_str(".TP\n");
            let _ = writeln!(page, ".B {}", roff(variable));
            line(&mut page, &format!("--{}", flag.long));
        }
    }
    page.push_str(".TP\n");
    page.push_str(".B NO_COLOR\\fR, \\fBCLICOLOR_FORCE\\fR, \\fBFORCE_COLOR\\fR, \\fBCLICOLOR\n");
    line(&mut page, "Refuse or force colours, as usual.");
    section(&mut page, "FILES");
    for (file, text) in [
        (".unleak.toml", "The repository's configuration and allowlist, at its top."),
        ("$XDG_CONFIG_HOME/unleak/config.toml", "The user's own configuration."),
    ] {
        page.push_str(".TP\n");
        let _ = writeln!(page, ".I {}", roff(file));
        line(&mut page, text);
    }
    section(&mut page, "EXAMPLES");
    for example in ROOT.examples.iter().chain(COMMANDS.iter().flat_map(|spec| spec.examples)) {
        page.push_str(".PP\n.nf\n");
        line(&mut page, example);
        page.push_str(".fi\n");
    }
    section(&mut page, "SEE ALSO");
    page.push_str(".BR git (1),\n.BR githooks (5)\n");
    page
}

fn command(page: &mut String, spec: &Spec) {
    page.push_str(".SS ");
    let mut usage = format!("\"\\fBunleak {}\\fR", roff(spec.name));
    for argument in spec.arguments {
        let _ = write!(usage, " \\fI{}\\fR", roff(&argument.usage()));
    }
    for flag in spec.flags.iter().filter(|flag| flag.required) {
        let _ = write!(usage, " {}", roff(flag.usage().trim_start()));
    }
    let _ = writeln!(page, "{usage}\"");
    line(page, &sentence(spec.about));
    for text in spec.details {
        line(page, text);
    }
    for argument in spec.arguments {
        page.push_str(".TP\n");
        let _ = writeln!(page, ".I {}", roff(&argument.usage()));
        line(page, &sentence(&argument.kind.explain(argument.help)));
    }
    for flag in spec.flags {
        option(page, flag);
    }
}

fn option(page: &mut String, flag: &Flag) {
    page.push_str(".TP\n");
    let short = flag.short.map(|letter| format!("\\fB\\-{letter}\\fR, ")).unwrap_or_default();
    let value = flag.value.map(|(name, _)| format!(" \\fI{name}\\fR")).unwrap_or_default();
    let _ = writeln!(page, "{short}\\fB\\-\\-{}\\fR{value}", roff(flag.long));
    let many = if flag.many { " May be given more than once." } else { "" };
    line(page, &format!("{}{many}", sentence(&flag.explain())));
}

fn section(page: &mut String, name: &str) {
    let _ = writeln!(page, ".SH {name}");
}

/// A line of text; one that begins with a control character of roff is guarded.
fn line(page: &mut String, text: &str) {
    let guard = if text.starts_with(['.', '\'']) { "\\&" } else { "" };
    let _ = writeln!(page, "{guard}{}", roff(text));
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// Text with roff's own characters escaped: a plain `-` would print as a hyphen that cannot be pasted.
fn roff(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('…', "...").replace('`', "")
}
