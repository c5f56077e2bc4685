//! Shannon entropy, the cheapest of the signals: how evenly a value uses its own bytes.
//!
//! The trap: it says much about tokens and nothing about passwords, and a short value cannot have much of it.

/// Bits a byte, from 0 to 8, over the value's own byte frequencies; 0 for an empty one.
#[must_use]
pub fn shannon(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for &b in value {
        counts[usize::from(b)] += 1;
    }
    let length = value.len() as f64;
    counts.iter().filter(|count| **count > 0).fold(0.0, |sum, &count| {
        let share = f64::from(count) / length;
        sum - share * log2(share)
    })
}

/// The binary logarithm of a normal positive number, to nine digits. Own code so that every machine gives the same answer,
/// and because the mathematical library would be one more to load at every start.
fn log2(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let bits = x.to_bits();
    let exponent = f64::from((bits >> 52 & 0x7FF) as u32) - 1023.0;
    let mantissa = f64::from_bits(bits & MANTISSA | 1023 << 52);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = (0..9).rev().fold(0.0, |sum, n| sum * square + 1.0 / f64::from(2 * n + 1));
    exponent + 2.0 * std::f64::consts::LOG2_E * s * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_right_to_nine_digits() {
        for n in 1..2_000 {
            let x = f64::from(n) / 1_000.0;
            assert!((log2(x) - x.log2()).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn entropy_is_that_of_the_bytes_own_frequencies() {
        assert_eq!(shannon(b""), 0.0);
        assert_eq!(shannon(b"aaaa"), 0.0);
        assert_eq!(shannon(b"abab"), 1.0);
        assert_eq!(shannon(b"abcdefgh"), 3.0);
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(shannon(&all), 8.0);
    }
}
