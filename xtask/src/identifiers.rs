//! The Rust identifiers that typify and progenitor make of names, so that no two are the same.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToLowerCamelCase as _, ToPascalCase, ToSnakeCase};
use serde_json::{Map, Value};

use crate::document::{child, reference};

/// The field that holds the properties without a field of their own.
const EXTRA: &str = "extra";

/// As typify's `sanitize`, which is private, but for what it puts after a keyword or before a digit.
fn identifier(name: &str, case: fn(&str) -> String) -> String {
    let words = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => name.replace('\'', "").replace(|it| !unicode_ident::is_xid_continue(it), "-"),
    };
    let identifier = case(&words);
    match identifier.chars().next() {
        None => case("x"),
        Some(first) if unicode_ident::is_xid_start(first) => identifier,
        Some(_) => case("x") + &identifier,
    }
}

/// Of a field or a parameter.
pub(crate) fn field(name: &str) -> String {
    identifier(name, ToSnakeCase::to_snake_case)
}

pub(crate) fn type_name(name: &str) -> String {
    identifier(name, ToPascalCase::to_pascal_case)
}

/// Gives each type of a lowered document a name of its own, and leaves out each property whose field would have
/// another's name: its value is kept in `extra`, by its name on the wire.
pub(crate) fn make_distinct(lowered: &mut Value) {
    let schemas = lowered["components"]["schemas"].take();
    if let Value::Object(schemas) = schemas {
        let names = type_names(&schemas);
        let renamed = schemas.into_iter().map(|(name, schema)| (names[&name].clone(), schema));
        lowered["components"]["schemas"] = renamed.collect();
        refer(lowered, &names);
    }
    leave_out(lowered);
}

/// The one that is written as its identifier keeps its name, or else the first; the others get a number.
fn type_names(schemas: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut names: Vec<_> = schemas.keys().collect();
    names.sort_by_key(|name| (type_name(name) != **name, *name));
    let mut taken = BTreeSet::new();
    let mut new_names = BTreeMap::new();
    for name in names {
        let identifier = type_name(name);
        let mut new_name = name.clone();
        let mut number = 2;
        while !taken.insert(type_name(&new_name)) {
            new_name = format!("{identifier}{number}");
            number += 1;
        }
        new_names.insert(name.clone(), new_name);
    }
    new_names
}

pub(crate) fn refer(value: &mut Value, names: &BTreeMap<String, String>) {
    let schema = reference(value).filter(|component| component.section == "schemas");
    if let Some(name) = schema.and_then(|component| names.get(&component.name)) {
        value["$ref"] = format!("#{}", child("/components/schemas", name)).into();
    }
    each(value, |value| refer(value, names));
}

fn leave_out(value: &mut Value) {
    if let Some(Value::Object(properties)) = value.get_mut("properties")
        && properties.values().all(Value::is_object)
    {
        let mut names: Vec<_> = properties.keys().cloned().collect();
        names.sort_by_key(|name| (field(name).to_lower_camel_case() != *name, name.clone()));
        let mut taken = BTreeSet::from([EXTRA.to_owned()]);
        names.retain(|name| taken.insert(field(name)));
        properties.retain(|name, _| names.contains(name));
    }
    each(value, leave_out);
}

fn each(value: &mut Value, visit: impl FnMut(&mut Value)) {
    match value {
        Value::Object(map) => map.values_mut().for_each(visit),
        Value::Array(items) => items.iter_mut().for_each(visit),
        _ => {}
    }
}
