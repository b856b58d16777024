//! Responses without what is whose.

use serde_json::{Map, Value as Json};

/// Of a list, so many entries are kept.
const KEPT: usize = 3;
/// Their texts are the API's words or times.
const TEXTS: [&str; 4] = ["time", "valueType", "groupedBy", "errorCode"];
/// No time and no word of the API is longer.
const LONGEST: usize = 40;

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
        Json::String(text) if !TEXTS.contains(&field) || text.len() > LONGEST => "…".into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_times_and_words_are_kept_and_nothing_else() {
        let answer = json!({
            "paging": {"perPage": 20},
            "data": {"groupedBy": "Users", "records": [
                {"key": "1500", "info": {"name": "Ada", "extensionNumber": "101"}, "note": "Ada",
                 "points": [{"time": "2026-05-06T00:00:00-07:00"}, {}, {}, {}]},
                {"key": 1500, "id": 7},
            ]},
            "time": "a".repeat(41),
        });
        let expected = json!({
            "paging": {"perPage": 20},
            "data": {"groupedBy": "Users", "records": [
                {"key": "…", "note": "…",
                 "points": [{"time": "2026-05-06T00:00:00-07:00"}, {}, {}]},
                {"key": "…", "id": "…"},
            ]},
            "time": "…",
        });
        assert_eq!(redacted(&answer).parse::<Json>().unwrap(), expected);
    }
}
