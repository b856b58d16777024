//! The canonical form of a revision: the operations of one api and what they refer to, with the
//! interface kept and the prose gone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::catalogue::{Api, ApiEntry, Operation};
use crate::document::{Component, child, reference};
use crate::downgrade::check_is_downgraded;
use crate::error::{Problem, Result};

/// Extensions that say something about the interface: rate group and permission.
const EXTENSIONS: [&str; 2] = ["x-throttling-group", "x-app-permission"];

/// Cuts an api out of a document. The result depends on the interface only, so that a slice and
/// the whole document it was cut from are the same revision.
pub fn revision(document: &Value, api: Api, entry: &ApiEntry, date: &str) -> Result<Value> {
    check_is_downgraded(document)?;
    let mut paths = Map::new();
    for operation in &entry.operation {
        let item = find(document, operation)?;
        let mut kept = keep(&item[&operation.method], &OPERATION);
        inherit_extensions(document, &mut kept);
        let path = (paths.entry(&operation.path)).or_insert_with(|| json!({}));
        path[&operation.method] = kept;
        if let Some(parameters) = item.get("parameters") {
            path["parameters"] = keep_all(parameters, &PARAMETER);
        }
    }
    let paths = Value::Object(paths);
    let components = components(document, &paths)?;
    for (section, value) in [("/paths", &paths), ("/components", &components)] {
        names(value, section)?;
        bounds(value, section)?;
    }
    Ok(json!({
        "openapi": "3.0.3",
        "info": {"title": api.name(), "version": date},
        "paths": paths,
        "components": components,
    }))
}

/// How a document names itself, the same for a slice of it.
pub fn self_description(document: &Value) -> String {
    let text = |key| match &document["info"][key] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    format!("{}, version {}", text("title"), text("version"))
}

/// Whether all of an api's operations are where they belong.
pub fn has_operations(document: &Value, entry: &ApiEntry) -> bool {
    entry.operation.iter().all(|operation| find(document, operation).is_ok())
}

/// An api's operations as a document has them: where they belong, elsewhere by their ids, or there by another id.
pub fn located(document: &Value, entry: &ApiEntry) -> Vec<Operation> {
    let all: Vec<_> = operations(document).collect();
    let is_at = |wanted: &Operation, (path, method, _): &Found<'_>| {
        *path == wanted.path && *method == wanted.method
    };
    let found = |wanted: &Operation| {
        let mut same = all.iter().filter(|(_, _, id)| wanted.has_id(id));
        let exact = same.clone().find(|found| is_at(wanted, found));
        let (path, method, id) =
            exact.or_else(|| same.next()).or_else(|| all.iter().find(|it| is_at(wanted, it)))?;
        let [path, method, id] = [path, method, id].map(|text| (*text).to_owned());
        Some(Operation { id, earlier_ids: Vec::new(), method, path, query: BTreeMap::new() })
    };
    entry.operation.iter().filter_map(found).collect()
}

/// What a document lacks of the api that it has most operations of, wherever these are. `remedy` is
/// for one that has none of any.
pub fn lacking<'a>(
    document: &Value,
    apis: impl Iterator<Item = &'a ApiEntry>,
    remedy: &str,
) -> Problem {
    let known = |entry: &&ApiEntry| known_operations(document, entry);
    let closest = apis.filter(|entry| known(entry) > 0).max_by_key(known);
    let lost = closest.and_then(|entry| lacks(document, entry).into_iter().next());
    lost.unwrap_or_else(|| of_no_api(remedy))
}

pub fn of_no_api(remedy: &str) -> Problem {
    Problem::new("/paths", "has the operations of none of the apis", remedy)
}

/// Every operation that a document lacks of an api that it has others of.
pub fn lacks(document: &Value, entry: &ApiEntry) -> Vec<Problem> {
    if known_operations(document, entry) == 0 {
        return Vec::new();
    }
    missing_operations(document, entry)
}

pub fn missing_operations(document: &Value, entry: &ApiEntry) -> Vec<Problem> {
    let lost = entry.operation.iter().filter(|operation| find(document, operation).is_err());
    lost.map(|operation| missing(document, operation)).collect()
}

/// How many operations of an api a document has, wherever these are.
fn known_operations(document: &Value, entry: &ApiEntry) -> usize {
    let is_there = |wanted: &&Operation| {
        operations(document).any(|found| likeness(wanted, &found) >= SAME_PATH)
    };
    entry.operation.iter().filter(is_there).count()
}

fn find<'a>(document: &'a Value, wanted: &Operation) -> Result<&'a Value> {
    let item = &document["paths"][&wanted.path];
    if wanted.is_named(&item[&wanted.method]) {
        return Ok(item);
    }
    Err(missing(document, wanted).into())
}

fn missing(document: &Value, wanted: &Operation) -> Problem {
    let Operation { id, method, path, .. } = wanted;
    let what = format!("operation `{id}` is not at {} {path}", method.to_uppercase());
    let mut lookalikes: Vec<_> = operations(document)
        .map(|found| (likeness(wanted, &found), found))
        .filter(|(likeness, _)| *likeness > 0)
        .collect();
    lookalikes.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
    let seen: Vec<_> = (lookalikes.iter().take(3))
        .map(|(_, (path, method, id))| format!("`{id}` at {} {path}", method.to_uppercase()))
        .collect();
    let what = if seen.is_empty() {
        format!("{what}, and nothing in the document looks like it")
    } else {
        format!("{what}; what looks like it: {}", seen.join(", "))
    };
    Problem::new(
        child("/paths", path),
        what,
        "give a document of this api, or correct the operation in openapi/revisions.toml if it moved",
    )
}

pub(crate) type Found<'a> = (&'a str, &'a str, &'a str);

pub(crate) fn operations(document: &Value) -> impl Iterator<Item = Found<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.filter_map(move |(method, operation)| {
            let id = operation.get("operationId")?.as_str()?;
            Some((path.as_str(), method.as_str(), id))
        })
    })
}

const SAME_ID: usize = 1000;
const SAME_PATH: usize = 500;

/// The same id or the same path settles it; else most of the path's words must be the same.
fn likeness(wanted: &Operation, (path, _, id): &Found<'_>) -> usize {
    if wanted.has_id(id) {
        return SAME_ID;
    }
    if *path == wanted.path {
        return SAME_PATH;
    }
    let words = |path: &str| -> BTreeSet<String> {
        path.split('/')
            .filter(|w| !w.is_empty() && !w.starts_with('{'))
            .map(str::to_owned)
            .collect()
    };
    let (wanted, found) = (words(&wanted.path), words(path));
    let shared = wanted.intersection(&found).count();
    if shared * 2 > wanted.len() { shared } else { 0 }
}

/// Some documents say once, at the root, what others say at each operation.
pub fn inherit_extensions(document: &Value, operation: &mut Value) {
    for extension in EXTENSIONS {
        if let (Some(value), None) = (document.get(extension), operation.get(extension)) {
            operation[extension] = value.clone();
        }
    }
}

/// The keys of a kind of object that belong to the interface, and what is under them. All others
/// are removed: prose, examples, and extensions that only mean something to the vendor.
struct Kind(&'static [(&'static str, Shape)]);

enum Shape {
    /// Kept as it is.
    Data,
    /// Has to be there, and says nothing here.
    Blank,
    One(&'static Kind),
    /// A list or a map, whose own keys are names and never keywords.
    Many(&'static Kind),
    /// A map whose keys can be extensions too.
    Extensible(&'static Kind),
}

static OPERATION: Kind = Kind(&[
    ("operationId", Shape::Data),
    ("deprecated", Shape::Data),
    ("parameters", Shape::Many(&PARAMETER)),
    ("requestBody", Shape::One(&REQUEST_BODY)),
    ("responses", Shape::Extensible(&RESPONSE)),
    (EXTENSIONS[0], Shape::Data),
    (EXTENSIONS[1], Shape::Data),
]);

static PARAMETER: Kind = Kind(&[
    ("name", Shape::Data),
    ("in", Shape::Data),
    ("required", Shape::Data),
    ("deprecated", Shape::Data),
    ("allowEmptyValue", Shape::Data),
    ("allowReserved", Shape::Data),
    ("style", Shape::Data),
    ("explode", Shape::Data),
    ("schema", Shape::One(&SCHEMA)),
    ("content", Shape::Many(&MEDIA_TYPE)),
]);

static REQUEST_BODY: Kind =
    Kind(&[("required", Shape::Data), ("content", Shape::Many(&MEDIA_TYPE))]);

static RESPONSE: Kind = Kind(&[
    ("description", Shape::Blank),
    ("headers", Shape::Many(&PARAMETER)),
    ("content", Shape::Many(&MEDIA_TYPE)),
]);

static MEDIA_TYPE: Kind = Kind(&[("schema", Shape::One(&SCHEMA)), ("encoding", Shape::Data)]);

static SCHEMA: Kind = Kind(&[
    ("type", Shape::Data),
    ("format", Shape::Data),
    ("enum", Shape::Data),
    ("default", Shape::Data),
    ("nullable", Shape::Data),
    ("deprecated", Shape::Data),
    ("readOnly", Shape::Data),
    ("writeOnly", Shape::Data),
    ("discriminator", Shape::Data),
    ("properties", Shape::Many(&SCHEMA)),
    ("required", Shape::Data),
    ("additionalProperties", Shape::One(&SCHEMA)),
    ("minProperties", Shape::Data),
    ("maxProperties", Shape::Data),
    ("items", Shape::One(&SCHEMA)),
    ("minItems", Shape::Data),
    ("maxItems", Shape::Data),
    ("uniqueItems", Shape::Data),
    ("minLength", Shape::Data),
    ("maxLength", Shape::Data),
    ("pattern", Shape::Data),
    ("multipleOf", Shape::Data),
    ("minimum", Shape::Data),
    ("maximum", Shape::Data),
    ("exclusiveMinimum", Shape::Data),
    ("exclusiveMaximum", Shape::Data),
    ("allOf", Shape::Many(&SCHEMA)),
    ("oneOf", Shape::Many(&SCHEMA)),
    ("anyOf", Shape::Many(&SCHEMA)),
    ("not", Shape::One(&SCHEMA)),
]);

/// The kinds that a reference can lead to, by the section that holds them.
fn kind_of(section: &str) -> Option<&'static Kind> {
    match section {
        "schemas" => Some(&SCHEMA),
        "parameters" | "headers" => Some(&PARAMETER),
        "requestBodies" => Some(&REQUEST_BODY),
        "responses" => Some(&RESPONSE),
        _ => None,
    }
}

fn keep(value: &Value, kind: &Kind) -> Value {
    let Value::Object(map) = value else {
        return value.clone();
    };
    if let Some(Value::String(reference)) = map.get("$ref") {
        return json!({"$ref": reference});
    }
    let kept = kind.0.iter().filter_map(|(key, shape)| {
        let value = map.get(*key);
        let value = match shape {
            Shape::Data => value?.clone(),
            Shape::Blank => json!(""),
            Shape::One(kind) => alone(keep(value?, kind)),
            Shape::Many(kind) => keep_all(value?, kind),
            Shape::Extensible(kind) => keep_all(&without_extensions(value?), kind),
        };
        Some(((*key).to_owned(), value))
    });
    kept.collect()
}

/// A reference is the same alone and as the only part of an `allOf`, which is how 3.0 has a text beside it.
fn alone(kept: Value) -> Value {
    let is_all = kept.as_object().is_some_and(|kept| kept.len() == 1);
    match kept.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([part]) if is_all && part.get("$ref").is_some() => part.clone(),
        _ => kept,
    }
}

fn keep_all(value: &Value, kind: &Kind) -> Value {
    match value {
        Value::Object(map) => {
            (map.iter()).map(|(name, value)| (name.clone(), alone(keep(value, kind)))).collect()
        }
        Value::Array(items) => items.iter().map(|item| alone(keep(item, kind))).collect(),
        other => other.clone(),
    }
}

fn without_extensions(value: &Value) -> Value {
    let members = value.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| !name.starts_with("x-"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Every component that the paths reach, by section and name.
fn components(document: &Value, paths: &Value) -> Result<Value> {
    let mut kept = json!({});
    let mut open = references(document, paths, "/paths");
    while let Some((pointer, reference)) = open.pop() {
        let component = known(document, &pointer, &reference)?;
        let Component { section, name } = &component;
        if kept[section].get(name).is_some() {
            continue;
        }
        let (Some(kind), Some(value)) = (kind_of(section), component.find(document)) else {
            continue;
        };
        let value = keep(value, kind);
        malformed(&value, &component.pointer()).map_or(Ok(()), Err)?;
        open.extend(references(document, &value, &component.pointer()));
        kept[section][name] = value;
    }
    Ok(kept)
}

/// Keywords that are no list or object where one belongs would be overlooked by all that follows.
fn malformed(schema: &Value, pointer: &str) -> Option<Problem> {
    let lists = ["enum", "allOf", "oneOf", "anyOf"];
    let wrong = lists.iter().find(|key| schema.get(**key).is_some_and(|it| !it.is_array()));
    if let Some(key) = wrong {
        let remedy = "correct the document, or ask the vendor for one that is OpenAPI 3.0";
        return Some(Problem::new(child(pointer, key), "is not a list", remedy));
    }
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let nested = properties.map(|(name, it)| (child(&child(pointer, "properties"), name), it));
    let inner = ["items", "additionalProperties"].into_iter();
    let inner = inner.filter_map(|key| Some((child(pointer, key), schema.get(key)?)));
    nested.chain(inner).find_map(|(pointer, schema)| malformed(schema, &pointer))
}

/// Names and words stand in files by line, and in output: one that holds a line break or an escape is no name.
fn names(value: &Value, pointer: &str) -> Result<(), Problem> {
    let is_one = |name: &str| !name.contains(char::is_control);
    let refusal = || {
        let what = "has a name or a word with a control character";
        Problem::new(pointer, what, "correct the document, or ask the vendor to")
    };
    match value {
        Value::Object(map) => map.iter().try_for_each(|(name, value)| {
            if !is_one(name) {
                return Err(refusal());
            }
            names(value, &child(pointer, name))
        }),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(i, item)| {
            let pointer = child(pointer, &i.to_string());
            names(item, &pointer)
        }),
        Value::String(word) if !is_one(word) && is_name(pointer) => Err(refusal()),
        _ => Ok(()),
    }
}

/// A text in the place of a number would be overlooked by all that follows.
fn bounds(value: &Value, pointer: &str) -> Result<(), Problem> {
    match value {
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            let pointer = child(pointer, key);
            match value {
                Value::String(text) if BOUNDS.contains(&key.as_str()) => {
                    let what = format!("is `{text}`, not a number that 64 bits hold");
                    let remedy = "write such a number in a copy of the document";
                    Err(Problem::new(pointer, what, remedy))
                }
                _ if FREE.contains(&key.as_str()) => Ok(()),
                _ => bounds(value, &pointer),
            }
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(i, item)| bounds(item, &child(pointer, &i.to_string()))),
        _ => Ok(()),
    }
}

const BOUNDS: [&str; 11] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
];
/// What holds values or names of the vendor's choice.
const FREE: [&str; 3] = ["default", "enum", "mapping"];

/// Whether a text at this place names something; a pattern or a default may hold any character.
fn is_name(pointer: &str) -> bool {
    let mut steps = pointer.rsplit('/');
    let key = steps.next().unwrap_or_default();
    let parent = steps.next().unwrap_or_default();
    ["name", "operationId", "type", "format", "$ref"].contains(&key)
        || ["enum", "required"].contains(&parent)
}

fn known(document: &Value, pointer: &str, reference: &str) -> Result<Component, Problem> {
    let component = Component::parse(reference).filter(|c| kind_of(&c.section).is_some());
    let Some(component) = component else {
        return Err(Problem::new(
            pointer,
            format!("refers to `{reference}`, which is not a component"),
            "move what it refers to under #/components and refer to it there",
        ));
    };
    if component.find(document).is_none() {
        return Err(Problem::new(
            pointer,
            format!("refers to `{reference}`, which the document does not have"),
            "give the complete document, or a slice with everything it refers to",
        ));
    }
    if is_alias_cycle(document, &component) {
        return Err(Problem::new(
            pointer,
            format!("refers to `{reference}`, which is only a reference to itself"),
            "say what the component is",
        ));
    }
    Ok(component)
}

fn is_alias_cycle(document: &Value, start: &Component) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = Some(start.clone());
    while let Some(component) = at {
        at = (component.find(document)).and_then(reference);
        if !seen.insert(component) {
            return true;
        }
    }
    false
}

/// Every `$ref` in a value and where it is; a discriminator's mapping refers too, by reference or
/// by the name of a schema.
fn references(document: &Value, value: &Value, pointer: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect_references(document, value, pointer, &mut found);
    found
}

fn collect_references(
    document: &Value,
    value: &Value,
    pointer: &str,
    found: &mut Vec<(String, String)>,
) {
    let is_schema = |name: &str| document["components"]["schemas"].get(name).is_some();
    match value {
        Value::Object(map) => {
            let is_mapping = pointer.ends_with("/discriminator/mapping");
            for (key, value) in map {
                let pointer = child(pointer, key);
                match value {
                    Value::String(s) if key == "$ref" || is_mapping && s.starts_with('#') => {
                        found.push((pointer, s.clone()));
                    }
                    Value::String(name) if is_mapping && is_schema(name) => {
                        let section = "schemas".to_owned();
                        let component = Component { section, name: name.clone() };
                        found.push((pointer, format!("#{}", component.pointer())));
                    }
                    _ => collect_references(document, value, &pointer, found),
                }
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                collect_references(document, item, &child(pointer, &i.to_string()), found);
            }
        }
        _ => {}
    }
}
