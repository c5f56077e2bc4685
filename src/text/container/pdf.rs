//! PDF: its deflated streams, found by their keyword; nothing of the document's structure is needed for that.

use memchr::memmem;

use super::super::budget::{Budget, Metered};
use super::Visitor;

/// How far before a stream its dictionary is looked at.
const DICTIONARY: usize = 600;

pub(super) fn walk(bytes: &[u8], budget: &Budget, visitor: &mut dyn Visitor) -> Result<(), String> {
    if memmem::find(bytes, b"/Encrypt").is_some() {
        budget.reach("its streams are encrypted".to_owned());
        return Ok(());
    }
    let mut from = 0;
    let mut number = 0u64;
    while let Some(found) = memmem::find(&bytes[from..], b"stream") {
        let at = from + found;
        let start = at + b"stream".len();
        from = start;
        let rest = &bytes[start..];
        if bytes[..at].ends_with(b"end") {
            continue;
        }
        let Some(data) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) else { continue };
        number += 1;
        let dictionary = &bytes[at.saturating_sub(DICTIONARY)..at];
        let own = memmem::rfind(dictionary, b" obj").map_or(dictionary, |object| &dictionary[object..]);
        if !is_zlib(data) || memmem::find(own, b"/Image").is_some() {
            continue;
        }
        if !budget.member() {
            return Ok(());
        }
        let mut content = Metered::new(flate2::bufread::ZlibDecoder::new(data), budget);
        visitor.member(format!("stream {number}").as_bytes(), &mut content);
        if budget.is_spent() {
            return Ok(());
        }
        // Deflated bytes may spell the keyword.
        from = memmem::find(&bytes[start..], b"endstream").map_or(bytes.len(), |end| start + end);
    }
    Ok(())
}

/// The two bytes that open a zlib stream (RFC 1950, 2.2).
fn is_zlib(data: &[u8]) -> bool {
    matches!(data, [first, second, ..]
        if first & 0x0F == 8 && (u16::from(*first) * 256 + u16::from(*second)) % 31 == 0)
}
