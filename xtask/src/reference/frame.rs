//! What a reference document has around the interface, as `openapi/reference.yaml` says it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::catalogue::Api;
use crate::document::{self, child, reference};
use crate::error::{Problem, Result};
use crate::workspace::Workspace;

const FILE: &str = "openapi/reference.yaml";
/// The text of a status that has none of its own.
const DEFAULT: &str = "default";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Frame {
    servers: Value,
    security: Value,
    security_schemes: Value,
    /// The texts of responses by status.
    responses: BTreeMap<String, String>,
    api: BTreeMap<Api, Words>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    title: String,
    description: String,
    tag: Tag,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    name: String,
    description: String,
}

impl Frame {
    pub(super) fn load(workspace: &Workspace) -> Result<Frame> {
        let value = document::parse(&workspace.read(FILE)?, Path::new(FILE))?;
        let frame: Frame = serde_json::from_value(value).map_err(|e| {
            let what = format!("is not the frame of the reference documents: {e}");
            Problem::new("", what, "see the committed file for its form").in_file(FILE)
        })?;
        if !frame.responses.contains_key(DEFAULT) {
            let what = "lacks `default`, the text of all other statuses";
            return Err(Problem::new("/responses", what, "add it").in_file(FILE).into());
        }
        Ok(frame)
    }

    pub(super) fn put_around(&self, document: &mut Value, api: Api, date: &str) -> Result<()> {
        let words = self.api.get(&api).ok_or_else(|| {
            let what = format!("has no words for {api}");
            Problem::new("/api", what, "add its title, description and tag").in_file(FILE)
        })?;
        let Words { title, description, tag: Tag { name, description: of_tag } } = words;
        document["openapi"] = json!("3.0.3");
        document["info"] = json!({"title": title, "description": description, "version": date});
        document["servers"] = self.servers.clone();
        document["security"] = self.security.clone();
        document["tags"] = json!([{"name": name, "description": of_tag}]);
        document["components"]["securitySchemes"] = self.security_schemes.clone();
        for (status, pointer) in responses(document) {
            let text = self.responses.get(&status).or_else(|| self.responses.get(DEFAULT));
            let description = document.pointer_mut(&pointer).map(|it| &mut it["description"]);
            if let Some(description) = description
                && description.as_str().is_none_or(str::is_empty)
            {
                *description = json!(text);
            }
        }
        for operation in operations(document) {
            if let Some(operation) = document.pointer_mut(&operation) {
                operation["tags"] = json!([name]);
            }
        }
        Ok(())
    }
}

/// The pointers of all operations.
fn operations(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let path = child("/paths", path);
        let methods = item.as_object().into_iter().flatten();
        let methods = methods.filter(|(_, operation)| operation.get("responses").is_some());
        methods.map(move |(method, _)| child(&path, method))
    });
    operations.collect()
}

/// Each status of each operation, and the pointer of its response, wherever that stands.
fn responses(document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for operation in operations(document) {
        let pointer = child(&operation, "responses");
        let responses = document.pointer(&pointer).and_then(Value::as_object);
        for (status, response) in responses.into_iter().flatten() {
            let place = match reference(response) {
                Some(component) => component.pointer(),
                None => child(&pointer, status),
            };
            found.push((status.clone(), place));
        }
    }
    found
}
