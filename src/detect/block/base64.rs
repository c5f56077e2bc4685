//! Base64 as people paste it: either alphabet, with or without padding.
//!
//! The trap: stray trailing bits are ignored, because a check must not fail over what every client accepts.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Decodes either alphabet; `None` for anything else.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let url_safe = text.iter().any(|b| matches!(b, b'-' | b'_'));
    if url_safe { URL_SAFE.decode(text).ok() } else { STANDARD.decode(text).ok() }
}

/// Encodes, padded, in the standard alphabet or the URL-safe one.
pub(crate) fn encode(bytes: &[u8], url_safe: bool) -> Vec<u8> {
    if url_safe { URL_SAFE.encode(bytes).into_bytes() } else { STANDARD.encode(bytes).into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_decode_with_and_without_padding() {
        for text in ["+/8=", "+/8", "-_8", "-_8="] {
            assert_eq!(decode(text.as_bytes()).unwrap(), [0xfb, 0xff], "{text}");
        }
        assert_eq!(decode(b"a b"), None);
    }
}
