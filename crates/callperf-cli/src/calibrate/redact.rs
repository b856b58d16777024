//! Responses without what is whose.

use serde_json::{Map, Value as Json};

/// Of a list, so many entries are kept.
const KEPT: usize = 3;
/// Their texts are the API's words or times.
const TEXTS: [&str; 4] = ["time", "valueType", "groupedBy", "errorCode"];

/// The response with numbers, times and the API's words alone. Names, keys, extension numbers and
/// ids are gone.
pub(super) fn redacted(answer: &Json) -> String {
    without(answer, "").to_string()
}

fn without(value: &Json, field: &str) -> Json {
    match value {
        Json::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| *name != "info");
            let kept: Map<_, _> =
                kept.map(|(name, value)| (name.clone(), without(value, name))).collect();
            Json::Object(kept)
        }
        Json::Array(items) => items.iter().take(KEPT).map(|item| without(item, field)).collect(),
        // A number in such a place is an id.
        Json::Number(_) if matches!(field, "key" | "id" | "extensionNumber") => "…".into(),
        Json::String(_) if !TEXTS.contains(&field) => "…".into(),
        other => other.clone(),
    }
}
