//! What progenitor makes of a published revision by its own defaults, to compare with.

use progenitor::{GenerationSettings, InterfaceStyle};
use serde_json::Value;

use crate::error::Problem;
use crate::generate::code;
use crate::lower::successes;

/// The client of a document that is neither corrected nor lowered. Only what progenitor can't
/// take is gone: error responses of two types; and times are text, since the crate for them is
/// not what is compared.
pub(super) fn client(published: &Value, interface: InterfaceStyle) -> Result<String, Problem> {
    let mut document = published.clone();
    for item in document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
            if let Some(responses) = operation.get_mut("responses") {
                *responses = successes(responses).map(|(k, v)| (k.clone(), v.clone())).collect();
            }
        }
    }
    times_as_text(&mut document);
    code(&document, GenerationSettings::new().with_interface(interface))
}

fn times_as_text(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("format").is_some_and(|format| format == "date-time") {
                map.remove("format");
            }
            map.values_mut().for_each(times_as_text);
        }
        Value::Array(items) => items.iter_mut().for_each(times_as_text),
        _ => {}
    }
}
