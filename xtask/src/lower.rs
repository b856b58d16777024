//! Lowering: from what the API says to what the generated client should be, by rule and never by
//! name. `openapi/README.md` says why each rule is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::catalogue::{ApiEntry, Operation, Presence};
use crate::document::{Component, reference, resolve};
use crate::identifiers;

/// Which way a value travels. An object that goes both ways is one type, and read with as much patience as a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Request,
    Response,
}

/// The document that progenitor sees, of one that preflight has passed.
pub fn lower(document: &Value, entry: &ApiEntry) -> Value {
    let mut lowering =
        Lowering { document, answered: answered(document, entry), schemas: BTreeMap::new() };
    let mut paths = Map::new();
    for operation in &entry.operation {
        let item = &document["paths"][&operation.path];
        let mut lowered = text_of(&item[&operation.method]);
        lowered["operationId"] = json!(operation.id);
        lowered["parameters"] = lowering.parameters(item, operation);
        lowered["responses"] = lowering.responses(&item[&operation.method]["responses"]);
        if let Some(body) = item[&operation.method].get("requestBody") {
            lowered["requestBody"] = lowering.body(body);
        }
        let path = (paths.entry(&operation.path)).or_insert_with(|| json!({}));
        path[&operation.method] = lowered;
    }
    let mut schemas = lowering.schemas;
    name_inline_objects(&mut schemas);
    let mut lowered = json!({
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": paths,
        "components": {"schemas": schemas},
    });
    identifiers::make_distinct(&mut lowered);
    lowered
}

/// The schemas that a success response reaches.
pub(crate) fn answered(document: &Value, entry: &ApiEntry) -> BTreeSet<String> {
    let mut open = Vec::new();
    for operation in &entry.operation {
        let responses = &document["paths"][&operation.path][&operation.method]["responses"];
        for (_, response) in successes(responses) {
            schema_names(&resolve(document, response)["content"], &mut open);
        }
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop() {
        if reached.insert(name.clone()) {
            schema_names(&document["components"]["schemas"][&name], &mut open);
        }
    }
    reached
}

fn schema_names(value: &Value, found: &mut Vec<String>) {
    if let Some(component) = reference(value) {
        found.push(component.name);
    }
    match value {
        Value::Object(map) => map.values().for_each(|v| schema_names(v, found)),
        Value::Array(items) => items.iter().for_each(|v| schema_names(v, found)),
        _ => {}
    }
}

/// Error responses never get into the generated client: the vendor's differ by status, progenitor
/// takes one type, and the wrapper reads all of them the same lenient way.
pub fn successes(responses: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let all = responses.as_object().into_iter().flatten();
    all.filter(|(status, _)| status.starts_with('2'))
}

/// The documentation of an object, and nothing else of it.
fn text_of(value: &Value) -> Value {
    let texts = ["summary", "description"].into_iter();
    texts.filter_map(|key| Some((key.to_owned(), value.get(key)?.clone()))).collect()
}

struct Lowering<'a> {
    document: &'a Value,
    answered: BTreeSet<String>,
    schemas: BTreeMap<String, Value>,
}

impl Lowering<'_> {
    /// Path parameters, and the query parameters that the catalogue names, required as it says.
    /// Header and cookie parameters have been refused by preflight.
    fn parameters(&mut self, item: &Value, operation: &Operation) -> Value {
        let document = self.document;
        let shared = item["parameters"].as_array().into_iter().flatten();
        let own = item[&operation.method]["parameters"].as_array();
        let mut lowered = BTreeMap::new();
        for parameter in shared.chain(own.into_iter().flatten()) {
            let parameter = resolve(document, parameter);
            let name = parameter["name"].as_str().unwrap_or_default();
            let is_path = parameter["in"] == "path";
            let presence = operation.query.get(name).filter(|_| !is_path);
            if is_path || presence.is_some() {
                let required = is_path || presence == Some(&Presence::Required);
                lowered.insert((!is_path, name), self.parameter(parameter, required));
            }
        }
        lowered.into_values().collect()
    }

    fn parameter(&mut self, parameter: &Value, required: bool) -> Value {
        let mut lowered = text_of(parameter);
        lowered["name"] = parameter["name"].clone();
        lowered["in"] = parameter["in"].clone();
        lowered["required"] = json!(required);
        lowered["schema"] = self.schema(&parameter["schema"], Way::Request);
        lowered
    }

    fn body(&mut self, body: &Value) -> Value {
        let body = resolve(self.document, body);
        let mut lowered = text_of(body);
        lowered["required"] = body.get("required").cloned().unwrap_or(json!(false));
        lowered["content"] = self.content(&body["content"], Way::Request);
        lowered
    }

    fn responses(&mut self, responses: &Value) -> Value {
        let mut lowered = Map::new();
        for (status, response) in successes(responses) {
            let response = resolve(self.document, response);
            let mut kept = text_of(response);
            if response.get("content").is_some() {
                kept["content"] = self.content(&response["content"], Way::Response);
            }
            lowered.insert(status.clone(), kept);
        }
        Value::Object(lowered)
    }

    fn content(&mut self, content: &Value, way: Way) -> Value {
        let all = content.as_object().into_iter().flatten();
        all.map(|(media_type, media)| {
            let schema = self.schema(&media["schema"], way);
            (media_type.clone(), json!({"schema": schema}))
        })
        .collect()
    }

    fn way_of(&self, name: &str) -> Way {
        if self.answered.contains(name) { Way::Response } else { Way::Request }
    }

    /// Anything that becomes a struct stays a reference; everything else is put in place, so that
    /// a list of words is a list of strings, and not of newtypes.
    fn schema(&mut self, schema: &Value, way: Way) -> Value {
        self.nested(schema, way, &mut Vec::new())
    }

    fn nested(&mut self, schema: &Value, way: Way, inside: &mut Vec<String>) -> Value {
        let mut lowered = match target(schema) {
            Some(component) => self.referred(&component, way, inside),
            None => self.in_place(schema, way, inside),
        };
        if let Some(description) = schema.get("description") {
            lowered = describe(lowered, description);
        }
        if schema["nullable"] == true && lowered.get("type").is_some() {
            lowered["nullable"] = json!(true);
        }
        lowered
    }

    fn referred(&mut self, component: &Component, way: Way, inside: &mut Vec<String>) -> Value {
        let Some(schema) = component.find(self.document) else {
            return json!({});
        };
        let name = &component.name;
        if let Some(component) = target(schema) {
            return self.alias(schema, name, &component, way, inside);
        }
        if self.properties(schema, &mut Vec::new()).is_some() {
            self.named(name, schema, self.way_of(name));
            return json!({"$ref": format!("#/components/schemas/{name}")});
        }
        if inside.contains(name) {
            // A list or map of itself has no end in place.
            return json!({});
        }
        inside.push(name.clone());
        let lowered = self.nested(schema, way, inside);
        inside.pop();
        lowered
    }

    fn alias(
        &mut self,
        schema: &Value,
        name: &str,
        component: &Component,
        way: Way,
        inside: &mut Vec<String>,
    ) -> Value {
        if inside.iter().any(|known| known == name) {
            return json!({});
        }
        inside.push(name.to_owned());
        let lowered = self.referred(component, way, inside);
        inside.pop();
        match schema.get("description") {
            Some(description) => describe(lowered, description),
            None => lowered,
        }
    }

    fn named(&mut self, name: &str, schema: &Value, way: Way) {
        if self.schemas.contains_key(name) {
            return;
        }
        // Taken before going in, for a schema that contains itself.
        self.schemas.insert(name.to_owned(), Value::Null);
        let mut lowered = self.in_place(schema, way, &[]);
        if let Some(description) = schema.get("description") {
            lowered["description"] = description.clone();
        }
        self.schemas.insert(name.to_owned(), lowered);
    }

    fn in_place(&mut self, schema: &Value, way: Way, inside: &[String]) -> Value {
        let mut inside = inside.to_vec();
        let inside = &mut inside;
        if let Some(properties) = self.properties(schema, inside) {
            return self.object(&properties, way, inside);
        }
        match kind(schema) {
            "object" => {
                let values = match schema.get("additionalProperties") {
                    Some(values @ Value::Object(_)) => self.nested(values, way, inside),
                    _ => json!({}),
                };
                container(way, json!({"type": "object", "additionalProperties": values}))
            }
            "array" => {
                let items = self.nested(&schema["items"], way, inside);
                container(way, json!({"type": "array", "items": items}))
            }
            "string" if way == Way::Request && schema["format"] == "date-time" => rust_type(
                json!({"type": "string", "format": "date-time"}),
                "jiff",
                "jiff::Timestamp",
            ),
            "string" => json!({"type": "string"}),
            "boolean" => json!({"type": "boolean"}),
            // The number as it was sent: a sum beyond 2^53 keeps its digits, and a whole number
            // is read where a fraction was announced, and the other way round.
            "integer" | "number" if way == Way::Response => {
                rust_type(json!({"type": "number"}), "serde_json", "serde_json::Number")
            }
            "integer" => json!({"type": "integer", "format": "int64"}),
            "number" => json!({"type": "number", "format": "double"}),
            _ => self.one_of(schema, way, inside),
        }
    }

    fn object(
        &mut self,
        properties: &Map<String, Value>,
        way: Way,
        inside: &mut Vec<String>,
    ) -> Value {
        let properties: Map<_, _> = (properties.iter())
            .map(|(name, schema)| (name.clone(), self.nested(schema, way, inside)))
            .collect();
        json!({"type": "object", "properties": properties, "additionalProperties": {}})
    }

    /// A choice is what all its branches are, or anything.
    fn one_of(&mut self, schema: &Value, way: Way, inside: &mut Vec<String>) -> Value {
        let lowered: Vec<_> = (branches(schema))
            .map(|branch| self.nested(branch, way, inside))
            .map(|mut branch| {
                without_description(&mut branch);
                branch
            })
            .collect();
        match lowered.split_first() {
            Some((first, rest)) if rest.iter().all(|other| other == first) => first.clone(),
            _ => json!({}),
        }
    }

    /// The properties of an object, with those of everything it is composed of or a choice
    /// between: one struct with a default then, and no closed enum. What it is composed of joins
    /// `inside`, and adds nothing a second time: a choice inside itself would have no end.
    fn properties(&self, schema: &Value, inside: &mut Vec<String>) -> Option<Map<String, Value>> {
        let mut all = Map::new();
        if let Some(Value::Object(own)) = schema.get("properties") {
            all.extend(own.clone());
        }
        for branch in branches(schema) {
            for (name, property) in self.branch(branch, inside)? {
                all.entry(name).or_insert(property);
            }
        }
        (!all.is_empty()).then_some(all)
    }

    fn branch(&self, branch: &Value, inside: &mut Vec<String>) -> Option<Map<String, Value>> {
        if let Some(component) = reference(branch) {
            if inside.contains(&component.name) {
                return Some(Map::new());
            }
            let schema = component.find(self.document)?;
            inside.push(component.name);
            return self.branch(schema, inside);
        }
        if says_nothing(branch) { Some(Map::new()) } else { self.properties(branch, inside) }
    }
}

/// What a schema is only another name for: a reference, or a composition of one. A part that says nothing about
/// values, such as that they are deprecated, is no second one.
fn target(schema: &Value) -> Option<Component> {
    let one = |key| {
        let branches = schema.get(key)?.as_array()?;
        let is_part = |branch: &&Value| key != "allOf" || !says_nothing(branch);
        let parts: Vec<_> = branches.iter().filter(is_part).collect();
        match parts.as_slice() {
            [only] if schema.get("properties").is_none() => target(only),
            _ => None,
        }
    };
    reference(schema).or_else(|| one("allOf")).or_else(|| one("oneOf")).or_else(|| one("anyOf"))
}

fn says_nothing(schema: &Value) -> bool {
    reference(schema).is_none() && kind(schema).is_empty() && branches(schema).next().is_none()
}

fn branches(schema: &Value) -> impl Iterator<Item = &Value> {
    (["allOf", "oneOf", "anyOf"].into_iter())
        .filter_map(|key| schema.get(key)?.as_array())
        .flatten()
}

/// The type, also where only other keywords tell it.
fn kind(schema: &Value) -> &str {
    match schema.get("type").and_then(Value::as_str) {
        Some(kind) => kind,
        None if schema.get("properties").is_some() => "object",
        None if schema.get("additionalProperties").is_some() => "object",
        None if schema.get("items").is_some() => "array",
        None if schema.get("enum").is_some() => "string",
        None => "",
    }
}

/// Absent, null and empty are three answers; a request says nothing by sending nothing.
fn container(way: Way, mut lowered: Value) -> Value {
    if way == Way::Response {
        lowered["nullable"] = json!(true);
    }
    lowered
}

fn rust_type(mut schema: Value, krate: &str, path: &str) -> Value {
    schema["x-rust-type"] = json!({"crate": krate, "version": "1.0.0", "path": path});
    schema
}

/// What stands beside a `$ref` is ignored; a composition of one may have a text.
fn describe(lowered: Value, description: &Value) -> Value {
    let mut lowered =
        if lowered.get("$ref").is_some() { json!({"allOf": [lowered]}) } else { lowered };
    lowered["description"] = description.clone();
    lowered
}

fn without_description(schema: &mut Value) {
    if let Value::Object(map) = schema {
        map.remove("description");
    }
}

/// The inline objects of one object's properties become one type, the object's name and `Item`,
/// with the properties of all: the vendor writes the same option inline twenty times. One that
/// contradicts the others keeps a type of its own.
fn name_inline_objects(schemas: &mut BTreeMap<String, Value>) {
    let mut open: Vec<String> = schemas.keys().cloned().collect();
    while let Some(name) = open.pop() {
        let item = format!("{name}Item");
        if schemas.contains_key(&item) {
            continue;
        }
        let Some(Value::Object(properties)) =
            schemas.get_mut(&name).and_then(|s| s.get_mut("properties"))
        else {
            continue;
        };
        let union = take_inline_objects(properties, &item);
        if !union.is_empty() {
            let union = json!({
                "description": format!("A property of `{name}`."),
                "type": "object",
                "properties": union,
                "additionalProperties": {},
            });
            schemas.insert(item.clone(), union);
            open.push(item);
        }
    }
}

fn take_inline_objects(properties: &mut Map<String, Value>, item: &str) -> Map<String, Value> {
    let mut union = Map::new();
    for property in properties.values_mut() {
        let Some(Value::Object(inner)) = property.get("properties") else {
            continue;
        };
        if contradicts(&union, inner) {
            continue;
        }
        for (name, schema) in inner {
            union.entry(name).or_insert_with(|| schema.clone());
        }
        let reference = json!({"$ref": format!("#/components/schemas/{item}")});
        *property = match property.get("description") {
            Some(description) => describe(reference, description),
            None => reference,
        };
    }
    union
}

fn contradicts(union: &Map<String, Value>, inner: &Map<String, Value>) -> bool {
    let bare = |schema: &Value| {
        let mut schema = schema.clone();
        without_description(&mut schema);
        schema
    };
    (inner.iter())
        .any(|(name, schema)| union.get(name).is_some_and(|known| bare(known) != bare(schema)))
}
