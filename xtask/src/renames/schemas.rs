//! The schemas of a document that a rename can be about.

use serde_json::Value;

use super::rename::{Entry, Kind, RENAMES, Rename};
use crate::document::child;
use crate::error::Problem;

/// Every schema, or what looks like one, with its pointer.
pub(super) fn each_schema(document: &Value, visit: &mut impl FnMut(&Value, &str)) {
    each(document, "", visit);
}

fn each(value: &Value, pointer: &str, visit: &mut impl FnMut(&Value, &str)) {
    match value {
        Value::Object(map) => {
            visit(value, pointer);
            map.iter().for_each(|(name, inner)| each(inner, &child(pointer, name), visit));
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                each(inner, &child(pointer, &at.to_string()), visit);
            }
        }
        _ => {}
    }
}

pub(super) fn is_object(schema: &Value) -> bool {
    schema["properties"].is_object() && schema["properties"].get("$ref").is_none()
}

pub(super) fn is_word_list(schema: &Value) -> bool {
    schema["enum"].is_array()
}

pub(super) fn no_place(rename: &Rename) -> Problem {
    let Rename { kind, old, new, revision, .. } = rename;
    let what = match kind {
        Kind::Drop => {
            format!("drops `{old}` in {revision}, and no schema of a later document lacks it")
        }
        kind => {
            let kind = kind.name();
            format!(
                "renames the {kind} `{old}` to `{new}` in {revision}, and no schema of a later document has the new \
                 name without the old one"
            )
        }
    };
    let (pointer, line) = rename.entry.map_or_else(Default::default, |Entry { index, line }| {
        (format!("/rename/{index}"), format!(" (line {line})"))
    });
    Problem::new(pointer, what + &line, "correct the rename, or take it out").in_file(RENAMES)
}
