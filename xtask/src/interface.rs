//! What the sandbox knows of each revision: the names and words of its requests and responses.
//!
//! A published crate can't read `openapi/revisions`, so this is written into it. The first revision of an api
//! stands there whole, each later one as the JSON merge patch (RFC 7396) of the one before: what changed can be
//! read off.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::catalogue::{Api, ApiEntry, Catalogue, Operation};
use crate::document::{child, resolve, to_text};
use crate::error::{Problem, Result};
use crate::lower::successes;
use crate::node::{Node, plain};
use crate::renames::since_named;
use crate::renames::spelling::undo_all;
use crate::renames::steps::{StepKind, steps};
use crate::revision::published;
use crate::workspace::{Workspace, revision_file};

/// Shapes of one operation. Schemas that contain each other in every way multiply, and no file should hold that.
const MOST: usize = 100_000;

pub const INTERFACE: &str = "crates/callperf-sandbox/src/wire/interface.json";

pub const RENAMES: &str = "crates/callperf-sandbox/src/wire/renames.json";

/// The text of the sandbox's renames: what is called otherwise than in its code, place by place.
pub fn renames(workspace: &Workspace, catalogue: &Catalogue) -> Result<String> {
    let mut apis = json!({});
    for (api, entry) in &catalogue.api {
        let Some(target) = entry.generate.as_ref().filter(|_| entry.spoken) else { continue };
        let (document, _) = published(workspace, catalogue, *api, &target.revision)?;
        let renames = since_named(workspace, catalogue, *api, &target.revision)?;
        let (older, respellings) = undo_all(&document, &renames)?;
        for operation in &entry.operation {
            let mut steps = steps(&older, &respellings, operation);
            // What a revision has not is in its interface.
            for them in [&mut steps.request, &mut steps.response] {
                them.retain(|step| step.kind != StepKind::Drop);
            }
            apis[api.name()][&operation.id] = json!(steps);
        }
    }
    Ok(to_text(&apis))
}

/// The file's text.
pub fn interface(workspace: &Workspace, catalogue: &Catalogue) -> Result<String> {
    let mut apis = Map::new();
    for (api, entry) in &catalogue.api {
        if entry.generate.is_some() && entry.spoken {
            apis.insert(api.name().to_owned(), revisions(workspace, catalogue, *api, entry)?);
        }
    }
    Ok(to_text(&Value::Object(apis)))
}

fn revisions(
    workspace: &Workspace,
    catalogue: &Catalogue,
    api: Api,
    entry: &ApiEntry,
) -> Result<Value> {
    let mut patches = Map::new();
    let mut before = json!({});
    for date in catalogue.dates(api) {
        let (document, _) = published(workspace, catalogue, api, date)?;
        let mut after = json!({});
        for operation in &entry.operation {
            after[&operation.id] = shapes(&document, operation)
                .map_err(|problem| problem.in_file(&revision_file(api, date)))?;
        }
        patches.insert(date.to_owned(), patch(&before, &after));
        before = after;
    }
    Ok(Value::Object(patches))
}

/// The names and words of an operation's query, request and response.
pub fn shapes(document: &Value, operation: &Operation) -> Result<Value, Problem> {
    let place = &document["paths"][&operation.path][&operation.method];
    let mut walk = Walk::new(document);
    let parameters = place["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| resolve(document, parameter));
    let parameters: Value = parameters
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| (plain(&parameter["name"]), walk.schema(&parameter["schema"])))
        .collect();
    let response = successes(&place["responses"]).next();
    let shapes = json!({
        "parameters": parameters,
        "request": walk.body(&place["requestBody"]),
        "response": response.map(|(_, response)| walk.body(response)),
    });
    if walk.made <= MOST {
        return Ok(shapes);
    }
    let what = format!("operation `{}` has more than {MOST} places for a value", operation.id);
    let remedy = "replace a schema that contains itself by `type: object`, by an overlay";
    Err(Problem::new(child(&child("/paths", &operation.path), &operation.method), what, remedy))
}

/// The names and words of an operation's request.
pub fn request_shape(document: &Value, operation: &Operation) -> Value {
    let place = &document["paths"][&operation.path][&operation.method];
    Walk::new(document).body(&place["requestBody"])
}

/// The names and words of a schema.
pub fn shape(document: &Value, schema: &Value) -> Value {
    Walk::new(document).schema(schema)
}

struct Walk<'a> {
    document: &'a Value,
    /// The places of the schemas around the one at hand.
    inside: BTreeSet<String>,
    made: usize,
}

impl<'a> Walk<'a> {
    fn new(document: &'a Value) -> Self {
        Self { document, inside: BTreeSet::new(), made: 0 }
    }

    fn body(&mut self, holder: &'a Value) -> Value {
        let content = resolve(self.document, holder)["content"].as_object();
        let media = content.and_then(|content| content.values().next());
        media.map_or(Value::Null, |media| self.schema(&media["schema"]))
    }

    fn schema(&mut self, schema: &'a Value) -> Value {
        self.shape(&Node::new(self.document, schema, String::new()))
    }

    /// An object by its fields, a list by `[]`, a map by `*`, and anything else by its words, which may be none. A
    /// schema inside itself can be anything, as its shape has no end.
    fn shape(&mut self, node: &Node<'a>) -> Value {
        self.made += 1;
        let is_inner = !node.pointer.is_empty();
        if self.made > MOST || is_inner && !self.inside.insert(node.pointer.clone()) {
            return json!("");
        }
        let shape = match node.kind() {
            "object" => {
                let fields = node.properties.iter();
                fields.map(|(name, field)| (name.clone(), self.shape(&node.of(field)))).collect()
            }
            "array" => json!({"[]": self.element(node)}),
            "map" => json!({"*": self.element(node)}),
            _ => {
                let words = node.schema["enum"].as_array().into_iter().flatten();
                let words = words.filter(|word| !word.is_null());
                json!(words.map(plain).collect::<Vec<_>>().join(" "))
            }
        };
        self.inside.remove(&node.pointer);
        shape
    }

    fn element(&mut self, node: &Node<'a>) -> Value {
        node.element().map_or_else(|| json!(""), |inner| self.shape(&inner))
    }
}

/// What makes one of the other.
pub fn patch(before: &Value, after: &Value) -> Value {
    let (Some(old), Some(new)) = (before.as_object(), after.as_object()) else {
        return after.clone();
    };
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    let mut patches: Map<_, _> = gone.map(|name| (name.clone(), Value::Null)).collect();
    for (name, value) in new.iter().filter(|(name, value)| old.get(*name) != Some(value)) {
        let before = old.get(name).unwrap_or(&Value::Null);
        patches.insert(name.clone(), patch(before, value));
    }
    Value::Object(patches)
}
