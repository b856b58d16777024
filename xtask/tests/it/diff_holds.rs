//! What holds for any two documents: the same interface written differently is no difference, each
//! change of a keyword is one, and backwards what was added is removed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use xtask::diff::{Difference, Renames, diff};

use crate::support::revision;

const REVISIONS: [(&str, &str); 3] =
    [("beta", "2021-08-12"), ("phone-v1", "2022-04-28"), ("calls-v1", "2025-03-11")];

fn between(old: &Value, new: &Value) -> Vec<Difference> {
    diff(old, new, &Renames::default(), true)
}

fn said(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(|it| format!("{} at {}", it.what(), it.pointer)).collect()
}

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// The places of all schemas in a document.
fn places(document: &Value) -> Vec<String> {
    let mut places = Vec::new();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        schemas(document, &format!("/components/schemas/{name}"), &mut places);
    }
    places
}

fn schemas(document: &Value, pointer: &str, places: &mut Vec<String>) {
    let schema = document.pointer(pointer).unwrap();
    places.push(pointer.to_owned());
    for name in schema["properties"].as_object().into_iter().flat_map(Map::keys) {
        schemas(document, &format!("{pointer}/properties/{name}"), places);
    }
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            schemas(document, &format!("{pointer}/{key}"), places);
        }
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for i in 0..schema[key].as_array().map_or(0, Vec::len) {
            schemas(document, &format!("{pointer}/{key}/{i}"), places);
        }
    }
}

/// Another way to write a schema.
fn rewritten(document: &Value, schema: &Value, dice: &mut Dice) -> Value {
    if let Some(name) =
        schema["$ref"].as_str().and_then(|it| it.strip_prefix("#/components/schemas/"))
    {
        return match dice.below(4) {
            0 => json!({"allOf": [schema]}),
            1 => json!({"oneOf": [{"anyOf": [schema]}]}),
            2 => document["components"]["schemas"][name].clone(),
            _ => json!({"$ref": schema["$ref"], "nullable": true, "maxLength": 1}),
        };
    }
    let mut other = schema.clone();
    match dice.below(8) {
        0 => other["nullable"] = json!(schema["nullable"] == true),
        1 => other["readOnly"] = json!(schema["readOnly"] == true),
        2 => other["deprecated"] = json!(schema["deprecated"] == true),
        3 => other["uniqueItems"] = json!(schema["uniqueItems"] == true),
        4 => other["exclusiveMinimum"] = json!(schema["exclusiveMinimum"] == true),
        5 => other["xml"] = json!({"name": "a"}),
        6 if schema["properties"].is_object() => {
            let required = other.as_object_mut().unwrap().remove("required");
            let required = required.unwrap_or(json!([]));
            return json!({"allOf": [other, {"required": required}]});
        }
        _ if schema["enum"].is_array() => {
            other["enum"].as_array_mut().unwrap().reverse();
        }
        _ => return json!({"allOf": [schema]}),
    }
    other
}

#[test]
fn the_same_interface_written_differently_is_no_difference() {
    let mut dice = Dice(1);
    for (api, date) in REVISIONS {
        let document = revision(api, date);
        let places = places(&document);
        assert!(places.len() > 50, "{api}");
        for _ in 0..4 {
            let mut other = document.clone();
            // From the inside to the outside, so that a place is still there when its turn comes.
            for pointer in places.iter().rev() {
                if dice.below(3) == 0 {
                    let schema = other.pointer(pointer).unwrap().clone();
                    *other.pointer_mut(pointer).unwrap() = rewritten(&document, &schema, &mut dice);
                }
            }
            assert_ne!(document, other);
            assert_eq!(said(&between(&document, &other)), Vec::<String>::new(), "{api}");
            assert_eq!(said(&between(&other, &document)), Vec::<String>::new(), "{api}");
        }
    }
}

/// A schema with one keyword changed: none if that has no effect on such a schema.
fn changed(schema: &Value, kind: usize) -> Option<(&'static str, Value)> {
    let is = |name: &str| schema["type"] == name;
    let mut other = schema.clone();
    let keyword = match kind {
        0 if is("string") => ("type", json!("boolean")),
        1 if is("integer") => ("type", json!("number")),
        2 if is("string") => ("pattern", json!("^.$")),
        3 if is("string") => ("maxLength", json!(1)),
        4 if is("integer") || is("number") => ("minimum", json!(1_000_000)),
        5 if is("integer") || is("number") => ("multipleOf", json!(7)),
        6 if is("array") => ("maxItems", json!(1_000_000)),
        7 if is("array") => ("items", json!({})),
        8 if is("object") => ("minProperties", json!(1)),
        9 if is("object") => {
            ("additionalProperties", json!(schema["additionalProperties"] == false))
        }
        10 if is("object") => ("required", json!(["something"])),
        11 if !schema["type"].is_null() => ("nullable", json!(schema["nullable"] != true)),
        12 if !schema["type"].is_null() => ("not", json!({"enum": ["something"]})),
        13 if !schema["type"].is_null() => ("default", json!("something")),
        14 if !schema["type"].is_null() => ("deprecated", json!(schema["deprecated"] != true)),
        15 if schema["enum"].is_array() => {
            other["enum"].as_array_mut().unwrap().push(json!("Something"));
            return Some(("enum", other));
        }
        16 if schema["enum"].is_array() => {
            other["enum"].as_array_mut().unwrap().pop();
            return Some(("enum", other));
        }
        17 if schema["properties"].is_object() => {
            other["properties"]["something"] = json!({"type": "string"});
            return Some(("properties", other));
        }
        18 if schema["properties"].is_object() => {
            let properties = other["properties"].as_object_mut().unwrap();
            let name = properties.keys().next().unwrap().clone();
            properties.remove(&name);
            return Some(("properties", other));
        }
        19 if is("string") => ("format", json!("something")),
        20 => return Some(("oneOf", json!({"oneOf": [schema, {"type": "boolean"}]}))),
        21 => return Some(("allOf", json!({"allOf": [schema], "deprecated": true}))),
        22 => return Some(("allOf", json!({"allOf": [schema], "nullable": true}))),
        _ => return None,
    };
    let (key, value) = keyword;
    other[key] = value;
    Some((key, other))
}

const KINDS: usize = 23;
/// How many places each kind is tried at. All of them take minutes.
const EACH: usize = 1;

/// Rules whose opposite is another one, when old and new change places.
fn opposite(what: &str) -> Option<&str> {
    let pairs = [
        ("property added", "property removed"),
        ("required property added", "property removed"),
        ("value added", "value removed"),
        ("choice added", "choice removed"),
        ("null allowed", "null not allowed"),
        ("required now", "no longer required"),
        ("unknown properties allowed", "unknown properties refused"),
        ("any type instead of one", "one type instead of any"),
        ("any number instead of whole ones", "whole numbers instead of any"),
        ("any value before, listed values now", "listed values before, any value now"),
    ];
    let of = |(one, other)| match what {
        _ if what == one => Some(other),
        _ if what == other && one != "required property added" => Some(one),
        _ => None,
    };
    pairs.into_iter().find_map(of)
}

/// How often each rule that has an opposite was found, or its opposite.
fn counted(differences: &[Difference], backwards: bool) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for difference in differences {
        let what = difference
            .rule
            .what
            .strip_prefix("required property")
            .map_or(difference.rule.what, |_| "property added");
        if let Some(other) = opposite(what) {
            *counts.entry(if backwards { other } else { what }).or_default() += 1;
        }
    }
    counts
}

/// A change of each kind at some place, in each document.
fn some_changes(document: &Value, dice: &mut Dice) -> Vec<(String, &'static str, Value)> {
    let schema = |pointer: &str| document.pointer(pointer).unwrap();
    let mut places = places(document);
    places.retain(|pointer| !schema(pointer)["$ref"].is_string());
    let mut changes = Vec::new();
    for kind in 0..KINDS {
        let all = places.iter().filter_map(|pointer| {
            changed(schema(pointer), kind)
                .map(|(keyword, schema)| (pointer.clone(), keyword, schema))
        });
        let mut all: Vec<_> = all.collect();
        for _ in 0..EACH.min(all.len()) {
            let chosen = dice.below(all.len().try_into().unwrap());
            changes.push(all.swap_remove(usize::try_from(chosen).unwrap()));
        }
    }
    changes
}

#[test]
fn each_change_of_a_keyword_is_a_difference_and_backwards_the_opposite() {
    let mut dice = Dice(2);
    for (api, date) in REVISIONS {
        let document = revision(api, date);
        let changes = some_changes(&document, &mut dice);
        assert!(changes.len() >= EACH * 15, "{api}: {}", changes.len());
        for (pointer, keyword, schema) in changes {
            let mut other = document.clone();
            *other.pointer_mut(&pointer).unwrap() = schema;
            let (there, back) = (between(&document, &other), between(&other, &document));
            assert!(!there.is_empty(), "{api} {pointer}: {keyword}");
            assert_eq!(
                counted(&there, true),
                counted(&back, false),
                "{api} {pointer}: {keyword}\n{:#?}\n{:#?}",
                said(&there),
                said(&back),
            );
        }
    }
}
