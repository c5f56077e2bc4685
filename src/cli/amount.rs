//! Sizes and durations as people write them.
//!
//! Hands on numbers. The trap: a plain number must mean what its flag says (bytes, seconds), and what does not fit is an
//! error and never another number.

use std::time::Duration;

/// `500K`, `20M`, `1G`, `1.5M`, also with `B`: powers of 1,000; with `i` (`20MiB`) of 1,024. A plain number is bytes.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = lower[digits.len()..].trim();
    let unit = unit.strip_suffix('b').unwrap_or(unit);
    let (power, base) = match unit.strip_suffix('i') {
        Some(power) if !power.is_empty() => (power, 1_024_u64),
        _ => (unit, 1_000),
    };
    let power = match power {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return None,
    };
    let unit = base.checked_pow(power)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty()
        || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        || fraction.len() > 9
    {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    let part = match fraction {
        "" => 0,
        digits => {
            let scale = 10_u128.pow(u32::try_from(digits.len()).ok()?);
            u64::try_from(u128::from(unit) * digits.parse::<u128>().ok()? / scale).ok()?
        }
    };
    whole.checked_add(part)
}

/// `90s`, `10m`, `1h`, `1h30m`. A plain number is seconds.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    if rest.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Duration::from_secs(rest.parse().ok()?));
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = match rest[digits..].chars().next()? {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_understood_or_refused() {
        for (text, expected) in [
            ("0", Some(0)),
            ("512", Some(512)),
            ("500K", Some(500_000)),
            ("20M", Some(20_000_000)),
            ("20 MB", Some(20_000_000)),
            ("1g", Some(1_000_000_000)),
            ("1.5k", Some(1_500)),
            ("4KiB", Some(4_096)),
            ("17000000T", Some(17_000_000_000_000_000_000)),
            ("19000000T", None),
            ("99999999999999999999", None),
            ("", None),
            ("K", None),
            ("1.K", Some(1_000)),
            (".5K", None),
            ("-1", None),
            ("1X", None),
            ("1K2", None),
            ("ib", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }

    #[test]
    fn durations_are_understood_or_refused() {
        for (text, expected) in [
            ("90", Some(90)),
            ("90s", Some(90)),
            ("10m", Some(600)),
            ("1h30m", Some(5_400)),
            ("1d", Some(86_400)),
            ("", None),
            ("m", None),
            ("1x", None),
            ("-5s", None),
            ("10 m", None),
            ("1é", None),
            ("99999999999999999h", None),
        ] {
            assert_eq!(duration(text), expected.map(Duration::from_secs), "{text}");
        }
    }
}
