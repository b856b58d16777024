//! A schema by its keywords.

use serde_json::{Map, Value, json};

pub(super) type Schema = Map<String, Value>;

/// The schema that no value is valid for.
pub(super) fn nothing() -> Value {
    json!({"not": {}})
}

pub(super) fn add_part(schema: &mut Schema, part: Value, at: usize) {
    let parts = schema.entry("allOf").or_insert_with(|| json!([]));
    if let Some(parts) = parts.as_array_mut() {
        parts.insert(at.min(parts.len()), part);
    }
}

/// Whether a keyword says nothing about which values are valid.
pub(super) fn is_annotation(key: &str) -> bool {
    let annotations = [
        "$comment",
        "default",
        "deprecated",
        "description",
        "example",
        "examples",
        "externalDocs",
        "readOnly",
        "title",
        "writeOnly",
        "xml",
    ];
    annotations.contains(&key) || key.starts_with("x-")
}
