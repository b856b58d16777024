//! 3.0 in the words of 3.1, written for the tests and apart from the rules that lead back. Where 3.1 has several
//! spellings, they take turns.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::draw::Draw;

type Schema = Map<String, Value>;

pub(super) struct Upgrade {
    draw: Draw,
    /// References to schemas that moved, old and new.
    moved: BTreeMap<String, String>,
    with_texts: bool,
}

/// The same document as 3.1, spelled by the seed.
pub(crate) fn upgraded(document: &Value, seed: u64) -> Value {
    spelled(document, seed, false)
}

/// The same interface as 3.1, with texts where 3.0 can't have them.
pub(super) fn with_more_texts(document: &Value, seed: u64) -> Value {
    spelled(document, seed, true)
}

fn spelled(document: &Value, seed: u64, with_texts: bool) -> Value {
    let mut upgrade = Upgrade { draw: Draw::new(seed), moved: BTreeMap::new(), with_texts };
    upgrade.plan_moves(document);
    let mut newer = document.clone();
    newer["openapi"] = json!(["3.1.0", "3.1.1", "3.2.0"][upgrade.draw.below(3)]);
    newer["info"]["summary"] = json!("Reports");
    newer["info"]["license"] = json!({"name": "MIT", "identifier": "MIT"});
    newer["jsonSchemaDialect"] = json!("https://spec.openapis.org/oas/3.1/dialect/base");
    newer["webhooks"] = json!({"done": {"post": {"responses": {"200": {"$ref": "#/nowhere"}}}}});
    for section in ["parameters", "headers", "requestBodies", "responses"] {
        let values = newer["components"].get_mut(section).and_then(Value::as_object_mut);
        values.into_iter().flatten().for_each(|(_, value)| upgrade.object(value));
    }
    if let Some(schemas) = newer["components"]["schemas"].as_object_mut() {
        schemas.values_mut().for_each(|schema| upgrade.schema(schema));
        upgrade.make_moves(schemas);
    }
    upgrade.paths(&mut newer);
    newer
}

impl Upgrade {
    fn turn(&mut self) -> bool {
        self.draw.below(2) == 0
    }

    /// Every third schema but the first goes into another, unless a discriminator knows it by its name.
    fn plan_moves(&mut self, document: &Value) {
        let Some(schemas) = document["components"]["schemas"].as_object() else { return };
        let owners: Vec<_> = schemas.keys().step_by(3).collect();
        for (i, name) in schemas.keys().enumerate().filter(|(i, _)| i % 3 == 1) {
            let has_mapping = document.to_string().contains("\"mapping\"");
            if !has_mapping && self.turn() {
                let old = format!("#/components/schemas/{name}");
                let new = format!("#/components/schemas/{}/$defs/{name}", owners[i / 3]);
                self.moved.insert(old, new);
            }
        }
    }

    fn make_moves(&mut self, schemas: &mut Schema) {
        for (old, new) in &self.moved {
            let name = old.rsplit('/').next().unwrap();
            let owner = new.split('/').nth(3).unwrap();
            let schema = schemas.remove(name).unwrap();
            match schemas[owner] {
                Value::Bool(true) => schemas[owner] = json!({}),
                Value::Bool(false) => schemas[owner] = json!({"not": true}),
                _ => {}
            }
            schemas[owner]["$defs"][name] = schema;
        }
    }

    /// A path item by reference, and operations that nothing is to come of.
    fn paths(&mut self, document: &mut Value) {
        let Some(paths) = document["paths"].as_object().cloned() else { return };
        for (i, (path, item)) in paths.into_iter().enumerate() {
            let mut item = item;
            for member in item.as_object_mut().unwrap().values_mut() {
                match member {
                    Value::Array(parameters) => {
                        for parameter in parameters {
                            self.object(parameter);
                        }
                    }
                    operation => self.operation(operation),
                }
            }
            let name = format!("item{i}");
            if self.turn() {
                document["components"]["pathItems"][&name] = item;
                item = json!({"$ref": format!("#/components/pathItems/{name}")});
            }
            document["paths"][path] = item;
        }
        let odd = json!({"patternProperties": {"^x": {"$dynamicRef": "#odd"}}});
        let content = json!({"application/json": {"schema": odd, "itemSchema": true}});
        document["paths"]["/odd"] =
            json!({"query": {"operationId": "odd", "responses": {"200": {"content": content}}}});
    }

    fn operation(&mut self, operation: &mut Value) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(|parameter| self.object(parameter));
        if let Some(body) = operation.get_mut("requestBody") {
            self.object(body);
        }
        self.callbacks(operation);
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        responses.into_iter().flatten().for_each(|(_, response)| self.object(response));
    }

    fn callbacks(&mut self, operation: &mut Value) {
        let callbacks = operation.get_mut("callbacks").and_then(Value::as_object_mut);
        for (_, callback) in callbacks.into_iter().flatten() {
            for (_, item) in callback.as_object_mut().into_iter().flatten() {
                for (_, operation) in item.as_object_mut().into_iter().flatten() {
                    self.operation(operation);
                }
            }
        }
    }

    /// A parameter, header, body or response, which hold schemas under the same keys.
    fn object(&mut self, object: &mut Value) {
        if object.get("$ref").is_some() {
            object["description"] = json!("Beside a reference");
            return;
        }
        if let Some(schema) = object.get_mut("schema") {
            self.schema(schema);
        }
        for key in ["headers", "content"] {
            for (_, inner) in
                object.get_mut(key).and_then(Value::as_object_mut).into_iter().flatten()
            {
                self.object(inner);
            }
        }
    }

    pub(super) fn schema(&mut self, schema: &mut Value) {
        let Value::Object(map) = schema else { return };
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            let reference = self.moved.get(reference).cloned().unwrap_or(reference.to_owned());
            *schema = json!({"$ref": reference});
            if self.turn() {
                let key = if self.with_texts { "description" } else { "$comment" };
                schema[key] = json!("Beside a reference");
            }
            return;
        }
        self.inner(map);
        self.bounds(map);
        content(map);
        if let Some(example) = map.remove("example").or(self.with_texts.then(|| json!("a"))) {
            map.insert("examples".to_owned(), json!([example, "another"]));
        }
        self.word(map);
        if map.get("nullable") == Some(&json!(true)) {
            self.null(map);
        }
        self.reference(map);
        if map.is_empty() && self.turn() {
            *schema = json!(true);
        } else if *schema == json!({"not": true}) || *schema == json!({"not": {}}) {
            *schema = json!(false);
        }
    }

    fn inner(&mut self, map: &mut Schema) {
        for key in ["items", "not", "additionalProperties"] {
            // Where 3.0 has true and false, they are kept apart from schemas that mean the same.
            let is_kept = key == "additionalProperties"
                && [json!({}), json!({"not": {}})].contains(map.get(key).unwrap_or(&json!(0)));
            if let Some(inner) = map.get_mut(key).filter(|_| !is_kept) {
                self.schema(inner);
            }
        }
        for key in ["properties", "allOf", "oneOf", "anyOf"] {
            match map.get_mut(key) {
                Some(Value::Object(all)) => all.values_mut().for_each(|one| self.schema(one)),
                Some(Value::Array(all)) => all.iter_mut().for_each(|one| self.schema(one)),
                _ => {}
            }
        }
    }

    /// A bound that is looser than the exclusive one changes nothing.
    fn bounds(&mut self, map: &mut Schema) {
        for (bound, exclusive, looser) in
            [("minimum", "exclusiveMinimum", -1), ("maximum", "exclusiveMaximum", 1)]
        {
            if map.get(exclusive) != Some(&json!(true)) {
                continue;
            }
            let Some(value) = map.remove(bound) else { continue };
            if let Some(whole) = value.as_i64().filter(|_| self.turn()) {
                map.insert(bound.to_owned(), json!(whole + looser));
            }
            map.insert(exclusive.to_owned(), value);
        }
    }

    fn word(&mut self, map: &mut Schema) {
        let words = map.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
        let is_nullable = map.get("nullable") == Some(&json!(true));
        if let ([word], false) = (words.as_slice(), is_nullable) {
            map.remove("enum");
            map.insert("const".to_owned(), word.clone());
        }
        let is_bare = map.keys().all(|key| ["enum", "type", "description"].contains(&key.as_str()));
        if words.len() > 1 && is_bare && !is_nullable && self.draw.below(3) == 0 {
            map.remove("enum");
            let branches = words.iter().map(|word| json!({"const": word, "title": "A word"}));
            map.insert("oneOf".to_owned(), branches.collect());
        }
    }

    /// As a type, a branch or, by mistake, as before.
    fn null(&mut self, map: &mut Schema) {
        if self.draw.below(5) == 0 {
            return;
        }
        map.remove("nullable");
        if let Some(words) = map.get_mut("enum").and_then(Value::as_array_mut) {
            words.push(Value::Null);
        }
        let nothing = json!({"type": "null"});
        // Each of these has to allow null, too, and is written for what isn't null.
        let compositions = ["allOf", "anyOf", "oneOf", "not"];
        let own = ["type", "enum"].iter().filter(|key| map.contains_key(**key)).count();
        let has_say = compositions.iter().filter(|key| map.contains_key(**key)).count();
        if has_say > 1 || own > 0 && has_say > 0 {
            return self.or_null(map, &nothing);
        }
        let choice = ["anyOf", "oneOf"].into_iter().find(|key| map.contains_key(*key));
        match (map.get("type").cloned(), choice) {
            (Some(kind), None) if map.contains_key("enum") || self.turn() => {
                let kinds = if self.turn() { json!([kind, "null"]) } else { json!(["null", kind]) };
                map.insert("type".to_owned(), kinds);
            }
            (None, Some(choice)) => map[choice].as_array_mut().unwrap().push(nothing),
            (None, None) if map.contains_key("enum") => {}
            _ => self.or_null(map, &nothing),
        }
    }

    fn or_null(&mut self, map: &mut Schema, nothing: &Value) {
        let description = map.remove("description");
        let parts = map.get("allOf").and_then(Value::as_array);
        let only = parts.filter(|parts| map.len() == 1 && parts.len() == 1);
        let something = only.map_or_else(|| json!(map), |parts| parts[0].clone());
        let key = if self.turn() { "anyOf" } else { "oneOf" };
        *map = Map::new();
        map.insert(key.to_owned(), json!([something, nothing]));
        if let Some(description) = description {
            map.insert("description".to_owned(), description);
        }
    }

    /// What 3.0 has beside the only part of an `allOf`.
    fn reference(&mut self, map: &mut Schema) {
        let parts = map.get("allOf").and_then(Value::as_array).cloned().unwrap_or_default();
        if let [part] = parts.as_slice()
            && let Some(reference) = part.get("$ref")
            && map.len() > 1
            && self.turn()
        {
            map.remove("allOf");
            map.insert("$ref".to_owned(), reference.clone());
        }
    }
}

fn content(map: &mut Schema) {
    let (key, value) = match map.get("format").and_then(Value::as_str) {
        Some("byte") => ("contentEncoding", "base64"),
        Some("binary") => ("contentMediaType", "application/octet-stream"),
        _ => return,
    };
    map.remove("format");
    map.insert(key.to_owned(), json!(value));
}
