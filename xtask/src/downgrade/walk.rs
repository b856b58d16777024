//! The walk from the operations over everything that they reach, down to schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::kind::{Kind, Part, kind_of, part};
use super::lifted::{Anchors, components, schema_place};
use super::refused;
use crate::catalogue::Operation;
use crate::document::{Component, child};
use crate::error::{Error, Problem, Result};

/// What is around operations and the same in both versions.
const SURROUNDINGS: [&str; 4] = ["servers", "security", "summary", "description"];

/// More than any chain of references that says anything has.
const STEPS: usize = 64;

type Members<'a> = BTreeMap<&'a str, (&'a Value, String)>;

pub(super) struct Walk<'a> {
    source: &'a Value,
    anchors: Anchors,
    /// Pointers of what references lead to.
    seen: BTreeSet<String>,
    open: Vec<(String, Kind)>,
    /// By path and method. They are compared, and not imported.
    callbacks: Vec<(String, String, &'a Value)>,
    in_callbacks: bool,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: &'a Value) -> Self {
        let anchors = Anchors::of(source);
        Self {
            source,
            anchors,
            seen: BTreeSet::new(),
            open: Vec::new(),
            callbacks: Vec::new(),
            in_callbacks: false,
            problems: Vec::new(),
        }
    }

    pub(super) fn document(mut self, operations: &[&Operation]) -> Result<Value> {
        let mut paths = Map::new();
        for (path, item) in self.source["paths"].as_object().into_iter().flatten() {
            let members = self.path_item(item, child("/paths", path));
            let wanted: Vec<_> = operations.iter().copied().filter(|it| it.path == *path).collect();
            paths.insert(path.clone(), self.path(path, &members, &wanted));
        }
        let mut paths = Value::Object(paths);
        let mut reached = BTreeMap::new();
        self.follow(&mut reached);
        self.problems.extend(refused::dialect(self.source));
        if !self.problems.is_empty() {
            return Err(Error::Input(self.problems));
        }
        self.add_callbacks(&mut paths);
        self.follow(&mut reached);
        let mut components = components(self.source, reached, &mut paths);
        if let Some(schemes) = self.source["components"].get("securitySchemes") {
            components["securitySchemes"] = schemes.clone();
        }
        let mut document = json!({"openapi": "3.0.3", "info": info(&self.source["info"])});
        for (key, value) in self.source.as_object().into_iter().flatten() {
            if key.starts_with("x-") || SURROUNDINGS.contains(&key.as_str()) {
                document[key] = value.clone();
            }
        }
        document["paths"] = paths;
        document["components"] = components;
        Ok(document)
    }

    fn follow(&mut self, reached: &mut BTreeMap<String, Value>) {
        while let Some((pointer, kind)) = self.open.pop() {
            let value = self.source.pointer(&pointer).unwrap_or(&Value::Null);
            let value = self.translated(kind, value, &pointer);
            reached.insert(pointer, value);
        }
    }

    /// What isn't imported isn't refused, either.
    fn add_callbacks(&mut self, paths: &mut Value) {
        self.in_callbacks = true;
        for (path, method, callbacks) in std::mem::take(&mut self.callbacks) {
            let callbacks = self.many(Kind::Callback, callbacks, "");
            paths[path][method]["callbacks"] = callbacks;
        }
    }

    /// The members of a path item with those of the one that it refers to, each with its place.
    fn path_item(&self, item: &'a Value, at: String) -> Members<'a> {
        let mut members = Members::new();
        let mut place = Some((item, at));
        for _ in 0..STEPS {
            let Some((item, at)) = place else { break };
            for (key, value) in item.as_object().into_iter().flatten() {
                members.entry(key).or_insert_with(|| (value, child(&at, key)));
            }
            place = self.elsewhere(item);
        }
        members.remove("$ref");
        members
    }

    /// What an object refers to that can't be referred to in 3.0, or not from there.
    fn elsewhere(&self, value: &Value) -> Option<(&'a Value, String)> {
        let pointer = self.local(value.get("$ref")?.as_str()?)?.strip_prefix('#')?;
        Some((self.source.pointer(pointer)?, pointer.to_owned()))
    }

    fn path(&mut self, path: &str, members: &Members<'a>, wanted: &[&Operation]) -> Value {
        let mut kept = Map::new();
        for (key, (value, at)) in members {
            let is_wanted = wanted.iter().any(|it| it.method == *key && it.is_named(value));
            if is_wanted {
                self.problems.extend(refused::method(key, at));
                kept.insert((*key).to_owned(), self.translated(Kind::Operation, value, at));
                if let Some(callbacks) = value.get("callbacks") {
                    self.callbacks.push((path.to_owned(), (*key).to_owned(), callbacks));
                }
            } else if let Some(id) = value.get("operationId") {
                // Enough to see what else the document has.
                kept.insert((*key).to_owned(), json!({"operationId": id}));
            } else if *key == "parameters" && !wanted.is_empty() {
                let parameters = self.many(Kind::Parameter, value, at);
                kept.insert((*key).to_owned(), parameters);
            } else if SURROUNDINGS.contains(key) && !wanted.is_empty() {
                kept.insert((*key).to_owned(), (*value).clone());
            }
        }
        if let Some((additional, at)) = members.get("additionalOperations") {
            for operation in wanted {
                let method = operation.method.to_uppercase();
                if additional.get(&method).is_some_and(|value| operation.is_named(value)) {
                    self.problems.extend(refused::method(&method, &child(at, &method)));
                }
            }
        }
        Value::Object(kept)
    }

    fn translated(&mut self, kind: Kind, value: &'a Value, at: &str) -> Value {
        if kind == Kind::Schema {
            return self.schema(value, at);
        }
        let Value::Object(map) = value else { return value.clone() };
        if kind == Kind::MediaType && map.contains_key("$ref") {
            return self.media_type(value, at);
        }
        let members = match (kind, map.get("$ref")) {
            (Kind::PathItem, _) => self.path_item(value, at.to_owned()),
            (_, Some(Value::String(reference))) => {
                return json!({"$ref": self.reference(reference)});
            }
            _ => map.iter().map(|(key, it)| (key.as_str(), (it, child(at, key)))).collect(),
        };
        self.problems.extend(refused::newer(kind, map, at));
        let mut translated = Map::new();
        for (key, (value, at)) in members {
            let value = match part(kind, key) {
                Part::Many(Kind::Callback) if !self.in_callbacks => continue,
                Part::One(kind) => self.translated(kind, value, &at),
                Part::Many(kind) => self.many(kind, value, &at),
                Part::Same => value.clone(),
                Part::Dropped => continue,
            };
            translated.insert(key.to_owned(), value);
        }
        Value::Object(translated)
    }

    /// 3.2 can refer to a media type, which 3.0 has in place.
    fn media_type(&mut self, value: &'a Value, at: &str) -> Value {
        let mut place = (value, at.to_owned());
        for _ in 0..STEPS {
            match self.elsewhere(place.0) {
                Some(next) => place = next,
                None => break,
            }
        }
        if place.0.get("$ref").is_some() {
            let remedy = "correct the reference in a copy of the document";
            self.problems.push(Problem::new(place.1, "refers to no media type", remedy));
            return json!({});
        }
        self.translated(Kind::MediaType, place.0, &place.1)
    }

    pub(super) fn many(&mut self, kind: Kind, value: &'a Value, at: &str) -> Value {
        let is_extension = |key: &str| kind == Kind::Response && key.starts_with("x-");
        match value {
            Value::Object(map) => (map.iter())
                .map(|(key, value)| {
                    let translated = if is_extension(key) {
                        value.clone()
                    } else {
                        self.translated(kind, value, &child(at, key))
                    };
                    (key.clone(), translated)
                })
                .collect(),
            Value::Array(items) => (items.iter().enumerate())
                .map(|(i, item)| self.translated(kind, item, &child(at, &i.to_string())))
                .collect(),
            other => other.clone(),
        }
    }

    /// Enters what a reference leads to. One that leads nowhere stays as it is, and `import` refuses it.
    pub(super) fn reference(&mut self, reference: &str) -> String {
        let Some((pointer, kind)) = self.target(reference) else {
            return reference.to_owned();
        };
        let translated = format!("#{pointer}");
        if self.seen.insert(pointer.clone()) {
            self.open.push((pointer, kind));
        }
        translated
    }

    fn target(&self, reference: &str) -> Option<(String, Kind)> {
        let local = self.local(reference)?;
        let target = match Component::parse(local) {
            Some(component) => (component.pointer(), kind_of(&component.section)?),
            None => (schema_place(local, &self.anchors)?, Kind::Schema),
        };
        self.source.pointer(&target.0).map(|_| target)
    }

    /// What a reference to a schema leads to, and where that is.
    pub(super) fn referred(&self, reference: &str) -> Option<(String, &'a Value)> {
        let (pointer, _) = self.target(reference)?;
        let target = self.source.pointer(&pointer)?;
        Some((pointer, target))
    }

    /// The document may be referred to by its own address.
    fn local<'r>(&self, reference: &'r str) -> Option<&'r str> {
        let own = self.source["$self"].as_str().unwrap_or_default();
        let local = reference.strip_prefix(own).unwrap_or(reference);
        local.starts_with('#').then_some(local)
    }
}

fn info(info: &Value) -> Value {
    let mut info = info.clone();
    if let Some(info) = info.as_object_mut() {
        info.remove("summary");
    }
    if let Some(license) = info.get_mut("license").and_then(Value::as_object_mut) {
        license.remove("identifier");
    }
    info
}
