//! The rules for the keywords of one schema, once the schemas in it are translated.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::keywords::{Schema, add_part, is_annotation, nothing};
use super::{bounds, types};

/// `source` is the schema as the vendor has it, and null is valid by all of it or not.
pub(super) fn apply(schema: &mut Schema, source: &Schema, allows_null: bool) {
    beside_reference(schema);
    left_over(schema);
    tuple(schema);
    constant(schema);
    described_words(schema, source);
    bounds::numeric(schema);
    example(schema);
    content(schema);
    types::null(schema, allows_null);
    types::split(schema);
    if schema.get("required").is_some_and(|required| *required == json!([])) {
        schema.remove("required");
    }
    if schema.get("type").is_some_and(|kind| kind == "array") {
        schema.entry("items").or_insert(json!({}));
    }
}

/// 3.0 reads nothing beside a reference.
fn beside_reference(schema: &mut Schema) {
    if schema.len() > 1
        && let Some(reference) = schema.remove("$ref")
    {
        add_part(schema, json!({"$ref": reference}), 0);
    }
}

/// What is refused where other schemas apply is `additionalProperties` and `items` here.
fn left_over(schema: &mut Schema) {
    let keys = [("unevaluatedProperties", "additionalProperties"), ("unevaluatedItems", "items")];
    for (key, other) in keys {
        let says_something = |value: &Value| *value != true && *value != json!({});
        if let Some(value) = schema.remove(key).filter(says_something) {
            schema.entry(other).or_insert(value);
        }
    }
}

/// A list in 3.0 has one schema for all its items: which of them stands where is lost.
fn tuple(schema: &mut Schema) {
    let Some(Value::Array(mut first)) = schema.remove("prefixItems") else { return };
    let rest = schema.remove("items").unwrap_or(json!({}));
    let most = schema.get("maxItems").and_then(Value::as_u64);
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let is_all = rest == nothing();
    if is_all && first.len() < most {
        schema.insert("maxItems".to_owned(), json!(first.len()));
    }
    first.truncate(most);
    if !is_all && first.len() < most {
        first.push(rest);
    }
    let mut distinct = Vec::new();
    for item in first {
        if !distinct.contains(&item) {
            distinct.push(item);
        }
    }
    let items = match distinct.len() {
        _ if distinct.contains(&json!({})) => json!({}),
        0 => json!({}),
        1 => distinct.remove(0),
        _ => json!({"anyOf": distinct}),
    };
    schema.insert("items".to_owned(), items);
}

fn constant(schema: &mut Schema) {
    if let Some(word) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([word]));
    }
}

/// Words that each have a text of their own are branches in 3.1.
fn described_words(schema: &mut Schema, source: &Schema) {
    for key in ["oneOf", "anyOf"] {
        let Some(branches) = source.get(key).and_then(Value::as_array) else { continue };
        let words: Option<Vec<_>> = branches.iter().map(described_word).collect();
        let Some(words) = words.filter(|words| !words.is_empty()) else { continue };
        if schema.contains_key("enum") {
            continue;
        }
        schema.remove(key);
        schema.insert("enum".to_owned(), words.into_iter().cloned().collect());
        let kinds: Option<BTreeSet<_>> = branches.iter().map(|it| it["type"].as_str()).collect();
        if let Some(kinds) = kinds.filter(|_| !schema.contains_key("type")) {
            schema.insert("type".to_owned(), kinds.into_iter().collect());
        }
    }
}

fn described_word(branch: &Value) -> Option<&Value> {
    let branch = branch.as_object()?;
    let is_text = |key: &String| key == "const" || key == "type" || is_annotation(key);
    branch.get("const").filter(|_| branch.keys().all(is_text))
}

fn example(schema: &mut Schema) {
    let Some(Value::Array(examples)) = schema.remove("examples") else { return };
    if let Some(first) = examples.into_iter().next() {
        schema.entry("example").or_insert(first);
    }
}

fn content(schema: &mut Schema) {
    let encoding = schema.remove("contentEncoding");
    let media_type = schema.remove("contentMediaType");
    if !types::may_be(schema, "string") {
        return;
    }
    let format = match encoding.as_ref().and_then(Value::as_str) {
        Some("base64") => "byte",
        Some(encoding) => encoding,
        None if media_type.as_ref().and_then(Value::as_str).is_some_and(is_binary) => "binary",
        None => return,
    };
    schema.entry("type").or_insert(json!("string"));
    schema.entry("format").or_insert(json!(format));
}

fn is_binary(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = essence.starts_with("text/")
        || ["json", "xml", "yaml"].iter().any(|language| essence.ends_with(language));
    !is_text
}
