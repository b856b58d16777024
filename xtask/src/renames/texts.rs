//! What a text of an overlay says of a name follows a rename, too: a reader finds no old one in the document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::schemas::each_schema;
use super::spelling::{Name, Respelling};

/// Gives what stands in backticks in a document's texts its new name, where nothing else has the old one.
pub fn follow(document: &mut Value, respelling: &Respelling) {
    let Respelling { fields, words, .. } = respelling;
    let names: BTreeMap<&str, &str> = fields
        .iter()
        .chain(words)
        .map(|Name { old, new, .. }| (old.as_str(), new.as_str()))
        .collect();
    let taken = names_in(document);
    let gone = names.into_iter().filter(|(old, _)| !taken.contains(*old));
    let quoted: Vec<_> = gone.map(|(old, new)| (format!("`{old}`"), format!("`{new}`"))).collect();
    if !quoted.is_empty() {
        respell(document, &quoted);
    }
}

fn names_in(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    each_schema(document, &mut |schema, _| {
        let properties = schema["properties"].as_object().into_iter().flatten();
        names.extend(properties.map(|(name, _)| name.clone()));
        let words = schema["enum"].as_array().into_iter().flatten();
        names.extend(words.filter_map(Value::as_str).map(str::to_owned));
    });
    names
}

fn respell(value: &mut Value, quoted: &[(String, String)]) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner {
                    Value::String(text) if ["description", "summary"].contains(&key.as_str()) => {
                        for (old, new) in quoted {
                            *text = text.replace(old, new);
                        }
                    }
                    inner => respell(inner, quoted),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| respell(item, quoted)),
        _ => {}
    }
}
