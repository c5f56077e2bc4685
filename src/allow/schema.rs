//! The JSON Schema (draft 2020-12) of `.unleak.toml`, for editors, written from the table of keys.
//!
//! Hands on: [`schema`]; `schema/unleak.schema.json` is its copy, and a test holds the two together. The trap: a schema knows
//! types and words only; regexes, globs that match everything, rule ids and versions are the parser's to refuse.

use serde_json::{Map, Value, json};

use super::keys::{Key, Kind, Section, TOP};

/// The schema as it is committed, a line end included.
#[must_use]
pub fn schema() -> String {
    let mut whole = section(&TOP);
    whole.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    whole.insert("title".into(), json!("unleak's configuration, .unleak.toml"));
    format!("{:#}\n", Value::Object(whole))
}

fn section(section: &Section) -> Map<String, Value> {
    let properties: Map<String, Value> =
        section.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = section.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut object = Map::new();
    object.insert("type".into(), json!("object"));
    object.insert("additionalProperties".into(), json!(false));
    object.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        object.insert("required".into(), json!(required));
    }
    object
}

fn property(key: &Key) -> Value {
    let mut value = kind(&key.kind);
    value["description"] = json!(key.doc);
    value
}

fn kind(kind: &Kind) -> Value {
    let array_of = |items: Value| json!({"type": "array", "items": items});
    match kind {
        Kind::Version => json!({"type": "string", "pattern": "^[0-9]+(\\.[0-9]+){0,2}$"}),
        Kind::Choice(words) => json!({"enum": words}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Text => json!({"type": "string"}),
        Kind::Reason => json!({"type": "string", "pattern": "\\S"}),
        Kind::Fingerprint => json!({"type": "string", "pattern": "^u1-[0-9a-f]{20}$"}),
        // Editors hand a TOML date on as its text.
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::Glob => glob(),
        Kind::Globs => array_of(glob()),
        Kind::Regexes => array_of(json!({"type": "string", "minLength": 1})),
        Kind::Stopwords => array_of(json!({"type": "string", "minLength": 3})),
        Kind::RuleIds | Kind::Texts => array_of(json!({"type": "string"})),
        Kind::Whole(low, high) => json!({"type": "integer", "minimum": low, "maximum": high}),
        Kind::Decimal(high) => json!({"type": "number", "minimum": 0, "maximum": high}),
        Kind::Table(inner) => Value::Object(section(inner)),
        Kind::Tables(inner) | Kind::Rules(inner) => array_of(Value::Object(section(inner))),
        Kind::OneOrMore(inner) => {
            let one = Value::Object(section(inner));
            json!({"anyOf": [one, {"type": "array", "items": section(inner)}]})
        }
        Kind::ByRule(inner) => json!({"type": "object", "additionalProperties": section(inner)}),
    }
}

fn glob() -> Value {
    json!({"type": "string", "minLength": 1, "pattern": "^[^!]"})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_has_not_drifted() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/unleak.schema.json");
        if std::env::var_os("UNLEAK_WRITE_SCHEMA").is_some() {
            std::fs::write(path, schema()).expect("the schema can be written");
        }
        let committed = std::fs::read_to_string(path).expect("the schema is committed");
        assert!(
            committed == schema(),
            "schema/unleak.schema.json is not what the table of keys says; write it again with \
             `UNLEAK_WRITE_SCHEMA=1 cargo test --lib allow::schema`"
        );
    }
}
