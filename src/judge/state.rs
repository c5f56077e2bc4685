//! Terraform's state: what it says itself is sensitive, whatever it is called.
//!
//! Hands on name and value of each place. Source: the state's format, version 4: `outputs.NAME.sensitive`, and for each instance
//! `sensitive_attributes`, paths of `get_attr` and `index` steps into its `attributes`. The trap: the parsed tree has no places, so
//! values are looked for in the text by what they are.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::Value;

/// A larger state is judged as a whole only: its tree would take several times its size.
const MOST_BYTES: usize = 32 << 20;

/// Shorter values stand everywhere.
const SHORTEST: usize = 4;

/// The values that the state calls sensitive, each with the key before it.
pub(super) fn sensitive(text: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    if text.len() > MOST_BYTES || memchr::memmem::find(text, b"\"sensitive").is_none() {
        return Vec::new();
    }
    let Ok(state) = serde_json::from_slice::<Value>(text) else { return Vec::new() };
    let mut values = HashSet::new();
    for output in state.get("outputs").and_then(Value::as_object).into_iter().flat_map(|all| all.values()) {
        if output.get("sensitive").and_then(Value::as_bool) == Some(true)
            && let Some(value) = output.get("value")
        {
            strings(value, &mut values);
        }
    }
    for instance in list(&state, "resources").flat_map(|resource| list(resource, "instances")) {
        for path in list(instance, "sensitive_attributes") {
            if let Some(value) = instance.get("attributes").and_then(|all| at(all, path)) {
                strings(value, &mut values);
            }
        }
    }
    if values.is_empty() { Vec::new() } else { places(text, &values) }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Where a path of steps leads.
fn at<'a>(attributes: &'a Value, path: &Value) -> Option<&'a Value> {
    path.as_array()?.iter().try_fold(attributes, |value, step| {
        // `{"type": "index", "value": {"value": 0, "type": "number"}}`
        let step = step.get("value")?;
        let step = step.get("value").unwrap_or(step);
        match step {
            Value::String(key) => value.get(key),
            step => value.get(usize::try_from(step.as_u64()?).ok()?),
        }
    })
}

/// Every text in a value.
fn strings<'a>(value: &'a Value, out: &mut HashSet<&'a str>) {
    match value {
        Value::String(text) if text.len() >= SHORTEST => {
            out.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        Value::Object(members) => members.values().for_each(|member| strings(member, out)),
        _ => {}
    }
}

/// Where these stand as values.
fn places(text: &[u8], values: &HashSet<&str>) -> Vec<(Range<usize>, Range<usize>)> {
    let mut found = Vec::new();
    let mut key = 0..0;
    let mut from = 0;
    while let Some(open) = memchr::memchr(b'"', &text[from..]) {
        let start = from + open + 1;
        let Some(end) = closing(text, start) else { break };
        from = end + 1;
        let blanks = text[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if text.get(from + blanks) == Some(&b':') {
            key = start..end;
            continue;
        }
        let written = &text[start..end];
        let is_one = match std::str::from_utf8(written) {
            Ok(plain) if !written.contains(&b'\\') => values.contains(plain),
            _ => serde_json::from_slice::<String>(&text[start - 1..from])
                .is_ok_and(|value| values.contains(value.as_str())),
        };
        if is_one {
            found.push((key.clone(), start..end));
        }
    }
    found
}

/// The quote that ends the string which starts there.
fn closing(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(state: &str) -> Vec<(&str, &str)> {
        let found = sensitive(state.as_bytes());
        found.into_iter().map(|(key, value)| (&state[key], &state[value])).collect()
    }

    #[test]
    fn sensitive_outputs_and_attributes_are_told_with_their_keys() {
        let state = r#"{"version": 4,
            "outputs": {"open": {"value": "public text", "type": "string"},
                        "dsn": {"value": "a\\b<hidden>", "type": "string", "sensitive": true},
                        "many": {"value": {"one": ["inner text", 7]}, "sensitive": true}},
            "resources": [{"instances": [{"attributes": {"id": "db-1", "word": "quite secret", "nested": [{"deep": "far down"}, {"deep": "not this"}]},
                "sensitive_attributes": [[{"type": "get_attr", "value": "word"}],
                    [{"type": "get_attr", "value": "nested"}, {"type": "index", "value": {"value": 0, "type": "number"}}, {"type": "get_attr", "value": "deep"}]]}]}]}"#;
        assert_eq!(
            told(state),
            [
                ("value", r"a\\b<hidden>"),
                ("one", "inner text"),
                ("word", "quite secret"),
                ("deep", "far down")
            ]
        );
    }

    #[test]
    fn what_is_no_state_tells_nothing() {
        for text in [
            "",
            "{",
            "\"sensitive",
            "{\"sensitive\": true}",
            "[1, \"sensitive\"]",
            "{\"outputs\": {\"a\": {\"sensitive\": true}}}",
        ] {
            assert_eq!(told(text), [], "{text}");
        }
    }
}
