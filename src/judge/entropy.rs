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
        sum - share * share.log2()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
