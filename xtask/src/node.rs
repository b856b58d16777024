//! A schema as a client sees it: references followed, compositions of objects put together.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::{child, reference};

/// More than any chain of references or nest of compositions that says anything has.
const STEPS: usize = 8;

#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    document: &'a Value,
    pub(crate) schema: &'a Value,
    pub(crate) pointer: String,
    pub(crate) properties: BTreeMap<String, Property<'a>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Property<'a> {
    pub(crate) schema: &'a Value,
    pub(crate) pointer: String,
    pub(crate) required: bool,
}

impl<'a> Node<'a> {
    pub(crate) fn new(document: &'a Value, schema: &'a Value, pointer: String) -> Self {
        let Place { schema, pointer, .. } = followed(document, schema, pointer, STEPS);
        let properties = gathered(document, schema, &pointer, &mut Vec::new()).unwrap_or_default();
        Self { document, schema, pointer, properties }
    }

    pub(crate) fn kind(&self) -> &'static str {
        let has = |key| self.schema.get(key).is_some();
        match self.schema["type"].as_str() {
            _ if !self.properties.is_empty() => "object",
            Some("string") => "string",
            Some("integer") => "integer",
            Some("number") => "number",
            Some("boolean") => "boolean",
            Some("array") => "array",
            _ if has("items") => "array",
            _ if self.schema["additionalProperties"].is_object() => "map",
            Some("object") => "object",
            _ if has("enum") => "string",
            _ if has("oneOf") || has("anyOf") || has("allOf") => "choice",
            _ => "any",
        }
    }

    /// What a list or a map holds.
    pub(crate) fn element(&self) -> Option<Self> {
        let key = if self.kind() == "array" { "items" } else { "additionalProperties" };
        let schema = self.schema.get(key).filter(|schema| schema.is_object())?;
        Some(Self::new(self.document, schema, child(&self.pointer, key)))
    }

    pub(crate) fn of(&self, property: &Property<'a>) -> Self {
        Self::new(self.document, property.schema, property.pointer.clone())
    }

    pub(crate) fn branches(&self) -> Vec<Self> {
        let all = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| {
            let branches = self.schema.get(key)?.as_array()?;
            Some(branches.iter().enumerate().map(move |(i, branch)| (key, i, branch)))
        });
        let nodes = all.flatten().map(|(key, i, branch)| {
            let pointer = child(&child(&self.pointer, key), &i.to_string());
            Self::new(self.document, branch, pointer)
        });
        nodes.collect()
    }
}

/// A word of an enum, or any other value, as a person writes it.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Where a schema is once it has been followed.
pub(crate) struct Place<'a> {
    pub(crate) schema: &'a Value,
    pub(crate) pointer: String,
    /// Of the component that it is, or was reached through.
    pub(crate) name: Option<String>,
}

/// What a schema is only another name for, in so many steps: a reference, or a composition of one
/// thing.
pub(crate) fn followed<'a>(
    document: &'a Value,
    schema: &'a Value,
    pointer: String,
    steps: usize,
) -> Place<'a> {
    let mut place = Place { schema, pointer, name: None };
    for _ in 0..steps {
        match place.step(document) {
            Some(next) => place = next,
            None => break,
        }
    }
    place
}

impl<'a> Place<'a> {
    fn step(&self, document: &'a Value) -> Option<Self> {
        if let Some(component) = reference(self.schema) {
            let schema = component.find(document)?;
            let pointer = component.pointer();
            return Some(Self { schema, pointer, name: Some(component.name) });
        }
        if self.schema.get("properties").is_some() {
            return None;
        }
        let mut compositions = ["allOf", "oneOf", "anyOf"].into_iter();
        compositions.find_map(|key| match self.schema.get(key)?.as_array()?.as_slice() {
            [only] => {
                let pointer = child(&child(&self.pointer, key), "0");
                Some(Self { schema: only, pointer, name: self.name.clone() })
            }
            _ => None,
        })
    }
}

type Properties<'a> = BTreeMap<String, Property<'a>>;

/// The properties of an object with those of all that it is composed of or a choice between.
/// Required is what the object or one part, or else every choice requires. None if a choice is no
/// object.
fn gathered<'a>(
    document: &'a Value,
    schema: &'a Value,
    pointer: &str,
    inside: &mut Vec<String>,
) -> Option<Properties<'a>> {
    if inside.len() > STEPS {
        return Some(Properties::new());
    }
    inside.push(pointer.to_owned());
    let mut all = own(schema, pointer);
    for key in ["allOf", "oneOf", "anyOf"] {
        let Some(branches) = schema[key].as_array() else {
            continue;
        };
        let mut parts = Vec::new();
        for (i, branch) in branches.iter().enumerate() {
            let pointer = child(&child(pointer, key), &i.to_string());
            let place = followed(document, branch, pointer, STEPS);
            // A composition inside itself adds nothing.
            if inside.contains(&place.pointer) {
                continue;
            }
            let part = gathered(document, place.schema, &place.pointer, inside)?;
            if part.is_empty() && key != "allOf" {
                return None;
            }
            parts.push(part);
        }
        merge(&mut all, parts, key == "allOf");
    }
    inside.pop();
    Some(all)
}

fn own<'a>(schema: &'a Value, pointer: &str) -> Properties<'a> {
    let required = |name: &str| {
        let mut names = schema["required"].as_array().into_iter().flatten();
        names.any(|required| required == name)
    };
    let properties = schema["properties"].as_object().into_iter().flatten();
    let properties = properties.map(|(name, schema)| {
        let pointer = child(&child(pointer, "properties"), name);
        (name.clone(), Property { schema, pointer, required: required(name) })
    });
    properties.collect()
}

fn merge<'a>(all: &mut Properties<'a>, parts: Vec<Properties<'a>>, every: bool) {
    let everywhere = |name: &String| {
        parts.iter().all(|part| part.get(name).is_some_and(|property| property.required))
    };
    let required: Vec<_> = (parts.iter().flat_map(BTreeMap::keys))
        .filter(|name| every || everywhere(name))
        .cloned()
        .collect();
    for (name, property) in parts.into_iter().flatten() {
        let required = property.required && required.contains(&name);
        let known = all.entry(name).or_insert(Property { required, ..property });
        known.required |= required;
    }
}
