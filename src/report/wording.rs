//! Numbers, amounts and wrapped sentences as people read them.

use std::time::Duration;

use super::terminal::text_columns;
use crate::finding::Finding;

/// `1 file`, `5,000 files`.
pub(super) fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A number with its thousands set apart: `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `612 bytes`, `1.8 KB`, `30 MB`: powers of 1,000, rounded down so that no unit reads as 1,000 of it.
pub(crate) fn size(bytes: u64) -> String {
    if bytes < 1_000 {
        return count(bytes, "byte");
    }
    let mut tenths = bytes / 100;
    let mut units = ["KB", "MB", "GB", "TB", "PB", "EB"].into_iter();
    let mut unit = units.next().unwrap_or("KB");
    while tenths >= 10_000 {
        tenths /= 1_000;
        unit = units.next().unwrap_or(unit);
    }
    if tenths < 100 {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    } else {
        format!("{} {unit}", tenths / 10)
    }
}

/// `0.6 ms`, `12 ms`, `1.4 s`.
pub(super) fn time(elapsed: Duration) -> String {
    let tenths = elapsed.as_micros() / 100;
    match tenths {
        0..10 => format!("0.{tenths} ms"),
        10..10_000 => format!("{} ms", tenths / 10),
        _ => format!("{}.{} s", tenths / 10_000, tenths / 1_000 % 10),
    }
}

/// Breaks a sentence between words into lines of at most `width` columns; a longer word gets a line of its own.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if text_columns(line) + 1 + text_columns(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// The way out where the kind of file has one of its own.
pub(super) fn instead(finding: &Finding) -> Option<&'static str> {
    if let Some(cell) = &finding.inside.cell {
        return match cell.part {
            "output" => Some("clear the cell's output: jupyter nbconvert --clear-output --inplace FILE"),
            "input" => {
                Some("read it from os.environ, or ask for it with getpass; a magic like !export is saved too")
            }
            _ => None,
        };
    }
    let name = finding.path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let builds = |start: &[u8]| lower.starts_with(start) || lower.ends_with(&[b".", start].concat());
    if builds(b"dockerfile") || builds(b"containerfile") {
        return Some("give it when the container runs; to build with it: RUN --mount=type=secret,id=NAME");
    }
    if lower.ends_with(b".log") {
        return Some("keep logs out of the repository, and mask them: unleak redact");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(size(1), "1 byte");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(1_834), "1.8 KB");
        assert_eq!(size(10_000), "10 KB");
        assert_eq!(size(999_999), "999 KB");
        assert_eq!(size(30_000_000), "30 MB");
        assert_eq!(size(u64::MAX), "18 EB");
    }

    #[test]
    fn times_read_well() {
        assert_eq!(time(Duration::from_micros(640)), "0.6 ms");
        assert_eq!(time(Duration::from_micros(2_900)), "2 ms");
        assert_eq!(time(Duration::from_millis(1_450)), "1.4 s");
    }

    #[test]
    fn sentences_break_between_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("incomprehensible", 5), ["incomprehensible"]);
        assert_eq!(wrap("", 5), [""]);
    }
}
