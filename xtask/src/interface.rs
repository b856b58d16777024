//! What the sandbox knows of each revision: the names and words of its requests and responses.
//!
//! A published crate can't read `openapi/revisions`, so this is written into it. The first revision of an api
//! stands there whole, each later one as the JSON merge patch (RFC 7396) of the one before: what changed can be
//! read off.

use serde_json::{Map, Value, json};

use crate::catalogue::{Api, ApiEntry, Catalogue, Operation};
use crate::document::{resolve, to_text};
use crate::error::Result;
use crate::generate::published;
use crate::lower::successes;
use crate::node::{Node, plain};
use crate::workspace::Workspace;

pub const INTERFACE: &str = "crates/callperf-sandbox/src/interface.json";

/// The file's text.
pub fn interface(workspace: &Workspace, catalogue: &Catalogue) -> Result<String> {
    let mut apis = Map::new();
    for (api, entry) in &catalogue.api {
        if entry.generate.is_some() {
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
    let mut dates: Vec<_> =
        catalogue.revision.iter().filter(|r| r.api == api).map(|r| r.date.as_str()).collect();
    dates.sort_unstable();
    let mut patches = Map::new();
    let mut before = json!({});
    for date in dates {
        let (document, _) = published(workspace, catalogue, api, date)?;
        let operations = entry.operation.iter();
        let after: Value = operations
            .map(|operation| (operation.id.clone(), shapes(&document, operation)))
            .collect();
        patches.insert(date.to_owned(), patch(&before, &after));
        before = after;
    }
    Ok(Value::Object(patches))
}

fn shapes(document: &Value, operation: &Operation) -> Value {
    let place = &document["paths"][&operation.path][&operation.method];
    let parameters = place["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| resolve(document, parameter));
    let parameters: Value = parameters
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| (plain(&parameter["name"]), shape_of(document, &parameter["schema"])))
        .collect();
    let response = successes(&place["responses"]).next();
    json!({
        "parameters": parameters,
        "request": body(document, &place["requestBody"]),
        "response": response.map(|(_, response)| body(document, response)),
    })
}

fn body(document: &Value, holder: &Value) -> Value {
    let content = resolve(document, holder)["content"].as_object();
    let media = content.and_then(|content| content.values().next());
    media.map_or(Value::Null, |media| shape_of(document, &media["schema"]))
}

fn shape_of(document: &Value, schema: &Value) -> Value {
    shape(&Node::new(document, schema, String::new()))
}

/// An object by its fields, a list by `[]`, a map by `*`, and anything else by its words, which may be none.
fn shape(node: &Node<'_>) -> Value {
    let inside = |node: &Node<'_>| node.element().map_or_else(|| json!(""), |inner| shape(&inner));
    match node.kind() {
        "object" => {
            let fields = node.properties.iter();
            fields.map(|(name, field)| (name.clone(), shape(&node.of(field)))).collect()
        }
        "array" => json!({"[]": inside(node)}),
        "map" => json!({"*": inside(node)}),
        _ => {
            let words = node.schema["enum"].as_array().into_iter().flatten();
            json!(words.map(plain).collect::<Vec<_>>().join(" "))
        }
    }
}

/// What makes one of the other.
fn patch(before: &Value, after: &Value) -> Value {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_holds_what_changed_and_nothing_else() {
        let before = json!({"a": {"x": "", "y": "One Two"}, "b": {"[]": "Old"}, "c": ""});
        let after = json!({"a": {"x": "", "y": "One Two Three"}, "b": "", "d": {"e": ""}});
        let expected = json!({"a": {"y": "One Two Three"}, "b": "", "c": null, "d": {"e": ""}});
        assert_eq!(patch(&before, &after), expected);
        assert_eq!(patch(&after, &after), json!({}));
    }

    #[test]
    fn shapes_follow_references_and_choices() {
        let document = json!({"components": {"schemas": {
            "Word": {"type": "string", "enum": ["One", "Two"]},
            "Left": {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/Word"}}},
            "Right": {"type": "object", "properties": {"right": {"type": "number"}}},
        }}});
        let schema = json!({"type": "object", "properties": {
            "list": {"type": "array", "items": {"$ref": "#/components/schemas/Word"}},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
            "either": {"oneOf": [
                {"$ref": "#/components/schemas/Left"}, {"$ref": "#/components/schemas/Right"},
            ]},
        }});
        let expected = json!({
            "list": {"[]": "One Two"},
            "map": {"*": ""},
            "either": {"left": "One Two", "right": ""},
        });
        assert_eq!(shape_of(&document, &schema), expected);
    }
}
