//! Makes test values out of the shapes that rule files give as examples, so that no secret-looking text is ever committed.
//!
//! A shape is literal text with `{class:N}` or `{class:N-M}` (the character sets of rule files; `{base64=:N}` ends in `=`), `{uuid}`, `{check:NAME}` (the
//! check's tail over the secret so far), `{b64:…}` (base64 of the shape inside); `{{` and `}}` are braces. The same seed
//! makes the same value on every machine.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::detect::rulefile::{charset, padded};
use crate::judge::checks;

/// A small generator of reproducible numbers (splitmix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Starts from a name and a number.
    #[must_use]
    pub fn new(name: &str, round: u64) -> Self {
        let seed = name.bytes().fold(0xCBF2_9CE4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        Self(seed ^ round.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Makes one value of the shape.
///
/// # Errors
/// What is wrong with the shape.
pub fn generate(shape: &str, random: &mut Random) -> Result<Vec<u8>, String> {
    let mut made = Vec::new();
    let mut rest = shape;
    while let Some(at) = rest.find(['{', '}']) {
        made.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            made.push(rest.as_bytes()[0]);
            rest = after;
            continue;
        }
        let end = closing(rest).ok_or_else(|| format!("shape `{shape}`: a brace is not closed"))?;
        part(&rest[1..end], random, &mut made).map_err(|e| format!("shape `{shape}`: {e}"))?;
        rest = &rest[end + 1..];
    }
    made.extend_from_slice(rest.as_bytes());
    Ok(made)
}

/// Where the brace that opens `text` is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.bytes().enumerate().find_map(|(at, byte)| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

fn part(part: &str, random: &mut Random, made: &mut Vec<u8>) -> Result<(), String> {
    let (name, argument) = part.split_once(':').unwrap_or((part, ""));
    match name {
        "uuid" => {
            for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                if index > 0 {
                    made.push(b'-');
                }
                draw(b"0123456789abcdef", length, random, made);
            }
            Ok(())
        }
        "b64" => {
            let inner = generate(argument, random)?;
            made.extend_from_slice(STANDARD.encode(inner).as_bytes());
            Ok(())
        }
        "check" => {
            // Where the secret starts is not written down: it is where the check holds with its own tail.
            let tails = || {
                (0..=made.len()).filter_map(|start| {
                    let tail = checks::tail(argument, &made[start..])?;
                    let whole = [&made[start..], &tail].concat();
                    Some((matches!(checks::run(argument, &whole), Some(checks::Check::Holds(_))), tail))
                })
            };
            let tail = tails().find(|(holds, _)| *holds).or_else(|| tails().next());
            let (_, tail) = tail.ok_or_else(|| format!("check `{argument}` makes no tail here"))?;
            made.extend(tail);
            Ok(())
        }
        _ => {
            let (name, padding) = padded(name);
            let set = charset(name).ok_or_else(|| format!("unknown class `{name}`"))?;
            let (low, high) = argument.split_once('-').unwrap_or((argument, argument));
            let bounds = low.parse::<usize>().ok().zip(high.parse::<usize>().ok());
            let (low, high) = bounds.filter(|(l, h)| l <= h && *h <= 4096).ok_or("a length is missing")?;
            let length = low + random.below(high - low + 1);
            let padding = usize::from(padding && length > 0);
            draw(&set, length - padding, random, made);
            made.extend(std::iter::repeat_n(b'=', padding));
            Ok(())
        }
    }
}

fn draw(set: &[u8], length: usize, random: &mut Random, made: &mut Vec<u8>) {
    made.extend((0..length).map(|_| set[random.below(set.len())]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(shape: &str) -> String {
        String::from_utf8(generate(shape, &mut Random::new("test", 0)).unwrap()).unwrap()
    }

    #[test]
    fn shapes_are_filled_in_and_repeatable() {
        let value = made("k_{hex:8}-{digits:2-3}");
        assert!(value.starts_with("k_") && (13..=14).contains(&value.len()), "{value}");
        assert_eq!(value, made("k_{hex:8}-{digits:2-3}"));
        assert_eq!(made("${{VAR}}"), "${VAR}");
        assert_eq!(made("{b64:ab{{c}}}"), STANDARD.encode("ab{c}"));
    }

    #[test]
    fn checks_complete_a_token() {
        let token = made("token = \"ghp_{base62:30}{check:github-crc32}\"");
        let secret = token.split('"').nth(1).unwrap();
        assert!(
            matches!(checks::run("github-crc32", secret.as_bytes()), Some(checks::Check::Holds(_))),
            "{token}"
        );
    }

    #[test]
    fn wrong_shapes_say_why() {
        for shape in ["{nothing:3}", "{hex}", "{hex:3", "{check:github-crc32}"] {
            assert!(generate(shape, &mut Random::new("test", 0)).is_err(), "{shape}");
        }
    }
}
