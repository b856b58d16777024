//! JSON merge patches, RFC 7396.

use serde_json::Value;

/// Makes of a value what a patch says.
pub(crate) fn patch(value: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        value.clone_from(change);
        return;
    };
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    let Value::Object(value) = value else {
        return;
    };
    for (name, change) in change {
        if change.is_null() {
            value.remove(name);
        } else {
            patch(value.entry(name).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patches_are_those_of_rfc_7396() {
        for (before, change, after) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!({"a": "foo"}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut value = before;
            patch(&mut value, &change);
            assert_eq!(value, after);
        }
    }
}
