//! Check digits of money: payment cards (Luhn, ISO/IEC 7812) and IBAN (ISO 7064, mod 97-10).
//!
//! The trap: one number in ten passes Luhn, so a pass only supports what the rule already believes.

use super::Check;
use super::OnFailure::Drop;

/// A card number of 12 to 19 digits, blanks and hyphens between them ignored.
pub(super) fn card(secret: &[u8]) -> Check {
    match digits(secret) {
        Some(digits) if (12..=19).contains(&digits.len()) => Check::checksum(luhn(&digits) == 0, Drop),
        _ => Check::Unknown,
    }
}

/// The last digit.
pub(super) fn card_tail(so_far: &[u8]) -> Option<Vec<u8>> {
    let mut digits = digits(so_far)?;
    digits.push(0);
    Some(vec![b'0' + (10 - luhn(&digits)) % 10])
}

fn digits(text: &[u8]) -> Option<Vec<u8>> {
    let kept = text.iter().filter(|b| !matches!(b, b' ' | b'-'));
    kept.map(|b| b.is_ascii_digit().then(|| b - b'0')).collect()
}

fn luhn(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &d)| u32::from(if at % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 }))
        .sum();
    (sum % 10) as u8
}

/// An IBAN of 15 to 34 characters, blanks ignored.
pub(super) fn iban(secret: &[u8]) -> Check {
    let text: Vec<u8> = secret.iter().filter(|b| **b != b' ').map(u8::to_ascii_uppercase).collect();
    let shaped = (15..=34).contains(&text.len())
        && text[..2].iter().all(u8::is_ascii_uppercase)
        && text[2..4].iter().all(u8::is_ascii_digit)
        && text.iter().all(u8::is_ascii_alphanumeric);
    if !shaped {
        return Check::Unknown;
    }
    let remainder = text[4..].iter().chain(&text[..4]).fold(0u32, |rest, &b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        _ => (rest * 100 + u32::from(b - b'A') + 10) % 97,
    });
    Check::checksum(remainder == 1, Drop)
}

#[cfg(test)]
mod tests {
    use super::super::{run, tail};
    use super::*;

    const HOLDS: Option<Check> = Some(Check::Holds("checksum holds"));
    const FAILS: Option<Check> = Some(Check::fails("checksum does not hold", Drop));

    #[test]
    fn a_card_passes_with_its_own_last_digit_only() {
        // Luhn's textbook number, and blanks as on a card.
        assert_eq!(run("card-luhn", b"7992 7398 7130"), FAILS);
        let mut number = b"4539-1488-0343-646".to_vec();
        number.extend(tail("card-luhn", &number).unwrap());
        assert_eq!(run("card-luhn", &number), HOLDS);
        number[0] = b'5';
        assert_eq!(run("card-luhn", &number), FAILS);
        assert_eq!(run("card-luhn", b"79927398713"), Some(Check::Unknown));
    }

    /// ISO 13616's own examples.
    #[test]
    fn an_iban_is_one_modulo_97() {
        assert_eq!(run("iban", b"GB82 WEST 1234 5698 7654 32"), HOLDS);
        assert_eq!(run("iban", b"DE89370400440532013000"), HOLDS);
        assert_eq!(run("iban", b"GB82 WEST 1234 5698 7654 33"), FAILS);
        assert_eq!(run("iban", b"no account"), Some(Check::Unknown));
    }
}
