//! Which call a place stands in, and whether that call prints, logs or raises.
//!
//! Hands on the call from its name to the end of the line. The trap: what stands between (`len(token)`, `mask(token)`) may
//! make something harmless of the value, so only calls that are known to pass it on are looked through.

use std::ops::Range;

/// Functions that print, whatever they are called on.
const PRINTS: [&str; 34] = [
    "print",
    "println",
    "printf",
    "printfn",
    "eprint",
    "eprintln",
    "pprint",
    "puts",
    "pp",
    "dbg",
    "panic",
    "panicf",
    "panicln",
    "var_dump",
    "print_r",
    "var_export",
    "error_log",
    "trigger_error",
    "dd",
    "dump",
    "die",
    "writeline",
    "warn",
    "fatalf",
    "fatalln",
    "putstrln",
    "nslog",
    "system.out.println",
    "system.out.print",
    "system.out.printf",
    "sys.stdout.write",
    "sys.stderr.write",
    "process.stdout.write",
    "process.stderr.write",
];

/// Levels and the like, when they are asked of a logger.
const LEVELS: [&str; 44] = [
    "log",
    "debug",
    "info",
    "warn",
    "warning",
    "error",
    "critical",
    "fatal",
    "trace",
    "exception",
    "notice",
    "verbose",
    "alert",
    "emergency",
    "success",
    "debugf",
    "infof",
    "warnf",
    "warningf",
    "errorf",
    "fatalf",
    "tracef",
    "panicf",
    "debugw",
    "infow",
    "warnw",
    "errorw",
    "logf",
    "loginformation",
    "logdebug",
    "logwarning",
    "logerror",
    "logtrace",
    "logcritical",
    "print",
    "printf",
    "println",
    "write",
    "d",
    "e",
    "i",
    "w",
    "v",
    "msg",
];

/// What loggers are called beside names with `log` in them.
const LOGGERS: [&str; 5] = ["console", "tracing", "winston", "timber", "debug"];

/// Macros of Rust that log or fail, beside those that print.
const MACROS: [&str; 9] =
    ["debug!", "info!", "warn!", "error!", "trace!", "bail!", "anyhow!", "ensure!", "panic!"];

/// Functions that hand the value on as a text.
const PASS_ON: [&str; 40] = [
    "str",
    "string",
    "repr",
    "format",
    "sprintf",
    "json.stringify",
    "json.dumps",
    "string.valueof",
    "string.format",
    "fmt.sprintf",
    "fmt.sprint",
    "f",
    "u",
    "b",
    "unicode",
    "dict",
    "tostring",
    "inspect",
    "util.inspect",
    "zap.string",
    "zap.any",
    "slog.string",
    "slog.any",
    "format!",
    "objects.tostring",
    "arrays.tostring",
    "new string",
    "bytes.decode",
    "encodeuricomponent",
    "strval",
    "pprint.pformat",
    "kv",
    "os.getenv",
    "os.environ.get",
    "environ.get",
    "system.getenv",
    "getenv",
    "env",
    "env.fetch",
    "std.env.var",
];

/// What the words begin with that print without brackets, names of loggers, and steps of a CI job; the rest is called.
pub(super) const FIRST_LETTERS: &[u8] = b"eEpPwWrRtTlLs@$-";

/// The call that prints what stands at `at` in these lines.
pub(super) fn call(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut depth = 0usize;
    for index in (0..at).rev() {
        match bytes[index] {
            b')' => depth += 1,
            b'(' if depth > 0 => depth -= 1,
            b'(' => {
                let callee = callee(&bytes[..index]);
                if is_sink(bytes, &callee, index) {
                    return Some(callee.start..trimmed_end(bytes));
                }
                let name = lower(&bytes[callee]);
                // "…".format(
                let name = name.trim_start_matches('.').to_owned();
                if !name.is_empty() && !PASS_ON.contains(&name.as_str()) {
                    return None;
                }
            }
            // A statement ended between.
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    statement(bytes, at)
}

fn trimmed_end(bytes: &[u8]) -> usize {
    bytes.trim_ascii_end().len()
}

fn lower(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_ascii_lowercase()
}

/// The dotted name before an opening bracket.
fn callee(before: &[u8]) -> Range<usize> {
    let end = before.len();
    let mut start = end;
    while start > 0 {
        let byte = before[start - 1];
        let part = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'!' | b':' | b'@');
        let arrow = byte == b'>' && start > 1 && before[start - 2] == b'-'
            || byte == b'-' && before.get(start) == Some(&b'>');
        if !part && !arrow {
            break;
        }
        start -= 1;
    }
    // A label or a key (`case: print(`) is no part of it.
    let colon = before[start..end].iter().rposition(|b| *b == b':').filter(|at| start + at + 1 < end);
    match colon {
        Some(at) if at == 0 || before[start + at - 1] != b':' => start + at + 1..end,
        _ => start..end,
    }
}

fn is_sink(bytes: &[u8], callee: &Range<usize>, open: usize) -> bool {
    let whole = lower(&bytes[callee.clone()]).replace("->", ".").replace("::", ".");
    let whole = whole.trim_start_matches(['$', '@', '!', '.']);
    let (receiver, last) = whole.rsplit_once('.').unwrap_or(("", whole));
    let plain = last.trim_end_matches('!');
    // Printing to something given (`fmt.Fprintf(w, …)`) is writing a file or an answer; so is `response.print`.
    let printer = matches!(
        receiver,
        "" | "fmt"
            | "console"
            | "system.out"
            | "system.err"
            | "debug"
            | "trace"
            | "log"
            | "sys.stdout"
            | "warnings"
    ) || receiver.ends_with("log")
        || receiver.ends_with("logger");
    if PRINTS.contains(&plain) && printer
        || PRINTS.contains(&whole)
        || MACROS.contains(&last) && receiver.is_empty()
    {
        return true;
    }
    let head = receiver.rsplit('.').next().unwrap_or_default();
    let is_logger = LOGGERS.contains(&head) || is_named_log(head);
    if is_logger && LEVELS.contains(&plain) {
        return true;
    }
    if whole == "errors.new" || whole == "fmt.errorf" || whole == "errors.errorf" || whole == "fail" {
        return true;
    }
    // raise ValueError(…), throw new IllegalStateException(…)
    let class = &bytes[callee.clone()];
    let class = class.rsplit(|b| matches!(b, b'.' | b':' | b'\\')).next().unwrap_or_default();
    let before = bytes[..callee.start].trim_ascii_end();
    let raised = [&b"raise"[..], b"throw", b"new", b"reject"].iter().any(|word| before.ends_with(word))
        || bytes[..open].windows(6).any(|w| w == b"raise " || w == b"throw ");
    raised
        && class.first().is_some_and(u8::is_ascii_uppercase)
        && (class.ends_with(b"Error") || class.ends_with(b"Exception"))
}

/// `log`, `logger`, `LOG`, `requestLogger`, `access_log`, not `login`, `dialog`, `catalog`, `blog`.
fn is_named_log(name: &str) -> bool {
    const NOT: [&str; 6] = ["dialog", "catalog", "blog", "backlog", "analog", "changelog"];
    let name = name.trim_end_matches("()");
    (name.ends_with("log") || name.ends_with("logger") || name.ends_with("logging") || name == "logs")
        && !NOT.iter().any(|word| name.ends_with(word))
}

/// What stands before a shell's command in the files that say what CI does: `- run: `, `script: `, `- `.
fn step_of_a_job(line: &[u8]) -> usize {
    let rest = line.strip_prefix(b"- ").unwrap_or(line);
    let rest = [&b"run: "[..], b"script: "].iter().find_map(|key| rest.strip_prefix(*key)).unwrap_or(rest);
    let shell = [&b"echo "[..], b"printf "].iter().any(|word| rest.starts_with(word));
    if shell { line.len() - rest.len() } else { 0 }
}

/// Words at the start of a line that print without brackets: shell, Ruby, PHP; Python's and Ruby's `raise`.
fn statement(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace()).filter(|start| *start < at)?;
    let start = start + step_of_a_job(&bytes[start..at]);
    let line = &bytes[start..];
    let length = line.iter().position(u8::is_ascii_whitespace).filter(|length| start + length < at)?;
    let word = lower(&line[..length]);
    let rest = &line[length..];
    let shell = matches!(
        word.as_str(),
        "echo" | "printf" | "write-host" | "write-output" | "write-error" | "write-verbose" | "logger"
    );
    let plain = shell || matches!(word.as_str(), "puts" | "print" | "pp" | "p" | "warn" | "raise" | "throw");
    let method = word.rsplit_once('.').is_some_and(|(receiver, level)| {
        let head = receiver.rsplit(['.', ':', '$', '@']).next().unwrap_or_default();
        (is_named_log(head) || LOGGERS.contains(&head)) && LEVELS.contains(&level)
    });
    if !plain && !method {
        return None;
    }
    // What goes on to a command or a file is handed over, not printed; a mask is what a log needs.
    let handed_on = shell
        && (rest.contains(&b'|')
            || rest.windows(1).any(|w| w == b">") && !rest.windows(3).any(|w| w == b">&2"));
    // An assignment: `print = token`.
    let assigned = rest.trim_ascii_start().first() == Some(&b'=');
    let masked = memchr::memmem::find(rest, b"::add-mask::").is_some();
    (!handed_on && !assigned && !masked).then(|| start..trimmed_end(bytes))
}
