//! Texts that hold for the same place in another revision.

use serde_json::Value;

const TEXTS: [&str; 2] = ["description", "summary"];

/// Gives each place that has no text the one of the same place in another document.
///
/// Members of a list are the same if they have the same name, as parameters do. What a name means hasn't changed
/// within an api; where an overlay says that it has, the overlay's own text stays.
pub(super) fn take_over(document: &mut Value, other: &Value) {
    match (document, other) {
        (Value::Object(document), Value::Object(other)) => {
            for (key, value) in other {
                match document.get_mut(key) {
                    // Parts of an example are no places.
                    Some(_) if key == "example" => {}
                    Some(known) => take_over(known, value),
                    None if TEXTS.contains(&key.as_str()) && value.is_string() => {
                        document.insert(key.clone(), value.clone());
                    }
                    None => {}
                }
            }
        }
        (Value::Array(document), Value::Array(other)) => {
            for item in document {
                let is_same = |other: &&Value| {
                    other["name"].is_string()
                        && ["name", "in"].iter().all(|it| other[*it] == item[*it])
                };
                if let Some(other) = other.iter().find(is_same) {
                    take_over(item, other);
                }
            }
        }
        _ => {}
    }
}
