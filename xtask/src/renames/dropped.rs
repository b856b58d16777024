//! What a revision dropped, in the document that it was dropped from: older servers have it, so
//! the generated code keeps it.

use serde_json::{Value, json};

use super::rename::Rename;
use super::schemas::{NoPlace, each_schema, is_object, is_word_list, no_place};
use crate::document::{Component, child, reference};

/// A property or a value that the newer document lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The pointer of its schema in the older document.
    pub at: String,
    pub name: String,
    pub is_word: bool,
    /// What nothing else refers to.
    components: Vec<Component>,
}

impl Dropped {
    /// Takes it from the document of the revision before, wherever the schema is still there.
    pub(super) fn bring_back(
        document: &mut Value,
        rename: &Rename,
    ) -> Result<Vec<Dropped>, Box<NoPlace>> {
        let Some(before) = rename.before.clone() else { return Err(no_place(rename, false)) };
        let name = &rename.old;
        let mut places = Vec::new();
        each_schema(&before, &mut |schema, pointer| {
            let is_there = rename.at.as_deref().is_none_or(|at| at == pointer);
            if is_there && has(schema, name) {
                let property = schema["properties"].get(name).cloned();
                places.push((pointer.to_owned(), property));
            }
        });
        let mut brought = Vec::new();
        let mut is_back = false;
        for (at, property) in places {
            if !lacks(document, &at, name) {
                // A later revision may give it back.
                is_back |= document.pointer(&at).is_some_and(|schema| has(schema, name));
                continue;
            }
            let is_word = property.is_none();
            let mut components = Vec::new();
            if let Some(property) = property {
                components = bring_components(document, &before, &property);
                put(document, &at, name, described(property, rename));
            } else {
                add_word(document, &at, name);
            }
            brought.push(Dropped { at, name: name.clone(), is_word, components });
        }
        if brought.is_empty() && !is_back { Err(no_place(rename, false)) } else { Ok(brought) }
    }

    pub(super) fn take_out(&self, document: &mut Value) {
        let Some(schema) = document.pointer_mut(&self.at) else { return };
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.remove(&self.name);
        }
        if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            words.retain(|word| *word != self.name);
        }
        for component in &self.components {
            let section = document["components"].get_mut(&component.section);
            if let Some(section) = section.and_then(Value::as_object_mut) {
                section.remove(&component.name);
            }
        }
    }
}

fn has(schema: &Value, name: &str) -> bool {
    let is_property = is_object(schema) && schema["properties"].get(name).is_some();
    let words = schema["enum"].as_array().filter(|_| is_word_list(schema));
    is_property || words.is_some_and(|words| words.contains(&json!(name)))
}

/// Whether an object or a list of words is there without a name.
pub(super) fn lacks(document: &Value, at: &str, name: &str) -> bool {
    let schema = document.pointer(at).filter(|it| is_object(it) || is_word_list(it));
    schema.is_some_and(|schema| !has(schema, name))
}

fn put(document: &mut Value, at: &str, name: &str, property: Value) {
    if let Some(schema) = document.pointer_mut(at) {
        schema["properties"][name] = property;
    }
}

fn add_word(document: &mut Value, at: &str, word: &str) {
    let words = document.pointer_mut(&child(at, "enum")).and_then(Value::as_array_mut);
    if let Some(words) = words {
        words.push(json!(word));
    }
}

/// Nothing stands beside a reference.
fn described(mut property: Value, Rename { api, revision, .. }: &Rename) -> Value {
    if property.get("$ref").is_none() && property.is_object() {
        property["description"] = json!(format!("Dropped by {api} {revision}."));
    }
    property
}

/// Brings the components that a value refers to and that the document lacks.
fn bring_components(document: &mut Value, before: &Value, value: &Value) -> Vec<Component> {
    let mut brought = Vec::new();
    let mut open = vec![value.clone()];
    while let Some(value) = open.pop() {
        for component in references(&value) {
            let is_there = component.find(document).is_some();
            let Some(found) = component.find(before).filter(|_| !is_there) else { continue };
            document["components"][&component.section][&component.name] = found.clone();
            open.push(found.clone());
            brought.push(component);
        }
    }
    brought
}

fn references(value: &Value) -> Vec<Component> {
    let mut found: Vec<_> = reference(value).into_iter().collect();
    match value {
        Value::Object(map) => found.extend(map.values().flat_map(references)),
        Value::Array(items) => found.extend(items.iter().flat_map(references)),
        _ => {}
    }
    found
}
