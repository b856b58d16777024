//! What progenitor would panic on or refuse, said as operation, place and remedy. Everything that
//! the lowering takes away is no matter here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalogue::{ApiEntry, Operation};
use crate::document::{child, reference};
use crate::error::{Error, Problem, Result};
use crate::identifiers;
use crate::lower::successes;
use crate::node::Node;

pub fn check(document: &Value, entry: &ApiEntry) -> Result<()> {
    let mut problems = Vec::new();
    for operation in &entry.operation {
        let mut preflight = Preflight { document, operation, problems: &mut problems };
        preflight.operation();
    }
    functions(entry, &mut problems);
    unknown_types(&document["components"]["schemas"], "/components/schemas", &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(Error::Input(problems)) }
}

/// The generated client has a function for each operation, besides its own.
fn functions(entry: &ApiEntry, problems: &mut Vec<Problem>) {
    let own = ["new", "new_with_client"].map(|name| (name.to_owned(), "the client's own"));
    let mut taken = BTreeMap::from(own);
    for Operation { id, path, method, .. } in &entry.operation {
        let function = identifiers::field(id);
        if let Some(other) = taken.insert(function.clone(), id) {
            let what = format!("operation `{id}` is the function `{function}`, as is {other}");
            let remedy = "take it out of openapi/revisions.toml, or give it another operationId";
            problems.push(Problem::new(child(&child("/paths", path), method), what, remedy));
        }
    }
}

/// A value and where it is, which is elsewhere once a reference has been followed.
type Located<'a> = (&'a Value, String);

struct Preflight<'a, 'p> {
    document: &'a Value,
    operation: &'a Operation,
    problems: &'p mut Vec<Problem>,
}

impl<'a> Preflight<'a, '_> {
    fn report(&mut self, pointer: &str, what: &str, remedy: &str) {
        let what = format!("operation `{}`: {what}", self.operation.id);
        self.problems.push(Problem::new(pointer, what, remedy));
    }

    fn operation(&mut self) {
        let Operation { method, path, .. } = self.operation;
        let item_pointer = child("/paths", path);
        let item = &self.document["paths"][path];
        let (operation, pointer) = (&item[method], child(&item_pointer, method));
        if !self.operation.is_named(operation) {
            let remedy = "keep the operationId: the generated function is named after it";
            self.report(&pointer, "has lost its operationId", remedy);
        }
        let mut parameters = self.list(&item["parameters"], &child(&item_pointer, "parameters"));
        let own = self.list(&operation["parameters"], &child(&pointer, "parameters"));
        self.distinct(&parameters);
        self.distinct(&own);
        parameters.extend(own);
        self.path(&parameters, &pointer);
        self.query(&parameters, &pointer);
        self.arguments(&parameters, operation.get("requestBody").is_some());
        for (parameter, pointer) in &parameters {
            self.parameter(parameter, pointer);
        }
        if let Some(body) = operation.get("requestBody") {
            self.body(self.located(body, child(&pointer, "requestBody")));
        }
        self.responses(&operation["responses"], &child(&pointer, "responses"));
    }

    /// Ends as `resolve` does, also where an overlay makes a reference to itself.
    fn located(&self, value: &'a Value, pointer: String) -> Located<'a> {
        let mut located = (value, pointer);
        for _ in 0..64 {
            let component = reference(located.0);
            match component.and_then(|c| Some((c.find(self.document)?, c.pointer()))) {
                Some(target) => located = target,
                None => break,
            }
        }
        located
    }

    fn list(&self, values: &'a Value, pointer: &str) -> Vec<Located<'a>> {
        let values = values.as_array().into_iter().flatten().enumerate();
        values.map(|(i, value)| self.located(value, child(pointer, &i.to_string()))).collect()
    }

    /// OpenAPI has each parameter once in a list.
    fn distinct(&mut self, parameters: &[Located<'_>]) {
        let mut known = BTreeSet::new();
        for (parameter, pointer) in parameters {
            let place = (&parameter["in"], &parameter["name"]);
            if !known.insert((place.0.as_str(), place.1.as_str())) {
                let what = format!("has the parameter {} twice in {}", place.1, place.0);
                self.report(pointer, &what, "remove one of the two by an overlay");
            }
        }
    }

    fn path(&mut self, parameters: &[Located<'_>], pointer: &str) {
        let in_template = template_names(&self.operation.path);
        let declared: BTreeSet<_> = (parameters.iter())
            .filter(|(parameter, _)| parameter["in"] == "path")
            .filter_map(|(parameter, _)| parameter["name"].as_str())
            .collect();
        if in_template != declared {
            let what =
                format!("has the path parameters {declared:?}, and its path names {in_template:?}");
            let remedy = "add or remove the parameter by an overlay";
            self.report(&child(pointer, "parameters"), &what, remedy);
        }
    }

    fn query(&mut self, parameters: &[Located<'_>], pointer: &str) {
        let has = |name: &str| {
            let mut parameters = parameters.iter();
            parameters.any(|(p, _)| p["in"] == "query" && p["name"] == name)
        };
        for name in self.operation.query.keys().filter(|name| !has(name)) {
            let there: Vec<_> = parameters
                .iter()
                .filter(|(p, _)| p["in"] == "query")
                .filter_map(|(p, _)| Some(format!("`{}`", p["name"].as_str()?)))
                .collect();
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            let what = format!("has no query parameter `{name}`; it has {there}");
            let remedy = "renames of query parameters aren't followed: change `query` of the \
                          operation in openapi/revisions.toml, which changes the signature, and \
                          what calls it in crates/callperf/src";
            self.report(&child(pointer, "parameters"), &what, remedy);
        }
    }

    /// The generated function has an argument for each path parameter, each query parameter of the catalogue, and
    /// the body.
    fn arguments(&mut self, parameters: &[Located<'_>], has_body: bool) {
        let mut taken = BTreeMap::from([("self".to_owned(), "the client".to_owned())]);
        if has_body {
            taken.insert("body".to_owned(), "the request body".to_owned());
        }
        let mut places = BTreeSet::new();
        for (parameter, pointer) in parameters {
            let name = parameter["name"].as_str().unwrap_or_default();
            let is_path = parameter["in"] == "path";
            let is_argument = is_path || self.operation.query.contains_key(name);
            // An operation's parameter takes the place of its path's.
            if is_argument {
                self.argument(parameter, pointer);
            }
            if !is_argument || !places.insert((is_path, name)) {
                continue;
            }
            let identifier = identifiers::field(name);
            if let Some(other) = taken.insert(identifier.clone(), format!("parameter `{name}`")) {
                let what =
                    format!("parameter `{name}` is the argument `{identifier}`, and so is {other}");
                let remedy = "take one out of `query` in openapi/revisions.toml, or remove it by \
                              an overlay";
                self.report(pointer, &what, remedy);
            }
        }
    }

    /// A path holds one value, and a query one or a list of them, each after the parameter's name.
    fn argument(&mut self, parameter: &Value, pointer: &str) {
        let Some(schema) = parameter.get("schema") else { return };
        let name = &parameter["name"];
        let pointer_of = |key| child(pointer, key);
        let node = Node::new(self.document, schema, pointer_of("schema"));
        let is_list = parameter["in"] == "query" && node.kind() == "array";
        let value = if is_list { node.element() } else { Some(node) };
        if !value.is_some_and(|value| is_one_value(&value)) {
            let what = format!(
                "parameter {name} is no text, number or boolean, nor a list of them in a query"
            );
            let remedy =
                "say by an overlay what it is, or take it out of `query` in openapi/revisions.toml";
            self.report(&pointer_of("schema"), &what, remedy);
        }
        if is_list && parameter["explode"] == false {
            let what = format!("parameter {name} is a list in one text");
            let remedy = "make it `type: string` by an overlay, so that callers write the list, or \
                          take it out of `query` in openapi/revisions.toml";
            self.report(&pointer_of("explode"), &what, remedy);
        }
    }

    fn parameter(&mut self, parameter: &Value, pointer: &str) {
        let name = &parameter["name"];
        let place = parameter["in"].as_str().unwrap_or_default();
        match place {
            "path" | "query" => {}
            _ => {
                let what = format!("{name} is a {place} parameter");
                let remedy = "remove it by an overlay; headers are sent through the session";
                self.report(pointer, &what, remedy);
            }
        }
        if place == "path" && parameter["required"] != true {
            let what = format!("path parameter {name} is not required");
            self.report(pointer, &what, "set `required: true` by an overlay");
        }
        if parameter.get("schema").is_none() {
            let what = format!("parameter {name} has no schema");
            self.report(pointer, &what, "give it one by an overlay, instead of `content`");
        }
        let plain = if place == "path" { "simple" } else { "form" };
        if parameter.get("style").is_some_and(|style| style != plain) {
            let what = format!("parameter {name} has the style {}", parameter["style"]);
            let remedy = format!("remove `style` by an overlay if `{plain}` is right");
            self.report(&child(pointer, "style"), &what, &remedy);
        }
    }

    fn body(&mut self, (body, pointer): Located<'_>) {
        self.content(&body["content"], &child(&pointer, "content"), "request body");
    }

    fn responses(&mut self, responses: &'a Value, pointer: &str) {
        let located: Vec<_> = successes(responses)
            .map(|(status, response)| self.located(response, child(pointer, status)))
            .collect();
        if located.is_empty() {
            let remedy = "say by an overlay what a success is, by its status";
            self.report(pointer, "has no success response", remedy);
        }
        for (response, pointer) in &located {
            let what = "success response";
            self.content(&response["content"], &child(pointer, "content"), what);
        }
        let kinds: Vec<_> = located.iter().map(|(r, _)| &r["content"]).collect();
        if kinds.windows(2).any(|pair| pair[0] != pair[1]) {
            let remedy = "leave one success by an overlay, or make them the same";
            self.report(pointer, "has success responses of several kinds", remedy);
        }
    }

    /// One media type, JSON, with a schema.
    fn content(&mut self, content: &Value, pointer: &str, whose: &str) {
        let types: Vec<_> = content.as_object().into_iter().flatten().collect();
        let [(name, media)] = types.as_slice() else {
            let what = format!("{whose} has {} media types, not one", types.len());
            self.report(pointer, &what, "leave application/json only, by an overlay");
            return;
        };
        let pointer = child(pointer, name);
        if *name != "application/json" && !name.starts_with("application/json;") {
            let what = format!("{whose} is {name}, not application/json");
            let remedy = "correct it by an overlay; other kinds of bodies are not generated";
            self.report(&pointer, &what, remedy);
        }
        if media.get("schema").is_none() {
            let what = format!("{whose} has no schema");
            self.report(&pointer, &what, "give it one by an overlay");
        }
        if media.get("encoding").is_some() {
            let what = format!("{whose} has an encoding");
            self.report(&child(&pointer, "encoding"), &what, "remove it by an overlay");
        }
    }
}

/// Of one kind, whichever branch of a choice is taken.
fn is_one_value(node: &Node<'_>) -> bool {
    match node.kind() {
        "string" | "integer" | "number" | "boolean" => true,
        "choice" => {
            let branches = node.branches();
            let kinds: BTreeSet<_> = branches.iter().map(Node::kind).collect();
            kinds.len() == 1 && branches.iter().all(is_one_value)
        }
        _ => false,
    }
}

fn template_names(path: &str) -> BTreeSet<&str> {
    let starts = path.split('{').skip(1);
    starts.filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

const TYPES: [&str; 6] = ["object", "array", "string", "number", "integer", "boolean"];

/// Lists of types come from 3.1, `file` and others from 2.0.
fn unknown_types(value: &Value, pointer: &str, problems: &mut Vec<Problem>) {
    match value {
        Value::Object(map) => {
            let kind = map.get("type").filter(|kind| !kind.is_object());
            if kind.is_some_and(|kind| !TYPES.iter().any(|known| kind == known)) {
                let what = format!("has the type {}, which OpenAPI 3.0 has not", map["type"]);
                let remedy = "say by an overlay what it is in 3.0";
                problems.push(Problem::new(child(pointer, "type"), what, remedy));
            }
            let members = map.iter().filter(|(key, _)| !matches!(key.as_str(), "enum" | "default"));
            for (key, value) in members {
                unknown_types(value, &child(pointer, key), problems);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                unknown_types(item, &child(pointer, &i.to_string()), problems);
            }
        }
        _ => {}
    }
}
