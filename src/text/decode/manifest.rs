//! A Kubernetes `Secret`: the values under `data` are base64, which hides them from people and from nobody else.
//!
//! Hands on the map in the open, `key: value` a line, each value with its way back. YAML and JSON, lists and several
//! documents, and JSON in a string (`kubectl.kubernetes.io/last-applied-configuration`). The trap: a `SealedSecret` and one
//! that sops has encrypted hold nothing readable; what does not decode to text is left out.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::super::map::{Map, Pieces};
use super::{Decoded, reads};

/// How far around its kind a manifest is read, in bytes.
const REACH: usize = 256 << 10;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads the manifest whose kind stands at `hint`.
pub(super) fn secret(text: &[u8], hint: Range<usize>, most: usize) -> Option<Decoded> {
    // `kind: SecretStore` is another kind.
    if text.get(hint.end).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
        return None;
    }
    let pairs =
        if text[hint.clone()].starts_with(b"kind:") { yaml(text, hint.start) } else { json(text, &hint) };
    let mut bytes = Vec::new();
    let mut pieces = Pieces::default();
    let mut region: Option<Range<usize>> = None;
    for (key, value) in pairs {
        let written: Vec<u8> =
            text[value.clone()].iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
        let Some(decoded) =
            BASE64.decode(&written).ok().filter(|decoded| !decoded.is_empty() && reads(decoded))
        else {
            continue;
        };
        if bytes.len() + key.len() + decoded.len() + 3 > most {
            break;
        }
        // A colon, a blank and the line's end have no place of their own; they stand for what is between.
        let mut put = |part: &[u8], outer: Range<usize>| {
            pieces.push(bytes.len(), part.len(), outer);
            bytes.extend_from_slice(part);
        };
        put(&text[key.clone()], key.clone());
        put(if decoded.contains(&b'\n') { b":\n" } else { b": " }, key.end..key.end + 1);
        put(&decoded, value.clone());
        put(b"\n", value.end..value.end);
        region =
            Some(region.map_or(key.start, |region: Range<usize>| region.start.min(key.start))..value.end);
    }
    Some(Decoded {
        bytes,
        map: Map::new(pieces.step()?),
        region: region?,
        written: "a Kubernetes Secret's base64",
        judge_as: None,
    })
}

/// Keys and values below `data:` in the document around `kind`.
fn yaml(text: &[u8], kind: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let from = kind.saturating_sub(REACH);
    let start = memchr::memmem::rfind(&text[from..kind], b"\n---").map_or(from, |at| from + at + 4);
    let end = text.len().min(kind + REACH);
    let end = memchr::memmem::find(&text[kind..end], b"\n---").map_or(end, |at| kind + at + 1);
    let line = memchr::memrchr(b'\n', &text[start..kind]).map_or(start, |at| start + at + 1);
    let depth = kind - line;
    // All of it on one line or a few, as `{kind: Secret, data: {…}}`.
    let behind = &text[kind..end];
    let behind = &behind[..memchr::memchr(b'\n', behind).unwrap_or(behind.len())];
    let is_flow = memchr::memchr2(b',', b'}', behind).is_some();
    if is_flow || !text[line..kind].iter().all(|byte| matches!(byte, b' ' | b'-')) {
        let needle = b"data: {";
        let before = memchr::memmem::rfind(&text[start..kind], needle).map(|at| start + at);
        let behind = memchr::memmem::find(&text[kind..end], needle).map(|at| kind + at);
        let open = before.into_iter().chain(behind).map(|at| at + needle.len());
        return open.flat_map(|open| flow(text, open..end)).collect();
    }
    let mut pairs: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let (mut inside, mut passed) = (false, false);
    let mut at = start;
    while at < end {
        let stop = memchr::memchr(b'\n', &text[at..end]).map_or(end, |length| at + length);
        let line = at..stop;
        at = stop + 1;
        let content = text[line.clone()].trim_ascii();
        if content.is_empty() || content.starts_with(b"#") {
            continue;
        }
        let mut first = line.start + text[line.clone()].iter().take_while(|b| **b == b' ').count();
        // The first key of an item of a list.
        let item = text[first..].starts_with(b"- ");
        if item {
            first += 2;
            // The next item of the list is another manifest.
            if first - line.start == depth {
                if passed {
                    break;
                }
                pairs.clear();
                inside = false;
            }
        }
        passed |= line.contains(&kind);
        let indent = first - line.start;
        let rest = first..line.start + text[line.clone()].trim_ascii_end().len();
        if indent <= depth {
            inside = indent == depth && text[rest.clone()].starts_with(b"data:");
            if inside && let Some(open) = text[rest.clone()].strip_prefix(b"data: {") {
                pairs.extend(flow(text, rest.end - open.len()..end));
                inside = false;
            }
            if indent < depth && passed {
                break;
            }
            continue;
        }
        if !inside {
            continue;
        }
        match key_and_value(text, &rest) {
            Some(pair) => pairs.push(pair),
            // The next line of a value of several.
            None => {
                if let Some((_, value)) = pairs.last_mut() {
                    let fresh = text[value.clone()].iter().all(|b| matches!(b, b'|' | b'>' | b'-' | b'+'));
                    *value = if fresh { rest } else { value.start..rest.end };
                }
            }
        }
    }
    pairs
}

/// Keys and values of `{key: value, key: value}`, from behind its first brace.
fn flow(text: &[u8], span: Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let close = memchr::memchr2(b'}', b'{', &text[span.clone()]).unwrap_or(0);
    let mut at = span.start;
    let mut pairs = Vec::new();
    for part in text[span.start..span.start + close].split(|byte| *byte == b',') {
        let end = at + part.len();
        let blanks = part.len() - part.trim_ascii_start().len();
        pairs.extend(key_and_value(text, &(at + blanks..end)));
        at = end + 1;
    }
    pairs
}

fn key_and_value(text: &[u8], line: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let colon = line.start + memchr::memmem::find(&text[line.clone()], b":")?;
    let key = unquoted(text, line.start..colon);
    let mut value = colon + 1..line.end;
    if let Some(comment) = memchr::memmem::find(&text[value.clone()], b" #") {
        value.end = value.start + comment;
    }
    let blanks = text[value.clone()].iter().take_while(|b| b.is_ascii_whitespace()).count();
    value.start += blanks;
    value.end = value.start + text[value.clone()].trim_ascii_end().len();
    Some((key, unquoted(text, value)))
}

fn unquoted(text: &[u8], span: Range<usize>) -> Range<usize> {
    let bytes = &text[span.clone()];
    match bytes {
        [b'"', .., b'"'] | [b'\'', .., b'\''] => span.start + 1..span.end - 1,
        _ => span,
    }
}

/// Keys and values of the `"data": {…}` on either side of the kind; their quotes may be escaped.
fn json(text: &[u8], kind: &Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let from = kind.start.saturating_sub(REACH);
    let window = from..text.len().min(kind.end + REACH);
    let mut pairs = Vec::new();
    // In an object ordered by key it stands before the kind, else behind it.
    let needle: &[u8] = if text[kind.clone()].contains(&b'\\') { b"\"data\\\"" } else { b"\"data\"" };
    let before = memchr::memmem::rfind(&text[window.start..kind.start], needle).map(|at| window.start + at);
    let behind = memchr::memmem::find(&text[kind.end..window.end], needle).map(|at| kind.end + at);
    for at in before.into_iter().chain(behind) {
        let mut at = at + needle.len();
        let skip = |at: &mut usize, bytes: &[u8]| {
            *at += text[*at..window.end].iter().take_while(|b| bytes.contains(b)).count();
        };
        skip(&mut at, b" \n\r\t:");
        if text.get(at) != Some(&b'{') {
            continue;
        }
        at += 1;
        let mut strings = Vec::new();
        while at < window.end && text[at] != b'}' {
            if text[at] != b'"' {
                // A number or an object: no map of texts.
                if matches!(text[at], b'{' | b'[') {
                    break;
                }
                at += 1;
                continue;
            }
            let Some(length) = memchr::memchr(b'"', &text[at + 1..window.end]) else { break };
            let end = at + 1 + length;
            strings.push(at + 1..end - usize::from(text[end - 1] == b'\\'));
            at = end + 1;
        }
        pairs.extend(strings.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    fn opened(text: &str, kind: &str) -> Option<(String, Vec<String>)> {
        let at = text.find(kind).expect("a kind");
        let decoded = secret(text.as_bytes(), at..at + kind.len(), 1 << 20)?;
        let open = String::from_utf8(decoded.bytes).expect("text");
        // Where each value leads back to.
        let places = open.lines().filter_map(|line| {
            let value = &line[line.find(": ")? + 2..];
            let start = value.as_ptr() as usize - open.as_ptr() as usize;
            Some(text[decoded.map.back(&(start..start + value.len()))].to_owned())
        });
        Some((open.clone(), places.collect()))
    }

    #[test]
    fn yaml_is_opened_wherever_data_stands() {
        let value = STANDARD.encode("one-value");
        let other = STANDARD.encode("other");
        for text in [
            format!(
                "kind: Secret\nmetadata:\n  name: x\ndata:\n  a-key: {value}  # encoded\n  \"b\": '{other}'\n"
            ),
            format!("data:\n  a-key: {value}\n  b: {other}\nkind: Secret\ntype: Opaque\n"),
            format!(
                "kind: Pod\ndata:\n  no: {value}\n---\nkind: Secret\ndata:\n    a-key: {value}\n    b: {other}\n---\ndata:\n  c: {value}\n"
            ),
            format!(
                "items:\n- kind: Secret\n  data:\n    a-key: {value}\n    b: {other}\n- kind: X\n  data:\n    no: {value}\n"
            ),
        ] {
            let (open, places) = opened(&text, "kind: Secret").expect("opened");
            assert_eq!(open, "a-key: one-value\nb: other\n", "{text}");
            assert_eq!(places, [value.clone(), other.clone()], "{text}");
        }
    }

    #[test]
    fn flow_style_is_opened() {
        let value = STANDARD.encode("one-value");
        let other = STANDARD.encode("other");
        for text in [
            format!("apiVersion: v1\ndata: {{a-key: {value}, 'b': {other}}}\nkind: Secret\n"),
            format!(
                "kind: Secret\ndata: {{a-key: {value},\n  b: \"{other}\"}}\nstringData: {{c: {value}}}\n"
            ),
            format!(
                "{{apiVersion: v1, data: {{a-key: {value},\n    b: {other}}}, kind: Secret, metadata: {{}}}}\n"
            ),
            format!("items:\n- {{kind: Secret, data: {{a-key: {value}, b: {other}}}}}\n"),
        ] {
            let (open, places) = opened(&text, "kind: Secret").expect("opened");
            assert_eq!(
                (open.as_str(), places),
                ("a-key: one-value\nb: other\n", vec![value.clone(), other.clone()]),
                "{text}"
            );
        }
        for text in [
            "kind: Secret\ndata: {",
            "{kind: Secret, data: {a: {b: c}}}",
            "{kind: Secret}",
            "data: {}, kind: Secret",
        ] {
            assert!(opened(text, "kind: Secret").is_none(), "{text}");
        }
    }

    #[test]
    fn values_of_several_lines_are_joined() {
        let value = STANDARD.encode("first line of it\nsecond line of it\n");
        let (one, two) = value.split_at(24);
        let text = format!("kind: Secret\ndata:\n  k: |\n    {one}\n    {two}\n");
        assert_eq!(
            opened(&text, "kind: Secret").expect("opened").0,
            "k:\nfirst line of it\nsecond line of it\n\n"
        );
    }

    #[test]
    fn json_is_opened_also_inside_a_string() {
        let value = STANDARD.encode("one-value");
        for quote in ["\"", "\\\""] {
            let text = format!("{{'kind':'Secret','data':{{'a-key':'{value}'}},'x':1}}").replace('\'', quote);
            let kind = format!("{quote}kind{quote}:{quote}Secret");
            let (open, places) = opened(&text, &kind).expect("opened");
            assert_eq!((open.as_str(), places), ("a-key: one-value\n", vec![value.clone()]), "{text}");
        }
    }

    #[test]
    fn other_kinds_and_what_is_encrypted_stay_closed() {
        let value = STANDARD.encode("one-value");
        assert!(opened(&format!("kind: SecretStore\ndata:\n  a: {value}\n"), "kind: Secret").is_none());
        assert!(
            opened("kind: Secret\ndata:\n  a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\n", "kind: Secret")
                .is_none()
        );
        assert!(opened("kind: Secret\n", "kind: Secret").is_none());
    }
}
