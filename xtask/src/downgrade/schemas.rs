//! One schema: what is in it first, then its own keywords by the rules.

use serde_json::{Map, Value, json};

use super::keywords::nothing;
use super::kind::Kind;
use super::walk::Walk;
use super::{refused, rules};
use crate::document::child;

/// Keywords that say nothing about a value, or nothing by themselves.
const DROPPED: [&str; 21] = [
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$recursiveAnchor",
    "$schema",
    "$vocabulary",
    "additionalItems",
    "contains",
    "contentSchema",
    "definitions",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "patternProperties",
    "propertyNames",
    "then",
];

impl<'a> Walk<'a> {
    pub(super) fn schema(&mut self, schema: &'a Value, at: &str) -> Value {
        let map = match schema {
            Value::Bool(true) => return json!({}),
            Value::Bool(false) => return nothing(),
            Value::Object(map) => map,
            other => return other.clone(),
        };
        self.problems.extend(refused::keywords(map, at));
        let mut schema = Map::new();
        for (key, value) in map.iter().filter(|(key, _)| !DROPPED.contains(&key.as_str())) {
            schema.insert(key.clone(), self.keyword(key, value, &child(at, key)));
        }
        rules::apply(&mut schema, map, self.allows_null(map));
        Value::Object(schema)
    }

    fn keyword(&mut self, key: &str, value: &'a Value, at: &str) -> Value {
        match (key, value) {
            ("$ref", Value::String(reference)) => json!(self.reference(reference)),
            ("properties" | "allOf" | "oneOf" | "anyOf" | "prefixItems", _) => {
                self.many(Kind::Schema, value, at)
            }
            ("additionalProperties" | "unevaluatedProperties", Value::Bool(_)) => value.clone(),
            (
                "items"
                | "not"
                | "additionalProperties"
                | "unevaluatedItems"
                | "unevaluatedProperties",
                _,
            ) => self.schema(value, at),
            ("discriminator", Value::Object(discriminator)) => self.discriminator(discriminator),
            _ => value.clone(),
        }
    }

    /// A mapping refers to schemas, too, if only by their names.
    fn discriminator(&mut self, discriminator: &Map<String, Value>) -> Value {
        let mut translated = discriminator.clone();
        let mapping = translated.get_mut("mapping").and_then(Value::as_object_mut);
        for target in mapping.into_iter().flat_map(Map::values_mut) {
            match target {
                Value::String(reference) if reference.contains('#') => {
                    *reference = self.reference(reference);
                }
                Value::String(name) => {
                    self.reference(&format!("#{}", child("/components/schemas", name)));
                }
                _ => {}
            }
        }
        Value::Object(translated)
    }
}
