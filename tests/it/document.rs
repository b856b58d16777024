//! A revision as the tests read it: pointers of what an instance uses, and an
//! instance that uses everything.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::support;

/// The revision that an API's client is generated from.
pub(crate) struct Document {
    json: Json,
}

/// An operation of a document.
pub(crate) struct Operation<'a> {
    pub(crate) path: &'a str,
    pub(crate) json: &'a Json,
}

/// A schema of a document, with its pointer.
#[derive(Clone)]
pub(crate) struct Schema<'a> {
    pub(crate) pointer: String,
    pub(crate) json: &'a Json,
}

/// A leaf of an answer: its text, and the pointers of the properties that lead
/// to it, the outermost first.
pub(crate) struct Mark {
    pub(crate) text: String,
    pub(crate) place: Vec<String>,
}

impl Document {
    /// The one that `revisions.toml` names.
    pub(crate) fn current(api: &str) -> Self {
        Self::of(api, &support::current_revision(api))
    }

    pub(crate) fn of(api: &str, date: &str) -> Self {
        let file = support::workspace().join(format!("openapi/revisions/{api}/{date}.json"));
        let text = std::fs::read_to_string(file).unwrap();
        Self { json: serde_json::from_str(&text).unwrap() }
    }

    /// The operation whose path ends so.
    pub(crate) fn operation(&self, path_end: &str) -> Operation<'_> {
        let paths = self.json["paths"].as_object().unwrap();
        let (path, item) = paths.iter().find(|(path, _)| path.ends_with(path_end)).unwrap();
        Operation { path, json: &item["post"] }
    }

    pub(crate) fn request(&self, operation: &Operation<'_>) -> Schema<'_> {
        let path = operation.path;
        self.at(&format!(
            "/paths/{}/post/requestBody/content/application~1json/schema",
            escaped(path)
        ))
    }

    fn response(&self, operation: &Operation<'_>) -> Schema<'_> {
        let path = operation.path;
        let place = "post/responses/200/content/application~1json/schema";
        self.at(&format!("/paths/{}/{place}", escaped(path)))
    }

    pub(crate) fn at(&self, pointer: &str) -> Schema<'_> {
        let json = self.json.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
        self.followed(Schema { pointer: pointer.to_owned(), json })
    }

    /// An answer with every property that is required or that `keep` keeps, whose
    /// leaves are all different.
    pub(crate) fn marked_answer(
        &self,
        path_end: &str,
        keep: &mut impl FnMut(&str) -> bool,
    ) -> (Json, Vec<Mark>) {
        let mut marks = Vec::new();
        let mut next = 1000;
        let mut leaf = |place: &[String], schema: &Json| {
            next += 1;
            let value = match (schema["type"].as_str(), schema["format"].as_str()) {
                (Some("string"), Some("date-time")) => {
                    json!(format!("2026-01-01T00:00:00.{next}Z"))
                }
                (Some("string"), _) => json!(format!("mark-{next}")),
                (Some("number"), _) => json!(f64::from(next) + 0.5),
                _ => json!(next),
            };
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            marks.push(Mark { text, place: place.to_vec() });
            value
        };
        let schema = self.response(&self.operation(path_end));
        let answer = self.full(&schema, keep, &mut leaf, &mut Vec::new());
        (answer, marks)
    }

    /// A validator of one schema that takes no property that the document
    /// doesn't have.
    pub(crate) fn validator(&self, schema: &Schema<'_>) -> jsonschema::Validator {
        let mut closed = self.json.clone();
        close(&mut closed["components"]["schemas"]);
        let pointer = format!("#{}", schema.pointer);
        jsonschema::validator_for(&json!({"$ref": pointer, "components": closed["components"]}))
            .unwrap()
    }

    fn followed<'a>(&'a self, schema: Schema<'a>) -> Schema<'a> {
        match schema.json["$ref"].as_str() {
            Some(target) => self.at(target.trim_start_matches('#')),
            None => schema,
        }
    }

    pub(crate) fn child<'a>(&'a self, schema: &Schema<'a>, place: &str) -> Option<Schema<'a>> {
        let json = schema.json.pointer(place)?;
        Some(self.followed(Schema { pointer: format!("{}{place}", schema.pointer), json }))
    }

    /// The pointers of everything that an instance uses of a schema.
    pub(crate) fn used(&self, schema: &Schema<'_>, instance: &Json, found: &mut BTreeSet<String>) {
        for branch in ["oneOf", "anyOf", "allOf"] {
            let count = schema.json[branch].as_array().map_or(0, Vec::len);
            for at in 0..count {
                let child = self.child(schema, &format!("/{branch}/{at}")).unwrap();
                let required = child.json["required"].as_array().into_iter().flatten();
                if required.into_iter().all(|name| instance.get(name.as_str().unwrap()).is_some()) {
                    self.used(&child, instance, found);
                }
            }
        }
        match instance {
            Json::Object(map) => {
                for (name, value) in map {
                    let place = format!("/properties/{}", escaped(name));
                    if let Some(child) = self.child(schema, &place) {
                        found.insert(format!("{}{place}", schema.pointer));
                        self.used(&child, value, found);
                    } else if let Some(child) = self.child(schema, "/additionalProperties") {
                        self.used(&child, value, found);
                    }
                }
            }
            Json::Array(items) => {
                let child = self.child(schema, "/items");
                for item in items {
                    self.used(child.as_ref().unwrap(), item, found);
                }
            }
            Json::String(text) => {
                let words = schema.json["enum"].as_array().into_iter().flatten();
                if words.into_iter().any(|word| word == text.as_str()) {
                    found.insert(format!("{}/enum/{}", schema.pointer, escaped(text)));
                }
            }
            _ => {}
        }
    }

    /// An instance with every property that is required or that `keep` keeps,
    /// lists of one item, and leaves that `leaf` makes of their pointers and
    /// schema.
    fn full(
        &self,
        schema: &Schema<'_>,
        keep: &mut impl FnMut(&str) -> bool,
        leaf: &mut impl FnMut(&[String], &Json) -> Json,
        place: &mut Vec<String>,
    ) -> Json {
        if let Some(properties) = schema.json["properties"].as_object() {
            let mut map = Map::new();
            let required = schema.json["required"].as_array().cloned().unwrap_or_default();
            for name in properties.keys() {
                if !required.contains(&name.as_str().into()) && !keep(name) {
                    continue;
                }
                let pointer = format!("/properties/{}", escaped(name));
                place.push(format!("{}{pointer}", schema.pointer));
                let child = self.child(schema, &pointer).unwrap();
                map.insert(name.clone(), self.full(&child, keep, leaf, place));
                place.pop();
            }
            return map.into();
        }
        if let Some(child) = self.child(schema, "/additionalProperties") {
            return json!({"7": self.full(&child, keep, leaf, place)});
        }
        if let Some(child) = self.child(schema, "/items") {
            return json!([self.full(&child, keep, leaf, place)]);
        }
        leaf(place, schema.json)
    }
}

/// Forbids every object with properties to have others.
fn close(json: &mut Json) {
    match json {
        Json::Object(map) => {
            map.values_mut().for_each(close);
            if map.get("properties").is_some_and(Json::is_object) {
                map.entry("additionalProperties").or_insert(false.into());
            }
        }
        Json::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

pub(crate) fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}
