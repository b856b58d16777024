//! Lists of types and null, which is a type in 3.1 and a flag in 3.0.

use serde_json::{Value, json};

use super::keywords::{Schema, add_part, is_annotation};

pub(super) fn may_be(schema: &Schema, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|other| other == kind),
        Some(other) => other == kind,
        None => true,
    }
}

/// Takes null out of the types, the words and the branches. One that another part removes isn't allowed here, either.
pub(super) fn null(schema: &mut Schema, is_valid: bool) {
    let types: Option<Vec<Value>> = schema.get("type").map(|kind| match kind {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    });
    let is_type = types.is_some() && may_be(schema, "null");
    let others: Option<Vec<Value>> =
        types.map(|types| types.into_iter().filter(|kind| kind != "null").collect());
    let is_word = take_word(schema);
    let is_branch = ["oneOf", "anyOf"].map(|key| take_branch(schema, key)).contains(&true);
    let is_empty = |key: &str| schema.get(key).and_then(Value::as_array).is_some_and(Vec::is_empty);
    let only_null = others.as_ref().is_some_and(Vec::is_empty)
        || is_word && is_empty("enum")
        || is_branch && (is_empty("oneOf") || is_empty("anyOf"));
    if only_null {
        return null_alone(schema, is_valid);
    }
    match others {
        Some(mut others) if others.len() == 1 => schema.insert("type".to_owned(), others.remove(0)),
        Some(others) => schema.insert("type".to_owned(), Value::Array(others)),
        None => None,
    };
    if is_valid && (is_type || is_word || is_branch) {
        schema.insert("nullable".to_owned(), json!(true));
    }
    ["oneOf", "anyOf"].into_iter().filter(|_| is_branch).for_each(|key| only_branch(schema, key));
}

fn null_alone(schema: &mut Schema, is_valid: bool) {
    for key in ["type", "enum", "oneOf", "anyOf"] {
        schema.remove(key);
    }
    if is_valid {
        schema.insert("enum".to_owned(), json!([null]));
        schema.insert("nullable".to_owned(), json!(true));
    } else {
        schema.insert("not".to_owned(), json!({}));
    }
}

fn take_word(schema: &mut Schema) -> bool {
    let words = schema.get_mut("enum").and_then(Value::as_array_mut);
    words.is_some_and(|words| take(words, Value::is_null))
}

fn take_branch(schema: &mut Schema, key: &str) -> bool {
    let branches = schema.get_mut(key).and_then(Value::as_array_mut);
    branches.is_some_and(|branches| take(branches, |branch| branch["enum"] == json!([null])))
}

fn take(values: &mut Vec<Value>, is_null: impl Fn(&Value) -> bool) -> bool {
    let before = values.len();
    values.retain(|value| !is_null(value));
    values.len() < before
}

/// What was a choice between something and null is that thing.
fn only_branch(schema: &mut Schema, key: &str) {
    if schema.get(key).and_then(Value::as_array).is_none_or(|branches| branches.len() != 1) {
        return;
    }
    let Some(mut branch) = schema.remove(key).and_then(|it| it.get(0).cloned()) else { return };
    let is_bare = schema.keys().all(|key| key == "nullable" || is_annotation(key));
    match branch.as_object_mut() {
        Some(branch) if is_bare && !branch.contains_key("$ref") => {
            branch.append(schema);
            schema.append(branch);
        }
        _ => add_part(schema, branch, usize::MAX),
    }
}

/// The keywords that only concern values of a type.
fn keywords(kind: &str) -> &'static [&'static str] {
    match kind {
        "string" => &["minLength", "maxLength", "pattern"],
        "integer" | "number" => {
            &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
        }
        "array" => &["items", "minItems", "maxItems", "uniqueItems"],
        "object" => {
            &["properties", "required", "additionalProperties", "minProperties", "maxProperties"]
        }
        _ => &[],
    }
}

const NUMERIC_FORMATS: [&str; 4] = ["int32", "int64", "float", "double"];

/// A choice between types, each with the keywords that concern it.
pub(super) fn split(schema: &mut Schema) {
    let Some(Value::Array(kinds)) = schema.get("type") else { return };
    let mut kinds: Vec<String> =
        kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if kinds.iter().any(|kind| kind == "number") {
        kinds.retain(|kind| kind != "integer");
    }
    let format = schema.remove("format");
    let is_numeric =
        format.as_ref().and_then(Value::as_str).is_some_and(|it| NUMERIC_FORMATS.contains(&it));
    let mut branches = Vec::new();
    for kind in &kinds {
        let mut branch = Schema::new();
        branch.insert("type".to_owned(), json!(kind));
        let own = keywords(kind).iter();
        branch.extend(own.filter_map(|key| Some(((*key).to_owned(), schema.get(*key)?.clone()))));
        let takes_format = matches!(kind.as_str(), "integer" | "number") == is_numeric;
        if let (Some(format), true) = (&format, takes_format && has_formats(kind)) {
            branch.insert("format".to_owned(), format.clone());
        }
        if kind == "array" {
            branch.entry("items").or_insert(json!({}));
        }
        branches.push(Value::Object(branch));
    }
    let all = ["string", "number", "array", "object"].into_iter().flat_map(keywords);
    all.for_each(|key| drop(schema.remove(*key)));
    schema.remove("type");
    match branches.len() {
        1 => only(schema, branches.remove(0)),
        _ if schema.contains_key("anyOf") => {
            add_part(schema, json!({"anyOf": branches}), usize::MAX);
        }
        _ => drop(schema.insert("anyOf".to_owned(), Value::Array(branches))),
    }
}

fn has_formats(kind: &str) -> bool {
    matches!(kind, "string" | "integer" | "number")
}

fn only(schema: &mut Schema, branch: Value) {
    if let Value::Object(mut branch) = branch {
        schema.append(&mut branch);
    }
}
